"""Whether a round opens by itself when a term begins, and may be taken back again."""

from datetime import date

from applications.models import Programme, Round
from audit import moves
from audit.refusal import Reason
from schools import workdays
from schools.models import Term
from schools.official import OfficialCalendar

# A school that had no roster, or whose server stood still, is caught up with for so long.
WORKDAYS_TO_CATCH_UP = 10


def opens_by_itself(days: OfficialCalendar, term: Term | None, today: date) -> bool:
    """Whether rounds are opened by themselves today: from the term's first day, for a while.

    Not in a term that was entered after that day: nobody looked at it before it opened anything.
    """
    if term is None or term.entered_late or today < term.starts_on:
        return False
    return today <= workdays.last_day(days, term.starts_on, WORKDAYS_TO_CATCH_UP).last


def why_not_by_itself(
    *, paused: bool, opened_before: bool, in_season: bool, beside: Programme | None = None
) -> list[Reason]:
    """Why this round is not opened by itself now; `beside`: an authority's own of the same aid."""
    reasons = []
    if beside is not None:
        text = f"本校还可以开{beside.managed_by}的“{beside}”，两项可能重复"
        reasons.append(Reason(text, "只办其中一项的，由经办打开"))
    if paused:
        reasons.append(Reason("学校已设为不自动开", "由经办打开"))
    if opened_before:
        reasons.append(Reason("本学期已经自动开过", "撤销了的由经办打开"))
    if not in_season:
        reasons.append(
            Reason(f"不在开学后的{WORKDAYS_TO_CATCH_UP}个工作日内，不自动开", "由经办打开")
        )
    return reasons


def why_not_take_back(round_: Round, *, applications: int, codes: int, sheets: int) -> list[Reason]:
    """Why a round can't be undone: people opened it, or somebody has begun to use it."""
    reasons = []
    if round_.opened_by_id is not None:
        reasons.append(Reason("这个批次是经办开的", "只有自动开的批次能撤销；不办的，截止后办结"))
    if round_.status != Round.Status.OPEN:
        reasons += [Reason(f"批次{moves.status_label(round_)}", "办结的批次不撤销")]
    if applications:
        reasons.append(
            Reason(f"已经有{applications}份申请", "有申请的批次不撤销", count=applications)
        )
    if codes:
        reasons.append(Reason(f"已经给{codes}个班发了家长填报码", "家长可能正在填", count=codes))
    if sheets:
        reasons.append(Reason(f"已经上传{sheets}份Excel填报表", "上传的表留作记录", count=sheets))
    return reasons
