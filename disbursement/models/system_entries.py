"""What was entered into the national aid system, list by list (rows 0-51 and 0-52)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Programme
from audit.moves import Move, move
from schools.models import Person, Term
from schools.tenancy import TenantModel


class SystemEntry(TenantModel):
    """One time that a programme's list was entered, by one, and checked there, by another.

    `month` is the month of the term that it is for, counted from 1; 0 where the whole term is
    entered at once. Of one list the entry with the highest `number` holds. `held` says who was on
    it: {student id: amount in fen}.
    """

    class Status(models.TextChoices):
        ENTERED = "entered", "待审核"
        CHECKED = "checked", "已审核"
        REFUSED = "refused", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("check", "审核系统录入", Status.ENTERED, Status.CHECKED),
        move("refuse", "退回系统录入", Status.ENTERED, Status.REFUSED),
        move("withdraw", "撤回系统录入", Status.ENTERED, Status.WITHDRAWN),
    )

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    month = models.PositiveSmallIntegerField("第几个月")
    number = models.PositiveSmallIntegerField("第几次录入")
    people = models.PositiveIntegerField("人数")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    held = models.JSONField("名单")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ENTERED)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    check_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    check_at = models.DateTimeField(null=True)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)
    withdraw_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdraw_at = models.DateTimeField(null=True)
    answer = models.CharField("退回原因", max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "programme", "term", "month", "number"],
                name="system_entry_number",
            ),
            models.UniqueConstraint(
                fields=["school", "programme", "term", "month"],
                name="system_entry_one_waiting",
                condition=Q(status="entered"),
            ),
            models.CheckConstraint(
                name="system_entry_second_person",
                condition=(Q(check_by=None) | ~Q(check_by=F("entered_by")))
                & (Q(refuse_by=None) | ~Q(refuse_by=F("entered_by"))),
            ),
            models.CheckConstraint(
                name="system_entry_stamps",
                condition=Q(
                    Q(status="entered", check_by=None, refuse_by=None),
                    Q(check_at=None, refuse_at=None, answer=""),
                    Q(withdraw_by=None, withdraw_at=None),
                )
                | Q(
                    Q(status="checked", check_by__isnull=False, check_at__isnull=False),
                    Q(refuse_by=None, refuse_at=None, answer=""),
                    Q(withdraw_by=None, withdraw_at=None),
                )
                | (
                    Q(status="refused", refuse_by__isnull=False, refuse_at__isnull=False)
                    & Q(check_by=None, check_at=None, withdraw_by=None, withdraw_at=None)
                    & ~Q(answer="")
                )
                | Q(
                    Q(status="withdrawn", withdraw_by__isnull=False, withdraw_at__isnull=False),
                    Q(check_by=None, check_at=None, refuse_by=None, refuse_at=None, answer=""),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}:{self.term_id}:{self.month}:{self.number}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "entered": "wait",
        "checked": "done",
        "refused": "bad",
        "withdrawn": "idle",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
