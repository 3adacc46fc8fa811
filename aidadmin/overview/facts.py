"""Numbers of many schools at once: one grouped query per kind of row, however many schools."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum

from applications.models import DIFFICULT, Application, Round
from disbursement.models import Award, PaymentLine
from review.models import Case, Notice, Recognition
from schools.models import Organisation, School, Term
from screening.models import Screening
from screening.queue import Progress, progress
from students.models import RosterApproval, SchoolClass, Student


@dataclass(slots=True)
class Facts:
    """How far one school is in a term. Counts are people unless named otherwise; money is fen."""

    school: School
    students: int = 0
    classes: int = 0
    approved: int = 0
    recognition_rounds: int = 0
    closes_on: date | None = None
    programme_rounds: int = 0
    applications: int = 0
    # When the earliest of the applications was handed in that no class panel has judged.
    owed_since: datetime | None = None
    cases: int = 0
    appraised: int = 0
    decided: int = 0
    confirmed: int = 0
    published: int = 0
    notices_confirmed: int = 0
    notice_ends_on: date | None = None
    difficult: int = 0
    # Recognised as difficult, on no list of aid this term (应助未助).
    missed: int = 0
    awards: int = 0
    aided: int = 0
    awarded_fen: int = 0
    award_rounds: int = 0
    paid: int = 0
    paid_fen: int = 0
    failed: int = 0
    screening_status: str = ""
    screening_due_on: date | None = None
    screening_rows: int = 0
    checked: int = 0
    unaided: int = 0


def facts_of(
    organisation: Organisation, term: Term, *, school_id: int | None = None
) -> list[Facts]:
    """Facts of every school that the organisation reaches, each school once, by name."""
    schools = School.objects.filter(reached_from__organisation_id=organisation.pk)
    if school_id is not None:
        schools = schools.filter(pk=school_id)
    found = {s.pk: Facts(s) for s in schools.select_related("territory").order_by("name", "pk")}
    only = {} if school_id is None else {"school_id": school_id}

    def rows(model: Any) -> Any:
        return model.objects.for_reach(organisation).filter(**only).order_by()

    _fill(found, _roster(rows, term))
    _fill(found, _recognition(rows, term))
    _fill(found, _money(rows, term))
    _fill(found, _screening(rows, term))
    return list(found.values())


def _fill(found: dict[int, Facts], rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        facts = found.get(row.pop("school_id"))
        if facts is None:
            continue
        for name, value in row.items():
            setattr(facts, name, value if value is not None else getattr(facts, name))


def _roster(rows: Any, term: Term) -> Iterable[dict[str, Any]]:
    present = Student.Status.ENROLLED
    yield from (
        rows(Student).filter(status=present).values("school_id").annotate(students=Count("pk"))
    )
    # Classes without students (last year's, say) have nothing to approve.
    inhabited = Student.objects.filter(
        school_id=OuterRef("school_id"), school_class_id=OuterRef("pk"), status=present
    )
    yield from (
        rows(SchoolClass)
        .filter(Exists(inhabited))
        .values("school_id")
        .annotate(classes=Count("pk"))
    )
    yield from (
        rows(RosterApproval)
        .filter(term=term)
        .values("school_id")
        .annotate(approved=Count("school_class_id", distinct=True))
    )


def _recognition(rows: Any, term: Term) -> Iterable[dict[str, Any]]:
    kinds = Round.Kind
    yield from (
        rows(Round)
        .filter(
            Q(kind=kinds.RECOGNITION, term__year=term.year) | Q(kind=kinds.PROGRAMME, term=term)
        )
        .values("school_id")
        .annotate(
            recognition_rounds=Count("pk", filter=Q(kind=kinds.RECOGNITION)),
            closes_on=Max("closes_on", filter=Q(kind=kinds.RECOGNITION)),
            programme_rounds=Count("pk", filter=Q(kind=kinds.PROGRAMME)),
        )
    )
    of_year = {"round__kind": kinds.RECOGNITION, "round__term__year": term.year}
    yield from (
        rows(Application)
        .filter(status=Application.Status.SUBMITTED, **of_year)
        .values("school_id")
        .annotate(
            applications=Count("pk"),
            owed_since=Min("submit_at", filter=Q(cases=None) | Q(cases__status=Case.Status.OPEN)),
        )
    )
    settled = (Case.Status.DECIDED, Case.Status.CONFIRMED, Case.Status.REFUSED)
    yield from (
        rows(Case)
        .filter(**of_year)
        .values("school_id")
        .annotate(
            cases=Count("pk"),
            appraised=Count("pk", filter=~Q(status=Case.Status.OPEN)),
            decided=Count("pk", filter=Q(status__in=settled)),
            confirmed=Count("pk", filter=Q(status=Case.Status.CONFIRMED)),
        )
    )
    yield from (
        rows(Notice)
        .filter(**of_year)
        .values("school_id")
        .annotate(
            published=Count("pk", filter=Q(status=Notice.Status.PUBLISHED)),
            notices_confirmed=Count("pk", filter=Q(status=Notice.Status.CONFIRMED)),
            notice_ends_on=Max("ends_on", filter=Q(status=Notice.Status.PUBLISHED)),
        )
    )


def _money(rows: Any, term: Term) -> Iterable[dict[str, Any]]:
    granted = Award.Status.GRANTED
    aided = Award.objects.filter(
        school_id=OuterRef("school_id"),
        student_id=OuterRef("student_id"),
        term=term,
        status=granted,
    )
    yield from (
        rows(Recognition)
        .filter(year=term.year, valid_to=None, grade__in=DIFFICULT)
        .values("school_id")
        .annotate(difficult=Count("pk"), missed=Count("pk", filter=~Exists(aided)))
    )
    yield from (
        rows(Award)
        .filter(term=term, status=granted)
        .values("school_id")
        .annotate(
            awards=Count("pk"),
            aided=Count("student_id", distinct=True),
            awarded_fen=Sum("amount_fen"),
            award_rounds=Count("round_id", distinct=True),
        )
    )
    statuses = PaymentLine.Status
    lines = rows(PaymentLine).filter(batch__term=term).values("school_id")
    for row in lines.annotate(
        paid=Count("pk", filter=Q(status=statuses.PAID)),
        paid_fen=Sum("amount_fen", filter=Q(status=statuses.PAID)),
        failed=Count("pk", filter=Q(status=statuses.FAILED)),
        again=Count("retries_id"),
    ):
        # Each line that pays again answers one that failed.
        row["failed"] -= row.pop("again")
        yield row


def _screening(rows: Any, term: Term) -> Iterable[dict[str, Any]]:
    screenings = list(rows(Screening).filter(term=term))
    counts, none = progress(screenings), Progress()
    for one in screenings:
        found = counts.get(one.pk, none)
        yield {
            "school_id": one.school_id,
            "screening_status": one.status,
            "screening_due_on": one.due_on,
            "screening_rows": found.total,
            "checked": found.verified,
            "unaided": found.unaided,
        }
