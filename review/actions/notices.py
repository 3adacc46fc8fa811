"""公示: draw the list up, publish it as a second person, take it down."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Round
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from office.actions import done_with, due
from review import queue, rules
from review.actions.writing import conflict, why_closed
from review.models import Case, Meeting, Notice, NoticeLine
from review.texts import FIELDS, default_texts, why_incomplete, why_not_show
from schools import clock
from schools.models import Appointment
from schools.official import last_day
from schools.roles import Role

TEXTS = ("title", "body", "department", "phone", "email", "superior_phone")
SETTINGS = ("show_tier", "scope")
LIMITS = {"title": 96, "department": 48, "phone": 32, "email": 64, "superior_phone": 32}


def draft_notice(*, round_: Round, by: Appointment, workdays: int = 5, **texts: Any) -> Notice:
    """Draw up a notice of every decided case that a confirmed meeting stands behind.

    `texts` may give title, body, department, phone, email, superior_phone, show_tier and scope;
    what is missing is written by default. Raises `Refused` when something personal is in them.
    """
    try:
        with transaction.atomic():
            round_ = moves.lock(round_)
            cases = list_of(round_)
            refuse_if(_why_not_draft(round_, cases, workdays))
            notice = Notice(
                school_id=round_.school_id,
                round=round_,
                workdays=workdays,
                token=secrets.token_urlsafe(32),
                drafted_by=by.person,
            )
            return _write(notice, cases, texts, by, "draft", "起草公示")
    except IntegrityError as error:
        if "notice_live_once" not in str(error):
            raise
        raise conflict("本批次已有起草中或公示中的公示") from None


@transaction.atomic
def revise_notice(
    *, notice: Notice, by: Appointment, workdays: int | None = None, **texts: Any
) -> Notice:
    """Change a draft's words and draw its list up anew; whoever does it becomes the drafter.

    The body is written anew too unless `texts` gives one.
    """
    notice = moves.lock(notice)
    cases = list_of(notice.round)
    notice.workdays = workdays or notice.workdays
    refuse_if([*_why_not_draft(notice.round, cases, notice.workdays, revising=notice)])
    kept = {name: getattr(notice, name) for name in (*TEXTS, *SETTINGS) if name != "body"}
    notice.drafted_by = by.person
    notice.lines.all().delete()
    return _write(notice, cases, {**kept, **texts}, by, "revise", "修改公示")


def list_of(round_: Round) -> list[Case]:
    """The cases the next notice lists, by grade, class and pinyin."""
    return list(
        queue.to_publish(round_)
        .select_related("student", "school_class", "decided_tier")
        .order_by(
            "school_class__stage",
            "school_class__grade",
            "school_class__number",
            "student__pinyin",
            "pk",
        )
    )


def _why_not_draft(
    round_: Round, cases: Sequence[Case], workdays: int, revising: Notice | None = None
) -> list[Reason]:
    found = why_closed(round_)
    if workdays < 5:
        found.append(Reason(f"公示{workdays}个工作日，少于5个工作日", "至少5个工作日"))
    if not cases:
        found.append(Reason("没有可以公示的学生", _what_first(round_)))
    if revising and revising.status != Notice.Status.DRAFT:
        found.append(
            Reason(
                f"这份公示现在是“{revising.get_status_display()}”，不能再改",
                "确需更改请撤回后重新公示",
            )
        )
    live = Notice.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, status__in=("draft", "published")
    )
    if not revising and (other := live.first()):
        found.append(
            Reason(
                f"本批次已有一份{other.get_status_display()}的公示",
                "查看公示",
                reverse("review:notice", args=[other.pk]),
            )
        )
    return found


def _what_first(round_: Round) -> str:
    meetings = Meeting.objects.filter(school_id=round_.school_id, round_id=round_.pk)
    if meetings.filter(status=Meeting.Status.DECIDED).exists():
        return "请审核人先确认会议审定"
    return "请先由领导小组会议审定"


def _write(
    notice: Notice,
    cases: Sequence[Case],
    texts: dict[str, Any],
    by: Appointment,
    verb: str,
    label: str,
) -> Notice:
    school = by.organisation.school
    defaults = default_texts(notice.round, school, [c.student.name for c in cases])
    for name in TEXTS:
        value = str(texts.get(name) or getattr(defaults, name)).strip()
        limit = LIMITS.get(name, len(value))
        if len(value) > limit:
            raise Refused([Reason(f"{FIELDS[name]}超过{limit}个字", "请缩短")])
        setattr(notice, name, value)
    for name in SETTINGS:
        if name in texts:
            setattr(notice, name, texts[name])
    lines = lines_of(notice, cases)
    refuse_if(why_unfit(notice, lines))
    notice.save()
    NoticeLine.objects.bulk_create(lines, batch_size=500)
    record(
        by=by,
        verb=f"notice.{verb}",
        label=label,
        subject=notice,
        at=clock.now(),
        facts={"lines": len(lines), "workdays": notice.workdays},
    )
    return notice


def lines_of(notice: Notice, cases: Sequence[Case]) -> list[NoticeLine]:
    """The whitelist row of each case: serial, grade, class, name, programme, and tier if wished."""
    names = told_apart(cases)
    programme = notice.round.programme
    result = programme.name if programme else "家庭经济困难认定"
    return [
        NoticeLine(
            school_id=notice.school_id,
            notice=notice,
            case=case,
            serial=serial,
            grade_name=case.school_class.grade_name,
            class_name=case.school_class.name,
            name=names[case.pk],
            result=result[:48],
            tier=_tier(case) if notice.show_tier else "",
            amount_fen=(
                case.decided_tier.amount_fen if notice.show_tier and case.decided_tier else None
            ),
        )
        for serial, case in enumerate(cases, start=1)
    ]


def _tier(case: Case) -> str:
    return case.decided_tier.label if case.decided_tier else str(case.get_decided_grade_display())


def told_apart(cases: Sequence[Case]) -> dict[int, str]:
    """Names; the same name twice in a class is told apart by the end of the student number.

    Never by an ID number (D.1). Without student numbers they are counted （一）, （二）.
    """
    same: dict[tuple[int, str], list[Case]] = defaultdict(list)
    for case in cases:
        same[case.school_class_id, case.student.name].append(case)
    names = {}
    for (_, name), ones in same.items():
        for case, mark in zip(ones, _marks(ones), strict=True):
            names[case.pk] = f"{name}{mark}"
    return names


def _marks(cases: Sequence[Case]) -> list[str]:
    if len(cases) == 1:
        return [""]
    numbers = [c.student.student_no for c in cases]
    for length in (2, 3, 4):
        tails = [n[-length:] for n in numbers]
        if all(len(t) == length for t in tails) and len(set(tails)) == len(tails):
            return [f"（学号尾号{t}）" for t in tails]
    return [f"（{n}）" for n in range(1, len(cases) + 1)]


def why_unfit(notice: Notice, lines: Sequence[NoticeLine]) -> list[Reason]:
    """What is missing from the notice or too much in it."""
    texts = {name: getattr(notice, name) for name in TEXTS}
    texts["lines"] = "\n".join(
        f"{x.grade_name} {x.class_name} {x.name} {x.result} {x.tier}" for x in lines
    )
    return [*why_incomplete(texts), *why_not_show(notice.school, texts)]


@transaction.atomic
def publish(*, notice: Notice, by: Appointment) -> Notice:
    """Show the notice to the public from today for its working days; not by the drafter.

    The start day isn't counted; the last day is the last one shown (row 0-29). Raises `Refused`
    when the official calendar doesn't reach that day yet.
    """
    notice = moves.lock(notice)
    lines = list(notice.lines.all())
    span = last_day(clock.today(), notice.workdays)
    refuse_if(
        [
            *moves.why_not(notice, "publish"),
            *why_closed(notice.round),
            *rules.why_not_publish(
                notice, by, provisional=span.provisional, stale=stale(notice, lines)
            ),
            *why_unfit(notice, lines),
        ]
    )
    published = moves.make(
        notice,
        "publish",
        by=by,
        at=clock.now(),
        facts={"lines": len(lines), "ends_on": span.last.isoformat()},
        starts_on=span.start,
        ends_on=span.last,
    )
    due(
        organisation=by.organisation,
        key=f"notice:{notice.pk}",
        title=f"公示期满，确认《{notice.title}》"[:96],
        due_on=last_day(span.last, 1).last,
        role=Role.REVIEWER,
        by=by,
        url=reverse("review:notice", args=[notice.pk]),
    )
    return published


def stale(notice: Notice, lines: Sequence[NoticeLine]) -> bool:
    """Whether the draft's list is no longer the decided one."""
    drawn = {
        (x.case_id, x.name, x.class_name, x.tier, x.amount_fen)
        for x in lines_of(notice, list_of(notice.round))
    }
    return drawn != {(x.case_id, x.name, x.class_name, x.tier, x.amount_fen) for x in lines}


@transaction.atomic
def withdraw_notice(*, notice: Notice, reason: str, by: Appointment) -> Notice:
    """Take a notice down at once; a new one begins its period from the start."""
    notice = moves.lock(notice)
    refuse_if(
        [
            *moves.why_not(notice, "withdraw"),
            *([] if reason.strip() else [Reason("没有写撤回原因", "请写明原因")]),
        ]
    )
    done_with(organisation=by.organisation, key=f"notice:{notice.pk}")
    return moves.make(
        notice,
        "withdraw",
        by=by,
        at=clock.now(),
        reason=reason,
        withdraw_reason=reason.strip()[:200],
    )
