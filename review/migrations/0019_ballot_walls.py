"""The ballots' walls, and what the database itself holds a blind vote to.

Each check that may run at the end of a transaction, when nobody acts any more, acts for the row's
own school and then for whoever it was before.
"""

from django.db import migrations

from schools.walls import Wall

# A phone that is signed in nowhere finds its slip by the secret; only then is the school known.
BY_SLIP = """
CREATE POLICY by_slip ON review_ballotslip FOR SELECT
  USING (secret_blind = decode(nullif(current_setting('aid.slip', true), ''), 'hex'));
ALTER TABLE review_tally ADD CONSTRAINT review_tally_ballot_wall
  FOREIGN KEY (school_id, ballot_id) REFERENCES review_ballot (school_id, id)
  DEFERRABLE INITIALLY IMMEDIATE;
"""
BY_SLIP_BACK = """
ALTER TABLE review_tally DROP CONSTRAINT review_tally_ballot_wall;
DROP POLICY by_slip ON review_ballotslip;
"""

BALLOT = """
CREATE FUNCTION review_ballot_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (NEW.school_id, NEW.appraisal_id, NEW.shows_names, NEW.opened_by_id, NEW.opened_at)
        IS DISTINCT FROM
        (OLD.school_id, OLD.appraisal_id, OLD.shows_names, OLD.opened_by_id, OLD.opened_at)
     OR (NEW.status <> OLD.status AND (OLD.status = 'cancelled' OR NEW.status = 'open')) THEN
    RAISE EXCEPTION 'ballot % stands', OLD.id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballot_stands';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ballot_stands BEFORE UPDATE OR DELETE ON review_ballot
  FOR EACH ROW EXECUTE FUNCTION review_ballot_stands();

CREATE FUNCTION review_ballot_is_open(of_school bigint, of_ballot bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  -- The lock keeps the ballot from being counted until this vote is in or given up.
  SELECT b.status INTO found FROM review_ballot b
   WHERE b.school_id = of_school AND b.id = of_ballot FOR SHARE;
  RETURN found = 'open';
END $$;
"""
BALLOT_BACK = """
DROP FUNCTION review_ballot_is_open(bigint, bigint);
DROP TRIGGER ballot_stands ON review_ballot;
DROP FUNCTION review_ballot_stands();
"""

SLIP = """
CREATE FUNCTION review_ballotslip_votes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (TG_OP = 'INSERT' AND (NEW.voted OR NOT
         coalesce(review_ballot_is_open(NEW.school_id, NEW.ballot_id), false)))
     OR (TG_OP = 'UPDATE' AND (
         (NEW.school_id, NEW.ballot_id, NEW.name) IS DISTINCT FROM
         (OLD.school_id, OLD.ballot_id, OLD.name)
         OR (OLD.voted AND NOT NEW.voted)
         OR (OLD.voted AND NEW.secret_blind IS DISTINCT FROM OLD.secret_blind)
         OR (NEW.voted AND NOT OLD.voted AND NOT
             coalesce(review_ballot_is_open(NEW.school_id, NEW.ballot_id), false))))
  THEN
    RAISE EXCEPTION 'a slip votes once, in an open ballot'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballotslip_votes_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ballotslip_votes_once BEFORE INSERT OR UPDATE OR DELETE ON review_ballotslip
  FOR EACH ROW EXECUTE FUNCTION review_ballotslip_votes_once();
"""
SLIP_BACK = """
DROP TRIGGER ballotslip_votes_once ON review_ballotslip;
DROP FUNCTION review_ballotslip_votes_once();
"""

