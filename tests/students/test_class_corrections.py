"""A class is put right by its school's officer, with a reason, never over somebody else's word."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools.models import Appointment
from schools.tenancy import set_scope
from students.actions import add_class, correct_class
from students.models import SchoolClass, Student
from students.rules.classes import ClassFacts
from tests.cast import Cast
from tests.racing import race, unguarded

SignIn = Callable[[Appointment], Client]


def correct(cast: Cast, by: Appointment | None = None, **changed: Any) -> list[str]:
    row = cast.a.school_class
    now = ClassFacts.of(row)
    other = {k: changed.pop(k) for k in ("mark", "reason", "campus") if k in changed}
    facts = {"mark": now.mark(), "reason": "登记时写错了"} | other
    return correct_class(
        school_class=row, told=replace(now, **changed), by=by or cast.operator, **facts
    )


def test_what_was_wrong_is_changed_and_told(cast: Cast) -> None:
    assert correct(cast, major="会计", agri_major=True, campus="东校区") == [
        "major", "agri_major", "campus",
    ]  # fmt: skip
    row = SchoolClass.objects.get(pk=cast.a.school_class.pk)
    assert (row.major, row.agri_major, row.name) == ("会计", True, "高一（1）班")
    assert set(Student.objects.filter(school_class=row).values_list("campus", flat=True)) == {
        "东校区"
    }
    told = Event.objects.get(verb="class.correct")
    assert (told.facts["major"], told.facts["students"]) == (["", "会计"], 3)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "没有要更正的内容"),
        ({"mark": "x", "major": "会计"}, "在您打开之后改过"),
        ({"reason": "", "major": "会计"}, "没有写明更正的原因"),
        ({"major": "会" * 49}, "专业最多48个字"),
        ({"agri_major": True}, "涉农专业要填专业"),
        ({"grade": 4}, "年级不在这个学段里"),
        ({"number": 2}, "已有"),
    ],
)
def test_every_reason_against_it(cast: Cast, changed: dict[str, Any], said: str) -> None:
    add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    with pytest.raises(Refused, match=said):
        correct(cast, **changed)
    assert not Event.objects.filter(verb="class.correct").exists()


def test_only_the_officer_of_the_school(cast: Cast) -> None:
    with pytest.raises(Refused, match="班级由本校"):
        correct(cast, by=cast.reviewer, major="会计")


def test_from_the_page(cast: Cast, sign_in: SignIn) -> None:
    row = cast.a.school_class
    url = reverse("students:class_correct", args=[row.pk])
    assert sign_in(cast.reviewer).get(url).status_code == 403
    client = sign_in(cast.operator)
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value is not None}
    answer = client.post(url, data | {"number": 5, "reason": "班号登记错了"})
    assert answer.status_code == 302, answer.context["form"].errors
    set_scope(cast.school.pk)
    assert SchoolClass.objects.get(pk=row.pk).number == 5


# --- races ---


def correcting(cast: Cast) -> Callable[[int], object]:
    """Many opened the form at once and each names another major."""
    row = cast.a.school_class
    now = ClassFacts.of(row)
    return lambda i: correct_class(
        school_class=row,
        told=replace(now, major=f"专业{i}"),
        mark=now.mark(),
        reason="登记时写错了",
        by=cast.operator,
    )


@pytest.mark.race
def test_nobody_overwrites_who_was_first(committed: Cast) -> None:
    count = race(correcting(committed), organisation=committed.school)
    assert count == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="class.correct").count() == 1


@pytest.mark.race
def test_without_the_lock_the_last_overwrites_the_others(committed: Cast, no_locks: None) -> None:
    assert unguarded(correcting(committed), organisation=committed.school) > 1
    set_scope(committed.school.pk)
    assert Event.objects.filter(verb="class.correct").count() > 1
