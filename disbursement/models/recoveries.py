"""Money that is asked back after it was paid (amounts in fen)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from disbursement.models.awards import Award
from disbursement.models.batches import PaymentLine
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class Recovery(TenantModel):
    """追回 of a payment found unjust (row 2-22): one asks, another decides, money returns."""

    class Status(models.TextChoices):
        ASKED = "asked", "待确认"
        CLAIMED = "claimed", "追回中"
        RETURNED = "returned", "已追回"
        DISMISSED = "dismissed", "不予追回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("confirm", "决定追回", Status.ASKED, Status.CLAIMED),
        move("dismiss", "不予追回", Status.ASKED, Status.DISMISSED),
        move("settle", "登记追回到账", Status.CLAIMED, Status.RETURNED),
    )

    award = TenantForeignKey(Award, related_name="recoveries")
    line = TenantForeignKey(PaymentLine, related_name="recoveries")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    reason = models.CharField("原因", max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)
    dismiss_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    dismiss_at = models.DateTimeField(null=True)
    dismiss_reason = models.CharField(max_length=200, blank=True)
    settle_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settle_at = models.DateTimeField(null=True)
    returned_on = models.DateField("追回到账日期", null=True)
    voucher = models.CharField("凭证号", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "line"],
                name="recovery_once",
                condition=~Q(status="dismissed"),
            ),
            models.CheckConstraint(name="recovery_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="recovery_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="recovery_second_person",
                condition=Q(confirm_by=None) | ~Q(confirm_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="recovery_claimed_stamp",
                condition=~Q(status__in=("claimed", "returned"))
                | Q(confirm_by__isnull=False, confirm_at__isnull=False),
            ),
            models.CheckConstraint(
                name="recovery_returned_stamp",
                condition=~Q(status="returned")
                | (
                    Q(settle_by__isnull=False, settle_at__isnull=False, returned_on__isnull=False)
                    & ~Q(voucher="")
                ),
            ),
            models.CheckConstraint(
                name="recovery_dismissed_stamp",
                condition=~Q(status="dismissed")
                | Q(dismiss_by__isnull=False, dismiss_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["school", "award"], name="recovery_award")]

    def __str__(self) -> str:
        return f"{self.line_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "asked": "wait",
        "claimed": "bad",
        "returned": "done",
        "dismissed": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
