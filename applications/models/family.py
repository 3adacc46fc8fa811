"""The family's own way in: the class's code, a visit, what was filled in, and tries that failed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from applications.models.entries import Application, Signer
from applications.models.rounds import Round
from office.models import StoredFile
from privacy.fields import BlindIndexField, SealedField
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models import SchoolClass, Student


class AccessCode(TenantModel):
    """填报码: what the letter to a class's families carries in one round.

    Found by its blind index; the sealed text is opened only to print the letter again.
    """

    round = TenantForeignKey(Round, related_name="access_codes")
    school_class = TenantForeignKey(SchoolClass, related_name="+")
    code = SealedField("填报码")
    code_blind = BlindIndexField(unique=True)
    issued_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "round", "school_class"],
                name="access_code_live_once",
                condition=Q(voided_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id}"


class FamilyVisit(TenantModel):
    """One phone that has named a child: it sees that child's application, for half an hour idle."""

    code = TenantForeignKey(AccessCode, related_name="visits")
    student = TenantForeignKey(Student, related_name="+")
    token_blind = BlindIndexField(unique=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.begun_at}"


class FamilyFiling(TenantModel):
    """家长填报: who filled in the form, with what consent, and how far they came."""

    Relation = Signer

    application = TenantForeignKey(Application, related_name="filings")
    filler_name = models.CharField("填写人", max_length=64)
    relation = models.CharField("与学生的关系", max_length=12, choices=Relation.choices)
    # The consent to the privacy notice; for a child under 14 it is the guardian's.
    consented_at = models.DateTimeField("同意时间")
    # The pages that were gone through: {"members": "2026-09-03T20:41:00+08:00"}.
    pages = models.JSONField(default=dict)
    saved_at = models.DateTimeField()
    # The copy of the identity paper is brought to school instead of photographed.
    brings_paper = models.BooleanField("纸质材料交班主任", default=False)
    signature = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "application"], name="filed_once")]

    def __str__(self) -> str:
        return self.get_relation_display()


class EntryTry(models.Model):
    """How often the entry was tried, by address, by code and by child, in one span of time.

    Belongs to no school, since nobody is known yet; keys are blind, so the row names nobody.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", "来处"
        CODE = "code", "填报码"
        CHILD = "child", "学生"
        CHILD_DAY = "child_day", "学生每天"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = BlindIndexField()
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "since"], name="entry_try_once")
        ]
        indexes: ClassVar = [models.Index(fields=["since"], name="entry_try_since")]

    def __str__(self) -> str:
        return f"{self.kind} {self.count}"
