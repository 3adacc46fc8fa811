"""Of a transfer's signed days the last one holds, and none is carried out again or taken off."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("students.migrations.0046_signed_as_left").STEPS
# Before, a signed day that another one had put right since still let the transfer go there.
ANY_SIGNED = "            AND d.away_since IS NOT DISTINCT FROM NEW.away_since))) THEN\n"
LAST_SIGNED = """            AND d.away_since IS NOT DISTINCT FROM NEW.away_since
            AND NOT EXISTS (
              SELECT FROM public.students_transferday later
              WHERE later.school_id = d.school_id AND later.transfer_id = d.transfer_id
                AND later.status = 'signed' AND later.id > d.id)))) THEN
"""
STEPS = BEFORE.replace(ANY_SIGNED, LAST_SIGNED)
# Which is the last goes by the number: one at a time is under way, each with a higher number.
BEGINS = """
CREATE OR REPLACE FUNCTION students_transferday_begins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.status <> 'proposed' OR NOT EXISTS (
    SELECT FROM public.students_transfer t
    WHERE t.school_id = NEW.school_id AND t.id = NEW.transfer_id AND t.status = 'accepted'
      AND t.to_school_id = NEW.to_school_id AND t."on" = NEW.before)
    OR EXISTS (
    SELECT FROM public.students_transferday d
    WHERE d.school_id = NEW.school_id AND d.transfer_id = NEW.transfer_id AND d.id >= NEW.id) THEN
    RAISE EXCEPTION 'a transfer''s day is proposed for an accepted transfer as it stands'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
"""
_FIRST = import_module("students.migrations.0040_transfer_days").RECEIVER
_FROM = _FIRST.index("CREATE FUNCTION students_transferday_begins")
BEGINS_BACK = _FIRST[_FROM : _FIRST.index("CREATE TRIGGER students_transferday_begins")].replace(
    "CREATE", "CREATE OR REPLACE", 1
)
STAYS = """
CREATE FUNCTION students_transferday_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a transfer''s day stays on record' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER students_transferday_stays BEFORE DELETE ON students_transferday
  FOR EACH ROW EXECUTE FUNCTION students_transferday_stays();
"""
STAYS_BACK = """
DROP TRIGGER students_transferday_stays ON students_transferday;
DROP FUNCTION students_transferday_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("students", "0046_signed_as_left")]

    operations = [
        migrations.RunSQL(STEPS, BEFORE),
        migrations.RunSQL(BEGINS, BEGINS_BACK),
        migrations.RunSQL(STAYS, STAYS_BACK),
    ]
