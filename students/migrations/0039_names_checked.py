"""Whose name a list writes otherwise is marked as checked, and is open again when that changes."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import privacy.fields
import schools.tenancy
from schools.walls import Wall

# What differs is compared again by itself within the hour; only then its way of writing is known.
AGAIN = """
ALTER TABLE students_departmentlist NO FORCE ROW LEVEL SECURITY;
ALTER TABLE students_namedifference NO FORCE ROW LEVEL SECURITY;
UPDATE students_departmentlist SET compared_on = NULL
 WHERE id IN (SELECT source_list_id FROM students_namedifference);
ALTER TABLE students_namedifference FORCE ROW LEVEL SECURITY;
ALTER TABLE students_departmentlist FORCE ROW LEVEL SECURITY;
"""


def person(**facts: Any) -> Any:
    """A key to who did it."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="schools.person",
        **facts,
    )


CHECK: list[tuple[str, models.Field[Any, Any]]] = [
    (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    ),
    ("rostered", models.CharField(max_length=64)),
    ("written", privacy.fields.BlindIndexField(max_length=32)),
    ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
    (
        "status",
        models.CharField(
            choices=[("holds", "核对过"), ("recalled", "已撤回")], default="holds", max_length=12
        ),
    ),
    ("checked_at", models.DateTimeField()),
    ("recall_at", models.DateTimeField(null=True)),
    ("checked_by", person()),
    ("recall_by", person(null=True)),
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
            related_name="name_checks",
            to="students.student",
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_term_entered_late"),
        ("students", "0038_endings_go_with_their_list"),
    ]

    operations = [
        migrations.AddField(
            model_name="namedifference",
            name="written",
            field=privacy.fields.BlindIndexField(default=b"", max_length=32),
        ),
        migrations.CreateModel(
            name="NameCheck",
            fields=CHECK,
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "student", "rostered", "written"),
                        name="name_check_once",
                        condition=Q(status="holds"),
                    ),
                    models.CheckConstraint(
                        name="name_check_stamps",
                        condition=Q(status="holds", recall_by=None, recall_at=None)
                        | Q(status="recalled", recall_by__isnull=False, recall_at__isnull=False),
                    ),
                ]
            },
        ),
        Wall("NameCheck"),
        migrations.RunSQL(AGAIN, migrations.RunSQL.noop),
    ]
