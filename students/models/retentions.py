"""That nobody's tag is to end though a newer list does not name him: said by one, with a reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.moves import Move, move
from schools.models import Person
from schools.tenancy import OrganisationModel
from students.models.groups import DepartmentList

UNREVOKED = Q(revoke_by=None, revoke_at=None, revoke_reason="")
UNDROPPED = Q(drop_by=None, drop_at=None)


class TagRetention(OrganisationModel):
    """保留标记: whom a list no longer names keeps the tag of an older one (row 4-02).

    One person is enough, since every child stays served; it can be taken back.
    """

    class Status(models.TextChoices):
        HOLDS = "holds", "已保留"
        REVOKED = "revoked", "已撤回"
        DROPPED = "dropped", "已随名单撤下"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("revoke", "撤回保留标记", Status.HOLDS, Status.REVOKED),
        # Its list was withdrawn.
        move("drop", "随名单撤下保留标记", Status.HOLDS, Status.DROPPED),
    )

    list = models.ForeignKey(DepartmentList, models.PROTECT, related_name="retentions")
    # Ids of the older lists whose tags are meant: whom one that comes later tagged is asked about.
    older = models.JSONField()
    students = models.PositiveIntegerField("学生")
    schools = models.PositiveIntegerField("学校")
    reason = models.CharField("保留原因", max_length=200)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.HOLDS)
    retained_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    retained_at = models.DateTimeField()
    revoke_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revoke_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField("撤回原因", max_length=200, blank=True)
    drop_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    drop_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list"], name="retention_one_holds", condition=Q(status="holds")
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
                | Q(UNREVOKED, status="dropped", drop_by__isnull=False, drop_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}：{self.students}人"
