"""A recognised grade is never overwritten or taken away: it ends, and another begins."""

from django.db import migrations

GRADES_KEPT = """
CREATE FUNCTION review_recognition_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'valid_to' = to_jsonb(OLD) - 'valid_to'
     AND (OLD.valid_to IS NULL OR NEW.valid_to = OLD.valid_to) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'recognition % is kept as it was', OLD.id
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'recognition_kept';
END $$;
CREATE TRIGGER recognition_kept BEFORE UPDATE OR DELETE ON review_recognition
  FOR EACH ROW EXECUTE FUNCTION review_recognition_kept();
"""
BACK = """
DROP TRIGGER recognition_kept ON review_recognition;
DROP FUNCTION review_recognition_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0014_recusal_walls")]

    operations = [migrations.RunSQL(GRADES_KEPT, BACK)]
