"""收回升班: one person asks, a second one takes it back, while nothing was built on it."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from audit import moves
from audit.events import Entry, record_many
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.actions.graduation import graduations_of
from students.actions.rollover import lock_school
from students.graduation import new_year
from students.models import EnrolmentChange, RosterImport, SchoolClass, Student, YearRollover
from students.rules.proposals import SIGNS, by_operator, by_second
from students.rules.recall import Built, Was, why_not_recall

WHAT = "升班"


@transaction.atomic
def ask_recall(*, rollover: YearRollover, reason: str, by: Appointment) -> YearRollover:
    """Ask that a mistaken 升班 be taken back; nothing changes before a second person agrees.

    Raises `Refused` for anyone but the school's officer, without a reason, and with everything
    that was built on it.
    """
    row = moves.lock(rollover)
    found = [
        *moves.why_not(row, "ask"),
        *by_operator(WHAT, "提请收回", school_id=row.school_id, by=by),
        *why_not_now(row),
    ]
    if not reason.strip():
        found.append(Reason("没有写明收回的原因", "请填写，例如名册导入时已经是新年级"))
    refuse_if(found)
    told = reason.strip()[:120]
    return moves.make(row, "ask", by=by, at=clock.now(), reason=told, recall_reason=told)


@transaction.atomic
def keep_rollover(*, rollover: YearRollover, by: Appointment) -> YearRollover:
    """It stands: the officer thinks better of it, or the second person says no."""
    row = moves.lock(rollover)
    found = moves.why_not(row, "keep")
    if by.organisation_id != row.school_id or by.role not in SIGNS | {Role.OPERATOR}:
        found.append(Reason("升班由本校经办、审核人或分管领导办理", "请他们登录后办理"))
    refuse_if(found)
    return moves.make(row, "keep", by=by, at=clock.now(), ask_by_id=None, ask_at=None)


@transaction.atomic
def sign_recall(*, rollover: YearRollover, by: Appointment) -> YearRollover:
    """Take the 升班 back: classes are as they were, who graduated by it is in school.

    Its graduations are struck off, since they did not happen; the trail and this row tell of
    them. Raises `Refused` for who asked, and with everything that was built on it meanwhile.
    """
    row = moves.lock(rollover)
    lock_school(row.school)
    students = _lock_graduates(row)
    second = by_second(
        "收回升班", proposed_by_id=row.ask_by_id or 0, school_id=row.school_id, by=by
    )
    refuse_if([*moves.why_not(row, "recall"), *second, *why_not_now(row)])
    changes = graduations_of(row)
    ids = [c.pk for c in changes]
    try:
        with transaction.atomic():
            restored = _restore(row)
            mine = Student.objects.filter(school_id=row.school_id, pk__in=students)
            mine.update(status=Student.Status.ENROLLED, left_on=None)
    except IntegrityError as error:
        if "once" not in str(error):
            raise
        raise Refused([_taken(error)]) from None
    EnrolmentChange.objects.filter(school_id=row.school_id, pk__in=ids).delete()
    record_many(by=by, entries=restored, at=clock.now())
    facts = {"year": row.year, "left_on": str(row.left_on), "students": students}
    return moves.make(row, "recall", by=by, at=clock.now(), reason=row.recall_reason, facts=facts)


def _lock_graduates(row: YearRollover) -> list[int]:
    # In one order; who registers that one of them came back waits, or went before and is seen.
    ids = [c.student_id for c in graduations_of(row)]
    mine = Student.objects.filter(school_id=row.school_id, pk__in=ids).order_by("pk")
    return list(mine.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def why_not_now(row: YearRollover) -> list[Reason]:
    """Every reason why this 升班 can't be taken back any more."""
    before = _before(row)
    classes = SchoolClass.objects.ever_at(row.school).in_bulk([was.pk for was in before])
    return why_not_recall(
        before=before,
        classes=classes,
        built=_built(row),
        left_on=row.left_on,
        done_on=localdate(row.done_at),
        begins_on=new_year(row.year) - timedelta(days=1),
        today=clock.today(),
    )


def _before(row: YearRollover) -> list[Was]:
    return [Was(*told) for told in row.before]


def _built(row: YearRollover) -> Built:
    graduates = [c.student_id for c in graduations_of(row)]
    since = {"school_id": row.school_id, "recorded_at__gt": row.done_at}
    moved = Q(to_class__isnull=False) | Q(student_id__in=graduates)
    return Built(
        changes=EnrolmentChange.objects.filter(moved, **since).count(),
        imports=RosterImport.objects.filter(
            school_id=row.school_id, status="applied", apply_at__gt=row.done_at
        ).count(),
    )


def _restore(row: YearRollover) -> list[Entry]:
    # The lowest first: the place and the name below are free by then.
    found = []
    for was in sorted(_before(row), key=lambda one: one.grade):
        school_class = SchoolClass.objects.get(school_id=row.school_id, pk=was.pk)
        school_class.grade, school_class.name, school_class.closed_on = was.grade, was.name, None
        school_class.save(update_fields=["grade", "name", "closed_on"])
        facts: dict[str, Any] = {"year": row.year, "grade": was.grade, "name": was.name}
        found.append(Entry("class.unrise", "收回升班", school_class, facts=facts))
    return found


def _taken(error: IntegrityError) -> Reason:
    if "class_" in str(error):
        return Reason("升班之后新建的班级占用了原来的名称或班号", "请先更正新建的班级")
    return Reason("已毕业的学生中有人又以另一条记录在籍", "请先核对重复的学籍")
