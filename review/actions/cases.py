"""Take up applications, score them, and propose grades or tiers for the meeting."""

from dataclasses import dataclass

from django.db import transaction

from applications.models import Application, Round
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review import ballot_reading, evidence, governing, queue, rules
from review.actions.writing import locked, why_closed, write
from review.models import Appraisal, Case, ScoringScheme, Tally
from review.scoring import score
from schools import clock
from schools.models import Appointment

BEFORE_PROPOSAL = (Case.Status.OPEN, Case.Status.APPRAISED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """How many cases go to the meeting, and every reason that holds others back.

    One case may be held for several reasons; `held_cases` counts it once.
    """

    proposed: int
    held: list[Reason]
    held_cases: int


@transaction.atomic
def take_up(*, round_: Round, by: Appointment) -> int:
    """Make a case for every application handed in that has none; score those of recognition.

    A case whose application came back with other facts is scored anew and goes back to the
    beginning. Returns how many. Doing it again takes up only what came since.
    """
    round_ = moves.lock(round_)
    refuse_if(why_closed(round_))
    anew = _take_anew(round_, by)
    waiting = list(queue.waiting(round_).select_related("student").order_by("pk"))
    if not waiting:
        return anew
    scheme = governing.scheme_of(round_) if round_.is_recognition else None
    facts = queue.facts_of(waiting, clock.today()) if scheme else {}
    seen = evidence.digests(waiting)
    Case.objects.bulk_create(
        [_case(a, scheme, facts.get(a.pk, {}), seen[a.pk]) for a in waiting], batch_size=500
    )
    record(
        by=by,
        verb="round.take_up",
        label="接收申请",
        subject=round_,
        at=clock.now(),
        facts={"cases": len(waiting), "scheme": str(scheme) if scheme else ""},
    )
    return len(waiting) + anew


def _take_anew(round_: Round, by: Appointment) -> int:
    wanted = [c.pk for c in evidence.handed_in_anew(round_)]
    if not wanted:
        return 0
    locked(queue.of_round(round_).filter(pk__in=wanted))
    # Read again under the locks; one that was returned or decided meanwhile stays as it is.
    found = evidence.handed_in_anew(round_)
    cases = [moves.lock(c) for c in found if c.pk in wanted]
    applications = [c.application for c in cases]
    seen = evidence.digests(applications)
    scheme = governing.scheme_of(round_) if round_.is_recognition else None
    facts = queue.facts_of(applications, clock.today()) if scheme else {}
    Tally.objects.filter(school_id=round_.school_id, case__in=cases).delete()
    for case in cases:
        before = case.points
        _score(case, scheme, facts.get(case.application_id, {}))
        moves.make(
            case,
            "take_anew",
            by=by,
            at=clock.now(),
            about_id=case.student_id,
            reason="材料在评议后有改动",
            facts={"points_before": before, "points": case.points},
            evidence=seen[case.application_id],
            scheme_id=case.scheme_id,
            points=case.points,
            score_lines=case.score_lines,
            advised_grade=case.advised_grade,
            appraised_grade="",
            unjudged="",
            appraise_at=None,
            appraise_by_id=None,
            proposed_grade="",
            proposed_tier_id=None,
            confirm_at=None,
            confirm_by_id=None,
        )
    return len(cases)


def _case(
    application: Application,
    scheme: ScoringScheme | None,
    facts: dict[str, object],
    seen: str,
) -> Case:
    case = Case(
        evidence=seen,
        school_id=application.school_id,
        application=application,
        round_id=application.round_id,
        student_id=application.student_id,
        school_class_id=application.student.school_class_id,
    )
    _score(case, scheme, facts)
    return case


def _score(case: Case, scheme: ScoringScheme | None, facts: dict[str, object]) -> None:
    if scheme:
        made = score(facts, scheme.rules)
        case.scheme, case.points, case.advised_grade = scheme, made.points, made.grade
        case.score_lines = [x.kept() for x in made.lines]


@transaction.atomic
def propose(*, round_: Round, by: Appointment) -> Proposal:
    """Put every case that may go before the leading group; tell why the others may not.

    Raises `Refused` with those reasons when none may.
    """
    round_ = moves.lock(round_)
    refuse_if(why_closed(round_))
    cases = locked(queue.open_cases(round_))
    found = judge(round_, cases)
    if not found.ready:
        refuse_if(found.proposal.held or [Reason("没有待建议的申请", "请先接收申请")])
    for case in found.ready:
        _propose(case, found.eligibility)
    write(found.ready, sources=BEFORE_PROPOSAL, fields=["proposed_grade", "proposed_tier"])
    record(
        by=by,
        verb="round.propose",
        label="确定建议",
        subject=round_,
        at=clock.now(),
        facts={"cases": len(found.ready), "held": found.proposal.held_cases},
    )
    return found.proposal


@dataclass(frozen=True, slots=True)
class Judged:
    """The cases that may be proposed and what is said about the rest."""

    ready: list[Case]
    proposal: Proposal
    eligibility: rules.Eligibility | None


def judge(round_: Round, cases: list[Case]) -> Judged:
    """Which of the cases may be proposed now; also what the round's page shows beforehand."""
    eligibility = queue.eligibility(round_, clock.today())
    stale = evidence.changed(cases)
    reopened = _at_work(round_)
    thin = ballot_reading.thin_tallies(cases)
    held = [
        (c, why)
        for c in cases
        for why in rules.why_not_propose(
            c,
            eligibility,
            changed=c.pk in stale,
            reopened=c.school_class_id in reopened,
            thin=c.pk in thin,
        )
    ]
    kept_back = {case.pk for case, _ in held}
    ready = [c for c in cases if c.pk not in kept_back]
    proposal = Proposal(len(ready), rules.counted(held), len(kept_back))
    return Judged(ready, proposal, eligibility)


def _at_work(round_: Round) -> set[int]:
    """Classes whose panel has begun, or was opened again, and has not handed in its votes."""
    panels = Appraisal.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, status=Appraisal.Status.OPEN
    )
    return set(panels.values_list("school_class_id", flat=True))


def _propose(case: Case, eligibility: rules.Eligibility | None) -> None:
    case.status = Case.Status.PROPOSED
    if eligibility is None:
        case.proposed_grade = case.appraised_grade or case.advised_grade
        return
    grade = eligibility.grades.get(case.student_id, "")
    case.proposed_grade = grade
    case.proposed_tier = rules.choose_tier(eligibility.tiers, case.student.boarding, grade)


@transaction.atomic
def take_back(*, round_: Round, reason: str, by: Appointment) -> int:
    """Take every proposal back that no meeting has decided yet. Returns how many."""
    round_ = moves.lock(round_)
    cases = locked(queue.of_round(round_).filter(status=Case.Status.PROPOSED))
    refuse_if(_why_not_take_back(cases, reason))
    for case in cases:
        case.status = Case.Status.APPRAISED
    write(cases, sources=[Case.Status.PROPOSED], fields=[])
    record(
        by=by,
        verb="round.take_back",
        label="撤回建议",
        subject=round_,
        at=clock.now(),
        facts={"cases": len(cases)},
        reason=reason,
    )
    return len(cases)


def _why_not_take_back(cases: list[Case], reason: str) -> list[Reason]:
    found = [] if cases else [Reason("没有可以撤回的建议", "会议审定之后不能撤回")]
    if not reason.strip():
        found.append(Reason("没有写撤回原因", "请写明原因"))
    return found
