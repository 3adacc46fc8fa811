"""After a counted and voided blind vote a tally is entered by hand with a checker's consent alone.

Whoever voided the figures has seen them; the consent is in the ballot's own row (`paper_at`).
"""

from django.db import migrations

BODY = """
CREATE OR REPLACE FUNCTION review_tally_voted_check(of_school bigint, of_tally bigint) RETURNS void
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
                 WHERE s.school_id = of_school AND s.ballot_id = c.ballot_id)){voided};
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
"""
VOIDED = """
      AND NOT EXISTS (
      SELECT 1 FROM review_ballotcase c
        JOIN review_ballot b ON b.school_id = c.school_id AND b.id = c.ballot_id
        JOIN review_case k ON k.school_id = c.school_id AND k.id = c.case_id
       WHERE c.school_id = of_school AND c.case_id = one.case_id
         AND b.status = 'cancelled' AND b.count_at IS NOT NULL AND b.paper_at IS NULL
         AND b.appraisal_id = one.appraisal_id AND c.evidence = k.evidence)"""


class Migration(migrations.Migration):
    dependencies = [("review", "0028_recusal_by_chair")]

    operations = [migrations.RunSQL(BODY.replace("{voided}", VOIDED), BODY.replace("{voided}", ""))]
