"""Who may say that a student is protected before others, or that he is not."""

from audit.refusal import Reason, why_not_said
from schools.models import Appointment
from students.models import ProtectionWord, Student
from students.rules.corrections import why_left
from students.rules.proposals import by_operator, by_second

LONGEST = 120


def why_not_list(*, student: Student, listed: bool, reason: str, by: Appointment) -> list[Reason]:
    """Why this person can't list this student; `listed`: somebody's word has done so already."""
    found = [*why_left(student), *proposes(student.school_id, by)]
    if listed:
        found.append(Reason(f"{student.name}已列为重点保障", "请刷新页面"))
    found += why_not_said(reason, "没有写明原因", "请填写，例如父亲重病，本学期花费较大", least=4)
    return found


def why_not_lower(
    *, student: Student, is_protected: bool, reason: str, by: Appointment
) -> list[Reason]:
    """Why this person can't ask that this student be not protected."""
    found = [*why_left(student), *proposes(student.school_id, by)]
    if not is_protected:
        found.append(Reason(f"{student.name}现在不是重点保障学生", "不用办理"))
    found += why_not_said(reason, "没有写明原因", "请填写核实的情况，审核人会看到", least=4)
    return found


def proposes(school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the officer of the school, who lists, proposes and takes back."""
    return by_operator("重点保障", "办理", school_id=school_id, by=by)


def answers(word: ProtectionWord, by: Appointment) -> list[Reason]:
    """Why this person is not the second one."""
    return by_second(
        "不列为重点保障", proposed_by_id=word.proposed_by_id, school_id=word.school_id, by=by
    )
