"""Questions about many rows: progress by class, a class's students, who is 应助未助."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from guardian.core import ObjectPermissionChecker

from schools.models import Appointment, School, Term
from screening.models import Screening, ScreeningRow
from students.models import SchoolClass, Student


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """How far one class is."""

    school_class: SchoolClass
    total: int
    verified: int
    unaided: int

    @property
    def left(self) -> int:
        """How many are not verified."""
        return self.total - self.verified


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one school's 排查 is: present students, those verified, those found 应助未助."""

    total: int = 0
    verified: int = 0
    unaided: int = 0


def progress(screenings: Iterable[Screening]) -> dict[int, Progress]:
    """Of each of these, by its key, that has a present student; one query for any number.

    By the keys of the screenings: asked by their term, the database looks for each school's rows
    among those of all schools.
    """
    rows = (
        ScreeningRow.objects.filter(
            screening_id__in=[one.pk for one in screenings],
            student__status=Student.Status.ENROLLED,
        )
        .order_by()
        .values_list("screening_id")
        .annotate(
            total=Count("pk"),
            verified=Count("pk", filter=~Q(result="")),
            unaided=Count("pk", filter=Q(result=ScreeningRow.Result.UNAIDED)),
        )
    )
    return {key: Progress(*counts) for key, *counts in rows}


def present(screening: Screening) -> QuerySet[ScreeningRow]:
    """The rows that count: of students who are here (others keep theirs as a record)."""
    rows: QuerySet[ScreeningRow] = ScreeningRow.objects.filter(
        school_id=screening.school_id,
        screening=screening,
        student__status=Student.Status.ENROLLED,
    )
    return rows


def by_class(
    screening: Screening, classes: Iterable[SchoolClass] | None = None
) -> list[ClassProgress]:
    """Progress of each class, or of those named, in the order of the classes; two queries."""
    counts = {
        row["school_class_id"]: row
        for row in present(screening)
        .values("school_class_id")
        .annotate(
            total=Count("pk"),
            verified=Count("pk", filter=~Q(result="")),
            unaided=Count("pk", filter=Q(result="unaided")),
        )
        .order_by("school_class_id")
    }
    wanted: Iterable[SchoolClass] = (
        SchoolClass.objects.filter(school_id=screening.school_id).select_related("head_teacher")
        if classes is None
        else classes
    )
    return [
        ClassProgress(c, row["total"], row["verified"], row["unaided"])
        for c in wanted
        if (row := counts.get(c.pk))
    ]


def rows_of_class(screening: Screening, school_class: SchoolClass) -> QuerySet[ScreeningRow]:
    """The class's rows with their students, by name."""
    return (
        present(screening)
        .filter(school_class=school_class)
        .select_related("student", "checked_by")
        .order_by("student__pinyin", "student_id")
    )


def standing(screening: Screening) -> list[tuple[int, int, str, str]]:
    """(student, class, class name, result) of every present student's row, classes in order."""
    return list(
        present(screening)
        .order_by(
            "school_class__stage", "school_class__grade", "school_class__number", "student_id"
        )
        .values_list("student_id", "school_class_id", "school_class__name", "result")
    )


def unaided(term: Term, schools: QuerySet[Any] | Sequence[int]) -> QuerySet[ScreeningRow]:
    """应助未助 found this term, with what will be done until when; soonest first (row 2-05)."""
    rows: QuerySet[ScreeningRow] = (
        found_unaided(ScreeningRow.objects.filter(school_id__in=schools), term)
        .select_related("student", "school_class", "school", "screening")
        .order_by("measure_due_on", "school_id", "pk")
    )
    return rows


def found_unaided(rows: QuerySet[ScreeningRow], term: Term) -> QuerySet[ScreeningRow]:
    """Of these rows the ones found 应助未助 in a term."""
    # With the school in the join each school's few are found by the index of what was found.
    return rows.filter(
        screening__term=term,
        screening__school_id=F("school_id"),
        result=ScreeningRow.Result.UNAIDED,
    )


def current(school: School, term: Term) -> Screening | None:
    """The school's screening of a term."""
    found: Screening | None = (
        Screening.objects.for_school(school)
        .filter(term=term)
        .select_related("term", "school", "fill_by", "review_by", "sign_by")
        .first()
    )
    return found


def leads(by: Appointment, school_class: SchoolClass) -> bool:
    """Whether this head teacher was granted the class."""
    return any(
        ObjectPermissionChecker(account).has_perm("lead_class", school_class)
        for account in by.person.accounts.filter(is_active=True)
    )


def cells_of(screening: Screening) -> dict[int, int]:
    """How many rows were frozen in each category."""
    counted = (
        ScreeningRow.objects.filter(
            school_id=screening.school_id, screening=screening, cell__isnull=False
        )
        .values(kind=F("cell"))
        .annotate(n=Count("pk"))
        .order_by("kind")
    )
    return {row["kind"]: row["n"] for row in counted}
