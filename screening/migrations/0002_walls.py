"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("screening", "0001_initial"), ("students", "0002_walls")]

    operations = [
        # A bureau sends a signed screening back.
        Wall("Screening", bureaus_write=True),
        Wall("ScreeningRow"),
    ]
