"""Funds received (amounts in fen)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Programme
from audit.moves import Move, move
from schools.models import Person, Term
from schools.tenancy import TenantModel


class Fund(TenantModel):
    """资金到账 for one programme and term, by its document (rows 0-04, 2-20).

    One person records it, another confirms it, and only then is it booked. What was mistyped is
    discarded before it is confirmed and reversed afterwards, by two persons again.
    """

    class Status(models.TextChoices):
        RECORDED = "recorded", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DOUBTED = "doubted", "待冲销"
        REVERSED = "reversed", "已冲销"
        DISCARDED = "discarded", "已作废"

    # What the ledger holds.
    BOOKED: ClassVar[tuple[str, ...]] = ("confirmed", "doubted")

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("confirm", "确认到账", Status.RECORDED, Status.CONFIRMED),
        move("discard", "作废", Status.RECORDED, Status.DISCARDED),
        move("doubt", "申请冲销", Status.CONFIRMED, Status.DOUBTED),
        move("keep", "不予冲销", Status.DOUBTED, Status.CONFIRMED),
        move("reverse", "冲销", Status.DOUBTED, Status.REVERSED),
    )

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    document_no = models.CharField("拨款文号", max_length=64)
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    received_on = models.DateField("到账日期")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECORDED)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)
    discard_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    discard_at = models.DateTimeField(null=True)
    doubt_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    doubt_at = models.DateTimeField(null=True)
    reverse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reverse_at = models.DateTimeField(null=True)
    # Why it was discarded, or why its reversal was asked for.
    back_reason = models.CharField("原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "programme", "term", "document_no"],
                name="fund_once",
                # What was taken back may be recorded again, rightly.
                condition=~Q(status__in=("discarded", "reversed")),
            ),
            models.CheckConstraint(name="fund_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="fund_second_person",
                condition=Q(confirm_by=None) | ~Q(confirm_by=F("recorded_by")),
            ),
            models.CheckConstraint(
                name="fund_confirmed_stamp",
                condition=Q(status__in=("recorded", "discarded"))
                | Q(confirm_by__isnull=False, confirm_at__isnull=False),
            ),
            models.CheckConstraint(
                name="fund_discarded_stamp",
                condition=~Q(status="discarded")
                | (Q(discard_by__isnull=False, discard_at__isnull=False) & ~Q(back_reason="")),
            ),
            models.CheckConstraint(
                name="fund_doubted_stamp",
                condition=~Q(status__in=("doubted", "reversed"))
                | (Q(doubt_by__isnull=False, doubt_at__isnull=False) & ~Q(back_reason="")),
            ),
            models.CheckConstraint(
                name="fund_reversed_stamp",
                condition=~Q(status="reversed")
                | (
                    Q(reverse_by__isnull=False, reverse_at__isnull=False)
                    & ~Q(reverse_by=F("doubt_by"))
                    & ~Q(reverse_by=F("recorded_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.document_no

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "recorded": "wait",
        "confirmed": "done",
        "doubted": "wait",
        "reversed": "draft",
        "discarded": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
