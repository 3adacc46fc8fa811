"""Rounds that open by themselves when a term begins; what a school takes back, or wants by hand."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from applications import queue
from applications.actions.rounds import (
    deadline_key,
    open_programme_round,
    open_recognition_round,
    set_deadlines,
)
from applications.models import (
    AccessCode,
    Application,
    AutoOpening,
    FormSheet,
    OpeningPause,
    Programme,
    Round,
)
from applications.queue.openings import planned_window
from applications.rules import openings as rules
from applications.rules import windows
from audit import moves
from audit.events import SystemActor, record
from audit.refusal import Reason, Refused, refuse_if
from office.actions import done_with, tell_all
from schools import clock
from schools.models import Appointment, School, Term
from schools.official import calendar, current_term
from schools.roles import Role

OPENED_BEFORE = Reason("本学期已经自动开过", "撤销了的由经办打开")
IN_USE = Reason("这个批次已经有人在用", "有办理记录的批次不撤销")
GONE = Reason("这个批次刚刚撤销了", "回到资助项目与批次查看")
SETTLED = Reason("申请期不是暂定的", "不用再核定")
UNKNOWN = Reason("放假安排还没有公布到截止那一天", "装入放假安排以后再核定")
PAUSED = Reason("已经设为不自动开", "刷新页面，查看最新状态")
NOT_PAUSED = Reason("没有设为不自动开", "刷新页面，查看最新状态")


def open_due(*, school: School) -> int:
    """Open whatever the school's term has begun to owe; returns how many rounds (beat).

    What can't be opened stays in the officer's to-dos with its reasons.
    """
    term = current_term()
    if term is None or not rules.opens_by_itself(calendar(), term, clock.today()):
        return 0
    opened = 0
    for owed in queue.owed_openings(school, term):
        if owed.reasons or owed.by_itself:
            continue
        try:
            open_by_itself(school=school, term=term, programme=owed.programme)
        except Refused:
            # Somebody was quicker, or changed what it stands on; the to-dos show what is left.
            continue
        opened += 1
    return opened


@transaction.atomic
def open_by_itself(*, school: School, term: Term, programme: Programme | None) -> Round:
    """Open one round as the system, like last year's, and tell the aid office; once in a term.

    Raises `Refused` when it is open, was opened by itself before, or the school wants it by hand.
    """
    moves.lock(school)
    kind = Round.Kind.PROGRAMME if programme else Round.Kind.RECOGNITION
    remembered = AutoOpening.objects.for_school(school).filter(
        term=term, starts_on=term.starts_on, kind=kind, programme=programme
    )
    refuse_if(
        rules.why_not_by_itself(
            paused=kind in queue.paused_kinds(school),
            opened_before=remembered.exists(),
            in_season=rules.opens_by_itself(calendar(), term, clock.today()),
            beside=queue.own_beside(school, term, programme) if programme else None,
        )
    )
    by = SystemActor(school.pk)
    window = planned_window(school, term, programme, catching_up=True)
    opened = (
        open_programme_round(school=school, term=term, programme=programme, by=by, window=window)
        if programme
        else open_recognition_round(school=school, term=term, by=by, window=window)
    )
    try:
        with transaction.atomic():
            AutoOpening.objects.create(
                school=school,
                term=term,
                starts_on=term.starts_on,
                kind=kind,
                programme=programme,
                opened_at=clock.now(),
            )
    except IntegrityError:
        raise Refused([OPENED_BEFORE]) from None
    _tell(opened)
    return opened


def settle_due(*, school: School) -> int:
    """Settle the school's provisional windows whose holidays are published now (beat)."""
    provisional = Round.objects.for_school(school).filter(
        status=Round.Status.OPEN, provisional=True
    )
    settled = 0
    for round_ in provisional.select_related("school", "term", "programme"):
        try:
            settle_window(round_=round_)
        except Refused:
            continue
        settled += 1
    return settled


@transaction.atomic
def settle_window(*, round_: Round) -> Round:
    """Count a provisional window again as the system; its last day may only move back.

    Raises `Refused` when it is settled, or the holidays are still unknown.
    """
    round_ = moves.lock(round_)
    window = windows.settled(round_) if round_.provisional else None
    if window is None:
        raise Refused([SETTLED if not round_.provisional else UNKNOWN])
    by, before = SystemActor(round_.school_id), round_.closes_on
    round_.closes_on, round_.provisional = window.closes_on, False
    round_.save(update_fields=["closes_on", "provisional"])
    record(
        by=by,
        verb="round.settle",
        label="核定申请期",
        subject=round_,
        at=clock.now(),
        facts={"before": before.isoformat(), "closes_on": round_.closes_on.isoformat()},
    )
    set_deadlines(round_, by)
    if round_.closes_on != before:
        day = f"{round_.closes_on.month}月{round_.closes_on.day}日"
        _to_office(round_, "申请截止日期核定", f"放假安排公布了，申请到{day}截止，不再是暂定。")
    return round_


