"""What printed forms ask of this floor: the card, by its last four digits alone."""

from collections.abc import Iterable

from disbursement.models import AidCard
from disbursement.models.cards import LIVE_CARD


def cards(school_id: int, year: int, students: Iterable[int]) -> dict[int, dict[str, str]]:
    """By student bank, masked number and holder of the card in use, whatever the year."""
    rows = AidCard.objects.filter(
        school_id=school_id, student_id__in=students, status__in=LIVE_CARD
    )
    return {
        row.student_id: {"bank": row.bank, "card": str(row.number), "holder": row.holder}
        for row in rows
    }
