"""Row-level security and composite keys of home visits and of the photographs they brought."""

from django.db import migrations

from schools.walls import Wall

PHOTOS = """
ALTER TABLE applications_attachment ADD CONSTRAINT applications_attachment_visit_wall
  FOREIGN KEY (school_id, visit_id) REFERENCES applications_homevisit (school_id, id)
  DEFERRABLE INITIALLY IMMEDIATE;
"""
PHOTOS_BACK = "ALTER TABLE applications_attachment DROP CONSTRAINT applications_attachment_visit_wall"


class Migration(migrations.Migration):
    dependencies = [("applications", "0005_home_visit")]

    operations = [Wall("HomeVisit"), migrations.RunSQL(PHOTOS, PHOTOS_BACK)]
