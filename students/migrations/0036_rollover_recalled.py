"""升班 that was a mistake is taken back by two persons, while nothing was built on it."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_term_entered_late"),
        ("students", "0035_approval_of_each_teacher"),
    ]

    operations = [
        migrations.AlterModelManagers(
            name="yearrollover",
            managers=[
                ("ever", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="yearrollover",
            name="rolled_over_once_a_year",
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="ask_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="ask_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="before",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="recall_reason",
            field=models.CharField(blank=True, max_length=120, verbose_name="收回的原因"),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="recall_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="recall_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="yearrollover",
            name="status",
            field=models.CharField(
                choices=[("done", "已升班"), ("asked", "待收回"), ("recalled", "已收回")],
                default="done",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="yearrollover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "recalled"), _negated=True),
                fields=("school", "year"),
                name="rolled_over_once_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearrollover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recall_by", None),
                    models.Q(("recall_by", models.F("ask_by")), _negated=True),
                    _connector="OR",
                ),
                name="rollover_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearrollover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ask_at", None),
                        ("ask_by", None),
                        ("recall_at", None),
                        ("recall_by", None),
                        ("status", "done"),
                    ),
                    models.Q(
                        ("ask_at__isnull", False),
                        ("ask_by__isnull", False),
                        ("status", "asked"),
                        ("recall_at", None),
                        ("recall_by", None),
                        models.Q(("recall_reason", ""), _negated=True),
                    ),
                    models.Q(
                        ("ask_at__isnull", False),
                        ("ask_by__isnull", False),
                        ("status", "recalled"),
                        ("recall_at__isnull", False),
                        ("recall_by__isnull", False),
                        models.Q(("recall_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rollover_stamps",
            ),
        ),
    ]
