"""Every reason why an award can't be paid, alone and together."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from applications.models import Application, Programme
from audit.refusal import Reason, Refused
from disbursement import actions, queue, rules
from disbursement.models import AidCard
from disbursement.rules import Candidate, Check, Paying, Standing
from privacy.fields import blind_card
from schools import clock
from students.models import Guardian, Student
from tests.disbursement import cases
from tests.disbursement.cases import Aid


@pytest.fixture
def candidate(all_ready: Aid) -> Candidate:
    """An award that nothing holds."""
    from_queue = _candidates(all_ready)[0]
    assert _reasons(from_queue, all_ready) == []
    return from_queue


def _candidates(its: Aid) -> list[Candidate]:
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    batch = cases.draft(its)
    return queue.candidates_of(list(queue.awards_due(batch)), queue.paying(batch, clock.today()))


def _paying(its: Aid, **facts: Any) -> Paying:
    return replace(Paying(its.programme, its.term, clock.today()), **facts)


def _reasons(candidate: Candidate, its: Aid, **facts: Any) -> list[tuple[str, str]]:
    found = rules.why_not_paid(candidate, _paying(its, **facts))
    return [(str(h.check), h.text) for h in found]


def _standing(candidate: Candidate, **facts: Any) -> Candidate:
    return candidate._replace(standing=candidate.standing._replace(**facts))


@pytest.mark.parametrize("status", ["withdrawn", "returned"])
def test_the_application_no_longer_stands(all_ready: Aid, status: str) -> None:
    first = all_ready.staffed.students[0]
    Application.objects.filter(student=first, round=all_ready.round).update(status=status)
    held = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator).held
    assert [(h.case.student_id, [r.text for r in h.holds]) for h in held] == [
        (first.pk, ["申请已撤回或退回"])
    ]


def test_an_application_withdrawn_after_the_award_or_the_freezing(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    first = all_ready.staffed.students[0]
    Application.objects.filter(student=first, round=all_ready.round).update(status="withdrawn")
    with pytest.raises(Refused, match=f"{first.name}：申请已撤回或退回"):
        actions.send(batch=batch, by=all_ready.staffed.finance)
    actions.thaw(batch=batch, reason="有学生撤回申请", by=all_ready.staffed.finance)
    batch.refresh_from_db()
    batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert batch.line_count == 2
    assert [r["text"] for entry in batch.held for r in entry["reasons"]] == ["申请已撤回或退回"]


def test_no_valid_recognition(candidate: Candidate, all_ready: Aid) -> None:
    held = _standing(candidate, recognised=False)
    assert _reasons(held, all_ready) == [("recognition", "没有本学年有效的困难认定")]
    assert _reasons(_standing(held, in_open_group=True), all_ready) == []
    all_ready.programme.needs_recognition = False
    assert _reasons(held, all_ready) == []


def test_notice_not_ended_or_case_not_confirmed(candidate: Candidate, all_ready: Aid) -> None:
    expected = [("notice", "公示期没有满或没有确认")]
    assert _reasons(candidate._replace(notice_ended=False), all_ready) == expected
    assert _reasons(candidate._replace(case_confirmed=False), all_ready) == expected


def test_an_award_that_was_taken_back(candidate: Candidate, all_ready: Aid) -> None:
    candidate.award.status = "revoked"
    assert _reasons(candidate, all_ready) == [("notice", "资助已取消")]


def test_open_objection(candidate: Candidate, all_ready: Aid) -> None:
    held = _standing(candidate, open_objections=1)
    assert _reasons(held, all_ready) == [("notice", "有异议尚未办结")]


@pytest.mark.parametrize(
    ("status", "left_on", "text"),
    [
        (Student.Status.SUSPENDED, None, "休学中"),
        (Student.Status.LEFT, date(2026, 11, 9), "11月9日已离校"),
    ],
)
def test_not_at_school(
    candidate: Candidate, all_ready: Aid, status: str, left_on: date | None, text: str
) -> None:
    candidate.student.status, candidate.student.left_on = status, left_on
    assert _reasons(candidate, all_ready) == [("present", text)]


def test_enrolled_elsewhere(candidate: Candidate, all_ready: Aid) -> None:
    held = _standing(candidate, elsewhere=True)
    assert _reasons(held, all_ready) == [("unique", "疑似双学籍：同一身份证号在别的学校也在籍")]


def test_exclusive_and_yearly_programmes(candidate: Candidate, all_ready: Aid) -> None:
    held = _standing(candidate, exclusive=("生活补助",), awarded_in="2027年春季学期")
    assert _reasons(held, all_ready) == [
        ("exclusive", "同期已享受“生活补助”，两项不能兼得"),
        ("repeat", "2027年春季学期已享受，每学年只发一次"),
    ]


def test_card_missing(candidate: Candidate, all_ready: Aid) -> None:
    assert _reasons(candidate._replace(card=None), all_ready) == [("card", "没有资助卡")]


def _card(candidate: Candidate) -> AidCard:
    assert candidate.card is not None
    return candidate.card


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (AidCard.Status.ISSUED, "资助卡没有激活"),
        (AidCard.Status.LOST, "资助卡已挂失"),
        (AidCard.Status.CLOSED, "资助卡已停用"),
    ],
)
def test_card_not_active(candidate: Candidate, all_ready: Aid, status: str, text: str) -> None:
    _card(candidate).status = status
    assert _reasons(candidate, all_ready) == [("card", text)]


def test_card_not_looked_at_or_changed_since(candidate: Candidate, all_ready: Aid) -> None:
    _card(candidate).checked_by_id = None
    assert _reasons(candidate._replace(card_changed=True), all_ready) == [
        ("card", "资助卡没有经第二人核对"),
        ("card", "冻结之后换了卡"),
    ]


def test_holder_is_the_student(candidate: Candidate, all_ready: Aid) -> None:
    card = _card(candidate)
    card.holder = f" {candidate.student.name} "
    assert _reasons(candidate, all_ready) == []
    card.holder = "林可"
    assert _reasons(candidate, all_ready) == [("card", "户名“林可”与学生姓名不一致")]


def test_a_guardians_card_only_where_the_programme_allows(
    candidate: Candidate, all_ready: Aid
) -> None:
    card = _card(candidate)
    card.guardians, card.holder = True, "张样泽"
    assert _reasons(candidate, all_ready) == [("card", "登记的是监护人的卡，这个项目须用本人卡")]
    all_ready.programme.guardian_card = True
    assert _reasons(candidate, all_ready) == [("card", "户名“张样泽”不是登记在册的监护人")]
    assert _reasons(candidate._replace(guardians=("张样泽",)), all_ready) == []


def test_paid_already(candidate: Candidate, all_ready: Aid) -> None:
    held = candidate._replace(paid_in="FF-2026-1-001")
    assert _reasons(held, all_ready) == [("repeat", "已在批次FF-2026-1-001发放")]


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
        (date(2027, 1, 31), False),
        (date(2027, 2, 1), True),
    ],
)
def test_only_within_the_term(candidate: Candidate, all_ready: Aid, on: date, held: bool) -> None:
    text = f"{on.month}月{on.day}日不在2026年秋季学期内，不得跨学期发放"
    assert _reasons(candidate, all_ready, on=on) == ([("term", text)] if held else [])
    assert _reasons(candidate, all_ready, on=on, late_document="示教财〔2027〕1号") == []


@pytest.mark.parametrize(
    ("instalment", "on", "held"),
    [
        (1, date(2026, 9, 1), False),
        (3, date(2026, 10, 31), True),
        (3, date(2026, 11, 1), False),
        (5, date(2026, 12, 31), True),
        (5, date(2027, 1, 1), False),
    ],
)
def test_a_month_is_not_paid_before_it_begins(
    candidate: Candidate, all_ready: Aid, instalment: int, on: date, held: bool
) -> None:
    month = {3: 11, 5: 1}.get(instalment, 9)
    text = f"第{instalment}次是{month}月的资助，{month}月还没有开始，不得提前发放"
    candidate.award.instalment = instalment
    assert _reasons(candidate, all_ready, on=on) == []
    all_ready.programme.money_cadence = Programme.Cadence.MONTHLY
    assert _reasons(candidate, all_ready, on=on) == ([("term", text)] if held else [])


def test_a_batch_of_five_months_pays_those_that_began(its: Aid) -> None:
    its.programme.money_cadence = Programme.Cadence.MONTHLY
    its.programme.save()
    cases.ready(its, its.staffed.students[0])
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    cases.fund(its)
    batch = actions.draft_batch(
        school=its.school,
        programme=its.programme,
        term=its.term,
        by=its.staffed.operator,
        instalment=5,
    )
    batch = actions.freeze(batch=batch, by=its.staffed.finance)
    assert (batch.line_count, len(batch.held)) == (3, 2)


def test_every_reason_at_once(candidate: Candidate, all_ready: Aid) -> None:
    held = _standing(
        candidate,
        recognised=False,
        open_objections=1,
        elsewhere=True,
        exclusive=("甲", "乙"),
        not_meant=(Reason("不在限定的特殊群体里"),),
    )._replace(
        applied=False,
        card=None,
        notice_ended=False,
        paid_in="FF-1",
    )
    candidate.student.status = Student.Status.SUSPENDED
    found = _reasons(held, all_ready, on=date(2027, 3, 1))
    assert len(found) == 12
    assert {check for check, _ in found} == {str(c) for c in Check} - {"fund"}


def test_every_reason_against_an_award_at_once(all_ready: Aid) -> None:
    case = queue.cases_waiting(all_ready.round)[0]
    held = Standing(
        case.student,
        open_objections=1,
        elsewhere=True,
        exclusive=("甲",),
        exclusive_elsewhere=("乙",),
        awarded_in="2025年秋季学期",
        awarded_elsewhere=True,
        not_meant=(Reason("不在限定的特殊群体里"),),
    )
    fine = Standing(case.student, recognised=True)
    assert rules.why_not_awarded(fine, case, all_ready.programme) == []
    case.status, case.application.status, case.decided_tier = "decided", "returned", None
    found = rules.why_not_awarded(held, case, all_ready.programme)
    assert [h.text for h in found] == [
        "申请已撤回或退回",
        "不在限定的特殊群体里",
        "没有本学年有效的困难认定",
        "有异议尚未办结",
        "疑似双学籍：同一身份证号在别的学校也在籍",
        "同期已享受“甲”，两项不能兼得",
        "同期已在其他学校享受“乙”，两项不能兼得",
        "2025年秋季学期已享受，每学年只发一次",
        "本学期已在其他学校享受同一项目",
        "评审结果还没有公示确认",
        "审定结果没有档次",
    ]


def test_fund_short_says_how_much() -> None:
    assert rules.why_fund_short(100, 100) == []
    (hold,) = rules.why_fund_short(115_000, 100_000)
    assert hold.text == "可用资金1,000.00元，本批需要1,150.00元，差150.00元"


def test_money_that_was_doubted_leaves_less_than_nothing() -> None:
    (hold,) = rules.why_fund_short(300, -150)
    assert hold.text == "可用资金-1.50元，本批需要3.00元，差4.50元"
    assert (rules.yuan(-5), rules.yuan(-115_000)) == ("-0.05", "-1,150.00")


def test_reasons_of_many_are_grouped_with_names(candidate: Candidate) -> None:
    hold = rules.Hold(Check.CARD, "没有资助卡", "请登记资助卡")
    (reason,) = rules.as_reasons([(candidate, [hold])] * 4)
    name = candidate.student.name
    assert reason.text == f"{name}、{name}、{name}等4人：没有资助卡"
    assert (reason.count, reason.url) == (4, "/disbursement/cards/")


def test_the_facts_come_from_the_rows(all_ready: Aid) -> None:
    """Each fact of a candidate changes when its row does."""
    first, second, third = all_ready.staffed.students
    cases.object_to(all_ready, first)
    second.recognitions.update(valid_to=date(2026, 11, 1))
    third.cards.update(holder="林可")
    Guardian.objects.create(school=third.school, student=third, name="王样", relation="母亲")
    all_ready.programme.guardian_card = True
    all_ready.programme.save()
    facts = {c.student.pk: c for c in _candidates_of_everyone(all_ready)}
    assert facts[first.pk].standing.open_objections == 1
    assert not facts[second.pk].standing.recognised
    card = facts[third.pk].card
    assert card is not None
    assert (card.holder, facts[third.pk].guardians) == ("林可", ("王样",))
    assert card.number_blind == blind_card(card.number.reveal())


def _candidates_of_everyone(its: Aid) -> list[Candidate]:
    its.programme.needs_recognition = False
    its.programme.save()
    its.round.programme = its.programme
    from_cases = list(queue.cases_waiting(its.round))
    cases.award_all(its, from_cases)
    batch = cases.draft(its)
    return queue.candidates_of(list(queue.awards_due(batch)), queue.paying(batch, clock.today()))
