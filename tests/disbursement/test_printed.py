"""What printed forms ask of review and of this floor, and how it comes onto the paper."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.told_above import told_above
from disbursement import printed
from disbursement.models import AidCard
from review.models import Case
from tests.disbursement.cases import Aid


def test_grade_bank_and_last_four(all_ready: Aid) -> None:
    ids = [s.pk for s in all_ready.staffed.students]
    Case.objects.filter(recognitions__student_id=ids[0]).update(appraised_grade="special")
    with CaptureQueriesContext(connection) as asked:
        told = told_above(all_ready.school.pk, all_ready.term.year, ids)
    assert len(asked) == 2
    card = AidCard.objects.get(student_id=ids[0])
    digits = card.number.reveal()
    assert told[ids[0]] == {
        "grade": "困难",
        "panel": "特别困难",
        "bank": card.bank,
        "card": f"尾号{digits[-4:]}",
        "holder": card.holder,
    }
    assert digits not in str(told)


def test_last_years_grade_and_a_lost_card_are_not_printed(all_ready: Aid) -> None:
    ids = [s.pk for s in all_ready.staffed.students]
    assert "grade" not in told_above(all_ready.school.pk, all_ready.term.year - 1, ids)[ids[0]]
    AidCard.objects.update(status="closed")
    assert printed.cards(all_ready.school.pk, all_ready.term.year, ids) == {}
