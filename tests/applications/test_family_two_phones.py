"""Two phones on the same page of one family's form: each of the five pages tells both versions."""

from typing import Any

import pytest
from django.test import Client

from applications import actions
from applications.models import HouseholdMember, Round
from schools.tenancy import set_scope
from tests.applications.test_family_views import FATHER, SIGNED, WHO, fill, mark, send
from tests.cast import Cast

PAGES: dict[str, tuple[dict[str, str], dict[str, str], tuple[str, str]]] = {
    "who": ({**WHO, "name": "张样甲"}, {**WHO, "name": "张样乙"}, ("张样甲", "张样乙")),
    "income": (
        {"students_in_family": "1", "income_source": "做小生意"},
        {"students_in_family": "1", "income_source": "务农"},
        ("做小生意", "务农"),
    ),
    "hardship": ({"debt": "看病欠四万"}, {"debt": "建房欠五万"}, ("看病欠四万", "建房欠五万")),
    "papers": (
        {**SIGNED, "reason": "甲写的理由"},
        {**SIGNED, "reason": "乙写的理由"},
        ("甲写的理由", "乙写的理由"),
    ),
}


@pytest.fixture
def phones(cast: Cast) -> tuple[Client, Client]:
    """Two phones that came in with the same letter, after the form was filled in once."""
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    first, second = Client(), Client()
    code = issued(cast, round_)
    for n, client in enumerate((first, second)):
        client.cookies["family"] = entered(cast, code, n)
    fill(first)
    return first, second


def issued(cast: Cast, round_: Round) -> str:
    school_class = cast.a.students[0].school_class
    code = actions.issue_code(round_=round_, school_class=school_class, by=cast.head_teacher)
    typed: str = code.code.reveal()
    return typed


def entered(cast: Cast, code: str, n: int) -> str:
    child = cast.a.students[0]
    token = actions.enter(
        code=code, name=child.name, tail=child.id_number.reveal()[-6:], address=f"192.0.2.{n}"
    )
    assert token is not None
    return token


def mark_of(answer: Any) -> str:
    body = answer.content.decode()
    return str(body.split('name="mark" value="')[1].split('"')[0])


@pytest.mark.parametrize("page", PAGES)
def test_both_versions_are_told_and_the_second_may_insist(
    phones: tuple[Client, Client], page: str
) -> None:
    first, second = phones
    theirs, mine, told = PAGES[page]
    opened = mark(second, page)
    assert send(first, page, theirs).status_code == 302
    answer = second.post(f"/f/form/{page}/", {**mine, "mark": opened})
    assert answer.status_code == 409
    assert "刚在别处改过" in answer.content.decode()
    assert all(words in answer.content.decode() for words in told)
    insisted = second.post(f"/f/form/{page}/", {**mine, "mark": mark_of(answer)})
    assert insisted.status_code == 302
    assert told[1] in second.get(f"/f/form/{page}/").content.decode()


def test_a_member_added_on_another_phone_stands_beside_the_one_that_is_not_kept_yet(
    cast: Cast, phones: tuple[Client, Client]
) -> None:
    first, second = phones
    opened = mark(second, "members")
    send(first, "members", {**FATHER, "name": "刘样可", "relation": "母亲", "add": "1"})
    mine = {**FATHER, "name": "张样奶", "relation": "祖母", "add": "1"}
    answer = second.post("/f/form/members/", {**mine, "mark": opened})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "家庭成员刚在别处改过" in body
    assert "刘样可" in body
    assert 'value="张样奶"' in body
    kept = second.post("/f/form/members/", {**mine, "mark": mark_of(answer)})
    assert kept.status_code == 302
    set_scope(cast.school.pk)
    assert HouseholdMember.objects.count() == 3


def test_one_member_changed_on_both_phones_is_told_field_by_field(
    cast: Cast, phones: tuple[Client, Client]
) -> None:
    first, second = phones
    set_scope(cast.school.pk)
    member = str(HouseholdMember.objects.get().pk)
    opened = mark(second, "members")
    theirs = {**FATHER, "occupation": "开货车", "member": member, "add": "1"}
    send(first, "members", theirs)
    mine = {**FATHER, "occupation": "保安", "member": member, "add": "1"}
    answer = second.post("/f/form/members/", {**mine, "mark": opened})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "开货车" in body
    assert "保安" in body
    assert f'name="member" value="{member}"' in body
    insisted = second.post("/f/form/members/", {**mine, "mark": mark_of(answer)})
    assert insisted.status_code == 302
    set_scope(cast.school.pk)
    assert HouseholdMember.objects.get().occupation == "保安"


def test_a_member_taken_out_on_another_phone_is_offered_as_a_new_one(
    cast: Cast, phones: tuple[Client, Client]
) -> None:
    first, second = phones
    set_scope(cast.school.pk)
    member = str(HouseholdMember.objects.get().pk)
    opened = mark(second, "members")
    send(first, "members", {"drop": member})
    mine = {**FATHER, "age": "44", "member": member, "add": "1", "mark": opened}
    answer = second.post("/f/form/members/", mine)
    assert answer.status_code == 409
    assert "家庭成员刚在别处改过" in answer.content.decode()
    assert 'name="member"' not in answer.content.decode()
