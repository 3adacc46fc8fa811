"""Who is transferred comes on a day that the receiver tells, to a school of his stage."""

from django.db import migrations, models
from django.db.models import F, Q

# Which stages a school teaches is known to everybody; how many classes, or which, is not told.
STAGES = """
CREATE POLICY stages_asked ON students_schoolclass FOR SELECT TO CURRENT_USER
  USING (current_setting('aid.asking', true) = 'stages');
CREATE FUNCTION aid_stages_of(asked_school bigint) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('aid.asking', 'stages', true);
  RETURN QUERY SELECT DISTINCT stage::text FROM public.students_schoolclass
    WHERE school_id = asked_school AND closed_on IS NULL;
  PERFORM set_config('aid.asking', '', true);
END $$;
"""
STAGES_BACK = """
DROP FUNCTION aid_stages_of(bigint);
DROP POLICY stages_asked ON students_schoolclass;
"""


class Migration(migrations.Migration):
    dependencies = [("students", "0032_newcomers_listed")]

    operations = [
        migrations.RunSQL(STAGES, STAGES_BACK),
        migrations.AddField(
            model_name="enrolmentchange",
            name="left_other_on",
            field=models.DateField(null=True, verbose_name="离开原校的日期"),
        ),
        migrations.AddConstraint(
            model_name="enrolmentchange",
            constraint=models.CheckConstraint(
                name="change_left_other",
                condition=Q(left_other_on=None) | Q(kind="transfer_in", on__gte=F("left_other_on")),
            ),
        ),
    ]
