"""学期排查: every student of every class verified one by one, and who should be aided but isn't."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.moves import Move, move
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import SchoolClass, SpecialGroup, Student


class Screening(TenantModel):
    """One school's 排查 of one term (requirement rows 2-01, 2-05, 2-06), signed by three (1-38)."""

    class Status(models.TextChoices):
        OPEN = "open", "排查中"
        FILLED = "filled", "已填报"
        REVIEWED = "reviewed", "已审核"
        SIGNED = "signed", "已签字报送"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("fill", "填报", Status.OPEN, Status.FILLED),
        move("review", "审核", Status.FILLED, Status.REVIEWED),
        move("sign", "签字报送", Status.REVIEWED, Status.SIGNED),
        move("send_back", "退回", (Status.FILLED, Status.REVIEWED, Status.SIGNED), Status.OPEN),
    )

    class Answer(models.TextChoices):
        YES = "yes", "是"
        NO = "no", "否"
        BLANK = "", "未填"

    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    due_on = models.DateField("报送截止")
    # The question of the printed table about the highest tier (附件1) or full coverage (附件2).
    full_coverage = models.CharField(max_length=4, choices=Answer.choices, blank=True)
    coverage_reason = models.CharField("具体原因及整改措施", max_length=200, blank=True)
    # The numbers as they stood when it was filled in; later changes don't touch them.
    numbers = models.JSONField(default=dict)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    fill_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    fill_at = models.DateTimeField(null=True)
    review_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    review_at = models.DateTimeField(null=True)
    sign_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sign_at = models.DateTimeField(null=True)
    # The last time that it was sent back; told while it is open again.
    send_back_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    send_back_at = models.DateTimeField(null=True)
    send_back_reason = models.CharField("退回原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "term"], name="screening_once"),
            models.CheckConstraint(
                name="screening_stamps",
                condition=Q(status="open", fill_at=None, review_at=None, sign_at=None)
                | Q(
                    status="filled",
                    fill_at__isnull=False,
                    fill_by__isnull=False,
                    review_at=None,
                    sign_at=None,
                )
                | Q(
                    status="reviewed",
                    fill_at__isnull=False,
                    fill_by__isnull=False,
                    review_at__isnull=False,
                    review_by__isnull=False,
                    sign_at=None,
                )
                | Q(
                    status="signed",
                    fill_at__isnull=False,
                    fill_by__isnull=False,
                    review_at__isnull=False,
                    review_by__isnull=False,
                    sign_at__isnull=False,
                    sign_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="screening_no_explained",
                condition=~Q(full_coverage="no") | ~Q(coverage_reason=""),
            ),
            models.CheckConstraint(
                name="screening_second_person",
                condition=Q(review_by=None) | ~Q(review_by=models.F("fill_by")),
            ),
            models.CheckConstraint(
                name="screening_third_person",
                condition=Q(sign_by=None)
                | (~Q(sign_by=models.F("fill_by")) & ~Q(sign_by=models.F("review_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"学期排查 {self.term}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "open": "active",
        "filled": "wait",
        "reviewed": "wait",
        "signed": "done",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class ScreeningRow(TenantModel):
    """One student looked at by the head teacher: what was found, by whom, when."""

    class Result(models.TextChoices):
        PENDING = "", "未核实"
        NOT_DIFFICULT = "not_difficult", "家庭不困难"
        AIDED = "aided", "困难，已资助"
        UNAIDED = "unaided", "困难，应助未助"

    screening = TenantForeignKey(Screening, related_name="rows")
    student = TenantForeignKey(Student, related_name="screening_rows")
    school_class = TenantForeignKey(SchoolClass, related_name="screening_rows")
    result = models.CharField("核实结果", max_length=16, choices=Result.choices, blank=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    # The printed table's category as it stood when the school filled it in; empty for students who
    # are not counted. The frozen totals are the sums of these.
    cell = models.PositiveSmallIntegerField(
        "困难类型", null=True, choices=SpecialGroup.Cell.choices
    )
    # 其他应资助未资助原因 and 解决措施与时限 of the printed table.
    reason = models.CharField("应资助未资助原因", max_length=200, blank=True)
    measure = models.CharField("解决措施", max_length=200, blank=True)
    measure_due_on = models.DateField("解决时限", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "screening", "student"], name="screening_row_once"
            ),
            models.CheckConstraint(
                name="screening_row_stamp",
                condition=Q(result="", checked_at=None)
                | (~Q(result="") & Q(checked_at__isnull=False, checked_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="screening_unaided_explained",
                condition=~Q(result="unaided")
                | (~Q(reason="") & ~Q(measure="") & Q(measure_due_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "screening", "school_class"], name="row_class"),
            models.Index(fields=["school", "student"], name="row_student"),
            # A bureau asks for the few of all its schools.
            models.Index(
                fields=["school", "screening"], name="row_unaided", condition=Q(result="unaided")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "": "draft",
        "not_difficult": "done",
        "aided": "done",
        "unaided": "bad",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the result."""
        return self.STATUS_TONES[self.result]

    def get_status_display(self) -> str:
        """The result in words, where a list shows a status."""
        return str(self.get_result_display())
