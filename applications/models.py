"""Programmes as dated data, rounds and their windows, applications and the household survey."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from office.models import StoredFile
from privacy.fields import SealedField
from schools.models import Organisation, Person, Stage, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


class FundingSource(models.TextChoices):
    """资助来源 (requirement row 0-14)."""

    STATE = "state", "国家资助"
    LOCAL = "local", "地方政府资助"
    SCHOOL = "school", "学校资助"
    SOCIAL = "social", "社会资助"


class Grade(models.TextChoices):
    """困难等级 (requirement row 0-49); 不困难 is a result too."""

    SPECIAL = "special", "特别困难"
    HARD = "hard", "困难"
    GENERAL = "general", "一般困难"
    NONE = "none", "不困难"


DIFFICULT = (Grade.SPECIAL, Grade.HARD, Grade.GENERAL)


class Programme(models.Model):
    """资助项目: a grant rule as dated data (`domain.md` §C.3); no rule of one programme is code."""

    class Kind(models.TextChoices):
        GRANT = "grant", "助学金"
        SUBSIDY = "subsidy", "生活补助"
        SCHOLARSHIP = "scholarship", "奖学金"
        WAIVER = "waiver", "学费减免"
        RELIEF = "relief", "特殊困难补助"

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", "按月"
        PER_TERM = "per_term", "按学期"
        PER_YEAR = "per_year", "按学年"
        ONCE = "once", "一次性"

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField("项目名称", max_length=48)
    source = models.CharField("资助来源", max_length=8, choices=FundingSource.choices)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    stage = models.CharField("学段", max_length=12, choices=Stage.choices)
    managed_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    needs_recognition = models.BooleanField("先认定后资助", default=True)
    # Students of these special groups may be awarded before a grade is decided.
    open_groups = models.ManyToManyField("students.SpecialGroup", blank=True, related_name="+")
    exclusive_with = models.ManyToManyField("self", blank=True)
    money_cadence = models.CharField("发放周期", max_length=12, choices=Cadence.choices)
    entry_cadence = models.CharField("录入周期", max_length=12, choices=Cadence.choices)
    guardian_card = models.BooleanField("可用监护人卡", default=False)
    basis = models.CharField("文件依据", max_length=96, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)

    class Meta:
        ordering = ["stage", "code"]

    def __str__(self) -> str:
        return self.name

    # What the numbers of its applications begin with.
    INITIALS: ClassVar[dict[str, str]] = {
        "preschool": "XQ",
        "primary": "XX",
        "junior": "CZ",
        "senior": "GZ",
        "vocational": "ZZ",
        "grant": "ZX",
        "subsidy": "BZ",
        "scholarship": "JX",
        "waiver": "MF",
        "relief": "TK",
    }

    @property
    def initials(self) -> str:
        """Stage and kind in four letters: GZZX is 普高助学金."""
        return self.INITIALS[self.stage] + self.INITIALS[self.kind]


class Tier(models.Model):
    """档次: what one student gets per instalment, in fen, while it is valid.

    A tier may be for one boarding kind only (寄宿 or 非寄宿), and suggests itself for grades.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="tiers")
    code = models.CharField(max_length=12)
    label = models.CharField("档次", max_length=24)
    rank = models.PositiveSmallIntegerField("从高到低")
    amount_fen = models.PositiveBigIntegerField("每次金额（分）")
    boarding = models.CharField(max_length=8, choices=Student.Boarding.choices, blank=True)
    suggested_for = models.CharField(max_length=8, choices=Grade.choices, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        ordering = ["programme", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code", "valid_from"], name="tier_once"),
            models.CheckConstraint(name="tier_amount", condition=Q(amount_fen__gt=0)),
        ]

    def __str__(self) -> str:
        return self.label


def valid_on(day: date) -> Q:
    """Condition: dated data in force on `day`."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))


class Round(TenantModel):
    """批次: a recognition round of a year or a programme's round of a term, with its window.

    Review and disbursement hang on it from above; it knows only whether applications are open.
    """

    class Kind(models.TextChoices):
        RECOGNITION = "recognition", "家庭经济困难认定"
        PROGRAMME = "programme", "资助项目"

    class Status(models.TextChoices):
        OPEN = "open", "进行中"
        CLOSED = "closed", "已办结"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("close", "办结", Status.OPEN, Status.CLOSED),
        move("reopen", "重新打开", Status.CLOSED, Status.OPEN),
    )

    kind = models.CharField(max_length=12, choices=Kind.choices)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="+")
    opens_on = models.DateField("申请开始")
    # The last day on which an application may be handed in without a reason.
    closes_on = models.DateField("申请截止")
    provisional = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    close_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    close_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "term", "kind", "programme"],
                name="round_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="round_window", condition=Q(opens_on__lte=F("closes_on"))),
            models.CheckConstraint(
                name="round_programme",
                condition=Q(kind="recognition", programme=None)
                | Q(kind="programme", programme__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.programme_id and self.programme:
            return f"{self.programme.name} {self.term.season_label}"
        return f"家庭经济困难认定 {self.term.year_label}"

    @property
    def is_recognition(self) -> bool:
        """Whether it ends in grades rather than awards."""
        return self.kind == self.Kind.RECOGNITION

    @property
    def opened_late(self) -> bool:
        """Whether the window began after the term did (requirement row 0-23)."""
        return self.opens_on > self.term.starts_on

    @property
    def number_prefix(self) -> str:
        """What the numbers of its applications begin with: 2026-RD or 2026-1-GZZX."""
        if self.programme_id and self.programme:
            return f"{self.term.code}-{self.programme.initials}"
        return f"{self.term.year}-RD"

    STATUS_TONES: ClassVar[dict[str, str]] = {"open": "active", "closed": "done"}

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class Application(TenantModel):
    """申请: one student's in one round. `number` is what the receipt and the panels show."""

    class Status(models.TextChoices):
        DRAFT = "draft", "填写中"
        SUBMITTED = "submitted", "已提交"
        RETURNED = "returned", "退回补正"
        WITHDRAWN = "withdrawn", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("submit", "提交", (Status.DRAFT, Status.RETURNED), Status.SUBMITTED),
        move("send_back", "退回补正", Status.SUBMITTED, Status.RETURNED),
        move(
            "withdraw",
            "撤回",
            (Status.DRAFT, Status.SUBMITTED, Status.RETURNED),
            Status.WITHDRAWN,
        ),
        move("redraft", "重新填写", Status.WITHDRAWN, Status.DRAFT),
    )

    class Channel(models.TextChoices):
        HEAD_TEACHER = "head_teacher", "班主任代录"
        OFFICE = "office", "资助办代录"
        FAMILY = "family", "家长填报"

    class IdentityPaper(models.TextChoices):
        ID_CARD = "id_card", "身份证复印件"
        HUKOU = "hukou", "户口簿复印件"

    round = TenantForeignKey(Round, related_name="applications")
    student = TenantForeignKey(Student, related_name="applications")
    number = models.CharField("编号", max_length=24)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    channel = models.CharField("填报方式", max_length=16, choices=Channel.choices)
    reason = models.CharField("申请理由", max_length=200, blank=True)
    # 个人承诺 by the student or guardian (`domain.md` §C.1); the paper's date.
    committed_on = models.DateField("承诺日期", null=True)
    committed_by = models.CharField("承诺人", max_length=64, blank=True)
    # The copy that came with the form and was compared with the roster (row 0-24).
    identity_paper = models.CharField(
        "身份证明", max_length=8, choices=IdentityPaper.choices, blank=True
    )
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    submit_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    submit_at = models.DateTimeField(null=True)
    # Handed in after the window: why, and the second person who let it in (row 0-23).
    late_reason = models.CharField("逾期原因", max_length=200, blank=True)
    late_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    return_reason = models.CharField("退回原因", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "round", "student"], name="application_once"),
            models.UniqueConstraint(
                fields=["school", "round", "number"], name="application_number"
            ),
            models.CheckConstraint(
                name="application_submit_stamp",
                condition=~Q(status="submitted")
                | Q(submit_at__isnull=False, submit_by__isnull=False),
            ),
            models.CheckConstraint(
                name="application_late_second_person",
                condition=Q(late_by=None) | ~Q(late_by=F("submit_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["school", "student"], name="application_student"),
            models.Index(fields=["school", "round", "status"], name="application_status"),
        ]

    def __str__(self) -> str:
        return self.number

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "draft",
        "submitted": "active",
        "returned": "bad",
        "withdrawn": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class HouseholdSurvey(TenantModel):
    """家庭情况: sensitive, in a table of its own; lists never join it (`domain.md` §C.5)."""

    application = TenantForeignKey(Application, related_name="surveys")
    family_size = models.PositiveSmallIntegerField("家庭人口（含本人）", default=1)
    annual_income_fen = models.PositiveBigIntegerField("家庭年收入（分）", default=0)
    income_source = models.CharField("主要收入来源", max_length=48, blank=True)
    natural_disaster = models.CharField("自然灾害", max_length=100, blank=True)
    sudden_accident = models.CharField("突发意外事件", max_length=100, blank=True)
    weak_labour = models.CharField("残疾、年迈等劳动能力弱", max_length=100, blank=True)
    unemployment = models.CharField("失业", max_length=100, blank=True)
    debt = models.CharField("欠债", max_length=100, blank=True)
    other = models.CharField("其他", max_length=100, blank=True)
    students_in_family = models.PositiveSmallIntegerField("在读子女数", default=1)
    seriously_ill = models.BooleanField("家中有重病患者", default=False)
    single_parent = models.BooleanField("单亲家庭", default=False)
    address = SealedField("家庭住址", mask="address")
    phone = SealedField("家长手机", mask="phone")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "application"], name="survey_once"),
            models.CheckConstraint(name="survey_family", condition=Q(family_size__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}"

    @property
    def income_per_head_fen(self) -> int:
        """家庭人均年收入 in fen, rounded down."""
        return self.annual_income_fen // max(self.family_size, 1)


class HouseholdMember(TenantModel):
    """家庭成员, other than the student."""

    survey = TenantForeignKey(HouseholdSurvey, related_name="members")
    name = models.CharField("姓名", max_length=64)
    age = models.PositiveSmallIntegerField("年龄")
    relation = models.CharField("与学生关系", max_length=16)
    work = models.CharField("工作（学习）单位", max_length=64, blank=True)
    occupation = models.CharField("职业", max_length=32, blank=True)
    annual_income_fen = models.PositiveBigIntegerField("年收入（分）", default=0)
    health = models.CharField("健康状况", max_length=32, blank=True)

    def __str__(self) -> str:
        return self.relation


class Attachment(TenantModel):
    """A paper that came with an application, kept in the private store."""

    application = TenantForeignKey(Application, related_name="attachments")
    kind = models.CharField("材料", max_length=32)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.kind
