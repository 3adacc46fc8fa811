"""资助项目 end on a day: one person of the authority asks for it, another one agrees."""

from datetime import date

from django.db import transaction

from applications import queue
from applications.models import Programme
from applications.rules import programmes as rules
from audit import moves
from audit.refusal import Reason, refuse_if
from schools import clock
from schools.models import Appointment


@transaction.atomic
def ask_end(*, programme: Programme, last_day: date, reason: str, by: Appointment) -> Programme:
    """Ask that nothing is opened by it for terms that start after `last_day`.

    Raises `Refused` when the day is over, no reason is given, or schools have opened later rounds.
    """
    programme = moves.lock(programme)
    refuse_if(
        [
            *rules.why_not_drafting(by),
            *rules.why_not_own(programme, by),
            *_why_not(programme, last_day, reason),
        ]
    )
    return moves.make(
        programme,
        "ask_end",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts={"last_day": last_day.isoformat()},
        end_on=last_day,
        end_reason=reason.strip()[:200],
    )


def _why_not(programme: Programme, last_day: date, reason: str) -> list[Reason]:
    opened = queue.rounds_after(programme, last_day)
    return rules.why_not_end(programme, last_day, reason, today=clock.today(), opened=opened)


@transaction.atomic
def confirm_end(*, programme: Programme, by: Appointment) -> Programme:
    """Agree to the end that another person asked for; it may not have passed meanwhile."""
    programme = moves.lock(programme)
    reasons = [
        *rules.why_not_own(programme, by),
        *rules.why_not_checking(by, programme.ask_end_by_id, "确认终止"),
        *moves.why_not(programme, "end"),
    ]
    last_day = programme.end_on
    if last_day is not None and programme.status == Programme.Status.ENDING:
        reasons += rules.why_opened(queue.rounds_after(programme, last_day))
        if last_day < clock.today():
            reasons.append(Reason("终止日期已经过去", "退回，由经办另提一个日期"))
    refuse_if(reasons)
    return moves.make(
        programme,
        "end",
        by=by,
        at=clock.now(),
        facts={"last_day": last_day.isoformat() if last_day else ""},
        valid_to=last_day,
    )


@transaction.atomic
def keep_programme(*, programme: Programme, reason: str, by: Appointment) -> Programme:
    """Do not end it: the checker refuses, with a reason, or whoever asked takes it back."""
    programme = moves.lock(programme)
    reasons = rules.why_not_own(programme, by) + moves.why_not(programme, "keep")
    if by.person_id != programme.ask_end_by_id:
        reasons += rules.why_not_checking(by, programme.ask_end_by_id, "不同意终止")
    if not reason.strip():
        reasons.append(Reason("没有写不终止的原因", "写一句，经办看得到"))
    refuse_if(reasons)
    return moves.make(
        programme,
        "keep",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        end_on=None,
        end_reason="",
        ask_end_by_id=None,
        ask_end_at=None,
    )
