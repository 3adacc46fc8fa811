"""Since when he rested, put right by the sender: the receiver's words are true at once."""

import importlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    change_enrolment,
    correct_change_day,
    decline_transfer,
    decline_transfer_day,
    propose_transfer,
    redating,
    refuse_transfer_day,
    sign_transfer,
)
from students.models import EnrolmentChange, Student, Transfer
from students.transfer_queue import gone_there, handed_by
from tests.cast import Cast
from tests.kept import refusal
from tests.students.transfer_days import (
    CAME,
    EARLIER,
    LEFT,
    TODAY,
    accepted,
    agreed,
    proposed,
    signed,
    there,
    why,
)

RESTED, MEANT = date(2026, 10, 12), date(2026, 9, 7)
LIST = reverse("students:transfers")


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def record(cast: Cast, kind: str, on: date, whose: int = 0) -> EnrolmentChange:
    row = Student.objects.get(pk=cast.a.students[whose].pk)
    made: EnrolmentChange = change_enrolment(
        student=row, kind=kind, on=on, reason="因病", by=cast.operator
    )
    return made


def meant(cast: Cast, change: EnrolmentChange, on: date = MEANT) -> None:
    correct_change_day(change=change, on=on, seen=change.on, reason="以病历为准", by=cast.operator)


def gone(cast: Cast) -> date:
    """Since when the other school counts him no longer, as the receiver reads it."""
    its = there(cast)
    with acting_for(cast.b.school):
        return gone_there([its], cast.b.school)[its.pk]


def plain(text: str) -> str:
    return text.replace('<span class="nb">', "").replace("</span>", "")


def page(client: Client, address: str) -> str:
    return plain(client.get(address).content.decode())


# --- what the receiver reads


def test_what_the_receiver_pays_is_told_anew_at_once(cast: Cast, sign_in: Any) -> None:
    rests = record(cast, "suspend", RESTED)
    accepted(cast)
    with acting_for(cast.b.school):
        came = there(cast)
        correct_change_day(change=came, on=LEFT, seen=CAME, reason="那天到校", by=cast.b.operator)
    client = sign_in(cast.b.operator)
    pages = (
        reverse("students:student", args=[came.student_id]),
        reverse("students:changes"),
        reverse("students:change_day", args=[came.pk]),
    )
    theirs = "2026年10月由转出学校发，本校从2026年11月起续发"
    for address in pages:
        assert theirs in page(client, address)
    assert "2026年10月12日起休学" in page(client, LIST)
    with acting_for(cast.school):
        meant(cast, rests)
    for address in pages:
        text = page(client, address)
        assert theirs not in text
        assert "从2026年10月起续发" in text
    assert "2026年9月7日起休学" in page(client, LIST)
    assert Transfer.objects.get().away_since == MEANT


def test_also_of_one_who_is_still_on_the_way(cast: Cast) -> None:
    rests = record(cast, "suspend", RESTED)
    made = signed(cast)
    meant(cast, rests)
    assert Transfer.objects.get().away_since == MEANT
    with acting_for(cast.b.school):
        accept_transfer(
            transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator
        )
    assert gone(cast) == MEANT


def test_who_was_not_suspended_left_on_his_last_day(cast: Cast) -> None:
    rests = record(cast, "suspend", RESTED)
    record(cast, "resume", date(2026, 10, 13))
    accepted(cast)
    assert gone(cast) == LEFT
    meant(cast, rests)
    assert (gone(cast), Transfer.objects.get().away_since) == (LEFT, None)


def test_the_day_of_his_return_is_no_rest(cast: Cast) -> None:
    record(cast, "suspend", MEANT)
    back = record(cast, "resume", RESTED)
    accepted(cast)
    meant(cast, back, EARLIER)
    assert (gone(cast), Transfer.objects.get().away_since) == (LEFT, None)


def test_sent_back_in_that_moment_it_is_told_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests = record(cast, "suspend", RESTED)
    made = signed(cast)

    def found(change: EnrolmentChange) -> Transfer | None:
        looked = handed_by(change)
        if change.kind == "transfer_out":
            with acting_for(cast.b.school):
                decline_transfer(
                    transfer=made, school=cast.b.school, reason="没有来", by=cast.b.operator
                )
        return looked

    monkeypatch.setattr(redating, "handed_by", found)
    meant(cast, rests)
    assert (Transfer.objects.get().status, Transfer.objects.get().away_since) == (
        "declined", RESTED,
    )  # fmt: skip


