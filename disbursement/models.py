"""Money: funds, aid cards, awards, payment batches and lines, bank returns, and the ledger (fen)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Programme, Round, Tier
from audit.moves import Move, move
from office.models import StoredFile
from privacy.fields import BlindIndexField, SealedField
from review.models import Case
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


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
    # A changed number is paid only after a second person looked at it.
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student"],
                name="card_one_per_student",
                condition=Q(status__in=("issued", "active")),
            ),
            models.UniqueConstraint(
                fields=["school", "number_blind"],
                name="card_one_student",
                condition=Q(status__in=("issued", "active")),
            ),
            models.CheckConstraint(name="card_without_fee", condition=Q(fee_fen=0)),
            models.CheckConstraint(
                name="card_second_person",
                condition=Q(checked_by=None) | ~Q(checked_by=F("registered_by")),
            ),
        ]

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


class Fund(TenantModel):
    """资金到账 for one programme and term, by its document (rows 0-04, 2-20)."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    document_no = models.CharField("拨款文号", max_length=64)
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    received_on = models.DateField("到账日期")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "programme", "term", "document_no"], name="fund_once"
            ),
            models.CheckConstraint(name="fund_positive", condition=Q(amount_fen__gt=0)),
        ]

    def __str__(self) -> str:
        return self.document_no


class Award(TenantModel):
    """资助名单: one student's entitlement to one instalment of a programme in a term."""

    class Status(models.TextChoices):
        GRANTED = "granted", "待发放"
        REVOKED = "revoked", "已取消"

    MOVES: ClassVar[tuple[Move, ...]] = (move("revoke", "取消", Status.GRANTED, Status.REVOKED),)

    student = TenantForeignKey(Student, related_name="awards")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    instalment = models.PositiveSmallIntegerField("第几次", default=1)
    round = TenantForeignKey(Round, related_name="awards")
    case = TenantForeignKey(Case, related_name="awards")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.GRANTED)
    granted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    revoke_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revoke_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "programme", "term", "instalment"], name="award_once"
            ),
            models.CheckConstraint(name="award_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="award_revoke_stamp",
                condition=Q(status="granted")
                | Q(status="revoked", revoke_at__isnull=False, revoke_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "term", "programme"], name="award_programme"),
            models.Index(fields=["school", "round"], name="award_round"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}:{self.programme_id}"


class PaymentBatch(TenantModel):
    """发放批次: draft → frozen → approved → sent → returned → closed; each step leaves its stamp.

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

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("freeze", "冻结", Status.DRAFT, Status.FROZEN),
        move("thaw", "退回编制", Status.FROZEN, Status.DRAFT),
        move("approve", "审批", Status.FROZEN, Status.APPROVED),
        move("send", "送银行", Status.APPROVED, Status.SENT),
        move("settle", "回盘", Status.SENT, Status.RETURNED),
        move("close", "结清", Status.RETURNED, Status.CLOSED),
    )

    number = models.CharField("批次号", max_length=24)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    # The batch whose failed lines this one pays again.
    follows = TenantForeignKey("self", null=True, related_name="followers")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    line_count = models.PositiveIntegerField("笔数", default=0)
    total_fen = models.PositiveBigIntegerField("金额（分）", default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    # Awards held back when it was frozen: [{"award": id, "reasons": [text, …]}].
    held = models.JSONField(default=list)
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
    # The profile chosen and the file handed to the bank.
    profile = models.CharField("银行格式", max_length=12, default="xlsx")
    bank_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="batch_number"),
            models.CheckConstraint(
                name="batch_second_person",
                condition=Q(approve_by=None)
                | (~Q(approve_by=F("freeze_by")) & ~Q(approve_by=F("drafted_by"))),
            ),
            models.CheckConstraint(
                name="batch_frozen_stamp",
                condition=Q(status="draft")
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
                condition=Q(status__in=("draft", "frozen"))
                | Q(
                    approve_by__isnull=False,
                    approve_at__isnull=False,
                    approved_hash=F("content_hash"),
                ),
            ),
            models.CheckConstraint(
                name="batch_sent_stamp",
                condition=Q(status__in=("draft", "frozen", "approved"))
                | Q(send_by__isnull=False, send_at__isnull=False, bank_file__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["school", "term", "programme"], name="batch_term")]

    def __str__(self) -> str:
        return self.number

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "draft",
        "frozen": "wait",
        "approved": "active",
        "sent": "active",
        "returned": "wait",
        "closed": "done",
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


class LedgerEntry(TenantModel):
    """One booking, append-only; its postings add up to zero (a deferred constraint checks)."""

    class Kind(models.TextChoices):
        FUND = "fund", "资金到账"
        AWARD = "award", "确定资助"
        AWARD_REVOKED = "award_revoked", "取消资助"
        SENT = "sent", "送银行"
        PAID = "paid", "到账"
        FAILED = "failed", "退汇"
        RECOVERED = "recovered", "追回"

    kind = models.CharField("事由", max_length=16, choices=Kind.choices)
    on = models.DateField("日期")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    # What caused it, so that the same cause books once: "award:12", "sent:3", "paid:3" …
    cause = models.CharField(max_length=48)
    booked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    booked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "cause"], name="ledger_cause_once")
        ]
        indexes = [models.Index(fields=["school", "on"], name="ledger_day")]

    def __str__(self) -> str:
        return self.cause


class LedgerPosting(TenantModel):
    """One side of a booking in fen: positive debits, negative credits."""

    class Account(models.TextChoices):
        RECEIVED = "received", "收到资金"
        FUND = "fund", "可用资金"
        COMMITTED = "committed", "已确定资助"
        PAYABLE = "payable", "应付学生"
        IN_TRANSIT = "in_transit", "银行在途"
        PAID = "paid", "已到账"

    entry = TenantForeignKey(LedgerEntry, related_name="postings")
    account = models.CharField("科目", max_length=12, choices=Account.choices)
    amount_fen = models.BigIntegerField("金额（分）")

    class Meta:
        constraints = [
            models.CheckConstraint(name="posting_not_zero", condition=~Q(amount_fen=0)),
            models.UniqueConstraint(fields=["school", "entry", "account"], name="posting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_fen}"
