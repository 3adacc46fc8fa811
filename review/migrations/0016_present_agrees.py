"""Who was there is not changed under votes that were counted: the sums agree from both sides."""

from django.db import migrations

# At the end of the transaction, as for the votes: both may be corrected in one.
PRESENT_AGREES = """
CREATE FUNCTION review_present_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := coalesce(current_setting('aid.scope', true), '');
  of_tally bigint;
BEGIN
  PERFORM set_config('aid.scope', NEW.school_id::text, true);
  FOR of_tally IN SELECT t.id FROM review_tally t
                   WHERE t.school_id = NEW.school_id AND t.appraisal_id = NEW.id LOOP
    PERFORM review_tally_check(NEW.school_id, of_tally);
  END LOOP;
  PERFORM set_config('aid.scope', before, true);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tally_adds_up AFTER UPDATE OF present ON review_appraisal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.present IS DISTINCT FROM NEW.present)
  EXECUTE FUNCTION review_present_agrees();
"""
BACK = """
DROP TRIGGER tally_adds_up ON review_appraisal;
DROP FUNCTION review_present_agrees();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0015_grades_kept")]

    operations = [migrations.RunSQL(PRESENT_AGREES, BACK)]
