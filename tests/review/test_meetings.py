"""The leading group's meeting: quorum, recusal, differences with reasons, second person."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.models import Application
from audit.models import Event
from audit.refusal import Refused
from review import actions
from review.actions.meetings import default_resolution
from review.models import Case, Meeting
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.review import cases

MARK = re.compile(r'name="mark" value="([^"]+)"')


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def vote(meeting: Meeting, cast: Cast, *, yes: int = 4, **more: Any) -> Meeting:
    numbers: dict[str, Any] = {
        "votes_for": yes,
        "votes_against": 0,
        "votes_abstain": 0,
        "resolution": "",
    }
    return actions.decide(meeting=meeting, by=cast.operator, **{**numbers, **more})


def test_it_decides_as_proposed_and_writes_its_resolution(cast: Cast) -> None:
    meeting = cases.decided(cast)
    assert meeting.status == "decided"
    assert meeting.resolution == (
        "审定3人，其中困难1人、一般困难1人，共2人予以公示；不困难1人，另行告知。"
    )
    assert set(Case.objects.values_list("status", "meeting_id")) == {("decided", meeting.pk)}


def test_one_event_tells_the_counts_and_their_digest(cast: Cast) -> None:
    cases.decided(cast)
    event = Event.objects.get(verb="meeting.decide")
    assert event.facts["hard"] == 1
    assert event.facts["none"] == 1
    assert len(event.facts["digest"]) == 64


def test_without_quorum_nothing_is_decided(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    meeting = cases.convened(round_, cast.a, attended=False)
    with pytest.raises(Refused) as error:
        vote(meeting, cast)
    assert refusal(error) == ["还没有登记到会情况"]
    two = {cast.operator.person_id, cast.a.finance.person_id}
    actions.take_attendance(meeting=meeting, present=two, recusals={}, by=cast.operator)
    with pytest.raises(Refused) as error:
        vote(meeting, cast, yes=2)
    assert refusal(error) == ["应到4人，实到2人，不到三分之二", "主持人没有到会"]


def test_a_recused_member_has_no_vote(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    meeting = cases.convened(round_, cast.a)
    everybody = set(meeting.attendances.values_list("person_id", flat=True))
    related = {cast.a.committee.person_id: "申请学生的亲属"}
    actions.take_attendance(meeting=meeting, present=everybody, recusals=related, by=cast.operator)
    with pytest.raises(Refused) as error:
        vote(meeting, cast, yes=4)
    assert refusal(error) == ["同意、反对、弃权共4票，应为3票"]
    assert vote(meeting, cast, yes=3).status == "decided"


def test_attendance_names_members_only_and_recusals_say_why(cast: Cast) -> None:
    meeting = cases.convened(cases.proposed(cast), cast.a, attended=False)
    stranger = cast.b.leader.person_id
    with pytest.raises(Refused) as error:
        actions.take_attendance(
            meeting=meeting,
            present={stranger},
            recusals={cast.a.finance.person_id: " "},
            by=cast.operator,
        )
    assert refusal(error) == [
        "到会的人里有不是本次会议成员的",
        "回避的人没有到会",
        "回避没有写原因",
    ]


def test_a_meeting_of_tomorrow_decides_nothing_today(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    with clock.at(date(2026, 9, 1)):
        meeting = cases.convened(round_, cast.a)
    Meeting.objects.update(held_at=clock.office_opens(date(2026, 9, 2)))
    with pytest.raises(Refused) as error:
        vote(meeting, cast)
    assert refusal(error) == ["会议定于9月2日，还没有召开"]


def test_a_difference_needs_its_reason(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    case = Case.objects.order_by("pk")[0]
    meeting = cases.convened(round_, cast.a)
    with pytest.raises(Refused) as error:
        vote(meeting, cast, changes={case.pk: ("special", "")})
    assert refusal(error) == [f"改定没有写理由：{case.application.number}"]
    vote(meeting, cast, changes={case.pk: ("special", "家访核实，重大支出")})
    case.refresh_from_db()
    assert (case.decided_grade, case.decision_reason) == ("special", "家访核实，重大支出")


def test_changes_name_cases_and_grades_that_exist(cast: Cast) -> None:
    meeting = cases.convened(cases.proposed(cast), cast.a)
    with pytest.raises(Refused) as error:
        vote(meeting, cast, changes={-1: ("first", "理由")})
    assert refusal(error) == ["有1份申请不在本次审定范围", "改定的等级或档次不存在"]


def test_what_the_panel_said_stands_beside_its_votes(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a, votes=[{"special": 6, "hard": 2}], reason="母亲上月重病")
    actions.propose(round_=round_, by=cast.operator)
    cases.decided(cast, round_)
    case = Case.objects.order_by("pk")[0]
    assert (case.advised_grade, case.decided_grade) == ("hard", "special")
    assert case.decision_reason == "班级民主评议建议：特别困难6票，困难2票，弃权1票；母亲上月重病"


def test_refusing_someone_is_recorded_beside_the_others(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    case = Case.objects.order_by("pk")[0]
    meeting = vote(cases.convened(round_, cast.a), cast, changes={case.pk: ("refuse", "材料不实")})
    assert list(Case.objects.order_by("pk").values_list("status", flat=True)) == [
        "refused",
        "decided",
        "decided",
    ]
    assert "不予资助1人" in meeting.resolution


def test_a_withdrawn_application_goes_back_before_the_proposal(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    meeting = cases.convened(round_, cast.a)
    first = Case.objects.order_by("pk")[0]
    Application.objects.filter(pk=first.application_id).update(status="withdrawn")
    vote(meeting, cast)
    first.refresh_from_db()
    assert first.status == "appraised"
    assert Case.objects.filter(status="decided").count() == 2


def test_the_recorder_cannot_confirm(cast: Cast) -> None:
    meeting = cases.decided(cast)
    with pytest.raises(Refused) as error:
        actions.confirm_meeting(meeting=meeting, by=cast.operator)
    assert refusal(error) == ["确认会议审定由审核人或分管领导办理", "不能确认会议审定自己经办的事"]
    assert actions.confirm_meeting(meeting=meeting, by=cast.a.leader).confirm_by == (
        cast.a.leader.person
    )
    with pytest.raises(Refused) as error:
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    assert refusal(error) == ["现在是“已确认”，不能复核确认"]


def test_the_database_refuses_one_person_for_both(cast: Cast) -> None:
    meeting = cases.decided(cast)
    with (
        pytest.raises(IntegrityError, match="meeting_second_person"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE review_meeting SET status = 'confirmed', confirm_by_id = decide_by_id"
            " WHERE id = %s",
            [meeting.pk],
        )


def test_the_database_wants_a_difference_explained(cast: Cast) -> None:
    cases.decided(cast)
    with (
        pytest.raises(IntegrityError, match="case_difference_explained"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE review_case SET decided_grade = 'special', decision_reason = ''"
            " WHERE advised_grade <> 'special'"
        )


def test_a_returned_decision_is_decided_again(cast: Cast) -> None:
    meeting = cases.decided(cast)
    with pytest.raises(Refused) as error:
        actions.return_meeting(meeting=meeting, reason="", by=cast.reviewer)
    assert refusal(error) == ["没有写退回原因"]
    back = actions.return_meeting(meeting=meeting, reason="票数有误", by=cast.reviewer)
    assert back.status == "planned"
    assert set(Case.objects.values_list("status", flat=True)) == {"proposed"}
    assert vote(back, cast).status == "decided"


def test_only_one_meeting_of_a_round_is_planned(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    cases.convened(round_, cast.a)
    with pytest.raises(Refused) as error:
        cases.convened(round_, cast.a)
    assert refusal(error) == ["本批次已有一次待召开的会议"]


def test_a_meeting_needs_proposals_people_and_a_place(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    with pytest.raises(Refused) as error:
        actions.convene(
            round_=round_,
            held_at=clock.now(),
            place=" ",
            topic="审定会",
            chair=cast.a.leader.person,
            recorder=cast.operator.person,
            members=[cast.a.leader.person],
            by=cast.operator,
        )
    assert refusal(error) == [
        "地点或议题没有填写",
        "会议成员只有1人",
        "还没有提交领导小组的申请",
    ]


def test_a_resolution_tells_of_nobody_who_is_not_there(cast: Cast) -> None:
    cases.proposed(cast, votes=[{"hard": 8}, {"hard": 8}, {"general": 8}])
    staying = list(Case.objects.order_by("pk"))
    for case in staying:
        case.status, case.decided_grade = "decided", case.proposed_grade
    told = default_resolution(staying[0].round, staying)
    assert told == "审定3人，其中困难2人、一般困难1人，共3人予以公示。"


def test_who_is_proposed_after_the_page_was_opened_is_decided_by_no_old_page(
    cast: Cast, sign_in: Any
) -> None:
    round_ = cases.proposed(cast)
    late = Case.objects.order_by("pk")[0]
    # Its class hands its votes in while the meeting is already on the screen.
    Case.objects.filter(pk=late.pk).update(status="appraised", proposed_grade="")
    meeting = cases.convened(round_, cast.a)
    client, page = sign_in(cast.operator), reverse("review:meeting", args=[meeting.pk])

    def decided() -> Any:
        votes = {"votes_for": 4, "votes_against": 0, "votes_abstain": 0, "resolution": ""}
        url = reverse("review:decide", args=[meeting.pk])
        return client.post(url, {**votes, "mark": shown})

    shown = MARK.findall(client.get(page).text)[-1]
    set_scope(cast.school.pk)
    assert actions.propose(round_=round_, by=cast.operator).proposed == 1
    answer = decided()
    assert (answer.status_code, "待审定的名单刚刚被别人改过" in answer.text) == (409, True)
    set_scope(cast.school.pk)
    assert not Case.objects.filter(status="decided").exists()
    # The page that says so shows whom it is about now.
    shown = MARK.findall(answer.text)[-1]
    assert decided().status_code == 302
    set_scope(cast.school.pk)
    assert Case.objects.filter(status="decided", meeting=meeting).count() == 3
