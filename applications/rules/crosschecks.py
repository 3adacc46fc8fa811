"""What a household says, held against what else is known; each is a doubt, never a refusal.

Errors, which can't be written down at all, are `rules.surveys.why_not_survey`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from applications.models.entries import Signer
from applications.rules.surveys import PARENTS, MemberFacts, SurveyFacts, doubts_about
from audit.refusal import Reason
from privacy.identity import name_key

# Below it a change from last year is the ordinary ups and downs of casual work.
MUCH_FEN = 500_000
# This many of the same names with the same relations are one household.
SAME_MEMBERS = 2


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another student's application in the same round that names the same people."""

    who: str
    family_size: int
    annual_income_fen: int


@dataclass(frozen=True, slots=True)
class Named:
    """Who filled the form in, or signed under it: the name, and as what of the student."""

    what: str
    name: str
    relation: str


def misnamed(facts: SurveyFacts, everyone: Collection[Named], student: str) -> list[Reason]:
    """Where the relation told of whoever filled in or signed is not what the members say."""
    return [r for one in everyone if one.name and one.relation for r in _odd(facts, one, student)]


def _odd(facts: SurveyFacts, one: Named, student: str) -> list[Reason]:
    told, key = Signer(one.relation).label, name_key(one.name)
    mend = "核对姓名和关系，改成一致"
    if one.relation == Signer.STUDENT:
        if key == name_key(student):
            return []
        return [Reason(f"{one.what}{one.name}填的是{told}，姓名却不是{student}", mend)]
    same = [m for m in facts.members if name_key(m.name) == key]
    if same:
        if any(_fits(one, m) for m in same):
            return []
        there = same[0].relation
        return [Reason(f"{one.what}{one.name}填的是{told}，家庭成员里是{there}", mend)]
    other = next((m.name for m in facts.members if m.relation == told), "")
    text = f"{one.what}{one.name}填的是{told}，家庭成员里的{told}却是{other}"
    return [Reason(text, mend)] if other else []


def _fits(one: Named, member: MemberFacts) -> bool:
    if one.relation == Signer.GUARDIAN:
        return member.relation not in PARENTS
    # A parent who is entered as the guardian is both.
    return member.relation in (Signer(one.relation).label, "监护人")


def crosschecks(
    facts: SurveyFacts,
    *,
    claims: Collection[str],
    listed: Collection[str],
    names: Mapping[str, str],
    siblings: Collection[Sibling],
    before: SurveyFacts | None,
    signed: Collection[Named] = (),
    student: str = "",
) -> list[Reason]:
    """Everything that head teacher and office should ask about.

    `claims` and `listed`: codes of special groups as told and as the departments' lists say;
    `names` what the codes are called; `before`: last year's household;
    `signed`: who filled in and signed the form of the student of that name.
    """
    doubts = doubts_about(facts) + misnamed(facts, signed, student)
    doubts += _claimed(claims, listed, names)
    for sibling in siblings:
        doubts += _same_household(facts, sibling)
    return doubts + (_changed(facts, before) if before else [])


def _claimed(
    claims: Collection[str], listed: Collection[str], names: Mapping[str, str]
) -> list[Reason]:
    doubts = [
        Reason(f"自报{names.get(c, c)}，部门名单里没有", "看证件原件，或等下一次名单比对")
        for c in sorted(set(claims) - set(listed))
    ]
    return doubts + [
        Reason(f"部门名单里是{names.get(c, c)}，家里没有填", "以名单为准，问清是否变动")
        for c in sorted(set(listed) - set(claims))
    ]


def _same_household(facts: SurveyFacts, sibling: Sibling) -> list[Reason]:
    doubts = []
    if sibling.family_size != facts.size:
        doubts.append(
            Reason(
                f"与{sibling.who}是同一家庭，家庭人口一份填{facts.size}人，"
                f"一份填{sibling.family_size}人",
                "问清后改成一致",
            )
        )
    if sibling.annual_income_fen != facts.income_fen:
        doubts.append(
            Reason(
                f"与{sibling.who}是同一家庭，年收入一份填{_yuan(facts.income_fen)}，"
                f"一份填{_yuan(sibling.annual_income_fen)}",
                "问清后改成一致",
            )
        )
    return doubts or [Reason(f"与{sibling.who}是同一家庭", "两份申请可以对照着核对")]


def _changed(facts: SurveyFacts, before: SurveyFacts) -> list[Reason]:
    doubts = []
    if abs(facts.size - before.size) >= 2:
        doubts.append(
            Reason(f"家庭人口去年{before.size}人，今年{facts.size}人", "问清是谁加入或离开")
        )
    difference = abs(facts.income_fen - before.income_fen)
    if difference >= MUCH_FEN and 2 * difference > before.income_fen:
        doubts.append(
            Reason(
                f"家庭年收入去年{_yuan(before.income_fen)}，今年{_yuan(facts.income_fen)}",
                "问清为什么变了",
            )
        )
    if before.single_parent and not facts.single_parent:
        doubts.append(Reason("去年填单亲家庭，今年没有填", "问清家庭是否变动"))
    return doubts


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.0f}元"
