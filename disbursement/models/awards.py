"""Awards granted (amounts in fen)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from applications.models import Programme, Round, Tier
from audit.moves import Move, move
from review.models import Case
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


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
                fields=["school", "student", "programme", "term", "instalment"],
                name="award_once",
                # What was revoked by mistake may be granted again, with the reason.
                condition=Q(status="granted"),
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
