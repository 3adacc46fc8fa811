"""The roster as a file is compared with it: streamed, so that a large school fits in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from django.db.models import QuerySet

from privacy.fields import SealedField
from schools import clock
from schools.models import School, Stage
from students.models import EnrolmentChange, Guardian, SchoolClass, Student
from students.rules.roster.places import Place

PLAIN = (
    "name",
    "sex",
    "birth_date",
    "ethnicity",
    "student_no",
    "household",
    "boarding",
    "entered_on",
    "id_kind",
    "campus",
    "left_behind",
    "migrant",
)
SEALED = ("enrolment_no", "phone", "address", "disability")
# What few files tell: read from the roster only for a file that has the column.
RARE_PLAIN = ("native_place", "political_status", "postcode", "lifted_year")
RARE_SEALED = ("household_address",)
ABOUT = ("id", "id_blind", "enrolment_blind", "name_key", "school_class_id", "status", "left_on")
CHUNK = 2_000
# Which stage comes after which; from one of the same rank nobody goes on to the other.
ORDER = {
    Stage.PRESCHOOL: 0, Stage.PRIMARY: 1, Stage.JUNIOR: 2, Stage.SENIOR: 3, Stage.VOCATIONAL: 3,
}  # fmt: skip
Opener = Callable[[bytes | memoryview | None], str]


@dataclass(slots=True)
class KnownGuardian:
    """A guardian on the roster."""

    id: int
    relation: str
    phone: str
    id_number: str = ""


@dataclass(slots=True)
class Known:
    """A student on the roster; `clear` holds the sealed and rare columns of which a file says
    otherwise.
    """

    id: int
    id_blind: bytes
    enrolment_blind: bytes | None
    name_key: str
    school_class: SchoolClass
    status: str
    left_on: date | None
    plain: tuple[Any, ...]
    sealed: tuple[Any, ...]
    clear: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name as the roster has it."""
        return str(self.plain[0])

    @property
    def present(self) -> bool:
        """Whether the student has not left."""
        return self.status != Student.Status.LEFT


@dataclass(slots=True)
class Roster:
    """A school's students and guardians, read once; `told` are the columns that the file has."""

    school: School
    classes: dict[int, SchoolClass]
    lock: bool = False
    told: frozenset[str] = frozenset()
    # Students with the day on which they graduated; asked for when somebody seems to go on.
    graduated: set[tuple[int, date]] | None = None

    @property
    def plain(self) -> tuple[str, ...]:
        """The plain columns of `Known.plain`, `PLAIN` first."""
        return PLAIN + tuple(name for name in RARE_PLAIN if name in self.told)

    @property
    def sealed(self) -> tuple[str, ...]:
        """The sealed columns of `Known.sealed`, `SEALED` first."""
        return SEALED + tuple(name for name in RARE_SEALED if name in self.told)

    def present(self) -> Iterator[Known]:
        """Everyone who has not left; locked until the transaction ends when asked so."""
        rows = Student.objects.for_school(self.school).exclude(status=Student.Status.LEFT)
        return self._stream(rows.order_by("pk"))

    def gone(self) -> Iterator[Known]:
        """Everyone who has left, the latest record last; locked as those who are present."""
        rows = Student.objects.for_school(self.school).filter(status=Student.Status.LEFT)
        return self._stream(rows.order_by("pk"))

    def goes_on(self, known: Known, place: SchoolClass | Place | None) -> bool:
        """Whether who left graduated from a stage before the one in which the place is."""
        if place is None or known.left_on is None or known.left_on > clock.today():
            return False
        if ORDER[Stage(place.stage)] <= ORDER[Stage(known.school_class.stage)]:
            return False
        if self.graduated is None:
            rows = EnrolmentChange.objects.for_school(self.school)
            ended = rows.filter(kind=EnrolmentChange.Kind.GRADUATE)
            self.graduated = set(ended.values_list("student_id", "on"))
        return (known.id, known.left_on) in self.graduated

    def _stream(self, rows: QuerySet[Student]) -> Iterator[Known]:
        if self.lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        about, plain = len(ABOUT), len(ABOUT) + len(self.plain)
        for row in rows.values_list(*ABOUT, *self.plain, *self.sealed).iterator(chunk_size=CHUNK):
            key, id_blind, enrolment, name_key, class_id, status, left_on = row[:about]
            yield Known(
                key,
                id_blind,
                enrolment,
                name_key,
                self._class(class_id),
                status,
                left_on,
                row[about:plain],
                row[plain:],
            )

    def _class(self, key: int) -> SchoolClass:
        # One that graduated, or that someone opened since the classes were read.
        if key not in self.classes:
            self.classes[key] = SchoolClass.objects.ever_at(self.school).get(pk=key)
        return self.classes[key]

    def openers(self) -> dict[str, Opener]:
        """What gives the clear text of a student's sealed columns."""
        return {name: _column(Student, name).opener(self.school.pk) for name in self.sealed}

    def guardians(self) -> dict[tuple[int, str], KnownGuardian]:
        """By student and the key of the name, in which its spellings are equal."""
        phone, number = (
            _column(Guardian, name).opener(self.school.pk) for name in ("phone", "id_number")
        )
        rows = Guardian.objects.for_school(self.school).order_by("pk")
        told = rows.values_list("student_id", "name_key", "id", "relation", "phone", "id_number")
        return {
            (student, name): KnownGuardian(key, relation, phone(called), number(identity))
            for student, name, key, relation, called, identity in told.iterator(chunk_size=CHUNK)
        }


def _column(model: type[Student | Guardian], name: str) -> SealedField:
    return cast(SealedField, model._meta.get_field(name))
