"""Open classes and hand them to head teachers."""

from typing import Any

from django.db import IntegrityError, transaction
from guardian.shortcuts import assign_perm, remove_perm

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Person, School
from schools.roles import Role
from students.models import SchoolClass
from students.models.roster import GRADE_NAMES

LEAD = "students.lead_class"


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
    refuse_if(_why_not_add(stage, grade, number, name))
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


def _why_not_add(stage: str, grade: int, number: int, name: str) -> list[Reason]:
    found = []
    grades = {str(s): len(names) for s, names in GRADE_NAMES.items()}.get(stage, 0)
    if not 1 <= grade <= grades:
        found.append(Reason("年级不在这个学段里", "请重新选择年级"))
    if not 1 <= number <= 999:
        found.append(Reason("班号应在1到999之间", "请填写班级的序号"))
    if not name.strip():
        found.append(Reason("班级名称是空的", "请填写，例如“高一（3）班”"))
    return found


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
