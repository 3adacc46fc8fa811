"""Limits of age that a bureau sets: for its schools, unless one has set its own."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aidadmin.risks import allowed_of, region_of
from audit.models import Event
from audit.refusal import Refused
from schools.models import Bureau, Organisation, Stage
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.actions import drop_age_limit, set_age_limit, stage_roster
from students.models import AgeLimit, Student
from students.risk_queue import allowed_ages, risks_of
from students.rules.limits import ages_of
from tests.aidadmin import scenes
from tests.cast import Cast, student
from tests.database import without
from tests.racing import race, unguarded
from tests.students.rosters import row, workbook
from tests.students.test_ages import WHY, put

POLICY = "本市中学面向社会人员招生"
GROWN = date(2005, 8, 1)


def of_district(cast: Cast, **changed: Any) -> AgeLimit:
    with acting_for(cast.district):
        told = {"organisation": cast.district, "by": cast.bureau_operator, "reason": POLICY}
        return put(cast, **told | changed)


def of_city(cast: Cast, **changed: Any) -> AgeLimit:
    with acting_for(cast.city):
        told = {"organisation": cast.city, "by": cast.city_operator, "reason": POLICY}
        return put(cast, **told | changed)


def drop(cast: Cast, **changed: Any) -> str:
    told: dict[str, Any] = {
        "organisation": cast.school,
        "by": cast.operator,
        "stage": "senior",
        "reason": WHY,
    }
    return drop_age_limit(**{"seen": "13—22岁"} | told | changed)


def holding(organisation: Organisation) -> tuple[int, int]:
    with acting_for(organisation):
        return ages_of(organisation).holding()[Stage.SENIOR]


def counted(cast: Cast, bureau: Bureau) -> int:
    """How many of unusual age the bureau counts at school A."""
    with acting_for(bureau):
        (line,) = (s for s in region_of(bureau).schools if s.school.pk == cast.school.pk)
        return dict(line.cells)["年龄与学段不符"]


@pytest.fixture
def grown(cast: Cast) -> Student:
    """21 on 1 September."""
    return student(cast.a.school_class, "年例岁", birth_date=GROWN)


def shown(cast: Cast) -> set[int | None]:
    return {r.student_id for r in risks_of(cast.school) if r.kind.code == "age"}


# --- which of several -----------------------------------------------------------------------------


def test_the_nearest_holds(cast: Cast) -> None:
    assert holding(cast.school) == (13, 20)
    of_city(cast, most=23)
    assert {holding(o) for o in (cast.city, cast.district, cast.school)} == {(13, 23)}
    of_district(cast, most=22, seen="13—23岁")
    assert [holding(o) for o in (cast.city, cast.district, cast.school, cast.b.school)] == [
        (13, 23), (13, 22), (13, 22), (13, 22),
    ]  # fmt: skip
    assert holding(cast.c.school) == (13, 23), "the other district has none"
    put(cast, most=19, seen="13—22岁")
    assert (holding(cast.school), holding(cast.b.school)) == ((13, 19), (13, 22))
    assert drop(cast, seen="13—19岁") == "13—22岁"
    assert holding(cast.school) == (13, 22)
    with acting_for(cast.district):
        gone = drop(cast, organisation=cast.district, by=cast.bureau_operator, seen="13—22岁")
    assert (gone, holding(cast.school)) == ("13—23岁", (13, 23))


def test_one_stage_says_nothing_of_another(cast: Cast) -> None:
    of_district(cast)
    with acting_for(cast.school):
        found = ages_of(cast.school).holding()
    assert (found[Stage.SENIOR], found[Stage.VOCATIONAL]) == ((13, 22), (13, 20))


def test_a_schools_superior_sets_them_and_not_its_territory(cast: Cast) -> None:
    placed = scenes.school(cast.city, cast.district, 21, name="市属中学")
    of_district(cast)
    assert holding(placed.school) == (13, 20)
    of_city(cast, most=24)
    assert holding(placed.school) == (13, 24)


def test_the_page_and_the_roster_go_by_them(cast: Cast, grown: Student) -> None:
    assert shown(cast) == {grown.pk}
    of_district(cast)
    assert shown(cast) == set()
    of_district(cast, most=15, seen="13—22岁")
    assert grown.pk in shown(cast)
    staged = stage_roster(
        school=cast.school, content=workbook([row(0)]), filename="a.xlsx", by=cast.operator
    )
    assert any("不常见" in w["reason"] for w in staged.warnings)


# --- who asks on ----------------------------------------------------------------------------------


def test_those_above_ask_by_their_own(cast: Cast, grown: Student) -> None:
    of_district(cast)
    assert (counted(cast, cast.district), counted(cast, cast.city)) == (0, 1)
    # The school is asked for a word, since the city still counts him.
    assert [s.risk.student_id for s in allowed_of(cast.school)] == [grown.pk]
    of_city(cast)
    assert (counted(cast, cast.city), allowed_ages(cast.school)) == (0, [])


def test_stricter_ages_of_a_bureau_are_asked_about_too(cast: Cast) -> None:
    put(cast, most=21)
    odd = student(cast.a.school_class, "例年岁", birth_date=date(2007, 8, 1))
    assert allowed_ages(cast.school) == []
    of_district(cast, most=18)
    assert [r.student_id for r in allowed_ages(cast.school)] == [odd.pk]
    assert (counted(cast, cast.district), counted(cast, cast.city)) == (1, 0)


def test_of_a_territory_too(cast: Cast) -> None:
    """The district in which a city's school lies counts it, by the district's ages."""
    placed = scenes.school(cast.city, cast.district, 21, name="市属中学")
    with acting_for(placed.school):
        Student.objects.filter(school=placed.school).update(birth_date=GROWN)
        pupils = Student.objects.filter(school=placed.school).count()
    of_city(cast)
    of_district(cast, seen="13—22岁", most=18)
    with acting_for(placed.school):
        assert len(allowed_ages(placed.school)) == pupils
    of_district(cast, seen="13—18岁", most=23)
    with acting_for(placed.school):
        assert allowed_ages(placed.school) == []


def test_a_territory_alone_that_is_stricter_asks_for_a_word(cast: Cast, sign_in: Any) -> None:
    placed = scenes.school(cast.city, cast.district, 21, name="市属中学")
    of_district(cast, most=18)
    with acting_for(placed.school):
        Student.objects.filter(school=placed.school).update(birth_date=date(2007, 8, 1))
        pupils = Student.objects.filter(school=placed.school).count()
    page = sign_in(placed.operator).get(reverse("risks"))
    assert (page.context["allowed_total"], page.context["limits"]) == (pupils, "")


def test_the_word_names_who_set_them(cast: Cast, grown: Student, sign_in: Any) -> None:
    of_district(cast)
    page = sign_in(cast.operator).get(reverse("risks"))
    assert page.context["limits"] == (
        f"本校年龄范围：普通高中13—22岁，{POLICY}（{cast.district.name}设定）"
    )


def test_more_bureaus_cost_no_more_queries(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            ages_of(cast.school).asked_above()
        return len(asked)

    few = cost()
    of_district(cast)
    of_city(cast)
    assert (few, cost()) == (3, 3)


# --- who sets them --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", [lambda c: c.bureau_reviewer, lambda c: c.city_operator, lambda c: c.operator]
)
def test_the_bureaus_own_officer_alone(cast: Cast, who: Callable[[Cast], Any]) -> None:
    with pytest.raises(Refused, match="由本局资助中心经办设定"):
        of_district(cast, by=who(cast))
    of_district(cast)
    with acting_for(cast.district), pytest.raises(Refused, match="由本局资助中心经办设定"):
        drop(cast, organisation=cast.district, by=who(cast))
    with pytest.raises(Refused, match="由本校资助专干"):
        put(cast, by=cast.bureau_operator, seen="13—22岁")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seen": "13—21岁"}, "打开之后改过"),
        ({"stage": "junior"}, "打开之后改过"),
        ({"reason": " "}, "没有写明原因"),
        ({"by": "reviewer"}, "本校资助专干"),
    ],
)
def test_what_can_not_be_given_up(cast: Cast, changed: dict[str, Any], said: str) -> None:
    put(cast)
    if "by" in changed:
        changed = {"by": cast.reviewer}
    with pytest.raises(Refused, match=said):
        drop(cast, **changed)
    assert AgeLimit.objects.filter(organisation=cast.school).count() == 1


def test_both_are_on_record(cast: Cast) -> None:
    of_district(cast)
    with acting_for(cast.district):
        drop(cast, organisation=cast.district, by=cast.bureau_operator)
        events = list(Event.objects.filter(verb__startswith="agelimit").order_by("seq"))
    assert [(e.verb, e.facts["before"], e.facts["after"]) for e in events] == [
        ("agelimit.set", "13—20岁", "13—22岁"), ("agelimit.drop", "13—22岁", "13—20岁"),
    ]  # fmt: skip
    assert [e.reason for e in events] == [POLICY, WHY]
    assert {e.organisation_id for e in events} == {cast.district.pk}


def test_the_walls(cast: Cast) -> None:
    mine = put(cast)
    made = of_district(cast)

    def seen_by(organisation: Organisation) -> set[int]:
        with acting_for(organisation):
            return set(AgeLimit.objects.values_list("pk", flat=True))

    assert (
        seen_by(cast.school) == seen_by(cast.district) == seen_by(cast.city) == {mine.pk, made.pk}
    )
    # What a bureau sets is policy; what a school sets is its own and its bureaus'.
    assert seen_by(cast.b.school) == seen_by(cast.other_district) == {made.pk}
    set_scope(None)
    assert not AgeLimit.objects.exists()
    for who, of in ((cast.school, made), (cast.district, mine), (cast.city, made)):
        with acting_for(who):
            theirs = AgeLimit.objects.filter(pk=of.pk)
            assert theirs.update(most=40) == 0
            assert theirs.delete()[0] == 0
            copy = theirs.get()
            copy.pk, copy.stage = None, Stage.PRIMARY
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                copy.save(force_insert=True)


# --- the page -------------------------------------------------------------------------------------


def test_the_bureaus_way_through_the_page(cast: Cast, sign_in: Any) -> None:
    put(cast)
    client, url = sign_in(cast.bureau_operator), reverse("students:ages")
    assert url in client.get(reverse("risks")).content.decode()
    page = client.get(url).content.decode()
    assert cast.school.name in page, "what schools set for themselves"
    assert WHY in page
    told = {"stage": "primary", "least": "5", "most": "14", "seen": "5—13岁", "reason": POLICY}
    assert client.post(url, told).status_code == 302
    page = client.get(url).content.decode()
    assert "5—14岁" in page
    assert '恢复通常的<b class="nb">5—13岁</b>' in page
    other = sign_in(cast.other_bureau_operator).get(url).content.decode()
    assert cast.school.name not in other
    assert "都沿用本局" in other
    reader = sign_in(cast.bureau_reviewer)
    assert "保存" not in reader.get(url).content.decode()
    assert reader.post(url, told | {"seen": "5—14岁", "most": "15"}).status_code == 200
    client = sign_in(cast.bureau_operator)
    gone = told | {"seen": "5—14岁", "drop": "1"}
    assert client.post(url, gone).status_code == 302
    assert "打开之后改过" in client.post(url, gone).content.decode()
    assert "5—14岁" not in client.get(url).content.decode()


def test_the_school_is_told_whose_they_are(cast: Cast, sign_in: Any) -> None:
    client, url = sign_in(cast.operator), reverse("students:ages")
    assert "通常的范围" in client.get(url).content.decode()
    of_district(cast)
    page = client.get(url).content.decode()
    assert cast.district.name in page
    assert POLICY in page
    told = {"stage": "senior", "least": "13", "most": "24", "seen": "13—22岁", "reason": WHY}
    assert client.post(url, told).status_code == 302
    page = client.get(url).content.decode()
    assert "本校" in page
    assert f'恢复{cast.district.name}设定的<b class="nb">13—22岁</b>' in page
    refused = client.post(url, told | {"seen": "13—24岁", "most": "9"}).content.decode()
    assert 'id="set-senior" aria-labelledby="set-senior-title" data-open' in refused
    assert f'value="{WHY}"' in refused, "what was typed is kept"


# --- races ----------------------------------------------------------------------------------------


@pytest.mark.race
def test_of_many_who_give_up_one_does(committed: Cast) -> None:
    with acting_for(committed.school):
        put(committed)
    won = race(lambda _: drop(committed), organisation=committed.school)
    assert won == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_many_give_up(committed: Cast) -> None:
    with acting_for(committed.school):
        put(committed)
    assert unguarded(lambda _: drop(committed), organisation=committed.school) > 1


@pytest.mark.race
def test_of_many_who_set_for_a_bureau_one_does(committed: Cast) -> None:
    won = race(
        lambda i: set_age_limit(
            organisation=committed.district, stage="senior", least=13, most=21 + i % 8,
            seen="13—20岁", reason=POLICY, by=committed.bureau_operator,
        ),
        organisation=committed.district,
    )  # fmt: skip
    assert won == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_key_many_set_for_a_bureau(committed: Cast) -> None:
    with without("students_agelimit", "age_limit_once"):
        won = unguarded(
            lambda i: set_age_limit(
                organisation=committed.district, stage="senior", least=13, most=21 + i % 8,
                seen="13—20岁", reason=POLICY, by=committed.bureau_operator,
            ),
            organisation=committed.district,
        )  # fmt: skip
        assert won > 1
        with acting_for(committed.district):
            AgeLimit.objects.all().delete()
