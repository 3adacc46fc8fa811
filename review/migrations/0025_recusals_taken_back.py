"""A recusal recorded by mistake is taken back while its ballot is open.

Of a slip that has voted only together with its vote on that case, or the figures don't add up.
The check at the end of a transaction acts for the row's own school and then for whoever it was.
"""

from django.db import migrations

BODY = """
CREATE OR REPLACE FUNCTION review_ballotrecusal_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_ballot bigint;
  has_voted boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW = OLD THEN
    RETURN NEW;
  END IF;
{taken_back}  IF TG_OP = 'INSERT' THEN
    -- The lock keeps the slip from voting on this case at the same moment.
    SELECT s.ballot_id, s.voted INTO of_ballot, has_voted FROM review_ballotslip s
     WHERE s.school_id = NEW.school_id AND s.id = NEW.slip_id FOR SHARE;
    IF NOT has_voted
       AND coalesce(review_ballot_is_open(NEW.school_id, of_ballot), false)
       AND EXISTS (SELECT 1 FROM review_ballotcase c WHERE c.school_id = NEW.school_id
                      AND c.id = NEW.ballot_case_id AND c.ballot_id = of_ballot) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a recusal is said before the slip votes, and stands'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballotrecusal_in_time';
END $$;
"""
TAKEN_BACK = """  IF TG_OP = 'DELETE' THEN
    SELECT s.ballot_id INTO of_ballot FROM review_ballotslip s
     WHERE s.school_id = OLD.school_id AND s.id = OLD.slip_id FOR SHARE;
    IF coalesce(review_ballot_is_open(OLD.school_id, of_ballot), false) THEN
      RETURN OLD;
    END IF;
  END IF;
"""
CHECK = """
CREATE FUNCTION review_ballotrecusal_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  of_ballot bigint;
BEGIN
  PERFORM set_config('aid.scope', OLD.school_id::text, true);
  SELECT c.ballot_id INTO of_ballot FROM review_ballotcase c
   WHERE c.school_id = OLD.school_id AND c.id = OLD.ballot_case_id;
  PERFORM set_config('aid.scope', before, true);
  PERFORM review_ballot_check(OLD.school_id, of_ballot, OLD.ballot_case_id);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ballot_adds_up AFTER DELETE ON review_ballotrecusal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_ballotrecusal_adds_up();
"""
CHECK_BACK = """
DROP TRIGGER ballot_adds_up ON review_ballotrecusal;
DROP FUNCTION review_ballotrecusal_adds_up();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0024_thin_votes")]

    operations = [
        migrations.RunSQL(
            BODY.replace("{taken_back}", TAKEN_BACK), BODY.replace("{taken_back}", "")
        ),
        migrations.RunSQL(CHECK, CHECK_BACK),
    ]
