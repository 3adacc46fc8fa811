"""Stopping and resuming by the month: who was away a whole month is not paid for it."""

from datetime import date

import pytest

from applications.models import Programme
from audit.refusal import Refused
from disbursement import actions
from disbursement.models import Award, PaymentBatch
from disbursement.months import absence_words, month_of, still_due, whole_month_away
from disbursement.rules import Standing
from disbursement.rules.awards import about_enrolment
from schools import clock
from schools.models import Term
from students.actions import change_enrolment
from students.models import EnrolmentChange, Student
from students.rules.enrolment import RESUMES, STOPS, Absence, absences_of, money_words
from tests.disbursement import cases
from tests.disbursement.cases import Aid

JANUARY = date(2027, 1, 8)


def change(its: Aid, someone: Student, kind: str, on: date) -> None:
    fresh = Student.objects.get(pk=someone.pk)
    change_enrolment(student=fresh, kind=kind, on=on, reason="因病", by=its.staffed.operator)


@pytest.fixture
def monthly(its: Aid) -> Aid:
    """The programme is paid by the month, September to January, 100 yuan each."""
    its.programme.money_cadence = Programme.Cadence.MONTHLY
    its.programme.save()
    cases.ready(its, its.staffed.students[0])
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    cases.fund(its)
    return its


def freeze(its: Aid) -> PaymentBatch:
    batch = actions.draft_batch(
        school=its.school, programme=its.programme, term=its.term, by=its.staffed.operator,
        instalment=5,
    )  # fmt: skip
    return actions.freeze(batch=batch, by=its.staffed.finance)


def paid_months(batch: PaymentBatch) -> list[int]:
    lines = batch.lines.values_list("award_id", flat=True)
    return sorted(Award.objects.filter(pk__in=lines).values_list("instalment", flat=True))


def held_texts(batch: PaymentBatch) -> str:
    return str(batch.held)


