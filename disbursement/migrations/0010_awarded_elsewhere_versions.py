"""What is given once is given once wherever a child goes, by whichever version of the programme."""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION aid_awarded_elsewhere(
  asking_school bigint, programme bigint, term bigint, identities bytea[]
) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'award', true);
  RETURN QUERY
"""
# Schools stand at different versions of one programme in the same year.
LINE = """
    WITH RECURSIVE line(id) AS (
      SELECT $2
      UNION SELECT CASE WHEN p.id = line.id THEN p.follows_id ELSE p.id END
        FROM public.applications_programme p
        JOIN line ON (p.id = line.id AND p.follows_id IS NOT NULL) OR p.follows_id = line.id)
"""
BODY = """
    SELECT DISTINCT theirs.id_blind
    FROM public.disbursement_award a
    JOIN public.students_student theirs
      ON theirs.school_id = a.school_id AND theirs.id = a.student_id
    JOIN public.schools_term given ON given.id = a.term_id
    JOIN public.schools_term asked ON asked.id = $3
    JOIN public.applications_programme p ON p.id = {cadence}
    WHERE {same} AND a.status = 'granted' AND a.school_id <> asking_school
      AND theirs.id_blind = ANY (identities)
      AND EXISTS (
        SELECT FROM public.students_student ours
        WHERE ours.school_id = asking_school AND ours.id_blind = theirs.id_blind)
      AND (given.id = asked.id
        OR {again});
  PERFORM set_config('aid.asking', '', true);
END $$;
"""


def question(line: str, same: str, again: str, cadence: str) -> str:
    """The function, by which programmes and terms count as the same."""
    body = BODY.replace("{same}", same).replace("{again}", again).replace("{cadence}", cadence)
    return HEAD + line + body


NOW = question(
    LINE,
    "a.programme_id IN (SELECT id FROM line)",
    "p.money_cadence = 'once' OR (p.money_cadence = 'per_year' AND given.year = asked.year)",
    "$2",
)
# As 0003 has it.
BEFORE = question(
    "",
    "a.programme_id = $2",
    "(p.money_cadence IN ('per_year', 'once') AND given.year = asked.year)",
    "a.programme_id",
)


class Migration(migrations.Migration):
    dependencies = [
        ("disbursement", "0009_card_question"),
        ("applications", "0021_programme_handling"),
    ]

    operations = [migrations.RunSQL(NOW, BEFORE)]
