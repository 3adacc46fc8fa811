"""What schools are told of other schools' money and cards: each condition alone, by raw SQL."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from applications.models import Programme
from disbursement.models import AidCard, Award
from privacy.fields import blind_card
from schools import clock
from schools.models import School
from schools.scope import acting_for
from students.models import Student
from tests.cast import Cast, Staffed, student
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.test_duplicates import award_at_b

NUMBER, ANOTHER = "6200000000000000017", "6200000000000000025"
STATUSES = [("issued", True), ("active", True), ("lost", False), ("closed", False)]

# --- cards


def card(whose: Staffed, someone: Student, number: str = NUMBER, status: str = "issued") -> None:
    """A card as registered, in this status."""
    by = whose.operator.person
    now = clock.now()
    with acting_for(whose.school):
        row = AidCard(
            school=whose.school, student=someone, bank="示范银行", holder=someone.name,
            registered_by=by, registered_at=now, status=status, activate_by=by, activate_at=now,
            activated_on=date(2026, 9, 1), close_by=by, close_at=now,
        )  # fmt: skip
        row.number = number
        row.number_blind = blind_card(number)
        row.save()


def cards_asked(school: School) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM aid_cards_elsewhere(%s)", [school.pk])
        return [bytes(blind) for (blind,) in cursor.fetchall()]


@pytest.mark.parametrize(("status", "told"), STATUSES)
def test_cards_in_use_alone_are_compared(cast: Cast, status: str, told: bool) -> None:
    mine, theirs = cast.a.students[0], cast.b.students[0]
    card(cast.a, mine, status=status)
    card(cast.b, theirs)
    assert cards_asked(cast.school) == ([blind_card(NUMBER)] if told else [])
    with acting_for(cast.b.school):
        assert cards_asked(cast.b.school) == ([blind_card(NUMBER)] if told else [])


def test_a_card_is_told_once_and_to_its_own_school(cast: Cast) -> None:
    card(cast.a, cast.a.students[0])
    assert cards_asked(cast.school) == []
    card(cast.b, cast.b.students[1], ANOTHER)
    assert cards_asked(cast.school) == []
    card(cast.b, cast.b.students[0])
    card(cast.c, cast.c.students[0])
    assert cards_asked(cast.school) == [blind_card(NUMBER)]
    for asking in (cast.b.school, cast.c.school):
        assert cards_asked(asking) == [], "not in its name"
    with acting_for(cast.district):
        assert cards_asked(cast.school) == [blind_card(NUMBER)]
        assert cards_asked(cast.c.school) == []


def test_what_two_others_share_is_not_told_here(cast: Cast) -> None:
    card(cast.b, cast.b.students[0])
    card(cast.c, cast.c.students[0])
    card(cast.a, cast.a.students[0], ANOTHER)
    assert cards_asked(cast.school) == []


# --- programmes that exclude one another


@pytest.fixture
def other(its: Aid) -> Programme:
    """Not to be had with the grant."""
    made = cases.programme("other", name="雨露计划")
    its.programme.exclusive_with.add(made)
    return made


def excluded(its: Aid, *whom: Student) -> list[tuple[bytes, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity, other FROM aid_exclusive_elsewhere(%s, %s, %s, %s::bytea[])",
            [
                its.school.pk, its.programme.pk, its.term.pk,
                [bytes(s.id_blind) for s in whom or its.staffed.students],
            ],
        )  # fmt: skip
        return [(bytes(identity), programme) for identity, programme in cursor.fetchall()]


def test_only_what_excludes_the_asked_programme_counts(
    its: Aid, cast: Cast, other: Programme
) -> None:
    award_at_b(replace(its, programme=other), cast)
    assert excluded(its) == [(bytes(its.staffed.students[0].id_blind), other.pk)]
    # Another programme excludes it, the asked one excludes what nobody has.
    third, fourth = cases.programme("third"), cases.programme("fourth")
    third.exclusive_with.add(other)
    its.programme.exclusive_with.set([fourth])
    assert excluded(its) == []


def test_only_awards_that_stand_exclude(its: Aid, cast: Cast, other: Programme) -> None:
    by = cast.b.operator.person
    given = replace(its, programme=other)
    award_at_b(given, cast, status="revoked", revoke_at=clock.now(), revoke_by=by)
    assert excluded(its) == []


def enrolled_at_b_without_award(its: Aid, cast: Cast) -> Student:
    """Our second student is at B too; another one there has the award."""
    mine = its.staffed.students[1]
    with acting_for(cast.b.school):
        student(cast.b.school_class, mine.name, id_number=mine.id_number.reveal())
    return mine


def test_who_is_there_but_was_given_nothing_is_not_told(
    its: Aid, cast: Cast, other: Programme
) -> None:
    mine = enrolled_at_b_without_award(its, cast)
    award_at_b(replace(its, programme=other), cast)
    assert excluded(its, mine) == []
    assert awarded(its, mine) == []
    award_at_b(its, cast)
    assert awarded(its, mine) == []
    assert months(its, mine) == []


def test_two_terms_of_it_are_told_once(its: Aid, cast: Cast, other: Programme) -> None:
    Programme.objects.filter(pk=its.programme.pk).update(money_cadence="per_year")
    given = award_at_b(replace(its, programme=other), cast)
    copied(given, cast, instalment=2)
    assert len(excluded(its)) == 1


# --- the same programme


def copied(award: Award, cast: Cast, **facts: Any) -> None:
    """One more award of school B like this one."""
    with acting_for(cast.b.school):
        row = Award.objects.get(pk=award.pk)
        row.pk = None
        for name, value in facts.items():
            setattr(row, name, value)
        row.save(force_insert=True)


def asked(function: str, its: Aid, whom: tuple[Student, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM {function}(%s, %s, %s, %s::bytea[])",
            [
                its.school.pk, its.programme.pk, its.term.pk,
                [bytes(s.id_blind) for s in whom or its.staffed.students],
            ],
        )  # fmt: skip
        return [(bytes(row[0]), *row[1:]) for row in cursor.fetchall()]


def awarded(its: Aid, *whom: Student) -> list[tuple[Any, ...]]:
    return asked("aid_awarded_elsewhere", its, whom)


def months(its: Aid, *whom: Student) -> list[tuple[Any, ...]]:
    return asked("aid_months_elsewhere", its, whom)


def test_two_awards_elsewhere_are_told_once(its: Aid, cast: Cast) -> None:
    given = award_at_b(its, cast)
    copied(given, cast, instalment=2)
    first = bytes(its.staffed.students[0].id_blind)
    assert awarded(its) == [(first,)]
    assert months(its) == [(first, 0)]


def test_who_is_not_asked_for_is_not_told(its: Aid, cast: Cast) -> None:
    award_at_b(its, cast)
    assert awarded(its, *its.staffed.students[1:]) == []
    assert months(its, *its.staffed.students[1:]) == []


def test_revoked_elsewhere_is_not_had(its: Aid, cast: Cast) -> None:
    by = cast.b.operator.person
    award_at_b(its, cast, status="revoked", revoke_at=clock.now(), revoke_by=by)
    assert awarded(its) == []
    assert months(its) == []


# --- enrolled elsewhere


def test_one_s_own_rows_and_who_left_elsewhere_are_not_told(cast: Cast) -> None:
    mine = cast.a.students[0]
    with acting_for(cast.b.school):
        their = student(cast.b.school_class, mine.name, id_number=mine.id_number.reveal())

    def told(*whom: Student) -> list[bytes]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM aid_enrolled_elsewhere(%s, %s::bytea[])",
                [cast.school.pk, [bytes(s.id_blind) for s in whom]],
            )
            return [bytes(blind) for (blind,) in cursor.fetchall()]

    assert told(*cast.a.students) == [bytes(mine.id_blind)]
    with acting_for(cast.c.school):
        student(cast.c.school_class, mine.name, id_number=mine.id_number.reveal())
    assert told(mine) == [bytes(mine.id_blind)], "once, wherever"
    with acting_for(cast.c.school):
        Student.objects.filter(id_blind=mine.id_blind).update(status="left", left_on=TODAY)
    with acting_for(cast.b.school):
        Student.objects.filter(pk=their.pk).update(status="suspended")
        assert told() == []
    assert told(mine) == [bytes(mine.id_blind)]
    with acting_for(cast.b.school):
        Student.objects.filter(pk=their.pk).update(status="left", left_on=TODAY)
    assert told(mine) == []


TODAY = date(2026, 9, 1)
