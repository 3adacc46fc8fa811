"""What this floor offers the desk: applications to enter, to complete and to let in late."""

from django.db.models import Q
from django.urls import reverse

from applications import queue
from applications.models import GreenEntry, Programme, Round
from applications.queue.openings import Owed, may_owe
from applications.rules.green import SETTLERS
from office.desk import Anomaly, Place, Todo
from schools import clock, workdays
from schools.models import Appointment, School, Term
from schools.official import OfficialCalendar, calendar, current_term
from schools.roles import BUREAU_ROLES, SCHOOL_ROLES, Role

GROUP = "认定与评审"
GREEN = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.FINANCE})
PLACES: tuple[Place, ...] = (
    Place("资助项目与批次", "applications:rounds", "layers", GROUP, 20, SCHOOL_ROLES),
    Place("资助项目", "applications:programmes", "layers", GROUP, 20, BUREAU_ROLES),
    Place("申请", "applications:entries", "file-text", GROUP, 21, SCHOOL_ROLES),
    Place("绿色通道", "applications:green", "door-open", GROUP, 22, GREEN),
)
ROUNDS, ENTRIES = "applications:rounds", "applications:entries"
# The office is told when so few working days are left.
SOON = 2
CHECKING = frozenset({Role.REVIEWER, Role.LEADER})


def todos(by: Appointment) -> list[Todo]:
    """What this person must do here now; five queries at most."""
    if by.role == Role.BUREAU_REVIEWER:
        return _policy(by)
    if by.role in CHECKING:
        return _late_ones(by) + _waivers(by) + _voidings(by) + _policy(by)
    if by.role not in (Role.HEAD_TEACHER, Role.OPERATOR):
        return []
    return _of_office(by) if by.role == Role.OPERATOR else _of_teacher(by)


def _of_teacher(by: Appointment) -> list[Todo]:
    rounds = [r for r in queue.rounds_seen(by).filter(status=Round.Status.OPEN) if _begun(r)]
    counts = queue.counts_by_round(by, rounds)
    return [todo for r in rounds for todo in _for_teacher(r, counts[r.pk], by)]


def _of_office(by: Appointment) -> list[Todo]:
    term = current_term()
    wanted = Q(status=Round.Status.OPEN)
    if term:
        wanted |= Q(term__year__gte=term.year - 1)
    known = list(queue.rounds_seen(by).filter(wanted).select_related("programme__follows"))
    rounds = [r for r in known if r.status == Round.Status.OPEN and _begun(r)]
    counts, days = queue.counts_by_round(by, rounds), calendar()
    running = [todo for r in rounds for todo in _for_operator(r, counts[r.pk], days)]
    return running + _unopened(by, term, known)


def _begun(round_: Round) -> bool:
    return round_.opens_on <= clock.today()


def _late_ones(by: Appointment) -> list[Todo]:
    n = queue.applications_of(by).filter(queue.LATE_WAITING).count()
    if not n:
        return []
    return [
        Todo(
            f"{n}份逾期申请等待同意",
            "看逾期原因，同意后由录入人提交。",
            f"{reverse(ENTRIES)}?late=1",
            "去看原因",
            count=n,
            place=ENTRIES,
        )
    ]


def _waivers(by: Appointment) -> list[Todo]:
    n = GreenEntry.objects.filter(
        school_id=by.organisation_id, status=GreenEntry.Status.WAITING
    ).exclude(registered_by=by.person_id)
    count = n.count()
    if not count:
        return []
    return [
        Todo(
            f"{count}笔绿色通道减免待审核",
            "看减免什么、多少、为什么，同意或不同意。",
            f"{reverse('applications:green')}?only=waiting",
            "去审核",
            count=count,
            place="applications:green",
        )
    ]


