"""The plain facts of one student: corrected with a reason, never over somebody else's word."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_phone
from schools.scope import acting_for
from students.actions import change_enrolment, correct_facts, reveal
from students.models import Student
from students.rules.facts import Facts
from tests.cast import Cast
from tests.racing import race, unguarded

PHONE, ADDRESS = "13900000001", "示范区示范镇1号"


def fresh(cast: Cast) -> Student:
    return Student.objects.get(pk=cast.a.students[0].pk)


def correct(cast: Cast, **changed: Any) -> list[str]:
    """As a form opened just now would send it."""
    row = fresh(cast)
    now = Facts.of(row)
    rest = {k: changed.pop(k) for k in ("drop", "mark", "reason", "by") if k in changed}
    told = replace(now, phone="", address="", disability="", household_address="")
    arguments: dict[str, Any] = {"mark": now.mark(), "reason": "搬家", "by": cast.operator} | rest
    return correct_facts(student=row, told=replace(told, **changed), **arguments)


def test_every_fact_is_written_and_only_names_are_recorded(cast: Cast) -> None:
    told = {
        "student_no": "20260001",
        "ethnicity": "回族",
        "native_place": "安徽省全椒县",
        "political_status": "共青团员",
        "household": "rural",
        "boarding": "boarder",
        "campus": "东 教学点",
        "entered_on": date(2025, 9, 1),
        "left_behind": True,
        "migrant": False,
        "phone": "139 0000 0001",
        "address": ADDRESS,
        "postcode": "239500",
        "household_address": "示范区样板村2号",
        "lifted_year": 2019,
        "disability": "视力残疾",
    }
    changed = correct(cast, **told)
    assert set(changed) == set(told)
    row = fresh(cast)
    assert Facts.of(row) == Facts(**told | {"phone": PHONE})  # type: ignore[arg-type]
    assert row.phone_blind == blind_phone(PHONE)
    event = Event.objects.get(verb="student.correct")
    assert (event.facts, event.reason) == ({"fields": changed}, "搬家")


def test_empty_sealed_facts_stay_until_they_are_dropped(cast: Cast) -> None:
    correct(cast, phone=PHONE, address=ADDRESS, disability="肢体残疾")
    assert correct(cast, campus="东教学点") == ["campus"]
    assert fresh(cast).phone.reveal() == PHONE
    assert correct(cast, drop=["phone", "disability"]) == ["phone", "disability"]
    row = fresh(cast)
    assert (row.phone.reveal(), row.phone_blind, row.address.reveal()) == ("", None, ADDRESS)
    assert not row.disability


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"phone": "12"}, "电话号码"),
        ({"phone": PHONE, "drop": ["phone"]}, "请只选一样"),
        ({"campus": "东" * 49}, "最多48个字"),
        ({"entered_on": date(2028, 1, 1)}, "太晚"),
        ({"entered_on": date(206, 9, 1)}, "太早，入学时不满3岁"),
        ({}, "没有要更改的内容"),
        ({"campus": "东", "reason": " "}, "没有写明更改的原因"),
        ({"campus": "东", "mark": "0" * 64}, "打开之后改过"),
    ],
)
def test_what_can_not_be_is_refused(cast: Cast, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        correct(cast, **changed)


def test_only_the_operator_and_only_while_here(cast: Cast) -> None:
    for by in (cast.reviewer, cast.head_teacher, cast.b.operator):
        with pytest.raises(Refused, match="由本校"):
            correct(cast, campus="东", by=by)
    change_enrolment(
        student=fresh(cast), kind="withdraw", on=date(2026, 9, 1), reason="退学", by=cast.operator
    )
    with pytest.raises(Refused, match="已离校"):
        correct(cast, campus="东")


def test_the_mark_tells_nothing_and_follows_every_fact(cast: Cast) -> None:
    now = Facts.of(fresh(cast))
    others = [replace(now, phone=PHONE), replace(now, migrant=True), replace(now, campus="东")]
    assert len({f.mark() for f in [now, *others]}) == 4
    assert now.mark() == Facts.of(fresh(cast)).mark()


def test_a_disability_is_shown_to_few_and_for_a_reason(cast: Cast, sign_in: Any) -> None:
    correct(cast, disability="肢体残疾")
    row = fresh(cast)
    asked: dict[str, Any] = {"student": row, "field": "disability", "reason": "核对残疾证"}
    assert reveal(**asked, by=cast.head_teacher) == "肢体残疾"
    with pytest.raises(Refused, match="只有资助办"):
        reveal(**asked, by=cast.a.finance)
    address = reverse("students:student", kwargs={"student_id": row.pk})
    seen = sign_in(cast.operator).get(address).content.decode()
    assert "残疾类型" in seen
    assert "肢体残疾" not in seen
    assert "残疾类型" not in sign_in(cast.a.finance).get(address).content.decode()


def test_the_way_through_the_page(cast: Cast, sign_in: Any) -> None:
    correct(cast, address=ADDRESS, left_behind=True)
    address = reverse("students:facts", kwargs={"student_id": cast.a.students[0].pk})
    client = sign_in(cast.operator)
    page = client.get(address)
    assert ADDRESS not in page.content.decode()
    form = page.context["form"]
    told = {n: form[n].value() or "" for n in form.fields} | {"drop": []}
    told |= {"left_behind": "1", "migrant": "0", "campus": "东教学点", "reason": "核对"}
    stale = dict(told)
    client.post(address, told)
    row = fresh(cast)
    assert (row.campus, row.migrant, row.left_behind) == ("东教学点", False, True)
    assert row.address.reveal() == ADDRESS
    again = client.post(address, stale | {"campus": "西教学点"})
    assert "请重新打开这一页" in again.content.decode()
    assert fresh(cast).campus == "东教学点"
    seen = client.get(reverse("students:student", kwargs={"student_id": row.pk}))
    assert "东教学点" in seen.content.decode()


def test_what_is_not_touched_on_the_page_stays(cast: Cast, sign_in: Any) -> None:
    correct(cast, left_behind=True, migrant=False, household="rural", phone=PHONE)
    before = Facts.of(fresh(cast))
    address = reverse("students:facts", kwargs={"student_id": cast.a.students[0].pk})
    client = sign_in(cast.operator)
    form = client.get(address).context["form"]
    told = {n: form[n].value() or "" for n in form.fields} | {"drop": [], "reason": "登记学号"}
    client.post(address, told | {"student_no": "20260001"})
    assert Facts.of(fresh(cast)) == replace(before, student_no="20260001")


def test_others_do_not_open_the_page(cast: Cast, sign_in: Any) -> None:
    address = reverse("students:facts", kwargs={"student_id": cast.a.students[0].pk})
    assert sign_in(cast.reviewer).get(address).status_code == 403
    with acting_for(cast.b.school):
        assert sign_in(cast.b.operator).get(address).status_code == 404


def _correct(cast: Cast) -> Any:
    row = cast.a.students[0]
    now = Facts.of(fresh(cast))

    def act(i: int) -> object:
        told = replace(now, campus=f"第{i}教学点", phone="")
        return correct_facts(
            student=row, told=told, mark=now.mark(), reason="搬家", by=cast.operator
        )

    return act


@pytest.mark.race
def test_one_correction_wins(committed: Cast) -> None:
    outcome = race(_correct(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="student.correct").count() == 1


@pytest.mark.race
def test_without_the_lock_the_last_correction_overwrites(committed: Cast, no_locks: None) -> None:
    assert unguarded(_correct(committed), organisation=committed.school) > 1
    assert Event.objects.filter(verb="student.correct").count() > 1
