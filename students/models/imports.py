"""Roster files that were uploaded, and head teachers' approvals of what came of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.moves import Move, move
from office.models import Job, StoredFile
from privacy.fields import SealedField
from schools.models import Person, Term
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.roster import SchoolClass


class RosterImport(TenantModel):
    """One roster file: staged with its errors and difference, then applied or put away."""

    class Status(models.TextChoices):
        READING = "reading", "正在读取"
        STAGED = "staged", "待确认"
        APPLIED = "applied", "已导入"
        DISCARDED = "discarded", "已放弃"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("read", "读取", Status.READING, Status.STAGED),
        move("reread", "重新读取", Status.STAGED, Status.READING),
        move("apply", "导入", Status.STAGED, Status.APPLIED),
        move("discard", "放弃", (Status.READING, Status.STAGED), Status.DISCARDED),
    )

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.STAGED)
    # The work that reads or writes a long file; None when it was done at once.
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    # {"sheet": {"field": column index or None}} as corrected by the officer, and for every sheet
    # headed alike; empty means as recognised. Older files have one sheet's {"field": index}.
    columns = models.JSONField(default=dict)
    # Sheets as understood: header row, columns with masked examples (students.rules.roster.tables).
    layout = models.JSONField(default=list)
    # rows, added, changed, unchanged, left
    counts = models.JSONField(default=dict)
    # Cells with a reason; values of sealed columns are masked before they come here.
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    difference = models.CharField("差异指纹", max_length=64, blank=True)
    staged_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    staged_at = models.DateTimeField()
    apply_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    apply_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="roster_import_apply_stamp",
                condition=Q(status="applied", apply_by__isnull=False, apply_at__isnull=False)
                | ~Q(status="applied"),
            )
        ]
        indexes = [models.Index(fields=["school", "-staged_at"], name="roster_import_recent")]

    def __str__(self) -> str:
        return f"名册导入 {self.staged_at:%Y-%m-%d}"


class RosterPart(TenantModel):
    """Some thousand rows of a long file as they were read for the preview, sealed.

    They are for the writing alone, on the same day, and go when the file is written or put away.
    """

    staged = TenantForeignKey(RosterImport, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    rows = SealedField()
    kept_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "staged", "number"], name="roster_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.staged_id}:{self.number}"


class RosterApproval(TenantModel):
    """A head teacher's word that the class's roster is right this term; stale when it changes.

    It is his alone: who takes the class over gives his own.
    """

    school_class = TenantForeignKey(SchoolClass, related_name="approvals")
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    students = models.PositiveIntegerField("人数")
    # Digest of who is in the class and the facts shown when it was approved.
    digest = models.CharField(max_length=64)
    # Those facts, a list per student, so that the next approval can show what changed.
    roll = models.JSONField(default=list)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "school_class", "term", "digest", "approved_by"],
                name="roster_approved_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.approved_at:%Y-%m-%d}"
