"""Home visits and calls by which a household is verified."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from applications.models.entries import Application
from privacy.fields import SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel


class HomeVisit(TenantModel):
    """家访记录 (`domain.md` §D.4): who went, whom they met, what they saw; never changed.

    Talks and parents' meetings are recorded alike (requirement row 2-25).

    What was seen and said is sealed: it is read with the household, for a reason.
    """

    class Way(models.TextChoices):
        VISIT = "visit", "上门"
        CALL = "call", "电话"
        VIDEO = "video", "视频"
        TALK = "talk", "谈心谈话"
        MEETING = "meeting", "家长会"

    class Conclusion(models.TextChoices):
        TRUE = "true", "属实"
        DIFFERS = "differs", "不符"
        OPEN = "open", "待核"

    application = TenantForeignKey(Application, related_name="visits")
    on = models.DateField("日期")
    way = models.CharField("方式", max_length=8, choices=Way.choices)
    # The second visitor need not have an account; the first is who recorded it.
    second_visitor = models.CharField("同行访员", max_length=64, blank=True)
    met = models.CharField("受访人", max_length=64)
    met_relation = models.CharField("与学生的关系", max_length=16)
    housing = SealedField("住房与家庭成员")
    finances = SealedField("收入与支出")
    studies = SealedField("学业困难")
    mind = SealedField("心理健康状况")
    relations = SealedField("家庭亲子关系")
    # Older records told the three in one.
    wellbeing = SealedField("学习、心理和亲子关系")
    wishes = SealedField("家长诉求和意见")
    policy_told = models.BooleanField("已告知资助政策", default=False)
    conclusion = models.CharField("结论", max_length=8, choices=Conclusion.choices)
    note = SealedField("不符或待核的内容")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="visit_by_two", condition=~Q(way="visit") | ~Q(second_visitor="")
            )
        ]
        indexes = [models.Index(fields=["school", "application", "on"], name="visit_application")]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.on}"

    TONES: ClassVar[dict[str, str]] = {"true": "done", "differs": "bad", "open": "wait"}

    @property
    def tone(self) -> str:
        """Which of the five hues shows the conclusion."""
        return self.TONES[self.conclusion]
