"""手机投票 as the head teacher leads it: open, hand the slips out, count, or cancel."""

import secrets
from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import Actor, record
from audit.refusal import Reason, refuse_if
from privacy.sealing import blind
from review import ballot_reading, balloting, queue
from review.actions.appraisals import why_not_chair
from review.actions.writing import conflict, why_closed
from review.models import (
    Appraisal,
    Ballot,
    BallotCase,
    BallotRecusal,
    BallotSlip,
    Case,
    Tally,
)
from schools import clock
from schools.models import Appointment

SECRET_BYTES = 18


def blind_secret(secret: str) -> bytes:
    """Blind index of a slip's secret."""
    return blind("ballot_slip", secret)


def open_ballot(
    *, appraisal: Appraisal, here: Collection[str], by: Appointment, shows_names: bool = False
) -> Ballot:
    """Begin a blind vote on the class's cases without a tally, by the members who are `here`.

    How many they are becomes the number present, unless votes were recorded with another. Who
    sits in the panel and applied after all gets no slip. Members see codes and scores; with
    `shows_names`, where the school so decided, the applicants' names too.
    """
    try:
        with transaction.atomic():
            return _open(moves.lock(appraisal), set(here), shows_names, by)
    except IntegrityError as error:
        if "ballot_open_once" not in str(error):
            raise
        raise conflict("手机投票已经开始") from None


def _open(appraisal: Appraisal, here: set[str], shows_names: bool, by: Appointment) -> Ballot:
    voters = ballot_reading.voters_of(appraisal)
    cases = ballot_reading.unvoted(appraisal)
    applying = queue.applying_seats(appraisal)
    wanted = balloting.Wanted(here, len(cases), len(applying))
    tallied = appraisal.tallies.exists()
    under_way = ballot_reading.open_ballot_of(appraisal)
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *why_closed(appraisal.round),
            *([Reason("手机投票已经开始", "请刷新页面")] if under_way else []),
            *balloting.why_not_open(appraisal, wanted, voters, tallied=tallied),
        ]
    )
    if not tallied and appraisal.present != len(here):
        appraisal.present = len(here)
        appraisal.save(update_fields=["present"])
    ballot = Ballot.objects.create(
        school_id=appraisal.school_id,
        appraisal=appraisal,
        shows_names=shows_names,
        opened_by=by.person,
        opened_at=clock.now(),
    )
    # Beside votes on paper as many are present as then, and who applied since votes on nobody.
    void = sorted(applying)[: appraisal.present - len(here)]
    _write_slips(ballot, [name for name in voters if name in here], cases, void)
    record(
        by=by,
        verb="ballot.open",
        label="开始手机投票",
        subject=ballot,
        at=clock.now(),
        facts={"slips": len(here), "cases": len(cases), "shows_names": shows_names},
    )
    return ballot


def _write_slips(
    ballot: Ballot, voters: Sequence[str], cases: Sequence[Case], void: Sequence[str]
) -> None:
    school_id = ballot.school_id
    BallotSlip.objects.bulk_create(
        BallotSlip(school_id=school_id, ballot=ballot, name=name) for name in [*voters, *void]
    )
    BallotCase.objects.bulk_create(
        BallotCase(school_id=school_id, ballot=ballot, case=c, evidence=c.evidence) for c in cases
    )


@transaction.atomic
def hand_out(*, slip: BallotSlip, by: Appointment) -> str:
    """A secret for the member's phone, told this once; an earlier one is dead."""
    ballot, slip = moves.lock(slip.ballot), moves.lock(slip)
    refuse_if(
        why_not_chair(ballot.appraisal.school_class, by)
        + balloting.why_over(ballot)
        + balloting.why_voted(slip)
        + ballot_reading.why_sitting_out(slip)
    )
    secret = secrets.token_urlsafe(SECRET_BYTES)
    again = slip.secret_blind is not None
    slip.secret_blind = blind_secret(secret)
    slip.save(update_fields=["secret_blind"])
    record(
        by=by,
        verb="ballot_slip.hand_out",
        label="重发表决票" if again else "发表决票",
        subject=slip,
        at=clock.now(),
    )
    return secret


@transaction.atomic
def hand_out_rest(*, ballot: Ballot, by: Appointment) -> dict[str, str]:
    """Secrets for all members who have not voted, by name, to print; earlier ones are dead."""
    ballot = moves.lock(ballot)
    out = ballot_reading.sitting_out(ballot)
    left = [s for s in ballot_reading.slips_of(ballot) if not s.voted and s.name not in out]
    refuse_if([] if left else [Reason("都已投票，没有要打印的票", "可以收票")])
    return {slip.name: hand_out(slip=slip, by=by) for slip in left}


