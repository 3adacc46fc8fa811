"""Rounds and their windows."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models.programmes import Programme
from audit.moves import Move, move
from schools.clock import CHINA
from schools.models import Person, Term
from schools.tenancy import TenantModel


class Round(TenantModel):
    """批次: a recognition round of a year or a programme's round of a term, with its window.

    Review and disbursement hang on it from above; it knows only whether applications are open.
    """

    class Kind(models.TextChoices):
        RECOGNITION = "recognition", "家庭经济困难认定"
        PROGRAMME = "programme", "资助项目"

    class Status(models.TextChoices):
        OPEN = "open", "进行中"
        CLOSED = "closed", "已办结"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("close", "办结", Status.OPEN, Status.CLOSED),
        move("reopen", "重新打开", Status.CLOSED, Status.OPEN),
    )

    kind = models.CharField(max_length=12, choices=Kind.choices)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    # The academic year of a recognition round, written by the database (0022): one in a year.
    recognition_year = models.PositiveSmallIntegerField(null=True, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    opens_on = models.DateField("申请开始")
    # The last day on which an application may be handed in without a reason.
    closes_on = models.DateField("申请截止")
    # Working days after the first; counted again once holidays that were unknown are published.
    workdays = models.PositiveSmallIntegerField("申请期（工作日）", default=5)
    provisional = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    # None: by itself, when the term began (`AutoOpening`).
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    close_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    close_at = models.DateTimeField(null=True)
    # What people opened again is closed by people alone.
    reopen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term", "kind", "programme"],
                name="round_once",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["school", "recognition_year"], name="round_of_year_once"
            ),
            models.CheckConstraint(name="round_window", condition=Q(opens_on__lte=F("closes_on"))),
            models.CheckConstraint(
                name="round_programme",
                condition=Q(kind="recognition", programme=None)
                | Q(kind="programme", programme__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.programme_id and self.programme:
            return f"{self.programme.name} {self.term.season_label}"
        return f"家庭经济困难认定 {self.term.year_label}"

    @property
    def is_recognition(self) -> bool:
        """Whether it ends in grades rather than awards."""
        return self.kind == self.Kind.RECOGNITION

    @property
    def opened_late(self) -> bool:
        """Whether it was opened when the term's first days were over, for what was missed (0-23).

        A window that lay ahead when the round was opened was meant so.
        """
        opened_on = self.opened_at.astimezone(CHINA).date()
        return self.term.starts_on < self.opens_on <= opened_on

    @property
    def number_prefix(self) -> str:
        """What the numbers of its applications begin with: 2026-RD or 2026-1-GZZX."""
        if self.programme_id and self.programme:
            return f"{self.term.code}-{self.programme.initials}"
        return f"{self.term.year}-RD"

    STATUS_TONES: ClassVar[dict[str, str]] = {"open": "active", "closed": "done"}

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
