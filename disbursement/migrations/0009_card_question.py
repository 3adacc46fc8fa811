"""The third question across schools: "does somebody else hold this card elsewhere?"."""

from django.db import migrations

# As with the other two: the owner alone is let through, the answer is for cards that the asking
# school's own students hold, and it is yes or no. Who moved schools may keep his card.
CARD_QUESTION = """
CREATE POLICY card_question ON disbursement_aidcard FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'card');
CREATE POLICY card_question ON students_student FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'card');
CREATE FUNCTION aid_cards_elsewhere(asking_school bigint) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT coalesce(asking_school = ANY (public.aid_schools()), false) THEN
    RETURN;
  END IF;
  PERFORM set_config('aid.asking', 'card', true);
  RETURN QUERY
    SELECT DISTINCT mine.number_blind
    FROM public.disbursement_aidcard mine
    JOIN public.students_student ours
      ON ours.school_id = mine.school_id AND ours.id = mine.student_id
    JOIN public.disbursement_aidcard their
      ON their.number_blind = mine.number_blind AND their.school_id <> mine.school_id
    JOIN public.students_student theirs
      ON theirs.school_id = their.school_id AND theirs.id = their.student_id
    WHERE mine.school_id = asking_school AND mine.status IN ('issued', 'active')
      AND their.status IN ('issued', 'active') AND theirs.id_blind <> ours.id_blind;
  PERFORM set_config('aid.asking', '', true);
END $$;
CREATE INDEX card_everywhere ON disbursement_aidcard (number_blind)
  WHERE status IN ('issued', 'active');
"""
CARD_QUESTION_BACK = """
DROP INDEX card_everywhere;
DROP FUNCTION aid_cards_elsewhere(bigint);
DROP POLICY card_question ON students_student;
DROP POLICY card_question ON disbursement_aidcard;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disbursement", "0008_recovery"),
        ("students", "0012_guardian_identity"),
    ]

    operations = [migrations.RunSQL(CARD_QUESTION, CARD_QUESTION_BACK)]