def _tell(opened: Round) -> None:
    first, last = opened.opens_on, opened.closes_on
    days = f"申请{first.month}月{first.day}日至{last.month}月{last.day}日"
    sure = "（节假日安排未公布，暂定）" if opened.provisional else ""
    body = f"{days}{sure}，班主任已收到提醒。不办的，有申请以前可以撤销。"
    _to_office(opened, "已自动开批次", body)


def _to_office(round_: Round, title: str, body: str) -> None:
    tell_all(
        organisation=round_.school,
        role=Role.OPERATOR,
        title=f"{title}：{round_}"[:96],
        body=body,
        url=reverse("applications:round", args=[round_.pk]),
    )


@transaction.atomic
def take_back_round(*, round_: Round, reason: str, by: Appointment) -> AutoOpening:
    """Undo a round that opened by itself, while nobody has begun to use it.

    The round is gone, the log keeps it, and nothing opens it again in this term; the aid office
    may. Raises `Refused` with every reason.
    """
    try:
        round_ = moves.lock(round_)
    except Round.DoesNotExist:
        raise Refused([GONE]) from None
    reasons = rules.why_not_take_back(round_, **uses_of(round_))
    if not reason.strip():
        reasons.append(Reason("没有写撤销的原因", "写一句，留档备查"))
    refuse_if(reasons)
    remembered: AutoOpening = AutoOpening.objects.filter(
        school_id=round_.school_id,
        term=round_.term_id,
        kind=round_.kind,
        programme=round_.programme_id,
    ).latest("opened_at", "pk")
    remembered.take_back_by, remembered.take_back_at = by.person, clock.now()
    remembered.take_back_reason = reason.strip()[:200]
    remembered.save(update_fields=["take_back_by", "take_back_at", "take_back_reason"])
    record(
        by=by,
        verb="round.take_back",
        label="撤销自动开的批次",
        subject=round_,
        at=clock.now(),
        facts={"kind": round_.kind, "term": round_.term.code},
        reason=reason.strip(),
    )
    done_with(organisation=round_.school, key=deadline_key(round_))
    try:
        with transaction.atomic():
            round_.delete()
    except IntegrityError:
        # A panel of a class, say: what floors above hang on it keeps it.
        raise Refused([IN_USE]) from None
    return remembered


def uses_of(round_: Round) -> dict[str, int]:
    """How many applications, codes and workbooks hang on a round."""
    return {
        name: model.objects.filter(school_id=round_.school_id, round=round_).count()
        for name, model in (
            ("applications", Application),
            ("codes", AccessCode),
            ("sheets", FormSheet),
        )
    }


@transaction.atomic
def pause_opening(*, school: School, kind: Round.Kind, by: Appointment) -> OpeningPause:
    """Open rounds of this kind by hand from now on. Raises `Refused` when that is so already."""
    moves.lock(school)
    refuse_if([PAUSED] if kind in queue.paused_kinds(school) else [])
    try:
        with transaction.atomic():
            pause: OpeningPause = OpeningPause.objects.create(
                school=school, kind=kind, paused_by=by.person, paused_at=clock.now()
            )
    except IntegrityError:
        raise Refused([PAUSED]) from None
    record(
        by=by,
        verb="opening.pause",
        label="不自动开批次",
        subject=pause,
        at=pause.paused_at,
        facts={"kind": str(kind)},
    )
    return pause


@transaction.atomic
def resume_opening(*, school: School, kind: Round.Kind, by: Appointment) -> None:
    """Let rounds of this kind open by themselves again. Raises `Refused` when they do."""
    moves.lock(school)
    pause = OpeningPause.objects.for_school(school).filter(kind=kind).first()
    if pause is None:
        raise Refused([NOT_PAUSED])
    record(
        by=by,
        verb="opening.resume",
        label="恢复自动开批次",
        subject=pause,
        at=clock.now(),
        facts={"kind": str(kind)},
    )
    pause.delete()
