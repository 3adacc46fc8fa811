"""Paid by the month: who was transferred in mid-term is paid each month by one school."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from applications.models import Programme
from disbursement import actions
from disbursement.models import Award, PaymentBatch, PaymentLine
from disbursement.months import months_in
from schools import clock
from schools.models import Term
from schools.scope import acting_for
from students.models import EnrolmentChange, Student
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid

ELSEWHERE = "本学期已在其他学校享受同一项目"
CAME = date(2026, 11, 10)


@pytest.fixture
def monthly(all_ready: Aid) -> Aid:
    """September to January, 1,150.00 yuan each."""
    all_ready.programme.money_cadence = Programme.Cadence.MONTHLY
    all_ready.programme.save()
    all_ready.round.refresh_from_db()
    return all_ready


def at_b(its: Aid, cast: Cast, left_on: date | None, months: Any = range(1, 6)) -> Student:
    """The first student was awarded these months at school B, and left it on that day."""
    number = its.staffed.students[0].id_number.reveal()
    with acting_for(cast.b.school):
        theirs = cases.aid(cast.b, its.programme)
        someone = student(cast.b.school_class, "同一人", id_number=number)
        award = cases.award_all(theirs, [cases.case(theirs, someone)])[0]
        first, *rest = months
        Award.objects.filter(pk=award.pk).update(instalment=first)
        for month in rest:
            copy = Award.objects.get(pk=award.pk)
            copy.pk, copy.instalment = None, month
            copy.save(force_insert=True)
        if left_on:
            Student.objects.filter(pk=someone.pk).update(status="left", left_on=left_on)
    return someone


def happened(someone: Student, cast: Cast, *changes: tuple[str, date]) -> None:
    """Recorded at school B, which he left on the day of the last of them."""
    with acting_for(cast.b.school):
        for kind, on in changes:
            EnrolmentChange.objects.create(
                school_id=someone.school_id, student=someone, kind=kind, on=on,
                recorded_by=cast.b.operator.person, recorded_at=clock.now(),
            )  # fmt: skip


def given(its: Aid) -> list[int]:
    """The months that our school grants the student."""
    mine = Award.objects.filter(student=its.staffed.students[0]).order_by("instalment")
    return list(mine.values_list("instalment", flat=True))


@pytest.mark.parametrize(
    ("left_on", "mine"),
    [
        (CAME, [4, 5]),
        (date(2026, 11, 30), [4, 5]),
        # Gone on the first he was not there in that month.
        (date(2026, 11, 1), [3, 4, 5]),
        (date(2026, 11, 2), [4, 5]),
        (date(2026, 9, 1), [1, 2, 3, 4, 5]),
        (date(2027, 1, 5), []),
        (None, []),
    ],
)
def test_each_month_is_one_schools(
    monthly: Aid, cast: Cast, left_on: date | None, mine: list[int]
) -> None:
    at_b(monthly, cast, left_on)
    granted = actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert given(monthly) == mine
    assert granted.count == 2 * 5 + len(mine)
    assert granted.total_fen == granted.count * AMOUNT
    texts = [h.text for held in granted.held for h in held.holds]
    assert (ELSEWHERE in texts) is (not mine)


SUSPENDED, OUT = ("suspend", date(2026, 10, 12)), ("transfer_out", CAME)


@pytest.mark.parametrize(
    ("changes", "mine"),
    [
        # November, in which he left it, he was not there for a day.
        ([SUSPENDED, OUT], [3, 4, 5]),
        ([("suspend", date(2026, 10, 1)), OUT], [2, 3, 4, 5]),
        ([("suspend", date(2026, 9, 1)), OUT], [1, 2, 3, 4, 5]),
        # There for a day in between, or again before he left.
        ([SUSPENDED, ("resume", date(2026, 11, 9)), OUT], [4, 5]),
        ([("suspend", date(2026, 9, 2)), ("resume", date(2026, 11, 1)), OUT], [2, 4, 5]),
        # The other school pays nothing for who should never have been there.
        ([("cancel", CAME)], [1, 2, 3, 4, 5]),
        ([SUSPENDED, ("cancel", CAME)], [1, 2, 3, 4, 5]),
        ([("withdraw", CAME)], [4, 5]),
    ],
)
def test_a_month_of_absence_is_not_the_other_schools(
    monthly: Aid, cast: Cast, changes: list[tuple[str, date]], mine: list[int]
) -> None:
    someone = at_b(monthly, cast, CAME)
    happened(someone, cast, *changes)
    granted = actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert given(monthly) == mine
    assert granted.count == 2 * 5 + len(mine)


def test_a_month_of_absence_that_was_paid_all_the_same_is_not_given_again(
    monthly: Aid, cast: Cast
) -> None:
    someone = at_b(monthly, cast, CAME)
    happened(someone, cast, SUSPENDED, OUT)
    with acting_for(cast.b.school):
        pay(cast, Award.objects.get(student=someone, instalment=3))
    actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert given(monthly) == [4, 5]


def test_days_outside_the_term_make_no_month_theirs(monthly: Aid, cast: Cast) -> None:
    """The term is 3 September to 20 January: who came back after it was not there in January."""
    Term.objects.filter(pk=monthly.term.pk).update(
        starts_on=date(2026, 9, 3), ends_on=date(2027, 1, 20)
    )
    monthly.term.refresh_from_db()
    monthly.round.refresh_from_db()
    someone = at_b(monthly, cast, None)
    # September's first days are no school days: gone on the third he was not there in it.
    changes = (("suspend", date(2026, 9, 3)), ("resume", date(2026, 10, 8)),
               ("suspend", date(2026, 12, 31)), ("resume", date(2027, 1, 21)))  # fmt: skip
    happened(someone, cast, *changes)
    actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    # Enrolled there, he is held here as a whole: what counts is whose the months are.
    assert elsewhere(monthly) == {2, 3, 4}
    with acting_for(cast.b.school):
        rows = EnrolmentChange.objects.filter(student=someone)
        rows.filter(on=date(2027, 1, 21)).update(on=date(2027, 1, 20))
        rows.filter(on=date(2026, 9, 3)).update(on=date(2026, 9, 4))
    assert elsewhere(monthly) == {1, 2, 3, 4, 5}
    with acting_for(cast.b.school):
        # Gone on the first school day: what the days before it were, he was not there for.
        Student.objects.filter(pk=someone.pk).update(status="left", left_on=date(2026, 9, 3))
    assert elsewhere(monthly) == set()


def elsewhere(its: Aid) -> set[int]:
    """The months of the first student that the other school gives."""
    asked = [
        its.school.pk,
        its.programme.pk,
        its.term.pk,
        [bytes(its.staffed.students[0].id_blind)],
    ]
    with acting_for(its.school), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM aid_months_elsewhere(%s, %s, %s, %s::bytea[])", asked)
        return {instalment for _, instalment in cursor.fetchall()}


def test_who_came_there_late_is_ours_before(monthly: Aid, cast: Cast) -> None:
    someone = at_b(monthly, cast, date(2026, 12, 3))
    with acting_for(cast.b.school):
        Student.objects.filter(pk=someone.pk).update(entered_on=date(2026, 10, 31))
    actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert given(monthly) == [1, 5]


def test_what_was_paid_ahead_is_not_given_again(monthly: Aid, cast: Cast) -> None:
    someone = at_b(monthly, cast, CAME)
    with acting_for(cast.b.school):
        award = Award.objects.get(student=someone, instalment=4)
        pay(cast, award)
    actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    assert given(monthly) == [5]


def pay(cast: Cast, award: Award, **facts: Any) -> None:
    batch = actions.draft_batch(
        school=cast.b.school, programme=award.programme, term=award.term, by=cast.b.operator,
        instalment=4,
    )  # fmt: skip
    PaymentBatch.objects.filter(pk=batch.pk).update(line_count=1, total_fen=award.amount_fen)
    PaymentLine.objects.create(
        school=cast.b.school, batch=batch, award=award, student=award.student, number="X",
        serial=1, name="同一人", class_name="高一", bank="示范银行", amount_fen=award.amount_fen,
        **facts,
    )  # fmt: skip


def test_a_month_given_elsewhere_since_is_held_alone(monthly: Aid, cast: Cast) -> None:
    cases.fund(monthly, amount_fen=100 * AMOUNT)
    actions.grant_awards(round_=monthly.round, by=monthly.staffed.operator)
    at_b(monthly, cast, CAME, months=[2])
    batch = actions.draft_batch(
        school=monthly.school, programme=monthly.programme, term=monthly.term,
        by=monthly.staffed.operator, instalment=2,
    )  # fmt: skip
    batch = actions.freeze(batch=batch, by=monthly.staffed.finance)
    told = [[r["text"] for r in held["reasons"]] for held in batch.held]
    assert [texts for texts in told if "10月已在其他学校享受同一项目" in texts] == [
        ["10月已在其他学校享受同一项目"]
    ]
    assert ELSEWHERE not in str(told)
    mine = batch.lines.filter(student=monthly.staffed.students[0])
    assert list(mine.values_list("award__instalment", flat=True)) == [1]


def test_the_page_counts_what_it_will_grant(monthly: Aid, cast: Cast, sign_in: Any) -> None:
    at_b(monthly, cast, CAME)
    url = reverse("disbursement:grant", args=[monthly.round.pk])
    page = sign_in(monthly.staffed.operator).get(url).content.decode()
    assert "有的月份由原来的学校发" in page
    assert f"{12 * AMOUNT / 100:,.2f}" in page


def test_who_does_not_reach_the_school_is_told_nothing(monthly: Aid, cast: Cast) -> None:
    at_b(monthly, cast, CAME)
    blind = [bytes(s.id_blind) for s in monthly.staffed.students]
    asked = [monthly.school.pk, monthly.programme.pk, monthly.term.pk, blind]
    for school, found in ((monthly.school, 3), (cast.b.school, 0)):
        with acting_for(school), connection.cursor() as cursor:
            cursor.execute("SELECT aid_months_elsewhere(%s, %s, %s, %s::bytea[])", asked)
            assert len(cursor.fetchall()) == found
    # Who reaches a school may still ask for its own students alone.
    asked[0] = cast.c.school.pk
    with acting_for(cast.c.school), connection.cursor() as cursor:
        cursor.execute("SELECT aid_months_elsewhere(%s, %s, %s, %s::bytea[])", asked)
        assert cursor.fetchall() == []
    with acting_for(monthly.school):
        assert not PaymentLine.objects.filter(school=cast.b.school).exists()
    assert len(months_in(monthly.term)) == 5
