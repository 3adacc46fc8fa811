"""Whether the person on a list is our student: how two numbers differ, who may say so."""

from audit.refusal import Reason
from schools.models import Appointment
from schools.roles import Role
from students.models import MatchCandidate

# Nobody of this age in full years is looked for on a roster.
OLDEST = 30
LONGEST_REASON = 200
REOPENERS = frozenset({Role.REVIEWER, Role.LEADER})


def places_that_differ(listed: str, rostered: str) -> str:
    """`第17、18位` of two numbers of the same length; empty when there is nothing to compare."""
    if not listed or len(listed) != len(rostered):
        return ""
    places = [n for n, (a, b) in enumerate(zip(listed, rostered, strict=True), 1) if a != b]
    return f"第{'、'.join(map(str, places))}位" if places else ""


def why_not_decide(reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't answer."""
    found = []
    if by.role != Role.OPERATOR:
        found.append(Reason(f"名单上的人由{Role.OPERATOR.label}确认", "请经办登录后办理"))
    if len(reason.strip()) < 2:
        found.append(Reason("没有写怎样核实的", "请选择或填写核实的办法"))
    return found


def why_not_reopen(row: MatchCandidate, reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't send the answer back."""
    found = []
    if by.role not in REOPENERS:
        found.append(Reason("退回重新确认由审核人或分管领导办理", "请审核人登录后办理"))
    if row.decided_by_id is not None and row.decided_by_id == by.person_id:
        found.append(Reason("确认的人不能自己退回", "请另一人办理"))
    if len(reason.strip()) < 2:
        found.append(Reason("没有写退回的原因"))
    return found
