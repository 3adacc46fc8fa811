"""The sweep's rows of the disbursement: a card, an award and a draft batch."""

from typing import Any

from disbursement.models import Award
from schools import clock
from tests.cast import Staffed
from tests.disbursement import cases


def objects(staffed: Staffed) -> dict[str, Any]:
    """Rows of a term that no other sample uses."""
    its = cases.aid(staffed, cases.programme("sweep", stage=staffed.school.stage), "2025-1")
    someone = staffed.students[0]
    card = cases.card(its, someone, ready=False)
    award = Award.objects.create(
        school=staffed.school,
        student=someone,
        programme=its.programme,
        term=its.term,
        round=its.round,
        case=cases.case(its, someone),
        tier=its.tier,
        amount_fen=its.tier.amount_fen,
        granted_by=staffed.operator.person,
        granted_at=clock.now(),
    )
    return {"card_id": card.pk, "award_id": award.pk, "batch_id": cases.draft(its).pk}
