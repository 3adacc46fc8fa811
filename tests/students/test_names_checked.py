"""A name that a list writes otherwise is checked once; another way of writing is open again."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from office.desk import Todo
from schools.scope import acting_for
from students.actions import check_name, match_list, recall_check, withdraw_list
from students.models import NameCheck, NameDifference, SpecialGroup
from students.name_queue import names_checked, names_differing
from students.navigation import todos
from tests import database
from tests.cast import Cast
from tests.cast import student as new_student
from tests.racing import race, unguarded
from tests.students.pages import page
from tests.students.test_actions_lists import matched
from tests.students.test_names_that_differ import otherwise, told
from tests.students.test_navigation import fresh

LATER = date(2026, 8, 30)
OPEN = [("张示远", "第2个字不同")]


def check(cast: Cast, note: str = "户口簿") -> NameCheck:
    (row,) = names_differing(cast.school)
    return check_name(difference=row, note=note, by=cast.operator)


def test_what_was_checked_is_open_no_more_and_on_record(cast: Cast) -> None:
    listed = otherwise(cast)
    made = check(cast, " 户口簿 ")
    assert (made.status, made.checked_by, made.note) == ("holds", cast.operator.person, "户口簿")
    assert told(cast) == []
    ((row, found),) = names_checked(cast.school)
    assert (row.student, found) == (cast.a.students[0], made)
    event = Event.objects.get(verb="namecheck.check")
    assert (event.about_id, event.reason) == (cast.a.students[0].pk, "户口簿")
    assert event.facts == {"group": "dibao", "list": listed.pk, "differs": "第2个字不同"}


def test_matched_again_and_in_the_next_version_the_same_writing_stays_checked(cast: Cast) -> None:
    listed = otherwise(cast)
    (row,) = names_differing(cast.school)
    check(cast)
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
    assert told(cast) == []
    assert NameDifference.objects.get().pk == row.pk, "a page that was open stays good"
    newer = otherwise(cast, issued_on=LATER)
    assert told(cast) == []
    with acting_for(cast.district):
        withdraw_list(listed=newer, reason="名单有误", by=cast.bureau_reviewer)
        match_list(listed=listed, by=cast.bureau_operator)
    assert told(cast) == []


def test_a_next_version_with_another_name_opens_it_again(cast: Cast) -> None:
    otherwise(cast)
    check(cast)
    # In the same place as before: it is the name that counts, not where it differs.
    otherwise(cast, "张样远", issued_on=LATER)
    assert told(cast) == OPEN
    assert names_checked(cast.school) == []


def test_a_corrected_roster_that_still_differs_is_open_again(cast: Cast) -> None:
    listed = otherwise(cast)
    check(cast)
    row = cast.a.students[0]
    row.name = row.name_key = "张样远"
    row.save()
    with acting_for(cast.district):
        match_list(listed=listed, by=cast.bureau_operator)
    assert told(cast) == [("张样远", "第2个字不同")]


def test_the_same_writing_on_another_groups_list_is_checked_with_it(cast: Cast) -> None:
    otherwise(cast)
    otherwise(cast, group=SpecialGroup.objects.get(code="orphan"))
    first, second = names_differing(cast.school)
    check_name(difference=first, note="", by=cast.operator)
    assert told(cast) == []
    assert len(names_checked(cast.school)) == 1
    with pytest.raises(Refused, match="已经核对过"):
        check_name(difference=second, note="", by=cast.operator)


def owed(cast: Cast) -> list[Todo]:
    found = todos(fresh(cast.operator))
    return [todo for todo in found if "姓名" in todo.title]


def test_the_officer_is_reminded_of_each_child_once_until_it_is_checked(cast: Cast) -> None:
    otherwise(cast)
    otherwise(cast, group=SpecialGroup.objects.get(code="orphan"))
    (todo,) = owed(cast)
    assert (todo.title, todo.count, todo.place) == ("核对1人的姓名", 1, "students:groups")
    assert todo.url == reverse("students:groups") + "#names"
    made = check_name(difference=names_differing(cast.school)[0], note="", by=cast.operator)
    assert owed(cast) == []
    recall_check(check=made, by=cast.operator)
    assert len(owed(cast)) == 1
    assert todos(fresh(cast.reviewer)) == []


def test_the_desk_and_the_page_count_the_same_children(cast: Cast, sign_in: Any) -> None:
    otherwise(cast)
    otherwise(cast, group=SpecialGroup.objects.get(code="orphan"))
    shown = sign_in(cast.operator).get(reverse("students:groups")).content.decode()
    assert 'id="names"' in shown
    desk = sign_in(cast.operator).get("/").content.decode()
    assert "核对1人的姓名" in re.sub(r"[\u00a0\u2060]", "", desk)


def test_of_two_students_written_alike_each_is_checked(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, "张示远")
    people: Any = [("张例远", s.id_number.reveal()) for s in (cast.a.students[0], twin)]
    with acting_for(cast.district):
        matched(cast, people)
    first, second = names_differing(cast.school)
    assert first.written != second.written, "nobody sees from it who is written alike"
    check_name(difference=first, note="", by=cast.operator)
    assert [d.pk for d in names_differing(cast.school)] == [second.pk]


def test_taken_back_it_is_open_again_and_can_be_checked_anew(cast: Cast) -> None:
    otherwise(cast)
    made = check(cast)
    back = recall_check(check=made, by=cast.reviewer)
    assert (back.status, back.recall_by) == ("recalled", cast.reviewer.person)
    assert told(cast) == OPEN
    with pytest.raises(Refused, match="现在是“已撤回”"):
        recall_check(check=made, by=cast.operator)
    check(cast)
    assert told(cast) == []
    assert NameCheck.objects.count() == 2


def test_checking_is_refused_with_all_reasons(cast: Cast) -> None:
    listed = otherwise(cast)
    (row,) = names_differing(cast.school)
    check(cast)
    student = cast.a.students[0]
    student.name = student.name_key = "张样远"
    student.save()
    with pytest.raises(Refused) as refused:
        check_name(difference=row, note="", by=cast.reviewer)
    assert [r.text for r in refused.value.reasons] == [
        "姓名由本校资助专干（经办）核对",
        "名册上的姓名已经改过",
        "这个姓名已经核对过",
    ]
    with pytest.raises(Refused, match="由本校资助专干"):
        check_name(difference=row, note="", by=cast.b.operator)
    with pytest.raises(Refused, match="核对由本校经办、审核人或分管领导撤回"):
        recall_check(check=NameCheck.objects.get(), by=cast.a.finance)
    with acting_for(cast.district):
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
    with pytest.raises(Refused, match="名单刚刚重新比对过"):
        check_name(difference=row, note="", by=cast.operator)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("name_check_stamps", "status = 'recalled'"),
        ("name_check_stamps", "recall_at = now()"),
        ("name_check_stamps", "recall_by_id = checked_by_id"),
    ],
)
def test_the_database_refuses_half_a_mark(cast: Cast, constraint: str, change: str) -> None:
    otherwise(cast)
    check(cast)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE students_namecheck SET {change}")


def test_the_page_marks_and_takes_back(cast: Cast, sign_in: Any) -> None:
    listed = otherwise(cast)
    (row,) = names_differing(cast.school)
    mark = reverse("students:name_check", kwargs={"difference_id": row.pk})
    assert mark not in page(sign_in(cast.reviewer), "groups")
    operator = sign_in(cast.operator)
    assert mark in page(operator, "groups")
    said = operator.post(mark, {"note": "户口簿"}, follow=True).content.decode()
    assert "已记下张示远的姓名核对过" in said
    assert "名单与名册姓名不同" not in said
    assert "户口簿" in said.partition('id="checked"')[2]
    again = operator.post(mark)
    assert again.status_code == 409
    assert "已经核对过" in again.content.decode()
    bureau = sign_in(cast.bureau_operator)
    shown = bureau.get(reverse("students:list", kwargs={"list_id": listed.pk})).content.decode()
    assert "已核对1人" in re.sub(r"<[^>]+>", "", shown)
    back = reverse(
        "students:name_recall", kwargs={"check_id": NameCheck.objects.get(school=cast.school).pk}
    )
    operator = sign_in(cast.operator)
    assert "名单与名册姓名不同" in operator.post(back, follow=True).content.decode()
    assert operator.post(back).status_code == 409
    other = sign_in(cast.b.operator)
    assert other.post(mark).status_code == 404
    assert other.post(back).status_code == 404


def test_a_child_on_two_lists_is_one(cast: Cast, sign_in: Any) -> None:
    otherwise(cast)
    otherwise(cast, group=SpecialGroup.objects.get(code="orphan"))
    shown = page(sign_in(cast.operator), "groups").partition('id="names"')[2]
    assert "1人" in re.sub(r"<[^>]+>", "", shown.partition("</header>")[0])


def test_a_child_checked_in_two_ways_of_writing_is_one(cast: Cast, sign_in: Any) -> None:
    otherwise(cast)
    check(cast)
    otherwise(cast, "张样远", group=SpecialGroup.objects.get(code="orphan"))
    check(cast)
    shown = page(sign_in(cast.operator), "groups").partition('id="checked"')[2]
    assert "1人" in re.sub(r"<[^>]+>", "", shown.partition("</header>")[0])
    assert shown.partition("</table>")[0].count("/recall/") == 2


def test_the_page_asks_no_more_for_many(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    otherwise(cast)
    check(cast)
    client.get("/students/groups/")
    with CaptureQueriesContext(connection) as one:
        page(client, "groups")
    with acting_for(cast.school):
        more = [new_student(cast.a.school_class, "多示生") for _ in range(20)]
    with acting_for(cast.district):
        matched(cast, [("多例生", s.id_number.reveal()) for s in more])
    for row in names_differing(cast.school):
        check_name(difference=row, note="", by=cast.operator)
    with CaptureQueriesContext(connection) as many:
        assert "21人" in page(client, "groups")
    assert len(many) == len(one)


# --- at the same moment


def _open(cast: Cast) -> list[NameDifference]:
    """The same writing on two lists: two rows, one name to check."""
    otherwise(cast)
    otherwise(cast, group=SpecialGroup.objects.get(code="orphan"))
    return list(names_differing(cast.school))


@pytest.mark.race
def test_a_name_is_checked_once(committed: Cast) -> None:
    rows = _open(committed)
    outcome = race(
        lambda i: check_name(difference=rows[i % 2], note="", by=committed.operator),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_index_it_is_checked_several_times(
    committed: Cast, no_locks: None
) -> None:
    rows = _open(committed)
    with database.without("students_namecheck", "name_check_once"):
        won = unguarded(
            lambda i: check_name(difference=rows[i % 2], note="", by=committed.operator),
            organisation=committed.school,
        )
        assert won > 1


@pytest.mark.race
def test_a_mark_is_taken_back_once(committed: Cast) -> None:
    otherwise(committed)
    made = check(committed)
    outcome = race(
        lambda _: recall_check(check=made, by=committed.operator), organisation=committed.school
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_taken_back_several_times(committed: Cast, no_locks: None) -> None:
    otherwise(committed)
    made = check(committed)
    won = unguarded(
        lambda _: recall_check(check=made, by=committed.operator), organisation=committed.school
    )
    assert won > 1
