"""Nobody leaves before he came, and no last grade in another year than its own."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import ExtractYear

# Not a CHECK: who goes on in the next stage enters it after he left the one before, and a roster
# writes the new day of entry first.
LEAVING = """
CREATE FUNCTION students_student_leaving() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.left_on < NEW.entered_on
     AND (TG_OP = 'INSERT' OR NEW.left_on IS DISTINCT FROM OLD.left_on) THEN
    RAISE EXCEPTION 'a student left before he entered' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER students_student_leaving BEFORE INSERT OR UPDATE OF left_on ON students_student
  FOR EACH ROW WHEN (NEW.left_on IS NOT NULL) EXECUTE FUNCTION students_student_leaving();
"""
LEAVING_BACK = """
DROP TRIGGER students_student_leaving ON students_student;
DROP FUNCTION students_student_leaving();
"""


class Migration(migrations.Migration):
    dependencies = [("students", "0030_endings_stand")]

    operations = [
        migrations.RunSQL(LEAVING, LEAVING_BACK),
        # A mistyped day of an earlier version stays until it is corrected; none is added.
        AddConstraintNotValid(
            "yearrollover",
            models.CheckConstraint(
                name="rollover_left_in_its_year", condition=Q(year=ExtractYear("left_on"))
            ),
        ),
    ]
