"""Each figure of 年度经费 by hand: whom a line counts, by which word, and which lines there are."""

from datetime import date, timedelta

import pytest

from applications import queue
from applications.models import Programme, ProgrammeQuota
from disbursement.budget import Line, budget
from review.models import Recognition
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from students.models import SchoolClass, Student
from tests.applications.policy import enacted
from tests.applications.scenes import tagged
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid

# Of the nation's senior_grant, for whom 困难 is decided.
SECOND_TIER = 115_000


def lines(its: Aid) -> dict[str, Line]:
    set_scope(its.school.pk)
    return {n.programme.code: n for n in budget(its.school, its.term.year, clock.today())}


def need(its: Aid, code: str = "") -> tuple[int | None, int | None]:
    found = lines(its)[code or its.programme.code]
    return found.heads, found.needed_fen


def test_the_nations_is_needed_until_the_districts_own_begins(cast: Cast, all_ready: Aid) -> None:
    spring = Term.objects.get(code="2026-2").starts_on
    enacted(cast.bureau_operator, cast.bureau_reviewer, spring, kind="grant")
    assert need(all_ready, "senior_grant") == (3, 3 * SECOND_TIER)


@pytest.mark.parametrize("money", ["granted", "received", "none"])
def test_what_was_given_beside_the_districts_own_keeps_its_line(
    cast: Cast, its: Aid, money: str
) -> None:
    grant = Programme.objects.get(code="senior_grant")
    given = cases.aid(its.staffed, grant)
    found = [cases.ready(given, someone) for someone in its.staffed.students]
    enacted(cast.bureau_operator, cast.bureau_reviewer, kind="grant")
    set_scope(its.school.pk)
    if money == "granted":
        cases.award_all(given, found)
    if money == "received":
        cases.fund(given, 70_000)
    line = lines(its).get("senior_grant")
    if money == "none":
        assert line is None
        return
    assert line is not None
    assert (line.heads, line.needed_fen) == (0, 0)
    awarded = 3 * given.tier.amount_fen if money == "granted" else 0
    received = 70_000 if money == "received" else 0
    assert (line.granted_fen, line.received_fen, line.paid_fen) == (awarded, received, 0)


def test_the_money_of_both_terms_adds_up_and_of_no_other_year(all_ready: Aid) -> None:
    its = all_ready
    cases.fund(its, 100_000)
    cases.fund(cases.aid(its.staffed, its.programme, "2026-2"), 20_000)
    cases.fund(cases.aid(its.staffed, its.programme, "2025-2"), 3_000)
    line = lines(its)[its.programme.code]
    assert (line.received_fen, line.lacking_fen) == (120_000, 6 * AMOUNT - 120_000)


def test_the_grade_that_counts_is_the_one_that_has_not_ended(all_ready: Aid) -> None:
    first, second, _ = all_ready.staffed.students
    ended = date(2026, 10, 31)
    old = Recognition.objects.get(student=first)
    Recognition.objects.filter(student__in=(first, second)).update(valid_to=ended)
    # Regraded: what held before says nothing any more, whichever row is read last.
    regraded = Recognition.objects.get(pk=old.pk)
    regraded.pk, regraded.valid_from, regraded.valid_to = None, ended + timedelta(1), None
    regraded.grade = "special"
    regraded.save()
    assert need(all_ready, "senior_grant") == (2, 2 * (160_000 + SECOND_TIER))
    # And a grade of another year is none of this one.
    cases.recognise(all_ready, student(first.school_class, "去年示"), year=2025)
    assert need(all_ready, "senior_grant") == (2, 2 * (160_000 + SECOND_TIER))


