"""Who answers a risk, who asks again, what a head-count must say, who shares with strangers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from audit.refusal import Reason, why_not_said
from office.risks import Risk
from schools.models import Appointment
from schools.roles import Role
from students.models import RiskAnswer, SchoolClass
from students.rules.proposals import by_operator
from students.rules.sight import leads

LONGEST = 200
REOPENERS = frozenset({Role.REVIEWER, Role.LEADER})


def why_not_settle(risk: Risk, how: str, by: Appointment) -> list[Reason]:
    """Every reason why this person can't say that the risk is looked into."""
    return _why_not_say(risk.school_id, how, by)


def why_not_settle_many(
    school_id: int, risks: Sequence[Risk], how: str, by: Appointment
) -> list[Reason]:
    """Every reason why this person can't say of all these that they are looked into."""
    found = _why_not_say(school_id, how, by)
    if not risks:
        found.append(Reason("没有要说明的学生", "请刷新页面，可能已经说明过"))
    if any(risk.school_id != school_id for risk in risks):
        found.append(Reason("有的学生不在本校", "请刷新页面"))
    return found


def _why_not_say(school_id: int, how: str, by: Appointment) -> list[Reason]:
    found = by_operator("风险", "核实", school_id=school_id, by=by)
    found += why_not_said(how, "没有写怎样核实的", "请写明看了什么、问了谁、结论是什么", least=4)
    return found


def why_not_reopen(row: RiskAnswer, reason: str, by: Appointment) -> list[Reason]:
    """Every reason why this person can't ask for it to be looked into again."""
    found = []
    if by.role not in REOPENERS or by.organisation_id != row.school_id:
        found.append(Reason("退回重新核实由审核人或分管领导办理", "请审核人登录后办理"))
    if row.answered_by_id == by.person_id:
        found.append(Reason("核实的人不能自己退回", "请另一人办理"))
    if row.reopened_at is not None:
        found.append(Reason("已经退回过了", "请刷新页面"))
    found += why_not_said(reason, "没有写退回的原因")
    return found


def may_count(school_class: SchoolClass, by: Appointment) -> bool:
    """Whether this person registers head-counts of the class."""
    if school_class.closed_on is not None:
        return False
    return by.role in (Role.OPERATOR, *REOPENERS) or leads(by, school_class)


def why_not_count(
    school_class: SchoolClass,
    *,
    on: date,
    present: int,
    excused: int,
    rostered: int,
    by: Appointment,
    today: date,
) -> list[Reason]:
    """Every reason why this head-count can't be kept."""
    found = []
    if school_class.closed_on is not None:
        found.append(Reason(f"{school_class}已毕业", "不用清点"))
    elif not may_count(school_class, by):
        found.append(Reason("清点由资助办或本班班主任登记", "请换有权限的人登录"))
    if on > today:
        found.append(Reason("清点日期还没有到", "请填写实际清点的日期"))
    if (today - on).days > 30:
        found.append(Reason("清点日期在30天以前", "名册已经变了，请重新清点"))
    if present < 0 or excused < 0 or present + excused > max(rostered * 3, 200):
        found.append(Reason("人数不对", "请核对实到和请假人数"))
    return found


def strangers(families: Sequence[frozenset[str]], most: int) -> Iterator[tuple[list[int], int]]:
    """For each family: where the first `most` are that share no guardian, and how many there are.

    A family is the guardians' names of one holder. Thousands may hold a placeholder's number, so
    nobody is compared with everybody: families with the same relatives are looked at once.
    """
    holders: dict[str, set[int]] = defaultdict(set)
    for place, family in enumerate(families):
        for guardian in family:
            holders[guardian].add(place)
    common = frozenset(guardian for guardian, places in holders.items() if len(places) > 1)
    ends = _ends(families)
    known: dict[frozenset[str], tuple[list[int], int]] = {}
    for place, family in enumerate(families):
        shared = family & common
        if shared not in known:
            first = _first_strangers(families, ends, shared, most + 1)
            known[shared] = first, len(families) - _related(holders, shared)
        first, count = known[shared]
        # Without a shared guardian he was counted among the strangers himself.
        yield [at for at in first if at != place][:most], count - (not shared)


def _ends(families: Sequence[frozenset[str]]) -> list[dict[str, int]]:
    """Per place and guardian of the family there: the next place whose family is without him."""
    ends: list[dict[str, int]] = []
    later: dict[str, int] = {}
    for place in range(len(families) - 1, -1, -1):
        later = {guardian: later.get(guardian, place + 1) for guardian in families[place]}
        ends.append(later)
    return ends[::-1]


def _first_strangers(
    families: Sequence[frozenset[str]],
    ends: Sequence[dict[str, int]],
    family: frozenset[str],
    most: int,
) -> list[int]:
    found: list[int] = []
    at = 0
    while at < len(families) and len(found) < most:
        shared = families[at] & family
        if shared:
            at = max(ends[at][guardian] for guardian in shared)
        else:
            found.append(at)
            at += 1
    return found


def _related(holders: dict[str, set[int]], family: frozenset[str]) -> int:
    """How many places have one of these guardians."""
    if not family:
        return 0
    *fewer, largest = sorted((holders[guardian] for guardian in family), key=len)
    # The largest set is never walked: a placeholder may stand as everybody's second guardian.
    return len(largest) + len(set[int]().union(*fewer) - largest)
