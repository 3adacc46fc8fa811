"""A transfer is signed where the student has left by it, with the rest that is on record."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("students.migrations.0044_rested_as_it_stands").STEPS
# Before, whoever wrote past the program could sign for a student who stayed, and invent a rest.
ONCE_SIGNED = "      OR (OLD.status IN ('signed', 'accepted')\n"
BY_SIGNING = """      OR (step = 'proposed>signed' AND NOT (
          NEW.away_since IS NOT DISTINCT FROM public.aid_rested_since(
            OLD.school_id, OLD.student_id, NEW."on", coalesce(NEW.sign_at, 'infinity'))
          AND EXISTS (
            SELECT FROM public.students_enrolmentchange gone
            WHERE gone.school_id = OLD.school_id AND gone.student_id = OLD.student_id
              AND gone.kind = 'transfer_out' AND gone."on" = NEW."on"
              AND gone.recorded_at <= coalesce(NEW.sign_at, 'infinity'))))
"""
STEPS = BEFORE.replace(ONCE_SIGNED, BY_SIGNING + ONCE_SIGNED)


class Migration(migrations.Migration):
    dependencies = [("students", "0045_age_limits_of_bureaus")]

    operations = [migrations.RunSQL(STEPS, BEFORE)]
