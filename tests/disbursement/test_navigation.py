"""What the desk owes to whom, in few queries."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disbursement import actions, navigation
from disbursement.models import AidCard
from schools import clock
from schools.models import Appointment
from students.actions import list_protected
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid


def _titles(by: Appointment) -> list[str]:
    """What is owed about money; what is to be entered elsewhere has its own tests."""
    found = navigation.todos(by)
    return [todo.title for todo in found if todo.place != navigation.UPKEEP]


def test_each_step_is_owed_by_its_person(all_ready: Aid) -> None:
    people = all_ready.staffed
    assert _titles(people.operator) == ["确定3人的资助名单"]
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=people.operator)
    assert _titles(people.operator) == ["为3人编制发放批次"]
    batch = cases.draft(all_ready)
    assert _titles(people.finance) == ["冻结国家助学金发放 第1批"]
    assert _titles(people.operator) == []
    batch = actions.freeze(batch=batch, by=people.finance)
    assert _titles(people.reviewer) == _titles(people.leader) == ["审批国家助学金发放 第1批"]
    batch = actions.approve(batch=batch, content_hash=batch.content_hash, by=people.reviewer)
    assert _titles(people.finance) == ["把国家助学金发放 第1批送银行"]
    batch = actions.send(batch=batch, by=people.finance)
    assert _titles(people.finance) == ["登记国家助学金发放 第1批的银行回盘"]
    actions.apply_return(
        batch=batch, content=cases.answer(batch, {1: "x"}), filename="x", by=people.finance
    )
    assert _titles(people.operator) == ["为国家助学金发放 第1批的退汇补发"]
    assert navigation.todos(people.operator)[0].text.startswith("1笔。")
    (found,) = navigation.anomalies(people.operator)
    assert (found.title, found.count, found.tone) == ("退汇还没有补发", 1, "bad")


def test_a_batch_is_settled_when_what_came_back_was_paid_again(all_ready: Aid) -> None:
    people = all_ready.staffed
    batch = cases.returned(all_ready, {1: "账户未激活"})
    again = actions.follow_up(batch=batch, by=people.operator)
    assert _titles(people.operator) == []
    assert _titles(people.finance) == ["冻结国家助学金发放 第2批"]
    again = cases.pay(all_ready, again, {1: "账户未激活"})
    assert _titles(people.operator) == ["为国家助学金发放 第2批的退汇补发"]
    third = cases.pay(all_ready, actions.follow_up(batch=again, by=people.operator))
    assert _titles(people.operator) == [
        "结清国家助学金发放 第1批",
        "结清国家助学金发放 第2批",
        "结清国家助学金发放 第3批",
    ]
    for one in (batch, again, third):
        actions.close(batch=one, by=people.finance)
    assert _titles(people.operator) == []


def test_money_waits_for_the_second_person(its: Aid) -> None:
    fund = cases.recorded(its)
    (todo,) = navigation.todos(its.staffed.reviewer)
    assert (todo.title, todo.action) == (f"确认{fund.document_no}到账", "去确认")
    actions.confirm_fund(fund=fund, by=its.staffed.reviewer)
    assert _titles(its.staffed.leader) == []
    actions.doubt_fund(fund=fund, reason="多写了一位", by=its.staffed.finance)
    (todo,) = navigation.todos(its.staffed.leader)
    assert (todo.title, todo.text) == (f"核对{fund.document_no}的冲销申请", "原因：多写了一位")


def test_a_refused_file_waits_for_the_second_person(all_ready: Aid) -> None:
    people = all_ready.staffed
    batch = cases.sent(all_ready)
    rejection = actions.report_rejection(batch=batch, reason="格式不符", by=people.finance)
    assert _titles(people.finance) == []
    assert _titles(people.reviewer) == ["核实国家助学金发放 第1批的银行整批退回"]
    actions.confirm_rejection(rejection=rejection, by=people.reviewer)
    assert _titles(people.reviewer) == []
    assert _titles(people.finance) == ["把国家助学金发放 第1批送银行"]


def test_cards_wait_for_the_second_person(its: Aid) -> None:
    cases.card(its, its.staffed.students[0], ready=False)
    (todo,) = navigation.todos(its.staffed.reviewer)
    assert (todo.title, todo.url) == ("核对1张资助卡", "/disbursement/cards/?view=unchecked")


def test_many_activations_on_one_day(its: Aid, sign_in: Any) -> None:
    for someone in cases.add_students(its.staffed, navigation.MANY_ACTIVATIONS):
        cases.card(its, someone)
    (found,) = navigation.anomalies(its.staffed.leader)
    assert (found.title, found.count) == ("疑似批量激活资助卡", 20)
    # The link shows these cards and no other.
    other = cases.card(its, its.staffed.students[0])
    AidCard.objects.filter(pk=other.pk).update(bank="另一家银行")
    client = sign_in(its.staffed.leader)
    assert client.get(found.url).context["total"] == 20
    assert client.get("/disbursement/cards/?activated=nonsense").context["total"] == 21


def test_scholarships_are_due_in_december(its: Aid) -> None:
    prize = cases.aid(its.staffed, cases.programme("prize", kind="scholarship"))
    cases.award_all(prize, [cases.case(prize, its.staffed.students[0])])
    assert navigation.anomalies(its.staffed.finance) == []
    with clock.at(date(2026, 12, 1)):
        (found,) = navigation.anomalies(its.staffed.finance)
    assert found.title == "奖学金还没有到账"


@pytest.mark.parametrize("role", ["operator", "finance", "reviewer", "head_teacher", "committee"])
def test_at_most_four_queries(all_ready: Aid, role: str) -> None:
    by = getattr(all_ready.staffed, role)
    for ask in (navigation.todos, navigation.anomalies):
        with CaptureQueriesContext(connection) as seen:
            ask(by)
        assert len(seen) <= 4


def test_bureaus_owe_nothing_here(cast: Cast) -> None:
    assert navigation.todos(cast.bureau_operator) == []
    assert navigation.anomalies(cast.bureau_operator) == []


def test_who_is_to_be_protected_first_and_has_no_aid_is_told(all_ready: Aid) -> None:
    people = all_ready.staffed
    for someone in people.students[:2]:
        list_protected(student=someone, reason="父亲重病，没有收入", by=people.operator)
    (found,) = navigation.anomalies(people.operator)
    assert (found.title, found.count) == ("重点保障学生本学期还没有资助", 2)
    assert found.text.startswith("重点保障学生2人")
    assert navigation.anomalies(people.finance) == []
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=people.operator)
    assert navigation.anomalies(people.operator) == []