def _voidings(by: Appointment) -> list[Todo]:
    """Registrations that somebody else asks to void."""
    asked = GreenEntry.objects.filter(queue.VOID_ASKED, school_id=by.organisation_id)
    count = asked.exclude(ask_void_by=by.person_id).count()
    if not count:
        return []
    return [
        Todo(
            f"{count}笔绿色通道作废待确认",
            "看登记错在哪里，确认作废或不同意。",
            f"{reverse('applications:green')}?only=asked",
            "去确认",
            count=count,
            place="applications:green",
        )
    ]


def _policy(by: Appointment) -> list[Todo]:
    """Programmes of one's own authority that somebody else drafted, asked to end or take back."""
    status = Programme.Status
    waiting = Programme.objects.filter(
        managed_by_id=by.organisation_id,
        status__in=(status.DRAFT, status.ENDING, status.REVOKING),
    ).order_by("pk")
    found = []
    for one in waiting:
        title, text, maker = _checked(one)
        if by.person_id == maker:
            continue
        url = reverse("applications:programme", args=[one.pk])
        found.append(Todo(title, text, url, "去核对", place="applications:programmes"))
    return found


def _checked(one: Programme) -> tuple[str, str, int | None]:
    """What a checker is told of a programme, and whose deed it is."""
    if one.status == Programme.Status.ENDING:
        return f"确认{one}的终止", one.end_reason, one.ask_end_by_id
    if one.status == Programme.Status.REVOKING:
        return f"确认{one}的撤回", one.revoke_reason, one.ask_revoke_by_id
    return f"核对{one}", "看金额、对象和日期，没有问题的启用。", one.drafted_by_id


def _to_check(round_: Round, n: int) -> Todo:
    url = f"{reverse(ENTRIES)}?round={round_.pk}&status=checking"
    return Todo(
        f"核对{n}份家长填报",
        "家长用手机填的，对照材料核对后提交；不符的退回。",
        url,
        "去核对",
        due_on=round_.closes_on,
        provisional=round_.provisional,
        count=n,
        place=ENTRIES,
    )


def _for_teacher(round_: Round, counts: dict[str, int], by: Appointment) -> list[Todo]:
    owed = [_to_check(round_, counts["checking"])] if counts["checking"] else []
    return owed + _entering(round_, counts) + _renewing(round_, by)


def _renewing(round_: Round, by: Appointment) -> list[Todo]:
    n = queue.renewals(round_, by).count() if clock.today() <= round_.closes_on else 0
    if not n:
        return []
    return [
        Todo(
            f"问问{n}名去年申请过的学生",
            "认定每学年一次，今年还没有申请；仍然困难的，从去年的家庭情况开始填。",
            f"{reverse('applications:choose_student', args=[round_.pk])}?renew=1",
            "去看是谁",
            due_on=round_.closes_on,
            provisional=round_.provisional,
            count=n,
            place=ROUNDS,
        )
    ]


def _entering(round_: Round, counts: dict[str, int]) -> list[Todo]:
    unfinished = counts["draft"] + counts["returned"]
    within = clock.today() <= round_.closes_on
    if not unfinished and not (within and round_.is_recognition):
        return []
    parts = [f"已提交{counts['submitted']}份"]
    if counts["draft"]:
        parts.append(f"填写中{counts['draft']}份")
    if counts["returned"]:
        parts.append(f"退回补正{counts['returned']}份")
    title = f"补正{round_}申请" if counts["returned"] else f"录入{round_}申请"
    return [
        _todo(round_, title, "，".join(parts) + "。", "去补正" if counts["returned"] else "去录入")
    ]


def _for_operator(round_: Round, counts: dict[str, int], days: OfficialCalendar) -> list[Todo]:
    unfinished = counts["draft"] + counts["checking"] + counts["returned"]
    over = clock.today() > round_.closes_on
    if over and unfinished:
        title = f"{round_}：{unfinished}份申请还没提交"
        return [_todo(round_, title, "催办班主任，或撤回不再申请的。", "去看各班")]
    if not over and workdays.remaining(days, clock.today(), round_.closes_on) <= SOON:
        text = f"已提交{counts['submitted']}份，还没提交{unfinished}份。"
        return [_todo(round_, f"{round_}申请即将截止", text, "去看各班")]
    return []


