"""A newer list ends tags after a second look; where those are who stand on no roster is kept."""

import django.db.models.deletion
from django.db import migrations, models

import privacy.fields
from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0009_approved_roll"),
    ]

    operations = [
        migrations.CreateModel(
            name="TagEnding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tags", models.JSONField()),
                ("students", models.PositiveIntegerField(verbose_name="学生")),
                ("schools", models.PositiveIntegerField(verbose_name="学校")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待审核"),
                            ("approved", "已停止"),
                            ("refused", "已退回"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("approve_at", models.DateTimeField(null=True)),
                ("ends_on", models.DateField(null=True, verbose_name="有效期止")),
                ("ended", models.PositiveIntegerField(null=True, verbose_name="停止标记")),
                ("refuse_at", models.DateTimeField(null=True)),
                (
                    "refuse_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="退回原因"),
                ),
                (
                    "approve_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endings",
                        to="students.departmentlist",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.organisation",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "refuse_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("list",),
                        name="ending_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approve_by", None),
                            models.Q(("approve_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="ending_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approve_by", None), ("refuse_by", None), ("status", "proposed")
                            ),
                            models.Q(
                                ("approve_at__isnull", False),
                                ("approve_by__isnull", False),
                                ("ended__isnull", False),
                                ("ends_on__isnull", False),
                                ("refuse_by", None),
                                ("status", "approved"),
                            ),
                            models.Q(
                                ("refuse_at__isnull", False),
                                ("refuse_by__isnull", False),
                                ("status", "refused"),
                                ("approve_by", None),
                                models.Q(("refuse_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ending_stamps",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Whereabouts",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_blind", privacy.fields.BlindIndexField(max_length=32)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("elsewhere", "在外地就读"),
                            ("roster", "在校，名册待更正"),
                            ("dropped_out", "失学，劝返中"),
                            ("returned", "已劝返入学"),
                            ("young", "未到入学年龄"),
                            ("finished", "已毕业"),
                            ("unable", "因病因残未入学，送教或缓学"),
                            ("moved", "已迁出"),
                            ("dead", "死亡"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="去向",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("recorded_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.organisation",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "person_blind"), name="whereabouts_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "other"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="whereabouts_other_told",
                    ),
                ],
            },
        ),
        Wall("TagEnding", "organisation_id"),
        Wall("Whereabouts", "organisation_id"),
    ]
