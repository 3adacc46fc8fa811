"""Row-level security and composite keys of the green channel's entries."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("applications", "0010_green")]

    operations = [Wall("GreenEntry")]
