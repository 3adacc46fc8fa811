"""Recusals for one case: in a class panel, and in a meeting with a vote of its own."""

import django.db.models.deletion
import schools.tenancy
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0012_bureau_schemes"),
        ("schools", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseRecusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=96, verbose_name="原因")),
                ("recorded_at", models.DateTimeField()),
                (
                    "case",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="review.case",
                    ),
                ),
                (
                    "meeting",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="review.meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "meeting", "case", "person"), name="caserecusal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="caserecusal_said"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseVote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("votes_for", models.PositiveSmallIntegerField(verbose_name="同意")),
                ("votes_against", models.PositiveSmallIntegerField(verbose_name="反对")),
                ("votes_abstain", models.PositiveSmallIntegerField(verbose_name="弃权")),
                (
                    "case",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="review.case",
                    ),
                ),
                (
                    "meeting",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_votes",
                        to="review.meeting",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "meeting", "case"), name="casevote_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TallyRecusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="回避成员")),
                ("reason", models.CharField(max_length=96, verbose_name="原因")),
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
                    "tally",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recusals",
                        to="review.tally",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "tally", "name"), name="tallyrecusal_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="tallyrecusal_said",
                    ),
                ],
            },
        ),
    ]
