"""公示确认: after the period the listed become recognised or confirmed (rows 0-32, 0-49, 0-50)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.urls import reverse

from applications.models import Round
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from office.actions import done_with
from review import evidence, queue, rules
from review.actions.objections import why_held
from review.actions.writing import conflict, digest, locked, why_closed, write
from review.models import Case, Notice, Objection, Recognition
from schools import clock
from schools.models import Appointment


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many were confirmed, and every reason that holds others back."""

    confirmed: int
    held: list[Reason]


def confirm_notice(*, notice: Notice, by: Appointment) -> Confirmation:
    """Confirm a notice's list after its last day; recognition rounds get their `Recognition`s.

    Lines with an open objection are held; calling again later takes those dismissed since.
    Raises `Refused` when nobody can be confirmed.
    """
    try:
        with transaction.atomic():
            return _confirm(notice, by)
    except IntegrityError as error:
        if "recognition_once" not in str(error):
            raise
        raise conflict("认定结果刚刚已由别人确认") from None


def _confirm(notice: Notice, by: Appointment) -> Confirmation:
    # The round first: two notices of one round never write the same student's grade at once.
    moves.lock(notice.round)
    notice = moves.lock(notice)
    refuse_if([*rules.why_not_confirm(notice, by, clock.today()), *_why_unanswered(notice)])
    cases = locked(queue.to_confirm(notice))
    ready, held = judge(notice, cases, by)
    if not ready:
        refuse_if(held or [Reason("名单里没有待确认的学生", "已全部确认或退回重审")])
    for case in ready:
        case.status = Case.Status.CONFIRMED
        case.confirm_at, case.confirm_by_id = clock.now(), by.person_id
    write(ready, sources=[Case.Status.DECIDED], fields=["confirm_at", "confirm_by"])
    if notice.round.is_recognition:
        recognise(notice.round.term.year, ready, by)
    facts = {"cases": len(ready), "digest": digest(ready)}
    if notice.status == Notice.Status.PUBLISHED:
        moves.make(notice, "confirm", by=by, at=clock.now(), facts=facts)
        done_with(organisation=by.organisation, key=f"notice:{notice.pk}")
    else:
        record(
            by=by,
            verb="notice.confirm_rest",
            label="补充公示确认",
            subject=notice,
            at=clock.now(),
            facts=facts,
        )
    return Confirmation(len(ready), held)


def confirm_undisputed(*, round_: Round, by: Appointment) -> Confirmation:
    """Confirm who was decided as not difficult when the round has nobody to publish.

    They are never shown, so there is no period to wait for. Raises `Refused` while somebody is to
    be published or a notice is live, and when nobody can be confirmed.
    """
    try:
        with transaction.atomic():
            return _confirm_undisputed(moves.lock(round_), by)
    except IntegrityError as error:
        if "recognition_once" not in str(error):
            raise
        raise conflict("认定结果刚刚已由别人确认") from None


def _confirm_undisputed(round_: Round, by: Appointment) -> Confirmation:
    refuse_if(
        [*why_closed(round_), *_why_notice_first(round_), *rules.second_person(by, None, "确认")]
    )
    cases = locked(queue.undisputed(round_))
    stale = evidence.changed(cases)
    held = [
        (case, why)
        for case in cases
        for why in rules.why_gone(case)
        + rules.why_changed(case.pk in stale)
        + rules.own_hand(case, by.person_id)
    ]
    waiting = {case.pk for case, _ in held}
    ready = [c for c in cases if c.pk not in waiting]
    if not ready:
        refuse_if(rules.counted(held) or [Reason("没有待确认的不困难学生", "请刷新页面")])
    for case in ready:
        case.status = Case.Status.CONFIRMED
        case.confirm_at, case.confirm_by_id = clock.now(), by.person_id
    write(ready, sources=[Case.Status.DECIDED], fields=["confirm_at", "confirm_by"])
    recognise(round_.term.year, ready, by)
    record(
        by=by,
        verb="round.confirm_undisputed",
        label="确认不困难",
        subject=round_,
        at=clock.now(),
        facts={"cases": len(ready), "digest": digest(ready)},
    )
    return Confirmation(len(ready), rules.counted(held))


def _why_notice_first(round_: Round) -> list[Reason]:
    live = Notice.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, status__in=("draft", "published")
    )
    if queue.to_publish(round_).exists() or live.exists():
        return [Reason("本批次还有要公示的学生", "不困难的随公示一并确认")]
    return []


def _why_unanswered(notice: Notice) -> list[Reason]:
    n = queue.open_objections(notice).filter(line=None).count()
    if not n:
        return []
    return [
        Reason(
            f"有{n}条异议没有指明学生，尚未答复",
            "答复异议",
            reverse("review:notice", args=[notice.pk]),
        )
    ]


def judge(
    notice: Notice, cases: list[Case], by: Appointment | None
) -> tuple[list[Case], list[Reason]]:
    """Which cases may be confirmed now, and why the others wait.

    Also what the page shows; there `by` is None for people who don't confirm anyway.
    """
    objections: dict[int, list[Objection]] = defaultdict(list)
    waiting = queue.open_objections(notice).exclude(line=None).select_related("line")
    for one in waiting:
        if one.line is not None:
            objections[one.line.case_id].append(one)
    stale = evidence.changed(cases)
    held: list[tuple[Case, rules.Why]] = []
    for case in cases:
        held += [(case, why) for why in rules.why_gone(case)]
        held += [(case, why) for why in rules.why_changed(case.pk in stale)]
        if case.pk in objections:
            held.append((case, why_held(objections[case.pk])))
        if by is not None:
            held += [(case, why) for why in rules.own_hand(case, by.person_id)]
    waiting_ids = {case.pk for case, _ in held}
    return [c for c in cases if c.pk not in waiting_ids], rules.counted(held)


def recognise(year: int, cases: list[Case], by: Appointment) -> list[Recognition]:
    """Write the grades of a year; a student's older grade ends, it is never overwritten.

    A grade that began today ends today, and the new one begins tomorrow: periods never overlap.
    """
    today = clock.today()
    begun_today = _end_older(year, cases, today)
    made: list[Recognition] = Recognition.objects.bulk_create(
        [
            Recognition(
                school_id=case.school_id,
                student_id=case.student_id,
                year=year,
                grade=case.decided_grade,
                case=case,
                decided_by=case.decide_by,
                confirmed_by_id=by.person_id,
                valid_from=begun_today.get(case.student_id, today),
                reason=case.decision_reason,
            )
            for case in cases
        ],
        batch_size=500,
    )
    return made


def _end_older(year: int, cases: list[Case], today: date) -> dict[int, date]:
    """End the grades in force; returns from when a new one may begin if that is not today."""
    if not cases:
        return {}
    older = Recognition.objects.filter(
        school_id=cases[0].school_id,
        year=year,
        valid_to=None,
        student_id__in=[c.student_id for c in cases],
    )
    late = {
        student_id: begun + timedelta(days=1)
        for student_id, begun in older.filter(valid_from__gte=today).values_list(
            "student_id", "valid_from"
        )
    }
    older.update(valid_to=Greatest(F("valid_from"), Value(today - timedelta(days=1))))
    return late
