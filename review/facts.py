"""What a 量化评估表 may ask: every fact that the form, the roster or a list really holds. Pure.

Nothing is offered that nobody records; what a province's table asks beyond it needs a person, and
the scheme's note says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from applications.models import Attachment
from applications.rules.surveys import HEALTH
from students.models import Student

# Unknown must count neither as poverty nor as wealth.
UNKNOWN = 10**9
UNASKED = "未调查"
NUMBER, YES, CODES, WORDS = "number", "yes", "codes", "words"
# A department's list proves it; the other proofs are kinds of papers.
LISTED = "list"
_Kind = Attachment.Kind
PROOFS: Mapping[str, str] = {
    LISTED: "部门名单",
    **{
        str(kind): str(kind.label)
        for kind in (
            _Kind.ALLOWANCE,
            _Kind.DISABILITY,
            _Kind.MEDICAL,
            _Kind.DISASTER,
            _Kind.INCOME,
            _Kind.HUKOU,
            _Kind.OTHER,
        )
    },
}


# What groups were called before schemes named them themselves.
CAPS = {"income": "收入", "groups": "特殊群体", "burden": "家庭负担"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is recorded of a family, and how a rule may ask for it.

    `proofs` are those that usually prove it, any of them; a scheme may say otherwise. `choices`
    are the values of codes; those of special groups are reference data and stand in the database.
    """

    label: str
    kind: str
    unit: str = ""
    proofs: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)


def _yes(label: str, *proofs: str) -> Fact:
    return Fact(label, YES, proofs=proofs)


_HEALTH = {word: word for word in HEALTH}
_ILL = (_Kind.MEDICAL.value, _Kind.DISABILITY.value)

FACTS: Mapping[str, Fact] = {
    "income_per_head_yuan": Fact("家庭人均年收入", NUMBER, "元", (_Kind.INCOME.value,)),
    "annual_income_yuan": Fact("家庭年收入", NUMBER, "元", (_Kind.INCOME.value,)),
    "family_size": Fact("家庭人口", NUMBER, "人", (_Kind.HUKOU.value,)),
    "students_in_family": Fact("在读子女数", NUMBER, "人", (_Kind.HUKOU.value,)),
    "earners": Fact("有收入的家庭成员", NUMBER, "人", (_Kind.INCOME.value,)),
    "unwell": Fact("患病或残疾的家庭成员", NUMBER, "人", _ILL),
    "elders": Fact("60岁以上的家庭成员", NUMBER, "人", (_Kind.HUKOU.value,)),
    "father_work": Fact("父亲的职业和单位", WORDS),
    "mother_work": Fact("母亲的职业和单位", WORDS),
    "father_health": Fact("父亲健康状况", CODES, "", _ILL, _HEALTH),
    "mother_health": Fact("母亲健康状况", CODES, "", _ILL, _HEALTH),
    "groups": Fact("特殊群体", CODES, "", (LISTED, _Kind.ALLOWANCE.value, _Kind.DISABILITY.value)),
    "seriously_ill": _yes("家中有重病患者", _Kind.MEDICAL.value),
    "natural_disaster": _yes("自然灾害", _Kind.DISASTER.value),
    "sudden_accident": _yes("突发意外事件", _Kind.DISASTER.value),
    "weak_labour": _yes("劳动能力弱", *_ILL),
    "unemployment": _yes("失业", _Kind.OTHER.value),
    "debt": _yes("欠债", _Kind.OTHER.value),
    "other": _yes("填写了其他困难", _Kind.OTHER.value),
    "single_parent": _yes("单亲家庭", _Kind.HUKOU.value, _Kind.OTHER.value),
    # Of the roster, which needs no further proof.
    "household": Fact("户口性质", CODES, choices={str(h): str(h.label) for h in Student.Household}),
    "boarding": Fact("就读方式", CODES, choices={str(b): str(b.label) for b in Student.Boarding}),
    "left_behind": _yes("留守儿童"),
    "migrant": _yes("随迁子女"),
}


def proofs_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What proves an item or a direct rule: what the scheme names, else what usually does."""
    if "evidence" in row:
        return tuple(row["evidence"])
    asked = FACTS.get(row["field"])
    return asked.proofs if asked else ()


def proofs_text(proofs: Sequence[str]) -> str:
    """部门名单或残疾证, or nothing when the roster is enough."""
    return "或".join(PROOFS.get(code, code) for code in proofs)


def asks_text(field: str, when: Mapping[str, Any], groups: Mapping[str, str] | None = None) -> str:
    """What an option asks besides a range: the choices or the words that count.

    `groups` are the names of the special groups, which the database knows.
    """
    if "says" in when:
        return f"写有{'、'.join(when['says'])}"
    choices = (FACTS[field].choices if field in FACTS else {}) or groups or {}
    return "、".join(choices[code] for code in when.get("has", ()) if code in choices)


def cap_name(rules: Mapping[str, Any], group: str) -> str:
    """What a group of items with a common limit is called."""
    return str(rules.get("cap_names", {}).get(group) or CAPS.get(group, group))


def shown(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the class panel is told of a family beside the score, row by row, without a name.

    What nobody asked is 未调查; what the family answered with no is left out.
    """
    burden = _told(facts, {"unemployment": "有失业", "weak_labour": "劳动能力弱"})
    blow = _told(facts, {"natural_disaster": "有", "sudden_accident": "有"})
    rows = [
        ("在读子女", _number(facts["students_in_family"], "人")),
        ("人均年收入", _number(facts["income_per_head_yuan"], "元")),
        ("重大支出", _told(facts, {"seriously_ill": "家中有重病患者"})),
        ("突发状况", "有" if blow and blow != UNASKED else blow),
        ("劳动力", burden),
        ("负债", _told(facts, {"debt": "有"})),
    ]
    return [(label, text) for label, text in rows if text]


def _number(value: Any, unit: str) -> str:
    return UNASKED if value == UNKNOWN else f"{value:,}{unit}"


def _told(facts: Mapping[str, Any], words: Mapping[str, str]) -> str:
    values = {name: facts[name] for name in words}
    if all(value == UNKNOWN for value in values.values()):
        return UNASKED
    return "，".join(words[n] for n, value in values.items() if value and value != UNKNOWN)
