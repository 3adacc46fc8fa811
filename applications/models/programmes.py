"""Programmes as dated data: what is granted to whom, and how much of it."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q

from schools.models import Organisation, Stage
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
