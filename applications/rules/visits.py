"""What makes a record of a home visit or call complete (requirement row 0-25, `domain.md` §D.4)."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from applications.models import Application, HomeVisit
from audit.refusal import Reason
from privacy.identity import name_key

MOST_PHOTOS = 6
LONGEST_AGO = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit as it was told; what was seen and said stays out of every printout of this row."""

    on: date
    way: str
    met: str
    met_relation: str
    conclusion: str
    second_visitor: str = ""
    policy_told: bool = False
    housing: str = field(default="", repr=False)
    finances: str = field(default="", repr=False)
    studies: str = field(default="", repr=False)
    mind: str = field(default="", repr=False)
    relations: str = field(default="", repr=False)
    wishes: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


def why_not_visit(
    application: Application, facts: VisitFacts, *, visitor: str, today: date, photos: int
) -> list[Reason]:
    """Why this visit can't be recorded; `visitor` is who records it, `photos` how many came."""
    reasons = []
    if not application.round.is_recognition:
        reasons.append(Reason("只为家庭经济困难认定做家访记录", "在认定申请里记录"))
    if facts.on > today:
        reasons.append(Reason("家访日期在今天之后", "填实际家访的日期"))
    elif facts.on < today - LONGEST_AGO:
        reasons.append(Reason("家访日期在一年以前", "核对年份；确是那时的，请重新走访"))
    if facts.way == HomeVisit.Way.VISIT:
        if not facts.second_visitor.strip():
            reasons.append(Reason("上门家访只有一位访员", "两人同行，填写另一位的姓名"))
        elif name_key(facts.second_visitor) == name_key(visitor):
            reasons.append(Reason("同行访员是本人", "填写另一位访员的姓名"))
    if not facts.met.strip() or not facts.met_relation.strip():
        reasons.append(Reason("没有写受访人或其与学生的关系", "填写见到或通话的家人"))
    if facts.conclusion not in HomeVisit.Conclusion.values:
        reasons.append(Reason("没有结论", "选择属实、不符或待核"))
    elif facts.conclusion != HomeVisit.Conclusion.TRUE and not facts.note.strip():
        reasons.append(Reason("没有写哪里不符或待核", "写明哪一项、看到的是什么"))
    if photos > MOST_PHOTOS:
        reasons.append(Reason(f"照片最多{MOST_PHOTOS}张", "留下最能说明情况的"))
    return reasons
