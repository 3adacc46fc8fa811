"""Which programmes an organisation sees and a school may open, and what one of them says."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from applications.models import Programme, ProgrammeQuota, Round
from applications.queue.groups import listed_groups
from applications.rules.eligibility import needs_no_grade, within
from applications.rules.programmes import (
    YEARLY,
    Hanging,
    PaperFacts,
    ProgrammeFacts,
    TierFacts,
)
from privacy.marks import mark_of
from schools.hierarchy import line_of, under
from schools.models import Organisation, School
from students.models import SchoolClass, Student

# A day in August belongs to the academic year that is about to begin.
AUGUST = 8
# Authorities under the nation, the highest first.
FROM_THE_TOP: list[str] = [
    Organisation.Kind.CITY,
    Organisation.Kind.DISTRICT,
    Organisation.Kind.SCHOOL,
]


def offered(school: Organisation) -> QuerySet[Programme]:
    """What a school may open: the nation's, its superiors' and its own, once enacted."""
    return Programme.objects.filter(
        Q(managed_by=None) | Q(managed_by_id__in=line_of(school.pk)),
        status__in=Programme.OFFERED,
    )


def known(school: Organisation) -> QuerySet[Programme]:
    """What a school has to do with: what it may open, and what it opened under other superiors."""
    opened = Round.objects.filter(school_id=school.pk, programme__isnull=False)
    return Programme.objects.filter(
        Q(pk__in=offered(school).values("pk")) | Q(pk__in=opened.values("programme_id"))
    )


def visible(organisation: Organisation) -> QuerySet[Programme]:
    """What its pages show: the nation's, one's own drafts too, and what holds above and below."""
    below = Organisation.objects.filter(under(organisation.pk))
    return Programme.objects.filter(
        Q(managed_by=None)
        | Q(managed_by_id=organisation.pk)
        | Q(managed_by_id__in=line_of(organisation.pk), status__in=Programme.LIVE)
        | Q(managed_by_id__in=below.values("pk"), status__in=Programme.LIVE)
    )


def stated_exclusions(programme: Programme) -> QuerySet[Programme]:
    """What a version itself says can't be had with it, as far as enacted.

    A pair stands with both its programmes, whoever made it; the drafts of others, what their
    authority can't see, and what is not the nation's are no part of what a version says.
    """
    others: QuerySet[Programme] = programme.exclusive_with.filter(status__in=Programme.LIVE)
    if programme.managed_by is None:
        return others.filter(managed_by=None)
    return others.filter(pk__in=visible(programme.managed_by).values("pk"))


def binding_exclusions(programme: Programme) -> QuerySet[Programme]:
    """What keeps a student from this programme: the enacted ones of its authority and those above.

    What a lower authority pairs with it holds that authority's own money, never this one's.
    """
    others: QuerySet[Programme] = programme.exclusive_with.filter(status__in=Programme.LIVE)
    owner = programme.managed_by
    reached = FROM_THE_TOP[: FROM_THE_TOP.index(owner.kind) + 1] if owner else []
    return others.filter(Q(managed_by=None) | Q(managed_by__kind__in=reached))


def shown_exclusions(reader: Organisation) -> "Prefetch[str, QuerySet[Programme], str]":
    """The pairs that an organisation's pages show, as `exclusions` of each programme."""
    enacted = visible(reader).filter(status__in=Programme.LIVE)
    return Prefetch("exclusive_with", queryset=enacted, to_attr="exclusions")


def governed_schools(organisation: Organisation) -> QuerySet[School]:
    """The schools that may open what this organisation enacts, by name."""
    keys = Organisation.objects.filter(under(organisation.pk)).values("pk")
    return School.objects.filter(pk__in=keys).order_by("name", "pk")


def facts_of(programme: Programme) -> ProgrammeFacts:
    """What a version says, as one comparable value (five queries)."""
    begins, ends = programme.valid_from, programme.valid_to
    tiers = tuple(
        TierFacts(
            t.label,
            t.amount_fen,
            t.boarding,
            t.suggested_for,
            None if t.valid_from == begins else t.valid_from,
            None if t.valid_to == ends else t.valid_to,
        )
        for t in programme.tiers.order_by("rank", "valid_from", "pk")
    )
    papers = tuple(
        PaperFacts(r.label, r.kinds[0], r.level, r.listed_exempt)
        for r in programme.paper_rules.order_by("pk")
    )
    quotas = ProgrammeQuota.objects.filter(programme=programme).order_by("school_id")
    return ProgrammeFacts(
        name=programme.name,
        source=programme.source,
        kind=programme.kind,
        stage=programme.stage,
        valid_from=begins,
        valid_to=ends,
        money_cadence=programme.money_cadence,
        entry_cadence=programme.entry_cadence,
        basis=programme.basis,
        needs_recognition=programme.needs_recognition,
        guardian_card=programme.guardian_card,
        years=tuple(sorted(programme.years)),
        open_groups=tuple(sorted(programme.open_groups.values_list("code", flat=True))),
        only_groups=tuple(sorted(programme.only_groups)),
        rural_groups=tuple(sorted(programme.rural_groups)),
        day_groups=tuple(sorted(programme.day_groups)),
        open_to=tuple(sorted(programme.open_to)),
        handling=programme.handling,
        paid_by=programme.paid_by,
        share=_share_of(programme),
        note=programme.note,
        exclusive=tuple(sorted(stated_exclusions(programme).values_list("pk", flat=True))),
        tiers=tiers,
        papers=papers,
        quotas=tuple(quotas.values_list("school_id", "heads")),
    )


