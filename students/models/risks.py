"""What a person says about something that looks wrong, and how many are really in a class."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from schools.models import Person, Stage
from schools.tenancy import OrganisationModel, TenantForeignKey, TenantModel
from students.models.roster import SchoolClass, Student


class RiskAnswer(TenantModel):
    """风险核实: a risk was looked into, and why it is none, or how it was mended.

    Risks themselves are asked for anew each time. An answer holds for the facts that it was given
    for (`facts`, a digest): when they change, the risk is open again by itself.
    """

    kind = models.CharField("风险", max_length=24)
    # One of the two: most risks are of a student, a head-count is of a class.
    student = TenantForeignKey(Student, null=True, related_name="+")
    school_class = TenantForeignKey(SchoolClass, null=True, related_name="+")
    facts = models.CharField("事实指纹", max_length=64)
    how = models.CharField("核实情况", max_length=200)
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    # Whoever checks was not convinced.
    reopened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["school", "kind", "student", "school_class", "facts"],
                name="risk_answered_once",
                condition=Q(reopened_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="risk_of_one",
                condition=Q(student=None, school_class__isnull=False)
                | Q(student__isnull=False, school_class=None),
            ),
            models.CheckConstraint(
                name="risk_reopened_stamp",
                condition=Q(reopened_by=None, reopened_at=None)
                | Q(reopened_by__isnull=False, reopened_at__isnull=False)
                & ~Q(reopened_by=F("answered_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.student_id or self.school_class_id}"


class HeadCount(TenantModel):
    """清点: how many of a class's students were there when somebody counted them."""

    school_class = TenantForeignKey(SchoolClass, related_name="head_counts")
    on = models.DateField("清点日期")
    present = models.PositiveSmallIntegerField("实到人数")
    # Away with leave: they are in school all the same.
    excused = models.PositiveSmallIntegerField("请假人数", default=0)
    # How many the roster had in school at that moment.
    rostered = models.PositiveSmallIntegerField("名册在校人数")
    note = models.CharField("说明", max_length=200, blank=True)
    counted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["school", "school_class", "-on", "-id"], name="head_count_recent")
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.on}"


class AgeLimit(OrganisationModel):
    """From which to which full age on 1 September nothing is asked (requirement row 1-37).

    A school's own, or a bureau's for its schools. Where nobody has one for a stage,
    `students.rules.ages.STAGE_AGES` holds; which of several, `students.rules.limits`.
    """

    stage = models.CharField("学段", max_length=12, choices=Stage.choices)
    least = models.PositiveSmallIntegerField("最低年龄")
    most = models.PositiveSmallIntegerField("最高年龄")
    reason = models.CharField("原因", max_length=120)
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "stage"], name="age_limit_once"),
            models.CheckConstraint(
                name="age_limit_order", condition=Q(least__lt=F("most")) & ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.least}—{self.most}岁"
