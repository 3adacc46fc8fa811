"""When a round may be opened and closed; its days are in `windows`."""

from collections.abc import Collection, Sequence
from datetime import date

from applications.models import Programme, Round, Tier
from applications.rules.programmes import SCHOOL_SOURCES
from audit import moves
from audit.refusal import Reason
from schools.models import Stage, Term


def why_not_open_recognition(
    term: Term, *, today: date, stages: Collection[str], existing: Round | None
) -> list[Reason]:
    """Why the academic year's recognition round can't be opened in this term."""
    reasons = _why_not_term(term, today=today, stages=stages)
    if existing:
        reasons.append(
            Reason(f"{term.year_label}的认定批次已经开了", "每学年认定一次，在原批次里办理")
        )
    return reasons


def why_not_open_programme(
    term: Term,
    programme: Programme,
    *,
    today: date,
    stages: Collection[str],
    tiers: Sequence[Tier],
    existing: Round | None,
    offered: bool = True,
) -> list[Reason]:
    """Why a programme's round can't be opened in this term; `tiers` are those of the term.

    `offered`: it is the nation's, the superiors' or the school's own, and enacted.
    """
    reasons = _why_not_term(term, today=today, stages=stages)
    if existing:
        reasons.append(Reason(f"{programme}{term.season_label}的批次已经开了", "在原批次里办理"))
    if not offered:
        reasons.append(Reason(f"{programme}不是本校可以开的项目", "由主管部门或本校启用后再开"))
    if stages and programme.stage not in stages:
        reasons.append(
            Reason(f"学校没有{Stage(programme.stage).label}的班级", f"{programme}不适用于本校")
        )
    if programme.handling != Programme.Handling.SCHOOL:
        reasons.append(_why_not_here(programme))
        return reasons
    if not in_force(programme, term.starts_on):
        reasons.append(Reason(f"{programme}在{term.season_label}不执行", "核对项目的起止日期"))
    elif not tiers:
        reasons.append(
            Reason(f"{programme}没有{term.season_label}的金额标准", _who_fills_in(programme))
        )
    return reasons


def _why_not_here(programme: Programme) -> Reason:
    if programme.handling == Programme.Handling.UNIVERSAL:
        return Reason(f"{programme}人人享受，不用申请", "不开批次")
    return Reason(f"{programme}由{programme.paid_by}受理和发放", "学校只配合证明在读，不开批次")


def _who_fills_in(programme: Programme) -> str:
    if programme.managed_by_id is None and programme.source in SCHOOL_SOURCES:
        return "在资助项目里复制为本校的项目，写上金额后启用"
    return "请资助中心先维护档次金额"


def _why_not_term(term: Term, *, today: date, stages: Collection[str]) -> list[Reason]:
    reasons = []
    if today > term.ends_on:
        reasons.append(Reason(f"{term.season_label}已经结束", "在当前学期开批次"))
    if not stages:
        reasons.append(Reason("学校还没有班级", "先导入学生名册"))
    return reasons


def in_force(dated: Programme | Tier, day: date) -> bool:
    """Whether dated data is valid on `day`."""
    return dated.valid_from <= day and (dated.valid_to is None or day <= dated.valid_to)


def why_not_close(round_: Round, *, today: date, unfinished: int) -> list[Reason]:
    """Why a round can't be closed; `unfinished`: neither handed in nor withdrawn."""
    reasons = moves.why_not(round_, "close")
    if today <= round_.closes_on:
        day = f"{round_.closes_on.month}月{round_.closes_on.day}日"
        reasons.append(Reason(f"申请{day}才截止", "截止后再办结"))
    if unfinished:
        reasons.append(Reason(f"{unfinished}份申请没有提交", "提交或撤回", count=unfinished))
    return reasons
