"""公示: the notice, what it shows of each student, and objections to it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from applications.models import Round
from audit.moves import Move, move
from privacy.fields import SealedField
from review.models.cases import Case
from schools import clock
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class Notice(TenantModel):
    """公示 of a round's decided list. Whether it is visible is decided when it is read."""

    class Status(models.TextChoices):
        DRAFT = "draft", "起草"
        PUBLISHED = "published", "公示中"
        CONFIRMED = "confirmed", "公示已确认"
        WITHDRAWN = "withdrawn", "已撤回"

    class Scope(models.TextChoices):
        WEB = "web", "校内公示栏和网页"
        BOARD = "board", "只在校内公示栏"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("publish", "发布", Status.DRAFT, Status.PUBLISHED),
        move("withdraw", "撤回", Status.PUBLISHED, Status.WITHDRAWN),
        move("confirm", "公示确认", Status.PUBLISHED, Status.CONFIRMED),
    )

    round = TenantForeignKey(Round, related_name="notices")
    title = models.CharField("标题", max_length=96)
    body = models.TextField("正文")
    department = models.CharField("受理部门", max_length=48)
    phone = models.CharField("联系电话", max_length=32)
    email = models.CharField("邮箱", max_length=64, blank=True)
    superior_phone = models.CharField("上级监督电话", max_length=32)
    workdays = models.PositiveSmallIntegerField("公示工作日", default=5)
    show_tier = models.BooleanField("公示档次和金额", default=False)
    # 公示范围 (row 0-57): a notice for the board alone is printed and never served to the public.
    scope = models.CharField("公示范围", max_length=8, choices=Scope.choices, default=Scope.WEB)
    token = models.CharField(max_length=43, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    starts_on = models.DateField("公示开始", null=True)
    ends_on = models.DateField("公示截止", null=True)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    publish_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    publish_at = models.DateTimeField(null=True)
    withdraw_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdraw_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField("撤回原因", max_length=200, blank=True)
    confirm_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirm_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "round"],
                # Notices of one round follow each other in batches (row 1-05), one at a time.
                name="notice_live_once",
                condition=Q(status__in=("draft", "published")),
            ),
            models.CheckConstraint(
                name="notice_withdrawal_explained",
                condition=~Q(status="withdrawn")
                | Q(~Q(withdraw_reason=""), withdraw_by__isnull=False, withdraw_at__isnull=False),
            ),
            models.CheckConstraint(
                name="notice_confirm_stamp",
                condition=~Q(status="confirmed")
                | Q(confirm_by__isnull=False, confirm_at__isnull=False),
            ),
            models.CheckConstraint(name="notice_five_days", condition=Q(workdays__gte=5)),
            models.CheckConstraint(
                name="notice_publish_stamp",
                condition=Q(status="draft", starts_on=None, ends_on=None)
                | Q(
                    ~Q(status="draft"),
                    starts_on__isnull=False,
                    ends_on__gt=F("starts_on"),
                    publish_at__isnull=False,
                    publish_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="notice_second_person",
                condition=Q(status="draft") | ~Q(publish_by=F("drafted_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "draft",
        "published": "active",
        "confirmed": "done",
        "withdrawn": "bad",
    }

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


class NoticeLine(TenantModel):
    """What the public may see of one student, copied when the list was drawn up (row 0-30)."""

    notice = TenantForeignKey(Notice, related_name="lines")
    case = TenantForeignKey(Case, related_name="notice_lines")
    serial = models.PositiveIntegerField("序号")
    grade_name = models.CharField("年级", max_length=16)
    class_name = models.CharField("班级", max_length=32)
    name = models.CharField("姓名", max_length=64)
    result = models.CharField("资助项目", max_length=48, blank=True)
    tier = models.CharField("档次", max_length=24, blank=True)
    amount_fen = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(fields=["school", "notice", "serial"], name="notice_serial"),
            models.UniqueConstraint(fields=["school", "notice", "case"], name="notice_case"),
        ]

    def __str__(self) -> str:
        return f"{self.serial}"


class Objection(TenantModel):
    """异议 about a notice; an open one about a student blocks that student's confirmation."""

    class Status(models.TextChoices):
        OPEN = "open", "待答复"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"

    class Channel(models.TextChoices):
        WEB = "web", "网上"
        PHONE = "phone", "电话"
        LETTER = "letter", "书面"
        VISIT = "visit", "现场"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("uphold", "认定异议成立", Status.OPEN, Status.UPHELD),
        move("dismiss", "认定异议不成立", Status.OPEN, Status.DISMISSED),
    )

    notice = TenantForeignKey(Notice, related_name="objections")
    # None when the objection names nobody of the list.
    line = TenantForeignKey(NoticeLine, null=True, related_name="objections")
    text = SealedField("异议内容")
    contact = SealedField("联系方式")
    # Counted within the notice, as the school's register has it; None for what was never numbered.
    serial = models.PositiveSmallIntegerField("编号", null=True)
    channel = models.CharField(
        "提出方式", max_length=8, choices=Channel.choices, default=Channel.WEB
    )
    # The day it was said or handed over; `lodged_at` is when it was written down.
    lodged_on = models.DateField("提出日期", default=clock.today)
    lodged_at = models.DateTimeField()
    # Who took down what didn't come over the web; another person answers it.
    taken_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reply_by = models.DateField("答复期限")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    conclusion = models.CharField("答复", max_length=400, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="objection_answer_stamp",
                condition=Q(status="open", answered_at=None)
                | Q(
                    ~Q(status="open"),
                    ~Q(conclusion=""),
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
            ),
            models.UniqueConstraint(fields=["school", "notice", "serial"], name="objection_serial"),
            models.CheckConstraint(
                name="objection_taker",
                condition=Q(channel="web", taken_by=None)
                | (~Q(channel="web") & Q(taken_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="objection_second_person",
                condition=Q(taken_by=None) | Q(answered_by=None) | ~Q(taken_by=F("answered_by")),
            ),
        ]
        indexes = [models.Index(fields=["school", "notice", "status"], name="objection_notice")]

    def __str__(self) -> str:
        return f"{self.notice_id}"

    STATUS_TONES: ClassVar[dict[str, str]] = {"open": "wait", "upheld": "bad", "dismissed": "done"}

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]
