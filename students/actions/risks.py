"""Say that a risk was looked into, ask for another look, count the heads of a class."""

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from office.risks import Risk
from schools import clock
from schools.models import Appointment, School
from students.models import HeadCount, RiskAnswer, SchoolClass, Student
from students.rules.risks import (
    LONGEST,
    why_not_count,
    why_not_reopen,
    why_not_settle,
    why_not_settle_many,
)


@transaction.atomic
def settle_risk(*, risk: Risk, how: str, by: Appointment) -> RiskAnswer:
    """The risk was looked into; holds until its facts change or a second person asks again.

    Raises `Refused` without an explanation, for another than the school's officer, and when
    somebody answered already.
    """
    refuse_if(why_not_settle(risk, how, by))
    (row,) = _answered([risk], how, by)
    record(
        by=by,
        verb="risk.settle",
        label=f"核实风险：{risk.kind.label}",
        subject=row,
        at=row.answered_at,
        about_id=risk.student_id,
        facts={"kind": risk.kind.code, "facts": risk.facts},
        reason=row.how,
    )
    return row


@transaction.atomic
def settle_ages(*, school: School, risks: Sequence[Risk], how: str, by: Appointment) -> int:
    """One word for all whose ages are allowed here and not above; returns how many they are.

    A bureau counts them until then. Raises `Refused` like `settle_risk`, and when there are none.
    """
    refuse_if(why_not_settle_many(school.pk, risks, how, by))
    rows = _answered(risks, how, by)
    record(
        by=by,
        verb="risk.settle_ages",
        label="一并说明本校年龄范围之内的学生",
        subject=school,
        at=rows[0].answered_at,
        organisation_id=school.pk,
        facts={"answers": [row.pk for row in rows]},
        reason=rows[0].how,
    )
    return len(rows)


def _answered(risks: Sequence[Risk], how: str, by: Appointment) -> list[RiskAnswer]:
    now = clock.now()
    rows = [
        RiskAnswer(
            school_id=risk.school_id,
            kind=risk.kind.code,
            student_id=risk.student_id,
            school_class_id=risk.class_id,
            facts=risk.facts,
            how=how.strip()[:LONGEST],
            answered_by=by.person,
            answered_at=now,
        )
        for risk in risks
    ]
    try:
        with transaction.atomic():
            RiskAnswer.objects.bulk_create(rows)
    except IntegrityError as error:
        if "risk_answered_once" not in str(error):
            raise
        raise Refused([Reason("这条风险已有人核实", "请刷新页面，查看最新状态")]) from None
    return rows


@transaction.atomic
def reopen_risk(*, answer: RiskAnswer, reason: str, by: Appointment) -> RiskAnswer:
    """A second person is not convinced: the risk stands as open again."""
    row = moves.lock(answer)
    refuse_if(why_not_reopen(row, reason, by))
    now = clock.now()
    row.reopened_by, row.reopened_at = by.person, now
    row.save(update_fields=["reopened_by", "reopened_at"])
    record(
        by=by,
        verb="risk.reopen",
        label="退回重新核实风险",
        subject=row,
        at=now,
        about_id=row.student_id,
        facts={"kind": row.kind},
        reason=reason.strip()[:LONGEST],
    )
    return row


@transaction.atomic
def count_heads(
    *,
    school_class: SchoolClass,
    on: date,
    present: int,
    by: Appointment,
    excused: int = 0,
    note: str = "",
) -> HeadCount:
    """So many were there on that day, beside how many the roster has in school now.

    Raises `Refused` for a day to come or long past, for a class that is not one's own.
    """
    row = moves.lock(school_class)
    rostered = Student.objects.filter(
        school_id=row.school_id, school_class=row, status=Student.Status.ENROLLED
    ).count()
    refuse_if(
        why_not_count(
            row,
            on=on,
            present=present,
            excused=excused,
            rostered=rostered,
            by=by,
            today=clock.today(),
        )
    )
    counted: HeadCount = HeadCount.objects.create(
        school_id=row.school_id,
        school_class=row,
        on=on,
        present=present,
        excused=excused,
        rostered=rostered,
        note=note.strip()[:LONGEST],
        counted_by=by.person,
        counted_at=clock.now(),
    )
    record(
        by=by,
        verb="class.count_heads",
        label="清点班级人数",
        subject=row,
        at=clock.now(),
        facts={"present": present, "excused": excused, "rostered": rostered},
    )
    return counted
