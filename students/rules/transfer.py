"""Whether a student may be handed to another school, and whether that school may take him."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from audit.refusal import Reason
from schools.models import School, Stage
from students.models import Guardian, SchoolClass, Student, Transfer

PLAIN = ("name", "name_key", "pinyin", "initials", "sex", "ethnicity", "id_kind", "household",
         "boarding", "left_behind", "migrant", "native_place", "political_status", "postcode",
         "lifted_year")  # fmt: skip
SEALED = ("id_number", "enrolment_no", "phone", "address", "disability", "household_address")
# 高中阶段: students go over from one kind of school to the other.
UPPER = frozenset({Stage.SENIOR, Stage.VOCATIONAL})


def _same_level(one: str, other: str) -> bool:
    return one == other or {one, other} <= UPPER


def why_not_propose(
    *, student: Student, to_school: School, on: date, reason: str, today: date
) -> list[Reason]:
    """Every reason why this student can't be proposed to that school."""
    found = []
    if student.status == Student.Status.LEFT:
        found.append(Reason(f"{student.name}已离校，不能转出", "请核对学籍状态"))
    if to_school.pk == student.school_id:
        found.append(Reason("转入学校就是本校", "请选择另一所学校，换班请登记“调班”"))
    if on > today:
        found.append(Reason("转出日期晚于今天", "请在转出当天或之后办理"))
    if student.entered_on and on < student.entered_on:
        found.append(Reason("转出日期早于入学日期", "请核对转出日期"))
    elif on <= student.birth_date:
        found.append(Reason("转出日期早于出生日期", "请核对年份"))
    if not reason.strip():
        found.append(Reason("没有写明转学原因", "请填写，例如随父母迁居"))
    return found


def why_not_there(*, student: Student, to_school: School, stages: Collection[str]) -> list[Reason]:
    """Whether that school teaches the student's stage; `stages` are those of its classes."""
    mine = student.school_class.stage
    if any(_same_level(mine, theirs) for theirs in {*stages, to_school.stage}):
        return []
    text = f"{to_school}没有{Stage(mine).label}的班级，不能接收{student.name}"
    return [Reason(text, "请核对转入学校；毕业后升学的不办转学，请在毕业时办理“升班”")]


def why_not_arrive(
    *, transfer: Transfer, on: date, today: date, stage: str, to_class: SchoolClass
) -> list[Reason]:
    """Every reason why he can't have come into that class on that day.

    `stage` is the one in which he was at the other school; empty where it was not told.
    """
    found = []
    if on < transfer.on:
        text = f"到校日期早于转出日期{transfer.on:%Y年%-m月%-d日}"
        found.append(Reason(text, "请核对到校日期；转出日期不对的，请退回，由对方重新办理"))
    if on > today:
        found.append(Reason("到校日期晚于今天", "请在学生到校当天或之后接收"))
    if stage and not _same_level(stage, to_class.stage):
        text = f"{transfer.name}在原校读{Stage(stage).label}，{to_class}不是这一学段的班级"
        found.append(Reason(text, "请选择同一学段的班级"))
    return found


def why_not_accept(
    *, transfer: Transfer, school: School, to_class: SchoolClass, present: bool
) -> list[Reason]:
    """Every reason why this school can't take the student into that class."""
    found = []
    if transfer.to_school_id != school.pk:
        found.append(Reason("这名学生不是转到本校的", "请核对转学单"))
    if to_class.school_id != school.pk or to_class.closed_on:
        found.append(Reason("不能进入这个班级", "请选择本校现有的班级"))
    if present:
        found.append(Reason(f"本校名册中已有{transfer.name}的在籍记录", "请核对是否已经随名册导入"))
    return found


def packed(student: Student, guardians: Sequence[Guardian]) -> str:
    """What goes with the student, as JSON to be sealed at once."""
    facts: dict[str, Any] = {name: getattr(student, name) for name in PLAIN}
    facts |= {name: getattr(student, name).reveal() for name in SEALED}
    facts["stage"] = student.school_class.stage
    facts["birth_date"] = student.birth_date.isoformat()
    facts["guardians"] = [
        {
            "name": g.name,
            "relation": g.relation,
            "phone": g.phone.reveal(),
            "id_kind": g.id_kind,
            "id_number": g.id_number.reveal(),
        }
        for g in guardians
    ]
    return json.dumps(facts, ensure_ascii=False)
