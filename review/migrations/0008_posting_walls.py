"""Row-level security and composite keys of the photographs of a posted notice."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("review", "0007_posting_photos")]

    operations = [Wall("PostingPhoto")]
