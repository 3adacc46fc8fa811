"""更正证件: what stood on the roster and what shall stand there, sealed, and who signed it."""

import django.db.models.deletion
from django.db import migrations, models

import privacy.fields
import schools.tenancy
from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0013_identity_question"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "before",
                    privacy.fields.SealedField(
                        blank=True, mask="text", null=True, verbose_name="原来的证件信息"
                    ),
                ),
                (
                    "after",
                    privacy.fields.SealedField(
                        blank=True, mask="text", null=True, verbose_name="更正后的证件信息"
                    ),
                ),
                ("fields", models.JSONField(default=list, verbose_name="更正的项目")),
                ("reason", models.CharField(max_length=120, verbose_name="依据")),
                ("answer", models.CharField(blank=True, max_length=120, verbose_name="退回原因")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待审核"),
                            ("signed", "已更正"),
                            ("refused", "已退回"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("sign_at", models.DateTimeField(null=True)),
                ("refuse_at", models.DateTimeField(null=True)),
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
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="学校",
                    ),
                ),
                (
                    "sign_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "student",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="students.student",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(fields=["school", "-proposed_at"], name="correction_recent"),
                    models.Index(fields=["school", "student"], name="correction_student"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("school", "student"),
                        name="correction_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("sign_by", None),
                                models.Q(("sign_by", models.F("proposed_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("refuse_by", None),
                                models.Q(("refuse_by", models.F("proposed_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="correction_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("sign_at__isnull", False),
                                    ("sign_by__isnull", False),
                                    ("status", "signed"),
                                ),
                                models.Q(
                                    models.Q(("status", "signed"), _negated=True),
                                    ("sign_at", None),
                                    ("sign_by", None),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("refuse_at__isnull", False),
                                    ("refuse_by__isnull", False),
                                    ("status", "refused"),
                                    models.Q(("answer", ""), _negated=True),
                                ),
                                models.Q(
                                    models.Q(("status", "refused"), _negated=True),
                                    ("refuse_at", None),
                                    ("refuse_by", None),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="correction_stamps",
                    ),
                ],
            },
        ),
        Wall("IdentityCorrection"),
    ]
