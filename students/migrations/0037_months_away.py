"""Who was away from when to when, asked in the database as `students.rules.enrolment` tells it."""

from django.db import migrations, models
from django.db.models import F, Q

# `absences_of` and `covers` in SQL, for questions across schools; a test keeps the two equal.
# An absence begins with its first stop and ends with the next return, in the order of the days.
# Nobody was there before he came: by his 入学日期, or by the return with which his record begins.
AWAY = """
CREATE FUNCTION aid_was_away(
  its_school bigint, its_student bigint, entered_on date, first_day date, last_day date
) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  WITH told AS (
    SELECT c.id, c."on", c.kind IN ('resume', 'enter', 'transfer_in') AS back
    FROM public.students_enrolmentchange c
    WHERE c.school_id = its_school AND c.student_id = its_student
      AND c.kind IN ('suspend', 'withdraw', 'cancel', 'death', 'graduate', 'transfer_out',
                     'resume', 'enter', 'transfer_in'))
  SELECT coalesce(greatest(
      entered_on,
      (SELECT t."on" FROM told t WHERE t.back AND t.id =
        (SELECT u.id FROM told u ORDER BY u."on", u.id LIMIT 1))) > last_day, false)
    OR EXISTS (
      SELECT FROM told stop
      WHERE NOT stop.back AND stop."on" <= first_day
        AND NOT EXISTS (
          SELECT FROM told t
          WHERE t.back AND t."on" <= last_day AND (t."on", t.id) > (stop."on", stop.id)))
$$;
"""
AWAY_BACK = "DROP FUNCTION aid_was_away(bigint, bigint, date, date, date);"


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_term_entered_late"),
        ("students", "0036_rollover_recalled"),
    ]

    operations = [
        migrations.RunSQL(AWAY, AWAY_BACK),
        migrations.AddField(
            model_name="enrolmentchange",
            name="away_other_since",
            field=models.DateField(null=True, verbose_name="在原校休学的日期"),
        ),
        migrations.AddField(
            model_name="transfer",
            name="away_since",
            field=models.DateField(null=True, verbose_name="在原校休学的日期"),
        ),
        migrations.AddConstraint(
            model_name="enrolmentchange",
            constraint=models.CheckConstraint(
                name="change_away_other",
                condition=Q(away_other_since=None)
                | Q(left_other_on__isnull=False, away_other_since__lte=F("left_other_on")),
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                name="transfer_away", condition=Q(away_since=None) | Q(away_since__lte=F("on"))
            ),
        ),
    ]
