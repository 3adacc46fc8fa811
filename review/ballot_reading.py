"""Questions about blind votes. None reads the figures of a ballot that is still open."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet

from applications.models import Application, Round
from audit.models import Event
from audit.refusal import Reason
from review import apart, balloting, queue
from review.models import (
    Appraisal,
    Ballot,
    BallotCase,
    BallotDevice,
    BallotRecusal,
    BallotSlip,
    Case,
    Tally,
)
from students.models import SchoolClass


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of the slips have voted."""

    slips: int
    voted: int

    @property
    def left(self) -> int:
        """Who has not voted yet and would abstain if it were counted now."""
        return self.slips - self.voted


@dataclass(frozen=True, slots=True)
class Shared:
    """What a counted ballot's devices say: slips by device, where more than one; no slip by name.

    `signed_in` is how many slips were voted where somebody with an account was signed in.
    """

    slips: list[int]
    signed_in: int

    @property
    def text(self) -> str:
        """3张选票来自同一设备; empty when there is nothing to ask about."""
        found = [f"{n}张选票来自同一设备" for n in self.slips]
        if self.signed_in:
            found.append(f"{self.signed_in}张选票在登录着本系统账号的设备上投出")
        return "，".join(found)


def shared_devices(ballots: Sequence[Ballot]) -> Shared:
    """Which numbers of slips came from one device, of the ballots that are counted and hold."""
    held = [b.pk for b in ballots if b.status == Ballot.Status.COUNTED]
    devices = BallotDevice.objects.filter(ballot_id__in=held)
    told = sorted(devices.values_list("slips", "signed_in"), reverse=True)
    return Shared([n for n, _ in told if n > 1], sum(n for n, signed in told if signed))


def open_ballot_of(appraisal: Appraisal) -> Ballot | None:
    """The vote that is under way."""
    return _of(appraisal).filter(status=Ballot.Status.OPEN).first()


def ballots_of(appraisal: Appraisal) -> list[Ballot]:
    """Every vote of an appraisal, the latest first."""
    return list(_of(appraisal).select_related("count_by", "cancel_by", "paper_by").order_by("-pk"))


def _of(appraisal: Appraisal) -> QuerySet[Ballot]:
    found: QuerySet[Ballot] = Ballot.objects.filter(
        school_id=appraisal.school_id, appraisal_id=appraisal.pk
    )
    return found


def turnout(ballot: Ballot) -> Turnout:
    """How many have voted, not what; who sits out has no vote to be waited for."""
    if ballot.status == Ballot.Status.OPEN:
        out = sitting_out(ballot)
    else:
        out = {r.slip.name for r in recusals_of(ballot) if r.reason == apart.SITS_OUT}
    slips = [s for s in slips_of(ballot) if s.voted or s.name not in out]
    return Turnout(len(slips), sum(s.voted for s in slips))


def slips_of(ballot: Ballot) -> list[BallotSlip]:
    """The slips in the order of the seats."""
    found: QuerySet[BallotSlip] = BallotSlip.objects.filter(
        school_id=ballot.school_id, ballot_id=ballot.pk
    )
    return list(found.order_by("pk"))


def cases_of(ballot: Ballot) -> list[BallotCase]:
    """The cases voted on, by their codes; without the figures, which only counting reads."""
    found: QuerySet[BallotCase] = BallotCase.objects.filter(
        school_id=ballot.school_id, ballot_id=ballot.pk
    )
    return list(
        found.select_related("case__application", "case__student")
        .defer("special", "hard", "general", "none", "abstain")
        .order_by("case__application__number", "pk")
    )


def recusals_of(ballot: Ballot) -> list[BallotRecusal]:
    """Who stays away from which case, known before or said with a vote."""
    found: QuerySet[BallotRecusal] = BallotRecusal.objects.filter(
        school_id=ballot.school_id, slip__ballot_id=ballot.pk
    )
    return list(
        found.select_related("slip", "ballot_case__case__application").order_by(
            "ballot_case__case__application__number", "slip_id"
        )
    )


def sitting_out(ballot: Ballot) -> set[str]:
    """Whose slips are void: they apply themselves and had not voted before they did."""
    owing = {slip.name for slip in slips_of(ballot) if not slip.voted}
    return queue.applying_seats(ballot.appraisal) & owing


def why_sitting_out(slip: BallotSlip) -> list[Reason]:
    """Why this member has no vote any more: an applicant doesn't sit (§C.1)."""
    if slip.name not in queue.applying_seats(slip.ballot.appraisal):
        return []
    return [Reason(f"{slip.name}提出了申请，不再参加评议", "这张票不用投，也不计票")]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A recusal recorded by mistake: whose, of which case, why it stood there, what was said."""

    name: str
    code: str
    reason: str
    said: str
    by: str


def taken_back(ballot: Ballot) -> list[TakenBack]:
    """The recusals that were taken back before counting, as the audit has them."""
    events = Event.objects.for_organisation(ballot.school_id).filter(
        subject=ballot._meta.label, subject_id=ballot.pk, verb="ballot.take_back_recusal"
    )
    found = list(events.order_by("seq"))
    if not found:
        return []
    names = {s.pk: s.name for s in slips_of(ballot)}
    codes = {row.pk: row.case.code for row in cases_of(ballot)}
    return [
        TakenBack(
            names[e.facts["slip"]],
            codes[e.facts["ballot_case"]],
            e.facts["recusal"],
            e.reason,
            e.person_name,
        )
        for e in found
    ]


def voters_of(appraisal: Appraisal) -> list[str]:
    """The seats that vote; the chair only with an own seat, nobody who applies too."""
    seats = queue.seats_of(appraisal)
    if not queue.chair_votes(appraisal):
        seats.pop(appraisal.chaired_by.name, None)
    applying = queue.applying_seats(appraisal)
    return [name for name in seats if name not in applying]


def unvoted(appraisal: Appraisal) -> list[Case]:
    """The class's applications that have no tally yet, in the order of their numbers."""
    found: QuerySet[Case] = Case.objects.filter(
        school_id=appraisal.school_id,
        round_id=appraisal.round_id,
        school_class_id=appraisal.school_class_id,
        status__in=(Case.Status.OPEN, Case.Status.APPRAISED),
        application__status=Application.Status.SUBMITTED,
        tallies=None,
        unjudged="",
    )
    return list(found.select_related("application").order_by("application__number", "pk"))


