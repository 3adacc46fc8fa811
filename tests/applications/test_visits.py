"""Home visits: two go, what they saw is sealed, nothing is changed afterwards."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from applications import actions
from applications.actions import VisitFacts
from applications.models import Application, Attachment, HomeVisit, Round
from audit.models import Event
from audit.refusal import Refused
from schools.tenancy import set_scope
from tests.applications import family, scenes
from tests.cast import Cast, school_class, student

SEEN = VisitFacts(
    on=date(2026, 9, 1),
    way="visit",
    second_visitor="李样同",
    met="张样泽",
    met_relation="父亲",
    housing="砖房两间，祖母同住",
    finances="务工，欠医药费三万",
    conclusion="true",
)


@pytest.fixture
def entered(cast: Cast) -> Application:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    return scenes.handed_in(round_, cast.a.students[0], cast.head_teacher)


def test_a_visit_is_kept_sealed_with_its_photographs(cast: Cast, entered: Application) -> None:
    visit = actions.record_visit(
        application=entered, facts=SEEN, by=cast.head_teacher, photos=[family.picture()]
    )
    photo = Attachment.objects.get(visit=visit)
    assert photo.kind == "home_visit"
    assert visit.housing.reveal() == "砖房两间，祖母同住"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(v)::text FROM applications_homevisit v")
        assert "砖房" not in cursor.fetchone()[0]
    event = Event.objects.get(verb="home_visit.record")
    assert event.facts == {"number": entered.number, "conclusion": "true", "photos": 1}
    assert "砖房" not in str(event.facts) + event.reason


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"second_visitor": ""}, ["上门家访只有一位访员"]),
        ({"second_visitor": "班主任 a"}, ["同行访员是本人"]),
        ({"on": date(2026, 9, 2)}, ["家访日期在今天之后"]),
        ({"met": " "}, ["没有写受访人或其与学生的关系"]),
        ({"conclusion": ""}, ["没有结论"]),
        ({"on": date(1926, 9, 1)}, ["家访日期在一年以前"]),
        ({"conclusion": "differs"}, ["没有写哪里不符或待核"]),
        (
            {"second_visitor": "", "met": "", "conclusion": "open"},
            ["上门家访只有一位访员", "没有写受访人或其与学生的关系", "没有写哪里不符或待核"],
        ),
    ],
)
def test_what_is_missing_is_told_at_once(
    cast: Cast, entered: Application, changes: dict[str, Any], told: list[str]
) -> None:
    with pytest.raises(Refused) as caught:
        actions.record_visit(
            application=entered, facts=replace(SEEN, **changes), by=cast.head_teacher
        )
    assert [r.text for r in caught.value.reasons] == told
    assert not HomeVisit.objects.exists()


def test_a_talk_and_a_meeting_are_told_under_the_three_heads(
    cast: Cast, entered: Application, sign_in: Any
) -> None:
    told: dict[str, Any] = {
        "studies": "数学跟不上",
        "mind": "话少，爱独处",
        "relations": "随祖母生活",
    }
    for way in ("talk", "meeting"):
        talk = replace(SEEN, way=way, second_visitor="", met_relation="本人", **told)
        visit = actions.record_visit(application=entered, facts=talk, by=cast.head_teacher)
        assert {name: getattr(visit, name).reveal() for name in told} == told
    url = f"/applications/entries/{entered.pk}/"
    client = sign_in(cast.head_teacher)
    open_page = client.get(url).content.decode()
    assert "谈心谈话" in open_page
    assert "家长会" in open_page
    read = client.post(f"{url}survey/", {"reason": "核实"}).content.decode()
    for words in told.values():
        assert words not in open_page
        assert words in read


def test_one_alone_may_call(cast: Cast, entered: Application) -> None:
    call = replace(SEEN, way="call", second_visitor="")
    assert actions.record_visit(application=entered, facts=call, by=cast.reviewer)


def test_the_database_asks_for_two_as_well(cast: Cast, entered: Application) -> None:
    actions.record_visit(application=entered, facts=SEEN, by=cast.head_teacher)
    with pytest.raises(IntegrityError), transaction.atomic():
        HomeVisit.objects.update(second_visitor="")


def test_who_has_no_business_there_records_nothing(cast: Cast, entered: Application) -> None:
    with pytest.raises(Refused, match="不做家访记录"):
        actions.record_visit(application=entered, facts=SEEN, by=cast.a.finance)
    other = student(school_class(cast.school, cast.a.operator, 2), "赵样妹")
    theirs = scenes.entered(Round.objects.get(), other, cast.operator)
    with pytest.raises(Refused, match="不是本班学生"):
        actions.record_visit(application=theirs, facts=SEEN, by=cast.head_teacher)


def test_a_photograph_that_is_none_keeps_nothing(cast: Cast, entered: Application) -> None:
    with pytest.raises(Refused, match="不是照片"):
        actions.record_visit(
            application=entered, facts=SEEN, by=cast.head_teacher, photos=[b"MZ\x90"]
        )
    assert not HomeVisit.objects.exists()


def test_on_the_phone_and_beside_the_form(cast: Cast, entered: Application, sign_in: Any) -> None:
    client, url = sign_in(cast.head_teacher), f"/applications/entries/{entered.pk}/"
    typed = {
        "way": "visit",
        "on": "2026-09-01",
        "second_visitor": "李样同",
        "met": "张样泽",
        "met_relation": "父亲",
        "housing": "砖房两间",
        "conclusion": "differs",
        "note": "收入比填的高",
    }
    wrong = client.post(f"{url}visit/", {**typed, "note": ""})
    assert wrong.status_code == 409
    assert "砖房两间" in wrong.content.decode()
    photo = SimpleUploadedFile("a.jpg", family.picture())
    assert client.post(f"{url}visit/", {**typed, "photos": photo}).status_code == 302
    open_page = client.get(url).content.decode()
    assert "不符" in open_page
    assert "砖房两间" not in open_page
    assert "收入比填的高" not in open_page
    read = client.post(f"{url}survey/", {"reason": "核实"}).content.decode()
    assert "收入比填的高" in read
    assert "家访照片" in read
    set_scope(cast.school.pk)
    assert Attachment.objects.get().visit is not None