def _todo(round_: Round, title: str, text: str, action: str) -> Todo:
    return Todo(
        title,
        text,
        reverse("applications:round", args=[round_.pk]),
        action,
        due_on=round_.closes_on,
        provisional=round_.provisional,
        place=ROUNDS,
    )


def _unopened(by: Appointment, term: Term | None, known: list[Round]) -> list[Todo]:
    """Rounds of the term that are not open, with why not.

    A school whose calendar lacks the term is told so, for then nothing can open.
    """
    today = clock.today()
    if term is None or term.ends_on < today:
        return [_no_term(term)]
    if today < term.starts_on or not may_owe(known, term):
        return []
    school = School.objects.get(pk=by.organisation_id)
    owed = queue.owed_openings(school, term)
    return [
        _recognition(one, term) if one.programme is None else _again(one, term)
        for one in owed
        # What nothing speaks against is about to open by itself, on the first day.
        if one.programme is None or one.reasons or one.by_itself or today > term.starts_on
    ]


def _no_term(last: Term | None) -> Todo:
    known = f"校历只到{last}" if last else "还没有校历"
    return Todo(
        "批次不能自动开：没有下学期的校历",
        f"{known}。请系统管理员在“工作日历与学期”里添加学期。",
        reverse(ROUNDS),
        "去看批次",
        place=ROUNDS,
    )


def _recognition(one: Owed, term: Term) -> Todo:
    text = "开学后5个工作日内接受申请，班主任会收到提醒。"
    return Todo(
        f"开{term.year_label}的认定批次",
        _why(one) or text,
        reverse("applications:open_round"),
        "去开批次",
        due_on=term.starts_on,
        place=ROUNDS,
    )


def _again(one: Owed, term: Term) -> Todo:
    programme = one.programme
    return Todo(
        f"{programme}{term.season_label}还没有开",
        f"去年同一学期办过。{_why(one) or '应自动开而没有开，请打开批次。'}",
        f"{reverse('applications:open_round')}?programme={programme.pk if programme else ''}",
        "去看一看",
        place=ROUNDS,
    )


def _why(one: Owed) -> str:
    reasons = one.reasons or one.by_itself
    return "没有自动开：" + "；".join(r.text for r in reasons) + "。" if reasons else ""


def anomalies(by: Appointment) -> list[Anomaly]:
    """Listed students without an application; new students whose put-off fees are overdue.

    Of these everyone who may settle them is told, apart from what the person registered.
    """
    missed = _missed(by) if by.role in (Role.OPERATOR, Role.HEAD_TEACHER) else []
    return missed + (_overdue(by) if by.role in SETTLERS else [])


def _overdue(by: Appointment) -> list[Anomaly]:
    due = GreenEntry.objects.filter(
        school_id=by.organisation_id,
        status=GreenEntry.Status.ACTIVE,
        kind=GreenEntry.Kind.DEFER,
        until__lt=clock.today(),
    )
    text = "到期还没有结清，补交或由资助解决后请财务登记。"
    if by.role != Role.OPERATOR:
        due = due.exclude(registered_by=by.person_id)
        text = "到期还没有结清，已补交或由资助解决的请登记结清。"
    n = due.count()
    url = f"{reverse('applications:green')}?only=active"
    return [Anomaly("绿色通道缓交到期", n, text, url)] if n else []


def _missed(by: Appointment) -> list[Anomaly]:
    round_ = (
        queue.rounds_seen(by)
        .filter(kind=Round.Kind.RECOGNITION, status=Round.Status.OPEN)
        .order_by("-pk")
        .first()
    )
    if round_ is None:
        return []
    missed = queue.missed_students(round_, clock.today())
    if by.role == Role.HEAD_TEACHER:
        missed = missed.filter(school_class_id__in=queue.led_class_ids(by))
    url = f"{reverse('applications:choose_student', args=[round_.pk])}?listed=1"
    return [Anomaly("名单内学生没有申请", missed.count(), "在部门名单里，还没有认定申请。", url)]
