"""Whose tags end because a newer list no longer names them: proposed, then reviewed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from schools.models import Person
from schools.tenancy import OrganisationModel
from students.models.groups import DepartmentList

UNDROPPED = Q(drop_by=None, drop_at=None)


class TagEnding(OrganisationModel):
    """停止标记: the tags that end with a list's next version, seen by two people (row 4-02)."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        APPROVED = "approved", "已停止"
        REFUSED = "refused", "已退回"
        DROPPED = "dropped", "已随名单撤下"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("approve", "审核停止标记", Status.PROPOSED, Status.APPROVED),
        move("refuse", "退回停止标记", Status.PROPOSED, Status.REFUSED),
        # Its list was withdrawn.
        move("drop", "随名单撤下停止标记", Status.PROPOSED, Status.DROPPED),
    )

    list = models.ForeignKey(DepartmentList, models.PROTECT, related_name="endings")
    # Ids of tags, which live with the schools; exactly these were seen.
    tags = models.JSONField()
    students = models.PositiveIntegerField("学生")
    schools = models.PositiveIntegerField("学校")
    note = models.CharField("说明", max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approve_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approve_at = models.DateTimeField(null=True)
    ends_on = models.DateField("有效期止", null=True)
    ended = models.PositiveIntegerField("停止标记", null=True)
    # Of these, students whom another bureau's list in force goes on tagging.
    kept = models.PositiveIntegerField("仍在其他名单上", default=0)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)
    refuse_reason = models.CharField("退回原因", max_length=200, blank=True)
    drop_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    drop_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list"], name="ending_one_open", condition=Q(status="proposed")
            ),
            models.CheckConstraint(
                name="ending_second_person",
                condition=Q(approve_by=None) | ~Q(approve_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="ending_stamps",
                condition=(Q(status="proposed", approve_by=None, refuse_by=None) & UNDROPPED)
                | Q(
                    UNDROPPED,
                    status="approved",
                    approve_by__isnull=False,
                    approve_at__isnull=False,
                    ends_on__isnull=False,
                    ended__isnull=False,
                    refuse_by=None,
                )
                | (
                    Q(status="refused", refuse_by__isnull=False, refuse_at__isnull=False)
                    & Q(approve_by=None)
                    & ~Q(refuse_reason="")
                    & UNDROPPED
                )
                | Q(
                    status="dropped",
                    drop_by__isnull=False,
                    drop_at__isnull=False,
                    approve_by=None,
                    refuse_by=None,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}：{self.students}人"
