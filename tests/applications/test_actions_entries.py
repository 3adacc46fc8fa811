"""Entering and changing applications."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from applications import actions
from applications.actions import MemberFacts, SurveyFacts
from applications.models import Application, HouseholdMember, HouseholdSurvey, Programme, Round
from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.roles import Role
from tests import cast as people
from tests.applications import scenes
from tests.cast import Cast


def reasons_of(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in caught.value.reasons]


def test_the_household_is_written_apart_and_sealed(cast: Cast, round_: Round) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    survey = HouseholdSurvey.objects.get(application=application)
    assert (application.status, application.channel) == ("draft", "head_teacher")
    assert (survey.family_size, survey.annual_income_fen) == (3, 4_000_000)
    assert str(survey.phone) == "139****0000"
    assert survey.phone.reveal() == "13900000000"
    assert [m.relation for m in survey.members.order_by("pk")] == ["父亲", "母亲"]
    event = Event.objects.get(verb="application.draft")
    assert (event.about_id, event.facts["number"]) == (cast.a.students[0].pk, "2026-RD-0001")
    assert "139" not in str(event.content())


def test_all_reasons_at_once(cast: Cast, round_: Round) -> None:
    student = cast.a.students[0]
    scenes.handed_in(round_, student, cast.head_teacher)
    student.status = "suspended"
    student.save()
    with pytest.raises(Refused) as caught:
        actions.draft_application(
            round_=round_,
            student=student,
            by=cast.reviewer,
            survey=SurveyFacts(annual_income_fen=-1),
            committed_on=date(2026, 9, 2),
        )
    assert reasons_of(caught) == [
        "审核人不录入申请",
        "学籍状态是休学",
        "张示远在本批次已有申请2026-RD-0001（已提交）",
        "承诺日期在今天之后",
        "家庭年收入是负数",
    ]
    with pytest.raises(Refused, match="有承诺日期，没有承诺人"):
        actions.draft_application(
            round_=round_,
            student=cast.a.students[1],
            by=cast.operator,
            committed_on=date(2026, 9, 1),
        )
    assert Application.objects.count() == 1


def test_a_head_teacher_enters_only_for_the_led_class(cast: Cast, round_: Round) -> None:
    other = people.appoint("另一班主任", cast.school, Role.HEAD_TEACHER, "teacher-2")
    with pytest.raises(Refused, match="张示远不在您的班"):
        scenes.entered(round_, cast.a.students[0], other)
    assert scenes.entered(round_, cast.a.students[0], cast.operator).channel == "office"


@pytest.mark.parametrize(
    ("day", "reason"),
    [(date(2026, 8, 31), "申请9月1日才开始"), (date(2026, 9, 1), None), (date(2026, 9, 9), None)],
)
def test_when_entries_are_taken(cast: Cast, round_: Round, day: date, reason: str | None) -> None:
    def enter() -> Application:
        with clock.at(day):
            return actions.draft_application(
                round_=round_, student=cast.a.students[0], by=cast.operator
            )

    if reason is None:
        assert enter().status == "draft"
    else:
        with pytest.raises(Refused, match=reason):
            enter()


def test_a_closed_round_takes_nothing(cast: Cast, round_: Round) -> None:
    with clock.at(date(2026, 9, 9)):
        actions.close_round(round_=round_, by=cast.operator)
        with pytest.raises(Refused, match="已办结"):
            actions.draft_application(round_=round_, student=cast.a.students[0], by=cast.operator)


def test_a_withdrawn_application_is_taken_up_again(cast: Cast, round_: Round) -> None:
    first = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    actions.withdraw(application=first, by=cast.head_teacher)
    again = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    assert (again.pk, again.status, again.number) == (first.pk, "draft", first.number)


def test_a_programme_is_only_for_whom_its_data_say(cast: Cast) -> None:
    programme = Programme.objects.get(code="senior_grant")
    other = Programme.objects.get(code="senior_waiver")
    other.tiers.create(code="one", label="免收", rank=1, amount_fen=1, valid_from=date(2026, 1, 1))
    programme.exclusive_with.add(other)
    programme.tiers.update(boarding="boarder")
    rounds = [
        actions.open_programme_round(
            school=cast.school, term=cast.term, programme=p, by=cast.operator
        )
        for p in (other, programme)
    ]
    student = cast.a.students[0]
    scenes.tagged(student, "lifted_out")
    waived = actions.draft_application(round_=rounds[0], student=student, by=cast.operator)
    cast.a.school_class.stage = "vocational"
    cast.a.school_class.save()
    with pytest.raises(Refused) as caught:
        actions.draft_application(round_=rounds[1], student=student, by=cast.operator)
    assert reasons_of(caught) == [
        "普通高中国家助学金只发给普通高中学生",
        "普通高中国家助学金没有走读生的标准",
        "已申请不能与普通高中国家助学金同时享受的项目",
    ]
    actions.withdraw(application=waived, by=cast.operator)
    with pytest.raises(Refused) as caught:
        actions.draft_application(round_=rounds[1], student=student, by=cast.operator)
    assert len(reasons_of(caught)) == 2


def test_revising_writes_anew_and_keeps_what_stays_sealed(cast: Cast, round_: Round) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    changed = replace(
        scenes.FAMILY,
        members=(MemberFacts("张样泽", "父亲", 43, annual_income_fen=100),),
        phone=None,
        address="新址",
    )
    actions.revise(application=application, by=cast.operator, survey=changed, reason="改")
    survey = HouseholdSurvey.objects.get()
    assert (survey.family_size, survey.annual_income_fen) == (2, 100)
    assert (survey.phone.reveal(), survey.address.reveal()) == ("13900000000", "新址")
    assert HouseholdMember.objects.count() == 1
    assert Application.objects.get().reason == "改"


def test_what_was_handed_in_is_not_changed(cast: Cast, round_: Round) -> None:
    application = scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)
    with pytest.raises(Refused, match="现在是“已提交”，不能修改"):
        actions.revise(application=application, by=cast.operator, reason="改")


def test_reading_a_household_needs_a_reason_and_leaves_a_line(cast: Cast, round_: Round) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    bare = actions.draft_application(round_=round_, student=cast.a.students[1], by=cast.operator)
    with pytest.raises(Refused) as caught:
        actions.read_household(application=bare, reason=" ", by=cast.reviewer)
    assert reasons_of(caught) == ["没有写查看的理由", "这份申请没有家庭情况"]
    household = actions.read_household(application=application, reason="核实", by=cast.reviewer)
    assert (household.phone, len(household.members)) == ("13900000000", 2)
    event = Event.objects.get(verb="application.read_household")
    assert (event.reason, event.person_id) == ("核实", cast.reviewer.person_id)
    assert "13900000000" not in repr(household)


def test_boxes_that_say_nothing_are_kept_empty(cast: Cast, round_: Round) -> None:
    boxes: dict[str, Any] = {
        "natural_disaster": "无",
        "sudden_accident": "没有。",
        "weak_labour": "—",
        "unemployment": "/",
        "debt": "0",
        "other": "暂无",
    }
    application = scenes.entered(
        round_, cast.a.students[0], cast.head_teacher, replace(scenes.FAMILY, **boxes)
    )
    survey = HouseholdSurvey.objects.get(application=application)
    assert [getattr(survey, name) for name in boxes] == [""] * 6
    boxes["debt"] = " 治病欠债5万元 "
    told = replace(scenes.FAMILY, **boxes)
    actions.revise(application=application, by=cast.head_teacher, survey=told)
    survey.refresh_from_db()
    assert survey.debt == "治病欠债5万元"