def test_nobody_elses_rest_is_told(cast: Cast) -> None:
    record(cast, "suspend", RESTED)
    other = record(cast, "suspend", RESTED, 1)
    accepted(cast)
    meant(cast, other)
    assert (gone(cast), Transfer.objects.get().away_since) == (RESTED, RESTED)


def test_who_left_for_a_school_outside_hands_nothing_over(cast: Cast) -> None:
    rests = record(cast, "suspend", RESTED)
    record(cast, "transfer_out", LEFT)
    meant(cast, rests)
    assert not Transfer.objects.exists()


def test_what_was_sent_back_stays_as_it_was_told(cast: Cast) -> None:
    rests = record(cast, "suspend", RESTED)
    made = signed(cast)
    with acting_for(cast.b.school):
        decline_transfer(transfer=made, school=cast.b.school, reason="没有来", by=cast.b.operator)
    meant(cast, rests)
    assert Transfer.objects.get().away_since == RESTED


def test_of_two_rests_each_is_told_with_its_own_leaving(cast: Cast) -> None:
    """Away, there, back, away again and there again."""
    first = record(cast, "suspend", RESTED)
    accepted(cast)
    with acting_for(cast.b.school):
        its = Student.objects.get(pk=there(cast).student_id)
        back = propose_transfer(
            student=its, to_school=cast.school, on=CAME, reason="迁回", by=cast.b.operator
        )
        sign_transfer(transfer=back, by=cast.b.reviewer)
    with clock.at(clock.office_opens(date(2026, 11, 28))):
        accept_transfer(
            transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
        )
        second = record(cast, "suspend", date(2026, 11, 20))
        again = propose_transfer(
            student=Student.objects.get(pk=its_at_home(cast)), to_school=cast.b.school,
            on=date(2026, 11, 24), reason="再迁", by=cast.operator,
        )  # fmt: skip
        again = sign_transfer(transfer=again, by=cast.reviewer)
        with acting_for(cast.b.school):
            accept_transfer(
                transfer=again, school=cast.b.school, to_class=cast.b.school_class,
                by=cast.b.operator,
            )  # fmt: skip
    meant(cast, first)
    rests = Transfer.objects.filter(school=cast.school).order_by("pk")
    assert [t.away_since for t in rests] == [MEANT, date(2026, 11, 20)]
    meant(cast, second, date(2026, 11, 18))
    assert [t.away_since for t in rests.all()] == [MEANT, date(2026, 11, 18)]
    with acting_for(cast.b.school):
        comings = EnrolmentChange.objects.filter(kind="transfer_in").order_by("pk")
        told = gone_there(list(comings), cast.b.school)
        assert [told[c.pk] for c in comings] == [MEANT, date(2026, 11, 18)]


def its_at_home(cast: Cast) -> int:
    return int(cast.a.students[0].pk)


def test_of_one_whose_answer_is_not_on_record_the_day_of_leaving_is_told(cast: Cast) -> None:
    """As of those who were entered by a program before this one."""
    accepted(cast)
    its = there(cast)
    its.pk = 0
    with acting_for(cast.b.school):
        assert gone_there([its], cast.b.school) == {0: LEFT}


