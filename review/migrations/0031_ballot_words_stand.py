"""Who counted, who voided and who allowed paper stands with the ballot, once it was said."""

from django.db import migrations

BODY = """
CREATE OR REPLACE FUNCTION review_ballot_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (NEW.school_id, NEW.appraisal_id, NEW.shows_names, NEW.opened_by_id, NEW.opened_at)
        IS DISTINCT FROM
        (OLD.school_id, OLD.appraisal_id, OLD.shows_names, OLD.opened_by_id, OLD.opened_at)
     OR (NEW.status <> OLD.status AND (OLD.status = 'cancelled' OR NEW.status = 'open')){words} THEN
    RAISE EXCEPTION 'ballot % stands', OLD.id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ballot_stands';
  END IF;
  RETURN NEW;
END $$;
"""
WORDS = """
     OR (OLD.count_at IS NOT NULL AND (NEW.count_by_id, NEW.count_at)
         IS DISTINCT FROM (OLD.count_by_id, OLD.count_at))
     OR (OLD.cancel_at IS NOT NULL AND (NEW.cancel_by_id, NEW.cancel_at, NEW.cancel_reason)
         IS DISTINCT FROM (OLD.cancel_by_id, OLD.cancel_at, OLD.cancel_reason))
     OR (OLD.paper_at IS NOT NULL AND (NEW.paper_by_id, NEW.paper_at, NEW.paper_reason)
         IS DISTINCT FROM (OLD.paper_by_id, OLD.paper_at, OLD.paper_reason))"""


class Migration(migrations.Migration):
    dependencies = [("review", "0030_devices_without_order")]

    operations = [migrations.RunSQL(BODY.replace("{words}", WORDS), BODY.replace("{words}", ""))]
