"""Last year's applicants who have not applied this year; last year's round beside this one's."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Application, Round
from applications.queue.entries import candidates
from schools.models import Appointment, School, Term
from students.models import Student


@dataclass(frozen=True, slots=True)
class LastRound:
    """The same round a year ago: how many handed in, and how many of them are still at school."""

    round: Round
    submitted: int
    present: int


def _handed_in_last_year(school_id: int, year: int) -> QuerySet[Application]:
    found: QuerySet[Application] = Application.objects.filter(
        school_id=school_id,
        status=Application.Status.SUBMITTED,
        round__kind=Round.Kind.RECOGNITION,
        round__term__year=year - 1,
    )
    return found


def renewals(round_: Round, by: Appointment) -> QuerySet[Student]:
    """Students of this person's classes who handed in last year and may still apply this year.

    Recognition holds for one academic year (`domain.md` §C.1), so each of them must apply anew.
    """
    if not round_.is_recognition:
        return Student.objects.none()
    before = _handed_in_last_year(round_.school_id, round_.term.year)
    return candidates(round_, by).filter(Exists(before.filter(student_id=OuterRef("pk"))))


def last_recognition(school: School, term: Term) -> LastRound | None:
    """The recognition round of the year before a term's, in numbers; None when there was none."""
    round_ = (
        Round.objects.for_school(school)
        .filter(kind=Round.Kind.RECOGNITION, term__year=term.year - 1)
        .select_related("term")
        .first()
    )
    if round_ is None:
        return None
    before = _handed_in_last_year(school.pk, term.year)
    students = Student.objects.for_school(school).present()
    present = students.filter(Exists(before.filter(student_id=OuterRef("pk"))))
    return LastRound(round_, before.count(), present.count())
