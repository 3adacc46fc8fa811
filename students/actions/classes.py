"""Open classes, put them right and hand them to head teachers."""

from typing import Any

from django.db import IntegrityError, transaction
from guardian.shortcuts import assign_perm, remove_perm

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Person, School
from schools.roles import Role
from students.models import SchoolClass, Student
from students.rules.classes import ClassFacts, why_no_place, why_not_correct

LEAD = "students.lead_class"
SAME = Reason("没有要更正的内容", "与班级现在的相同")


@transaction.atomic
def add_class(
    *,
    school: School,
    stage: str,
    grade: int,
    number: int,
    name: str,
    by: Appointment,
    **facts: Any,
) -> SchoolClass:
    """A new class; `facts` are department, major and agri_major.

    Raises `Refused` for a grade that the stage has not, and for a name or place that is taken.
    """
    refuse_if(why_no_place(stage, grade, number, name))
    try:
        with transaction.atomic():
            row: SchoolClass = SchoolClass.objects.create(
                school=school,
                stage=stage,
                grade=grade,
                number=number,
                name=name.strip(),
                **facts,
            )
    except IntegrityError as error:
        raise _taken(error, name, number) from None
    record(
        by=by,
        verb="class.add",
        label="新建班级",
        subject=row,
        at=clock.now(),
        facts={"stage": stage, "grade": grade, "number": number, "name": row.name},
    )
    return row


@transaction.atomic
def correct_class(
    *,
    school_class: SchoolClass,
    told: ClassFacts,
    mark: str,
    reason: str,
    by: Appointment,
    campus: str = "",
) -> list[str]:
    """Put a class right; returns the names of what changed. `campus` is where all of it is taught.

    `mark` is `ClassFacts.mark` of what the form was opened on. Raises `Refused` with everything
    that is wrong, for a name or place that is taken, and when somebody has changed it since.
    """
    row = moves.lock(school_class)
    now = ClassFacts.of(row)
    here = Student.objects.filter(school_id=row.school_id, school_class=row).exclude(status="left")
    elsewhere = here.exclude(campus=campus) if campus else here.none()
    changed = now.differs(told)
    refuse_if(
        [
            *why_not_correct(row=row, now=now, told=told, mark=mark, reason=reason, by=by),
            *([] if changed or elsewhere.exists() else [SAME]),
        ]
    )
    for name in changed:
        setattr(row, name, getattr(told, name))
    try:
        with transaction.atomic():
            row.save(update_fields=changed)
    except IntegrityError as error:
        raise _taken(error, told.name, told.number) from None
    moved = elsewhere.update(campus=campus)
    record(
        by=by,
        verb="class.correct",
        label="更正班级",
        subject=row,
        at=clock.now(),
        facts={name: [getattr(now, name), getattr(told, name)] for name in changed}
        | ({"campus": campus, "students": moved} if moved else {}),
        reason=reason.strip()[:120],
    )
    return [*changed, *(["campus"] if moved else [])]


def _taken(error: IntegrityError, name: str, number: int) -> Refused:
    if "class_name_once" in str(error):
        return Refused([Reason(f"已有名为“{name.strip()}”的班级", "请换一个名称")])
    if "class_place_once" in str(error):
        return Refused([Reason(f"这个年级已有{number}班", "请换一个班号，或改用原来的班级")])
    raise error


@transaction.atomic
def assign_head_teacher(
    *, school_class: SchoolClass, person: Person, by: Appointment
) -> SchoolClass:
    """Hand the class to a person: the grant of all his accounts, and no longer the previous one's.

    Raises `Refused` when the person is not appointed as head teacher at this school today.
    """
    row = moves.lock(school_class)
    refuse_if(_why_not_lead(row, person))
    previous = row.head_teacher
    if previous is not None and previous.pk != person.pk:
        for account in previous.accounts.all():
            remove_perm(LEAD, account, row)
    for account in person.accounts.all():
        assign_perm(LEAD, account, row)
    if previous is not None and previous.pk == person.pk:
        return row
    row.head_teacher = person
    row.save(update_fields=["head_teacher"])
    record(
        by=by,
        verb="class.assign_head_teacher",
        label="指定班主任",
        subject=row,
        at=clock.now(),
        facts={"person": person.pk, "before": previous.pk if previous else None},
    )
    return row


def _why_not_lead(school_class: SchoolClass, person: Person) -> list[Reason]:
    appointed = (
        Appointment.objects.valid_on(clock.today())
        .filter(person=person, organisation_id=school_class.school_id, role=Role.HEAD_TEACHER)
        .exists()
    )
    if appointed:
        return []
    return [Reason(f"{person.name}现在不是本校班主任", "请先在“人员”中任命为班主任")]
