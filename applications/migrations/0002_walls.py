"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial"), ("students", "0002_walls")]

    operations = [
        Wall("Round"),
        Wall("Application"),
        Wall("HouseholdSurvey"),
        Wall("HouseholdMember"),
        Wall("Attachment"),
    ]
