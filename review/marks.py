"""What a page remembers of the facts that it shows, so that a save notices a change since then."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.refusal import Reason
from privacy.marks import mark_of
from review.models import Attendance, Case, ScoringScheme


def of_attendance(attendances: Iterable[Attendance]) -> str:
    """The mark of who came and who withdrew."""
    told = sorted([one.person_id, one.present, one.recusal] for one in attendances)
    return mark_of("attendance", told)


def of_proposed(cases: Iterable[Case]) -> str:
    """The mark of whom a meeting is to decide on, and of what is proposed for each."""
    told = sorted([one.pk, one.proposed_grade, one.proposed_tier_id] for one in cases)
    return mark_of("proposed", told)


def of_scheme(scheme: ScoringScheme) -> str:
    """The mark of a draft's figures and of what it binds."""
    return mark_of("scheme", told_by(scheme.rules, scheme.binding))


def told_by(table: Mapping[str, Any], binding: str) -> list[Any]:
    """What a save says about a draft, to be compared with what is kept."""
    return [dict(table), binding]


def why_changed(mark: str, kept: str, *, same: bool, what: str) -> list[Reason]:
    """Why a save would undo somebody else's; the same words sent twice undo nothing."""
    if not mark or mark == kept or same:
        return []
    return [Reason(f"{what}刚刚被别人改过，这次没有保存", "请刷新页面，看过现在的内容再改")]
