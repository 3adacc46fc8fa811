"""One application under review: score, class appraisal, proposal and decision."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Application, Grade, Round, Tier
from audit.moves import Move, move
from review.models.schemes import ScoringScheme
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import SchoolClass, Student


class Case(TenantModel):
    """One application under review. Advice and decision stand side by side.

    In a recognition round the decision is a grade; in a programme round a tier (or refusal).
    """

    class Status(models.TextChoices):
        OPEN = "open", "待评议"
        APPRAISED = "appraised", "已评议"
        PROPOSED = "proposed", "已建议"
        DECIDED = "decided", "已审定"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "不予资助"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("appraise", "班级评议", (Status.OPEN, Status.APPRAISED), Status.APPRAISED),
        move("propose", "确定建议", (Status.OPEN, Status.APPRAISED), Status.PROPOSED),
        move("take_back", "撤回建议", Status.PROPOSED, Status.APPRAISED),
        move("decide", "审定", Status.PROPOSED, Status.DECIDED),
        move("refuse", "不予资助", Status.PROPOSED, Status.REFUSED),
        move("confirm", "确认", Status.DECIDED, Status.CONFIRMED),
        # Also what was confirmed already, when an objection taken down later is upheld.
        move(
            "reopen",
            "重新评审",
            (Status.DECIDED, Status.REFUSED, Status.CONFIRMED),
            Status.PROPOSED,
        ),
        # The family's facts were changed after they had been judged; of a confirmed grade too,
        # when a sudden hardship came (动态调整).
        move(
            "take_anew",
            "材料改动，重新评议",
            (
                Status.OPEN,
                Status.APPRAISED,
                Status.PROPOSED,
                Status.DECIDED,
                Status.CONFIRMED,
            ),
            Status.OPEN,
        ),
        # Too few members could vote: the leading group decides without the panel's suggestion.
        move("refer", "提交领导小组审定", Status.OPEN, Status.APPRAISED),
        move("judge_after_all", "改由班级评议", Status.APPRAISED, Status.OPEN),
        # The panel's blind vote was cancelled: what it suggested holds no longer.
        move("vote_anew", "表决作废，重新评议", Status.APPRAISED, Status.OPEN),
    )

    application = TenantForeignKey(Application, related_name="cases")
    round = TenantForeignKey(Round, related_name="cases")
    student = TenantForeignKey(Student, related_name="cases")
    school_class = TenantForeignKey(SchoolClass, related_name="cases")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    # Digest of the facts the score was made of (`review.evidence`); empty when it wasn't kept.
    evidence = models.CharField(max_length=64, blank=True)
    scheme = models.ForeignKey(ScoringScheme, models.PROTECT, null=True, related_name="+")
    points = models.SmallIntegerField("评分", null=True)
    # Every line that made the score: [{"label", "points"}].
    score_lines = models.JSONField(default=list)
    advised_grade = models.CharField("评分建议", max_length=8, choices=Grade.choices, blank=True)
    appraised_grade = models.CharField("评议建议", max_length=8, choices=Grade.choices, blank=True)
    appraise_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    appraise_at = models.DateTimeField(null=True)
    # Why the panel suggests nothing; empty when it does, or has not met.
    unjudged = models.CharField("没有评议结论", max_length=96, blank=True)
    proposed_grade = models.CharField("建议等级", max_length=8, choices=Grade.choices, blank=True)
    proposed_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    decided_grade = models.CharField("审定等级", max_length=8, choices=Grade.choices, blank=True)
    decided_tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="+")
    # Why the decision differs from the advice, or why aid was refused.
    decision_reason = models.CharField(max_length=200, blank=True)
    meeting = TenantForeignKey("review.Meeting", null=True, related_name="cases")
    decide_at = models.DateTimeField(null=True)
    decide_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "application"], name="case_once"),
            models.UniqueConstraint(
                fields=["school", "round", "student"], name="case_student_once"
            ),
            models.CheckConstraint(
                name="case_decided_stamp",
                condition=~Q(status__in=("decided", "confirmed"))
                | Q(decide_at__isnull=False, decide_by__isnull=False, meeting__isnull=False),
            ),
            models.CheckConstraint(
                name="case_second_person",
                condition=~Q(status="confirmed")
                | (Q(confirm_by__isnull=False) & ~Q(confirm_by=F("decide_by"))),
            ),
            models.CheckConstraint(
                name="case_not_by_its_chair",
                condition=Q(confirm_by=None)
                | Q(appraise_by=None)
                | ~Q(confirm_by=F("appraise_by")),
            ),
            models.CheckConstraint(
                name="case_judged_or_not",
                condition=Q(unjudged="") | Q(appraised_grade=""),
            ),
            models.CheckConstraint(
                name="case_difference_explained",
                condition=~Q(status__in=("decided", "confirmed"))
                | Q(decided_grade=F("advised_grade"))
                | Q(decided_grade="")
                | ~Q(decision_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "round", "school_class"], name="case_class"),
            models.Index(fields=["school", "student"], name="case_student"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}"

    @property
    def code(self) -> str:
        """编号 as panels and meetings say it: the end of the application's number, no name."""
        return str(self.application.number).rsplit("-", 1)[-1]

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "open": "wait",
        "appraised": "active",
        "proposed": "active",
        "decided": "active",
        "confirmed": "done",
        "refused": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class Appraisal(TenantModel):
    """民主评议 of one class in one round: who was there, and that it is finished."""

    class Status(models.TextChoices):
        OPEN = "open", "评议中"
        FINISHED = "finished", "已完成"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("finish", "完成评议", Status.OPEN, Status.FINISHED),
        move("reopen", "重新评议", Status.FINISHED, Status.OPEN),
    )

    round = TenantForeignKey(Round, related_name="appraisals")
    school_class = TenantForeignKey(SchoolClass, related_name="appraisals")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    held_on = models.DateField("评议日期")
    chaired_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    expected = models.PositiveSmallIntegerField("应到人数")
    present = models.PositiveSmallIntegerField("实到人数")
    # The panel's names are made known to the class (`domain.md` §C.1); relatives withdraw (1-46).
    members = models.CharField("评议小组成员", max_length=200, blank=True)
    recusal = models.CharField("回避", max_length=200, blank=True)
    finish_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    finish_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "round", "school_class"], name="appraisal_once"
            ),
            models.CheckConstraint(
                name="appraisal_present", condition=Q(present__lte=F("expected"), present__gte=1)
            ),
            models.CheckConstraint(
                name="appraisal_finish_stamp",
                condition=Q(status="finished", finish_at__isnull=False, finish_by__isnull=False)
                | Q(status="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.held_on}"

    STATUS_TONES: ClassVar[dict[str, str]] = {"open": "active", "finished": "done"}

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class Tally(TenantModel):
    """The class panel's votes on one case; they add up to those present."""

    appraisal = TenantForeignKey(Appraisal, related_name="tallies")
    case = TenantForeignKey(Case, related_name="tallies")
    special = models.PositiveSmallIntegerField("特别困难", default=0)
    hard = models.PositiveSmallIntegerField("困难", default=0)
    general = models.PositiveSmallIntegerField("一般困难", default=0)
    none = models.PositiveSmallIntegerField("不困难", default=0)
    abstain = models.PositiveSmallIntegerField("弃权", default=0)
    reason = models.CharField("陈述理由", max_length=200, blank=True)
    # The blind vote that these are the figures of; None when the head teacher counted slips.
    ballot = TenantForeignKey("review.Ballot", null=True, related_name="tallies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "case"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.case_id}"

    @property
    def cast(self) -> int:
        """How many votes were cast, abstentions included."""
        return self.special + self.hard + self.general + self.none + self.abstain
