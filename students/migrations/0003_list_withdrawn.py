"""A wrong department list can be withdrawn by a second person, with the reason."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

STATUSES = [
    ("staged", "待比对"),
    ("matched", "已比对"),
    ("discarded", "已放弃"),
    ("withdrawn", "已撤销"),
]


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0002_walls")]

    operations = [
        migrations.AddField(
            model_name="departmentlist",
            name="withdraw_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="departmentlist",
            name="withdraw_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="departmentlist",
            name="withdraw_reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="撤销原因"),
        ),
        migrations.AlterField(
            model_name="departmentlist",
            name="status",
            field=models.CharField(choices=STATUSES, default="staged", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="departmentlist",
            constraint=models.CheckConstraint(
                name="list_withdraw_stamp",
                condition=Q(
                    ~Q(withdraw_reason=""),
                    status="withdrawn",
                    withdraw_by__isnull=False,
                    withdraw_at__isnull=False,
                )
                | (~Q(status="withdrawn") & Q(withdraw_by=None, withdraw_at=None)),
            ),
        ),
        migrations.AddConstraint(
            model_name="departmentlist",
            constraint=models.CheckConstraint(
                name="list_withdraw_second_person",
                condition=Q(withdraw_by=None) | ~Q(withdraw_by=F("match_by")),
            ),
        ),
    ]
