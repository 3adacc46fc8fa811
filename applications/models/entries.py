"""Applications and the household survey."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models.rounds import Round
from audit.moves import Move, move
from privacy.fields import SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import Student


class Signer(models.TextChoices):
    """Who signs the commitment, or fills in a form: as what of the student."""

    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    GUARDIAN = "guardian", "其他监护人"
    STUDENT = "student", "学生本人"


class Application(TenantModel):
    """申请: one student's in one round. `number` is what the receipt and the panels show."""

    class Status(models.TextChoices):
        DRAFT = "draft", "填写中"
        # Filled in by the family; the head teacher has not compared it with the papers yet.
        CHECKING = "checking", "待核对"
        SUBMITTED = "submitted", "已提交"
        RETURNED = "returned", "退回补正"
        WITHDRAWN = "withdrawn", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("hand_over", "家长提交", (Status.DRAFT, Status.RETURNED), Status.CHECKING),
        move(
            "submit",
            "提交",
            (Status.DRAFT, Status.RETURNED, Status.CHECKING),
            Status.SUBMITTED,
        ),
        move("send_back", "退回补正", (Status.SUBMITTED, Status.CHECKING), Status.RETURNED),
        move(
            "withdraw",
            "撤回",
            (Status.DRAFT, Status.CHECKING, Status.SUBMITTED, Status.RETURNED),
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
    committed_relation = models.CharField(
        "承诺人与学生的关系", max_length=12, choices=Signer.choices, blank=True
    )
    # Whoever signed on paper consented to the use of personal data; a phone's consent stands in
    # `FamilyFiling`.
    consents = models.BooleanField("同意个人信息处理", default=False)
    # The copy that came with the form and was compared with the roster (row 0-24).
    identity_paper = models.CharField(
        "身份证明", max_length=8, choices=IdentityPaper.choices, blank=True
    )
    # Kinds of other papers that came on paper and were looked at (`Attachment.Kind`).
    papers_received = models.JSONField("收到的其他材料", default=list)
    # None: the family itself, on its phone.
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    # When the family handed it to the head teacher; the day that counts for the window.
    hand_over_at = models.DateTimeField("家长提交时间", null=True)
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
            # Begun anew, it comes on the day on which it is handed in anew, and may be late.
            models.CheckConstraint(
                name="application_draft_unsubmitted",
                condition=~Q(status="draft") | Q(submit_at=None, submit_by=None, hand_over_at=None),
            ),
            models.CheckConstraint(
                name="application_late_second_person",
                condition=Q(late_by=None) | ~Q(late_by=F("submit_by")),
            ),
            models.CheckConstraint(
                name="application_entered_by_someone",
                condition=Q(channel="family") | Q(entered_by__isnull=False),
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
        "checking": "wait",
        "submitted": "active",
        "returned": "bad",
        "withdrawn": "draft",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    @property
    def entered_by_name(self) -> str:
        """Who entered it, as the record says it: a colleague, or the family itself."""
        return self.entered_by.name if self.entered_by else "家长"


# The survey's fields in which a family tells a hardship in words. A box that only says 无 is kept
# empty, since the score counts filled ones.
HARDSHIPS = (
    "natural_disaster",
    "sudden_accident",
    "weak_labour",
    "unemployment",
    "debt",
    "other",
)


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
    # Codes of the special groups that the family says it belongs to; lists decide, not this.
    claims = models.JSONField("自报特殊群体", default=list)
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
