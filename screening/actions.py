"""The only writers of the screening: open, verify, fill in, review, sign, send back, hand out."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from office.actions import done_with, due, tell
from office.jobs import want_once
from office.models import Job
from schools import clock
from schools.models import Appointment, Organisation, School, Term
from schools.roles import BUREAU_ROLES, Role
from screening import facts, queue, rules
from screening.models import Screening, ScreeningRow
from screening.numbers import Numbers, counted
from students.models import SchoolClass, Student

MOST_ROWS_AT_ONCE = 2000
STAMPS = ("at", "by_id")
# Who owes what until the day of report.
DUTIES = (
    (Role.HEAD_TEACHER, "学期排查：逐一核实本班学生"),
    (Role.OPERATOR, "学期排查填报"),
    (Role.REVIEWER, "学期排查审核"),
    (Role.LEADER, "学期排查签字报送"),
)
# The printed table carries full ID numbers: these may have it, with a reason (§B.3 ruling 8).
MAY_EXPORT = frozenset({Role.OPERATOR, Role.LEADER, *BUREAU_ROLES})


@transaction.atomic
def open_screening(*, school: School, term: Term, by: Appointment) -> Screening:
    """Begin a term's 排查 with a row for every present student; again to take in who came since.

    A row not yet verified follows its student into another class.
    """
    refuse_if([*rules.why_not_role(by, Role.OPERATOR, "开始排查"), *rules.why_not_open(term)])
    screening, created = Screening.objects.get_or_create(
        school=school,
        term=term,
        defaults={
            "due_on": rules.due_on(term),
            "opened_by": by.person,
            "opened_at": clock.now(),
        },
    )
    screening = moves.lock(screening)
    if screening.status != Screening.Status.OPEN:
        return screening
    before = ScreeningRow.objects.for_school(school).filter(screening=screening).count()
    _take_in(screening)
    after = ScreeningRow.objects.for_school(school).filter(screening=screening).count()
    if created or after != before:
        record(
            by=by,
            verb="screening.open" if created else "screening.take_in",
            label="开始排查" if created else "更新排查名单",
            subject=screening,
            at=clock.now(),
            facts={"term": term.code, "students": after, "added": after - before},
        )
    if created:
        _set_deadlines(screening, by)
    return screening


def _set_deadlines(screening: Screening, by: Appointment) -> None:
    url = reverse("screening:index")
    for role, title in DUTIES:
        due(
            organisation=screening.school,
            key=_deadline_key(screening, role),
            title=f"{screening.term.season_label}{title}",
            due_on=screening.due_on,
            role=role,
            by=by,
            url=url,
        )


def _deadline_key(screening: Screening, role: Role) -> str:
    return f"screening:{screening.term.code}:{role}"


def _close_deadline(screening: Screening, role: Role) -> None:
    done_with(organisation=screening.school, key=_deadline_key(screening, role))


def _take_in(screening: Screening) -> None:
    school_id = screening.school_id
    present = Student.objects.filter(school_id=school_id).present()
    ScreeningRow.objects.bulk_create(
        (
            ScreeningRow(
                school_id=school_id, screening=screening, student_id=pk, school_class_id=class_id
            )
            for pk, class_id in present.order_by("pk").values_list("pk", "school_class_id")
        ),
        ignore_conflicts=True,
        batch_size=MOST_ROWS_AT_ONCE,
    )
    moved = (
        ScreeningRow.objects.filter(school_id=school_id, screening=screening, result="")
        .exclude(school_class=F("student__school_class"))
        .select_related("student")
    )
    for row in moved:
        row.school_class_id = row.student.school_class_id
        row.save(update_fields=["school_class"])


@transaction.atomic
def verify(
    *,
    row: ScreeningRow,
    result: str,
    by: Appointment,
    reason: str = "",
    measure: str = "",
    measure_due_on: date | None = None,
) -> ScreeningRow:
    """The head teacher's finding about one student; it must agree with the facts.

    应助未助 needs the reason, the measure and its last day. May be given again until the school
    fills in.
    """
    screening = moves.lock(row.screening)
    row = moves.lock(row)
    found = facts.of_students([row.school_id], screening.term, [row.student_id])
    refuse_if(
        [
            *_why_not_this_teacher(by, row.school_class),
            *rules.why_closed(screening),
            *rules.why_contradicts(result, found.get(row.student_id)),
            *rules.why_unexplained(result, reason, measure, measure_due_on),
        ]
    )
    told = result == ScreeningRow.Result.UNAIDED
    row.result, row.checked_by, row.checked_at = result, by.person, clock.now()
    row.reason = reason.strip() if told else ""
    row.measure = measure.strip() if told else ""
    row.measure_due_on = measure_due_on if told else None
    row.save()
    record(
        by=by,
        verb="screening.verify",
        label="排查核实",
        subject=row,
        about_id=row.student_id,
        at=clock.now(),
        facts={"result": result, "class": row.school_class_id},
    )
    return row


@transaction.atomic
def verify_rest(*, screening: Screening, school_class: SchoolClass, by: Appointment) -> int:
    """Verify the class's remaining students as the facts say; returns how many.

    Who is 应助未助 stays open: each needs a reason, a measure and a last day of its own. Rows whose
    facts changed after they were verified are brought up to date too.
    """
    screening = moves.lock(screening)
    refuse_if([*_why_not_this_teacher(by, school_class), *rules.why_closed(screening)])
    rows = list(queue.present(screening).filter(school_class=school_class).order_by("pk"))
    found = facts.of_students([screening.school_id], screening.term, [r.student_id for r in rows])
    changed = []
    for row in rows:
        result = rules.expected(found[row.student_id])
        if result in (row.result, ScreeningRow.Result.UNAIDED):
            continue
        row.result, row.checked_by, row.checked_at = result, by.person, clock.now()
        row.reason, row.measure, row.measure_due_on = "", "", None
        changed.append(row)
    fields = ["result", "checked_by", "checked_at", "reason", "measure", "measure_due_on"]
    ScreeningRow.objects.bulk_update(changed, fields, batch_size=500)
    if changed:
        record(
            by=by,
            verb="screening.verify_rest",
            label="排查核实其余学生",
            subject=screening,
            at=clock.now(),
            facts={"class": school_class.pk, "students": len(changed)},
        )
    return len(changed)


def _why_not_this_teacher(by: Appointment, school_class: SchoolClass) -> list[Reason]:
    if by.role == Role.HEAD_TEACHER and queue.leads(by, school_class):
        return []
    return [Reason(f"只有{school_class.name}的班主任能核实本班学生", "请本班班主任登录后核实")]


@transaction.atomic
def fill(
    *, screening: Screening, full_coverage: str, coverage_reason: str, by: Appointment
) -> Screening:
    """填报: freeze the numbers and the answers once every student of every class is verified.

    `full_coverage` is `yes`, `no` (then with reason and remedy) or empty (留空, §B.3 ruling 6).
    """
    screening = moves.lock(screening)
    refuse_if(moves.why_not(screening, "fill"))
    found = facts.of_students([screening.school_id], screening.term)
    standing = queue.standing(screening)
    refuse_if(
        [
            *rules.why_not_role(by, Role.OPERATOR, "填报"),
            *rules.why_answers_wrong(full_coverage, coverage_reason),
            *rules.why_household_blank(standing, found),
            *rules.why_not_complete(standing, found),
        ]
    )
    numbers = _freeze(screening, {pk: one.cell for pk, one in found.items()})
    _close_deadline(screening, Role.HEAD_TEACHER)
    _close_deadline(screening, Role.OPERATOR)
    return moves.make(
        screening,
        "fill",
        by=by,
        at=clock.now(),
        facts={"total": numbers.total, "unaided": numbers.unaided},
        full_coverage=full_coverage,
        coverage_reason=coverage_reason.strip(),
        numbers=numbers.as_json(),
    )


def _freeze(screening: Screening, cells: dict[int, int | None]) -> Numbers:
    schools = [screening.school_id]
    groups, several = facts.tag_counts(schools, screening.term)
    live = counted(schools, screening.term)[screening.school_id]
    numbers = Numbers.from_json({**live.as_json(), "groups": groups, "several": several})
    rows = ScreeningRow.objects.filter(school_id=screening.school_id, screening=screening)
    rows.filter(cell__isnull=False).update(cell=None)
    by_cell: dict[int, list[int]] = {}
    for student, cell in cells.items():
        if cell is not None:
            by_cell.setdefault(cell, []).append(student)
    for cell, students in by_cell.items():
        for part in _parts(students):
            rows.filter(student_id__in=part).update(cell=cell)
    return numbers


def _parts(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), MOST_ROWS_AT_ONCE):
        yield ids[start : start + MOST_ROWS_AT_ONCE]


@transaction.atomic
def review(*, screening: Screening, by: Appointment) -> Screening:
    """审核 by a second person (requirement row 1-38)."""
    screening = moves.lock(screening)
    refuse_if(moves.why_not(screening, "review"))
    refuse_if(
        [
            *rules.why_not_role(by, Role.REVIEWER, "审核"),
            *rules.why_same_person(screening, by),
            *rules.why_checked_rows(screening, by),
        ]
    )
    _close_deadline(screening, Role.REVIEWER)
    return moves.make(screening, "review", by=by, at=clock.now())


@transaction.atomic
def sign(*, screening: Screening, by: Appointment) -> Screening:
    """签字报送 by the leader, a third person; from now on the bureau counts the school."""
    screening = moves.lock(screening)
    refuse_if(moves.why_not(screening, "sign"))
    refuse_if(
        [
            *rules.why_not_role(by, Role.LEADER, "签字"),
            *rules.why_same_person(screening, by),
            *rules.why_checked_rows(screening, by),
        ]
    )
    _close_deadline(screening, Role.LEADER)
    return moves.make(screening, "sign", by=by, at=clock.now())


@transaction.atomic
def send_back(*, screening: Screening, reason: str, by: Appointment) -> Screening:
    """退回: open again with all three signatures gone.

    The school's checkers may until it is signed; then only the bureau that received it.
    """
    screening = moves.lock(screening)
    refuse_if(moves.why_not(screening, "send_back"))
    signed = screening.status == Screening.Status.SIGNED
    allowed = BUREAU_ROLES if signed else {Role.REVIEWER, Role.LEADER}
    reasons = []
    if by.role not in allowed:
        who = "区教育局资助中心" if signed else "审核人或分管领导"
        reasons.append(Reason(f"现在只有{who}能退回", f"请联系{who}"))
    if not reason.strip():
        reasons.append(Reason("没有写退回原因"))
    refuse_if(reasons)
    if screening.fill_by is not None:
        tell(
            organisation=screening.school,
            person=screening.fill_by,
            title=f"{screening.term.season_label}学期排查被退回",
            body=reason.strip(),
            url=reverse("screening:index"),
        )
    _set_deadlines(screening, by)
    cleared = {f"{verb}_{part}": None for verb in ("fill", "review", "sign") for part in STAMPS}
    told = reason.strip()[:200]
    return moves.make(
        screening,
        "send_back",
        by=by,
        at=clock.now(),
        reason=told,
        send_back_reason=told,
        **cleared,
    )


@transaction.atomic
def want_table(
    *, form: str, organisation: Organisation, term: Term, reason: str, by: Appointment
) -> Job:
    """Ask for 附件1 or 附件2 with full ID numbers: permission, a reason, and an audit line.

    `form` is `school` or `district`.
    """
    reasons = []
    if by.role not in MAY_EXPORT:
        reasons.append(Reason("你的职责不能导出含完整身份证号的表", "请经办或分管领导导出"))
    if not reason.strip():
        reasons.append(Reason("没有写导出理由"))
    refuse_if(reasons)
    wanted = want_once(
        kind="screening.table",
        label=f"排查表 {organisation.name} {term.season_label}"[:96],
        by=by,
        params={"form": form, "organisation": organisation.pk, "term": term.code},
    )
    record(
        by=by,
        verb="screening.export",
        label="导出排查表（含完整身份证号）",
        subject=organisation,
        organisation_id=by.organisation_id,
        at=clock.now(),
        facts={"form": form, "term": term.code},
        reason=reason.strip(),
    )
    return wanted
