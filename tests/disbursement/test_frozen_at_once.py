"""Lines are written many at once: each has its own student's facts, and all are there or none."""

import pickle
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.refusal import Refused
from disbursement import actions, content, queue
from disbursement.actions import batches
from disbursement.models import AidCard, Award, PaymentBatch, PaymentLine
from office import bulk
from privacy.sealing import Unsealable
from schools import clock
from students.models import Student
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.racing import overtaken

BANKS = ['示范"银行"', "a\\b\\", "{NULL,}", "NULL", "',--"]


def _draft(its: Aid, students: int) -> PaymentBatch:
    """A draft for more students, each with another name, bank and amount."""
    for n, someone in enumerate(cases.add_students(its.staffed, students)):
        someone.name = someone.name_key = "示" + '"\\'[n % 2] + f"例{n}"
        someone.save()
        cases.ready(its, someone, bank=BANKS[n % len(BANKS)])
    cases.fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    for award in Award.objects.all():
        Award.objects.filter(pk=award.pk).update(amount_fen=100_000 + award.pk)
    return cases.draft(its)


def _freeze(its: Aid, batch: PaymentBatch) -> PaymentBatch:
    return actions.freeze(batch=batch, by=its.staffed.finance)


@pytest.mark.parametrize("at_once", [1, 2, 5, 10_000])
def test_each_line_has_its_own_students_facts(
    its: Aid, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", at_once)
    draft = _draft(its, 5)
    due = list(queue.awards_due(draft))
    batch = _freeze(its, draft)
    lines = content.lines_of(batch)
    cards = {card.student_id: card for card in AidCard.objects.all()}
    assert [
        (
            ln.serial, ln.number, ln.award_id, ln.student_id, ln.amount_fen, ln.class_name,
            ln.name, ln.bank, ln.card_number.reveal(), ln.status, ln.retries_id,
        )
        for ln in lines
    ] == [
        (
            n, f"{batch.number}-{n:04d}", a.pk, a.student_id, 100_000 + a.pk,
            a.student.school_class.name, a.student.name, cards[a.student_id].bank,
            cards[a.student_id].number.reveal(), "pending", None,
        )
        for n, a in enumerate(due, 1)
    ]  # fmt: skip
    assert {ln.bank for ln in lines} == set(BANKS)
    assert (batch.line_count, batch.total_fen) == (5, sum(100_000 + a.pk for a in due))
    assert batch.content_hash == content.fingerprint(lines)
    assert content.fingerprint_of(content.opened(batch)) == batch.content_hash
    cases.commit()


def test_a_card_is_sealed_anew_for_its_line(all_ready: Aid) -> None:
    cases.frozen(all_ready)
    line = PaymentLine.objects.earliest("pk")
    card = line.student.cards.get()
    assert line.card_number.stored() != card.number.stored()
    # Bytes moved from the card don't open where a line's would.
    moved = PaymentLine(school_id=line.school_id)
    moved.card_number = card.number.stored()
    with pytest.raises(Unsealable, match=r"disbursement_paymentline\.card_number"):
        moved.card_number.reveal()


def test_fewer_lines_than_people_is_nobody_frozen(
    all_ready: Aid, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    batch = cases.draft(all_ready)
    insert = bulk.insert

    def losing(*told: Any, **facts: Any) -> Any:
        return insert(*told, **facts)[1:]

    monkeypatch.setattr(bulk, "insert", losing)
    with pytest.raises(Refused, match="3人只列出2笔明细"):
        _freeze(all_ready, batch)
    assert not PaymentLine.objects.exists()
    batch.refresh_from_db()
    assert (batch.status, batch.line_count) == ("draft", 0)


def test_an_award_that_another_line_pays_stops_all(
    all_ready: Aid, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.frozen(all_ready)
    other = batches.new_batch(
        all_ready.school, all_ready.programme, all_ready.term, all_ready.staffed.operator, 1, ""
    )
    everybody = Award.objects.order_by("pk")
    monkeypatch.setattr(queue, "awards_due", lambda batch: everybody)
    monkeypatch.setattr(queue, "_paid_elsewhere", lambda *told: {})
    with pytest.raises(Refused, match="已经在另一批次发放"):
        _freeze(all_ready, other)
    assert PaymentLine.objects.count() == 3


def test_awards_are_locked_the_lowest_first_and_read_under_the_lock(its: Aid) -> None:
    batch = _draft(its, 3)
    with CaptureQueriesContext(connection) as seen:
        queue.checklist(batch, clock.today(), lock=True)
    asked = [q["sql"] for q in seen if 'FROM "disbursement_award"' in q["sql"]]
    assert asked[0].endswith('ORDER BY "pk" ASC FOR NO KEY UPDATE') or asked[0].endswith(
        "ORDER BY 1 ASC FOR NO KEY UPDATE"
    )
    assert "JOIN" not in asked[0].split("WHERE")[0]
    assert "students_student" in asked[1]
    assert "FOR NO KEY UPDATE" not in asked[1]


def _reads_whom_it_holds(sql: str, params: Any) -> bool:
    """The look at awards and students that comes after the awards' locks."""
    return "disbursement_award" in sql and "students_student" in sql and "FOR NO KEY" not in sql


def test_who_is_suspended_while_the_awards_are_being_held_is_not_paid(committed: Cast) -> None:
    with clock.at(cases.PAY_DAY):
        its = cases.aid(committed.a)
        for someone in committed.a.students:
            cases.ready(its, someone)
        cases.fund(its)
        actions.grant_awards(round_=its.round, by=its.staffed.operator)
        batch = cases.draft(its)
    last = Award.objects.order_by("-pk")[0]

    def suspend() -> None:
        Student.objects.filter(pk=last.student_id).update(status="suspended")

    found = overtaken(
        lambda: _freeze(its, batch),
        suspend,
        at=_reads_whom_it_holds,
        organisation=its.school,
        on=cases.PAY_DAY,
    )
    assert found == ("won", "won")
    batch.refresh_from_db()
    assert (batch.line_count, len(batch.held)) == (2, 1)
    assert not PaymentLine.objects.filter(award=last).exists()


def test_lines_and_payments_print_neither_card_nor_name_and_are_not_pickled(its: Aid) -> None:
    batch = _freeze(its, _draft(its, 1))
    (line,) = content.opened(batch)
    for one in (line, line.payment):
        assert one.card not in repr(one)
        assert one.name not in repr(one)
        with pytest.raises(TypeError):
            pickle.dumps(one)


def test_as_many_queries_for_thirty_as_for_one(its: Aid) -> None:
    frozen, approved, sent = [], [], []
    people = its.staffed
    for students in (1, 30):
        batch = _draft(its, students)
        with CaptureQueriesContext(connection) as seen:
            batch = _freeze(its, batch)
        frozen.append(len(seen))
        assert batch.line_count == students
        with CaptureQueriesContext(connection) as seen:
            batch = actions.approve(
                batch=batch, content_hash=batch.content_hash, by=people.reviewer
            )
        approved.append(len(seen))
        with CaptureQueriesContext(connection) as seen:
            actions.send(batch=batch, by=people.finance)
        sent.append(len(seen))
    assert frozen[0] == frozen[1] <= 40
    assert approved[0] == approved[1] <= 18
    assert sent[0] == sent[1] <= 40