@pytest.mark.parametrize(("ends", "counted"), [(-1, 0), (0, 1), (None, 1)])
def test_a_group_counts_while_its_tag_holds(its: Aid, ends: int | None, counted: int) -> None:
    waiver = Programme.objects.get(code="senior_waiver")
    waiver.tiers.create(
        code="one", label="免收", rank=1, amount_fen=80_000, valid_from="2026-01-01"
    )
    someone = its.staffed.students[0]
    Student.objects.filter(pk=someone.pk).update(household="rural")
    tag = tagged(someone, "dibao")
    if ends is not None:
        tag.valid_to = clock.today() + timedelta(ends)
        tag.save()
    assert need(its, "senior_waiver") == (counted, counted * 80_000 * 2)


@pytest.mark.parametrize(("years", "heads"), [([], 3), ([1, 3], 3), ([2, 3], 0)])
def test_a_programme_of_some_class_years_needs_for_them_alone(
    all_ready: Aid, years: list[int], heads: int
) -> None:
    Programme.objects.filter(pk=all_ready.programme.pk).update(years=years)
    assert need(all_ready) == (heads, heads * AMOUNT * 2)


def test_who_is_of_another_stage_is_not_counted(all_ready: Aid) -> None:
    its = all_ready
    junior = SchoolClass.objects.create(
        school=its.school, stage="junior", grade=1, number=1, name="初一（1）班"
    )
    cases.recognise(its, student(junior, "示初一"))
    assert need(its) == (3, 3 * AMOUNT * 2)
    Programme.objects.filter(pk=its.programme.pk).update(stage="junior")
    assert need(its) == (1, AMOUNT * 2)


AUTUMN_ALONE, FROM_SPRING = ("2020-09-01", "2027-02-28", 50_000), ("2027-03-01", None, 60_000)


@pytest.mark.parametrize(
    ("cadence", "tiers", "fen"),
    [
        # September to January, and March to July.
        ("monthly", [("2020-09-01", None, 10_000)], 10 * 10_000),
        ("monthly", [FROM_SPRING], 5 * 60_000),
        ("per_term", [AUTUMN_ALONE, FROM_SPRING], 110_000),
        # Once a year: by the standard of the term in which it begins.
        ("per_year", [AUTUMN_ALONE, FROM_SPRING], 50_000),
        ("once", [FROM_SPRING], 60_000),
    ],
)
def test_each_term_by_its_own_standard(
    all_ready: Aid, cadence: str, tiers: list[tuple[str, str | None, int]], fen: int
) -> None:
    made = cases.programme("prize", kind="relief", money_cadence=cadence)
    for n, (begins, ends, amount) in enumerate(tiers):
        made.tiers.create(
            code=f"t{n}", label="档", rank=1, amount_fen=amount, valid_from=begins, valid_to=ends
        )
    assert need(all_ready, made.code) == (3, 3 * fen)


def test_a_quota_is_paid_by_the_highest_standard(all_ready: Aid) -> None:
    prize = cases.programme("prize", kind="scholarship", needs_recognition=False)
    for rank, amount in ((1, 300_000), (2, 200_000)):
        prize.tiers.create(
            code=f"t{rank}",
            label="档",
            rank=rank,
            amount_fen=amount,
            valid_from=date(2020, 9, 1),
        )
    ProgrammeQuota.objects.create(school=all_ready.school, programme=prize, heads=2)
    assert need(all_ready, prize.code) == (2, 2 * 300_000 * 2)


def test_the_quota_of_a_round_is_that_of_its_school_and_programme(its: Aid, cast: Cast) -> None:
    beside = cases.aid(its.staffed, cases.programme("beside"))
    without = cases.aid(its.staffed, cases.programme("without"))
    for school, programme, heads in (
        (cast.b.school, its.programme, 9),
        (its.school, beside.programme, 5),
        (its.school, its.programme, 2),
    ):
        set_scope(school.pk)
        ProgrammeQuota.objects.create(school=school, programme=programme, heads=heads)
    set_scope(its.school.pk)
    found = [queue.quota_of(r) for r in (its.round, beside.round, without.round, its.recognition)]
    assert found == [2, 5, None, None]
