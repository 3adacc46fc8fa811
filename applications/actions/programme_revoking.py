"""资助项目 enacted wrongly for a day to come: one person asks to take it back, another agrees."""

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from applications import queue
from applications.models import Programme, ProgrammeQuota
from applications.rules import programmes as rules
from audit import moves
from audit.refusal import Reason, refuse_if
from schools import clock
from schools.models import Appointment


@transaction.atomic
def ask_revoke(*, programme: Programme, reason: str, by: Appointment) -> Programme:
    """Ask to take back a version before its first day; schools open nothing by it meanwhile.

    Raises `Refused` when it has begun, when rounds or a later version hang on it.
    """
    programme = moves.lock(programme)
    reasons = [
        *rules.why_not_drafting(by),
        *rules.why_not_own(programme, by),
        *_why_not(programme, "ask_revoke"),
    ]
    if not reason.strip():
        reasons.append(Reason("没有写撤回的原因", "写明错在哪里，留档备查"))
    refuse_if(reasons)
    return moves.make(
        programme,
        "ask_revoke",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts={"valid_from": programme.valid_from.isoformat()},
        revoke_reason=reason.strip()[:200],
    )


def _why_not(programme: Programme, verb: str) -> list[Reason]:
    hanging = queue.hanging_on(programme)
    return rules.why_not_revoke(programme, verb, today=clock.today(), hanging=hanging)


@transaction.atomic
def confirm_revoke(*, programme: Programme, by: Appointment) -> Programme:
    """Agree that a version never was; the version before it goes on to the day it had before.

    The schools' quotas end with it: nobody has opened anything by them.
    """
    programme = moves.lock(programme)
    before = moves.lock(programme.follows) if programme.follows else None
    refuse_if(
        [
            *rules.why_not_own(programme, by),
            *rules.why_not_checking(by, programme.ask_revoke_by_id, "确认撤回"),
            *_why_not(programme, "revoke"),
        ]
    )
    revoked = moves.make(
        programme,
        "revoke",
        by=by,
        at=clock.now(),
        reason=programme.revoke_reason,
        facts={"valid_from": programme.valid_from.isoformat(), "quotas": _quotas(programme)},
    )
    if before is not None and before.superseded_by_id == revoked.pk:
        _restore(before, revoked, by)
    return revoked


def _quotas(programme: Programme) -> dict[str, int]:
    """How many schools lose a quota with it, and of how many students."""
    told: dict[str, int] = ProgrammeQuota.objects.filter(programme=programme).aggregate(
        schools=Count("pk"), heads=Coalesce(Sum("heads"), 0)
    )
    return told


def _restore(before: Programme, revoked: Programme, by: Appointment) -> None:
    last = before.valid_to_before
    moves.make(
        before,
        "restore",
        by=by,
        at=clock.now(),
        reason=revoked.revoke_reason,
        facts={"instead_of": revoked.code, "last_day": last.isoformat() if last else ""},
        valid_to=last,
        valid_to_before=None,
        superseded_by_id=None,
        end_on=None,
        end_reason="",
        ask_end_by_id=None,
        ask_end_at=None,
        end_by_id=None,
        end_at=None,
    )


@transaction.atomic
def retain_programme(*, programme: Programme, reason: str, by: Appointment) -> Programme:
    """Do not take it back: the checker refuses, with a reason, or whoever asked gives it up."""
    programme = moves.lock(programme)
    reasons = rules.why_not_own(programme, by) + moves.why_not(programme, "retain")
    if by.person_id != programme.ask_revoke_by_id:
        reasons += rules.why_not_checking(by, programme.ask_revoke_by_id, "不同意撤回")
    if not reason.strip():
        reasons.append(Reason("没有写不撤回的原因", "写一句，经办看得到"))
    refuse_if(reasons)
    return moves.make(
        programme,
        "retain",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        revoke_reason="",
        ask_revoke_by_id=None,
        ask_revoke_at=None,
    )
