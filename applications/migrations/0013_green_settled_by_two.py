"""A waived fee stays waived, and what was put off is settled by another than who registered it."""

from django.db import migrations, models
from django.db.models import F, Q

# What was settled against this is open again. Of one fee only one entry can be open: one that is
# open already, else the waiver that was agreed to, else the first. The others end, and say so.
# The owner is walled too (forced), so the wall is lifted while the older rows are mended.
MEND = """
ALTER TABLE applications_greenentry NO FORCE ROW LEVEL SECURITY;
UPDATE applications_greenentry AS g
   SET status = CASE WHEN wrong.opens THEN 'active' ELSE 'refused' END,
       note = CASE WHEN NOT wrong.opens THEN '同一费用另有登记'
                   WHEN g.kind = 'waive' THEN ''
                   ELSE left('登记的人曾自己结清，待另一人核实：' || g.note, 200) END,
       settle_by_id = NULL,
       settle_at = NULL
  FROM (SELECT w.id,
               row_number() OVER (PARTITION BY w.school_id, w.student_id, w.term_id, w.item
                                  ORDER BY w.kind = 'waive' DESC, w.registered_at, w.id) = 1
               AND NOT EXISTS (SELECT 1 FROM applications_greenentry o
                                WHERE o.school_id = w.school_id AND o.student_id = w.student_id
                                  AND o.term_id = w.term_id AND o.item = w.item
                                  AND o.status IN ('waiting', 'active')) AS opens
          FROM applications_greenentry w
         WHERE w.status = 'settled'
           AND (w.kind = 'waive' OR w.settle_by_id = w.registered_by_id)) AS wrong
 WHERE wrong.id = g.id;
ALTER TABLE applications_greenentry FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0012_green_waits")]

    operations = [
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="greenentry",
            constraint=models.CheckConstraint(
                name="green_waiver_stays", condition=~Q(kind="waive", status="settled")
            ),
        ),
        migrations.AddConstraint(
            model_name="greenentry",
            constraint=models.CheckConstraint(
                name="green_settled_by_another",
                condition=Q(settle_by=None) | ~Q(settle_by=F("registered_by")),
            ),
        ),
    ]