def test_who_came_by_no_transfer_costs_no_question(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    change = record(cast, "suspend", RESTED)
    with django_assert_num_queries(0):
        assert gone_there([change], cast.school) == {}


def test_many_comings_cost_no_more_questions(cast: Cast) -> None:
    def asked() -> int:
        with acting_for(cast.b.school):
            comings = list(EnrolmentChange.objects.filter(kind="transfer_in"))
            with CaptureQueriesContext(connection) as found:
                assert len(gone_there(comings, cast.b.school)) == len(comings)
        return len(found)

    accepted(cast)
    one = asked()
    for whose in cast.a.students[1:3]:
        accepted(cast, whose)
    assert asked() == one


# --- while the day is being put right


def test_what_was_proposed_before_is_not_agreed_to(cast: Cast, sign_in: Any) -> None:
    rests = record(cast, "suspend", MEANT)
    made = proposed(cast)
    meant(cast, rests, date(2026, 9, 1))
    text = "提请之后，转出学校更正了休学的日期"
    with acting_for(cast.b.school):
        assert why(agree_transfer_day, day=made, by=cast.b.operator) == [text]
    listed = page(sign_in(cast.b.operator), LIST)
    assert "2026年9月1日起休学" in listed
    assert "转出学校从2026年9月起停发" in listed
    assert "转出学校更正了休学的日期，请退回，由对方重新提请" in listed
    assert reverse("students:transfer_day_agree") not in listed
    with acting_for(cast.b.school):
        decline_transfer_day(day=made, reason="请重新提请", by=cast.b.operator)
    assert agreed(cast).status == "agreed"


def test_what_was_agreed_to_is_told_as_it_stands(cast: Cast) -> None:
    rests = record(cast, "suspend", MEANT)
    made = agreed(cast)
    meant(cast, rests, RESTED)
    assert gone(cast) == RESTED
    refuse_transfer_day(day=made, reason="休学的日期改了", by=cast.reviewer)
    assert (there(cast).left_other_on, gone(cast)) == (EARLIER, RESTED)


# --- the wall


def says(changes: str) -> str:
    (pk,) = Transfer.objects.values_list("pk", flat=True)
    return refusal(f"UPDATE students_transfer SET {changes} WHERE id = %s", pk)


@pytest.mark.parametrize("status", ["signed", "accepted"])
def test_the_database_takes_the_day_on_record_alone(cast: Cast, status: str) -> None:
    rests = record(cast, "suspend", RESTED)
    if status == "signed":
        signed(cast)
    else:
        accepted(cast)
    EnrolmentChange.objects.filter(pk=rests.pk).update(on=MEANT)
    assert says("away_since = '2026-09-07'") == ""
    for changes in (
        "away_since = NULL",
        "away_since = '2026-09-08'",
        "away_since = '2026-09-07', reason = 'x'",
        "away_since = '2026-09-07', \"on\" = '2026-10-21'",
        "away_since = '2026-09-07', status = 'proposed', sign_at = NULL, sign_by_id = NULL",
    ):
        assert "does not answer" in says(changes), changes
    for whose, told in ((cast.b.school, "only answers it"), (cast.c.school, "")):
        with acting_for(whose):
            answer = refusal("UPDATE students_transfer SET away_since = '2026-09-07'")
            # Once it is accepted the receiver only reads it.
            assert (told in answer, bool(answer)) == (
                status == "signed" or not told,
                status == "signed" and bool(told),
            )


def test_of_whom_it_is_told_is_whom_it_is_about(cast: Cast) -> None:
    """Neither another's rest, nor one that was over, nor one of after he left."""
    record(cast, "suspend", MEANT)
    record(cast, "resume", RESTED)
    record(cast, "suspend", RESTED, 1)
    accepted(cast)
    for day in (MEANT, RESTED):
        assert "does not answer" in says(f"away_since = '{day}'")
    # Back, resting and gone again, to a school outside, all on the day on which he had left.
    with clock.at(clock.office_opens(date(2026, 11, 28))):
        for kind in ("enter", "suspend", "transfer_out"):
            record(cast, kind, LEFT)
            for day in (MEANT, RESTED, LEFT):
                assert "does not answer" in says(f"away_since = '{day}'"), kind


@pytest.mark.parametrize(
    ("on", "after"), [(MEANT, MEANT), (LEFT, LEFT), (date(2026, 10, 21), RESTED)]
)
def test_what_was_put_right_before_it_was_told_is_told_once(
    cast: Cast, on: date, after: date
) -> None:
    """Older programs let him rest after he had left, as no transfer can say."""
    rests = record(cast, "suspend", RESTED)
    accepted(cast)
    accepted(cast, cast.a.students[1])
    EnrolmentChange.objects.filter(pk=rests.pk).update(on=on)
    sql = importlib.import_module("students.migrations.0044_rested_as_it_stands").TRUE_NOW
    with connection.cursor() as cursor:
        cursor.execute(sql, [cast.b.school.pk])
        assert cursor.rowcount == 0
        cursor.execute(sql, [cast.school.pk])
    told = Transfer.objects.order_by("pk").values_list("away_since", flat=True)
    assert list(told) == [after, None]
