"""The leading group's meetings and what they decide for a year."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Grade, Round
from audit.moves import Move, move
from review.models.cases import Case
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


class Meeting(TenantModel):
    """领导小组会议 that decides the cases of a round (requirement rows 0-27, 0-28)."""

    class Status(models.TextChoices):
        PLANNED = "planned", "待召开"
        DECIDED = "decided", "已审定"
        CONFIRMED = "confirmed", "已确认"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("decide", "审定", Status.PLANNED, Status.DECIDED),
        move("confirm", "复核确认", Status.DECIDED, Status.CONFIRMED),
        move("reopen", "退回重议", Status.DECIDED, Status.PLANNED),
    )

    round = TenantForeignKey(Round, related_name="meetings")
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=48)
    topic = models.CharField("议题", max_length=96)
    chair = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="主持人")
    recorder = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="记录人")
    votes_for = models.PositiveSmallIntegerField("同意", default=0)
    votes_against = models.PositiveSmallIntegerField("反对", default=0)
    votes_abstain = models.PositiveSmallIntegerField("弃权", default=0)
    resolution = models.TextField("决议", blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PLANNED)
    decide_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decide_at = models.DateTimeField(null=True)
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="meeting_second_person",
                condition=~Q(status="confirmed")
                | (Q(confirm_by__isnull=False) & ~Q(confirm_by=F("decide_by"))),
            )
        ]
        indexes = [models.Index(fields=["school", "round"], name="meeting_round")]

    def __str__(self) -> str:
        return self.topic

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "planned": "wait",
        "decided": "active",
        "confirmed": "done",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class Attendance(TenantModel):
    """Whether a member of the leading group came, and for which student he or she withdrew."""

    meeting = TenantForeignKey(Meeting, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    duty = models.CharField("职务", max_length=32)
    present = models.BooleanField("到会", default=False)
    # 回避 (row 1-46): the reason; empty when the member took part in everything.
    recusal = models.CharField("回避", max_length=96, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "meeting", "person"], name="attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Recognition(TenantModel):
    """认定结果 of a student for an academic year; a change adds a row and ends the old one."""

    student = TenantForeignKey(Student, related_name="recognitions")
    year = models.PositiveSmallIntegerField("学年起始年")
    grade = models.CharField("困难等级", max_length=8, choices=Grade.choices)
    case = TenantForeignKey(Case, related_name="recognitions")
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    reason = models.CharField("变更原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "year"],
                name="recognition_once",
                condition=Q(valid_to=None),
            ),
            models.CheckConstraint(
                name="recognition_second_person", condition=~Q(decided_by=F("confirmed_by"))
            ),
            models.CheckConstraint(
                name="recognition_period",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]
        indexes = [models.Index(fields=["school", "year", "grade"], name="recognition_year")]

    def __str__(self) -> str:
        return f"{self.year} {self.get_grade_display()}"
