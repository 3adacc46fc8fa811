"""Cases that are voted on apart because a member withdrew from them (row 1-46). Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.refusal import Reason
from review.models import Appraisal, Attendance, Case, CaseRecusal, CaseVote, PanelMember
from review.rules import Votes

Recused = Mapping[int, Collection[int]]
# Kept beside the votes and printed: that a member applied is said to nobody.
SITS_OUT = "按规定不再参加评议"


@dataclass(frozen=True, slots=True)
class Kin:
    """A member of the meeting who is an applicant's guardian by the number of the ID card."""

    case: Case
    person_id: int
    name: str


def by_case(recusals: Iterable[CaseRecusal]) -> dict[int, set[int]]:
    """Who withdrew, by case."""
    found: dict[int, set[int]] = {}
    for one in recusals:
        found.setdefault(one.case_id, set()).add(one.person_id)
    return found


def voting_on(attendances: Sequence[Attendance], recused: Collection[int]) -> int:
    """Members present who withdrew neither from everything nor from this case."""
    return sum(a.present and not a.recusal and a.person_id not in recused for a in attendances)


def why_not_recuse(
    attendances: Sequence[Attendance], person_id: int, reason: str, recused: Collection[int]
) -> list[Reason]:
    """Only a member who is there and votes withdraws, with a reason; somebody is left to vote."""
    found = []
    if not any(a.person_id == person_id and a.present for a in attendances):
        found.append(Reason("回避的人没有到会", "只登记到会成员的回避"))
    elif any(a.person_id == person_id and a.recusal for a in attendances):
        found.append(Reason("这名成员已经整场回避", "不必逐件登记"))
    if not reason.strip():
        found.append(Reason("回避没有写原因", "例如：申请学生的亲属"))
    if person_id in recused:
        found.append(Reason("这一件的回避已经登记", "请刷新页面"))
    elif not voting_on(attendances, {*recused, person_id}):
        found.append(Reason("到会成员都回避了，这一件没有人表决", "请另行召集会议"))
    return found


def why_not_voted(
    cases: Mapping[int, Case],
    attendances: Sequence[Attendance],
    recused: Recused,
    votes: Mapping[int, Votes],
) -> list[Reason]:
    """Each case with recusals has a vote of its own that adds up and carries; no other has one."""
    found = []
    for pk, people in recused.items():
        if pk not in cases:
            continue
        told, voting = votes.get(pk), voting_on(attendances, people)
        code = cases[pk].code
        if told is None:
            found.append(Reason(f"编号{code}有成员回避，没有单独表决", "请登记这一件的票数"))
        elif told.total != voting:
            text = f"编号{code}的同意、反对、弃权共{told.total}票，应为{voting}票"
            found.append(Reason(text, "实到人数减去回避人数"))
        elif told.yes * 2 <= voting:
            text = f"编号{code}同意{told.yes}票，没有过半"
            found.append(Reason(text, "改定后重新表决，或改为不予资助"))
    if extra := set(votes) - set(recused):
        found.append(Reason(f"有{len(extra)}件没有成员回避，不单独表决", "请刷新页面"))
    return found


def why_kin(
    kin: Iterable[Kin], attendances: Sequence[Attendance], recused: Recused
) -> list[Reason]:
    """Guardians of applicants withdraw from their case."""
    votes = {a.person_id for a in attendances if a.present and not a.recusal}
    return [
        Reason(f"{one.name}是编号{one.case.code}申请人的监护人，没有回避", "请登记这一件的回避")
        for one in kin
        if one.person_id in votes and one.person_id not in recused.get(one.case.pk, ())
    ]


def votes_text(vote: CaseVote) -> str:
    """同意3票，反对0票，弃权0票."""
    return f"同意{vote.votes_for}票，反对{vote.votes_against}票，弃权{vote.votes_abstain}票"


def is_chair(member: PanelMember, chair: str) -> bool:
    """Whether this seat of the panel is the head teacher's own."""
    return member.kind == PanelMember.Kind.TEACHER and member.name == chair


def chair_votes(chair: str, members: str, panel: Iterable[PanelMember]) -> bool:
    """Whether the head teacher has a seat: in the panel, or among the names on the record.

    A student or parent of the same name is not the head teacher.
    """
    seated = list(panel)
    named = re.split(r"[、，,；;\s]+", members).count(chair)
    namesakes = sum(m.name == chair and not is_chair(m, chair) for m in seated)
    return any(is_chair(m, chair) for m in seated) or named > namesakes


def uncounted(
    appraisal: Appraisal, recused: Mapping[str, str], absent: Collection[str], *, chair_votes: bool
) -> set[str]:
    """Of those who withdrew, who is not among those present anyway, so that no vote falls away."""
    without_seat = set() if chair_votes else {appraisal.chaired_by.name}
    return {name for name in recused if name in absent or name.strip() in without_seat}


def why_not_absent(appraisal: Appraisal, absent: int) -> list[Reason]:
    """No more of the members who withdrew stayed away than of the panel did."""
    away = appraisal.expected - appraisal.present
    if absent <= away:
        return []
    return [
        Reason(
            f"没有到会的回避{absent}人，评议小组只有{away}人没有到会",
            "到会的成员回避，不勾选“没有到会”",
        )
    ]


def why_not_withdrawn(
    appraisal: Appraisal,
    recused: Mapping[str, str],
    seats: Collection[str],
    counted: int,
    applying: Collection[str],
) -> list[Reason]:
    """Panel members who withdraw from a case: of this panel, with a reason, not all of them.

    `counted` of them are among those present. Those `applying` themselves vote on nobody (§C.1).
    """
    found = []
    if any(not name.strip() or not why.strip() for name, why in recused.items()):
        found.append(Reason("回避要写谁和原因", "例如：申请学生的表哥"))
    if seats and (strangers := [name for name in recused if name.strip() and name not in seats]):
        found.append(Reason(f"{'、'.join(strangers)}不是评议小组成员", "请从名单里选择"))
    if left := set(applying) - set(recused):
        # Without the names: whoever sits around the table reads this page.
        text = f"评议小组有{len(left)}名成员自己也提出了申请，不再参加评议"
        found.append(Reason(text, "请登记本人对这一件回避；还没有表决过的，可以重新组成评议小组"))
    if counted >= appraisal.present:
        found.append(Reason("到会成员都回避了，这一件没有人表决", "请重新组成评议小组"))
    return found