def _share_of(programme: Programme) -> tuple[int, int] | None:
    least, most = programme.share_least, programme.share_most
    return None if least is None or most is None else (least, most)


def digest_of(facts: ProgrammeFacts) -> str:
    """A short mark of what a version says: who saves or enacts it names what was seen."""
    return mark_of("programme", facts)


def quota_of(round_: Round) -> int | None:
    """How many students of the school the round is for; None when nobody set it."""
    if round_.programme_id is None:
        return None
    rows = ProgrammeQuota.objects.for_school(round_.school).filter(programme=round_.programme_id)
    heads: int | None = rows.values_list("heads", flat=True).first()
    return heads


def rounds_from(programme: Programme, day: date) -> int:
    """How many rounds of reached schools count on it on `day` or later.

    Of what is given once a year those of that day's academic year too, so that nobody gets it by
    two versions.
    """
    later = Q(term__starts_on__gte=day)
    if programme.money_cadence in YEARLY:
        later |= Q(term__year__gte=_school_year(day))
    return Round.objects.filter(later, programme=programme).count()


def rounds_after(programme: Programme, day: date) -> int:
    """How many rounds of reached schools count on it in terms that start after `day`."""
    return Round.objects.filter(programme=programme, term__starts_on__gt=day).count()


def hanging_on(programme: Programme) -> Hanging:
    """What counts on a version: rounds of reached schools, a later version."""
    return Hanging(
        rounds=Round.objects.filter(programme=programme).count(),
        followed=programme.followers.exclude(status__in=Programme.GONE).exists(),
    )


def _school_year(day: date) -> int:
    return day.year if day.month >= AUGUST else day.year - 1


def openers(programme: Programme) -> tuple[list[School], int]:
    """The schools that could open it, and how many of their students are in its class years."""
    if programme.managed_by is None:
        return [], 0
    schools = governed_schools(programme.managed_by)
    classes = SchoolClass.objects.filter(
        school_id__in=schools.values("pk"), stage=programme.stage, closed_on=None
    )
    if programme.years:
        classes = classes.filter(grade__in=programme.years)
    students = Student.objects.filter(
        school_class_id__in=classes.values("pk"), status=Student.Status.ENROLLED
    )
    return list(schools.filter(pk__in=classes.values("school_id"))), students.count()


def outsiders(
    programme: Programme | None,
    school_id: int,
    students: Collection[int] | QuerySet[Any],
    day: date,
    *,
    boarded: Mapping[int, str] | None = None,
) -> frozenset[int]:
    """Who of these students is in none of the groups that it is only for; two queries at most.

    Some groups count for rural households alone, some standards are for a few groups alone.
    `boarded` is the 就读方式 of those for whom another counts than the roster's.
    """
    if programme is None or not (programme.only_groups or programme.day_groups):
        return frozenset()
    groups = listed_groups(school_id, students, day)
    facts = Student.objects.filter(school_id=school_id, pk__in=students).values_list(
        "pk", "household", "boarding"
    )
    return frozenset(
        pk
        for pk, household, boarding in facts
        if not within(
            programme,
            groups.get(pk, ()),
            household=household,
            boarding=(boarded or {}).get(pk, boarding),
        )
    )


def open_students(
    programme: Programme, school_id: int, students: Collection[int] | QuerySet[Any], day: date
) -> frozenset[int]:
    """Who of these students may be awarded before a grade is decided; three queries at most.

    By group, of which some count for rural households alone, or by trait.
    """
    codes = set(programme.open_groups.values_list("code", flat=True))
    if not codes and not programme.open_to:
        return frozenset()
    groups = listed_groups(school_id, students, day)
    facts = Student.objects.filter(school_id=school_id, pk__in=students).values_list(
        "pk", "household", "school_class__agri_major"
    )
    return frozenset(
        pk
        for pk, household, agri_major in facts
        if needs_no_grade(
            programme, codes, groups.get(pk, ()), household=household, agri_major=agri_major
        )
    )


def names_of(schools: Iterable[int]) -> dict[int, str]:
    """Schools by key, as they are called."""
    return dict(School.objects.filter(pk__in=list(schools)).values_list("pk", "name"))
