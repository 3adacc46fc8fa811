"""The question across schools about aid that can't be had with another: "given elsewhere?"."""

from django.db import migrations

# As with `aid_awarded_elsewhere`: the owner alone is let through, the answer is for identities of
# the asking school's own students, to who reaches that school, and never where or how much. Which
# programme is told, since the one of the two that is given up can't be found without it.
EXCLUSIVE_QUESTION = """
CREATE FUNCTION aid_exclusive_elsewhere(
  asking_school bigint, programme bigint, term bigint, identities bytea[]
) RETURNS TABLE (identity bytea, other bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'award', true);
  RETURN QUERY
    SELECT DISTINCT theirs.id_blind, a.programme_id
    FROM public.applications_programme_exclusive_with pair
    JOIN public.applications_programme own ON own.id = pair.from_programme_id
    JOIN public.applications_programme p ON p.id = pair.to_programme_id
    JOIN public.disbursement_award a ON a.programme_id = p.id
    JOIN public.students_student theirs
      ON theirs.school_id = a.school_id AND theirs.id = a.student_id
    JOIN public.schools_term given ON given.id = a.term_id
    JOIN public.schools_term asked ON asked.id = $3
    WHERE own.id = $2 AND a.status = 'granted' AND a.school_id <> asking_school
      AND theirs.id_blind = ANY (identities)
      AND EXISTS (
        SELECT FROM public.students_student ours
        WHERE ours.school_id = asking_school AND ours.id_blind = theirs.id_blind)
      AND (given.id = asked.id
        OR ('per_year' IN (own.money_cadence, p.money_cadence) AND given.year = asked.year));
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
EXCLUSIVE_QUESTION_BACK = """
DROP FUNCTION aid_exclusive_elsewhere(bigint, bigint, bigint, bytea[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disbursement", "0010_awarded_elsewhere_versions"),
        ("applications", "0021_programme_handling"),
    ]

    operations = [migrations.RunSQL(EXCLUSIVE_QUESTION, EXCLUSIVE_QUESTION_BACK)]
