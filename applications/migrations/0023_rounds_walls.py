"""Walls of what opens by itself; the database says which academic year a recognition round is of."""

from django.db import migrations

from schools.walls import Wall

# Autumn and spring share one recognition round, which no index over the term alone can tell.
YEAR = """
CREATE FUNCTION round_recognition_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.recognition_year := CASE WHEN NEW.kind = 'recognition'
    THEN (SELECT year FROM schools_term WHERE id = NEW.term_id) END;
  RETURN NEW;
END $$;
CREATE TRIGGER round_recognition_year BEFORE INSERT OR UPDATE ON applications_round
  FOR EACH ROW EXECUTE FUNCTION round_recognition_year();
"""
YEAR_BACK = """
DROP TRIGGER round_recognition_year ON applications_round;
DROP FUNCTION round_recognition_year();
"""
# The owner is walled too (forced), so the wall is lifted while the older rows are told.
FILL = """
ALTER TABLE applications_round NO FORCE ROW LEVEL SECURITY;
UPDATE applications_round SET recognition_year = NULL;
ALTER TABLE applications_round FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0022_rounds_by_themselves")]

    operations = [
        Wall("AutoOpening"),
        Wall("OpeningPause"),
        migrations.RunSQL(YEAR, YEAR_BACK),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
