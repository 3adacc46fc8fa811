"""Row-level security and composite keys of every tenant table of this app."""

from django.db import migrations

from schools.walls import Wall

# The public reads one notice by its token, logged out: that notice and its lines, nothing else.
PUBLIC_NOTICE = """
CREATE POLICY by_token ON review_notice FOR SELECT
  USING (token = nullif(current_setting('aid.notice', true), ''));
CREATE POLICY by_token ON review_noticeline FOR SELECT
  USING (nullif(current_setting('aid.notice', true), '') IS NOT NULL AND notice_id = (
    SELECT id FROM review_notice WHERE token = current_setting('aid.notice', true)));
"""
PUBLIC_NOTICE_BACK = """
DROP POLICY by_token ON review_notice;
DROP POLICY by_token ON review_noticeline;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial"), ("applications", "0002_walls")]

    operations = [
        Wall("Meeting"),
        Wall("Case"),
        Wall("Appraisal"),
        Wall("Tally"),
        Wall("Attendance"),
        Wall("Recognition"),
        Wall("Notice"),
        Wall("NoticeLine"),
        Wall("Objection"),
        migrations.RunSQL(PUBLIC_NOTICE, PUBLIC_NOTICE_BACK),
    ]
