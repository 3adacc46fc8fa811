"""Of what is paid by the month, which months another school gives: the others are one's own."""

from django.db import migrations

# As with `aid_awarded_elsewhere`: the owner alone is let through, the answer is for identities of
# the asking school's own students, to who reaches that school, and never where or how much.
# A month that lies wholly after the student left is not given there, unless it is paid or on its
# way to the bank. 0 is the whole term: a version of the programme that is not paid by the month.
MONTHS_QUESTION = """
CREATE POLICY award_question ON disbursement_paymentline FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'award');
CREATE FUNCTION aid_months_elsewhere(
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
    WHERE a.programme_id IN (SELECT id FROM line) AND a.term_id = $3
      AND a.status = 'granted' AND a.school_id <> asking_school
      AND theirs.id_blind = ANY (identities)
      AND EXISTS (
        SELECT FROM public.students_student ours
        WHERE ours.school_id = asking_school AND ours.id_blind = theirs.id_blind)
      AND (p.money_cadence <> 'monthly' OR theirs.status <> 'left'
        OR theirs.left_on > greatest(
          t.starts_on,
          (date_trunc('month', t.starts_on)
            + (a.instalment - 1) * interval '1 month')::date)
        OR EXISTS (
          SELECT FROM public.disbursement_paymentline l
          WHERE l.school_id = a.school_id AND l.award_id = a.id AND l.status <> 'failed'));
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
MONTHS_QUESTION_BACK = """
DROP FUNCTION aid_months_elsewhere(bigint, bigint, bigint, bytea[]);
DROP POLICY award_question ON disbursement_paymentline;
"""


class Migration(migrations.Migration):
    dependencies = [("disbursement", "0012_system_entry")]

    operations = [migrations.RunSQL(MONTHS_QUESTION, MONTHS_QUESTION_BACK)]
