"""评议小组: who sits in a class's panel, and how the students among them were chosen."""

from django.db import models
from django.db.models import Q

from applications.models import Round
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import SchoolClass, Student


class Panel(TenantModel):
    """The panel of one class in one round (`domain.md` §C.1); replaced only with a reason."""

    round = TenantForeignKey(Round, related_name="panels")
    school_class = TenantForeignKey(SchoolClass, related_name="panels")
    # What the drawing began from: drawn again it gives the same. Empty when named.
    seed = models.CharField("抽取种子", max_length=32, blank=True)
    class_size = models.PositiveSmallIntegerField("班级人数")
    # Why the students are fewer than 10 % or more than 15 % of the class.
    size_reason = models.CharField("人数说明", max_length=200, blank=True)
    formed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    formed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "round", "school_class"], name="panel_once")
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id}"


class PanelMember(TenantModel):
    """One member: a student of the class, or a parent or teacher by name alone."""

    class Kind(models.TextChoices):
        STUDENT = "student", "学生"
        PARENT = "parent", "家长"
        TEACHER = "teacher", "教师"

    panel = TenantForeignKey(Panel, related_name="members")
    kind = models.CharField("身份", max_length=8, choices=Kind.choices)
    student = TenantForeignKey(Student, null=True, related_name="panel_seats")
    name = models.CharField("姓名", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "panel", "student"], name="panel_member_student"
            ),
            models.UniqueConstraint(
                fields=["school", "panel", "kind", "name"],
                name="panel_member_name",
                condition=Q(student=None),
            ),
            models.CheckConstraint(
                name="panel_member_kind",
                condition=Q(kind="student", student__isnull=False)
                | (~Q(kind="student") & Q(student=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_kind_display()}）"
