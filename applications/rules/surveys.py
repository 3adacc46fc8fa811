"""The household as it was told, and what about it can't be right (`domain.md` §C.5)."""

import re
import unicodedata
from dataclasses import dataclass, field

from audit.refusal import Reason
from privacy.identity import check_phone

OLDEST = 120
LARGEST_FAMILY = 30
# 100 million yuan a year: beyond it someone typed a wrong number.
HIGHEST_INCOME_FEN = 10_000_000_000
PARENTS = frozenset({"父亲", "母亲"})
MOST_MEMBERS = 15
RELATIONS = ("父亲", "母亲", "兄弟", "姐妹", "祖父", "祖母", "监护人", "其他")
HEALTH = ("健康", "患病", "残疾")
# What families write into a box that does not concern them; these words alone say "no".
_NOTHING = """
无 没 没有 否 不 不是 非 空 零 0 00 0元 不详 不清楚 未知 暂无 暂时没有 目前没有 目前无 均无 都没有
无此情况 没有此情况 无该情况 无此项 无此类情况 无以上情况 无上述情况 无特殊情况 没有特殊情况 无情况
未发生 没有发生 从未发生 未遭受 未遭遇 没有遭受 没有遭遇 不涉及 不适用 不存在 正常 健康 身体健康
无灾害 无自然灾害 没有自然灾害 无意外 无突发意外 无突发意外事件 没有意外 无意外事件
无失业 没有失业 无失业情况 未失业 无欠债 没有欠债 无债务 没有债务 无外债 无负债 不欠债 未欠债
无其他 没有其他 无其他情况 wu no none nil null na false
"""
NOTHING = frozenset(_NOTHING.split())


def stated(text: str) -> str:
    """The text as it was told, or "" when it only says that there is nothing to tell (无)."""
    words = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()
    return "" if not words or words in NOTHING else text.strip()


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One member of the household, other than the student; income in fen a year."""

    name: str
    relation: str
    age: int = 0
    work: str = ""
    occupation: str = ""
    annual_income_fen: int = 0
    health: str = ""


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """家庭情况 as told on the form. Size and income that are None follow from the members.

    `address` and `phone` None leave what was written down before.
    """

    members: tuple[MemberFacts, ...] = ()
    family_size: int | None = None
    annual_income_fen: int | None = None
    income_source: str = ""
    natural_disaster: str = ""
    sudden_accident: str = ""
    weak_labour: str = ""
    unemployment: str = ""
    debt: str = ""
    other: str = ""
    students_in_family: int = 1
    seriously_ill: bool = False
    single_parent: bool = False
    # Codes of special groups that the family says it belongs to.
    claims: tuple[str, ...] = ()
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """How many the family is, the student included."""
        return len(self.members) + 1 if self.family_size is None else self.family_size

    @property
    def income_fen(self) -> int:
        """The family's income of a year in fen."""
        if self.annual_income_fen is not None:
            return self.annual_income_fen
        return sum(m.annual_income_fen for m in self.members)

    @property
    def income_per_head_fen(self) -> int:
        """家庭人均年收入 in fen, rounded down; never typed, always computed."""
        return self.income_fen // max(self.size, 1)


def grown(age: int, years: int) -> int:
    """How old someone is who was `age` so many years ago; who gave no age still gives none."""
    return min(age + years, OLDEST) if age else 0


def why_not_survey(facts: SurveyFacts) -> list[Reason]:
    """What can't be written down as it was told."""
    reasons = [r for n, m in enumerate(facts.members, 1) for r in _why_not_member(n, m)]
    if not 1 <= facts.size <= LARGEST_FAMILY:
        reasons.append(Reason("家庭人口不对", f"含学生本人，应在1到{LARGEST_FAMILY}人之间"))
    if facts.income_fen < 0:
        reasons.append(Reason("家庭年收入是负数", "没有收入填0"))
    elif facts.income_fen > HIGHEST_INCOME_FEN:
        reasons.append(Reason("家庭年收入大得不可能", "单位是元，请核对"))
    if facts.students_in_family < 1:
        reasons.append(Reason("在读子女数不对", "含学生本人，至少1人"))
    elif facts.students_in_family > max(facts.size, 1):
        reasons.append(Reason("在读子女比家庭人口还多", "核对家庭人口和在读子女数"))
    if facts.phone:
        problems = check_phone(facts.phone).problems
        reasons += [Reason(f"家长手机：{p.rstrip('。')}", "核对后再填") for p in problems]
    return reasons


def _why_not_member(n: int, member: MemberFacts) -> list[Reason]:
    who = member.name.strip() or f"第{n}位家庭成员"
    reasons = []
    if not member.name.strip():
        reasons.append(Reason(f"{who}没有姓名", "填写姓名，或删去这一行"))
    if not member.relation.strip():
        reasons.append(Reason(f"没有填{who}与学生的关系", "填父亲、母亲等"))
    if not 0 <= member.age <= OLDEST:
        reasons.append(Reason(f"{who}的年龄不对", f"应在0到{OLDEST}岁之间"))
    if member.annual_income_fen < 0:
        reasons.append(Reason(f"{who}的年收入是负数", "没有收入填0"))
    return reasons


def doubts_about(facts: SurveyFacts) -> list[Reason]:
    """What looks contradictory but may be so: shown before handing in, never a refusal."""
    doubts = []
    listed = len(facts.members) + 1
    if facts.size != listed:
        doubts.append(
            Reason(
                f"家庭人口填{facts.size}人，成员加本人是{listed}人",
                "不同住的离异一方不计入；确实如此可以不改",
            )
        )
    earned = sum(m.annual_income_fen for m in facts.members)
    if earned > facts.income_fen:
        doubts.append(Reason("各成员年收入之和比家庭年收入多", "核对家庭年收入"))
    relations = {m.relation for m in facts.members}
    if facts.single_parent and relations >= PARENTS:
        doubts.append(Reason("填了单亲家庭，成员里却有父亲和母亲", "核对单亲或家庭成员"))
    if facts.income_fen == 0:
        doubts.append(Reason("家庭年收入为0", "靠低保、赡养费或亲友接济的，也算收入"))
    if not facts.members:
        doubts.append(Reason("没有填家庭成员", "只有学生本人一人时可以不填"))
    return doubts
