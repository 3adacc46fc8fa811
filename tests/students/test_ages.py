"""Limits of age that a school sets itself: with a reason, on the record, for risks and rosters."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from aidadmin.risks import region_of
from audit.models import Event
from audit.refusal import Refused
from schools.models import Stage
from schools.scope import acting_for
from students.actions import set_age_limit, stage_roster
from students.models import AgeLimit
from students.risk_queue import risks_of, shared_between
from tests.cast import Cast, school_class, student
from tests.database import without
from tests.racing import race, unguarded
from tests.students.rosters import row, workbook

WHY = "本校招收往届生和退役军人"


def put(cast: Cast, **changed: Any) -> AgeLimit:
    told: dict[str, Any] = {
        "stage": "senior",
        "least": 13,
        "most": 22,
        "seen": "13—20岁",
        "reason": WHY,
    }
    return set_age_limit(**{"organisation": cast.school, "by": cast.operator} | told | changed)


def test_who_is_too_old_by_the_schools_own_limits(cast: Cast) -> None:
    odd = student(cast.a.school_class, "年例岁", birth_date=date(2005, 8, 1))
    other = school_class(cast.school, cast.head_teacher, 7)
    other.stage = Stage.VOCATIONAL
    other.save(update_fields=["stage"])
    grown = student(other, "岁例年", birth_date=date(2005, 8, 1))

    def shown() -> set[int | None]:
        return {r.student_id for r in risks_of(cast.school) if r.kind.code == "age"}

    assert shown() == {odd.pk, grown.pk}
    put(cast)
    assert shown() == {grown.pk}
    put(cast, seen="13—22岁", most=18)
    (risk,) = (r for r in risks_of(cast.school) if r.student_id == odd.pk)
    assert risk.why.startswith("超龄")
    event = Event.objects.filter(verb="agelimit.set").latest("pk")
    assert (event.facts["before"], event.facts["after"]) == ("13—22岁", "13—18岁")
    assert event.reason == WHY


def test_a_roster_is_held_against_them_too(cast: Cast) -> None:
    def warned() -> bool:
        staged = stage_roster(
            school=cast.school, content=workbook([row(0)]), filename="a.xlsx", by=cast.operator
        )
        return any("不常见" in w["reason"] for w in staged.warnings)

    assert not warned()
    put(cast, most=15)
    assert warned()


def test_another_schools_limits_hold_only_there(cast: Cast) -> None:
    put(cast)
    with acting_for(cast.b.school):
        odd = student(cast.b.school_class, "年例岁", birth_date=date(2005, 8, 1))
        assert odd.pk in {r.student_id for r in risks_of(cast.b.school)}


def test_a_bureau_asks_by_the_stages_own_limits(cast: Cast, sign_in: Any) -> None:
    odd = student(cast.a.school_class, "年例岁", birth_date=date(2005, 8, 1))
    put(cast)
    assert odd.pk not in {r.student_id for r in risks_of(cast.school)}
    with acting_for(cast.district):
        found = shared_between(cast.district, [cast.a.school.pk, cast.b.school.pk])
        (row,) = (s for s in region_of(cast.district).schools if s.school == cast.school)
        shown = sign_in(cast.bureau_operator).get(reverse("risks")).content.decode()
    assert [r.student_id for r in found if r.kind.code == "age"] == [odd.pk]
    assert dict(row.cells)["年龄与学段不符"] == 1
    assert "学校自行放宽的也计入" in shown


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"least": 20, "most": 13}, "年龄范围不对"),
        ({"most": 61}, "年龄范围不对"),
        ({"stage": "college"}, "没有这个学段"),
        ({"reason": " "}, "没有写明原因"),
        ({"seen": "13—19岁"}, "打开之后改过"),
        ({"most": 20}, "没有要更改的内容"),
    ],
)
def test_what_can_not_be_is_refused(cast: Cast, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        put(cast, **changed)
    assert not AgeLimit.objects.exists()


def test_only_the_officer_of_the_school(cast: Cast) -> None:
    for by in (cast.reviewer, cast.b.operator, cast.bureau_operator):
        with pytest.raises(Refused, match="本校资助专干（经办）设定"):
            put(cast, by=by)


def test_the_way_through_the_page(cast: Cast, sign_in: Any) -> None:
    client, url = sign_in(cast.operator), reverse("students:ages")
    assert url in client.get(reverse("risks")).content.decode()
    assert "通常的范围" in client.get(url).content.decode()
    told = {"stage": "senior", "least": "13", "most": "22", "seen": "13—20岁", "reason": ""}
    assert "还没有写明原因" in client.post(url, told).content.decode()
    assert client.post(url, told | {"reason": WHY}).status_code == 302
    shown = client.get(url).content.decode()
    assert ("13—22岁" in shown, WHY in shown) == (True, True)
    reader = sign_in(cast.reviewer)
    assert "更改普通高中" not in reader.get(url).content.decode()
    said = reader.post(url, told | {"most": "30", "seen": "13—22岁", "reason": WHY})
    assert "年龄范围由本校资助专干（经办）设定" in said.content.decode()
    assert AgeLimit.objects.get().most == 22


@pytest.mark.race
@pytest.mark.parametrize("before", [False, True])
def test_of_many_who_set_one_does(committed: Cast, before: bool) -> None:
    seen = "13—20岁"
    if before:
        with acting_for(committed.school):
            seen = str(put(committed, most=19))
    won = race(lambda i: put(committed, most=21 + i % 8, seen=seen), organisation=committed.school)
    assert won == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_lock_and_key_many_set(committed: Cast) -> None:
    with without("students_agelimit", "age_limit_once"):
        won = unguarded(lambda i: put(committed, most=21 + i % 8), organisation=committed.school)
        assert won > 1
        with acting_for(committed.school):
            assert AgeLimit.objects.count() > 1
