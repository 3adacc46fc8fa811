"""收票: a blind vote ends, and its figures become the tallies of the class panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from audit import moves
from audit.refusal import Reason, refuse_if
from review import apart, ballot_reading, balloting
from review.actions.appraisals import tally, why_not_chair
from review.models import (
    Appraisal,
    Ballot,
    BallotCase,
    BallotDevice,
    BallotRecusal,
    BallotSlip,
    Case,
)
from schools import clock
from schools.models import Appointment


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of counting: how many cases have their figures, and why others have none."""

    ballot: Ballot
    cases: int
    held: list[Reason]


@transaction.atomic
def count_ballot(*, ballot: Ballot, by: Appointment) -> Counted:
    """End the vote and enter the figures of every case; who was here and did not vote abstains.

    A case whose facts changed meanwhile, that left the class, or on which fewer than three voted
    after recusals gets no figures; `held` says so. Members who have applied meanwhile and had not
    voted withdraw from all.
    """
    appraisal = moves.lock(ballot.appraisal)
    ballot = moves.lock(ballot)
    slips = ballot_reading.slips_of(ballot)
    voted = sum(s.voted for s in slips)
    out = ballot_reading.sitting_out(ballot)
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *moves.why_not(ballot, "count"),
            *balloting.why_not_count(len(slips) - len(out), voted),
        ]
    )
    _set_out(ballot, [s for s in slips if s.name in out])
    ballot = moves.make(
        ballot, "count", by=by, at=clock.now(), facts={"slips": len(slips), "voted": voted}
    )
    _shuffle(ballot)
    held, done = [], 0
    of_case: dict[int, dict[str, str]] = {}
    for one in ballot_reading.recusals_of(ballot):
        of_case.setdefault(one.ballot_case_id, {})[one.slip.name] = one.reason
    rows = BallotCase.objects.filter(school_id=ballot.school_id, ballot=ballot)
    for row in rows.select_related("case__application", "case__student").order_by("case_id"):
        if found := _why_no_figures(appraisal, row):
            held += found
            continue
        recused = of_case.get(row.pk, {})
        votes = balloting.figures(row, sum(not s.voted and s.name not in recused for s in slips))
        tally(
            appraisal=appraisal,
            case=row.case,
            by=by,
            recused=recused,
            ballot=ballot,
            special=votes["special"],
            hard=votes["hard"],
            general=votes["general"],
            none=votes["none"],
            abstain=votes["abstain"],
        )
        done += 1
    return Counted(ballot, done, held)


def _set_out(ballot: Ballot, slips: Sequence[BallotSlip]) -> None:
    """Write down that members who apply themselves stay away from every case."""
    if not slips:
        return
    known = {(r.slip_id, r.ballot_case_id) for r in ballot_reading.recusals_of(ballot)}
    rows = ballot_reading.cases_of(ballot)
    BallotRecusal.objects.bulk_create(
        BallotRecusal(school_id=ballot.school_id, slip=slip, ballot_case=row, reason=apart.SITS_OUT)
        for slip in slips
        for row in rows
        if (slip.pk, row.pk) not in known
    )


def _shuffle(ballot: Ballot) -> None:
    # What was last written by whom says who voted last; afterwards all was written at once.
    of = {"school_id": ballot.school_id}
    BallotCase.objects.filter(**of, ballot=ballot).update(ballot=F("ballot"))
    # Many at once would keep the order in which they stand, which is that of the first slips.
    for device in BallotDevice.objects.filter(**of, ballot=ballot).order_by("pk"):
        BallotDevice.objects.filter(**of, pk=device.pk).update(ballot=F("ballot"))
    BallotSlip.objects.filter(**of, ballot=ballot).update(ballot=F("ballot"))
    BallotRecusal.objects.filter(**of, slip__ballot=ballot).update(slip=F("slip"))


def _why_no_figures(appraisal: Appraisal, row: BallotCase) -> list[Reason]:
    case = row.case
    code = f"编号{case.code}"
    if case.school_class_id != appraisal.school_class_id or case.status not in (
        Case.Status.OPEN,
        Case.Status.APPRAISED,
    ):
        return [Reason(f"{code}已不在本班评议", "不登记票数")]
    if case.evidence != row.evidence:
        return [Reason(f"{code}的材料在投票开始后有改动", "请重新表决")]
    return balloting.why_thin(code, row.cast)
