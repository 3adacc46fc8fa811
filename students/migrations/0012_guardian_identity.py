"""Who the guardians are, whose telephone is whose, and what was said about risks."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import privacy.fields
import schools.tenancy
from privacy.fields import blind_phone
from schools.walls import Wall


def fill(apps: Any, schema_editor: Any) -> None:
    """Telephones that are there already get their blind index, school by school."""
    alias = schema_editor.connection.alias
    schools = apps.get_model("schools", "School").objects.using(alias)
    for school_id in list(schools.values_list("pk", flat=True)):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school_id)])
        for name in ("Student", "Guardian"):
            rows = apps.get_model("students", name).objects.using(alias).filter(school_id=school_id)
            for row in list(rows.filter(phone__isnull=False).only("school_id", "phone")):
                rows.filter(pk=row.pk).update(phone_blind=blind_phone(row.phone.reveal()))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aid.scope', '', true)")


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0002_walls"),
        ("students", "0011_transfer"),
    ]

    operations = [
        migrations.CreateModel(
            name="HeadCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="清点日期")),
                ("present", models.PositiveSmallIntegerField(verbose_name="实到人数")),
                ("excused", models.PositiveSmallIntegerField(default=0, verbose_name="请假人数")),
                ("rostered", models.PositiveSmallIntegerField(verbose_name="名册在校人数")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("counted_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RiskAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=24, verbose_name="风险")),
                ("facts", models.CharField(max_length=64, verbose_name="事实指纹")),
                ("how", models.CharField(max_length=200, verbose_name="核实情况")),
                ("answered_at", models.DateTimeField()),
                ("reopened_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="guardian",
            name="id_blind",
            field=privacy.fields.BlindIndexField(max_length=32, null=True, of="id_number"),
        ),
        migrations.AddField(
            model_name="guardian",
            name="id_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("resident", "居民身份证"),
                    ("residence", "港澳台居民居住证"),
                    ("permit", "港澳台居民通行证"),
                    ("passport", "护照"),
                    ("none", "无证件"),
                ],
                max_length=12,
                verbose_name="证件类型",
            ),
        ),
        migrations.AddField(
            model_name="guardian",
            name="id_number",
            field=privacy.fields.SealedField(
                blank=True, mask="id", null=True, verbose_name="证件号码"
            ),
        ),
        migrations.AddField(
            model_name="guardian",
            name="phone_blind",
            field=privacy.fields.BlindIndexField(max_length=32, null=True, of="phone"),
        ),
        migrations.AddField(
            model_name="student",
            name="phone_blind",
            field=privacy.fields.BlindIndexField(max_length=32, null=True, of="phone"),
        ),
        migrations.AddIndex(
            model_name="guardian",
            index=models.Index(
                condition=models.Q(("phone_blind__isnull", False)),
                fields=["school", "phone_blind"],
                name="guardian_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="guardian",
            index=models.Index(
                condition=models.Q(("id_blind__isnull", False)),
                fields=["id_blind"],
                name="guardian_identity",
            ),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(
                condition=models.Q(("phone_blind__isnull", False)),
                fields=["school", "phone_blind"],
                name="student_phone",
            ),
        ),
        migrations.AddField(
            model_name="headcount",
            name="counted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.person"
            ),
        ),
        migrations.AddField(
            model_name="headcount",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="学校",
            ),
        ),
        migrations.AddField(
            model_name="headcount",
            name="school_class",
            field=schools.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="head_counts",
                to="students.schoolclass",
            ),
        ),
        migrations.AddField(
            model_name="riskanswer",
            name="answered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.person"
            ),
        ),
        migrations.AddField(
            model_name="riskanswer",
            name="reopened_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="riskanswer",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.school",
                verbose_name="学校",
            ),
        ),
        migrations.AddField(
            model_name="riskanswer",
            name="school_class",
            field=schools.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="students.schoolclass",
            ),
        ),
        migrations.AddField(
            model_name="riskanswer",
            name="student",
            field=schools.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="students.student",
            ),
        ),
        migrations.AddIndex(
            model_name="headcount",
            index=models.Index(
                fields=["school", "school_class", "-on", "-id"], name="head_count_recent"
            ),
        ),
        migrations.AddConstraint(
            model_name="riskanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reopened_at", None)),
                fields=("school", "kind", "student", "school_class", "facts"),
                name="risk_answered_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="riskanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("school_class__isnull", False), ("student", None)),
                    models.Q(("school_class", None), ("student__isnull", False)),
                    _connector="OR",
                ),
                name="risk_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reopened_at", None), ("reopened_by", None)),
                    models.Q(
                        ("reopened_at__isnull", False),
                        ("reopened_by__isnull", False),
                        models.Q(("reopened_by", models.F("answered_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="risk_reopened_stamp",
            ),
        ),
        Wall("RiskAnswer"),
        Wall("HeadCount"),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
