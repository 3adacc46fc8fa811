"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial"), ("schools", "0002_walls")]

    operations = [
        Wall("StoredFile", "organisation_id"),
        Wall("Job", "organisation_id"),
        Wall("Deadline", "organisation_id"),
        Wall("Message", "organisation_id"),
        Wall("Reminder", "organisation_id"),
    ]
