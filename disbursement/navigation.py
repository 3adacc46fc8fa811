"""What this floor offers the desk: places of the menu, things to do, what does not look right."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from applications.models import Programme, Round
from disbursement.card_queue import LIVE, UNCHECKED
from disbursement.models import (
    AidCard,
    Award,
    BankRejection,
    Fund,
    PaymentBatch,
    PaymentLine,
    Recovery,
    SystemEntry,
)
from disbursement.upkeep import duties, may_be_owed, recent_terms
from office.desk import Anomaly, Place, Todo
from review.models import Case
from schools import clock
from schools.models import Appointment, School
from schools.official import current_term
from schools.roles import BUREAU_ROLES, OFFICE, Role
from students.models import Student, protected_among
from students.rules.sight import SEES_TAGS

GROUP = "发放"
READING = OFFICE - {Role.COMMITTEE}
UPKEEP = "disbursement:upkeep"
PLACES: tuple[Place, ...] = (
    Place("资助卡", "disbursement:cards", "credit-card", GROUP, 40, READING),
    Place("发放", "disbursement:batches", "banknote", GROUP, 41, READING),
    Place("资金台账", "disbursement:ledger", "notebook-text", GROUP, 42, READING),
    Place("系统录入", UPKEEP, "keyboard", GROUP, 43, READING),
    Place("系统录入", "disbursement:upkeep_schools", "keyboard", GROUP, 43, BUREAU_ROLES),
)
CARDS, BATCHES, LEDGER = "disbursement:cards", "disbursement:batches", "disbursement:ledger"
CHECKERS = frozenset({Role.REVIEWER, Role.LEADER})
# As many cards activated on one day look like activation in bulk (row 0-40).
MANY_ACTIVATIONS = 20
Status = PaymentBatch.Status
RETRY = ("为{}的退汇补发", "更正卡信息之后，用新的批次补发。", "去补发")
CLOSABLE = ("结清{}", "款项都已到账，或已取消。", "去结清")
REFUSED = ("核实{}的银行整批退回", "向银行核实一笔都没有付，确认之后才能重新送出。", "去核实")
STEPS: dict[str, dict[str, tuple[str, str, str]]] = {
    Role.FINANCE: {
        Status.DRAFT: ("冻结{}", "检查已列出谁可以发放、谁暂缓。", "去冻结"),
        Status.APPROVED: ("把{}送银行", "已审批；送出前再检查一次。", "去送银行"),
        Status.SENT: ("登记{}的银行回盘", "收到银行的回盘文件之后登记。", "去登记"),
        Status.RETURNED: CLOSABLE,
    },
    Role.OPERATOR: {
        Status.RETURNED: CLOSABLE,
    },
    Role.REVIEWER: {Status.FROZEN: ("审批{}", "核对名单、金额和内容指纹。", "去审批")},
    Role.LEADER: {Status.FROZEN: ("审批{}", "核对名单、金额和内容指纹。", "去审批")},
}


def todos(by: Appointment) -> list[Todo]:
    """What this person must do here now; four queries at most."""
    steps = STEPS.get(Role(by.role))
    if steps is None or not by.organisation.is_school:
        return []
    found = [
        _step(batch, REFUSED if batch.refused else RETRY if batch.retry else steps[batch.status])
        for batch in _batches(by, list(steps))
    ]
    if by.role in CHECKERS:
        found += _checks(by) + _funds(by)
    found += _recoveries(by)
    if by.role == Role.OPERATOR:
        found += _cases(by) + _unpaid(by) + _lists_to_enter(by)
    return found


def _batches(by: Appointment, statuses: list[str]) -> QuerySet[Any]:
    """Batches of which something is owed now.

    `refused` says that the bank took none of the file, `retry` that payments came back which no
    follow-up took yet. A batch that only waits for its follow-up owes nothing itself.
    """
    rows: QuerySet[Any] = (
        PaymentBatch.objects.filter(school_id=by.organisation_id)
        .annotate(
            refused=Exists(
                BankRejection.objects.filter(
                    school_id=OuterRef("school_id"), batch=OuterRef("pk"), status="reported"
                )
            ),
            unpaid=Exists(_came_back(by)),
            came_back=Coalesce(Subquery(_counted(_came_back(by).filter(retried_by=None))), 0),
            retry=Exists(_came_back(by).filter(retried_by=None))
            & ~Exists(
                PaymentBatch.objects.filter(
                    school_id=OuterRef("school_id"), follows=OuterRef("pk"), status=Status.DRAFT
                )
            ),
        )
        .select_related("programme")
    )
    due = Q(status__in=statuses, refused=False) & (Q(retry=True) | Q(unpaid=False))
    if by.role in CHECKERS:
        due &= ~Q(drafted_by=by.person_id)
        due &= Q(freeze_by=None) | ~Q(freeze_by=by.person_id)
        due |= Q(refused=True) & ~Q(send_by=by.person_id)
    return rows.filter(due).order_by("pk")


def _came_back(by: Appointment) -> QuerySet[PaymentLine]:
    """Payments of the outer batch that came back and have not arrived otherwise."""
    lines = PaymentLine.objects.filter(school_id=by.organisation_id)
    arrived = lines.filter(status=PaymentLine.Status.PAID, award=OuterRef("award"))
    return lines.filter(
        ~Exists(arrived),
        batch=OuterRef("pk"),
        status=PaymentLine.Status.FAILED,
        award__status=Award.Status.GRANTED,
    )


def _counted(lines: QuerySet[PaymentLine]) -> QuerySet[Any]:
    return lines.order_by().values("batch").annotate(n=Count("pk")).values("n")


def _step(batch: PaymentBatch, words: tuple[str, str, str]) -> Todo:
    title, text, action = words
    count = getattr(batch, "came_back", 0) if words is RETRY else batch.line_count
    lines = f"{count}笔。" if count else ""
    return Todo(
        title.format(batch.title),
        f"{lines}{text}",
        reverse("disbursement:batch", args=[batch.pk]),
        action,
        place=BATCHES,
    )


def _checks(by: Appointment) -> list[Todo]:
    """Cards and entries that wait for their second person; one query for both."""
    cards = AidCard.objects.filter(UNCHECKED, school_id=by.organisation_id)
    entries = SystemEntry.objects.filter(school_id=by.organisation_id, status="entered")
    mine = by.person_id
    counts = (
        School.objects.filter(pk=by.organisation_id)
        .annotate(
            cards=_number(cards.exclude(registered_by=mine)),
            entries=_number(entries.exclude(entered_by=mine)),
        )
        .values_list("cards", "entries")
    )
    ((unchecked, entered),) = counts
    found = []
    if unchecked:
        url = f"{reverse(CARDS)}?view=unchecked"
        text = "对照卡面核对卡号、开户行和户名；没有核对的不能发放。"
        title = f"核对{unchecked}张资助卡"
        found.append(Todo(title, text, url, "去核对", count=unchecked, place=CARDS))
    if entered:
        text = "对照全国系统里的人数和金额；有出入的退回。"
        title, url = f"审核{entered}份系统录入", reverse(UPKEEP)
        found.append(Todo(title, text, url, "去审核", count=entered, place=UPKEEP))
    return found


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("school").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _lists_to_enter(by: Appointment) -> list[Todo]:
    """系统录入 that is owed; one query where nothing has changed since it was entered."""
    if not may_be_owed(by.organisation_id):
        return []
    school = by.organisation.school
    owed = [d for term in recent_terms() for d in duties(school, term) if d.owed]
    if not owed:
        return []
    first = min(owed, key=lambda d: d.due_on)
    text = f"{first.programme.name}{first.label}等；录入之后在这里登记，由另一人审核。"
    if len(owed) == 1:
        text = f"{first.programme.name}{first.label}；录入之后在这里登记，由另一人审核。"
    return [
        Todo(
            f"把{len(owed)}份资助名单录入全国系统",
            text,
            f"{reverse(UPKEEP)}?term={first.term.code}",
            "去录入",
            due_on=first.due_on,
            count=len(owed),
            place=UPKEEP,
        )
    ]


def _funds(by: Appointment) -> list[Todo]:
    """Money that waits for its second person; one query."""
    waiting = Fund.objects.filter(
        school_id=by.organisation_id, status__in=(Fund.Status.RECORDED, Fund.Status.DOUBTED)
    ).exclude(Q(recorded_by=by.person_id) | Q(doubt_by=by.person_id))
    return [_fund(fund) for fund in waiting.order_by("pk")]


def _recoveries(by: Appointment) -> list[Todo]:
    """Money asked back: decided by the second person, then registered by finance; one query."""
    rows = Recovery.objects.filter(school_id=by.organisation_id).select_related("line__student")
    if by.role in CHECKERS:
        rows = rows.filter(status=Recovery.Status.ASKED).exclude(asked_by=by.person_id)
    elif by.role == Role.FINANCE:
        rows = rows.filter(status=Recovery.Status.CLAIMED)
    else:
        return []
    return [_recovery(row) for row in rows.order_by("pk")]


def _recovery(row: Recovery) -> Todo:
    url = reverse("disbursement:award", args=[row.award_id])
    name = row.line.student.name
    if row.status == Recovery.Status.ASKED:
        title, text = f"决定是否追回{name}的资助", f"原因：{row.reason}"
        return Todo(title, text, url, "去决定", place=BATCHES)
    text = "已决定追回；款项退回专账之后登记凭证号。"
    return Todo(f"追回{name}的资助", text, url, "去登记", place=BATCHES)


def _fund(fund: Fund) -> Todo:
    url = reverse("disbursement:fund", args=[fund.pk])
    if fund.status == Fund.Status.DOUBTED:
        title, text = f"核对{fund.document_no}的冲销申请", f"原因：{fund.back_reason}"
        return Todo(title, text, url, "去核对", place=LEDGER)
    text = "对照到账通知核对文号、项目和金额；确认之前不能用于发放。"
    return Todo(f"确认{fund.document_no}到账", text, url, "去确认", place=LEDGER)


def _cases(by: Appointment) -> list[Todo]:
    school = by.organisation_id
    waiting = (
        Case.objects.filter(
            school_id=school,
            status=Case.Status.CONFIRMED,
            round__kind=Round.Kind.PROGRAMME,
        )
        .exclude(pk__in=Award.objects.filter(school_id=school).values("case_id"))
        .count()
    )
    if not waiting:
        return []
    return [
        Todo(
            f"确定{waiting}人的资助名单",
            "公示已确认，还没有列入资助名单。",
            reverse(BATCHES),
            "去确定",
            count=waiting,
            place=BATCHES,
        )
    ]


def _unpaid(by: Appointment) -> list[Todo]:
    granted = Award.objects.filter(school_id=by.organisation_id, status=Award.Status.GRANTED)
    waiting = granted.exclude(
        Exists(PaymentLine.objects.filter(school_id=OuterRef("school_id"), award=OuterRef("pk")))
    ).exclude(
        # A draft of the same programme and term will take them when it is frozen.
        Exists(
            PaymentBatch.objects.filter(
                school_id=OuterRef("school_id"),
                programme=OuterRef("programme"),
                term=OuterRef("term"),
                status__in=(Status.DRAFT, Status.FROZEN, Status.APPROVED),
            )
        )
    )
    if not (count := waiting.count()):
        return []
    text = "资助名单已确定，还没有编入发放批次。"
    url = reverse(BATCHES)
    return [Todo(f"为{count}人编制发放批次", text, url, "去编制", count=count, place=BATCHES)]


def anomalies(by: Appointment) -> list[Anomaly]:
    """Returned payments nobody paid again, activations in bulk, scholarships late in the year."""
    if by.role not in READING or not by.organisation.is_school:
        return []
    found = [_returned(by), _activated_at_once(by), _protected_unaided(by)]
    today = clock.today()
    if today.month == 12:
        found.append(_scholarships(by, today))
    return [one for one in found if one.count]


def _returned(by: Appointment) -> Anomaly:
    lines = PaymentLine.objects.filter(school_id=by.organisation_id)
    live = lines.exclude(status=PaymentLine.Status.FAILED)
    count = (
        lines.filter(status=PaymentLine.Status.FAILED, award__status=Award.Status.GRANTED)
        .exclude(award_id__in=live.values("award_id"))
        .values("award_id")
        .distinct()
        .count()
    )
    url = f"{reverse('disbursement:awards')}?state=failed"
    return Anomaly("退汇还没有补发", count, "银行退汇，学生还没有收到钱。", url, tone="bad")


def _protected_unaided(by: Appointment) -> Anomaly:
    """困中之困 who have no aid this term (row 4-03)."""
    term = current_term()
    title, url = "重点保障学生本学期还没有资助", reverse("students:protection")
    if term is None or by.role not in SEES_TAGS:
        return Anomaly(title, 0, "", url)
    students = Student.objects.for_school(by.organisation).present()
    first = protected_among(students, clock.today())
    aided = Award.objects.filter(school_id=by.organisation_id, term=term, status="granted")
    counted = first.aggregate(
        n=Count("pk"), unaided=Count("pk", filter=~Q(pk__in=aided.values("student_id")))
    )
    text = f"重点保障学生{counted['n']}人，请核实没有资助的原因。"
    return Anomaly(title, counted["unaided"], text, url)


def _activated_at_once(by: Appointment) -> Anomaly:
    most = (
        AidCard.objects.filter(LIVE, school_id=by.organisation_id, activated_on__isnull=False)
        .values("activated_on", "bank")
        .annotate(n=Count("pk"))
        .filter(n__gte=MANY_ACTIVATIONS)
        .order_by("-n")
        .first()
    )
    text = "同一天在同一家银行激活，请核实是不是本人激活。"
    if most is None:
        return Anomaly("疑似批量激活资助卡", 0, text, reverse(CARDS), unit="张")
    which = urlencode({"activated": most["activated_on"].isoformat(), "bank": most["bank"]})
    url = f"{reverse(CARDS)}?{which}"
    return Anomaly("疑似批量激活资助卡", most["n"], text, url, unit="张")


def _scholarships(by: Appointment, today: date) -> Anomaly:
    """国家奖学金 is paid once, by 31 December (row 0-36)."""
    lines = PaymentLine.objects.filter(school_id=by.organisation_id, status=PaymentLine.Status.PAID)
    count = (
        Award.objects.filter(
            school_id=by.organisation_id,
            status=Award.Status.GRANTED,
            programme__kind=Programme.Kind.SCHOLARSHIP,
            term__starts_on__lte=today,
            term__ends_on__gte=today,
        )
        .exclude(pk__in=lines.values("award_id"))
        .count()
    )
    text = "国家奖学金须在12月31日前一次性发给学生。"
    return Anomaly("奖学金还没有到账", count, text, reverse(BATCHES))
