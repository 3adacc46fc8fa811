"""A person's own filters of the roster."""

import django.db.models.deletion
from django.db import migrations, models

from schools.walls import Wall

_key = {"db_index": False, "related_name": "+"}


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0004_finding")]

    operations = [
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=24, verbose_name="名称")),
                ("query", models.CharField(max_length=200)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="schools.person", **_key
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="schools.school",
                        verbose_name="学校",
                        **_key,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "person", "name"), name="filter_name_once"
                    )
                ],
            },
        ),
        Wall("SavedFilter"),
    ]
