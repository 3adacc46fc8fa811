"""What is known of a student on a day: each fact holds for him, this year and this moment alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from applications.models import Programme
from disbursement.models import Award
from disbursement.rules import Standing
from disbursement.standings import standings_of
from schools import clock
from students.models import SpecialGroup, Student
from tests.applications.scenes import tagged
from tests.disbursement import cases
from tests.disbursement.cases import Aid

TODAY = cases.PAY_DAY


def standing(its: Aid, n: int = 0, on: date = TODAY) -> Standing:
    """The first student's, asked together with all others."""
    students = list(Student.objects.select_related("school_class"))
    its.programme.refresh_from_db()
    return standings_of(students, its.programme, its.term, on)[its.staffed.students[n].pk]


@pytest.mark.parametrize(
    ("facts", "recognised"),
    [
        ({}, True),
        ({"grade": "general"}, True),
        ({"grade": "none"}, False),
        ({"year": 2025}, False),
        ({"valid_from": TODAY}, True),
        ({"valid_from": TODAY + timedelta(1)}, False),
        ({"valid_to": TODAY}, True),
        ({"valid_to": TODAY - timedelta(1)}, False),
    ],
)
def test_recognised_is_who_is_difficult_this_year_on_this_day(
    its: Aid, facts: dict[str, Any], recognised: bool
) -> None:
    cases.recognise(its, its.staffed.students[0], **facts)
    assert standing(its).recognised is recognised
    assert not standing(its, 1).recognised


def test_an_objection_holds_whom_it_is_about_until_it_is_answered(all_ready: Aid) -> None:
    someone = all_ready.staffed.students[0]
    objection = cases.object_to(all_ready, someone)
    assert [standing(all_ready, n).open_objections for n in (0, 1)] == [1, 0]
    objection.status, objection.conclusion = "dismissed", "核实无误"
    objection.answered_at, objection.answered_by = clock.now(), all_ready.staffed.reviewer.person
    objection.save()
    assert standing(all_ready).open_objections == 0


@pytest.mark.parametrize(
    ("ours", "theirs", "term", "held"),
    [
        ("per_term", "per_term", "2026-1", True),
        ("per_term", "per_term", "2026-2", False),
        ("per_term", "per_year", "2026-2", True),
        ("per_year", "per_term", "2026-2", True),
        ("per_year", "per_year", "2025-1", False),
        ("per_term", "per_year", "2025-1", False),
        ("monthly", "once", "2026-2", False),
    ],
)
def test_what_is_given_at_the_same_time_excludes(
    all_ready: Aid, ours: str, theirs: str, term: str, held: bool
) -> None:
    Programme.objects.filter(pk=all_ready.programme.pk).update(money_cadence=ours)
    other = cases.programme("subsidy", name="生活补助", money_cadence=theirs)
    all_ready.programme.exclusive_with.add(other)
    given = cases.aid(all_ready.staffed, other, term)
    cases.award_all(given, [cases.case(given, all_ready.staffed.students[0])])
    assert standing(all_ready).exclusive == (("生活补助",) if held else ())
    assert standing(all_ready, 1).exclusive == ()


@pytest.mark.parametrize(
    ("cadence", "term", "said"),
    [
        ("per_term", "2025-1", ""),
        ("monthly", "2026-2", ""),
        ("per_year", "2026-2", "2027年春季学期"),
        ("per_year", "2025-1", ""),
        ("once", "2026-2", "2027年春季学期"),
        ("once", "2025-1", "2025年秋季学期"),
    ],
)
def test_what_is_given_once_is_told_with_its_term(
    all_ready: Aid, cadence: str, term: str, said: str
) -> None:
    Programme.objects.filter(pk=all_ready.programme.pk).update(money_cadence=cadence)
    given = cases.aid(all_ready.staffed, all_ready.programme, term)
    # Another programme given in the other term is none of this one.
    beside = cases.aid(all_ready.staffed, cases.programme("beside", money_cadence=cadence), term)
    first, second, _ = all_ready.staffed.students
    (award,) = cases.award_all(given, [cases.case(given, first)])
    cases.award_all(beside, [cases.case(beside, second)])
    assert [standing(all_ready, n).awarded_in for n in (0, 1)] == [said, ""]
    # Nor what was taken back, nor this term's own.
    Award.objects.filter(pk=award.pk).update(
        status="revoked", revoke_at=clock.now(), revoke_by=all_ready.staffed.operator.person
    )
    cases.award_all(all_ready, [all_ready.round.cases.get(student=first)])
    assert standing(all_ready).awarded_in == ""


def test_who_boarded_then_is_asked_as_a_boarder(all_ready: Aid) -> None:
    all_ready.programme.day_groups = ["disabled"]
    all_ready.programme.save()
    students = list(Student.objects.select_related("school_class"))
    first, second = students[:2]
    found = standings_of(
        students, all_ready.programme, all_ready.term, TODAY, boarded={first.pk: "boarder"}
    )
    assert (found[first.pk].boarding, found[first.pk].not_meant) == ("boarder", ())
    assert found[second.pk].boarding == second.boarding == "day"
    assert len(found[second.pk].not_meant) == 1


@pytest.mark.parametrize(
    ("open_to", "groups", "found"),
    [
        ([], [], [False, False, False]),
        (["rural"], [], [True, False, False]),
        ([], ["dibao"], [False, True, False]),
        (["rural"], ["dibao"], [True, True, False]),
    ],
)
def test_a_trait_alone_may_be_enough_before_a_grade(
    its: Aid, open_to: list[str], groups: list[str], found: list[bool]
) -> None:
    its.programme.open_to = open_to
    its.programme.save()
    its.programme.open_groups.set(SpecialGroup.objects.filter(code__in=groups))
    first, second, _ = its.staffed.students
    Student.objects.filter(pk=first.pk).update(household="rural")
    tagged(second, "dibao")
    assert [standing(its, n).in_open_group for n in range(3)] == found
