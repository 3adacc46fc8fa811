"""What printed forms ask of this floor: what the panel suggested, what was decided and posted."""

from collections.abc import Iterable

from applications.models import Round
from review.models import Case, Notice, NoticeLine, Recognition


def grades(round_: Round, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student the 困难等级 that holds for an academic year, and the panel's that led to it.

    Until it is decided the panel's word is for the leading group alone.
    """
    rows = Recognition.objects.filter(
        school_id=round_.school_id,
        year=round_.term.year,
        valid_to=None,
        student_id__in=students,
    ).select_related("case")
    return {
        row.student_id: {
            "grade": row.get_grade_display(),
            "panel": row.case.get_appraised_grade_display(),
        }
        for row in rows
    }


def notices(round_: Round, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student how the school decided in a round and how its notice ended, once it is over."""
    lines = (
        NoticeLine.objects.filter(
            school_id=round_.school_id,
            notice__round=round_,
            notice__status=Notice.Status.CONFIRMED,
            case__status=Case.Status.CONFIRMED,
            case__student_id__in=students,
        )
        .select_related("notice", "case__decided_tier")
        .prefetch_related("objections")
        # The newest stays: a decision taken anew is posted anew.
        .order_by("notice__confirm_at", "pk")
    )
    return {
        line.case.student_id: {"verdict": _verdict(line.case), "posted": _posted(line)}
        for line in lines
    }


def _verdict(case: Case) -> str:
    """同意, or to what it was changed and why; a panel that suggested nothing is not overruled."""
    if case.decided_tier:
        return f"同意资助（{case.decided_tier.label}）"
    if not case.appraised_grade or case.appraised_grade == case.decided_grade:
        return "同意"
    grade = case.get_decided_grade_display()
    reason = f"　理由：{case.decision_reason}" if case.decision_reason else ""
    return f"不同意评议建议，调整为：{grade}{reason}"


def _posted(line: NoticeLine) -> str:
    notice = line.notice
    heard = len(line.objections.all())
    result = f"收到异议{heard}件，已答复" if heard else "期满无异议"
    return (
        f"公示{notice.starts_on:%Y年%-m月%-d日}至{notice.ends_on:%Y年%-m月%-d日}"
        f"（{notice.workdays}个工作日），{result}"
    )
