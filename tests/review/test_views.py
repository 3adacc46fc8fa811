"""Pages of the review: whose they are, what they do, and that longer lists cost no more."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Round
from review import actions, navigation
from review.models import Appraisal, Case, Meeting, Notice, Recognition
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.cast import school_class as another_class
from tests.cast import student as pupil
from tests.review import cases


def _last(cast: Cast, model: Any) -> Any:
    set_scope(cast.school.pk)
    return model.objects.order_by("-pk")[0]


def _appraised(cast: Cast, round_: Round, post: Callable[..., None]) -> None:
    """Taken up, voted on by the class's panel, proposed."""
    class_id = cast.a.school_class.pk
    post(cast.operator, "take_up", round_.pk)
    post(
        cast.head_teacher,
        "hold",
        round_.pk,
        class_id,
        held_on="2026-09-01",
        expected=9,
        present=9,
    )
    appraisal = _last(cast, Appraisal)
    for case in list(Case.objects.all()):
        post(cast.head_teacher, "tally", appraisal.pk, case.pk, hard=8, abstain=1)
    post(cast.head_teacher, "finish_appraisal", appraisal.pk)
    post(cast.operator, "propose", round_.pk)


def _met(cast: Cast, round_: Round, post: Callable[..., None]) -> None:
    """The meeting decides, one case otherwise than proposed, and is confirmed."""
    leader, members = cast.a.leader.person_id, [cast.a.finance.person_id, cast.operator.person_id]
    post(
        cast.operator,
        "convene",
        round_.pk,
        day="2026-09-01",
        at="15:00",
        place="二楼会议室",
        topic="审定会",
        chair=leader,
        recorder=cast.operator.person_id,
        members=members,
    )
    meeting = _last(cast, Meeting)
    there = {f"present_{pk}": "on" for pk in (leader, *members)}
    post(cast.operator, "attendance", meeting.pk, **there)
    changed = _last(cast, Case).pk
    post(
        cast.operator,
        "decide",
        meeting.pk,
        votes_for=3,
        votes_against=0,
        votes_abstain=0,
        **{f"value_{changed}": "special", f"reason_{changed}": "家访核实"},
    )
    post(cast.reviewer, "confirm_meeting", meeting.pk)


def test_a_round_walks_by_its_pages(cast: Cast, sign_in: Any) -> None:
    """From the hand-in to the recognised grade, through the browser's addresses only."""
    cases.office_phones(cast)
    round_ = cases.open_round(cast.a, cast.term)
    for student in cast.a.students:
        cases.hand_in(round_, student, cast.head_teacher.person, income_yuan=12_000)

    def post(who: Any, name: str, *args: int, **data: object) -> None:
        answer = sign_in(who).post(reverse(f"review:{name}", args=args), data)
        assert answer.status_code == 302, answer.text

    _appraised(cast, round_, post)
    _met(cast, round_, post)
    texts = sign_in(cast.operator).get(reverse("review:compose", args=[round_.pk]))
    form = texts.context["form"]
    post(
        cast.operator,
        "compose",
        round_.pk,
        **{name: form[name].value() or "" for name in form.fields if name != "show_tier"},
    )
    notice = _last(cast, Notice)
    post(cast.reviewer, "publish", notice.pk)
    with clock.at(date(2026, 9, 9)):
        post(cast.reviewer, "confirm_notice", notice.pk)
    _last(cast, Recognition)
    grades = Recognition.objects.order_by("case_id").values_list("grade", flat=True)
    assert list(grades) == ["hard", "hard", "special"]


