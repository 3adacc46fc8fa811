"""升班: once a year every class rises by a grade, and the last grade graduates."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear

from audit.moves import Move, move
from schools.models import Person
from schools.tenancy import TenantModel, TenantQuerySet


class InForce(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """What was taken back did not happen."""

    def get_queryset(self) -> Any:
        """Those that hold."""
        return super().get_queryset().exclude(status=YearRollover.Status.RECALLED)


class YearRollover(TenantModel):
    """That a school's classes rose into a school year; the database lets it happen once.

    Two persons may take it back while nothing was built on it; `ever` has those too.
    """

    class Status(models.TextChoices):
        DONE = "done", "已升班"
        ASKED = "asked", "待收回"
        RECALLED = "recalled", "已收回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("ask", "提请收回升班", Status.DONE, Status.ASKED),
        move("keep", "不收回升班", Status.ASKED, Status.DONE),
        move("recall", "收回升班", Status.ASKED, Status.RECALLED),
    )

    # The school year that begins: 2027 for 2027—2028.
    year = models.PositiveSmallIntegerField("学年")
    left_on = models.DateField("毕业日期")
    classes = models.PositiveIntegerField("升级的班级")
    graduated = models.PositiveIntegerField("毕业的学生")
    # [class, grade, name, name afterwards] as they were: what taking it back restores.
    before = models.JSONField(default=list)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DONE)
    recall_reason = models.CharField("收回的原因", max_length=120, blank=True)
    done_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    done_at = models.DateTimeField()
    ask_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ask_at = models.DateTimeField(null=True)
    recall_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recall_at = models.DateTimeField(null=True)

    ever: ClassVar[Any] = TenantQuerySet.as_manager()
    objects: ClassVar[Any] = InForce()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year"],
                name="rolled_over_once_a_year",
                condition=~Q(status="recalled"),
            ),
            # The last grade leaves in the spring term or the summer before the year begins.
            models.CheckConstraint(
                name="rollover_left_in_its_year", condition=Q(year=ExtractYear("left_on"))
            ),
            models.CheckConstraint(
                name="rollover_second_person",
                condition=Q(recall_by=None) | ~Q(recall_by=F("ask_by")),
            ),
            models.CheckConstraint(
                name="rollover_stamps",
                condition=Q(status="done", ask_by=None, ask_at=None, recall_by=None, recall_at=None)
                | (
                    Q(status="asked", ask_by__isnull=False, ask_at__isnull=False)
                    & Q(recall_by=None, recall_at=None)
                    & ~Q(recall_reason="")
                )
                | (
                    Q(status="recalled", ask_by__isnull=False, ask_at__isnull=False)
                    & Q(recall_by__isnull=False, recall_at__isnull=False)
                    & ~Q(recall_reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}—{self.year + 1}学年升班"
