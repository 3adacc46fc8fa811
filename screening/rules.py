"""Judgments of the screening: each returns the reasons why not, all at once."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from audit.refusal import Reason
from schools import clock
from schools.models import Appointment, Term
from schools.roles import Role
from screening.categories import hangs_on_household
from screening.facts import Circumstances
from screening.models import Screening, ScreeningRow

Result = ScreeningRow.Result
ANSWERS = frozenset(Screening.Answer.values)


def due_on(term: Term) -> date:
    """报送截止: 12-15 of the autumn term, 06-15 of the spring term (requirement row 2-06)."""
    return date(term.year, 12, 15) if term.half == 1 else date(term.year + 1, 6, 15)


def expected(one: Circumstances) -> str:
    """The result that the facts lead to."""
    if one.cell is None:
        return str(Result.NOT_DIFFICULT)
    return str(Result.UNAIDED if one.unaided else Result.AIDED)


def why_not_role(by: Appointment, role: Role, what: str) -> list[Reason]:
    """Empty when the actor acts in the role that the deed asks for."""
    if by.role == role:
        return []
    return [Reason(f"{what}应由{role.label}办理", f"请{role.label}登录后办理")]


def why_not_open(term: Term) -> list[Reason]:
    """Before the term begins there is no roster to look at."""
    if term.starts_on <= clock.today():
        return []
    return [
        Reason(f"{term.season_label}还没有开始", f"{term.starts_on:%Y年%-m月%-d日}开学后再开始排查")
    ]


def why_closed(screening: Screening) -> list[Reason]:
    """Students are verified only while the screening is open."""
    if screening.status == Screening.Status.OPEN:
        return []
    return [
        Reason(
            f"本学期排查{screening.get_status_display()}，不能再改核实结果",
            "确需修改的，请审核人先退回",
        )
    ]


def why_contradicts(result: str, one: Circumstances | None) -> list[Reason]:
    """The result must agree with the facts: 应助未助 exactly when derived."""
    if one is None:
        return [Reason("该生已不在籍在校，不再列入排查", "学籍有误的，请资助办更正名册")]
    if result == expected(one):
        return []
    if result not in Result.values or not result:
        return [Reason("请选择核实结果")]
    if one.cell is None:
        return [
            Reason(
                "该生本学年没有认定为家庭经济困难，也没有免认定列入的特殊群体记录",
                "确有困难的，请先补办认定申请，认定后再核实",
            )
        ]
    return _why_not_difficult(one) if result == Result.NOT_DIFFICULT else _why_not_aid(one)


def _why_not_difficult(one: Circumstances) -> list[Reason]:
    ought = Result(expected(one)).label
    if one.means.grade:
        return [Reason("本学年已认定为家庭经济困难", f"请核实为“{ought}”，或申请调整认定")]
    return [
        Reason(
            "在部门提供的特殊群体名单中，本学年还没有认定",
            f"请核实为“{ought}”；名单有误的，请资助办更正",
        )
    ]


def _why_not_aid(one: Circumstances) -> list[Reason]:
    if one.unaided:
        return [
            Reason(
                "本学期没有确定的资助，也没有到账的资助",
                "请核实为“困难，应助未助”，写明原因、措施和时限",
            )
        ]
    arrived = "已有资助到账" if one.paid else "已确定资助（还没有到账）"
    return [Reason(f"本学期{arrived}，不属于应助未助", "请核实为“困难，已资助”")]


def why_unexplained(
    result: str, reason: str, measure: str, measure_due_on: date | None
) -> list[Reason]:
    """An 应助未助 needs why, what will be done, and until when (`domain.md` §B.3)."""
    if result != Result.UNAIDED:
        return []
    found = []
    if not reason.strip():
        found.append(Reason("没有写应资助未资助的原因"))
    if not measure.strip():
        found.append(Reason("没有写解决措施"))
    if measure_due_on is None:
        found.append(Reason("没有写解决时限"))
    elif measure_due_on < clock.today():
        found.append(Reason("解决时限已经过去", "请填今天或以后的日期"))
    return found


def why_answers_wrong(full_coverage: str, coverage_reason: str) -> list[Reason]:
    """否 needs the reason and the remedy beside it."""
    if full_coverage not in ANSWERS:
        return [Reason("请选择是、否，或留空")]
    if full_coverage == Screening.Answer.NO and not coverage_reason.strip():
        return [Reason("选“否”的，要写具体原因及整改措施")]
    return []


def why_not_complete(
    rows: Iterable[tuple[int, int, str, str]], found: dict[int, Circumstances]
) -> list[Reason]:
    """Every present student has a verified row that still agrees with the facts.

    `rows` are (student, class, class name, result); reasons are given class by class.
    """
    unverified: dict[tuple[int, str], int] = {}
    changed: dict[tuple[int, str], int] = {}
    missing = set(found)
    for student, class_id, class_name, result in rows:
        missing.discard(student)
        one = found.get(student)
        if one is None:
            continue
        if not result:
            unverified[class_id, class_name] = unverified.get((class_id, class_name), 0) + 1
        elif result != expected(one):
            changed[class_id, class_name] = changed.get((class_id, class_name), 0) + 1
    reasons = [
        Reason(f"{name}还有{n}人没有核实", "请班主任核实", _class_url(pk), n)
        for (pk, name), n in unverified.items()
    ]
    reasons += [
        Reason(f"{name}有{n}人核实后情况有变化", "请班主任再核实", _class_url(pk), n)
        for (pk, name), n in changed.items()
    ]
    if missing:
        reasons.append(
            Reason(f"有{len(missing)}名在校生还不在排查名单中", "请先更新名单", count=len(missing))
        )
    return reasons


def why_household_blank(
    rows: Iterable[tuple[int, int, str, str]], found: dict[int, Circumstances]
) -> list[Reason]:
    """A blank 户口性质 would count a rural family as ⑥ or drop it: ③ and ④ are for rural ones.

    `rows` as for `why_not_complete`; the link leads to those students of the class.
    """
    blank: dict[tuple[int, str], int] = {}
    for student, class_id, class_name, _ in rows:
        one = found.get(student)
        if one is not None and hangs_on_household(one.means):
            blank[class_id, class_name] = blank.get((class_id, class_name), 0) + 1
    place = reverse("students:groups")
    return [
        Reason(
            f"{name}有{n}名低保、特困等学生没有填户口性质，不能确定困难类型",
            "请在名册中补填户口性质后导入",
            f"{place}?class={pk}&household=blank",
            n,
        )
        for (pk, name), n in blank.items()
    ]


def _class_url(class_id: int) -> str:
    return reverse("screening:class", kwargs={"class_id": class_id})


def why_same_person(screening: Screening, by: Appointment) -> list[Reason]:
    """经办、审核、签字 are three people (requirement row 1-38)."""
    reasons = []
    if screening.fill_by_id == by.person_id:
        reasons.append(Reason("填报的人不能再审核或签字", "请另一人办理"))
    if screening.review_by_id == by.person_id:
        reasons.append(Reason("审核的人不能再签字", "请另一位分管领导签字"))
    return reasons


def why_checked_rows(screening: Screening, by: Appointment) -> list[Reason]:
    """Who verified students as head teacher does not check that work again (row 1-38)."""
    own = ScreeningRow.objects.filter(
        school_id=screening.school_id, screening=screening, checked_by_id=by.person_id
    ).count()
    if not own:
        return []
    return [Reason(f"您作为班主任核实过{own}名学生，不能再审核或签字", "请另一人办理", count=own)]
