"""升班, 毕业, 离校: what would become of whom, and on which days the last grade can have left."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from schools import clock, official
from schools.models import School, Term
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.enrolment import VERBS
from students.rules.rollover import (
    Leaver,
    Period,
    Rise,
    Season,
    period_of,
    plan_of,
    season_of,
)


def planned(school: School) -> tuple[list[Rise], Season | None, YearRollover | None]:
    """What would happen to each class, in which season, and whether it has happened."""
    classes = SchoolClass.objects.for_school(school).select_related("head_teacher")
    sizes = {
        row["school_class_id"]: (row["present"], row["suspended"])
        for row in Student.objects.for_school(school)
        .exclude(status=Student.Status.LEFT)
        .values("school_class_id")
        .annotate(
            present=Count("pk", filter=Q(status="enrolled")),
            suspended=Count("pk", filter=Q(status="suspended")),
        )
        .order_by()
    }
    season = season_of(official.current_term(), official.calendar(), clock.today())
    done: YearRollover | None = None
    if season is not None:
        done = YearRollover.objects.for_school(school).filter(year=season.year).first()
    return plan_of(classes, sizes), season, done


def leavers(rises: Iterable[Rise]) -> list[Leaver]:
    """The students in school of the classes that graduate, with their latest moves."""
    classes = [r.school_class for r in rises if r.graduates]
    rows = Student.objects.present().filter(
        school_id__in={c.school_id for c in classes}, school_class__in=classes
    )
    return with_moves(rows.order_by("school_class_id", "pinyin", "pk"))


def with_moves(students: Any) -> list[Leaver]:
    """These students, each with the day of the latest change that moved his status."""
    moved = EnrolmentChange.objects.filter(
        school_id=OuterRef("school_id"), student_id=OuterRef("pk"), kind__in=list(VERBS)
    ).order_by("-on")
    rows = students.annotate(moved_on=Subquery(moved.values("on")[:1]))
    return [Leaver(row, row.moved_on) for row in rows.select_related("school_class")]


def terms_about(year: int) -> list[Term]:
    """The terms of the school year that ends before `year`, and of the one that begins."""
    return list(Term.objects.filter(year__in=(year - 1, year)))


def graduation_period(year: int) -> Period:
    """The days on which the last grade may have graduated before the school year `year`."""
    return period_of(year, terms_about(year), clock.today())


def new_year(year: int) -> date:
    """The first day of the school year, as the terms say, else 1 September."""
    autumn = next((t for t in terms_about(year) if (t.year, t.half) == (year, 1)), None)
    return autumn.starts_on if autumn else date(year, 9, 1)
