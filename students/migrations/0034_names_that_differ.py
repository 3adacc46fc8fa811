"""Schools see whose name a list writes otherwise; a list keeps what is to be looked at in it."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import schools.tenancy
from schools.walls import Wall

DIFFERENCE: list[tuple[str, models.Field[Any, Any]]] = [
    (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    ),
    ("source", models.CharField(max_length=64, verbose_name="来源")),
    ("source_list_id", models.BigIntegerField(db_index=True)),
    ("issued_on", models.DateField(verbose_name="名单日期")),
    ("rostered", models.CharField(max_length=64)),
    ("differs", models.CharField(max_length=64, verbose_name="不同之处")),
    (
        "group",
        models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="students.specialgroup",
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
        "student",
        schools.tenancy.TenantForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="name_differences",
            to="students.student",
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("schools", "0003_term_entered_late"), ("students", "0033_arrival")]

    operations = [
        migrations.AddField(
            model_name="departmentlist",
            name="warnings",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="NameDifference",
            fields=DIFFERENCE,
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "student", "source_list_id"), name="name_difference_once"
                    )
                ]
            },
        ),
        # A bureau's matching tells the schools.
        Wall("NameDifference", bureaus_write=True),
    ]
