"""Who applied last year and has not this year is asked, and need not begin anew."""

from datetime import date

import pytest
from django.urls import reverse

from applications import actions, navigation, queue
from applications.models import Application, HouseholdMember, Round
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from tests.applications import family, scenes
from tests.applications.test_form_sheets import SignIn
from tests.cast import Cast


@pytest.fixture
def last_year(cast: Cast) -> Round:
    """Two of three students handed in a year ago."""
    term = Term.objects.get(code="2025-1")
    with clock.at(clock.office_opens(term.starts_on)):
        round_ = actions.open_recognition_round(school=cast.school, term=term, by=cast.operator)
        for student in cast.a.students[:2]:
            scenes.handed_in(round_, student, cast.head_teacher, signed=term.starts_on)
        third = cast.a.students[2]
        scenes.entered(round_, third, cast.head_teacher, signed=term.starts_on)
    return round_


def test_what_last_year_was_is_said_before_opening(
    cast: Cast, last_year: Round, sign_in: SignIn
) -> None:
    found = queue.last_recognition(cast.school, cast.term)
    assert found is not None
    assert (found.round, found.submitted, found.present) == (last_year, 2, 2)
    page = sign_in(cast.operator).get(reverse("applications:open_round")).text
    assert "去年同一批次" in page
    assert reverse("applications:round", args=[last_year.pk]) in page


def test_they_are_asked_until_they_apply_or_the_window_is_over(
    cast: Cast, last_year: Round, sign_in: SignIn
) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    first, second = cast.a.students[:2]
    assert set(queue.renewals(round_, cast.head_teacher)) == {first, second}
    assert not queue.renewals(round_, cast.b.head_teacher).exists()
    asked = [t for t in navigation.todos(cast.head_teacher) if "去年申请过" in t.title]
    assert [t.count for t in asked] == [2]
    client = sign_in(cast.head_teacher)
    page = client.get(asked[0].url).text
    assert page.count("从去年的开始填") == 2
    assert (
        "去年申请、今年还没有" in client.get(reverse("applications:round", args=[round_.pk])).text
    )
    begun = client.get(reverse("applications:enter", args=[round_.pk, first.pk])).text
    assert "已带入去年填的家庭情况" in begun
    # A year older than they were: 43 and 41.
    assert 'value="44"' in begun
    assert 'value="43"' not in begun
    set_scope(cast.school.pk)
    scenes.entered(round_, first, cast.head_teacher)
    assert set(queue.renewals(round_, cast.head_teacher)) == {second}
    with clock.at(clock.office_opens(date(2026, 9, 20))):
        titles = [t.title for t in navigation.todos(cast.head_teacher)]
    assert not [t for t in titles if "去年申请过" in t]


def test_a_family_finds_its_members_a_year_older(cast: Cast, last_year: Round) -> None:
    HouseholdMember.objects.filter(name="刘样可").update(age=0)
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    visit = family.visit(round_, cast.a.students[0], cast.head_teacher)
    row = actions.save_who(
        visit=visit, told=family.WHO, consents=True, mark=family.mark(visit, "who")
    )
    members = HouseholdMember.objects.filter(survey__application=row).order_by("pk")
    # Who gave no age last year gives none now.
    assert list(members.values_list("name", "age")) == [("张样泽", 44), ("刘样可", 0)]


def test_two_years_ago_is_no_renewal(cast: Cast, last_year: Round) -> None:
    Application.objects.filter(round=last_year, student=cast.a.students[0]).update(
        status="withdrawn"
    )
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    assert set(queue.renewals(round_, cast.operator)) == {cast.a.students[1]}
