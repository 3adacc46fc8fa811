"""Too few votes: the leading group decides, or a checker lets voided cases be voted on paper."""

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review import ballot_reading, balloting, rules
from review.actions.appraisals import why_not_chair
from review.actions.writing import why_closed
from review.models import Appraisal, Ballot, Case
from schools import clock
from schools.models import Appointment


@transaction.atomic
def refer(*, appraisal: Appraisal, case: Case, by: Appointment) -> Case:
    """Leave a case to the leading group, since after recusals fewer than three voted on it.

    It goes before the meeting with the score's advice and this reason, without the panel's grade.
    """
    appraisal, case = moves.lock(appraisal), moves.lock(case)
    votes = ballot_reading.thin_of(appraisal).get(case.pk)
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *why_closed(appraisal.round),
            *_why_handed_in(appraisal),
            *moves.why_not(case, "refer"),
            *ballot_reading.why_under_way(appraisal.round, appraisal.school_class),
            *_why_enough(votes),
        ]
    )
    return moves.make(
        case,
        "refer",
        by=by,
        at=clock.now(),
        about_id=case.student_id,
        reason=f"手机投票{balloting.thin_text(votes or 0)}",
        unjudged=f"手机投票{balloting.thin_text(votes or 0)}",
        appraised_grade="",
        appraise_at=clock.now(),
        appraise_by_id=by.person_id,
    )


def _why_enough(votes: int | None) -> list[Reason]:
    if votes is not None:
        return []
    return [Reason("这一件不是有效票不足的", "由评议小组表决")]


def _why_handed_in(appraisal: Appraisal) -> list[Reason]:
    if appraisal.status == Appraisal.Status.OPEN:
        return []
    return [Reason("本班评议已提交", "请先重新打开评议")]


@transaction.atomic
def judge_after_all(*, appraisal: Appraisal, case: Case, by: Appointment) -> Case:
    """Take a case back from the leading group's pile: members were found who may vote on it."""
    appraisal, case = moves.lock(appraisal), moves.lock(case)
    refuse_if(
        [
            *why_not_chair(appraisal.school_class, by),
            *why_closed(appraisal.round),
            *_why_handed_in(appraisal),
            *moves.why_not(case, "judge_after_all"),
            *([] if case.unjudged else [Reason("这一件没有提交领导小组", "请刷新页面")]),
        ]
    )
    return moves.make(
        case,
        "judge_after_all",
        by=by,
        at=clock.now(),
        about_id=case.student_id,
        unjudged="",
        appraise_at=None,
        appraise_by_id=None,
    )


@transaction.atomic
def allow_paper(*, ballot: Ballot, reason: str, by: Appointment) -> Ballot:
    """A checker lets the cases of a voided vote be voted on paper, as too few can vote by phone.

    Whoever voided figures has seen them, so this is never the same person.
    """
    ballot = moves.lock(ballot)
    refuse_if(
        [
            *rules.second_person(by, ballot.cancel_by_id, "同意纸质评议"),
            *why_not_paper(ballot),
            *([] if reason.strip() else [Reason("没有写同意的原因", "例如：只有2名成员能到会")]),
        ]
    )
    ballot.paper_by, ballot.paper_at = by.person, clock.now()
    ballot.paper_reason = reason.strip()[:200]
    ballot.save(update_fields=["paper_by", "paper_at", "paper_reason"])
    record(
        by=by,
        verb="ballot.allow_paper",
        label="同意改用纸质评议",
        subject=ballot,
        at=clock.now(),
        reason=ballot.paper_reason,
    )
    return ballot


def why_not_paper(ballot: Ballot) -> list[Reason]:
    """Why a vote needs no such consent; also for its page."""
    if ballot.status != Ballot.Status.CANCELLED or ballot.count_at is None:
        return [Reason("这次投票没有在收票后作废", "没有收票就作废的，可以直接逐人登记")]
    if ballot.paper_at:
        return [Reason("已经同意改用纸质评议", "请班主任逐人登记票数")]
    return []
