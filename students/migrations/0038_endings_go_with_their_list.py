"""A proposal to end tags goes with its list; whom another bureau's list goes on with is counted."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# Those that wait on a list withdrawn before. The owner is walled too (forced), so the walls are
# lifted meanwhile.
MEND = """
ALTER TABLE students_tagending NO FORCE ROW LEVEL SECURITY;
ALTER TABLE students_departmentlist NO FORCE ROW LEVEL SECURITY;
UPDATE students_tagending AS ending
   SET status = 'dropped', drop_by_id = listed.withdraw_by_id, drop_at = listed.withdraw_at
  FROM students_departmentlist AS listed
 WHERE listed.id = ending.list_id AND listed.status = 'withdrawn' AND ending.status = 'proposed';
-- A table whose keys are still to be checked can't be altered.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE students_departmentlist FORCE ROW LEVEL SECURITY;
ALTER TABLE students_tagending FORCE ROW LEVEL SECURITY;
"""
UNDROPPED = Q(drop_by=None, drop_at=None)


class Migration(migrations.Migration):
    dependencies = [("schools", "0003_term_entered_late"), ("students", "0037_months_away")]

    operations = [
        migrations.AddField(
            model_name="tagending",
            name="drop_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="tagending",
            name="drop_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="tagending",
            name="kept",
            field=models.PositiveIntegerField(default=0, verbose_name="仍在其他名单上"),
        ),
        migrations.AlterField(
            model_name="tagending",
            name="status",
            field=models.CharField(
                choices=[
                    ("proposed", "待审核"),
                    ("approved", "已停止"),
                    ("refused", "已退回"),
                    ("dropped", "已随名单撤下"),
                ],
                default="proposed",
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint(model_name="tagending", name="ending_stamps"),
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="tagending",
            constraint=models.CheckConstraint(
                name="ending_stamps",
                condition=(Q(status="proposed", approve_by=None, refuse_by=None) & UNDROPPED)
                | Q(
                    UNDROPPED,
                    status="approved",
                    approve_by__isnull=False,
                    approve_at__isnull=False,
                    ends_on__isnull=False,
                    ended__isnull=False,
                    refuse_by=None,
                )
                | (
                    Q(status="refused", refuse_by__isnull=False, refuse_at__isnull=False)
                    & Q(approve_by=None)
                    & ~Q(refuse_reason="")
                    & UNDROPPED
                )
                | Q(
                    status="dropped",
                    drop_by__isnull=False,
                    drop_at__isnull=False,
                    approve_by=None,
                    refuse_by=None,
                ),
            ),
        ),
    ]