FIGURES = """
CREATE FUNCTION review_ballotcase_rises() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  rise integer;
BEGIN
  IF TG_OP = 'DELETE' THEN
    rise := -1;
  ELSIF TG_OP = 'INSERT' THEN
    rise := CASE WHEN
      NEW.special + NEW.hard + NEW.general + NEW."none" + NEW.abstain = 0
      AND coalesce(review_ballot_is_open(NEW.school_id, NEW.ballot_id), false)
      AND NOT EXISTS (SELECT 1 FROM review_ballotslip s WHERE s.school_id = NEW.school_id
                         AND s.ballot_id = NEW.ballot_id AND s.voted)
      THEN 0 ELSE -1 END;
  ELSIF (NEW.school_id, NEW.ballot_id, NEW.case_id, NEW.evidence) IS DISTINCT FROM
        (OLD.school_id, OLD.ballot_id, OLD.case_id, OLD.evidence)
     OR least(NEW.special - OLD.special, NEW.hard - OLD.hard, NEW.general - OLD.general,
              NEW."none" - OLD."none", NEW.abstain - OLD.abstain) < 0 THEN
    rise := -1;
  ELSE
    rise := NEW.special - OLD.special + NEW.hard - OLD.hard + NEW.general - OLD.general
          + NEW."none" - OLD."none" + NEW.abstain - OLD.abstain;
  END IF;
  IF rise NOT IN (0, 1)
     OR (rise = 1 AND NOT coalesce(review_ballot_is_open(NEW.school_id, NEW.ballot_id), false))
  THEN
    RAISE EXCEPTION 'figures of a ballot rise by one vote, while it is open'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballotcase_rises';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ballotcase_rises BEFORE INSERT OR UPDATE OR DELETE ON review_ballotcase
  FOR EACH ROW EXECUTE FUNCTION review_ballotcase_rises();

CREATE FUNCTION review_ballot_check(of_school bigint, of_ballot bigint, of_row bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  slips integer;
  wrong bigint;
BEGIN
  PERFORM set_config('aid.scope', of_school::text, true);
  SELECT count(*) INTO slips FROM review_ballotslip s
   WHERE s.school_id = of_school AND s.ballot_id = of_ballot AND s.voted;
  SELECT c.id INTO wrong FROM review_ballotcase c
   WHERE c.school_id = of_school AND c.ballot_id = of_ballot AND (of_row IS NULL OR c.id = of_row)
     AND c.special + c.hard + c.general + c."none" + c.abstain <> slips
         - (SELECT count(*) FROM review_ballotrecusal r
              JOIN review_ballotslip s ON s.school_id = r.school_id AND s.id = r.slip_id
             WHERE r.school_id = of_school AND r.ballot_case_id = c.id AND s.voted)
   LIMIT 1;
  PERFORM set_config('aid.scope', before, true);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'figures of ballot % are not those of % slips', of_ballot, slips
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_adds_up';
  END IF;
END $$;
CREATE FUNCTION review_ballot_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM review_ballot_check(NEW.school_id, NEW.ballot_id,
    CASE WHEN TG_TABLE_NAME = 'review_ballotcase' THEN NEW.id END);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ballot_adds_up AFTER UPDATE ON review_ballotcase
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_ballot_adds_up();
CREATE CONSTRAINT TRIGGER ballot_adds_up AFTER UPDATE ON review_ballotslip
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.voted IS DISTINCT FROM NEW.voted)
  EXECUTE FUNCTION review_ballot_adds_up();
"""
FIGURES_BACK = """
DROP TRIGGER ballot_adds_up ON review_ballotslip;
DROP TRIGGER ballot_adds_up ON review_ballotcase;
DROP FUNCTION review_ballot_adds_up();
DROP FUNCTION review_ballot_check(bigint, bigint, bigint);
DROP TRIGGER ballotcase_rises ON review_ballotcase;
DROP FUNCTION review_ballotcase_rises();
"""

RECUSAL = """
CREATE FUNCTION review_ballotrecusal_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_ballot bigint;
  has_voted boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW = OLD THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
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
CREATE TRIGGER ballotrecusal_in_time BEFORE INSERT OR UPDATE OR DELETE ON review_ballotrecusal
  FOR EACH ROW EXECUTE FUNCTION review_ballotrecusal_in_time();
"""
RECUSAL_BACK = """
DROP TRIGGER ballotrecusal_in_time ON review_ballotrecusal;
DROP FUNCTION review_ballotrecusal_in_time();
"""

