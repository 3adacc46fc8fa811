"""Who sees what of a student beyond the masked facts."""

from audit.refusal import Reason, why_not_said
from schools.models import Appointment
from schools.roles import Role
from students.models import SchoolClass

# Special groups are sensitive: the aid office's three, and the head teacher of the class.
SEES_TAGS = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})
MAY_REVEAL = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.FINANCE})


def may_see_tags(by: Appointment, school_class: SchoolClass) -> bool:
    """Whether this person sees to which special groups the class's students belong."""
    return by.role in SEES_TAGS or leads(by, school_class)


def may_reveal(by: Appointment, school_class: SchoolClass) -> bool:
    """Whether this person may ask for a clear value, with a reason."""
    return by.role in MAY_REVEAL or leads(by, school_class)


def why_not_reveal(
    by: Appointment, school_class: SchoolClass, *, known: bool, reason: str
) -> list[Reason]:
    """Why a clear value is not shown; `known`: whether there is such a value at all."""
    found = []
    if not known:
        found.append(Reason("没有这一项内容", "请从页面上的眼睛图标进入"))
    if not may_reveal(by, school_class):
        found.append(Reason("您的职责不能查看完整内容", "请联系本校资助专干"))
    found += why_not_said(reason, "没有写明理由", "请选择或填写查看的理由")
    return found


def leads(by: Appointment, school_class: SchoolClass) -> bool:
    """Whether this person acts as the head teacher of the class."""
    return by.role == Role.HEAD_TEACHER and school_class.head_teacher_id == by.person_id
