"""The recusals' walls, and that who withdrew from a case has no vote in it."""

from django.db import migrations

from schools.walls import Wall

# A check at the end of a transaction may run when nobody acts any more, so it acts for the row's
# own school and then for whoever it was before.
TALLY_ADDS_UP = """
CREATE FUNCTION review_tally_check(of_school bigint, of_tally bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  cast_votes integer;
  voting integer;
BEGIN
  PERFORM set_config('aid.scope', of_school::text, true);
  SELECT t.special + t.hard + t.general + t."none" + t.abstain,
         a.present - (SELECT count(*) FROM review_tallyrecusal r
                       WHERE r.school_id = t.school_id AND r.tally_id = t.id)
    INTO cast_votes, voting
    FROM review_tally t
    JOIN review_appraisal a ON a.school_id = t.school_id AND a.id = t.appraisal_id
   WHERE t.school_id = of_school AND t.id = of_tally;
  PERFORM set_config('aid.scope', before, true);
  IF cast_votes <> voting THEN
    RAISE EXCEPTION 'tally % has % votes, not %', of_tally, cast_votes, voting
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tally_adds_up';
  END IF;
END $$;
CREATE FUNCTION review_tally_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'review_tally' THEN
    PERFORM review_tally_check(NEW.school_id, NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM review_tally_check(OLD.school_id, OLD.tally_id);
  ELSE
    PERFORM review_tally_check(NEW.school_id, NEW.tally_id);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tally_adds_up AFTER INSERT OR UPDATE ON review_tally
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_tally_adds_up();
CREATE CONSTRAINT TRIGGER tally_adds_up AFTER INSERT OR UPDATE OR DELETE ON review_tallyrecusal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_tally_adds_up();
"""
TALLY_BACK = """
DROP TRIGGER tally_adds_up ON review_tallyrecusal;
DROP TRIGGER tally_adds_up ON review_tally;
DROP FUNCTION review_tally_adds_up();
DROP FUNCTION review_tally_check(bigint, bigint);
"""

CASE_VOTE = """
CREATE FUNCTION review_casevote_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  voting integer;
BEGIN
  SELECT count(*) INTO voting
    FROM review_attendance a
   WHERE a.school_id = NEW.school_id AND a.meeting_id = NEW.meeting_id
     AND a.present AND a.recusal = ''
     AND NOT EXISTS (SELECT 1 FROM review_caserecusal r
                      WHERE r.school_id = NEW.school_id AND r.meeting_id = NEW.meeting_id
                        AND r.case_id = NEW.case_id AND r.person_id = a.person_id);
  IF NEW.votes_for + NEW.votes_against + NEW.votes_abstain <> voting THEN
    RAISE EXCEPTION 'case % has not % votes', NEW.case_id, voting
      USING ERRCODE = 'check_violation', CONSTRAINT = 'casevote_adds_up';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER casevote_adds_up BEFORE INSERT OR UPDATE ON review_casevote
  FOR EACH ROW EXECUTE FUNCTION review_casevote_adds_up();

CREATE FUNCTION review_caserecusal_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one review_caserecusal := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF EXISTS (SELECT 1 FROM review_casevote v
              WHERE v.school_id = one.school_id AND v.meeting_id = one.meeting_id
                AND v.case_id = one.case_id) THEN
    RAISE EXCEPTION 'case % has been voted on', one.case_id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'caserecusal_in_time';
  END IF;
  RETURN one;
END $$;
CREATE TRIGGER caserecusal_in_time BEFORE INSERT OR UPDATE OR DELETE ON review_caserecusal
  FOR EACH ROW EXECUTE FUNCTION review_caserecusal_in_time();

CREATE FUNCTION review_case_voted_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM review_caserecusal r
              WHERE r.school_id = NEW.school_id AND r.meeting_id = NEW.meeting_id
                AND r.case_id = NEW.id)
     AND NOT EXISTS (SELECT 1 FROM review_casevote v
              WHERE v.school_id = NEW.school_id AND v.meeting_id = NEW.meeting_id
                AND v.case_id = NEW.id) THEN
    RAISE EXCEPTION 'case % was not voted on without those who withdrew', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'case_voted_apart';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER case_voted_apart BEFORE UPDATE ON review_case
  FOR EACH ROW WHEN (OLD.status = 'proposed' AND NEW.status IN ('decided', 'refused'))
  EXECUTE FUNCTION review_case_voted_apart();
"""
CASE_VOTE_BACK = """
DROP TRIGGER case_voted_apart ON review_case;
DROP FUNCTION review_case_voted_apart();
DROP TRIGGER caserecusal_in_time ON review_caserecusal;
DROP FUNCTION review_caserecusal_in_time();
DROP TRIGGER casevote_adds_up ON review_casevote;
DROP FUNCTION review_casevote_adds_up();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0013_recusals")]

    operations = [
        Wall("TallyRecusal"),
        Wall("CaseRecusal"),
        Wall("CaseVote"),
        migrations.RunSQL(TALLY_ADDS_UP, TALLY_BACK),
        migrations.RunSQL(CASE_VOTE, CASE_VOTE_BACK),
    ]
