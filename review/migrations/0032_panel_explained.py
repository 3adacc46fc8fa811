"""Where the class panel suggests another grade than the score, somebody has written why."""

from django.db import migrations

PANEL_EXPLAINED = """
CREATE FUNCTION review_panel_explained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.appraised_grade NOT IN ('', NEW.advised_grade) AND NEW.advised_grade <> ''
     AND NOT EXISTS (SELECT FROM review_tally t
                      WHERE t.school_id = NEW.school_id AND t.case_id = NEW.id
                        AND btrim(t.reason) <> '') THEN
    RAISE EXCEPTION 'case % differs from its score without a reason', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'case_panel_explained';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER case_panel_explained
  BEFORE INSERT OR UPDATE OF appraised_grade, advised_grade ON review_case
  FOR EACH ROW EXECUTE FUNCTION review_panel_explained();
"""
BACK = """
DROP TRIGGER case_panel_explained ON review_case;
DROP FUNCTION review_panel_explained();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0031_ballot_words_stand")]

    operations = [migrations.RunSQL(PANEL_EXPLAINED, BACK)]