@transaction.atomic
def set_aside(
    *, slip: BallotSlip, ballot_case: BallotCase, reason: str, by: Appointment
) -> BallotRecusal:
    """The head teacher, who knows the names, records that a member stays away from one case."""
    ballot, slip = moves.lock(slip.ballot), moves.lock(slip)
    aside = set(ballot_case.recusals.values_list("slip_id", flat=True))
    out = ballot_reading.sitting_out(ballot)
    voting = [s for s in ballot_reading.slips_of(ballot) if s.name not in out]
    refuse_if(
        why_not_chair(ballot.appraisal.school_class, by)
        + balloting.why_over(ballot)
        + balloting.why_not_aside(slip, reason, aside, [s.pk for s in voting])
    )
    kept: BallotRecusal = BallotRecusal.objects.create(
        school_id=slip.school_id, slip=slip, ballot_case=ballot_case, reason=reason.strip()[:96]
    )
    record(
        by=by,
        verb="ballot.set_aside",
        label="登记成员回避",
        subject=ballot_case.case,
        at=clock.now(),
        about_id=ballot_case.case.student_id,
        facts={"slip": slip.pk},
    )
    return kept


@transaction.atomic
def take_back_recusal(*, recusal: BallotRecusal, said: str, by: Appointment) -> None:
    """The head teacher takes back a recusal recorded by mistake; `said` is why.

    To who has voted it is given back: the own phone takes it out and adds the vote on this case.
    """
    slip = recusal.slip
    ballot, slip = moves.lock(slip.ballot), moves.lock(slip)
    found = slip.recusals.filter(pk=recusal.pk).select_related("ballot_case__case").first()
    refuse_if(
        [
            *why_not_chair(ballot.appraisal.school_class, by),
            *balloting.why_over(ballot),
            *balloting.why_not_back(found is not None, said),
            *balloting.why_own_word(found),
        ]
    )
    if found is None:
        return
    slip.recusals.filter(pk=found.pk).update(by_chair=False)
    if slip.voted:
        _give_back(ballot, found, said, by)
    else:
        strike(ballot, found, said, by)


def _give_back(ballot: Ballot, recusal: BallotRecusal, said: str, by: Appointment) -> None:
    record(
        by=by,
        verb="ballot.give_back_recusal",
        label="同意本人撤回回避",
        subject=ballot,
        at=clock.now(),
        reason=said.strip()[:200],
        facts={"slip": recusal.slip_id, "ballot_case": recusal.ballot_case_id},
    )


def strike(ballot: Ballot, recusal: BallotRecusal, said: str, by: Actor) -> None:
    """Take the recusal out and write down whose it was, what it said, and what the member says."""
    facts = {
        "slip": recusal.slip_id,
        "ballot_case": recusal.ballot_case_id,
        "recusal": recusal.reason,
    }
    recusal.delete()
    record(
        by=by,
        verb="ballot.take_back_recusal",
        label="撤回回避",
        subject=ballot,
        at=clock.now(),
        reason=said.strip()[:200],
        facts=facts,
    )


@transaction.atomic
def cancel_ballot(*, ballot: Ballot, reason: str, by: Appointment) -> Ballot:
    """Declare a vote void, counted or not; its tallies go, and the cases wait for another."""
    appraisal = moves.lock(ballot.appraisal)
    ballot = moves.lock(ballot)
    tallies = Tally.objects.filter(school_id=ballot.school_id, ballot=ballot)
    cases = [moves.lock(t.case) for t in tallies.select_related("case").order_by("case_id")]
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *moves.why_not(ballot, "cancel"),
            *([] if reason.strip() else [Reason("没有写作废原因", "请写明原因")]),
            *_why_too_late(appraisal, cases),
        ]
    )
    tallies.delete()
    for case in cases:
        if case.status == Case.Status.APPRAISED:
            moves.make(
                case,
                "vote_anew",
                by=by,
                at=clock.now(),
                about_id=case.student_id,
                appraised_grade="",
                appraise_at=None,
                appraise_by_id=None,
            )
    return moves.make(
        ballot,
        "cancel",
        by=by,
        at=clock.now(),
        reason=reason.strip()[:200],
        cancel_reason=reason.strip()[:200],
        facts={"cases": len(cases)},
    )


def _why_too_late(appraisal: Appraisal, cases: list[Case]) -> list[Reason]:
    found = []
    if appraisal.status != Appraisal.Status.OPEN:
        found.append(Reason("本班评议已提交", "请先重新打开评议"))
    later = [c for c in cases if c.status not in (Case.Status.OPEN, Case.Status.APPRAISED)]
    if later:
        codes = "、".join(c.code for c in later[:8])
        found.append(Reason(f"编号{codes}已提交领导小组，票数不能作废", "请资助办先撤回建议"))
    return found


@transaction.atomic
def explain(*, kept: Tally, reason: str, by: Appointment) -> Tally:
    """Write the reason beside figures that were voted by phone; the figures stand."""
    appraisal = moves.lock(kept.appraisal)
    kept = moves.lock(kept)
    fixed = kept.case.status not in (Case.Status.OPEN, Case.Status.APPRAISED)
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *(
                [Reason("本班评议已提交", "请先重新打开评议")]
                if fixed or appraisal.status != Appraisal.Status.OPEN
                else []
            ),
        ]
    )
    kept.reason = reason.strip()[:200]
    kept.save(update_fields=["reason"])
    record(
        by=by,
        verb="appraisal.explain",
        label="陈述理由",
        subject=kept.case,
        at=clock.now(),
        about_id=kept.case.student_id,
    )
    return kept
