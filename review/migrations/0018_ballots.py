"""A blind vote of the class panel: the ballot, its slips, its figures by case, and recusals."""

import django.db.models.deletion
from django.db import migrations, models

import privacy.fields
import schools.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0017_recusal_counted"),
        ("schools", "0002_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ballot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "投票中"),
                            ("counted", "已收票"),
                            ("cancelled", "已作废"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("shows_names", models.BooleanField(default=False, verbose_name="显示申请人姓名")),
                ("opened_at", models.DateTimeField()),
                ("count_at", models.DateTimeField(null=True)),
                ("cancel_at", models.DateTimeField(null=True)),
                (
                    "cancel_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="作废原因"),
                ),
                (
                    "appraisal",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballots",
                        to="review.appraisal",
                    ),
                ),
                (
                    "cancel_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "count_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "opened_by",
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
        ),
        migrations.AddField(
            model_name="tally",
            name="ballot",
            field=schools.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tallies",
                to="review.ballot",
            ),
        ),
        migrations.CreateModel(
            name="BallotCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evidence", models.CharField(blank=True, max_length=64)),
                ("special", models.PositiveSmallIntegerField(default=0, verbose_name="特别困难")),
                ("hard", models.PositiveSmallIntegerField(default=0, verbose_name="困难")),
                ("general", models.PositiveSmallIntegerField(default=0, verbose_name="一般困难")),
                ("none", models.PositiveSmallIntegerField(default=0, verbose_name="不困难")),
                ("abstain", models.PositiveSmallIntegerField(default=0, verbose_name="弃权")),
                (
                    "ballot",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballot_cases",
                        to="review.ballot",
                    ),
                ),
                (
                    "case",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballot_cases",
                        to="review.case",
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
        ),
        migrations.CreateModel(
            name="BallotSlip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=72, verbose_name="成员")),
                (
                    "secret_blind",
                    privacy.fields.BlindIndexField(max_length=32, null=True, unique=True),
                ),
                ("voted", models.BooleanField(default=False, verbose_name="已投票")),
                (
                    "ballot",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slips",
                        to="review.ballot",
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
        ),
        migrations.CreateModel(
            name="BallotRecusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=96, verbose_name="原因")),
                (
                    "ballot_case",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="review.ballotcase",
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
                    "slip",
                    schools.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="review.ballotslip",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="ballot",
            index=models.Index(fields=["school", "appraisal"], name="ballot_appraisal"),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("school", "appraisal"),
                name="ballot_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "counted"), _negated=True),
                    models.Q(("count_at__isnull", False), ("count_by__isnull", False)),
                    _connector="OR",
                ),
                name="ballot_count_stamp",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), _negated=True),
                    models.Q(
                        ("cancel_at__isnull", False),
                        ("cancel_by__isnull", False),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="ballot_cancel_stamp",
            ),
        ),
        migrations.AddIndex(
            model_name="ballotcase",
            index=models.Index(fields=["school", "case"], name="ballotcase_case"),
        ),
        migrations.AddConstraint(
            model_name="ballotcase",
            constraint=models.UniqueConstraint(
                fields=("school", "ballot", "case"), name="ballotcase_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotslip",
            constraint=models.UniqueConstraint(
                fields=("school", "ballot", "name"), name="ballotslip_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voted", False), ("secret_blind__isnull", False), _connector="OR"
                ),
                name="ballotslip_by_secret",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotrecusal",
            constraint=models.UniqueConstraint(
                fields=("school", "slip", "ballot_case"), name="ballotrecusal_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballotrecusal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="ballotrecusal_said"
            ),
        ),
    ]
