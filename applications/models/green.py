"""绿色通道: how a new student whose family can't pay comes to school all the same."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


class GreenEntry(TenantModel):
    """One fee of one new student, put off or waived at entry (requirement row 2-08).

    Putting off is registered by one person and settled by another; waiving needs a second one and
    ends with that. Nothing is paid here. What is wrong is voided and stays in sight: alone while
    nobody has approved or settled it, then by two.
    """

    class Kind(models.TextChoices):
        DEFER = "defer", "缓交"
        WAIVE = "waive", "减免"

    class Item(models.TextChoices):
        TUITION = "tuition", "学费"
        LODGING = "lodging", "住宿费"
        BOOKS = "books", "教材费"
        OTHER = "other", "其他费用"

    class Status(models.TextChoices):
        WAITING = "waiting", "待审核"
        ACTIVE = "active", "已办理"
        REFUSED = "refused", "未同意"
        SETTLED = "settled", "已结清"
        VOIDED = "voided", "已作废"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("approve", "同意减免", Status.WAITING, Status.ACTIVE),
        move("refuse", "不同意", Status.WAITING, Status.REFUSED),
        move("settle", "结清", Status.ACTIVE, Status.SETTLED),
        move("void", "作废", (Status.WAITING, Status.ACTIVE, Status.SETTLED), Status.VOIDED),
        # Until another confirms, what was asked to be voided counts as before.
        move("ask_void", "申请作废", Status.ACTIVE, Status.ACTIVE),
        move("ask_void", "申请作废", Status.SETTLED, Status.SETTLED),
        move("decline_void", "不同意作废", Status.ACTIVE, Status.ACTIVE),
        move("decline_void", "不同意作废", Status.SETTLED, Status.SETTLED),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "waiting": "wait",
        "active": "active",
        "refused": "bad",
        "settled": "done",
        "voided": "draft",
    }

    student = TenantForeignKey(Student, related_name="green_entries")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    kind = models.CharField("方式", max_length=8, choices=Kind.choices)
    item = models.CharField("费用", max_length=8, choices=Item.choices)
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    reason = models.CharField("原因", max_length=200)
    # The last day for a fee that was put off; a waived one has none.
    until = models.DateField("缓交到", null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    approve_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approve_at = models.DateTimeField(null=True)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)
    settle_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settle_at = models.DateTimeField(null=True)
    ask_void_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ask_void_at = models.DateTimeField(null=True)
    void_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    void_at = models.DateTimeField(null=True)
    # What is wrong with the registration: of who voided it, or asked to.
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    # Why it was refused, or how it was settled: paid, or by which grant.
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "term", "item"],
                name="green_live_once",
                condition=Q(status__in=("waiting", "active")),
            ),
            models.CheckConstraint(name="green_amount", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="green_until",
                condition=Q(kind="defer", until__isnull=False) | Q(kind="waive", until=None),
            ),
            models.CheckConstraint(
                name="green_second_person",
                condition=Q(approve_by=None) | ~Q(approve_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="green_waived_by_two",
                condition=~Q(kind="waive", status__in=("active", "settled"))
                | Q(approve_by__isnull=False, approve_at__isnull=False),
            ),
            # A waiver stays live, so that the same fee is not waived again.
            models.CheckConstraint(
                name="green_waiver_stays", condition=~Q(kind="waive", status="settled")
            ),
            models.CheckConstraint(
                name="green_settled_by_another",
                condition=Q(settle_by=None) | ~Q(settle_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="green_refused_by_another",
                condition=Q(refuse_by=None) | ~Q(refuse_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="green_settled_stamped",
                condition=~Q(status="settled")
                | Q(settle_by__isnull=False, settle_at__isnull=False),
            ),
            models.CheckConstraint(
                name="green_voided_stamped",
                condition=(
                    Q(status="voided", void_by__isnull=False, void_at__isnull=False)
                    & ~Q(void_reason="")
                )
                | (~Q(status="voided") & Q(void_by=None, void_at=None)),
            ),
            models.CheckConstraint(
                name="green_void_asked_stamped",
                condition=Q(ask_void_by=None, ask_void_at=None)
                | (
                    Q(ask_void_by__isnull=False, ask_void_at__isnull=False)
                    & Q(status__in=("active", "settled", "voided"))
                    & ~Q(void_reason="")
                ),
            ),
            models.CheckConstraint(
                name="green_voided_by_another",
                condition=Q(ask_void_by=None) | Q(void_by=None) | ~Q(void_by=F("ask_void_by")),
            ),
            models.CheckConstraint(
                name="green_decided_voided_by_two",
                condition=~Q(status="voided")
                | Q(approve_by=None, settle_by=None)
                | Q(ask_void_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["school", "term", "status"], name="green_term")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.get_item_display()}"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    @property
    def decided(self) -> bool:
        """Whether somebody else has agreed to it or settled it."""
        return self.approve_by_id is not None or self.settle_by_id is not None

    @property
    def void_asked(self) -> bool:
        """Whether somebody asks to void it and nobody has answered."""
        return self.ask_void_by_id is not None and self.status != self.Status.VOIDED
