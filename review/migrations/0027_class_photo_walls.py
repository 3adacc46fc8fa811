"""Row-level security and composite keys of the photographs of a posting in class."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("review", "0026_class_photos")]

    operations = [Wall("ClassPhoto")]