TALLY = """
CREATE FUNCTION review_tally_voted_check(of_school bigint, of_tally bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  one review_tally;
  agrees boolean := true;
BEGIN
  PERFORM set_config('aid.scope', of_school::text, true);
  SELECT * INTO one FROM review_tally t WHERE t.school_id = of_school AND t.id = of_tally;
  IF one.id IS NOT NULL AND one.ballot_id IS NULL THEN
    -- By hand only what no counted ballot has votes on: facts changed since, or nobody was left.
    agrees := NOT EXISTS (
      SELECT 1 FROM review_ballotcase c
        JOIN review_ballot b ON b.school_id = c.school_id AND b.id = c.ballot_id
        JOIN review_case k ON k.school_id = c.school_id AND k.id = c.case_id
       WHERE c.school_id = of_school AND c.case_id = one.case_id
         AND b.status = 'counted' AND b.appraisal_id = one.appraisal_id
         AND c.evidence = k.evidence
         AND (SELECT count(*) FROM review_ballotrecusal r
               WHERE r.school_id = of_school AND r.ballot_case_id = c.id)
             < (SELECT count(*) FROM review_ballotslip s
                 WHERE s.school_id = of_school AND s.ballot_id = c.ballot_id));
  ELSIF one.id IS NOT NULL THEN
    agrees := EXISTS (
      SELECT 1 FROM review_ballotcase c
        JOIN review_ballot b ON b.school_id = c.school_id AND b.id = c.ballot_id
       WHERE c.school_id = of_school AND c.ballot_id = one.ballot_id AND c.case_id = one.case_id
         AND b.status = 'counted' AND b.appraisal_id = one.appraisal_id
         AND (c.special, c.hard, c.general, c."none")
             = (one.special, one.hard, one.general, one."none")
         AND one.abstain = c.abstain + (
             SELECT count(*) FROM review_ballotslip s
              WHERE s.school_id = of_school AND s.ballot_id = c.ballot_id AND NOT s.voted
                AND NOT EXISTS (SELECT 1 FROM review_ballotrecusal r
                                 WHERE r.school_id = of_school AND r.slip_id = s.id
                                   AND r.ballot_case_id = c.id))
         AND (SELECT coalesce(array_agg(left(s.name, 64) || ' ' || r.reason ORDER BY s.id), '{}')
                FROM review_ballotrecusal r
                JOIN review_ballotslip s ON s.school_id = r.school_id AND s.id = r.slip_id
               WHERE r.school_id = of_school AND r.ballot_case_id = c.id)
             @> (SELECT coalesce(array_agg(w.name || ' ' || w.reason), '{}')
                   FROM review_tallyrecusal w
                  WHERE w.school_id = of_school AND w.tally_id = one.id)
         AND (SELECT count(*) FROM review_ballotrecusal r
               WHERE r.school_id = of_school AND r.ballot_case_id = c.id)
             = (SELECT count(*) FROM review_tallyrecusal w
                 WHERE w.school_id = of_school AND w.tally_id = one.id));
  END IF;
  PERFORM set_config('aid.scope', before, true);
  IF NOT agrees THEN
    RAISE EXCEPTION 'tally % is not what was voted by phone', of_tally
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tally_as_voted';
  END IF;
END $$;
CREATE FUNCTION review_tally_as_voted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'review_tally' THEN
    PERFORM review_tally_voted_check(NEW.school_id, NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM review_tally_voted_check(OLD.school_id, OLD.tally_id);
  ELSE
    PERFORM review_tally_voted_check(NEW.school_id, NEW.tally_id);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tally_as_voted AFTER INSERT OR UPDATE ON review_tally
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_tally_as_voted();
CREATE CONSTRAINT TRIGGER tally_as_voted AFTER INSERT OR UPDATE OR DELETE ON review_tallyrecusal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review_tally_as_voted();

CREATE FUNCTION review_ballot_leaves_no_tally() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  left_over bigint;
BEGIN
  PERFORM set_config('aid.scope', NEW.school_id::text, true);
  SELECT t.id INTO left_over FROM review_tally t
   WHERE t.school_id = NEW.school_id AND t.ballot_id = NEW.id LIMIT 1;
  PERFORM set_config('aid.scope', before, true);
  IF left_over IS NOT NULL THEN
    RAISE EXCEPTION 'tally % is of a ballot that was cancelled', left_over
      USING ERRCODE = 'check_violation', CONSTRAINT = 'tally_as_voted';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tally_as_voted AFTER UPDATE ON review_ballot
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'cancelled')
  EXECUTE FUNCTION review_ballot_leaves_no_tally();
"""
TALLY_BACK = """
DROP TRIGGER tally_as_voted ON review_ballot;
DROP FUNCTION review_ballot_leaves_no_tally();
DROP TRIGGER tally_as_voted ON review_tallyrecusal;
DROP TRIGGER tally_as_voted ON review_tally;
DROP FUNCTION review_tally_as_voted();
DROP FUNCTION review_tally_voted_check(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0018_ballots")]

    operations = [
        Wall("Ballot"),
        Wall("BallotSlip"),
        Wall("BallotCase"),
        Wall("BallotRecusal"),
        migrations.RunSQL(BY_SLIP, BY_SLIP_BACK),
        migrations.RunSQL(BALLOT, BALLOT_BACK),
        migrations.RunSQL(SLIP, SLIP_BACK),
        migrations.RunSQL(FIGURES, FIGURES_BACK),
        migrations.RunSQL(RECUSAL, RECUSAL_BACK),
        migrations.RunSQL(TALLY, TALLY_BACK),
    ]
