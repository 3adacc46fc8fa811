"""Row-level security and composite keys of the postings in class."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("review", "0020_class_postings")]

    operations = [Wall("ClassPosting")]
