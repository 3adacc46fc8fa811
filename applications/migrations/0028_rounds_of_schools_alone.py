"""No round of what the school does not handle, whoever's programme it is."""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION round_programme_meant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint;
  its_status text;
  handled text;
BEGIN
  SELECT managed_by_id, status, handling INTO owner, its_status, handled
    FROM applications_programme WHERE id = NEW.programme_id;
"""
HANDLED = """
  IF handled <> 'school' THEN
    RAISE EXCEPTION 'programme % is not handled by schools', NEW.programme_id
      USING ERRCODE = 'restrict_violation';
  END IF;
"""
# As 0016 has it.
OFFERED = """
  IF owner IS NULL THEN
    RETURN NEW;
  END IF;
  IF its_status NOT IN ('enacted', 'ending', 'ended') OR NOT EXISTS (
      WITH RECURSIVE line(id, superior_id) AS (
        SELECT id, superior_id FROM schools_organisation WHERE id = NEW.school_id
        UNION SELECT o.id, o.superior_id
          FROM schools_organisation o JOIN line ON o.id = line.superior_id)
      SELECT 1 FROM line WHERE id = owner) THEN
    RAISE EXCEPTION 'programme % is not for school %', NEW.programme_id, NEW.school_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0027_opened_for_a_day")]

    operations = [migrations.RunSQL(HEAD + HANDLED + OFFERED, HEAD + OFFERED)]
