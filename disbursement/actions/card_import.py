"""Many cards from the bank's list: all of them or none."""

from django.db import transaction

from audit.events import Entry, record_many
from audit.refusal import Reason, Refused, refuse_if
from disbursement import card_files, rules
from disbursement.actions.cards import CARD_KEEPERS, new_card
from disbursement.card_files import CardSheet
from disbursement.conflicts import explained
from disbursement.models import AidCard
from office.spreadsheets.refusals import Unreadable
from schools import clock
from schools.models import Appointment, School

SHOWN = 20


def look_at_cards(*, school: School, content: bytes, filename: str) -> CardSheet:
    """What the file would do. Raises `Refused` when it can't be read as a list of cards."""
    try:
        return card_files.read(content, filename, school)
    except Unreadable as error:
        raise Refused([Reason(error.reason, error.mend)]) from error


@transaction.atomic
def import_cards(
    *, school: School, content: bytes, filename: str, by: Appointment
) -> list[AidCard]:
    """Register every card of the file; one fault anywhere and nothing is written."""
    refuse_if(rules.why_not_here(by, school.pk, CARD_KEEPERS, "导入资助卡"))
    found = look_at_cards(school=school, content=content, filename=filename)
    refuse_if(Reason(f"{w.place} {w.column}：{w.reason}") for w in found.wrong[:SHOWN])
    if not found.rows:
        raise Refused([Reason("没有新的资助卡", "表里的卡都已登记过，没有变化")])
    cards = [
        new_card(row.student, row.number, row.bank, row.holder, by)
        # In one order, so that two files of the same students don't wait for each other.
        for row in sorted(found.rows, key=lambda row: row.student.pk)
    ]
    with explained():
        AidCard.objects.bulk_create(cards, batch_size=500)
    record_many(
        by=by,
        at=clock.now(),
        entries=[
            Entry("aidcard.register", "登记资助卡", subject=c, about_id=c.student_id) for c in cards
        ],
    )
    return cards
