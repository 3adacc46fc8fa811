"""资助卡: who holds which card, since when, and who looked at it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from privacy.fields import BlindIndexField, SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student

LIVE_CARD = ("issued", "active")


class AidCard(TenantModel):
    """资助卡: one live card per student, one student per card; no fee (rows 0-33, 1-34)."""

    class Status(models.TextChoices):
        ISSUED = "issued", "已发放未激活"
        ACTIVE = "active", "使用中"
        LOST = "lost", "已挂失"
        CLOSED = "closed", "已停用"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("activate", "本人激活", Status.ISSUED, Status.ACTIVE),
        move("report_lost", "挂失", (Status.ISSUED, Status.ACTIVE), Status.LOST),
        move("close", "停用", (Status.ISSUED, Status.ACTIVE, Status.LOST), Status.CLOSED),
    )

    student = TenantForeignKey(Student, related_name="cards")
    number = SealedField("卡号", mask="card")
    number_blind = BlindIndexField()
    bank = models.CharField("开户行", max_length=48)
    holder = models.CharField("户名", max_length=64)
    # True when the card is the guardian's, where a programme allows it.
    guardians = models.BooleanField("监护人卡", default=False)
    fee_fen = models.PositiveIntegerField("卡费（分）", default=0)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ISSUED)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    # The card that this one corrects or stands in for; a changed number is a new row.
    replaces = TenantForeignKey("self", null=True, related_name="replaced_by")
    # Nothing is paid to a number that no second person looked at.
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    # The day on which the holder activated it at the bank (row 0-40: never many at once).
    activated_on = models.DateField("激活日期", null=True)
    activate_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    activate_at = models.DateTimeField(null=True)
    report_lost_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    report_lost_at = models.DateTimeField(null=True)
    close_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    close_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student"],
                name="card_one_per_student",
                condition=Q(status__in=LIVE_CARD),
            ),
            models.UniqueConstraint(
                fields=["school", "number_blind"],
                name="card_one_student",
                condition=Q(status__in=LIVE_CARD),
            ),
            models.CheckConstraint(name="card_without_fee", condition=Q(fee_fen=0)),
            models.CheckConstraint(
                name="card_second_person",
                condition=Q(checked_by=None) | ~Q(checked_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="card_checked_stamp",
                condition=Q(checked_by=None, checked_at=None)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="card_activate_stamp",
                condition=~Q(status="active")
                | Q(
                    activate_by__isnull=False,
                    activate_at__isnull=False,
                    activated_on__isnull=False,
                ),
            ),
        ]
        indexes = [models.Index(fields=["school", "status"], name="card_status")]

    def __str__(self) -> str:
        return f"{self.student_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "issued": "wait",
        "active": "done",
        "lost": "bad",
        "closed": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
