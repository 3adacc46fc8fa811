"""The devices' walls, and that their numbers only rise, with slips that vote.

The check at the end of a transaction acts for the row's own school and then for whoever it was.
"""

from django.db import migrations

from schools.walls import Wall

DEVICE = """
CREATE FUNCTION review_ballotdevice_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW = OLD THEN
    RETURN NEW;
  END IF;
  IF (TG_OP = 'INSERT' AND NEW.slips = 1
      OR TG_OP = 'UPDATE' AND NEW.slips = OLD.slips + 1 AND NEW.signed_in >= OLD.signed_in
         AND (NEW.school_id, NEW.ballot_id, NEW.mark) = (OLD.school_id, OLD.ballot_id, OLD.mark))
     AND coalesce(review_ballot_is_open(NEW.school_id, NEW.ballot_id), false) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a device counts slip by slip, while the ballot is open'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballotdevice_rises';
END $$;
CREATE TRIGGER ballotdevice_rises BEFORE INSERT OR UPDATE OR DELETE ON review_ballotdevice
  FOR EACH ROW EXECUTE FUNCTION review_ballotdevice_rises();

CREATE FUNCTION review_ballotdevice_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  devices integer;
  slips integer;
BEGIN
  PERFORM set_config('aid.scope', NEW.school_id::text, true);
  SELECT coalesce(sum(d.slips), 0) INTO devices FROM review_ballotdevice d
   WHERE d.school_id = NEW.school_id AND d.ballot_id = NEW.ballot_id;
  SELECT count(*) INTO slips FROM review_ballotslip s
   WHERE s.school_id = NEW.school_id AND s.ballot_id = NEW.ballot_id AND s.voted;
  PERFORM set_config('aid.scope', before, true);
  IF devices > slips THEN
    RAISE EXCEPTION 'devices of ballot % voted % slips of %', NEW.ballot_id, devices, slips
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ballotdevice_adds_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ballotdevice_adds_up AFTER INSERT OR UPDATE ON review_ballotdevice
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_ballotdevice_adds_up();
"""
DEVICE_BACK = """
DROP TRIGGER ballotdevice_adds_up ON review_ballotdevice;
DROP FUNCTION review_ballotdevice_adds_up();
DROP TRIGGER ballotdevice_rises ON review_ballotdevice;
DROP FUNCTION review_ballotdevice_rises();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0022_ballot_devices")]

    operations = [Wall("BallotDevice"), migrations.RunSQL(DEVICE, DEVICE_BACK)]
