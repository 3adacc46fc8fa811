"""Who on a department's list may be one of our students, though the identity numbers differ."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.moves import Move, move
from privacy.fields import BlindIndexField, SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.groups import SpecialGroup, SpecialGroupTag
from students.models.roster import Student

NO_NUMBER = "没有身份证号"


class MatchCandidate(TenantModel):
    """名单待确认: a question that a person of the school answers once (requirement row 4-02).

    The list lives with the bureau, which the school may not read: what is needed to decide is
    copied here, sealed for the school. The answer holds for later lists too.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "待确认"
        SAME = "same", "是同一人"
        DIFFERENT = "different", "不是同一人"
        MOOT = "moot", "不用再确认"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("confirm", "确认是同一人", Status.WAITING, Status.SAME),
        move("reject", "确认不是同一人", Status.WAITING, Status.DIFFERENT),
        # Whoever checks found the answer wrong: the tag that came of it ends.
        move("reopen", "退回重新确认", (Status.SAME, Status.DIFFERENT), Status.WAITING),
        # The list was withdrawn, or the roster has the right number now.
        move("drop", "撤下", Status.WAITING, Status.MOOT),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "waiting": "wait",
        "same": "done",
        "different": "draft",
        "moot": "draft",
    }

    student = TenantForeignKey(Student, related_name="candidates")
    group = models.ForeignKey(SpecialGroup, models.PROTECT, related_name="+")
    source = models.CharField("来源", max_length=64)
    source_list_id = models.BigIntegerField()
    strength = models.CharField("依据", max_length=12, choices=SpecialGroupTag.Strength.choices)
    # The person on the list, as `DepartmentListRow.id_blind`.
    listed_blind = BlindIndexField()
    listed_id = SealedField("名单上的身份证号", mask="id")
    # In which places the two numbers differ (counted from 1); empty when the list has none.
    differs = models.CharField("不同的位", max_length=64, blank=True)
    # Why the number on the list can't be used; it is not kept. Or what else can't be, where there
    # is none: then it begins with NO_NUMBER.
    unusable = models.CharField("号码的问题", max_length=64, blank=True)
    listed_birth = models.DateField("名单上的出生日期", null=True)
    detail = models.CharField("说明", max_length=64, blank=True)
    # How many students of all the bureau's schools answer to the person listed.
    likely = models.PositiveSmallIntegerField("相符人数", default=1)
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止", null=True)
    found_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    how = models.CharField("核实情况", max_length=200, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "group", "listed_blind"], name="candidate_once"
            ),
            # Two students of a school can't both be the one person listed.
            models.UniqueConstraint(
                fields=["school", "group", "listed_blind"],
                name="candidate_one_same",
                condition=Q(status="same"),
            ),
            models.CheckConstraint(
                name="candidate_decided_stamp",
                condition=(
                    Q(status__in=("same", "different"), decided_by__isnull=False)
                    & Q(decided_at__isnull=False)
                    & ~Q(how="")
                )
                | Q(status__in=("waiting", "moot"), decided_by=None, decided_at=None),
            ),
        ]
        indexes = [models.Index(fields=["school", "status"], name="candidate_status")]

    def __str__(self) -> str:
        return f"{self.student_id}:{self.group_id}"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    @property
    def numberless(self) -> bool:
        """Whether the row has no number, and something else of it can't be used."""
        return self.unusable.startswith(NO_NUMBER)


class NameDifference(TenantModel):
    """姓名不同: a list means one of our students by the number, but writes the name otherwise.

    The name on the list stays with the bureau: if the number there is another's by mistake, it
    would tell the school of a stranger in need. Kept is in which places the two differ, and an
    index by which the same way of writing is known again (`students.models.names`).
    """

    student = TenantForeignKey(Student, related_name="name_differences")
    group = models.ForeignKey(SpecialGroup, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField("来源", max_length=64)
    source_list_id = models.BigIntegerField(db_index=True)
    issued_on = models.DateField("名单日期")
    # The student's `name_key` when the two were compared; a corrected name is compared anew.
    rostered = models.CharField(max_length=64)
    differs = models.CharField("不同之处", max_length=64)
    written = BlindIndexField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "source_list_id"], name="name_difference_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id}:{self.source_list_id}"
