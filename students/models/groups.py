"""Special groups, departments' lists and the tags that matching leaves on students."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from audit.moves import Move, move
from office.models import StoredFile
from privacy.fields import BlindIndexField, SealedField
from privacy.masks import mask_name
from schools.models import Person
from schools.tenancy import OrganisationModel, TenantForeignKey, TenantModel
from students.models.roster import Student


class SpecialGroup(models.Model):
    """特殊群体类型: dated reference data (`domain.md` §C.2).

    `cell` is the 排查 table's category that the group falls into (`domain.md` §B.3).
    """

    class Cell(models.IntegerChoices):
        REGISTERED_POOR = 1, "建档立卡"
        DISABLED = 2, "非建档立卡的家庭经济困难残疾学生"
        RURAL_DIBAO = 3, "农村低保"
        RURAL_DESTITUTE = 4, "农村特困救助供养"
        ORPHAN = 5, "孤儿"
        OTHER = 6, "其他"

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField("类型", max_length=32)
    department = models.CharField("来源部门", max_length=32)
    order = models.PositiveSmallIntegerField()
    cell = models.PositiveSmallIntegerField(choices=Cell.choices)
    # Counted in `cell` only for rural households; others fall to 其他.
    rural_only = models.BooleanField(default=False)
    # Enough by itself to be counted before a grade is decided (ruling of §B.3).
    counts_ungraded = models.BooleanField(default=False)
    # Enough by itself to be 困中之困 (`students.models.protection`).
    key_alone = models.BooleanField("一类即重点保障", default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class DepartmentList(OrganisationModel):
    """A department's list, uploaded once by a bureau for all its schools (requirement row 4-02)."""

    class Status(models.TextChoices):
        STAGED = "staged", "待比对"
        MATCHED = "matched", "已比对"
        DISCARDED = "discarded", "已放弃"
        WITHDRAWN = "withdrawn", "已撤销"

    MOVES: ClassVar[tuple[Move, ...]] = (
        # Again after rosters have changed: newly enrolled students are tagged too.
        move("match", "比对", (Status.STAGED, Status.MATCHED), Status.MATCHED),
        move("discard", "放弃", Status.STAGED, Status.DISCARDED),
        # A wrong list: its tags end; the record of who was tagged when stays.
        move("withdraw", "撤销", Status.MATCHED, Status.WITHDRAWN),
    )

    group = models.ForeignKey(SpecialGroup, models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    issued_on = models.DateField("名单日期")
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止", null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STAGED)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    # What was read and is to be looked at (hidden rows), or was not read at all (sheets).
    warnings = models.JSONField(default=list)
    match_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    match_at = models.DateTimeField(null=True)
    # Up to when the rosters are known to this list, also where nobody asked for it since.
    compared_on = models.DateField("最近比对", null=True)
    newest_student = models.BigIntegerField(null=True)
    withdraw_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdraw_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField("撤销原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="list_withdraw_stamp",
                condition=Q(
                    ~Q(withdraw_reason=""),
                    status="withdrawn",
                    withdraw_by__isnull=False,
                    withdraw_at__isnull=False,
                )
                | (~Q(status="withdrawn") & Q(withdraw_by=None, withdraw_at=None)),
            ),
            models.CheckConstraint(
                name="list_withdraw_second_person",
                condition=Q(withdraw_by=None) | ~Q(withdraw_by=models.F("match_by")),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-issued_on"], name="list_recent")]

    def __str__(self) -> str:
        return f"{self.group} {self.issued_on}"


class DepartmentListRow(OrganisationModel):
    """One person of a department's list; who matches no student stays as missing (row 2-03)."""

    # `list_row_once` leads with it.
    list = models.ForeignKey(DepartmentList, models.PROTECT, related_name="rows", db_index=False)
    row = models.PositiveIntegerField("行号")
    name = SealedField("姓名")
    id_number = SealedField("身份证号", mask="id")
    # Where the department gave no number: of the name, birth date and guardian, so the same person
    # has the same index in the next list. It equals no student's.
    id_blind = BlindIndexField()
    birth_date = models.DateField("出生日期", null=True)
    guardian = SealedField("监护人")
    detail = models.CharField("说明", max_length=64, blank=True)
    # Why the number can't be used, which then is not kept: an error of the list, whose row only
    # asks the schools by name and birth date or guardian.
    unusable = models.CharField("号码的问题", max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "row"], name="list_row_once")]

    def __str__(self) -> str:
        return f"{self.list_id}:{self.row}"

    @property
    def short_name(self) -> str:
        """The name as a list shows it: 张*三."""
        return mask_name(self.name.reveal())


# What was taken back on the day it began, or before, ended the day before: it held on no day.
DAY_BEFORE = models.ExpressionWrapper(
    F("valid_from") - models.Value(1), output_field=models.DateField()
)


class SpecialGroupTag(TenantModel):
    """That a student belongs to a special group, from which source and for how long. Restricted."""

    class Strength(models.TextChoices):
        ID = "id", "身份证号一致"
        NAME_BIRTH = "name_birth", "姓名和出生日期一致"
        GUARDIAN = "guardian", "姓名和监护人一致"
        SCHOOL = "school", "学校登记"

    student = TenantForeignKey(Student, related_name="tags")
    # Rows are reached by school, so by `tag_group`.
    group = models.ForeignKey(SpecialGroup, models.PROTECT, related_name="+", db_index=False)
    # The list lives with the bureau, which the school may not read; only its id is kept.
    source_list_id = models.BigIntegerField(null=True)
    source = models.CharField("来源", max_length=64)
    strength = models.CharField(max_length=12, choices=Strength.choices, default=Strength.ID)
    # What the department says besides: category and level of a disability, say.
    detail = models.CharField("说明", max_length=64, blank=True)
    valid_from = models.DateField("有效期起")
    valid_to = models.DateField("有效期止", null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "group"],
                name="tag_once",
                condition=Q(valid_to=None),
            ),
            models.CheckConstraint(
                name="tag_period", condition=Q(valid_to=None) | Q(valid_to__gte=DAY_BEFORE)
            ),
        ]
        indexes = [models.Index(fields=["school", "group"], name="tag_group")]

    def __str__(self) -> str:
        return f"{self.student_id}:{self.group_id}"

    @property
    def held(self) -> bool:
        """Whether there is a day on which it holds, or did."""
        return self.valid_to is None or self.valid_to >= self.valid_from


def live_tag(on: date) -> Q:
    """Condition: a tag that holds on `on`."""
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))


def unended_tag(on: date) -> Q:
    """Condition: a tag that holds on `on` or a day after it."""
    return Q(valid_to=None) | Q(valid_to__gte=Greatest(models.Value(on), F("valid_from")))