def test_a_head_teacher_reaches_only_the_classes_led(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    teacher = cast.b.head_teacher
    set_scope(cast.school.pk)
    other = another_class(cast.school, teacher, 2)
    client = sign_in(cast.head_teacher)
    own = client.get(reverse("review:class_appraisal", args=[round_.pk, cast.a.school_class.pk]))
    assert own.status_code == 200
    for name in ("class_appraisal", "names"):
        answer = client.get(reverse(f"review:{name}", args=[round_.pk, other.pk]))
        assert answer.status_code == 404
    assert "高一（2）班" not in client.get(reverse("review:appraisals")).text


def test_the_panels_page_has_codes_and_no_names(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    args = [round_.pk, cast.a.school_class.pk]
    client = sign_in(cast.head_teacher)
    text = client.get(reverse("review:class_appraisal", args=args)).text
    names = client.get(reverse("review:names", args=args)).text
    for student in cast.a.students:
        assert student.name not in text
        assert student.name in names


def test_votes_that_do_not_add_up_stay_in_the_boxes(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    appraisal = actions.hold_appraisal(
        round_=round_,
        school_class=cast.a.school_class,
        held_on=date(2026, 9, 1),
        expected=9,
        present=9,
        by=cast.head_teacher,
    )
    case = Case.objects.order_by("pk")[0]
    url = reverse("review:tally", args=[appraisal.pk, case.pk])
    answer = sign_in(cast.head_teacher).post(url, {"hard": 5})
    assert answer.status_code == 409
    assert "票数不一致" in answer.text
    assert 'value="5"' in answer.text


def test_a_refused_decision_keeps_what_was_typed(cast: Cast, sign_in: Any) -> None:
    meeting = cases.convened(cases.proposed(cast), cast.a)
    url = reverse("review:decide", args=[meeting.pk])
    votes = {"votes_for": 1, "votes_against": 0, "votes_abstain": 0, "resolution": "同意"}
    answer = sign_in(cast.operator).post(url, votes)
    assert (answer.status_code, "没有登记成功" in answer.text) == (409, True)
    assert "同意</textarea>" in answer.text


def test_readers_see_the_round_and_no_buttons(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    url = reverse("review:round", args=[round_.pk])
    button = "确定3人的建议</button>"
    assert button in sign_in(cast.operator).get(url).text
    assert button not in sign_in(cast.a.committee).get(url).text


def test_reading_changes_nothing(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    before = list(Case.objects.order_by("pk").values())
    client = sign_in(cast.reviewer)
    for name, args in (
        ("round", [notice.round_id]),
        ("cases", [notice.round_id]),
        ("case", [before[0]["id"]]),
        ("meeting", [before[0]["meeting_id"]]),
        ("notice", [notice.pk]),
        ("preview", [notice.pk]),
        ("notices", []),
        ("meetings", []),
        ("recognitions", []),
        ("appraisals", []),
        ("export_recognitions", []),
        ("export_progress", [notice.round_id]),
    ):
        assert client.get(reverse(f"review:{name}", args=args)).status_code == 200, name
    set_scope(cast.school.pk)
    assert list(Case.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "name", ["round", "cases", "class_appraisal", "meeting", "meetings", "appraisals"]
)
def test_thirty_cases_ask_no_more_than_one(
    cast: Cast, sign_in: Any, name: str, django_assert_num_queries: Any
) -> None:
    round_ = cases.proposed(cast)
    meeting = cases.convened(round_, cast.a)
    args = {
        "class_appraisal": [round_.pk, cast.a.school_class.pk],
        "meeting": [meeting.pk],
        "meetings": [],
        "appraisals": [],
    }.get(name, [round_.pk])
    client: Client = sign_in(cast.operator)
    url = reverse(f"review:{name}", args=args)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    set_scope(cast.school.pk)
    for n in range(27):
        student = pupil(cast.a.school_class, f"王样{n}")
        cases.hand_in(round_, student, cast.operator.person)
    actions.take_up(round_=round_, by=cast.operator)
    Case.objects.filter(status="open").update(
        status="proposed",
        advised_grade="hard",
        appraised_grade="hard",
        proposed_grade="hard",
    )
    with django_assert_num_queries(len(few)):
        assert client.get(url).status_code == 200


def test_the_library_filters_and_exports_what_it_shows(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 9)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        client = sign_in(cast.operator)
        url = reverse("review:recognitions")
        assert client.get(url).context["total"] == 3
        assert client.get(url, {"grade": "hard"}).context["total"] == 1
        assert client.get(url, {"q": "王例清"}).context["total"] == 1
        nowhere = client.get(url, {"class": "0"}).context
        assert nowhere["total"] == 0
        assert [(one["label"], one["value"]) for one in nowhere["applied"]] == [("班级", "无")]
        file = client.get(reverse("review:export_recognitions"), {"grade": "hard"})
    assert file.content.startswith(b"PK")


@pytest.mark.parametrize("asked", ["class=²", f"class={9**30}", "q=%00", "page=x", "year=99999"])
def test_badly_typed_addresses_are_answered(cast: Cast, sign_in: Any, asked: str) -> None:
    round_ = cases.taken_up(cast)
    client = sign_in(cast.operator)
    for url in (
        reverse("review:cases", args=[round_.pk]),
        reverse("review:recognitions"),
        reverse("review:export_recognitions"),
        reverse("review:class_appraisal", args=[round_.pk, cast.a.school_class.pk]),
    ):
        assert client.get(f"{url}?{asked}").status_code == 200
    page = reverse("review:class_appraisal", args=[round_.pk, cast.a.school_class.pk])
    assert client.get(f"{page}?case={9**30}").status_code == 200


# -------------------------------------------------------------------------------- the desk


def titles(by: Any) -> list[str]:
    return [t.title for t in navigation.todos(by)]


def test_the_desk_passes_the_work_from_hand_to_hand(cast: Cast) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    for student, income in zip(cast.a.students, (12_000, 40_000, 200_000), strict=True):
        cases.hand_in(round_, student, cast.head_teacher.person, income_yuan=income)
    assert titles(cast.operator) == ["家庭经济困难认定：接收3份申请"]
    actions.take_up(round_=round_, by=cast.operator)
    assert titles(cast.operator) == []
    assert titles(cast.head_teacher) == ["高一（1）班评议3人"]
    cases.appraise(round_, cast.a)
    assert titles(cast.head_teacher) == []
    assert titles(cast.operator) == ["家庭经济困难认定：确定3人的建议"]
    actions.propose(round_=round_, by=cast.operator)
    assert titles(cast.operator) == ["家庭经济困难认定：3人等待审定"]
    cases.office_phones(cast)
    meeting = cases.decided(cast, round_)
    assert titles(cast.reviewer) == ["确认会议审定：家庭经济困难认定审定会"]
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    assert titles(cast.operator) == ["家庭经济困难认定：起草公示"]
    notice = actions.draft_notice(round_=round_, by=cast.operator)
    assert titles(cast.operator) == []
    assert titles(cast.reviewer) == [f"发布：{notice.title}"]
    actions.publish(notice=notice, by=cast.reviewer)
    assert titles(cast.reviewer) == []
    actions.object_to(notice=notice, text="不实", contact="", line=notice.lines.all()[0])
    assert titles(cast.operator) == ["答复1条公示异议"]
    with clock.at(date(2026, 9, 9)):
        assert titles(cast.reviewer) == [f"公示确认：{notice.title}", "答复1条公示异议"]
        assert [a.count for a in navigation.anomalies(cast.operator)] == [1, 1]


@pytest.mark.parametrize("who", ["operator", "reviewer", "head_teacher"])
def test_the_desk_asks_five_questions_at_most(
    cast: Cast, who: str, django_assert_max_num_queries: Any
) -> None:
    notice = cases.published(cast)
    actions.object_to(notice=notice, text="不实", contact="", line=None)
    other = another_class(cast.school, cast.head_teacher, 2)
    for school_class in (cast.a.school_class, other):
        cases.hand_in(notice.round, pupil(school_class), cast.operator.person)
    actions.take_up(round_=notice.round, by=cast.operator)
    by = getattr(cast, who)
    with clock.at(date(2026, 9, 9)):
        with django_assert_max_num_queries(5):
            assert navigation.todos(by)
        with django_assert_max_num_queries(2):
            navigation.anomalies(by)
