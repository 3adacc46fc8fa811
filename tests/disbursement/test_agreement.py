"""The three numbers of a batch, each counted from what it is about."""

import pytest

from disbursement import actions, agreement, bank_files, content
from disbursement.models import Award, PaymentBatch
from office import files
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid


def test_they_agree_at_every_step(all_ready: Aid) -> None:
    all_ready.staffed.students[0].cards.update(holder="林可")
    batch = cases.frozen(all_ready)
    found = agreement.of(batch)
    assert (found.awards.count, found.awards.fen, found.file) == (2, 2 * AMOUNT, None)
    assert found.agrees
    assert found.fingerprint == batch.content_hash
    actions.approve(batch=batch, content_hash=batch.content_hash, by=all_ready.staffed.reviewer)
    batch = actions.send(batch=batch, by=all_ready.staffed.finance)
    found = agreement.of(batch)
    assert found.file == found.lines == found.awards
    actions.apply_return(
        batch=batch,
        content=cases.answer(batch, {1: "账户未激活"}),
        filename="x",
        by=all_ready.staffed.finance,
    )
    found = agreement.of(batch)
    assert (found.paid.count, found.failed.count, found.answered) == (1, 1, True)


def test_later_awards_and_batches_do_not_change_an_earlier_one(all_ready: Aid) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活"})
    failed = content.lines_of(batch)[0].award
    late = cases.add_students(all_ready.staffed, 1)[0]
    cases.ready(all_ready, late)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    second = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    again = actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    again = actions.freeze(batch=again, by=all_ready.staffed.finance)
    for one, count in ((batch, 3), (second, 1), (again, 1)):
        found = agreement.of(one)
        assert (found.awards.count, found.agrees) == (count, True)
    actions.thaw(batch=again, reason="取消", by=all_ready.staffed.finance)
    actions.revoke(award=failed, reason="学生已转出", by=all_ready.staffed.operator)
    assert agreement.of(batch).agrees


def test_an_award_that_was_slipped_in_is_seen(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    Award.objects.filter(pk=batch.award_mark).update(amount_fen=1)
    assert not agreement.of(batch).agrees


def test_a_file_that_is_another_is_seen(all_ready: Aid, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = cases.sent(all_ready)
    payments = content.payments(content.lines_of(batch))[:2]
    short = bank_files.write("xlsx", batch.number, payments)
    monkeypatch.setattr(files, "content_of", lambda _: short)
    found = agreement.of(PaymentBatch.objects.get(pk=batch.pk))
    assert found.file is not None
    assert (found.file.count, found.agrees) == (2, False)


def test_a_changed_line_is_seen_by_its_fingerprint(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    lines = content.lines_of(batch)
    lines[0].bank = "别家"
    assert content.fingerprint(lines) != batch.content_hash