def unknown_to(ballot: Ballot) -> int:
    """How many applications the class has that came after voting began."""
    known = BallotCase.objects.filter(school_id=ballot.school_id, ballot_id=ballot.pk)
    return len(
        {c.pk for c in unvoted(ballot.appraisal)} - set(known.values_list("case_id", flat=True))
    )


def why_by_phone(appraisal: Appraisal, case: Case) -> list[Reason]:
    """Why no figures are entered by hand for this case: members vote on it, or have voted."""
    held = Tally.objects.filter(school_id=case.school_id, case_id=case.pk).exclude(ballot=None)
    if held.exists():
        return [Reason("这一件是成员用手机投的票，票数不能改", "只能补写理由；有误请作废重投")]
    under_way = BallotCase.objects.filter(
        school_id=case.school_id,
        case_id=case.pk,
        ballot__status=Ballot.Status.OPEN,
        ballot__appraisal_id=appraisal.pk,
    )
    if under_way.exists():
        return [Reason("这一件正在手机投票", "收票后由系统登记票数")]
    return _why_thin(appraisal, case) + _why_voted_anew(appraisal, case)


def _why_thin(appraisal: Appraisal, case: Case) -> list[Reason]:
    votes = thin_of(appraisal).get(case.pk)
    return [] if votes is None else balloting.why_thin("这一件", votes)


def thin_of(appraisal: Appraisal) -> dict[int, int]:
    """Cases counted without figures since too few voted, by key: how many did."""
    rows = BallotCase.objects.filter(
        school_id=appraisal.school_id,
        ballot__appraisal_id=appraisal.pk,
        ballot__status=Ballot.Status.COUNTED,
        evidence=F("case__evidence"),
        case__status__in=(Case.Status.OPEN, Case.Status.APPRAISED),
        case__unjudged="",
        case__tallies=None,
    )
    found = {row.case_id: row.cast for row in rows.order_by("ballot_id")}
    return {case_id: votes for case_id, votes in found.items() if votes < balloting.FEWEST}


def thin_tallies(cases: Sequence[Case]) -> set[int]:
    """Cases whose figures come from a blind vote in which too few voted on them."""
    rows = BallotCase.objects.filter(
        case_id__in=[c.pk for c in cases], ballot__tallies__case_id=F("case_id")
    )
    return {row.case_id for row in rows if row.cast < balloting.FEWEST}


def _why_voted_anew(appraisal: Appraisal, case: Case) -> list[Reason]:
    # Whoever voids figures has seen them; others entered by hand would be a choice of result.
    seen = BallotCase.objects.filter(
        school_id=case.school_id,
        case_id=case.pk,
        evidence=case.evidence,
        ballot__status=Ballot.Status.CANCELLED,
        ballot__count_at__isnull=False,
        ballot__paper_at=None,
        ballot__appraisal_id=appraisal.pk,
    )
    if not seen.exists():
        return []
    return [
        Reason(
            "这一件的手机投票收票后作废了",
            "手机投票作废之后请重新投票；人不够的，补选成员、改日再投，或请审核人同意纸质评议",
        )
    ]


def voided_of(appraisal: Appraisal) -> dict[int, list[BallotCase]]:
    """The rows of the votes that were counted and cancelled after, by ballot, thin ones too."""
    found = BallotCase.objects.filter(
        school_id=appraisal.school_id,
        ballot__appraisal_id=appraisal.pk,
        ballot__status=Ballot.Status.CANCELLED,
        ballot__count_at__isnull=False,
    ).select_related("case__application")
    voided: dict[int, list[BallotCase]] = {}
    for row in found.order_by("ballot_id", "case__application__number", "pk"):
        voided.setdefault(row.ballot_id, []).append(row)
    return voided


def why_under_way(round_: Round, school_class: SchoolClass) -> list[Reason]:
    """Why the panel, its presence and its result stand still: members are voting."""
    found = Ballot.objects.filter(
        school_id=round_.school_id,
        appraisal__round_id=round_.pk,
        appraisal__school_class_id=school_class.pk,
        status=Ballot.Status.OPEN,
    )
    return [Reason("正在手机投票", "请先收票，或者作废这次投票")] if found.exists() else []


def by_phone(cases: Sequence[Case]) -> int:
    """How many of the cases have their figures from a blind vote."""
    return Tally.objects.filter(case_id__in=[c.pk for c in cases]).exclude(ballot=None).count()
