"""A batch until it may be sent: every refusal, every status, and nothing frozen that may change."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from applications.models import Programme
from audit import moves
from audit.refusal import Refused
from disbursement import actions, content, ledger, queue
from disbursement.actions import batches
from disbursement.models import AidCard, Award, PaymentBatch, PaymentLine
from privacy.fields import blind_card
from schools import clock
from schools.models import Appointment
from students.models import Guardian
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid

ALLOWED = {
    "freeze": {"draft"},
    "thaw": {"frozen", "approved"},
    "approve": {"frozen"},
    "send": {"approved"},
    "settle": {"sent"},
    "close": {"returned"},
    "discard": {"draft"},
}


@pytest.mark.parametrize("verb", ALLOWED)
@pytest.mark.parametrize("status", PaymentBatch.Status.values)
def test_every_status_and_move(verb: str, status: str) -> None:
    batch = PaymentBatch(status=status)
    assert (moves.allowed(batch, verb) is not None) is (status in ALLOWED[verb])


def test_a_draft_takes_the_next_number(its: Aid) -> None:
    batch = cases.draft(its)
    assert (batch.number, batch.ordinal) == ("FF-2026-1-001", 1)
    assert batch.title == "国家助学金发放 第1批"
    other = cases.aid(its.staffed, cases.programme("other"))
    assert (cases.draft(other).number, cases.draft(cases.aid(its.staffed)).ordinal) == (
        "FF-2026-1-002",
        1,
    )
    with pytest.raises(Refused, match="已有编制中的批次"):
        cases.draft(its)


def test_waivers_are_not_paid_to_cards(its: Aid) -> None:
    its.programme.kind = Programme.Kind.WAIVER
    with pytest.raises(Refused) as refused:
        _draft_again(its)
    assert [r.text for r in refused.value.reasons] == [
        "学费减免不经资助卡发放",
        "没有等待发放的资助",
    ]


def _draft_again(its: Aid) -> PaymentBatch:
    return actions.draft_batch(
        school=its.school, programme=its.programme, term=its.term, by=its.staffed.operator
    )


def test_nothing_due_is_not_drafted(all_ready: Aid) -> None:
    with pytest.raises(Refused, match="没有等待发放的资助"):
        _draft_again(all_ready)
    cases.draft(all_ready)
    with pytest.raises(Refused) as refused:
        _draft_again(all_ready)
    assert [r.text for r in refused.value.reasons] == [
        "没有等待发放的资助",
        "这个项目本学期已有编制中的批次",
    ]


def test_a_discarded_draft_no_longer_stands_in_the_way(all_ready: Aid) -> None:
    first = cases.approved(all_ready)
    with pytest.raises(Refused, match="没有等待发放的资助"):
        _draft_again(all_ready)
    second = batches.new_batch(
        all_ready.school, all_ready.programme, all_ready.term, all_ready.staffed.operator, 1, ""
    )
    with pytest.raises(Refused, match="已有编制中的批次"):
        actions.thaw(batch=first, reason="改", by=all_ready.staffed.finance)
    second = actions.discard(batch=second, by=all_ready.staffed.operator)
    assert (second.status, second.discard_by_id) == (
        "discarded",
        all_ready.staffed.operator.person_id,
    )
    cases.commit()
    first = actions.thaw(batch=first, reason="改", by=all_ready.staffed.finance)
    assert actions.freeze(batch=first, by=all_ready.staffed.finance).line_count == 3
    assert ledger.disagreements(all_ready.school) == []


def test_lines_are_copied_with_numbers_of_our_own(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    lines = content.lines_of(batch)
    assert [(ln.serial, ln.number) for ln in lines] == [
        (n, f"{batch.number}-{n:04d}") for n in (1, 2, 3)
    ]
    for line in lines:
        card = line.student.cards.get()
        assert line.card_number.reveal() == card.number.reveal()
        assert (line.name, line.bank, line.amount_fen) == (card.holder, card.bank, AMOUNT)
    assert (batch.line_count, batch.total_fen) == (3, 3 * AMOUNT)
    assert batch.content_hash == content.fingerprint(lines)


def test_money_to_a_guardians_card_goes_in_the_guardians_name(its: Aid) -> None:
    someone = its.staffed.students[0]
    its.programme.guardian_card = True
    its.programme.save()
    Guardian.objects.create(school=its.school, student=someone, relation="father", name="张样泽")
    cases.ready(its, someone, holder="张样泽", guardians=True)
    (line,) = content.lines_of(cases.frozen(its))
    assert (line.student, line.name) == (someone, "张样泽")


def test_the_fingerprint_covers_every_part(all_ready: Aid) -> None:
    lines = content.lines_of(cases.frozen(all_ready))
    first = content.fingerprint(lines)
    assert content.fingerprint(list(reversed(lines))) == first
    for name, value in (
        ("number", "x"),
        ("name", "别人"),
        ("bank", "别家"),
        ("card_number", cases.card_number()),
        ("amount_fen", 1),
        ("award_id", 0),
    ):
        before = getattr(lines[0], name)
        setattr(lines[0], name, value)
        assert content.fingerprint(lines) != first, name
        setattr(lines[0], name, before)
    assert content.fingerprint(lines) == first
    assert content.short(first).replace("-", "") == first[:8].upper()


def test_who_can_not_be_paid_is_held_with_every_reason(all_ready: Aid) -> None:
    first, second, _ = all_ready.staffed.students
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    cases.object_to(all_ready, first)
    first.cards.update(checked_by=None, checked_at=None)
    second.status = "suspended"
    second.save()
    cases.fund(all_ready)
    batch = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    assert batch.line_count == 1
    reasons = {entry["award"]: entry["reasons"] for entry in batch.held}
    assert [r["text"] for r in reasons[cases.award_of(first).pk]] == [
        "有异议尚未办结",
        "资助卡没有经第二人核对",
    ]
    assert reasons[cases.award_of(second).pk] == [
        {"code": "present", "text": "休学中", "mend": "复学后再发放，或取消资助"}
    ]


def test_nobody_to_pay_is_said_with_the_reasons(its: Aid) -> None:
    someone = its.staffed.students[0]
    cases.recognise(its, someone)
    cases.case(its, someone)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    cases.fund(its)
    with pytest.raises(Refused) as refused:
        actions.freeze(batch=cases.draft(its), by=its.staffed.finance)
    assert [r.text for r in refused.value.reasons] == [
        "没有可以发放的人",
        f"{someone.name}：没有资助卡",
    ]


def test_money_of_another_batch_is_not_spent_twice(all_ready: Aid) -> None:
    cases.fund(all_ready, 3 * AMOUNT + 1)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    late = cases.add_students(all_ready.staffed, 1)[0]
    cases.ready(all_ready, late)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    second = cases.draft(all_ready)
    assert second.ordinal == 2
    with pytest.raises(Refused, match=r"可用资金0\.01元，本批需要1,150\.00元，差1,149\.99元"):
        actions.freeze(batch=second, by=all_ready.staffed.finance)
    cases.fund(all_ready, AMOUNT)
    assert actions.freeze(batch=second, by=all_ready.staffed.finance).line_count == 1


def test_without_money_nothing_is_frozen(all_ready: Aid) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    with pytest.raises(Refused, match=r"可用资金0\.00元"):
        actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    assert not PaymentLine.objects.exists()


def test_not_after_the_term_without_the_districts_document(all_ready: Aid) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    batch = cases.draft(all_ready)
    for someone in all_ready.staffed.students:
        someone.recognitions.update(valid_to=None)
    with (
        clock.at(date(2027, 2, 1)),
        pytest.raises(Refused, match="2月1日不在2026年秋季学期内，不得跨学期发放"),
    ):
        actions.freeze(batch=batch, by=all_ready.staffed.finance)
    PaymentBatch.objects.filter(pk=batch.pk).update(late_document="示教财〔2027〕1号")
    with clock.at(date(2027, 2, 1)):
        assert actions.freeze(batch=batch, by=all_ready.staffed.finance).line_count == 3


def _draft(batch: PaymentBatch, by: Appointment) -> None:
    actions.draft_batch(school=batch.school, programme=batch.programme, term=batch.term, by=by)


DEEDS: dict[str, Callable[[PaymentBatch, Appointment], object]] = {
    "draft": _draft,
    "freeze": lambda batch, by: actions.freeze(batch=batch, by=by),
    "discard": lambda batch, by: actions.discard(batch=batch, by=by),
    "thaw": lambda batch, by: actions.thaw(batch=batch, reason="改", by=by),
    "approve": lambda batch, by: actions.approve(batch=batch, content_hash="", by=by),
    "send": lambda batch, by: actions.send(batch=batch, by=by),
    "follow_up": lambda batch, by: actions.follow_up(batch=batch, by=by),
    "close": lambda batch, by: actions.close(batch=batch, by=by),
}
NOT_THEIRS = {
    "draft": ("reviewer", "leader", "committee", "head_teacher"),
    "freeze": ("operator", "reviewer", "leader", "committee", "head_teacher"),
    "discard": ("reviewer", "leader", "committee", "head_teacher"),
    "thaw": ("committee", "head_teacher"),
    "approve": ("operator", "finance", "committee", "head_teacher"),
    "send": ("operator", "reviewer", "leader", "committee", "head_teacher"),
    "follow_up": ("reviewer", "leader", "committee", "head_teacher"),
    "close": ("reviewer", "leader", "committee", "head_teacher"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_only_the_right_role(all_ready: Aid, deed: str) -> None:
    batch = cases.draft(all_ready)
    for role in NOT_THEIRS[deed]:
        with pytest.raises(Refused, match="您的职责不能"):
            DEEDS[deed](batch, getattr(all_ready.staffed, role))


def test_the_approver_approves_what_was_shown(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    with pytest.raises(Refused, match="您看到的内容与现在冻结的不同"):
        actions.approve(batch=batch, content_hash="0" * 64, by=all_ready.staffed.reviewer)
    batch = actions.approve(
        batch=batch, content_hash=batch.content_hash, by=all_ready.staffed.leader
    )
    assert (batch.status, batch.approved_hash) == ("approved", batch.content_hash)


def test_who_froze_or_drafted_does_not_approve(all_ready: Aid) -> None:
    batch = cases.frozen(all_ready)
    # The exclusion constraint keeps one person from both roles; the rule stands by itself too.
    for maker in (all_ready.staffed.finance, all_ready.staffed.operator):
        reviewer = all_ready.staffed.reviewer
        reviewer.person_id = maker.person_id
        with pytest.raises(Refused, match="编制或冻结的人不能审批同一批次"):
            actions.approve(batch=batch, content_hash=batch.content_hash, by=reviewer)


@pytest.mark.parametrize(
    ("rows", "did"),
    [
        (Award.objects, {"granted_by": "确定了其中的资助名单"}),
        (AidCard.objects, {"registered_by": "登记了其中的资助卡"}),
        (AidCard.objects, {"activate_by": "登记了其中资助卡的激活"}),
    ],
)
def test_who_made_any_of_it_in_another_role_does_not_approve(
    all_ready: Aid, rows: Any, did: dict[str, str]
) -> None:
    batch = cases.frozen(all_ready)
    AidCard.objects.update(checked_by=all_ready.staffed.leader.person)
    ((field, words),) = did.items()
    reviewer = all_ready.staffed.reviewer
    rows.filter(pk=rows.first().pk).update(**{field: reviewer.person})
    with pytest.raises(Refused) as refused:
        actions.approve(batch=batch, content_hash=batch.content_hash, by=reviewer)
    assert [r.text for r in refused.value.reasons] == [f"您{words}，不能审批这个批次"]
    assert queue.made_by(batch, all_ready.staffed.leader.person_id) == []


def test_thawing_clears_lines_freezing_and_approval(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    with pytest.raises(Refused, match="没有写明退回的原因"):
        actions.thaw(batch=batch, reason="", by=all_ready.staffed.reviewer)
    batch = actions.thaw(batch=batch, reason="有学生换了卡", by=all_ready.staffed.reviewer)
    cases.commit()
    assert (batch.status, batch.line_count, batch.content_hash, batch.approve_by_id) == (
        "draft",
        0,
        "",
        None,
    )
    assert not PaymentLine.objects.exists()
    assert actions.freeze(batch=batch, by=all_ready.staffed.finance).line_count == 3
    assert ledger.disagreements(all_ready.school) == []


def test_a_sent_batch_is_not_thawed(all_ready: Aid) -> None:
    with pytest.raises(Refused, match="现在是“已送银行”，不能退回编制"):
        actions.thaw(batch=cases.sent(all_ready), reason="改", by=all_ready.staffed.finance)


def test_the_other_school_can_not_touch_it(all_ready: Aid, cast: Cast) -> None:
    batch = cases.frozen(all_ready)
    with pytest.raises(Refused, match="您的职责不能审批批次"):
        actions.approve(batch=batch, content_hash=batch.content_hash, by=cast.b.reviewer)


def test_the_blind_index_of_a_frozen_card_is_that_of_the_card(all_ready: Aid) -> None:
    line = content.lines_of(cases.frozen(all_ready))[0]
    assert blind_card(line.card_number.reveal()) == line.student.cards.get().number_blind
