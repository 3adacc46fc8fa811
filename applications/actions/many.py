"""Apply for many students at once, as when a recognised list enters a programme's round."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from applications import queue
from applications.actions.entries import CHANNELS
from applications.models import Application, PaperRule, Programme, Round
from applications.rules import entries as rules
from applications.rules.eligibility import why_not_apply, why_not_present
from applications.rules.papers import asked_of, reasons_of
from audit import moves
from audit.events import Entry, record_many
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import Student


@dataclass(frozen=True, slots=True)
class Applied:
    """How many applications were handed in, and why others were held back, each with its count."""

    count: int
    held: list[Reason] = field(default_factory=list)


@transaction.atomic
def apply_for_many(
    *,
    round_: Round,
    students: Sequence[Student],
    by: Appointment,
    reason: str = "",
    late_reason: str = "",
    late_by: Appointment | None = None,
) -> Applied:
    """Enter and hand in applications of chosen students in a programme's round.

    Students who can't apply are held back and reported; the others are written. Raises `Refused`
    when the round takes none at all: closed, not begun, a recognition round, or the window over
    without a reason and a checker's consent.
    """
    round_ = moves.lock(round_)
    programme = round_.programme
    if programme is None:
        raise Refused([Reason("认定申请要逐人填写家庭情况", "在认定批次里逐人录入")])
    refuse_if(_why_not_many(round_, by, late_reason, late_by))
    chosen = list(
        Student.objects.filter(
            school_id=round_.school_id, pk__in=[s.pk for s in students]
        ).select_related("school_class")
    )
    ready, held = _sort(round_, programme, chosen)
    is_late = clock.today() > round_.closes_on
    late = (late_reason.strip(), late_by.person_id) if is_late and late_by else ("", None)
    _hand_in(round_, ready, by, reason=reason.strip(), late=late)
    return Applied(len(ready), held)


def _why_not_many(
    round_: Round, by: Appointment, late_reason: str, late_by: Appointment | None
) -> list[Reason]:
    reasons = rules.why_not_open(round_, clock.today())
    if by.role != Role.OPERATOR:
        reasons.append(Reason("成批申请由资助专干办理", "请资助专干办理"))
    if clock.today() > round_.closes_on:
        reasons += rules.why_not_late(late_reason=late_reason, late_by=late_by, by=by)
    return reasons


def _sort(
    round_: Round, programme: Programme, students: list[Student]
) -> tuple[list[Student], list[Reason]]:
    offer = queue.offer_of(programme, round_.term.starts_on)
    taken = queue.taken_programmes(round_, students)
    # A withdrawn one was somebody's wish; it is taken up again one by one, not with the many.
    there = set(
        Application.objects.filter(school_id=round_.school_id, round=round_).values_list(
            "student_id", flat=True
        )
    )
    papers = queue.paper_rules(round_)
    listed = queue.listed_groups(round_.school_id, [s.pk for s in students], clock.today())
    outside = queue.outsiders(programme, round_.school_id, [s.pk for s in students], clock.today())
    ready, why = [], Counter[tuple[str, str]]()
    for student in students:
        reasons = why_not_present(student)
        reasons += why_not_apply(
            offer, student, taken=taken.get(student.pk, set()), outsiders=outside
        )
        asked = asked_of(papers, None, claims=(), listed=listed.get(student.pk, ()))
        reasons += reasons_of(asked, PaperRule.Level.MUST, "逐份录入，收到后勾选")
        if student.pk in there:
            reasons.append(Reason("本批次已有申请", "不再重复申请"))
        why.update((r.text, r.mend) for r in reasons)
        if not reasons:
            ready.append(student)
    return ready, [Reason(text, mend, count=n) for (text, mend), n in why.most_common()]


def _hand_in(
    round_: Round,
    students: list[Student],
    by: Appointment,
    *,
    reason: str,
    late: tuple[str, int | None],
) -> None:
    moment = clock.now()
    start = Application.objects.filter(school_id=round_.school_id, round=round_).count() + 1
    rows = Application.objects.bulk_create(
        [
            Application(
                school_id=round_.school_id,
                round=round_,
                student=student,
                number=f"{round_.number_prefix}-{n:04d}",
                status=Application.Status.SUBMITTED,
                channel=CHANNELS[Role(by.role)],
                reason=reason,
                entered_by=by.person,
                entered_at=moment,
                submit_by=by.person,
                submit_at=moment,
                late_reason=late[0],
                late_by_id=late[1],
            )
            for n, student in enumerate(students, start)
        ],
        batch_size=1000,
    )
    record_many(
        by=by,
        at=moment,
        organisation_id=round_.school_id,
        entries=[
            Entry(
                "application.submit",
                "提交",
                row,
                row.student_id,
                {"number": row.number, "round": round_.pk, "from": "", "to": row.status},
                late[0],
            )
            for row in rows
        ],
    )
