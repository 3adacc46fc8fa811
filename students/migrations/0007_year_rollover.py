"""Classes rise once a year; those that graduated free their place and their name."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0006_roster_facts")]

    operations = [
        migrations.AddField(
            model_name="schoolclass",
            name="closed_on",
            field=models.DateField(null=True, verbose_name="毕业日期"),
        ),
        migrations.RemoveConstraint(model_name="schoolclass", name="class_name_once"),
        migrations.RemoveConstraint(model_name="schoolclass", name="class_place_once"),
        migrations.AddConstraint(
            model_name="schoolclass",
            constraint=models.UniqueConstraint(
                condition=Q(closed_on=None), fields=("school", "name"), name="class_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="schoolclass",
            constraint=models.UniqueConstraint(
                condition=Q(closed_on=None),
                fields=("school", "stage", "grade", "number"),
                name="class_place_once",
            ),
        ),
        migrations.CreateModel(
            name="YearRollover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="学年")),
                ("left_on", models.DateField(verbose_name="毕业日期")),
                ("classes", models.PositiveIntegerField(verbose_name="升级的班级")),
                ("graduated", models.PositiveIntegerField(verbose_name="毕业的学生")),
                ("done_at", models.DateTimeField()),
                (
                    "done_by",
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
                        fields=("school", "year"), name="rolled_over_once_a_year"
                    )
                ]
            },
        ),
        Wall("YearRollover"),
    ]
