"""困中之困: who is to be protected before others, by rule and by people's word (row 4-03)."""

from datetime import date
from typing import ClassVar

from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from audit.moves import Move, move
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.groups import SpecialGroupTag, live_tag
from students.models.roster import Student

# A registered disability and a tag of this group are one and the same hardship.
DISABLED = "disabled"


class ProtectionWord(TenantModel):
    """That somebody is protected, or is not although the rule says so, by a person and why.

    `listed` counts at once; that someone is not takes a second person, and holds while he is in
    no hardships but those of `held`, codes of groups: a new one brings him back.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        FORCE = "force", "生效"
        REFUSED = "refused", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"
        ENDED = "ended", "已改变"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("sign", "同意不列为重点保障", Status.PROPOSED, Status.FORCE),
        move("refuse", "退回", Status.PROPOSED, Status.REFUSED),
        move("withdraw", "撤回", Status.PROPOSED, Status.WITHDRAWN),
        # By the next word about the same student.
        move("end", "改变", Status.FORCE, Status.ENDED),
    )
    STATUS_TONES: ClassVar[dict[str, str]] = {
        "proposed": "wait",
        "force": "done",
        "refused": "bad",
        "withdrawn": "draft",
        "ended": "draft",
    }

    student = TenantForeignKey(Student, related_name="protections")
    listed = models.BooleanField("列为重点保障")
    reason = models.CharField("原因", max_length=120)
    held = ArrayField(models.CharField(max_length=24), verbose_name="当时的困难情形", default=list)
    answer = models.CharField("退回原因", max_length=120, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    sign_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sign_at = models.DateTimeField(null=True)
    refuse_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refuse_at = models.DateTimeField(null=True)
    end_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    end_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student"],
                name="protection_proposed_once",
                condition=Q(status="proposed"),
            ),
            models.UniqueConstraint(
                fields=["school", "student"],
                name="protection_in_force_once",
                condition=Q(status="force"),
            ),
            models.CheckConstraint(
                name="protection_second_person",
                condition=(Q(sign_by=None) | ~Q(sign_by=F("proposed_by")))
                & (Q(refuse_by=None) | ~Q(refuse_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="protection_lowering_signed",
                condition=Q(listed=True, sign_by=None)
                | Q(listed=False, status__in=("proposed", "refused", "withdrawn"), sign_by=None)
                | Q(
                    listed=False,
                    status__in=("force", "ended"),
                    sign_by__isnull=False,
                    sign_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="protection_stamps",
                condition=(
                    Q(sign_by=None, sign_at=None) | Q(sign_by__isnull=False, sign_at__isnull=False)
                )
                & (
                    (
                        Q(status="refused", refuse_by__isnull=False, refuse_at__isnull=False)
                        & ~Q(answer="")
                    )
                    | (~Q(status="refused") & Q(refuse_by=None, refuse_at=None, answer=""))
                )
                & (
                    Q(status="ended", end_by__isnull=False, end_at__isnull=False)
                    | (~Q(status="ended") & Q(end_by=None, end_at=None))
                ),
            ),
            models.CheckConstraint(
                name="protection_listed_at_once",
                condition=Q(listed=False) | Q(status__in=("force", "ended")),
            ),
        ]
        indexes = [models.Index(fields=["school", "-proposed_at"], name="protection_recent")]

    def __str__(self) -> str:
        return "列为重点保障" if self.listed else "不列为重点保障"

    @property
    def status_tone(self) -> str:
        """Which of the five hues shows the status."""
        return self.STATUS_TONES[self.status]


def protected(on: date, *, school_id: int | None = None) -> Q:
    """Condition on students: 困中之困 on `on`.

    By rule: in two special groups or more, in one that is enough alone (`SpecialGroup.key_alone`),
    or in one and disabled; or listed by a person; unless two people said that he is not.
    """
    whose = Q() if school_id is None else Q(school_id=school_id)
    tagged = (
        SpecialGroupTag.objects.filter(whose, live_tag(on))
        .order_by()
        .values("student_id")
        .annotate(
            n=Count("group", distinct=True),
            alone=BoolOr("group__key_alone"),
            disabled=BoolOr(Q(group__code=DISABLED), output_field=models.BooleanField()),
        )
    )
    several = tagged.filter(Q(n__gte=2) | Q(alone=True)).values("student_id")
    with_disability = tagged.filter(disabled=False).values("student_id")
    words = ProtectionWord.objects.filter(whose, status=ProtectionWord.Status.FORCE).order_by()
    lowered = words.filter(_nothing_new(on), listed=False)
    by_rule = Q(pk__in=several) | (Q(disability__isnull=False) & Q(pk__in=with_disability))
    return Q(pk__in=words.filter(listed=True).values("student_id")) | (
        by_rule & ~Q(pk__in=lowered.values("student_id"))
    )


def hardships(student: Student, on: date) -> list[str]:
    """Codes of the groups in which a student is on `on`; a registered disability is one."""
    tags = SpecialGroupTag.objects.filter(
        live_tag(on), school_id=student.school_id, student_id=student.pk
    )
    own = {DISABLED} if student.disability else set()
    return sorted(own.union(tags.values_list("group__code", flat=True)))


def _nothing_new(on: date) -> Q:
    """Condition on words: each hardship of the student on `on` was there when it was said."""
    tags = SpecialGroupTag.objects.filter(
        live_tag(on), school_id=OuterRef("school_id"), student_id=OuterRef("student_id")
    )
    own = Student.objects.filter(
        school_id=OuterRef("school_id"), pk=OuterRef("student_id"), disability__isnull=False
    )
    return Q(held__contains=ArraySubquery(tags.order_by().values("group__code"))) & (
        Q(held__contains=[DISABLED]) | ~Q(Exists(own))
    )


def protected_among(students: QuerySet[Student], on: date) -> QuerySet[Student]:
    """Those of these students who are 困中之困 and have not left."""
    return students.exclude(status=Student.Status.LEFT).filter(protected(on))
