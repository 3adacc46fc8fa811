"""What is wrong with the words about where someone is."""

from audit.refusal import Reason
from students.models import Whereabouts


def wrong_with(outcome: str, note: str) -> dict[str, Reason]:
    """By field (`found`, `note`) what keeps this from being recorded; empty when nothing does."""
    wrong = {}
    if outcome not in Whereabouts.Outcome.values:
        wrong["found"] = Reason("没有选择去向", "请选择一种")
    if outcome == Whereabouts.Outcome.OTHER and not note.strip():
        wrong["note"] = Reason("去向是“其他”，要写说明", "请写明在哪里、怎样核实的")
    return wrong
