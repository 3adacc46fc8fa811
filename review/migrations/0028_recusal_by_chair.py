"""Whom the chair set aside stays aside until the chair says otherwise, while the ballot is open."""

from django.db import migrations, models

BODY = """
CREATE OR REPLACE FUNCTION review_ballotrecusal_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_ballot bigint;
  has_voted boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW = OLD THEN
    RETURN NEW;
  END IF;
{given_back}  IF TG_OP = 'DELETE'{deleted} THEN
    SELECT s.ballot_id INTO of_ballot FROM review_ballotslip s
     WHERE s.school_id = OLD.school_id AND s.id = OLD.slip_id FOR SHARE;
    IF coalesce(review_ballot_is_open(OLD.school_id, of_ballot), false) THEN
      RETURN OLD;
    END IF;
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
"""
GIVEN_BACK = """  IF TG_OP = 'UPDATE' AND OLD.by_chair AND NOT NEW.by_chair
     AND (NEW.id, NEW.school_id, NEW.slip_id, NEW.ballot_case_id, NEW.reason)
         = (OLD.id, OLD.school_id, OLD.slip_id, OLD.ballot_case_id, OLD.reason) THEN
    SELECT s.ballot_id INTO of_ballot FROM review_ballotslip s
     WHERE s.school_id = OLD.school_id AND s.id = OLD.slip_id FOR SHARE;
    IF coalesce(review_ballot_is_open(OLD.school_id, of_ballot), false) THEN
      RETURN NEW;
    END IF;
  END IF;
"""


def body(given_back: str, deleted: str) -> str:
    """The function with these parts."""
    return BODY.replace("{given_back}", given_back).replace("{deleted}", deleted)


class Migration(migrations.Migration):
    dependencies = [("review", "0027_class_photo_walls")]

    operations = [
        # Recusals from before are held for the chair's: nobody sets himself back on a guess.
        migrations.AddField(
            model_name="ballotrecusal",
            name="by_chair",
            field=models.BooleanField(default=True, verbose_name="班主任登记"),
        ),
        migrations.RunSQL(body(GIVEN_BACK, " AND NOT OLD.by_chair"), body("", "")),
    ]
