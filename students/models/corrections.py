"""更正证件: who a student is said to be was wrong or provisional; two people put it right."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from privacy.fields import SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.roster import Student


class IdentityCorrection(TenantModel):
    """One correction of a student's document, name, birth date, sex or enrolment number.

    What stood there and what shall stand there stay, sealed, as
    `students.rules.corrections.Identity` packs them; the number before is never lost.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        SIGNED = "signed", "已更正"
        REFUSED = "refused", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("sign", "同意更正", Status.PROPOSED, Status.SIGNED),
        move("refuse", "退回", Status.PROPOSED, Status.REFUSED),
        move("withdraw", "撤回", Status.PROPOSED, Status.WITHDRAWN),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "proposed": "wait",
        "signed": "done",
        "refused": "bad",
        "withdrawn": "draft",
    }

    student = TenantForeignKey(Student, related_name="corrections")
    before = SealedField("原来的证件信息", mask="text")
    after = SealedField("更正后的证件信息", mask="text")
    # Names of the fields that differ, which are no secret.
    fields = models.JSONField("更正的项目", default=list)
    # The two halves of one exchange of numbers share it; they are answered together.
    pair = models.UUIDField(null=True)
    reason = models.CharField("依据", max_length=120)
    answer = models.CharField("退回原因", max_length=120, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    sign_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sign_at = models.DateTimeField(null=True)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student"],
                name="correction_open_once",
                condition=Q(status="proposed"),
            ),
            models.CheckConstraint(
                name="correction_second_person",
                condition=(Q(sign_by=None) | ~Q(sign_by=F("proposed_by")))
                & (Q(refuse_by=None) | ~Q(refuse_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="correction_stamps",
                condition=(
                    Q(status="signed", sign_at__isnull=False, sign_by__isnull=False)
                    | (~Q(status="signed") & Q(sign_at=None, sign_by=None))
                )
                & (
                    (
                        Q(status="refused", refuse_at__isnull=False, refuse_by__isnull=False)
                        & ~Q(answer="")
                    )
                    | (~Q(status="refused") & Q(refuse_at=None, refuse_by=None))
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-proposed_at"], name="correction_recent"),
            models.Index(fields=["school", "student"], name="correction_student"),
            models.Index(
                fields=["school", "pair"],
                name="correction_pair",
                condition=Q(pair__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"更正证件 {self.proposed_at:%Y-%m-%d}"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
