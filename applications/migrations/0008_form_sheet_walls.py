"""Row-level security and composite keys of the workbooks of families' forms."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("applications", "0007_form_sheet")]

    operations = [Wall("FormSheet")]
