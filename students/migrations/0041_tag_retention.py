"""That all whom a newer list no longer names keep their tags is said by one person, with a reason."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from schools.walls import Wall

UNREVOKED = Q(revoke_by=None, revoke_at=None, revoke_reason="")
UNDROPPED = Q(drop_by=None, drop_at=None)


def key(to: str, related_name: str = "+", **facts: Any) -> Any:
    """A key to a row that stays."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, **facts
    )


RETENTION: list[tuple[str, models.Field[Any, Any]]] = [
    (
        "id",
        models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        ),
    ),
    ("older", models.JSONField()),
    ("students", models.PositiveIntegerField(verbose_name="学生")),
    ("schools", models.PositiveIntegerField(verbose_name="学校")),
    ("reason", models.CharField(max_length=200, verbose_name="保留原因")),
    (
        "status",
        models.CharField(
            choices=[("holds", "已保留"), ("revoked", "已撤回"), ("dropped", "已随名单撤下")],
            default="holds",
            max_length=12,
        ),
    ),
    ("retained_at", models.DateTimeField()),
    ("revoke_at", models.DateTimeField(null=True)),
    ("revoke_reason", models.CharField(blank=True, max_length=200, verbose_name="撤回原因")),
    ("drop_at", models.DateTimeField(null=True)),
    ("drop_by", key("schools.person", null=True)),
    ("list", key("students.departmentlist", "retentions")),
    ("organisation", key("schools.organisation", db_index=False)),
    ("retained_by", key("schools.person")),
    ("revoke_by", key("schools.person", null=True)),
]


class Migration(migrations.Migration):
    dependencies = [("schools", "0003_term_entered_late"), ("students", "0040_transfer_days")]

    operations = [
        migrations.CreateModel(
            name="TagRetention",
            fields=RETENTION,
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("list",), name="retention_one_holds", condition=Q(status="holds")
                    ),
                    models.CheckConstraint(name="retention_said_why", condition=~Q(reason="")),
                    models.CheckConstraint(
                        name="retention_stamps",
                        condition=Q(UNREVOKED, UNDROPPED, status="holds")
                        | (
                            Q(UNDROPPED, status="revoked", revoke_by__isnull=False)
                            & Q(revoke_at__isnull=False)
                            & ~Q(revoke_reason="")
                        )
                        | Q(
                            UNREVOKED,
                            status="dropped",
                            drop_by__isnull=False,
                            drop_at__isnull=False,
                        ),
                    ),
                ]
            },
        ),
        Wall("TagRetention", "organisation_id"),
    ]
