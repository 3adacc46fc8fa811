"""Since when who left had been suspended: told by the transfer as it stands, and copied nowhere."""

from importlib import import_module
from typing import Any

from django.db import migrations

# `students.transfer_queue.away_before` of the change by which the student left: whether he was
# suspended then, and since when.
RESTED = """
CREATE FUNCTION aid_rested_since(
  its_school bigint, its_student bigint, gone_on date, signed_at timestamptz
) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN last.kind = 'suspend' THEN last."on" END
  FROM public.students_enrolmentchange last
  WHERE last.school_id = its_school AND last.student_id = its_student
    AND last.kind IN ('suspend', 'withdraw', 'cancel', 'death', 'graduate', 'transfer_out',
                      'resume', 'enter', 'transfer_in')
    AND last.id < (
      SELECT max(gone.id) FROM public.students_enrolmentchange gone
      WHERE gone.school_id = its_school AND gone.student_id = its_student
        AND gone.kind = 'transfer_out' AND gone."on" = gone_on AND gone.recorded_at <= signed_at)
  ORDER BY last.id DESC LIMIT 1
$$;
"""
RESTED_BACK = "DROP FUNCTION aid_rested_since(bigint, bigint, date, timestamptz);"
# As 0042 has it; since when he had been suspended follows the sender's own record, whenever that
# is put right, and says nothing else.
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
    WHEN 'signed>signed' THEN ARRAY['away_since']
    WHEN 'accepted>accepted' THEN ARRAY['on', 'away_since'] END;
BEGIN
  IF OLD.to_school_id = public.aid_scope()
     AND to_jsonb(OLD) - answers IS DISTINCT FROM to_jsonb(NEW) - answers THEN
    RAISE EXCEPTION 'the receiver of a transfer only answers it'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF OLD.school_id = public.aid_scope() AND NEW IS DISTINCT FROM OLD AND (
      writes IS NULL OR to_jsonb(OLD) - writes <> to_jsonb(NEW) - writes
      OR (OLD.status IN ('signed', 'accepted')
        AND NOT (NEW."on" = OLD."on" AND NEW.away_since IS NOT DISTINCT FROM
          public.aid_rested_since(OLD.school_id, OLD.student_id, OLD."on", OLD.sign_at))
        AND NOT EXISTS (
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
BEFORE = import_module("students.migrations.0042_transfer_steps").STEPS
TRUE_NOW = """
UPDATE students_transfer t SET away_since = told.since
FROM (SELECT id, aid_rested_since(school_id, student_id, "on", sign_at) AS since
      FROM students_transfer WHERE status IN ('signed', 'accepted')) told
WHERE told.id = t.id AND t.school_id = %s AND told.since IS DISTINCT FROM t.away_since
  AND (told.since IS NULL OR told.since <= t."on")
"""


def refresh(apps: Any, schema_editor: Any) -> None:
    """What was put right before this was kept is told now, school by school."""
    alias = schema_editor.connection.alias
    schools = apps.get_model("schools", "School").objects.using(alias)
    ids = list(schools.values_list("pk", flat=True))
    with schema_editor.connection.cursor() as cursor:
        for school_id in ids:
            cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school_id)])
            cursor.execute(TRUE_NOW, [school_id])
        cursor.execute("SELECT set_config('aid.scope', '', true)")


class Migration(migrations.Migration):
    dependencies = [("students", "0043_unusable_numbers")]

    operations = [
        migrations.RemoveConstraint(model_name="enrolmentchange", name="change_away_other"),
        migrations.RemoveField(model_name="enrolmentchange", name="away_other_since"),
        migrations.RunSQL(RESTED, RESTED_BACK),
        migrations.RunSQL(STEPS, BEFORE),
        migrations.RunPython(refresh, migrations.RunPython.noop),
    ]
