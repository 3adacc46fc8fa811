"""The second question across schools: "was this person awarded the same elsewhere?"."""

from django.db import migrations

# The function runs as the owner, to whom alone the two policies speak. It answers for identities
# of the asking school's own students, and only to who reaches that school; never where or how much.
AWARD_QUESTION = """
CREATE POLICY award_question ON disbursement_award FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'award');
CREATE POLICY award_question ON students_student FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'award');
CREATE FUNCTION aid_awarded_elsewhere(
  asking_school bigint, programme bigint, term bigint, identities bytea[]
) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'award', true);
  RETURN QUERY
    SELECT DISTINCT theirs.id_blind
    FROM public.disbursement_award a
    JOIN public.students_student theirs ON theirs.school_id = a.school_id AND theirs.id = a.student_id
    JOIN public.schools_term given ON given.id = a.term_id
    JOIN public.schools_term asked ON asked.id = $3
    JOIN public.applications_programme p ON p.id = a.programme_id
    WHERE a.programme_id = $2 AND a.status = 'granted' AND a.school_id <> asking_school
      AND theirs.id_blind = ANY (identities)
      AND EXISTS (
        SELECT FROM public.students_student ours
        WHERE ours.school_id = asking_school AND ours.id_blind = theirs.id_blind)
      AND (given.id = asked.id
        OR (p.money_cadence IN ('per_year', 'once') AND given.year = asked.year));
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
AWARD_QUESTION_BACK = """
DROP FUNCTION aid_awarded_elsewhere(bigint, bigint, bigint, bytea[]);
DROP POLICY award_question ON students_student;
DROP POLICY award_question ON disbursement_award;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disbursement", "0002_walls"),
        ("students", "0002_walls"),
        ("applications", "0002_walls"),
    ]

    operations = [migrations.RunSQL(AWARD_QUESTION, AWARD_QUESTION_BACK)]
