"""Names that a list writes otherwise and that a person compared with the family's papers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from audit.moves import Move, move
from privacy.fields import BlindIndexField
from privacy.sealing import blind
from schools.models import Person
from schools.tenancy import TenantForeignKey, TenantModel
from students.models.roster import Student


class NameCheck(TenantModel):
    """核对过: the list's name and the roster's were compared, and it is our student all the same.

    It holds for one way of writing (`NameDifference.written`) beside one name of the roster: where
    a list writes yet another name, or the roster does, that is open again.
    """

    class Status(models.TextChoices):
        HOLDS = "holds", "核对过"
        RECALLED = "recalled", "已撤回"

    MOVES: ClassVar[tuple[Move, ...]] = (
        move("recall", "撤回姓名核对", Status.HOLDS, Status.RECALLED),
    )

    student = TenantForeignKey(Student, related_name="name_checks")
    # As in the `NameDifference` that was compared.
    rostered = models.CharField(max_length=64)
    written = BlindIndexField()
    note = models.CharField("说明", max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.HOLDS)
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    recall_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recall_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "student", "rostered", "written"],
                name="name_check_once",
                condition=Q(status="holds"),
            ),
            models.CheckConstraint(
                name="name_check_stamps",
                condition=Q(status="holds", recall_by=None, recall_at=None)
                | Q(status="recalled", recall_by__isnull=False, recall_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id}:{self.get_status_display()}"


def blind_written(student_id: int, name_key: str) -> bytes:
    """By which a list's way of writing this student's name is known again, and not read."""
    return blind("written", f"{student_id}\x00{name_key}")
