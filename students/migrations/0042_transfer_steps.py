"""A transfer goes forward alone: each step writes its own columns and who took it, none goes back."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import F, Q

# As 0040 has it for the receiver. The sender signs, or withdraws before that; of an accepted one
# the day alone changes, to one that both schools signed.
STEPS = """
CREATE OR REPLACE FUNCTION students_transfer_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  step text := OLD.status || '>' || NEW.status;
  answers text[] := ARRAY['status', 'answer', 'accept_at', 'accept_by_id',
                          'decline_at', 'decline_by_id'];
  writes text[] := CASE step
    WHEN 'proposed>signed' THEN
      ARRAY['status', 'sign_at', 'sign_by_id', 'papers', 'away_since']
    WHEN 'proposed>withdrawn' THEN ARRAY['status']
    WHEN 'accepted>accepted' THEN ARRAY['on', 'away_since'] END;
BEGIN
  IF OLD.to_school_id = public.aid_scope()
     AND to_jsonb(OLD) - answers IS DISTINCT FROM to_jsonb(NEW) - answers THEN
    RAISE EXCEPTION 'the receiver of a transfer only answers it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.school_id = public.aid_scope() AND NEW IS DISTINCT FROM OLD AND (
      writes IS NULL OR to_jsonb(OLD) - writes <> to_jsonb(NEW) - writes
      OR (OLD.status = 'accepted' AND NOT EXISTS (
        SELECT FROM public.students_transferday d
        WHERE d.school_id = OLD.school_id AND d.transfer_id = OLD.id AND d.status = 'signed'
          AND d.before = OLD."on" AND d."on" = NEW."on"
          AND d.away_since IS NOT DISTINCT FROM NEW.away_since))) THEN
    RAISE EXCEPTION 'the sender of a transfer does not answer it'
      USING ERRCODE = 'insufficient_privilege', DETAIL = 'nor takes a step back: ' || step;
  END IF;
  RETURN NEW;
END $$;
"""
BEFORE = import_module("students.migrations.0040_transfer_days").ANSWER


class Migration(migrations.Migration):
    dependencies = [("students", "0041_tag_retention")]

    operations = [
        migrations.RunSQL(STEPS, BEFORE),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                name="transfer_two_schools", condition=~Q(to_school=F("school"))
            ),
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_stamps",
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            ("sign_at", None),
                            ("sign_by", None),
                            ("status__in", ("proposed", "withdrawn")),
                        ),
                        models.Q(
                            ("sign_at__isnull", False),
                            ("sign_by__isnull", False),
                            ("status__in", ("signed", "accepted", "declined")),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(
                            ("accept_at__isnull", False),
                            ("accept_by__isnull", False),
                            ("status", "accepted"),
                        ),
                        models.Q(
                            models.Q(("status", "accepted"), _negated=True),
                            ("accept_at", None),
                            ("accept_by", None),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(
                            ("decline_at__isnull", False),
                            ("decline_by__isnull", False),
                            ("status", "declined"),
                            models.Q(("answer", ""), _negated=True),
                        ),
                        models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            ("decline_at", None),
                            ("decline_by", None),
                        ),
                        _connector="OR",
                    ),
                ),
                name="transfer_stamps",
            ),
        ),
    ]
