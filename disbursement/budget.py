"""经费年度预算 (row 2-16): per programme what a year's students need, and what came and was paid.

What is needed is worked out anew each time: present students whom the programme's data let in,
by the grade that was decided and the standards of each term. Amounts are fen.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from applications import queue
from applications.models import DIFFICULT, Programme, ProgrammeQuota, Tier
from applications.rules.eligibility import needs_no_grade, within
from applications.rules.rounds import in_force
from disbursement import ledger
from disbursement.actions.awards import instalments_of
from disbursement.models import Award, LedgerPosting
from disbursement.rules import YEARLY
from review.models import Recognition
from review.rules import choose_tier
from schools.models import School, Term
from students.models import SpecialGroupTag, Student, live_tag

Account = LedgerPosting.Account


@dataclass(frozen=True, slots=True)
class Pupil:
    """What decides on a student's aid."""

    pk: int
    stage: str
    class_year: int
    agri_major: bool
    household: str
    boarding: str
    grade: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A programme's year; heads and need are None where selection alone says who gets it."""

    programme: Programme
    heads: int | None
    needed_fen: int | None
    granted_fen: int
    received_fen: int
    paid_fen: int

    @property
    def lacking_fen(self) -> int | None:
        """What is needed beyond the money received."""
        return None if self.needed_fen is None else max(0, self.needed_fen - self.received_fen)


def budget(school: School, year: int, today: date) -> list[Line]:
    """Each programme that the school may open in the academic year, with the money of it.

    The same few queries for any number of students.
    """
    terms = list(Term.objects.filter(year=year).order_by("half"))
    programmes = [
        p
        for p in queue.offered(school)
        .filter(handling=Programme.Handling.SCHOOL, stage__in=queue.stages_of(school))
        .prefetch_related("tiers", "open_groups")
        .order_by("stage", "name", "pk")
        if any(_tiers(p, term) for term in terms)
    ]
    pupils = _pupils(school, year, today)
    quotas = dict(
        ProgrammeQuota.objects.for_school(school)
        .filter(programme__in=programmes)
        .values_list("programme_id", "heads")
    )
    granted = dict(
        Award.objects.for_school(school)
        .filter(term__in=terms, status=Award.Status.GRANTED)
        .order_by()
        .values_list("programme_id")
        .annotate(Sum("amount_fen"))
    )
    money = _money(school, terms)
    own = {p.pk: _without_own(school, p, terms) for p in programmes}
    return [
        Line(
            p,
            *_need(p, own[p.pk], pupils, quotas.get(p.pk)),
            granted.get(p.pk, 0),
            *money.get(p.pk, (0, 0)),
        )
        for p in programmes
        if own[p.pk] or p.pk in granted or p.pk in money
    ]


def _without_own(school: School, programme: Programme, terms: Sequence[Term]) -> list[Term]:
    """The terms in which no authority offers its own in place of the nation's: one of them pays."""
    return [term for term in terms if queue.own_beside(school, term, programme) is None]


def _tiers(programme: Programme, term: Term) -> list[Tier]:
    if not in_force(programme, term.starts_on):
        return []
    tiers: Iterable[Tier] = programme.tiers.all()
    return sorted((t for t in tiers if in_force(t, term.starts_on)), key=lambda t: t.rank)


def _pupils(school: School, year: int, today: date) -> list[Pupil]:
    students = Student.objects.for_school(school).present()
    grades = dict(
        Recognition.objects.filter(school_id=school.pk, year=year, valid_to=None).values_list(
            "student_id", "grade"
        )
    )
    groups: dict[int, set[str]] = {}
    tags = SpecialGroupTag.objects.filter(live_tag(today), school_id=school.pk)
    for student_id, code in tags.values_list("student_id", "group__code"):
        groups.setdefault(student_id, set()).add(code)
    rows = students.values_list(
        "pk",
        "school_class__stage",
        "school_class__grade",
        "school_class__agri_major",
        "household",
        "boarding",
    )
    return [
        Pupil(
            pk,
            stage,
            class_year,
            agri,
            household,
            boarding,
            grades.get(pk, ""),
            _tagged(groups, pk),
        )
        for pk, stage, class_year, agri, household, boarding in rows
    ]


def _tagged(groups: Mapping[int, set[str]], student_id: int) -> frozenset[str]:
    return frozenset(groups.get(student_id, ()))


def _money(school: School, terms: Collection[Term]) -> dict[int, tuple[int, int]]:
    """Per programme what the ledger says was received and paid in these terms."""
    found: dict[int, tuple[int, int]] = {}
    keys = {term.pk for term in terms}
    for purse, balances in ledger.booked(school).items():
        if purse.term_id in keys:
            received, paid = found.get(purse.programme_id, (0, 0))
            found[purse.programme_id] = (
                received - balances[Account.RECEIVED],
                paid + balances[Account.PAID],
            )
    return found


def _need(
    programme: Programme, terms: Sequence[Term], pupils: Sequence[Pupil], quota: int | None
) -> tuple[int | None, int | None]:
    """How many students, and how much they get in the year."""
    selected = not programme.needs_recognition and not programme.only_groups
    if selected and quota is None:
        return None, None
    heads, fen = set[int](), 0
    for term in _paying_terms(programme, terms):
        tiers, times = _tiers(programme, term), len(instalments_of(programme, term))
        if selected:
            fen += (quota or 0) * times * max((t.amount_fen for t in tiers), default=0)
            continue
        for pupil in pupils:
            tier = choose_tier(tiers, pupil.boarding, pupil.grade)
            if tier is not None and _entitled(programme, pupil):
                heads.add(pupil.pk)
                fen += tier.amount_fen * times
    return (quota if selected else len(heads)), fen


def _paying_terms(programme: Programme, terms: Sequence[Term]) -> list[Term]:
    """The terms in which it is paid; what is given once a year counts once."""
    found = [term for term in terms if _tiers(programme, term)]
    return found[:1] if programme.money_cadence in YEARLY else found


def _entitled(programme: Programme, pupil: Pupil) -> bool:
    if pupil.stage != programme.stage:
        return False
    if programme.years and pupil.class_year not in programme.years:
        return False
    if not within(programme, pupil.groups, household=pupil.household, boarding=pupil.boarding):
        return False
    if not programme.needs_recognition or pupil.grade in DIFFICULT:
        return True
    return needs_no_grade(
        programme,
        {group.code for group in programme.open_groups.all()},
        pupil.groups,
        household=pupil.household,
        agri_major=pupil.agri_major,
    )
