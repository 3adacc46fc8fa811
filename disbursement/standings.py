"""What is known about students wherever money depends on it, in few queries however many."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from applications.models import DIFFICULT, Programme, valid_on
from applications.queue.programmes import binding_exclusions, open_students, outsiders
from applications.rules.eligibility import why_not_for
from disbursement import months
from disbursement.models import Award
from disbursement.rules import Standing
from office import bulk
from review.models import Objection, Recognition
from schools.models import Term
from students.models import Student

NOTHING: frozenset[int] = frozenset()


def standings_of(
    students: Sequence[Student],
    programme: Programme,
    term: Term,
    on: date,
    *,
    boarded: Mapping[int, str] | None = None,
) -> dict[int, Standing]:
    """Each student's recognition, groups, objections, double enrolment and exclusive awards.

    Whom the programme is for is asked anew: roster and groups change after the application.
    `boarded` is the 就读方式 of those for whom another counts than the roster's.
    """
    if not students:
        return {}
    school_id, ids = students[0].school_id, [s.id for s in students]
    blinds = [bytes(s.id_blind) for s in students]
    keys, identities = bulk.keys(ids), bulk.array(blinds)
    recognised = _recognised(school_id, keys, term, on)
    grouped = open_students(programme, school_id, ids, on)
    boarded = boarded or {}
    outside = outsiders(programme, school_id, ids, on, boarded=boarded)
    # After the term classes move up; what is still owed for it is owed all the same.
    placed = on <= term.ends_on
    objections = _objections(school_id, keys)
    elsewhere = _enrolled_elsewhere(school_id, identities)
    given = _given_elsewhere(school_id, identities, programme, term)
    exclusive, exclusive_elsewhere = _exclusions(school_id, keys, identities, programme, term)
    repeated = _awarded_this_year(school_id, keys, programme, term)
    away = months.absences(school_id, students)
    found = {}
    for s, blind in zip(students, blinds, strict=True):
        theirs = given.get(blind, NOTHING)
        found[s.id] = Standing(
            student=s,
            recognised=s.id in recognised,
            in_open_group=s.id in grouped,
            open_objections=objections.get(s.id, 0),
            elsewhere=blind in elsewhere,
            exclusive=tuple(exclusive.get(s.id, ())),
            exclusive_elsewhere=tuple(exclusive_elsewhere.get(blind, ())),
            awarded_in=repeated.get(s.id, ""),
            awarded_elsewhere=bool(theirs) and _is_all(theirs, term),
            months_elsewhere=theirs - {months.WHOLE} if theirs else NOTHING,
            absences=away.get(s.id, ()),
            not_meant=tuple(why_not_for(programme, s, outside=s.id in outside, placed=placed)),
            boarded=boarded.get(s.id, ""),
        )
    return found


def _exclusions(
    school_id: int, keys: RawSQL, identities: str, programme: Programme, term: Term
) -> tuple[Mapping[int, list[str]], Mapping[bytes, list[str]]]:
    """What was given here (by student) and elsewhere (by identity) that excludes this."""
    others = dict(binding_exclusions(programme).order_by("name", "pk").values_list("pk", "name"))
    # Most programmes exclude none: then nobody is asked.
    if not others:
        return {}, {}
    return (
        _exclusive(school_id, keys, programme, term, others),
        _exclusive_elsewhere(school_id, identities, programme, term, others),
    )


def _recognised(school_id: int, keys: RawSQL, term: Term, on: date) -> set[int]:
    # Recognition may end before the payment; the award then waits.
    return set(
        Recognition.objects.filter(
            valid_on(on),
            school_id=school_id,
            student_id__in=keys,
            year=term.year,
            grade__in=DIFFICULT,
        ).values_list("student_id", flat=True)
    )


def _objections(school_id: int, keys: RawSQL) -> Counter[int]:
    return Counter(
        Objection.objects.filter(
            school_id=school_id,
            status=Objection.Status.OPEN,
            line__case__student_id__in=keys,
        ).values_list("line__case__student_id", flat=True)
    )


def _enrolled_elsewhere(school_id: int, identities: str) -> set[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_enrolled_elsewhere(%s, %s::bytea[])",
            [school_id, identities],
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def _given_elsewhere(
    school_id: int, identities: str, programme: Programme, term: Term
) -> dict[bytes, frozenset[int]]:
    """By identity, the months that another school gives; WHOLE where it is all or nothing."""
    given: dict[bytes, frozenset[int]] = defaultdict(frozenset)
    if programme.money_cadence != Programme.Cadence.MONTHLY:
        for identity in _awarded_elsewhere(school_id, identities, programme, term):
            given[identity] = frozenset({months.WHOLE})
        return given
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity, instalment FROM aid_months_elsewhere(%s, %s, %s, %s::bytea[])",
            [school_id, programme.pk, term.pk, identities],
        )
        for identity, instalment in cursor.fetchall():
            given[bytes(identity)] |= {instalment}
    return given


def _is_all(given: frozenset[int], term: Term) -> bool:
    return months.WHOLE in given or given >= set(months.months_in(term))


def _awarded_elsewhere(
    school_id: int, identities: str, programme: Programme, term: Term
) -> set[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_awarded_elsewhere(%s, %s, %s, %s::bytea[])",
            [school_id, programme.pk, term.pk, identities],
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


def _exclusive(
    school_id: int, keys: RawSQL, programme: Programme, term: Term, others: Mapping[int, str]
) -> dict[int, list[str]]:
    yearly = Programme.Cadence.PER_YEAR
    # What is given for a year is enjoyed in both of its terms.
    at_once = Q(term_id=term.pk) | Q(term__year=term.year, programme__money_cadence=yearly)
    if programme.money_cadence == yearly:
        at_once |= Q(term__year=term.year)
    rows = Award.objects.filter(
        at_once,
        school_id=school_id,
        student_id__in=keys,
        status=Award.Status.GRANTED,
        programme_id__in=others,
    ).values_list("student_id", "programme_id")
    given: dict[int, set[int]] = {}
    for student_id, other in rows:
        given.setdefault(student_id, set()).add(other)
    return {student_id: _named(others, theirs) for student_id, theirs in given.items()}


def _exclusive_elsewhere(
    school_id: int,
    identities: str,
    programme: Programme,
    term: Term,
    others: Mapping[int, str],
) -> dict[bytes, list[str]]:
    given: dict[bytes, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity, other FROM aid_exclusive_elsewhere(%s, %s, %s, %s::bytea[])",
            [school_id, programme.pk, term.pk, identities],
        )
        for identity, other in cursor.fetchall():
            given.setdefault(bytes(identity), set()).add(other)
    return {identity: _named(others, theirs) for identity, theirs in given.items()}


def _named(others: Mapping[int, str], given: set[int]) -> list[str]:
    """Each name once: two versions of one programme may have been awarded."""
    return list(dict.fromkeys(name for pk, name in others.items() if pk in given))


def _awarded_this_year(
    school_id: int, keys: RawSQL, programme: Programme, term: Term
) -> dict[int, str]:
    cadence = programme.money_cadence
    if cadence not in (Programme.Cadence.PER_YEAR, Programme.Cadence.ONCE):
        return {}
    rows = (
        Award.objects.filter(
            school_id=school_id,
            student_id__in=keys,
            programme_id__in=_versions(programme),
            status=Award.Status.GRANTED,
        )
        .exclude(term_id=term.pk)
        .select_related("term")
    )
    if cadence == Programme.Cadence.PER_YEAR:
        rows = rows.filter(term__year=term.year)
    return {award.student_id: award.term.season_label for award in rows}


def _versions(programme: Programme) -> set[int]:
    """All versions of the programme: an older one may be granted late, when a newer one was."""
    found, more = set[int](), {programme.pk}
    while more:
        found |= more
        beside = Programme.objects.filter(Q(followers__in=more) | Q(follows__in=more))
        more = set(beside.values_list("pk", flat=True)) - found
    return found
