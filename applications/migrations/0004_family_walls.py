"""Row-level security and composite keys of the tables that the family's form adds."""

from django.db import migrations

from schools.walls import Wall

# A phone that is signed in nowhere finds one code by what was typed, one visit by its cookie;
# only then is the school known and its scope set.
FAMILY = """
CREATE POLICY by_family ON applications_accesscode FOR SELECT
  USING (code_blind = decode(nullif(current_setting('aid.family', true), ''), 'hex'));
CREATE POLICY by_family ON applications_familyvisit FOR SELECT
  USING (token_blind = decode(nullif(current_setting('aid.family', true), ''), 'hex'));
"""
FAMILY_BACK = """
DROP POLICY by_family ON applications_accesscode;
DROP POLICY by_family ON applications_familyvisit;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_family"), ("students", "0002_walls")]

    operations = [
        Wall("AccessCode"),
        Wall("FamilyVisit"),
        Wall("FamilyFiling"),
        migrations.RunSQL(FAMILY, FAMILY_BACK),
    ]
