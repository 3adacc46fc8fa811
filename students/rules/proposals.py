"""What the school's officer does himself, and what he proposes for a second person to answer."""

from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role

SIGNS = frozenset({Role.REVIEWER, Role.LEADER})


def by_operator(what: str, done: str, *, school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the officer of the school; `what` is `done` by him: 班级, 更正."""
    if by.role == Role.OPERATOR and by.organisation_id == school_id:
        return []
    return [Reason(f"{what}由本校{Role.OPERATOR.label}{done}", "请经办登录后办理")]


def by_second(what: str, *, proposed_by_id: int, school_id: int, by: Appointment) -> list[Reason]:
    """Why this person is not the second one, who answers what was proposed."""
    found = []
    if by.organisation_id != school_id or by.role not in SIGNS:
        found.append(Reason(f"{what}由本校审核人或分管领导审核", "请审核人登录后办理"))
    if proposed_by_id == by.person_id:
        found.append(Reason("提请的人不能自己审核", "请另一名审核人办理"))
    return found
