"""The append-only ledger: entries and their postings (fen)."""

from django.db import models
from django.db.models import Q

from applications.models import Programme
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel


class LedgerEntry(TenantModel):
    """One booking, append-only; its postings add up to zero (a deferred constraint checks)."""

    class Kind(models.TextChoices):
        FUND = "fund", "资金到账"
        FUND_REVERSED = "fund_reversed", "冲销到账"
        AWARD = "award", "确定资助"
        AWARD_REVOKED = "award_revoked", "取消资助"
        SENT = "sent", "送银行"
        REJECTED = "rejected", "银行整批退回"
        PAID = "paid", "到账"
        FAILED = "failed", "退汇"
        RECOVERED = "recovered", "追回"

    kind = models.CharField("事由", max_length=16, choices=Kind.choices)
    on = models.DateField("日期")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    # What caused it, so that the same cause books once: "fund:1", "award:12", "sent:3", "paid:3" …
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
        COMMITTED = "committed", "已确定未到账"
        PAYABLE = "payable", "应付学生"
        IN_TRANSIT = "in_transit", "银行在途"
        PAID = "paid", "已到账"
        RECOVERED = "recovered", "已追回"

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
