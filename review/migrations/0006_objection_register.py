"""Objections by phone, in letters and at the board are taken down, and all are numbered."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import schools.clock

CHANNELS = [("web", "网上"), ("phone", "电话"), ("letter", "书面"), ("visit", "现场")]
# The owner is walled too (forced), so the wall is lifted while the older rows are numbered.
NUMBER = """
ALTER TABLE review_objection NO FORCE ROW LEVEL SECURITY;
UPDATE review_objection AS o
   SET serial = numbered.n, lodged_on = (o.lodged_at AT TIME ZONE 'Asia/Shanghai')::date
  FROM (SELECT id, row_number() OVER (PARTITION BY notice_id ORDER BY lodged_at, id) AS n
          FROM review_objection) AS numbered
 WHERE numbered.id = o.id;
ALTER TABLE review_objection FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0005_recognition_period"), ("schools", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="channel",
            field=models.CharField(
                choices=CHANNELS, default="web", max_length=8, verbose_name="提出方式"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="lodged_on",
            field=models.DateField(default=schools.clock.today, verbose_name="提出日期"),
        ),
        migrations.AddField(
            model_name="objection",
            name="serial",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="编号"),
        ),
        migrations.AddField(
            model_name="objection",
            name="taken_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                fields=["school", "notice", "serial"], name="objection_serial"
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                name="objection_taker",
                condition=Q(channel="web", taken_by=None)
                | (~Q(channel="web") & Q(taken_by__isnull=False)),
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                name="objection_second_person",
                condition=Q(taken_by=None)
                | Q(answered_by=None)
                | ~Q(taken_by=F("answered_by")),
            ),
        ),
    ]
