"""What keeps a round from opening by itself, and how many days families have when it is late."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications import actions, navigation
from applications.models import AutoOpening, Programme, Round
from audit.refusal import Refused
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from tests.applications.policy import enacted
from tests.applications.terms import AUTUMN, last_year, next_autumn
from tests.applications.test_openings import BOTH, on, opened
from tests.cast import Cast


@pytest.mark.parametrize("changes", [{"kind": "grant"}, {"exclusive": ("senior_grant",)}])
def test_the_nations_does_not_open_beside_the_districts_own(
    cast: Cast, changes: dict[str, Any]
) -> None:
    last_year(cast.operator)
    term = next_autumn()
    national = Programme.objects.get(code="senior_grant")
    if "exclusive" in changes:
        changes = {"exclusive": (national.pk,)}
    own = enacted(cast.bureau_operator, cast.bureau_reviewer, **changes)
    set_scope(cast.school.pk)
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        (todo,) = navigation.todos(cast.operator)
        assert f"本校还可以开{cast.district}的“{own}”，两项可能重复" in todo.text
        with pytest.raises(Refused, match="两项可能重复"):
            actions.open_by_itself(school=cast.school, term=term, programme=national)


@pytest.mark.parametrize(
    "changes",
    [{}, {"kind": "grant", "stage": "junior"}, {"kind": "grant", "valid_to": date(2027, 7, 1)}],
)
def test_what_the_district_gives_otherwise_keeps_the_nations_from_nothing(
    cast: Cast, changes: dict[str, Any]
) -> None:
    last_year(cast.operator)
    next_autumn()
    enacted(cast.bureau_operator, cast.bureau_reviewer, **changes)
    on(AUTUMN)
    assert opened(cast) == BOTH


def test_what_should_have_opened_and_has_not_is_told_from_the_second_day(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    titles = ["开2027—2028学年的认定批次", "普通高中国家助学金2027年秋季学期还没有开"]
    for day, n in ((AUTUMN, 1), (date(2027, 9, 2), 2), (date(2027, 9, 15), 2)):
        with clock.at(day):
            todos = navigation.todos(cast.operator)
        assert [t.title for t in todos] == titles[:n]
    assert todos[1].text == "去年同一学期办过。应自动开而没有开，请打开批次。"


def test_a_window_that_cant_be_is_told(cast: Cast) -> None:
    last_year(cast.operator)
    term = next_autumn()
    # A year ago it began on the nineteenth working day; so long is this term not.
    Term.objects.filter(pk=term.pk).update(ends_on=date(2027, 9, 17))
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        (todo,) = navigation.todos(cast.operator)
    assert "申请开始在学期结束以后" in todo.text


SPRING = date(2028, 3, 1)


@pytest.mark.parametrize(("cadence", "n"), [("per_year", 1), ("per_term", 2)])
def test_what_is_given_once_a_year_opens_once_a_year(cast: Cast, cadence: str, n: int) -> None:
    own = enacted(cast.bureau_operator, cast.bureau_reviewer, money_cadence=cadence)
    set_scope(cast.school.pk)
    autumn = next_autumn()
    spring = Term.objects.create(
        code="2027-2", year=2027, half=2, starts_on=SPRING, ends_on=date(2028, 7, 14)
    )
    # A year ago in spring; this year the office opened it in autumn already.
    for term, day in ((Term.objects.get(code="2026-2"), date(2027, 3, 1)), (autumn, AUTUMN)):
        with clock.at(day):
            actions.open_programme_round(
                school=cast.school, term=term, programme=own, by=cast.operator
            )
    on(SPRING)
    set_scope(cast.school.pk)
    assert Round.objects.filter(programme=own, term__in=(autumn, spring)).count() == n


def test_a_corrected_first_day_opens_anew_what_was_taken_back(cast: Cast) -> None:
    term, wrong = next_autumn(), date(2027, 8, 2)
    Term.objects.filter(pk=term.pk).update(starts_on=wrong)
    on(wrong)
    set_scope(cast.school.pk)
    with clock.at(wrong):
        first = Round.objects.get(term=term)
        actions.take_back_round(round_=first, reason="开学日期填错了", by=cast.operator)
    on(date(2027, 8, 3))
    assert opened(cast) == []
    Term.objects.filter(pk=term.pk).update(starts_on=AUTUMN)
    for day in (date(2027, 8, 4), date(2027, 8, 31)):
        on(day)
        assert opened(cast) == []
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        actions.take_back_round(
            round_=Round.objects.get(term=term), reason="推迟", by=cast.operator
        )
    assert AutoOpening.objects.filter(take_back_at=None).count() == 0
    on(date(2027, 9, 2))
    assert opened(cast) == []


@pytest.mark.parametrize("handling", ["elsewhere", "universal"])
def test_the_database_opens_no_round_of_what_schools_do_not_handle(
    cast: Cast, handling: str
) -> None:
    national = Programme.objects.get(code="senior_grant")
    actions.open_programme_round(
        school=cast.school, term=cast.term, programme=national, by=cast.operator
    )
    other = Programme.objects.filter(managed_by=None, handling=handling).first()
    assert other is not None
    with (
        pytest.raises(IntegrityError, match="is not handled by schools"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE applications_round SET programme_id = %s WHERE programme_id = %s",
            [other.pk, national.pk],
        )
