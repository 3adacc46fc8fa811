"""公示影像: photographs of the posted notice."""

import django.db.models.deletion
from django.db import migrations, models

import schools.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0002_walls"),
        ("review", "0006_objection_register"),
        ("schools", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostingPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("posted_on", models.DateField(verbose_name="张贴日期")),
                ("place", models.CharField(max_length=48, verbose_name="张贴地点")),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "removal_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤下原因"),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="office.storedfile",
                    ),
                ),
                (
                    "notice",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="review.notice",
                    ),
                ),
                (
                    "removed_by",
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
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["school", "notice"],
                        name="posting_photo_kept",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("school", "file"), name="posting_photo_file"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("removal_reason", ""), ("removed_at", None), ("removed_by", None)
                            ),
                            models.Q(
                                ("removed_at__isnull", False),
                                ("removed_by__isnull", False),
                                models.Q(("removal_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="posting_photo_removal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at", None),
                            ("removed_at__gte", models.F("added_at")),
                            _connector="OR",
                        ),
                        name="posting_photo_order",
                    ),
                ],
            },
        ),
    ]
