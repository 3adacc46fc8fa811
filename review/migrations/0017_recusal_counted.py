"""Who withdrew and is not among those present takes no vote away; the database agrees."""

from django.db import migrations, models

COUNTED = """
CREATE OR REPLACE FUNCTION review_tally_check(of_school bigint, of_tally bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  cast_votes integer;
  voting integer;
BEGIN
  PERFORM set_config('aid.scope', of_school::text, true);
  SELECT t.special + t.hard + t.general + t."none" + t.abstain,
         a.present - (SELECT count(*) FROM review_tallyrecusal r
                       WHERE r.school_id = t.school_id AND r.tally_id = t.id
                         AND r.counted)
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
"""
ALL = """
CREATE OR REPLACE FUNCTION review_tally_check(of_school bigint, of_tally bigint) RETURNS void
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
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0016_present_agrees")]

    operations = [
        migrations.AddField(
            "tallyrecusal",
            "counted",
            models.BooleanField("在实到人数里", default=True, db_default=True),
        ),
        migrations.RunSQL(COUNTED, ALL),
    ]
