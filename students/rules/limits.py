"""Whose limits of age hold where: one's own, else the nearest superior's, else the stages'."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from schools.models import Bureau, Organisation, Reach
from students.models import AgeLimit
from students.rules.ages import STAGE_AGES, Limits


@dataclass(frozen=True, slots=True)
class Ages:
    """What bureaus and one organisation set, and who stands above whom (主管部门).

    `asking` are the bureaus that reach it: each asks by what holds for itself, so that whoever
    allows an age empties the pages below alone.
    """

    organisation_id: int
    rows: Mapping[tuple[int, str], AgeLimit]
    superiors: Mapping[int, int | None]
    asking: tuple[int, ...] = ()

    def nearest(self, organisation_id: int | None, stage: str) -> AgeLimit | None:
        """What was set last on the way up from there; None where nobody set anything."""
        at = organisation_id
        while at is not None:
            if row := self.rows.get((at, stage)):
                return row
            at = self.superiors.get(at)
        return None

    def own(self, stage: str) -> AgeLimit | None:
        """What the organisation set itself."""
        return self.rows.get((self.organisation_id, stage))

    def inherited(self, stage: str) -> AgeLimit | None:
        """What would hold for it without its own."""
        return self.nearest(self.superiors.get(self.organisation_id), stage)

    def holding(self, organisation_id: int | None = None) -> Limits:
        """What holds for the organisation, or for a bureau, stage by stage."""
        of = self.organisation_id if organisation_id is None else organisation_id
        found = {stage: self.nearest(of, stage) for stage in STAGE_AGES}
        return {
            stage: (row.least, row.most) if (row := found[stage]) else usual
            for stage, usual in STAGE_AGES.items()
        }

    def asked_above(self) -> Limits:
        """What every bureau that reaches the school allows: beyond it, one of them asks."""
        every = [self.holding(pk) for pk in self.asking] or [STAGE_AGES]
        return {
            stage: (max(one[stage][0] for one in every), min(one[stage][1] for one in every))
            for stage in STAGE_AGES
        }


def ages_of(organisation: Organisation) -> Ages:
    """The limits around a school or a bureau; three queries at most."""
    rows = AgeLimit.objects.filter(
        Q(organisation_id=organisation.pk) | ~Q(organisation__kind=Organisation.Kind.SCHOOL)
    ).select_related("organisation", "set_by")
    superiors: dict[int, int | None] = dict(Bureau.objects.values_list("pk", "superior_id"))
    superiors[organisation.pk] = organisation.superior_id
    asking = Reach.objects.filter(school_id=organisation.pk).exclude(
        organisation_id=organisation.pk
    )
    return Ages(
        organisation.pk,
        {(row.organisation_id, row.stage): row for row in rows},
        superiors,
        tuple(asking.values_list("organisation_id", flat=True)),
    )
