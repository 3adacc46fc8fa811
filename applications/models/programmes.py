"""Programmes as dated policy: what is granted to whom, how much of it, and who decides so.

A programme belongs to an authority (`managed_by`): national rows, loaded with the product, have
none and hold everywhere; a bureau's hold for the schools whose line of superiors leads to it, a
school's own for itself. What is in force never changes: one person drafts it, another enacts it
from a day on, and then a new version follows it (`follows`) or two persons end it on a day; what
was enacted wrongly for a day to come two persons take back while nothing hangs on it. The day on
which a term starts decides which version the term's rounds use, so that no student meets two
versions in one term. The database refuses what would change an enacted row or its parts
(triggers of 0016 and 0025), and a round that a school opens for a programme not meant for it.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.moves import Move, move
from schools.models import Organisation, Person, Stage
from schools.tenancy import TenantModel
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


# Whose students need no grade decided: what the roster says of them is enough.
TRAITS = {"rural": "农村户籍学生", "agri_major": "涉农专业学生"}
YEAR_NAMES = {1: "一年级", 2: "二年级", 3: "三年级", 4: "四年级", 5: "五年级", 6: "六年级"}
PRESCHOOL_NAMES = {1: "小班", 2: "中班", 3: "大班"}


class Programme(models.Model):
    """资助项目: a grant rule as dated data (`domain.md` §C.3); no rule of one programme is code."""

    class Kind(models.TextChoices):
        GRANT = "grant", "助学金"
        SUBSIDY = "subsidy", "生活补助"
        SCHOLARSHIP = "scholarship", "奖学金"
        WAIVER = "waiver", "学费减免"
        RELIEF = "relief", "特殊困难补助"
        WORK_STUDY = "work_study", "勤工助学"

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", "按月"
        PER_TERM = "per_term", "按学期"
        PER_YEAR = "per_year", "按学年"
        ONCE = "once", "一次性"

    class Handling(models.TextChoices):
        """Who takes care of it: only what the school does has rounds and money here."""

        SCHOOL = "school", "学校受理"
        ELSEWHERE = "elsewhere", "其他部门受理和发放"
        UNIVERSAL = "universal", "普惠，不用申请"

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        ENACTED = "enacted", "已启用"
        ENDING = "ending", "终止待确认"
        ENDED = "ended", "已定终止"
        DISCARDED = "discarded", "已作废"
        REVOKING = "revoking", "撤回待确认"
        REVOKED = "revoked", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("enact", "启用项目", Status.DRAFT, Status.ENACTED),
        move("discard", "作废草稿", Status.DRAFT, Status.DISCARDED),
        move("ask_end", "提出终止", Status.ENACTED, Status.ENDING),
        move("end", "确认终止", Status.ENDING, Status.ENDED),
        move("keep", "不终止", Status.ENDING, Status.ENACTED),
        move("supersede", "由新版接替", Status.ENACTED, Status.ENDED),
        move("ask_revoke", "提出撤回", Status.ENACTED, Status.REVOKING),
        move("revoke", "确认撤回", Status.REVOKING, Status.REVOKED),
        move("retain", "不撤回", Status.REVOKING, Status.ENACTED),
        move("restore", "恢复执行", Status.ENDED, Status.ENACTED),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "draft": "wait",
        "enacted": "done",
        "ending": "wait",
        "ended": "draft",
        "discarded": "draft",
        "revoking": "wait",
        "revoked": "draft",
    }
    # Valid from its first day to its last; only drafts and what was given up are not.
    LIVE: ClassVar[tuple[str, ...]] = ("enacted", "ending", "ended", "revoking")
    # Rounds are opened by it; not while two persons take it back.
    OFFERED: ClassVar[tuple[str, ...]] = ("enacted", "ending", "ended")
    # Followed by nothing, and no follower of anything.
    GONE: ClassVar[tuple[str, ...]] = ("discarded", "revoked")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField("项目名称", max_length=48)
    source = models.CharField("资助来源", max_length=8, choices=FundingSource.choices)
    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    stage = models.CharField("学段", max_length=12, choices=Stage.choices)
    # 主管单位; None for the national rows.
    managed_by = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ENACTED)
    # Class years (年级) and codes of special groups that it is for; empty: all of them.
    years = models.JSONField("年级", default=list)
    only_groups = models.JSONField("只给这些群体", default=list)
    # Of these groups those that count for rural households alone (农村低保, 农村特困).
    rural_groups = models.JSONField("只限农村的群体", default=list)
    # Who does not board gets it only from these groups; empty: like everybody.
    day_groups = models.JSONField("非寄宿生只给这些群体", default=list)
    # Of TRAITS: who is so may be awarded before a grade is decided, as `open_groups` may.
    open_to = models.JSONField("不要求认定的学生", default=list)
    needs_recognition = models.BooleanField("先认定后资助", default=True)
    # Students of these special groups may be awarded before a grade is decided.
    open_groups = models.ManyToManyField("students.SpecialGroup", blank=True, related_name="+")
    exclusive_with = models.ManyToManyField("self", blank=True)
    money_cadence = models.CharField("发放周期", max_length=12, choices=Cadence.choices)
    entry_cadence = models.CharField("录入周期", max_length=12, choices=Cadence.choices)
    guardian_card = models.BooleanField("可用监护人卡", default=False)
    basis = models.CharField("文件依据", max_length=96, blank=True)
    handling = models.CharField(
        "受理", max_length=12, choices=Handling.choices, default=Handling.SCHOOL
    )
    paid_by = models.CharField("受理部门", max_length=48, blank=True)
    # The share of a school's 事业收入 that is set aside for it, in hundredths of a percent.
    share_least = models.PositiveSmallIntegerField("提取比例下限", null=True)
    share_most = models.PositiveSmallIntegerField("提取比例上限", null=True)
    note = models.CharField("说明", max_length=300, blank=True)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)
    drafted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField(null=True)
    # When the draft was first written; `drafted_at` is of whoever wrote it last.
    begun_at = models.DateTimeField(null=True)
    enact_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    enact_at = models.DateTimeField(null=True)
    # The last day asked for, why, by whom, and who agreed; then it is `valid_to`.
    end_on = models.DateField("终止日期", null=True)
    end_reason = models.CharField("终止原因", max_length=200, blank=True)
    ask_end_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ask_end_at = models.DateTimeField(null=True)
    end_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    end_at = models.DateTimeField(null=True)
    # The version that ended it, and the last day that it had before: back when that is revoked.
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    valid_to_before = models.DateField(null=True)
    # Taken back before its first day: why, asked by whom, agreed to by whom.
    revoke_reason = models.CharField("撤回原因", max_length=200, blank=True)
    ask_revoke_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ask_revoke_at = models.DateTimeField(null=True)
    revoke_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    revoke_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["stage", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["follows"],
                name="programme_followed_once",
                condition=~Q(status__in=("discarded", "revoked")),
            ),
            models.CheckConstraint(
                name="programme_drafted",
                condition=Q(managed_by=None, status="enacted")
                | Q(managed_by__isnull=False, drafted_by__isnull=False, drafted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="programme_second_person",
                condition=Q(managed_by=None)
                | Q(status__in=("draft", "discarded"))
                | (
                    Q(enact_by__isnull=False, enact_at__isnull=False) & ~Q(enact_by=F("drafted_by"))
                ),
            ),
            models.CheckConstraint(
                name="programme_ending_asked",
                condition=~Q(status="ending")
                | Q(ask_end_by__isnull=False, ask_end_at__isnull=False, end_on__isnull=False),
            ),
            models.CheckConstraint(
                name="programme_ended_by_two",
                condition=~Q(status="ended")
                | (
                    Q(
                        ask_end_by__isnull=False,
                        end_by__isnull=False,
                        end_at__isnull=False,
                        valid_to__isnull=False,
                        valid_to=F("end_on"),
                    )
                    & ~Q(end_by=F("ask_end_by"))
                ),
            ),
            models.CheckConstraint(
                name="programme_revoking_asked",
                condition=~Q(status__in=("revoking", "revoked"))
                | (
                    Q(ask_revoke_by__isnull=False, ask_revoke_at__isnull=False)
                    & ~Q(revoke_reason="")
                ),
            ),
            models.CheckConstraint(
                name="programme_revoked_by_two",
                condition=Q(revoke_by=None, revoke_at=None) & ~Q(status="revoked")
                | Q(status="revoked", revoke_by__isnull=False, revoke_at__isnull=False)
                & ~Q(revoke_by=F("ask_revoke_by")),
            ),
            models.CheckConstraint(
                name="programme_handled",
                condition=~Q(handling="elsewhere") | ~Q(paid_by=""),
            ),
            models.CheckConstraint(
                name="programme_share",
                condition=Q(share_least=None, share_most=None)
                # One of the two alone would make the comparison unknown, which passes.
                | Q(
                    share_least__isnull=False,
                    share_most__isnull=False,
                    share_least__gt=0,
                    share_most__gte=F("share_least"),
                    share_most__lte=10_000,
                ),
            ),
            models.CheckConstraint(
                name="programme_span",
                condition=Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]

    @property
    def tier_count(self) -> int:
        """How many tiers it has, whatever they were worth over the years."""
        return len({t.code for t in self.tiers.all()})

    @property
    def in_years(self) -> str:
        """The class years it is for, as people say them; empty when for all."""
        names = PRESCHOOL_NAMES if self.stage == Stage.PRESCHOOL else YEAR_NAMES
        return "、".join(names[year] for year in sorted(self.years))

    @property
    def open_traits(self) -> list[str]:
        """Whose students need no grade decided, as people say it."""
        return [label for trait, label in TRAITS.items() if trait in self.open_to]

    @property
    def share(self) -> str:
        """The share of 事业收入 set aside for it: 5%, or 3%—5%; empty when there is none."""
        told = [f"{n / 100:g}%" for n in (self.share_least, self.share_most) if n]
        return "—".join(dict.fromkeys(told))

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
        "work_study": "QG",
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


class ProgrammeQuota(TenantModel):
    """名额: how many students of one school a programme is for, in one round."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="quotas")
    heads = models.PositiveIntegerField("名额")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "programme"], name="quota_once"),
        ]

    def __str__(self) -> str:
        return f"{self.heads}人"


def valid_on(day: date) -> Q:
    """Condition: dated data in force on `day`."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))
