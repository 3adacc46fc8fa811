"""Open and close rounds; the only writers of `Round`."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from applications import queue
from applications.models import Application, Programme, Round
from applications.queue.openings import planned_window
from applications.rules import rounds as rules
from applications.rules import windows
from applications.rules.windows import Window
from audit import moves
from audit.events import Actor, record
from audit.refusal import Reason, Refused, refuse_if
from office.actions import done_with, due
from schools import clock
from schools.models import Appointment, School, Term
from schools.roles import Role

OWING = (Role.HEAD_TEACHER, Role.OPERATOR)
OPENED = Reason("这个批次刚刚由别人打开", "刷新页面，在原批次里办理")


@transaction.atomic
def open_recognition_round(
    *, school: School, term: Term, by: Actor, window: Window | None = None
) -> Round:
    """Open the academic year's recognition round (row 0-26); one per school and year.

    Its window is the one asked for, else like last year's. Raises `Refused` when it exists, the
    term is over, the window makes no sense, or the school has no classes.
    """
    # Both terms of a year compete for one round, so the school itself is the guard.
    moves.lock(school)
    planned = window or planned_window(school, term, None)
    refuse_if(
        [
            *rules.why_not_open_recognition(
                term,
                today=clock.today(),
                stages=queue.stages_of(school),
                existing=queue.recognition_round(school, term),
            ),
            *windows.why_not_window(planned, term, clock.today()),
        ]
    )
    return _open(school=school, term=term, programme=None, window=planned, by=by)


@transaction.atomic
def open_programme_round(
    *, school: School, term: Term, programme: Programme, by: Actor, window: Window | None = None
) -> Round:
    """Open a programme's round of the term, in the window asked for, else like last year's.

    Raises `Refused` when it exists, the term is over, the programme is not for the school's
    stages, is not in force in the term or has no amounts then, or the window makes no sense.
    """
    moves.lock(school)
    if programme.managed_by_id:
        # Its end, or its next version, waits until this round is counted.
        programme = moves.lock(programme)
    planned = window or planned_window(school, term, programme)
    refuse_if(
        [
            *rules.why_not_open_programme(
                term,
                programme,
                today=clock.today(),
                stages=queue.stages_of(school),
                tiers=queue.offer_of(programme, term.starts_on).tiers,
                existing=Round.objects.for_school(school)
                .filter(term=term, programme=programme)
                .first(),
                offered=queue.offered(school).filter(pk=programme.pk).exists(),
            ),
            *windows.why_not_window(planned, term, clock.today()),
        ]
    )
    return _open(school=school, term=term, programme=programme, window=planned, by=by)


def _open(
    *, school: School, term: Term, programme: Programme | None, window: Window, by: Actor
) -> Round:
    opened = Round(
        school=school,
        kind=Round.Kind.PROGRAMME if programme else Round.Kind.RECOGNITION,
        term=term,
        programme=programme,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        workdays=window.workdays,
        provisional=window.provisional,
        opened_by_id=by.actor_person_id,
        opened_at=clock.now(),
    )
    try:
        with transaction.atomic():
            opened.save()
    except IntegrityError as error:
        if not any(name in str(error) for name in ("round_once", "round_of_year_once")):
            raise
        raise Refused([OPENED]) from None
    record(
        by=by,
        verb="round.open",
        label="开批次",
        subject=opened,
        at=opened.opened_at,
        facts={
            "kind": opened.kind,
            "term": term.code,
            "programme": programme.code if programme else "",
            "opens_on": opened.opens_on.isoformat(),
            "closes_on": opened.closes_on.isoformat(),
            "late": window.late,
        },
    )
    set_deadlines(opened, by)
    return opened


def set_deadlines(round_: Round, by: Actor) -> None:
    """Say to who owes something until when applications are handed in."""
    for role in OWING:
        due(
            organisation=round_.school,
            key=deadline_key(round_),
            title=f"{round_}：提交申请"[:96],
            due_on=round_.closes_on,
            role=role,
            by=by,
            url=reverse("applications:round", args=[round_.pk]),
            provisional=round_.provisional,
        )


def deadline_key(round_: Round) -> str:
    """What the deadline of handing in is called."""
    return f"round:{round_.pk}:apply"


@transaction.atomic
def close_round(*, round_: Round, by: Actor) -> Round:
    """Close a round whose window is over and whose applications are all handed in or withdrawn."""
    round_ = moves.lock(round_)
    unfinished = Application.objects.filter(
        school_id=round_.school_id,
        round=round_,
        status__in=queue.UNFINISHED,
    ).count()
    refuse_if(rules.why_not_close(round_, today=clock.today(), unfinished=unfinished))
    done_with(organisation=round_.school, key=deadline_key(round_))
    return moves.make(round_, "close", by=by, at=clock.now())


@transaction.atomic
def reopen_round(*, round_: Round, reason: str, by: Appointment) -> Round:
    """Open a closed round again, with a reason that is kept."""
    round_ = moves.lock(round_)
    reasons = moves.why_not(round_, "reopen")
    if not reason.strip():
        reasons.append(Reason("没有写重新打开的原因", "写明原因，留档备查"))
    refuse_if(reasons)
    return moves.make(
        round_,
        "reopen",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        close_at=None,
        close_by=None,
    )
