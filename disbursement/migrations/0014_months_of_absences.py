"""A month in which the other school had the student away is not given there (`months.absences`)."""

from importlib import import_module

from django.db import migrations

# As in 0013; what counts there is what that school itself would pay: no month in which he was away
# from the first day to the last, and none of who died or should never have been there.
MONTHS_QUESTION = """
CREATE POLICY award_question ON students_enrolmentchange FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'award');
CREATE OR REPLACE FUNCTION aid_months_elsewhere(
  asking_school bigint, programme bigint, term bigint, identities bytea[]
) RETURNS TABLE (identity bytea, instalment integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'award', true);
  RETURN QUERY
    WITH RECURSIVE line(id) AS (
      SELECT $2
      UNION SELECT CASE WHEN p.id = line.id THEN p.follows_id ELSE p.id END
        FROM public.applications_programme p
        JOIN line ON (p.id = line.id AND p.follows_id IS NOT NULL) OR p.follows_id = line.id)
    SELECT DISTINCT theirs.id_blind,
      CASE WHEN p.money_cadence = 'monthly' THEN a.instalment::integer ELSE 0 END
    FROM public.disbursement_award a
    JOIN public.applications_programme p ON p.id = a.programme_id
    JOIN public.schools_term t ON t.id = a.term_id
    JOIN public.students_student theirs
      ON theirs.school_id = a.school_id AND theirs.id = a.student_id
    CROSS JOIN LATERAL (SELECT
      (date_trunc('month', t.starts_on) + (a.instalment - 1) * interval '1 month')::date AS first,
      (date_trunc('month', t.starts_on) + a.instalment * interval '1 month')::date - 1 AS last
    ) month
    WHERE a.programme_id IN (SELECT id FROM line) AND a.term_id = $3
      AND a.status = 'granted' AND a.school_id <> asking_school
      AND theirs.id_blind = ANY (identities)
      AND EXISTS (
        SELECT FROM public.students_student ours
        WHERE ours.school_id = asking_school AND ours.id_blind = theirs.id_blind)
      AND (p.money_cadence <> 'monthly'
        OR EXISTS (
          SELECT FROM public.disbursement_paymentline l
          WHERE l.school_id = a.school_id AND l.award_id = a.id AND l.status <> 'failed')
        OR NOT (
          theirs.status = 'left' AND (
            theirs.left_on <= greatest(t.starts_on, month.first)
            OR coalesce((SELECT c.kind FROM public.students_enrolmentchange c
                WHERE c.school_id = theirs.school_id AND c.student_id = theirs.id
                  AND c.kind IN ('withdraw', 'cancel', 'death', 'graduate', 'transfer_out')
                ORDER BY c."on" DESC, c.id DESC LIMIT 1), '') IN ('cancel', 'death'))
          OR public.aid_was_away(theirs.school_id, theirs.id, theirs.entered_on,
            greatest(t.starts_on, month.first), least(t.ends_on, month.last))));
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
BEFORE = import_module("disbursement.migrations.0013_months_elsewhere").MONTHS_QUESTION
MONTHS_QUESTION_BACK = "DROP POLICY award_question ON students_enrolmentchange;\n" + BEFORE[
    BEFORE.index("CREATE FUNCTION") :
].replace("CREATE", "CREATE OR REPLACE", 1)


class Migration(migrations.Migration):
    dependencies = [
        ("disbursement", "0013_months_elsewhere"),
        ("students", "0037_months_away"),
    ]

    operations = [migrations.RunSQL(MONTHS_QUESTION, MONTHS_QUESTION_BACK)]
