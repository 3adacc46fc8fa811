"""转学 between two schools of the system: proposed and signed by one, accepted by the other."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from privacy.fields import SealedField
from schools.models import Person, School
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.roster import Student


class Transfer(TenantModel):
    """A student on the way from `school` to `to_school`.

    It is the only row of a school that another school reads, and only once it is signed; what the
    other may change is its answer (walls in the migration).
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        SIGNED = "signed", "待接收"
        ACCEPTED = "accepted", "已接收"
        DECLINED = "declined", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("sign", "同意转出", Status.PROPOSED, Status.SIGNED),
        move("withdraw", "撤回", Status.PROPOSED, Status.WITHDRAWN),
        move("accept", "接收", Status.SIGNED, Status.ACCEPTED),
        move("decline", "退回", Status.SIGNED, Status.DECLINED),
    )
    OPEN: ClassVar[tuple[str, ...]] = ("proposed", "signed")

    student = TenantForeignKey(Student, related_name="transfers")
    to_school = models.ForeignKey(
        School, models.PROTECT, related_name="+", db_index=False, verbose_name="转入学校"
    )
    name = models.CharField("姓名", max_length=64)
    on = models.DateField("转出日期")
    # Of who was suspended when he left: no month after it is this school's to pay.
    away_since = models.DateField("在原校休学的日期", null=True)
    reason = models.CharField("原因", max_length=120)
    # What goes with the student, as JSON; packed when the transfer is signed.
    papers = SealedField("移交的学籍信息", mask="text")
    answer = models.CharField("退回原因", max_length=120, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    sign_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sign_at = models.DateTimeField(null=True)
    accept_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    accept_at = models.DateTimeField(null=True)
    decline_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decline_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student"],
                name="transfer_open_once",
                condition=Q(status__in=("proposed", "signed")),
            ),
            models.CheckConstraint(
                name="transfer_two_schools", condition=~Q(to_school=F("school"))
            ),
            models.CheckConstraint(
                name="transfer_away", condition=Q(away_since=None) | Q(away_since__lte=F("on"))
            ),
            models.CheckConstraint(
                name="transfer_second_person",
                condition=Q(sign_by=None) | ~Q(sign_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="transfer_stamps",
                condition=(
                    Q(status__in=("proposed", "withdrawn"), sign_at=None, sign_by=None)
                    | Q(
                        status__in=("signed", "accepted", "declined"),
                        sign_at__isnull=False,
                        sign_by__isnull=False,
                    )
                )
                & (
                    Q(status="accepted", accept_at__isnull=False, accept_by__isnull=False)
                    | (~Q(status="accepted") & Q(accept_at=None, accept_by=None))
                )
                & (
                    (
                        Q(status="declined", decline_at__isnull=False, decline_by__isnull=False)
                        & ~Q(answer="")
                    )
                    | (~Q(status="declined") & Q(decline_at=None, decline_by=None))
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "-proposed_at"], name="transfer_out"),
            models.Index(fields=["to_school", "status"], name="transfer_in"),
        ]

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "proposed": "wait",
        "signed": "active",
        "accepted": "done",
        "declined": "bad",
        "withdrawn": "draft",
    }

    def __str__(self) -> str:
        return f"{self.name}转学"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
