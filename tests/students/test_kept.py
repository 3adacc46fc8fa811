"""What the database keeps of students and transfers, one condition at a time."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from schools import clock
from schools.scope import acting_for
from students.actions import (
    agree_transfer_day,
    change_enrolment,
    decline_transfer,
    propose_transfer,
    sign_transfer,
    sign_transfer_day,
    withdraw_transfer,
)
from students.models import EnrolmentChange, SchoolClass, Student, Transfer
from students.stages import stages_of
from tests.cast import Cast, school_class, student
from tests.kept import columns, kept, refusal, undone, ways
from tests.students.test_transfer_day_walls import at
from tests.students.test_transfers import TODAY, signed
from tests.students.transfer_days import EARLIER, LATER, accepted
from tests.students.transfer_days import TODAY as DAY
from tests.students.transfer_days import proposed as day_proposed

TRANSFERS = "students_transfer"
ANSWERS = {"answer", "accept_at", "accept_by_id", "decline_at", "decline_by_id"}
DECLINE = (
    "UPDATE students_transfer SET status = 'declined', answer = 'x', decline_at = now(),"
    " decline_by_id = proposed_by_id"
)

# --- transfers


@pytest.mark.parametrize("status", ["accepted", "declined"])
def test_the_receiver_writes_no_column_but_its_answer(cast: Cast, status: str) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        said = kept(TRANSFERS, made.pk, "only answers it", f", status = '{status}'")
    assert said == set(columns(TRANSFERS)) - {"status"} - ANSWERS


SENDS = "does not answer"
STATES = [str(s) for s in Transfer.Status]


def leaves(cast: Cast, on: date, kind: str = "transfer_out") -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    change_enrolment(student=row, kind=kind, on=on, reason="因故", by=cast.operator)


@pytest.fixture
def autumn() -> Iterator[None]:
    with clock.at(clock.office_opens(DAY)):
        yield


def test_nobody_is_signed_away_but_who_left_by_it(cast: Cast, autumn: None) -> None:
    """Nor with a rest that is not on record, or without one that is."""
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=DAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    rested = DAY - timedelta(days=9)
    signs = (
        f"UPDATE {TRANSFERS} SET status = 'signed', sign_by_id = %s, away_since = {{}},"
        " sign_at = proposed_at + interval '1 hour' WHERE id = %s"
    )

    def says(rest: str) -> str:
        return refusal(signs.format(rest), cast.reviewer.person_id, made.pk)

    assert SENDS in says("NULL")
    with undone():
        leaves(cast, DAY - timedelta(days=1))
        assert SENDS in says("NULL")
    with undone():
        leaves(cast, DAY, "withdraw")
        assert SENDS in says("NULL")
    with undone():
        leaves(cast, DAY)
        assert says("NULL") == ""
        assert SENDS in says(f"'{rested}'")
        # Who is recorded after the signature did not leave by it.
        EnrolmentChange.objects.filter(kind="transfer_out").update(
            recorded_at=made.proposed_at + timedelta(hours=2)
        )
        assert SENDS in says("NULL")
    with undone():
        someone = cast.a.students[1]
        change_enrolment(
            student=someone, kind="transfer_out", on=DAY, reason="因故", by=cast.operator
        )
        assert SENDS in says("NULL")
    leaves(cast, rested, "suspend")
    leaves(cast, DAY)
    assert says(f"'{rested}'") == ""
    assert SENDS in says("NULL")
    assert SENDS in says(f"'{DAY}'")


def test_the_sender_goes_forward_and_never_back(cast: Cast) -> None:
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=TODAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"proposed", "withdrawn"}
    everything = set(columns(TRANSFERS)) - {"status"}
    assert kept(TRANSFERS, made.pk, SENDS) == everything
    with undone():
        leaves(cast, made.on)
        assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"proposed", "signed", "withdrawn"}
        along = kept(TRANSFERS, made.pk, SENDS, ", status = 'signed'")
        assert everything - along == {"sign_at", "sign_by_id", "papers"}
    assert kept(TRANSFERS, made.pk, SENDS, ", status = 'withdrawn'") == everything
    with undone():
        withdraw_transfer(transfer=made, by=cast.operator)
        assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"withdrawn"}
        assert kept(TRANSFERS, made.pk, SENDS) == everything
    sign_transfer(transfer=made, by=cast.reviewer)
    assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"signed"}
    assert kept(TRANSFERS, made.pk, SENDS) == everything


def test_what_was_accepted_is_not_proposed_anew(cast: Cast) -> None:
    with clock.at(clock.office_opens(DAY)):
        made = accepted(cast)
    assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"accepted"}
    back = "UPDATE students_transfer SET status = 'proposed', sign_at = NULL, sign_by_id = NULL,"
    assert SENDS in refusal(f"{back} accept_at = NULL, accept_by_id = NULL WHERE id = %s", made.pk)


def test_a_school_hands_nobody_to_itself(cast: Cast) -> None:
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=TODAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    Transfer.objects.filter(pk=made.pk).update(status="withdrawn")
    made.pk, made.status, made.to_school = None, "proposed", cast.school
    with pytest.raises(IntegrityError, match="transfer_two_schools"), transaction.atomic():
        made.save(force_insert=True)
    made.to_school = cast.b.school
    for half in ("sign_at", "sign_by"):
        made.sign_at, made.sign_by = None, None
        setattr(made, half, {"sign_at": made.proposed_at, "sign_by": cast.reviewer.person}[half])
        with pytest.raises(IntegrityError, match="transfer_stamps"), transaction.atomic():
            made.save(force_insert=True)


@pytest.mark.parametrize(
    ("status", "stamps"), [("proposed", ["sign"]), ("withdrawn", ["sign"]),
                           ("signed", ["sign", "accept"]), ("signed", ["sign", "decline"])],
)  # fmt: skip
def test_a_stamp_comes_with_its_status(cast: Cast, status: str, stamps: list[str]) -> None:
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=TODAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    Transfer.objects.filter(pk=made.pk).update(status="withdrawn")
    made.pk, made.status = None, status
    for verb in stamps:
        setattr(made, f"{verb}_at", made.proposed_at)
        setattr(made, f"{verb}_by", cast.reviewer.person)
    made.answer = "没有学位" if "decline" in stamps else ""
    with pytest.raises(IntegrityError, match="transfer_stamps"), transaction.atomic():
        made.save(force_insert=True)
    setattr(made, f"{stamps[-1]}_at", None)
    setattr(made, f"{stamps[-1]}_by", None)
    made.answer = ""
    made.save(force_insert=True)


def test_what_is_not_signed_is_neither_seen_nor_answered_elsewhere(cast: Cast) -> None:
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=TODAY, reason="迁居",
        by=cast.operator,
    )  # fmt: skip

    def touched(school: object, pk: int) -> tuple[bool, int]:
        with acting_for(school), undone(), connection.cursor() as cursor:  # type: ignore[arg-type]
            cursor.execute(f"{DECLINE} WHERE id = %s", [pk])
            return Transfer.objects.filter(pk=pk).exists(), cursor.rowcount

    assert touched(cast.b.school, made.pk) == (False, 0)
    with undone():
        withdraw_transfer(transfer=made, by=cast.operator)
        assert touched(cast.b.school, made.pk) == (False, 0)
    sign_transfer(transfer=made, by=cast.reviewer)
    assert touched(cast.b.school, made.pk) == (True, 1)
    assert touched(cast.c.school, made.pk) == (False, 0)
    with acting_for(cast.b.school):
        for status in ("proposed", "withdrawn", "signed"):
            told = refusal(
                "UPDATE students_transfer SET status = %s WHERE id = %s", status, made.pk
            )
            assert "row-level security" in told
    with acting_for(cast.b.school), connection.cursor() as cursor:
        cursor.execute(DECLINE)
        assert cursor.rowcount == 1
        cursor.execute("UPDATE students_transfer SET answer = 'y' WHERE id = %s", [made.pk])
        assert cursor.rowcount == 0, "answered is answered"
        assert Transfer.objects.filter(pk=made.pk).exists()


DAYS = "students_transferday"
STEPS = [
    ("proposed", "b", "agreed", {"agree_at", "agree_by_id", "taken"}),
    ("proposed", "b", "declined", {"decline_at", "decline_by_id", "answer"}),
    ("proposed", "a", "withdrawn", {"withdraw_at", "withdraw_by_id"}),
    ("agreed", "a", "signed", {"sign_at", "sign_by_id"}),
    ("agreed", "a", "refused", {"refuse_at", "refuse_by_id", "refusal"}),
    ("refused", "b", "restored", {"restore_at", "restore_by_id"}),
]


@pytest.mark.parametrize(("status", "whose", "step", "own"), STEPS, ids=[s[2] for s in STEPS])
def test_each_step_of_a_corrected_day_writes_its_own_columns(
    cast: Cast, status: str, whose: str, step: str, own: set[str]
) -> None:
    made = at(cast, status)
    with acting_for(getattr(cast, whose).school):
        along = kept(DAYS, made.pk, "does not change", f", status = '{step}'")
        alone = kept(DAYS, made.pk, "does not change")
    everything = set(columns(DAYS)) - {"status"}
    assert (everything - along, alone) == (own, everything)


def test_of_an_accepted_transfer_the_day_alone_is_written(cast: Cast) -> None:
    at(cast, "agreed")
    signature = "status = 'signed', sign_at = now(), sign_by_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {DAYS} SET {signature}", [cast.reviewer.person_id])
    made = Transfer.objects.get()
    along = kept(TRANSFERS, made.pk, SENDS, f""", "on" = '{EARLIER}'""")
    assert set(columns(TRANSFERS)) - {"status"} - along == {"on"}
    dated = f"""UPDATE {TRANSFERS} SET "on" = '{EARLIER}', status = %s WHERE id = %s"""
    for status in STATES:
        assert (SENDS in refusal(dated, status, made.pk)) is (status != "accepted")
    assert refusal(dated, "accepted", made.pk) == ""


def test_what_was_declined_stays_so(cast: Cast) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        decline_transfer(transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator)
    assert ways(TRANSFERS, made.pk, STATES, SENDS) == {"declined"}
    assert kept(TRANSFERS, made.pk, SENDS) == set(columns(TRANSFERS)) - {"status"}


# --- who left


def test_nobody_leaves_before_he_came(cast: Cast) -> None:
    someone = cast.a.students[0]
    left = "UPDATE students_student SET status = 'left', left_on = %s WHERE id = %s"
    before, came = "2026-08-31", "2026-09-01"
    assert "before he entered" in refusal(left, before, someone.pk)
    assert refusal(left, came, someone.pk) == ""
    with pytest.raises(IntegrityError, match="before he entered"), transaction.atomic():
        student(cast.a.school_class, "例早", status="left", left_on=date(2026, 8, 31))
    student(cast.a.school_class, "例同", status="left", left_on=date(2026, 9, 1))
    Student.objects.filter(pk=someone.pk).update(entered_on=None)
    assert refusal(left, before, someone.pk) == ""


def test_a_day_of_leaving_that_stands_is_not_asked_again(cast: Cast) -> None:
    someone = cast.a.students[0]
    Student.objects.filter(pk=someone.pk).update(status="left", left_on=date(2026, 10, 9))
    # Put right later; the day of leaving is then looked at by hand.
    Student.objects.filter(pk=someone.pk).update(entered_on=date(2026, 10, 12))
    again = "UPDATE students_student SET left_on = %s WHERE id = %s"
    assert refusal(again, "2026-10-09", someone.pk) == ""
    assert "before he entered" in refusal(again, "2026-10-10", someone.pk)
    assert refusal(again, "2026-10-12", someone.pk) == ""
    # Both in one statement: what counts is what is written.
    both = "UPDATE students_student SET entered_on = %s, left_on = %s WHERE id = %s"
    assert refusal(both, "2026-09-01", "2026-09-02", someone.pk) == ""
    assert "before he entered" in refusal(both, "2026-12-01", "2026-11-01", someone.pk)


def test_stages_are_those_of_the_open_classes_of_the_school(cast: Cast) -> None:
    extra = school_class(cast.school, cast.head_teacher, number=7)
    SchoolClass.objects.filter(pk=extra.pk).update(stage="junior")
    with acting_for(cast.b.school):
        assert set(stages_of(cast.school)) == {"senior", "junior"}
    SchoolClass.objects.filter(pk=extra.pk).update(closed_on=TODAY)
    with acting_for(cast.b.school), connection.cursor() as cursor:
        cursor.execute("SELECT aid_stages_of(%s)", [cast.school.pk])
        assert cursor.fetchall() == [("senior",)]


# No condition on a column: nothing needs to be read for it.
BLIND = DECLINE.replace("proposed_by_id", "1")
BLIND_DAY = (
    "UPDATE students_transferday SET status = 'declined', answer = 'x', decline_at = now(),"
    " decline_by_id = 1"
)


@pytest.mark.parametrize(("make", "blind"), [(signed, BLIND), (day_proposed, BLIND_DAY)])
def test_nobody_else_answers_by_writing_blindly(
    cast: Cast, make: Callable[[Cast], object], blind: str
) -> None:
    with clock.at(clock.office_opens(DAY)):
        make(cast)
    for other in (cast.c.school, cast.district, cast.other_district, None):
        with acting_for(other), connection.cursor() as cursor:
            cursor.execute(blind)
            assert cursor.rowcount == 0


def test_a_corrected_day_is_that_of_the_last_correction_of_this_transfer(cast: Cast) -> None:
    def corrected(on: date) -> None:
        day = day_proposed(cast, on)
        with acting_for(cast.b.school):
            day = agree_transfer_day(day=day, by=cast.b.operator)
        sign_transfer_day(day=day, by=cast.reviewer)

    def told(pk: int, on: date) -> str:
        return refusal('UPDATE students_transfer SET "on" = %s WHERE id = %s', str(on), pk)

    with clock.at(clock.office_opens(DAY)):
        corrected(EARLIER)
        first = Transfer.objects.get()
        assert first.on == EARLIER
        corrected(LATER)
        # Signed once, but of the day before last.
        assert "does not answer" in told(first.pk, EARLIER)
        second = accepted(cast, cast.a.students[1])
        assert second.on != first.on
        for on in (EARLIER, LATER):
            assert "does not answer" in told(second.pk, on)
