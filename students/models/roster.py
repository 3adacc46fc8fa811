"""The roster: classes, students, guardians, enrolment changes."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from audit.moves import Move, move
from privacy.fields import BlindIndexField, SealedField
from schools.models import Person, Stage
from schools.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from students.models.naming import NAME_KEY
from students.models.searching import found_by

GRADE_NAMES = {
    Stage.PRIMARY: ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级"),
    Stage.JUNIOR: ("七年级", "八年级", "九年级"),
    Stage.SENIOR: ("高一", "高二", "高三"),
    Stage.VOCATIONAL: ("一年级", "二年级", "三年级"),
    Stage.PRESCHOOL: ("小班", "中班", "大班"),
}


class SchoolClassQuerySet(TenantQuerySet):
    """Questions about classes."""

    def for_school(self, school: Any) -> Self:
        """The classes that there are; those that graduated are asked for by `ever_at`."""
        return super().for_school(school).filter(closed_on=None)

    def ever_at(self, school: Any) -> Self:
        """Every class of the school, also those that graduated."""
        return super().for_school(school)


class SchoolClass(TenantModel):
    """班级. `grade` counts from 1 inside the stage; `number` orders the classes of a grade."""

    stage = models.CharField("学段", max_length=12, choices=Stage.choices)
    grade = models.PositiveSmallIntegerField("年级")
    number = models.PositiveSmallIntegerField("班号")
    name = models.CharField("班级", max_length=32)
    # 中职: 系部/专业部 and major; 涉农 decides eligibility of some programmes.
    department = models.CharField("系部", max_length=32, blank=True)
    major = models.CharField("专业", max_length=48, blank=True)
    agri_major = models.BooleanField("涉农专业", default=False)
    head_teacher = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="班主任"
    )
    # When its students graduated; its place and name are free from then on.
    closed_on = models.DateField("毕业日期", null=True)

    objects: ClassVar[Any] = SchoolClassQuerySet.as_manager()

    class Meta:
        ordering = ["stage", "grade", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], name="class_name_once", condition=Q(closed_on=None)
            ),
            models.UniqueConstraint(
                fields=["school", "stage", "grade", "number"],
                name="class_place_once",
                condition=Q(closed_on=None),
            ),
        ]
        permissions = [("lead_class", "担任班主任")]

    def __str__(self) -> str:
        return self.name

    @property
    def grade_name(self) -> str:
        """高一, 七年级, …"""
        names = GRADE_NAMES[Stage(self.stage)]
        return names[self.grade - 1] if self.grade <= len(names) else f"{self.grade}年级"


class StudentQuerySet(TenantQuerySet):
    """Questions about students."""

    def present(self) -> Self:
        """在籍在校 (`domain.md` §B.3)."""
        return self.filter(status=Student.Status.ENROLLED)

    def named_like(self, text: str) -> Self:
        """Name, pinyin, initials or student number that begin with `text`, or an exact ID."""
        return self.filter(found_by(text))


class Student(TenantModel):
    """A student of one school (学籍). Identity numbers are sealed; equality goes by `id_blind`."""

    class Status(models.TextChoices):
        ENROLLED = "enrolled", "在籍在校"
        SUSPENDED = "suspended", "休学"
        LEFT = "left", "已离校"

    class Sex(models.TextChoices):
        MALE = "m", "男"
        FEMALE = "f", "女"

    class Boarding(models.TextChoices):
        DAY = "day", "走读"
        BOARDER = "boarder", "寄宿"

    class IdKind(models.TextChoices):
        RESIDENT = "resident", "居民身份证"
        RESIDENCE = "residence", "港澳台居民居住证"
        PERMIT = "permit", "港澳台居民通行证"
        PASSPORT = "passport", "护照"
        PERMANENT = "permanent", "外国人永久居留证"
        # The enrolment number stands for the identity until there is a document.
        NONE = "none", "无证件"

    class Household(models.TextChoices):
        RURAL = "rural", "农村"
        URBAN = "urban", "城镇"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("suspend", "休学", Status.ENROLLED, Status.SUSPENDED),
        move("resume", "复学", Status.SUSPENDED, Status.ENROLLED),
        move("leave", "离校", (Status.ENROLLED, Status.SUSPENDED), Status.LEFT),
        move("return_to_school", "重新入学", Status.LEFT, Status.ENROLLED),
    )

    school_class = TenantForeignKey(SchoolClass, related_name="students", verbose_name="班级")
    name = models.CharField("姓名", max_length=64)
    # Middle dots unified, spaces gone: what two lists are compared by.
    # Collation C: one index serves order, prefix and place in the list, wherever it is installed.
    name_key = models.CharField(max_length=64, db_collation="C")
    # Without the dots too: people type names either way.
    name_plain = models.GeneratedField(
        expression=Replace(F("name_key"), Value("·"), Value("")),
        output_field=models.CharField(max_length=64, db_collation="C"),
        db_persist=True,
    )
    pinyin = models.CharField(max_length=128, db_collation="C")
    initials = models.CharField(max_length=32, db_collation="C")
    sex = models.CharField("性别", max_length=1, choices=Sex.choices)
    birth_date = models.DateField("出生日期")
    ethnicity = models.CharField("民族", max_length=16, blank=True)
    # Sealed like the ID number: for most students it is G and that number.
    enrolment_no = SealedField("学籍号", mask="id")
    enrolment_blind = BlindIndexField(null=True)
    student_no = models.CharField("学号", max_length=24, blank=True, db_collation="C")
    id_kind = models.CharField(
        "证件类型", max_length=12, choices=IdKind.choices, default=IdKind.RESIDENT
    )
    id_number = SealedField("身份证号", mask="id")
    id_blind = BlindIndexField()
    household = models.CharField("户口性质", max_length=8, choices=Household.choices, blank=True)
    boarding = models.CharField(
        "就读方式", max_length=8, choices=Boarding.choices, default=Boarding.DAY
    )
    phone = SealedField("联系电话", mask="phone")
    phone_blind = BlindIndexField(null=True, of="phone")
    address = SealedField("家庭住址", mask="address")
    household_address = SealedField("户口所在地", mask="address")
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    native_place = models.CharField("籍贯", max_length=48, blank=True)
    political_status = models.CharField("政治面貌", max_length=16, blank=True)
    # Of a household that was lifted out of poverty: as sensitive as the group it belongs to.
    lifted_year = models.PositiveSmallIntegerField("脱贫年份", null=True)
    entered_on = models.DateField("入学日期", null=True)
    # When an import added somebody to a roster that was there and did not say when he entered:
    # from then on his file is due. What is paid goes by `entered_on` alone, and guesses nothing.
    listed_on = models.DateField("列入名册的日期", null=True)
    campus = models.CharField("校区（教学点）", max_length=48, blank=True)
    # None is not known: nobody is 否 because nobody asked.
    left_behind = models.BooleanField("留守儿童", null=True)
    migrant = models.BooleanField("随迁子女", null=True)
    disability = SealedField("残疾类型", mask="text")
    status = models.CharField(
        "学籍状态", max_length=12, choices=Status.choices, default=Status.ENROLLED
    )
    left_on = models.DateField("离校日期", null=True)

    objects: ClassVar[Any] = StudentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "id_blind"],
                name="student_once_in_school",
                condition=~Q(status="left"),
            ),
            models.UniqueConstraint(
                fields=["school", "enrolment_blind"],
                name="enrolment_no_once",
                condition=~Q(status="left"),
            ),
            models.CheckConstraint(
                name="student_left_stamp",
                condition=Q(status="left", left_on__isnull=False)
                | (~Q(status="left") & Q(left_on=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "school_class", "pinyin"], name="student_class"),
            # Most rows of an old school have left; lists and counts skip them.
            models.Index(
                fields=["school", "pinyin", "id"], name="student_here", condition=~Q(status="left")
            ),
            models.Index(
                fields=["school", "id"],
                name="student_suspended",
                condition=Q(status="suspended"),
            ),
            models.Index(fields=["school", "pinyin", "id"], name="student_order"),
            models.Index(fields=["school", "name_plain", "id"], name="student_name"),
            models.Index(fields=["school", "initials", "id"], name="student_initials"),
            models.Index(fields=["school", "student_no", "id"], name="student_number"),
            models.Index(fields=["id_blind"], name="student_identity"),
            # Newcomers, of whom every page's menu tells.
            models.Index(fields=["school", "entered_on"], name="student_entered"),
            models.Index(
                fields=["school", "listed_on"],
                name="student_listed",
                condition=Q(listed_on__isnull=False),
            ),
            # Few schools have more than one point.
            models.Index(
                fields=["school", "campus"],
                name="student_campus",
                condition=~Q(status="left") & ~Q(campus=""),
            ),
            models.Index(
                fields=["school", "phone_blind"],
                name="student_phone",
                condition=Q(phone_blind__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "enrolled": "done",
        "suspended": "wait",
        "left": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    def age_on(self, day: date) -> int:
        """Full years on `day`."""
        passed = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if passed else 1)


class Guardian(TenantModel):
    """监护人, of whom a student may have several; the first entered is asked first."""

    student = TenantForeignKey(Student, related_name="guardians")
    name = models.CharField("姓名", max_length=64)
    # Middle dots unified, spaces gone, Latin in capitals: as `privacy.identity.name_key` does.
    name_key = models.GeneratedField(
        expression=NAME_KEY,
        output_field=models.CharField(max_length=128),
        db_persist=True,
    )
    relation = models.CharField("关系", max_length=16)
    phone = SealedField("联系电话", mask="phone")
    phone_blind = BlindIndexField(null=True, of="phone")
    id_kind = models.CharField(
        "证件类型", max_length=12, choices=Student.IdKind.choices, blank=True
    )
    id_number = SealedField("证件号码", mask="id")
    id_blind = BlindIndexField(null=True, of="id_number")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "student", "name_key"], name="guardian_once")
        ]
        indexes = [
            models.Index(
                fields=["school", "phone_blind"],
                name="guardian_phone",
                condition=Q(phone_blind__isnull=False),
            ),
            # Not led by the school: a bureau asks who has children in two schools.
            models.Index(
                fields=["id_blind"],
                name="guardian_identity",
                condition=Q(id_blind__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.relation}）"


class EnrolmentChange(TenantModel):
    """学籍异动: what happened to an enrolment, on which day and why (requirement row 0-47)."""

    class Kind(models.TextChoices):
        ENTER = "enter", "入学"
        HELD_BACK = "held_back", "留级"
        TRANSFER_IN = "transfer_in", "转入"
        TRANSFER_OUT = "transfer_out", "转出"
        MAJOR_CHANGED = "major_changed", "转专业"
        CLASS_CHANGED = "class_changed", "调班"
        SUSPEND = "suspend", "休学"
        RESUME = "resume", "复学"
        BOARDS = "boards", "改为寄宿"
        BY_DAY = "by_day", "改为走读"
        WITHDRAW = "withdraw", "退学"
        CANCEL = "cancel", "注销"
        DEATH = "death", "死亡"
        GRADUATE = "graduate", "毕业"

    student = TenantForeignKey(Student, related_name="changes")
    kind = models.CharField("异动类别", max_length=16, choices=Kind.choices)
    on = models.DateField("异动日期")
    reason = models.CharField("原因", max_length=200, blank=True)
    from_class = TenantForeignKey(SchoolClass, null=True, related_name="+", verbose_name="原班级")
    to_class = TenantForeignKey(SchoolClass, null=True, related_name="+", verbose_name="新班级")
    # Of a transfer between two schools of the system: that month is the other school's to pay.
    # Since when he had been suspended there says the transfer, as it stands: no copy of it here.
    left_other_on = models.DateField("离开原校的日期", null=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="change_to_class",
                condition=~Q(kind__in=("class_changed", "held_back")) | Q(to_class__isnull=False),
            ),
            models.CheckConstraint(
                name="change_left_other",
                condition=Q(left_other_on=None) | Q(kind="transfer_in", on__gte=F("left_other_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "student", "on"], name="change_student"),
            models.Index(fields=["school", "-on", "-id"], name="change_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"
