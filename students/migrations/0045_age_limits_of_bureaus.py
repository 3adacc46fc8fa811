"""A bureau sets ages for its schools, as a school does for itself."""

import django.db.models.deletion
from django.db import migrations, models

# Whoever acts sees what bureaus set, as it sees their programmes, and a bureau what its schools
# set; each writes its own alone.
OPEN = """
DROP POLICY tenant ON students_agelimit;
DROP POLICY reach ON students_agelimit;
ALTER TABLE students_agelimit DROP CONSTRAINT students_agelimit_tenant_key;
"""
WALLS = """
CREATE POLICY tenant ON students_agelimit
  USING (organisation_id = (SELECT aid_scope()))
  WITH CHECK (organisation_id = (SELECT aid_scope()));
CREATE POLICY reach ON students_agelimit FOR SELECT
  USING (organisation_id = ANY ((SELECT aid_schools())::bigint[]));
CREATE POLICY above ON students_agelimit FOR SELECT
  USING ((SELECT aid_scope()) IS NOT NULL
    AND organisation_id IN (SELECT organisation_ptr_id FROM schools_bureau));
"""
OPEN_BACK = """
CREATE POLICY tenant ON students_agelimit
  USING (school_id = (SELECT aid_scope())) WITH CHECK (school_id = (SELECT aid_scope()));
CREATE POLICY reach ON students_agelimit FOR SELECT
  USING (school_id = ANY ((SELECT aid_schools())::bigint[]));
ALTER TABLE students_agelimit ADD CONSTRAINT students_agelimit_tenant_key UNIQUE (school_id, id);
"""
# There was no place for what bureaus set: on the way back it goes.
WALLS_BACK = """
ALTER TABLE students_agelimit NO FORCE ROW LEVEL SECURITY;
DELETE FROM students_agelimit
 WHERE organisation_id IN (SELECT organisation_ptr_id FROM schools_bureau);
ALTER TABLE students_agelimit FORCE ROW LEVEL SECURITY;
DROP POLICY tenant ON students_agelimit;
DROP POLICY reach ON students_agelimit;
DROP POLICY above ON students_agelimit;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0044_rested_as_it_stands"),
    ]

    operations = [
        migrations.RunSQL(OPEN, OPEN_BACK),
        migrations.RemoveConstraint(model_name="agelimit", name="age_limit_once"),
        migrations.RenameField(
            model_name="agelimit", old_name="school", new_name="organisation"
        ),
        migrations.AlterField(
            model_name="agelimit",
            name="organisation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="agelimit",
            constraint=models.UniqueConstraint(
                fields=("organisation", "stage"), name="age_limit_once"
            ),
        ),
        migrations.RunSQL(WALLS, WALLS_BACK),
    ]
