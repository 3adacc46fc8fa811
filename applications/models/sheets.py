"""Workbooks of many families' forms."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from applications.models.rounds import Round
from audit.moves import Move, move
from office.models import StoredFile
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class FormSheet(TenantModel):
    """填报表: many families' paper forms typed into one workbook; staged, then entered or put away.

    What it says of the families is in the file alone and read again each time.
    """

    class Status(models.TextChoices):
        STAGED = "staged", "待确认"
        APPLIED = "applied", "已录入"
        DISCARDED = "discarded", "已放弃"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("apply", "录入", Status.STAGED, Status.APPLIED),
        move("discard", "放弃", Status.STAGED, Status.DISCARDED),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "staged": "wait",
        "applied": "done",
        "discarded": "draft",
    }

    round = TenantForeignKey(Round, related_name="form_sheets")
    # None once it was put away: nobody needs the families' words then.
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    name = models.CharField("文件名", max_length=128)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STAGED)
    families = models.PositiveIntegerField("家庭")
    errors = models.PositiveIntegerField("错误")
    # How many became drafts and how many of all were handed in at once.
    entered = models.PositiveIntegerField("录入", default=0)
    submitted = models.PositiveIntegerField("提交", default=0)
    staged_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    staged_at = models.DateTimeField()
    apply_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    apply_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="form_sheet_apply_stamp",
                condition=~Q(status="applied") | Q(apply_by__isnull=False, apply_at__isnull=False),
            ),
            models.CheckConstraint(
                name="form_sheet_file",
                condition=Q(status="discarded") | Q(file__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["school", "round", "-staged_at"], name="form_sheet_recent")]

    def __str__(self) -> str:
        return f"填报表 {self.staged_at:%Y-%m-%d}"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
