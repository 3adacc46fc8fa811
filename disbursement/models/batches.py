"""Payment batches, their frozen lines and the bank's answer (amounts in fen)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Programme
from audit.moves import Move, move
from disbursement.models.awards import Award
from office.models import StoredFile
from privacy.fields import SealedField
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


class PaymentBatch(TenantModel):
    """发放批次: draft → frozen → approved → sent → returned → closed; each step leaves its stamp.

    A draft that nobody needs is discarded; it keeps its number.

    `content_hash` covers the frozen lines; the second person approves that hash, and the bank file
    is a pure function of the same lines.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "编制"
        FROZEN = "frozen", "已冻结，待审批"
        APPROVED = "approved", "已审批"
        SENT = "sent", "已送银行"
        RETURNED = "returned", "已回盘"
        CLOSED = "closed", "已结清"
        DISCARDED = "discarded", "已作废"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("freeze", "冻结", Status.DRAFT, Status.FROZEN),
        # An approved batch whose checklist fails before sending goes back, lines and all.
        move("thaw", "退回编制", (Status.FROZEN, Status.APPROVED), Status.DRAFT),
        move("approve", "审批", Status.FROZEN, Status.APPROVED),
        move("send", "送银行", Status.APPROVED, Status.SENT),
        # The bank took none of the file; a second person said so too (`BankRejection`).
        move("reject", "银行整批退回", Status.SENT, Status.APPROVED),
        move("settle", "回盘", Status.SENT, Status.RETURNED),
        move("close", "结清", Status.RETURNED, Status.CLOSED),
        # A draft nobody needs stands in the way of the one that goes back.
        move("discard", "作废", Status.DRAFT, Status.DISCARDED),
    )

    number = models.CharField("批次号", max_length=24)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    # 第几批 of this programme in this term.
    ordinal = models.PositiveSmallIntegerField("第几批", default=1)
    # Awards up to this instalment are paid (programmes paid by the month have several a term).
    instalment = models.PositiveSmallIntegerField("第几次", default=1)
    # 跨学期发放 needs a district document (row 0-38); empty for payment within the term.
    late_document = models.CharField("跨学期发放批准文号", max_length=64, blank=True)
    # The batch whose failed lines this one pays again.
    follows = TenantForeignKey("self", null=True, related_name="followers")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    line_count = models.PositiveIntegerField("笔数", default=0)
    total_fen = models.PositiveBigIntegerField("金额（分）", default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    # Awards held back when it was frozen: [{"award": id, "reasons": [{"code", "text", "mend"}]}].
    held = models.JSONField(default=list)
    # The highest award of the purse when it froze: what the batch had to pay can be counted again.
    award_mark = models.BigIntegerField(default=0)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    freeze_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    freeze_at = models.DateTimeField(null=True)
    approve_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approve_at = models.DateTimeField(null=True)
    send_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    send_at = models.DateTimeField(null=True)
    settle_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settle_at = models.DateTimeField(null=True)
    close_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    close_at = models.DateTimeField(null=True)
    discard_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    discard_at = models.DateTimeField(null=True)
    # The profile chosen and the file handed to the bank.
    profile = models.CharField("银行格式", max_length=12, default="xlsx")
    bank_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="batch_number"),
            models.UniqueConstraint(
                fields=["school", "programme", "term", "follows"],
                name="batch_one_draft",
                condition=Q(status="draft"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="batch_second_person",
                condition=Q(approve_by=None)
                | (~Q(approve_by=F("freeze_by")) & ~Q(approve_by=F("drafted_by"))),
            ),
            models.CheckConstraint(
                name="batch_frozen_stamp",
                condition=Q(status__in=("draft", "discarded"))
                | Q(
                    ~Q(content_hash=""),
                    freeze_by__isnull=False,
                    freeze_at__isnull=False,
                    line_count__gt=0,
                    total_fen__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="batch_approves_what_was_frozen",
                condition=Q(status__in=("draft", "discarded", "frozen"))
                | Q(
                    approve_by__isnull=False,
                    approve_at__isnull=False,
                    approved_hash=F("content_hash"),
                ),
            ),
            models.CheckConstraint(
                name="batch_sent_stamp",
                condition=Q(status__in=("draft", "discarded", "frozen", "approved"))
                | Q(send_by__isnull=False, send_at__isnull=False, bank_file__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_settled_stamp",
                condition=~Q(status__in=("returned", "closed"))
                | Q(settle_by__isnull=False, settle_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_closed_stamp",
                condition=~Q(status="closed") | Q(close_by__isnull=False, close_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_discarded_stamp",
                condition=~Q(status="discarded")
                | Q(discard_by__isnull=False, discard_at__isnull=False, line_count=0),
            ),
        ]
        indexes = [models.Index(fields=["school", "term", "programme"], name="batch_term")]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """国家助学金发放 第1批."""
        return f"{self.programme.name}发放 第{self.ordinal}批"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "draft",
        "frozen": "wait",
        "approved": "active",
        "sent": "active",
        "returned": "wait",
        "closed": "done",
        "discarded": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class PaymentLine(TenantModel):
    """One payment to one card, copied when the batch froze. `number` is ours and comes back."""

    class Status(models.TextChoices):
        PENDING = "pending", "待付"
        PAID = "paid", "已到账"
        FAILED = "failed", "退汇"

    batch = TenantForeignKey(PaymentBatch, related_name="lines")
    award = TenantForeignKey(Award, related_name="lines")
    student = TenantForeignKey(Student, related_name="payment_lines")
    number = models.CharField("付款编号", max_length=32)
    serial = models.PositiveIntegerField("序号")
    name = models.CharField("户名", max_length=64)
    class_name = models.CharField("班级", max_length=32)
    bank = models.CharField("开户行", max_length=48)
    card_number = SealedField("卡号", mask="card")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    bank_note = models.CharField("银行说明", max_length=96, blank=True)
    settled_on = models.DateField("到账日期", null=True)
    # The failed line that this one pays again.
    retries = TenantForeignKey("self", null=True, related_name="retried_by")

    class Meta:
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="line_number"),
            models.UniqueConstraint(fields=["school", "batch", "serial"], name="line_serial"),
            models.UniqueConstraint(
                fields=["school", "award"], name="line_live_once", condition=~Q(status="failed")
            ),
            models.UniqueConstraint(fields=["school", "retries"], name="line_retried_once"),
            models.CheckConstraint(name="line_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="line_settled_stamp",
                condition=Q(status="pending", settled_on=None)
                | Q(status="paid", settled_on__isnull=False)
                | (Q(status="failed") & ~Q(bank_note="")),
            ),
        ]
        indexes = [models.Index(fields=["school", "student"], name="line_student")]

    def __str__(self) -> str:
        return self.number

    STATUS_TONES: ClassVar[dict[str, str]] = {"pending": "active", "paid": "done", "failed": "bad"}

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class BankReturn(TenantModel):
    """银行回盘: one return file of a batch, with its control totals; the same file applies once."""

    batch = TenantForeignKey(PaymentBatch, related_name="returns")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    paid_count = models.PositiveIntegerField()
    paid_fen = models.PositiveBigIntegerField()
    failed_count = models.PositiveIntegerField()
    failed_fen = models.PositiveBigIntegerField()
    applied_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "batch"], name="return_once"),
            models.UniqueConstraint(fields=["school", "sha256"], name="return_file_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}"
