"""The bank's refusal of a whole file."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from disbursement.models.batches import PaymentBatch
from office.models import StoredFile
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class BankRejection(TenantModel):
    """银行整批退回: the bank took none of a file. One person reports it, another confirms it.

    It keeps the sending that failed; confirmed, the batch may be sent again.
    """

    class Status(models.TextChoices):
        REPORTED = "reported", "待确认"
        CONFIRMED = "confirmed", "已确认"
        DISMISSED = "dismissed", "不属实"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("confirm", "确认整批退回", Status.REPORTED, Status.CONFIRMED),
        move("dismiss", "不属实", Status.REPORTED, Status.DISMISSED),
    )

    batch = TenantForeignKey(PaymentBatch, related_name="rejections")
    reason = models.CharField("银行的原因", max_length=200)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REPORTED)
    # The sending that the bank refused.
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    profile = models.CharField("银行格式", max_length=12)
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    reported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)
    dismiss_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    dismiss_at = models.DateTimeField(null=True)
    dismiss_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "batch"],
                name="rejection_one_open",
                condition=Q(status="reported"),
            ),
            models.UniqueConstraint(
                fields=["school", "batch", "file"],
                name="rejection_once_per_sending",
                condition=Q(status="confirmed"),
            ),
            models.CheckConstraint(name="rejection_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="rejection_second_person",
                condition=Q(confirm_by=None)
                | (~Q(confirm_by=F("reported_by")) & ~Q(confirm_by=F("sent_by"))),
            ),
            models.CheckConstraint(
                name="rejection_confirmed_stamp",
                condition=~Q(status="confirmed")
                | Q(confirm_by__isnull=False, confirm_at__isnull=False),
            ),
            models.CheckConstraint(
                name="rejection_dismissed_stamp",
                condition=~Q(status="dismissed")
                | Q(dismiss_by__isnull=False, dismiss_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "reported": "wait",
        "confirmed": "done",
        "dismissed": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
