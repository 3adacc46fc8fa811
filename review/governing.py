"""Which 量化评估表 governs whom: the superior bureau's, the school's own, or the national one."""

from datetime import date

from django.db.models import Q, QuerySet

from applications.models import Round
from review.models import Case, ScoringScheme
from schools import clock
from schools.hierarchy import line_of
from schools.models import Organisation, School


def scheme_of(round_: Round) -> ScoringScheme | None:
    """The scheme of a round: what was in force for its school when it opened."""
    return scheme_on(round_.school_id, round_.opens_on)


def scheme_on(organisation_id: int, day: date) -> ScoringScheme | None:
    """The scheme that a round opening on `day` is scored by.

    What a superior makes compulsory comes first, the highest before all; then the organisation's
    own, the nearest superior's, the national one.
    """
    line = line_of(organisation_id)
    in_force = _in_force(line, day)
    if (mandate := _mandate(line, in_force)) is not None:
        return mandate
    return next((in_force[pk] for pk in (*line, None) if pk in in_force), None)


def mandate_on(organisation_id: int, day: date) -> ScoringScheme | None:
    """What a superior makes compulsory for this organisation on `day`."""
    superiors = line_of(organisation_id)[1:]
    return _mandate(superiors, _in_force(superiors, day))


def _in_force(line: list[int], day: date) -> dict[int | None, ScoringScheme]:
    """The version in force of each owner, and of the nation under None (one query)."""
    found = (
        ScoringScheme.objects.filter(
            Q(owner=None, code=ScoringScheme.NATIONAL) | Q(owner_id__in=line, valid_from__lte=day),
            status=ScoringScheme.Status.ENACTED,
        )
        .order_by("owner_id", "-valid_from", "-version", "-pk")
        .distinct("owner_id")
    )
    return {scheme.owner_id: scheme for scheme in found}


def _mandate(line: list[int], in_force: dict[int | None, ScoringScheme]) -> ScoringScheme | None:
    made = [in_force[pk] for pk in reversed(line) if pk in in_force]
    return next((s for s in made if s.binding == ScoringScheme.Binding.MUST), None)


def visible(organisation_id: int) -> QuerySet[ScoringScheme]:
    """The national scheme and the styles, one's own versions, what superiors put in force."""
    line = line_of(organisation_id)
    return ScoringScheme.objects.filter(
        Q(owner=None)
        | Q(owner_id=organisation_id)
        | Q(owner_id__in=line[1:], status=ScoringScheme.Status.ENACTED)
    )


def to_copy(organisation_id: int) -> QuerySet[ScoringScheme]:
    """What a draft may begin with: everything in force that one sees, and the styles."""
    return visible(organisation_id).filter(status=ScoringScheme.Status.ENACTED)


def before(scheme: ScoringScheme) -> ScoringScheme:
    """What a draft would take the place of: what it was copied from, or of a style today's."""
    base = scheme.base or scheme
    if not base.is_style or scheme.owner_id is None:
        return base
    return scheme_on(scheme.owner_id, clock.today()) or base


def own_versions(bureau: Organisation) -> QuerySet[ScoringScheme]:
    """The last version that each school under a bureau put in force for itself."""
    return (
        ScoringScheme.objects.filter(
            owner__school__reached_from__organisation_id=bureau.pk,
            status=ScoringScheme.Status.ENACTED,
        )
        .select_related("owner", "base")
        .order_by("owner_id", "-valid_from", "-version")
        .distinct("owner_id")
    )


def trial_round(school: School) -> Round | None:
    """The recognition round that a new scheme is tried on: the last closed, else the last one."""
    found: Round | None = (
        Round.objects.for_school(school)
        .filter(kind=Round.Kind.RECOGNITION, cases__isnull=False)
        .select_related("term", "programme")
        .order_by("status", "-opens_on", "-pk")
        .first()
    )
    return found


def trial_cases(bureau: Organisation, most: int) -> list[Case]:
    """Cases of recognition in the schools under a bureau, the latest first, at most `most`."""
    found = (
        Case.objects.for_reach(bureau)
        .filter(round__kind=Round.Kind.RECOGNITION)
        .select_related("application", "school")
        .order_by("-pk")
    )
    return list(found[:most])
