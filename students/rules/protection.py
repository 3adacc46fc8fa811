"""Who may say that a student is protected before others, or that he is not."""

from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role
from students.models import Student
from students.rules.corrections import why_left

LONGEST = 120


def why_not_list(*, student: Student, listed: bool, reason: str, by: Appointment) -> list[Reason]:
    """Why this person can't list this student; `listed`: somebody's word has done so already."""
    found = [*why_left(student), *by_operator(student.school_id, by)]
    if listed:
        found.append(Reason(f"{student.name}已列为重点保障", "请刷新页面"))
    if len(reason.strip()) < 4:
        found.append(Reason("没有写明原因", "请填写，例如父亲重病，本学期花费较大"))
    return found


def why_not_lower(
    *, student: Student, is_protected: bool, reason: str, by: Appointment
) -> list[Reason]:
    """Why this person can't ask that this student be not protected."""
    found = [*why_left(student), *by_operator(student.school_id, by)]
    if not is_protected:
        found.append(Reason(f"{student.name}现在不是重点保障学生", "不用办理"))
    if len(reason.strip()) < 4:
        found.append(Reason("没有写明原因", "请填写核实的情况，审核人会看到"))
    return found


def why_not_answer(*, proposed_by_id: int, school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the second one."""
    found = []
    if by.organisation_id != school_id or by.role not in (Role.REVIEWER, Role.LEADER):
        found.append(Reason("不列为重点保障由本校审核人或分管领导审核", "请审核人登录后办理"))
    if proposed_by_id == by.person_id:
        found.append(Reason("提请的人不能自己审核", "请另一名审核人办理"))
    return found


def by_operator(school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the officer of the school, who lists, proposes and takes back."""
    if by.role == Role.OPERATOR and by.organisation_id == school_id:
        return []
    return [Reason(f"重点保障由本校{Role.OPERATOR.label}办理", "请经办登录后办理")]
