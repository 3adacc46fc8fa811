"""Row-level security and composite keys of the class panels."""

from django.db import migrations

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("review", "0009_panels")]

    operations = [Wall("Panel"), Wall("PanelMember")]
