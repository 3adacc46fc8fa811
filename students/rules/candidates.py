"""Whether the person on a list is our student: how two numbers differ, who may say so."""

from audit.refusal import Reason, why_not_said
from schools.models import Appointment
from schools.roles import Role
from students.models import MatchCandidate

# Nobody of this age in full years is looked for on a roster.
OLDEST = 30
LONGEST_REASON = 200
MOST_PLACES = 5
REOPENERS = frozenset({Role.REVIEWER, Role.LEADER})


def places_that_differ(listed: str, rostered: str) -> str:
    """`第17、18位` of two numbers of the same length; empty when there is nothing to compare."""
    if not listed or len(listed) != len(rostered):
        return ""
    places = [n for n, (a, b) in enumerate(zip(listed, rostered, strict=True), 1) if a != b]
    return f"第{'、'.join(map(str, places))}位" if places else ""


def names_that_differ(listed: str, rostered: str) -> str:
    """`第3个字不同` of two name keys that are not equal; it tells none of their characters."""
    if len(listed) != len(rostered):
        return f"字数不同：名单上{len(listed)}个字，名册上{len(rostered)}个字"
    places = [n for n, (a, b) in enumerate(zip(listed, rostered, strict=True), 1) if a != b]
    if len(places) == len(rostered):
        return "每个字都不同"
    if len(places) > MOST_PLACES:
        return f"有{len(places)}个字不同"
    return f"第{'、'.join(map(str, places))}个字不同"


def why_not_decide(reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't answer."""
    found = []
    if by.role != Role.OPERATOR:
        found.append(Reason(f"名单上的人由{Role.OPERATOR.label}确认", "请经办登录后办理"))
    found += why_not_said(reason, "没有写怎样核实的", "请选择或填写核实的办法")
    return found


def why_not_reopen(row: MatchCandidate, reason: str, by: Appointment) -> list[Reason]:
    """Every reason besides its status why this person can't send the answer back."""
    found = []
    if by.role not in REOPENERS:
        found.append(Reason("退回重新确认由审核人或分管领导办理", "请审核人登录后办理"))
    if row.decided_by_id is not None and row.decided_by_id == by.person_id:
        found.append(Reason("确认的人不能自己退回", "请另一人办理"))
    found += why_not_said(reason, "没有写退回的原因")
    return found
