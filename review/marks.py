"""What a page remembers of the facts that it shows, so that a save notices a change since then."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.crypto import salted_hmac

from audit.refusal import Reason
from review.models import Attendance, ScoringScheme


def of_attendance(attendances: Iterable[Attendance]) -> str:
    """The mark of who came and who withdrew."""
    return _mark(sorted([one.person_id, one.present, one.recusal] for one in attendances))


def of_scheme(scheme: ScoringScheme) -> str:
    """The mark of a draft's figures and of what it binds."""
    return _mark(told_by(scheme.rules, scheme.binding))


def told_by(table: Mapping[str, Any], binding: str) -> list[Any]:
    """What a save says about a draft, to be compared with what is kept."""
    return [dict(table), binding]


def why_changed(mark: str, kept: str, *, same: bool, what: str) -> list[Reason]:
    """Why a save would undo somebody else's; the same words sent twice undo nothing."""
    if not mark or mark == kept or same:
        return []
    return [Reason(f"{what}刚刚被别人改过，这次没有保存", "请刷新页面，看过现在的内容再改")]


def _mark(facts: Any) -> str:
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return salted_hmac("review.marks", text).hexdigest()[:20]
