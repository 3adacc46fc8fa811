"""People on lists without a matching number become questions that a person of the school answers."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import privacy.fields
import schools.tenancy
from schools.walls import Wall

STRENGTHS = [
    ("id", "身份证号一致"),
    ("name_birth", "姓名和出生日期一致"),
    ("guardian", "姓名和监护人一致"),
    ("school", "学校登记"),
]
STATUSES = [
    ("waiting", "待确认"),
    ("same", "是同一人"),
    ("different", "不是同一人"),
    ("moot", "不用再确认"),
]
CANDIDATE = [
    (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
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
        "student",
        schools.tenancy.TenantForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="candidates",
            to="students.student",
        ),
    ),
    (
        "group",
        models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="students.specialgroup",
        ),
    ),
    ("source", models.CharField(max_length=64, verbose_name="来源")),
    ("source_list_id", models.BigIntegerField()),
    ("strength", models.CharField(choices=STRENGTHS, max_length=12, verbose_name="依据")),
    ("listed_blind", privacy.fields.BlindIndexField(max_length=32)),
    (
        "listed_id",
        privacy.fields.SealedField(
            blank=True, mask="id", null=True, verbose_name="名单上的身份证号"
        ),
    ),
    ("differs", models.CharField(blank=True, max_length=64, verbose_name="不同的位")),
    ("listed_birth", models.DateField(null=True, verbose_name="名单上的出生日期")),
    ("detail", models.CharField(blank=True, max_length=64, verbose_name="说明")),
    ("likely", models.PositiveSmallIntegerField(default=1, verbose_name="相符人数")),
    ("valid_from", models.DateField(verbose_name="有效期起")),
    ("valid_to", models.DateField(null=True, verbose_name="有效期止")),
    ("found_at", models.DateTimeField()),
    ("status", models.CharField(choices=STATUSES, default="waiting", max_length=12)),
    ("how", models.CharField(blank=True, max_length=200, verbose_name="核实情况")),
    (
        "decided_by",
        models.ForeignKey(
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="schools.person",
        ),
    ),
    ("decided_at", models.DateTimeField(null=True)),
]
CONSTRAINTS = [
    models.UniqueConstraint(
        fields=("school", "student", "group", "listed_blind"), name="candidate_once"
    ),
    models.UniqueConstraint(
        condition=Q(status="same"),
        fields=("school", "group", "listed_blind"),
        name="candidate_one_same",
    ),
    models.CheckConstraint(
        condition=(
            Q(status__in=("same", "different"), decided_by__isnull=False)
            & Q(decided_at__isnull=False)
            & ~Q(how="")
        )
        | Q(status__in=("waiting", "moot"), decided_by=None, decided_at=None),
        name="candidate_decided_stamp",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0007_year_rollover")]

    operations = [
        migrations.CreateModel(
            name="MatchCandidate",
            fields=CANDIDATE,
            options={
                "constraints": CONSTRAINTS,
                "indexes": [models.Index(fields=["school", "status"], name="candidate_status")],
            },
        ),
        # A bureau's matching asks the schools.
        Wall("MatchCandidate", bureaus_write=True),
        migrations.RemoveIndex(model_name="departmentlistrow", name="list_row_identity"),
        # Who is on no roster is asked each time: rosters change after the matching.
        migrations.RemoveField(model_name="departmentlistrow", name="matches"),
        migrations.AddField(
            model_name="departmentlistrow",
            name="birth_date",
            field=models.DateField(null=True, verbose_name="出生日期"),
        ),
        migrations.AddField(
            model_name="departmentlistrow",
            name="detail",
            field=models.CharField(blank=True, max_length=64, verbose_name="说明"),
        ),
        migrations.AddField(
            model_name="departmentlistrow",
            name="guardian",
            field=privacy.fields.SealedField(
                blank=True, mask="text", null=True, verbose_name="监护人"
            ),
        ),
        migrations.AddField(
            model_name="specialgrouptag",
            name="detail",
            field=models.CharField(blank=True, max_length=64, verbose_name="说明"),
        ),
        migrations.AlterField(
            model_name="specialgrouptag",
            name="strength",
            field=models.CharField(choices=STRENGTHS, default="id", max_length=12),
        ),
    ]