def test_who_was_away_in_november_is_not_paid_for_it(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(JANUARY):
        change(monthly, someone, "suspend", date(2026, 10, 12))
        change(monthly, someone, "resume", date(2026, 12, 3))
        batch = freeze(monthly)
    # September, October in which he went, December in which he came back, January.
    assert paid_months(batch) == [1, 2, 4, 5]
    assert batch.total_fen == 4 * Award.objects.filter(student=someone)[0].amount_fen
    assert "11月整月不在校（10月12日起休学，12月3日返校）" in held_texts(batch)


def test_who_is_away_is_owed_the_months_before(monthly: Aid) -> None:
    with clock.at(JANUARY):
        change(monthly, monthly.staffed.students[0], "suspend", date(2026, 10, 1))
        batch = freeze(monthly)
    assert paid_months(batch) == [1]
    assert "10月整月不在校（10月1日起休学）" in held_texts(batch)


def test_who_left_is_owed_the_month_in_which_he_left(monthly: Aid) -> None:
    with clock.at(JANUARY):
        change(monthly, monthly.staffed.students[0], "withdraw", date(2026, 11, 30))
        batch = freeze(monthly)
    assert paid_months(batch) == [1, 2, 3]


def test_nothing_is_paid_for_who_should_never_have_been_there(monthly: Aid) -> None:
    with clock.at(JANUARY):
        change(monthly, monthly.staffed.students[0], "cancel", date(2026, 11, 30))
        batch = actions.draft_batch(
            school=monthly.school, programme=monthly.programme, term=monthly.term,
            by=monthly.staffed.operator, instalment=5,
        )  # fmt: skip
        with pytest.raises(Refused):
            actions.freeze(batch=batch, by=monthly.staffed.finance)


@pytest.mark.parametrize("kind", ["death", "cancel"])
def test_nothing_is_paid_for_who_died_or_was_cancelled_while_away(monthly: Aid, kind: str) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(JANUARY):
        change(monthly, someone, "suspend", date(2026, 10, 12))
        change(monthly, someone, kind, date(2026, 11, 20))
        batch = actions.draft_batch(
            school=monthly.school, programme=monthly.programme, term=monthly.term,
            by=monthly.staffed.operator, instalment=5,
        )  # fmt: skip
        with pytest.raises(Refused, match="已离校"):
            actions.freeze(batch=batch, by=monthly.staffed.finance)


def test_who_was_suspended_and_then_withdrew_is_owed_the_months_before(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(JANUARY):
        change(monthly, someone, "suspend", date(2026, 10, 12))
        change(monthly, someone, "withdraw", date(2026, 11, 20))
        batch = freeze(monthly)
    assert paid_months(batch) == [1, 2]


def test_the_months_before_somebody_came_are_not_paid(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    Student.objects.filter(pk=someone.pk).update(entered_on=date(2026, 11, 5))
    with clock.at(JANUARY):
        batch = freeze(monthly)
    assert paid_months(batch) == [3, 4, 5]
    assert "10月整月不在校（11月5日入学）" in held_texts(batch)


def test_paid_by_the_term_nobody_is_paid_while_away(all_ready: Aid) -> None:
    its = all_ready
    cases.fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    change(its, its.staffed.students[0], "suspend", date(2026, 10, 12))
    batch = actions.freeze(batch=cases.draft(its), by=its.staffed.finance)
    assert batch.line_count == 2
    assert "10月12日起休学，休学中" in held_texts(batch)


@pytest.mark.parametrize(
    ("kind", "on", "words"),
    [
        ("suspend", date(2026, 10, 12), "2026年11月起停发"),
        ("suspend", date(2026, 10, 1), "2026年10月起停发"),
        ("withdraw", date(2026, 12, 2), "2027年1月起停发"),
        ("withdraw", date(2026, 12, 1), "2026年12月起停发"),
        ("resume", date(2026, 12, 3), "2026年12月起续发"),
        ("class_changed", date(2026, 12, 3), ""),
    ],
)
def test_a_change_says_from_which_month(kind: str, on: date, words: str) -> None:
    assert money_words(kind, on).endswith(words)
    assert bool(money_words(kind, on)) == bool(words)


def test_absences_are_read_in_order() -> None:
    told = [
        ("suspend", date(2026, 9, 10)),
        ("withdraw", date(2026, 9, 20)),
        ("transfer_in", date(2026, 11, 2)),
        ("resume", date(2026, 11, 3)),
        ("suspend", date(2026, 12, 1)),
    ]
    first, second = absences_of(told)
    assert (first.first, first.back) == (date(2026, 9, 10), date(2026, 11, 2))
    assert (second.first, second.back) == (date(2026, 12, 1), None)
    assert not STOPS & RESUMES
    assert set(EnrolmentChange.Kind.values) >= STOPS | RESUMES


def test_a_record_that_begins_with_a_return_tells_when_somebody_came() -> None:
    (before,) = absences_of([("transfer_in", date(2026, 11, 5))], date(2024, 9, 1))
    assert (before.kind, before.first, before.back) == (
        "transfer_in", date.min, date(2026, 11, 5),
    )  # fmt: skip
    assert absence_words(before) == "11月5日转入"
    assert absences_of([]) == ()


def test_who_left_is_not_held_for_being_enrolled_where_he_went() -> None:
    left, here = Student(status="left"), Student(status="enrolled")
    assert [h.check for h in about_enrolment(Standing(left, elsewhere=True), None)] == ["present"]
    assert [h.check for h in about_enrolment(Standing(here, elsewhere=True), None)] == ["unique"]


def test_a_change_is_not_dated_before_the_one_it_follows(monthly: Aid) -> None:
    someone = monthly.staffed.students[0]
    with clock.at(JANUARY):
        change(monthly, someone, "suspend", date(2026, 10, 12))
        with pytest.raises(Refused, match="早于上一次异动的日期2026年10月12日"):
            change(monthly, someone, "resume", date(2026, 10, 5))
        change(monthly, someone, "resume", date(2026, 10, 12))


def test_a_term_that_begins_in_the_month_counts_from_its_first_day(its: Aid) -> None:
    september = month_of(1, its.term)
    assert (september.first, september.last) == (date(2026, 9, 1), date(2026, 9, 30))
    assert month_of(5, its.term).last == date(2027, 1, 31)
    (away,) = absences_of([("suspend", its.term.starts_on)])
    assert whole_month_away([away], september, its.term) == away
    assert not still_due([away], september, its.term)


def test_only_the_days_of_the_term_are_looked_at() -> None:
    """Spring 2026 lasts from the second of March to the fifteenth of July."""
    spring = Term(starts_on=date(2026, 3, 2), ends_on=date(2026, 7, 15))
    march, july = month_of(1, spring), month_of(5, spring)
    assert (july.first, july.last) == (date(2026, 7, 1), date(2026, 7, 31))
    for first, back, months in (
        (date(2026, 3, 2), date(2026, 4, 1), [march]),
        (date(2026, 3, 2), date(2026, 3, 31), []),
        (date(2026, 3, 3), date(2026, 4, 1), []),
        (date(2026, 7, 1), date(2026, 7, 16), [july]),
        (date(2026, 7, 1), date(2026, 7, 15), []),
        (date(2026, 7, 2), date(2026, 9, 1), []),
    ):
        away = Absence("suspend", first, back)
        assert [m for m in (march, july) if whole_month_away([away], m, spring)] == months


def test_who_is_suspended_without_a_record_of_it_is_not_paid_for_an_earlier_time_away() -> None:
    autumn = Term(starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 31))
    before = Absence("suspend", date(2026, 9, 10), date(2026, 10, 8))
    held = Standing(Student(status="suspended"), absences=(before,))
    (hold,) = about_enrolment(held, (month_of(3, autumn), autumn))
    assert hold.text == "休学中"
    # Of when somebody came who nothing is known about, nothing is owed for being away.
    assert not still_due((), month_of(3, autumn), autumn)
