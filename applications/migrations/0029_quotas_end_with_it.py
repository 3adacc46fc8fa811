"""What was enacted may be taken back with its schools' quotas, while no round hangs on it.

The quotas of a version that never was stay as they were told; nothing opens by them.
"""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION programme_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  way text := OLD.status || '>' || CASE WHEN TG_OP = 'DELETE' THEN '' ELSE NEW.status END;
"""
OPEN = """
BEGIN
  IF OLD.managed_by_id IS NULL OR OLD.status = 'draft' THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'programme % stays', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
"""
WAYS = (
    HEAD
    + """
  ends text[] := '{status,valid_to,end_on,end_reason,ask_end_by_id,ask_end_at,end_by_id,end_at,
    superseded_by_id,valid_to_before,
    revoke_reason,ask_revoke_by_id,ask_revoke_at,revoke_by_id,revoke_at}';
"""
    + OPEN
    + """
  IF to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends
     OR (NEW.status <> OLD.status AND way NOT IN
         ('enacted>ending', 'ending>enacted', 'ending>ended', 'enacted>ended',
          'enacted>revoking', 'revoking>enacted', 'revoking>revoked', 'ended>enacted'))
     OR (NEW.valid_to IS DISTINCT FROM OLD.valid_to
         AND way NOT IN ('ending>ended', 'enacted>ended', 'ended>enacted'))
     OR ((NEW.superseded_by_id, NEW.valid_to_before)
         IS DISTINCT FROM (OLD.superseded_by_id, OLD.valid_to_before)
         AND way NOT IN ('enacted>ended', 'ended>enacted')) THEN
    RAISE EXCEPTION 'programme % is enacted', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
@COUNTED@  IF way = 'ended>enacted' AND (
      NEW.valid_to IS DISTINCT FROM OLD.valid_to_before
      OR NOT EXISTS (SELECT 1 FROM applications_programme
                      WHERE id = OLD.superseded_by_id AND status = 'revoked')) THEN
    RAISE EXCEPTION 'programme % has ended', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
)
BEFORE = """
  IF way = 'revoking>revoked' AND (
      EXISTS (SELECT 1 FROM applications_round WHERE programme_id = OLD.id)
      OR EXISTS (SELECT 1 FROM applications_programmequota WHERE programme_id = OLD.id)) THEN
    RAISE EXCEPTION 'programme % is counted on', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
"""
NOW = """
  IF way = 'revoking>revoked'
     AND EXISTS (SELECT 1 FROM applications_round WHERE programme_id = OLD.id) THEN
    RAISE EXCEPTION 'programme % is counted on', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0028_rounds_of_schools_alone")]

    operations = [
        migrations.RunSQL(WAYS.replace("@COUNTED@", NOW), WAYS.replace("@COUNTED@", BEFORE))
    ]
