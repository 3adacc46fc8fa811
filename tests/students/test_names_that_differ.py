"""A list names our student by the number and writes another name: the school sees whom to check."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office.spreadsheets.cells import Cell
from schools import clock
from schools.scope import acting_for
from students.actions import match_list, withdraw_list
from students.models import (
    DepartmentList,
    MatchCandidate,
    NameDifference,
    SpecialGroup,
    SpecialGroupTag,
)
from students.name_queue import names_differing
from students.rules.candidates import names_that_differ
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.pages import page
from tests.students.test_actions_lists import matched, people_of
from tests.students.test_candidates import NUMBER, match, person

WRITTEN = "张例远"


def otherwise(cast: Cast, name: str = WRITTEN, **facts: object) -> DepartmentList:
    """The list writes the first student otherwise and the second as the roster does."""
    (_, number), second, *_ = people_of(cast)
    people: list[tuple[str, Cell]] = [(name, number), second]
    with acting_for(cast.district):
        return matched(cast, people, **facts)


def told(cast: Cast) -> list[tuple[str, str]]:
    return [(d.student.name, d.differs) for d in names_differing(cast.school)]


@pytest.mark.parametrize(
    ("listed", "rostered", "said"),
    [
        ("吴范明", "吴范铭", "第3个字不同"),
        ("吴示明", "吴范铭", "第2、3个字不同"),
        ("李例", "吴范", "每个字都不同"),
        ("吴范", "吴范铭", "字数不同：名单上2个字，名册上3个字"),
        ("ABCDEFGH", "HGFDEABC", "有6个字不同"),
    ],
)
def test_where_two_names_differ_is_told_without_a_character_of_them(
    listed: str, rostered: str, said: str
) -> None:
    assert names_that_differ(listed, rostered) == said


def test_the_school_sees_its_own_student_and_where_to_look(cast: Cast, sign_in: Any) -> None:
    listed = otherwise(cast)
    assert listed.counts["differing"] == 1
    assert told(cast) == [("张示远", "第2个字不同")]
    shown = page(sign_in(cast.operator), "groups")
    words = re.sub(r"<[^>]+>", " ", shown)
    assert "名单与名册姓名不同" in words
    assert "第2个字不同" in words
    assert "民政名单，2026年8月20日" in words
    assert WRITTEN not in shown, "the list's name stays with the bureau"
    assert "名单与名册姓名不同" not in page(sign_in(cast.b.operator), "groups")
    with acting_for(cast.b.school):
        assert not NameDifference.objects.exists()
    with acting_for(cast.other_district):
        assert not NameDifference.objects.exists()


def test_nothing_is_told_where_all_names_agree(cast: Cast, sign_in: Any) -> None:
    otherwise(cast, "张 示远")
    assert told(cast) == []
    assert "名单与名册姓名不同" not in page(sign_in(cast.operator), "groups")


def test_matched_again_it_is_told_once(cast: Cast) -> None:
    listed = otherwise(cast)
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
        assert NameDifference.objects.count() == 1


def test_a_corrected_roster_is_told_of_no_more(cast: Cast) -> None:
    listed = otherwise(cast)
    row = cast.a.students[0]
    row.name = row.name_key = WRITTEN
    row.save()
    assert told(cast) == []
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
        assert not NameDifference.objects.exists()


def test_the_next_list_that_writes_it_rightly_settles_it(cast: Cast) -> None:
    otherwise(cast)
    otherwise(cast, "张示远", issued_on=date(2026, 8, 30))
    assert told(cast) == []


def test_an_older_list_does_not_settle_what_a_newer_one_writes(cast: Cast) -> None:
    otherwise(cast, issued_on=date(2026, 8, 30))
    otherwise(cast, "张示远")
    assert told(cast) == [("张示远", "第2个字不同")]


def test_another_groups_list_settles_nothing(cast: Cast) -> None:
    otherwise(cast)
    orphans = SpecialGroup.objects.get(code="orphan")
    otherwise(cast, "张示远", group=orphans, issued_on=date(2026, 8, 30))
    assert told(cast) == [("张示远", "第2个字不同")]


def test_with_the_list_and_with_the_tag_it_goes(cast: Cast) -> None:
    listed = otherwise(cast)
    yesterday = clock.today() - timedelta(days=1)
    tags = SpecialGroupTag.objects.filter(student=cast.a.students[0])
    tags.update(valid_to=yesterday)
    assert told(cast) == []
    tags.update(valid_to=None)
    assert len(told(cast)) == 1
    with acting_for(cast.district):
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        assert not NameDifference.objects.exists()


def test_the_page_asks_no_more_for_many(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    otherwise(cast)
    client.get("/students/groups/")
    with CaptureQueriesContext(connection) as one:
        page(client, "groups")
    with acting_for(cast.school):
        more = [new_student(cast.a.school_class, "多示生") for _ in range(20)]
    with acting_for(cast.district):
        matched(cast, [("多例生", s.id_number.reveal()) for s in more])
    with CaptureQueriesContext(connection) as many:
        assert "21人" in page(client, "groups")
    assert len(many) == len(one)


# --- how many students a person listed may be


@pytest.mark.parametrize("same", [True, False])
def test_who_is_enrolled_at_two_schools_is_one_person(cast: Cast, same: bool) -> None:
    first = new_student(cast.a.school_class, "唯示一")
    with acting_for(cast.b.school):
        twin = new_student(cast.b.school_class, "唯示一", birth_date=first.birth_date)
        if same:
            twin.id_blind = first.id_blind
            twin.save()
    match(cast, person("唯示一", 身份证号码=NUMBER, 出生日期=str(first.birth_date)))
    with acting_for(cast.district):
        asked = MatchCandidate.objects.filter(student_id__in=(first.pk, twin.pk))
        likely = list(asked.values_list("likely", flat=True))
    assert likely == ([1, 1] if same else [2, 2])
