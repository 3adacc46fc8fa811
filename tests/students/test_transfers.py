"""转学 between two schools: both sides sign, neither reads the other's rows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_phone
from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    change_enrolment,
    decline_transfer,
    propose_transfer,
    sign_transfer,
    withdraw_transfer,
)
from students.models import EnrolmentChange, Guardian, Student, Transfer, blind_enrolment
from tests import database
from tests.cast import Cast
from tests.cast import student as new_student
from tests.racing import race, unguarded

TODAY = date(2026, 9, 1)
BLIND = '"students_student"."id_blind" = '


def proposed(cast: Cast, **changed: Any) -> Transfer:
    facts: dict[str, Any] = {
        "student": cast.a.students[0],
        "to_school": cast.b.school,
        "on": TODAY,
    }
    return propose_transfer(**facts | {"reason": "随父母迁居", "by": cast.operator} | changed)


def unsigned(cast: Cast) -> Transfer:
    """He has left by it; the signature alone is missing."""
    made, out = proposed(cast), EnrolmentChange.Kind.TRANSFER_OUT
    gone = cast.a.students[0]
    change_enrolment(student=gone, kind=out, on=made.on, reason="迁居", by=cast.operator)
    return made


def signed(cast: Cast) -> Transfer:
    return sign_transfer(transfer=proposed(cast), by=cast.reviewer)


def accept(cast: Cast, made: Transfer) -> Student:
    return accept_transfer(
        transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator
    )


def test_the_student_goes_with_facts_and_history_on_both_sides(cast: Cast) -> None:
    row = cast.a.students[0]
    Guardian.objects.create(
        school=cast.school, student=row, name="张样泽", relation="父亲", phone="13900000001"
    )
    number = row.id_number.reveal()
    made = signed(cast)
    row.refresh_from_db()
    assert (row.status, row.left_on) == ("left", TODAY)
    with acting_for(cast.b.school):
        taken = accept(cast, made)
        fresh = Student.objects.get(pk=taken.pk)
        assert (fresh.name, fresh.id_number.reveal(), fresh.school) == (
            row.name, number, cast.b.school,
        )  # fmt: skip
        assert fresh.guardians.get().phone.reveal() == "13900000001"
        change = EnrolmentChange.objects.get(student=fresh)
        assert (change.kind, change.to_class) == ("transfer_in", cast.b.school_class)
        assert Event.objects.get(verb="transfer.accept").about_id == fresh.pk
    assert Transfer.objects.get().status == "accepted"
    assert EnrolmentChange.objects.get(student=row).kind == "transfer_out"


def test_nothing_is_seen_before_it_is_signed_and_never_by_a_third(cast: Cast) -> None:
    made = proposed(cast)
    with acting_for(cast.b.school):
        assert not Transfer.objects.exists()
    sign_transfer(transfer=made, by=cast.reviewer)
    with acting_for(cast.b.school):
        assert Transfer.objects.count() == 1
        assert not Student.objects.filter(pk=cast.a.students[0].pk).exists()
    with acting_for(cast.c.school):
        assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    "change", ["to_school_id = school_id", "name = 'x'", "papers = NULL", "reason = 'x'"]
)
def test_the_receiver_writes_its_answer_alone(cast: Cast, change: str) -> None:
    made = signed(cast)
    sql = f"UPDATE students_transfer SET status = 'accepted', accept_at = now(), {change}"
    with (
        acting_for(cast.b.school),
        connection.cursor() as cursor,
        pytest.raises(Error),
        transaction.atomic(),
    ):
        cursor.execute(f"{sql}, accept_by_id = %s", [cast.b.operator.person_id])
    assert Transfer.objects.get(pk=made.pk).status == "signed"


def test_the_sender_does_not_answer_for_the_receiver(cast: Cast) -> None:
    made = signed(cast)
    with pytest.raises(Error, match="does not answer"), transaction.atomic():
        Transfer.objects.filter(pk=made.pk).update(
            status="accepted", accept_at="2026-09-01T09:00+08:00", accept_by=cast.operator.person
        )


def test_two_people_of_the_sender(cast: Cast) -> None:
    made = proposed(cast)
    with pytest.raises(Refused, match="自己审核"):
        sign_transfer(transfer=made, by=cast.operator)
    for other in (cast.a.finance, cast.b.reviewer):
        with pytest.raises(Refused, match="本校审核人或分管领导审核"):
            sign_transfer(transfer=made, by=other)
    withdraw_transfer(transfer=made, by=cast.operator)
    made = unsigned(cast)
    with pytest.raises(Error, match="second_person"), transaction.atomic():
        Transfer.objects.filter(pk=made.pk).update(
            status="signed", sign_at=clock.now(), sign_by=cast.operator.person
        )


def test_all_reasons_are_told_at_once(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        proposed(cast, to_school=cast.school, on=date(2026, 9, 2), reason=" ")
    assert len(refused.value.reasons) == 3
    proposed(cast)
    with pytest.raises(Refused, match="已在办理转学"):
        proposed(cast)


def test_withdrawn_before_signing_changes_nothing(cast: Cast) -> None:
    made = withdraw_transfer(transfer=proposed(cast), by=cast.operator)
    with pytest.raises(Refused):
        sign_transfer(transfer=made, by=cast.reviewer)
    assert Student.objects.get(pk=cast.a.students[0].pk).status == "enrolled"
    proposed(cast)


def test_only_the_schools_own_officer_takes_it_back(cast: Cast) -> None:
    made = proposed(cast)
    for someone in (cast.reviewer, cast.head_teacher, cast.b.operator):
        with pytest.raises(Refused, match="转学由本校"):
            withdraw_transfer(transfer=made, by=someone)
    assert withdraw_transfer(transfer=made, by=cast.operator).status == "withdrawn"


def test_only_the_receiving_schools_officer_answers(cast: Cast) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        to: dict[str, Any] = {"transfer": made, "school": cast.b.school}
        for someone in (cast.b.reviewer, cast.b.head_teacher, cast.operator):
            with pytest.raises(Refused, match="转入由本校"):
                accept_transfer(**to, to_class=cast.b.school_class, by=someone)
            with pytest.raises(Refused, match="转入由本校"):
                decline_transfer(**to, reason="没有学位", by=someone)
        assert Transfer.objects.get().status == "signed"
        assert accept(cast, made).status == "enrolled"


def test_declined_goes_back_and_is_enrolled_again(cast: Cast) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        with pytest.raises(Refused, match="原因"):
            decline_transfer(transfer=made, school=cast.b.school, reason=" ", by=cast.b.operator)
        decline_transfer(transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator)
        with pytest.raises(Refused):
            accept(cast, made)
    row = Transfer.objects.get(pk=made.pk)
    assert (row.status, row.answer) == ("declined", "没有学位")
    student = Student.objects.get(pk=cast.a.students[0].pk)
    change_enrolment(
        student=student, kind="transfer_in", on=TODAY, reason="对方退回", by=cast.operator
    )


def test_one_who_was_here_before_is_the_same_row(cast: Cast) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        first = accept(cast, made)
        back = propose_transfer(
            student=first, to_school=cast.school, on=TODAY, reason="迁回", by=cast.b.operator
        )
        sign_transfer(transfer=back, by=cast.b.reviewer)
    again = accept_transfer(
        transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
    )
    assert again.pk == cast.a.students[0].pk
    assert Student.objects.get(pk=again.pk).status == "enrolled"


def test_of_two_records_the_latest_goes_on_and_both_are_locked_as_everybody_locks(
    cast: Cast,
) -> None:
    """The lowest first, and so that rows about them can be written meanwhile."""
    made = signed(cast)
    number = cast.a.students[0].id_number.reveal()
    with acting_for(cast.b.school):
        older, latest = (
            new_student(
                cast.b.school_class,
                "张示远",
                id_number=number,
                status="left",
                entered_on=date(2025, 9, 1),
                left_on=date(2026, 6, 30),
            )
            for _ in range(2)
        )
        with CaptureQueriesContext(connection) as ran:
            assert accept(cast, made).pk == latest.pk
        older.refresh_from_db()
        assert older.status == "left"
    told = (q["sql"] for q in ran.captured_queries)
    (sql,) = (
        one for one in told if one.startswith("SELECT") and "UPDATE OF" in one and BLIND in one
    )
    assert sql.endswith(
        ' ORDER BY "students_student"."id" ASC FOR NO KEY UPDATE OF "students_student"'
    )


def test_who_comes_back_brings_what_was_learned_meanwhile(cast: Cast) -> None:
    row = cast.a.students[0]
    row.disability = "视力残疾"
    row.save()
    for name, phone in (("张样泽", "13900000001"), ("李样宁", "13900000002")):
        Guardian.objects.create(
            school=cast.school, student=row, name=name, relation="父亲", phone=phone
        )
    made = signed(cast)
    with acting_for(cast.b.school):
        away = accept(cast, made)
        away.name = away.name_key = "张示新"
        away.phone, away.address, away.household = "13900000009", "示范区新址1号", "rural"
        away.enrolment_no, away.boarding = "G990000201001010000", "boarder"
        away.disability = None
        away.save()
        away.guardians.filter(name="李样宁").delete()
        Guardian.objects.filter(name="张样泽", student=away).update(
            name="张样 泽", relation="监护人", phone=None
        )
        back = propose_transfer(
            student=away, to_school=cast.school, on=TODAY, reason="迁回", by=cast.b.operator
        )
        sign_transfer(transfer=back, by=cast.b.reviewer)
    accept_transfer(
        transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
    )
    found = Student.objects.get(pk=row.pk)
    assert (found.name, found.household, found.boarding) == ("张示新", "rural", "day")
    assert (found.phone.reveal(), found.address.reveal()) == ("13900000009", "示范区新址1号")
    assert found.phone_blind == blind_phone("13900000009")
    assert found.enrolment_blind == blind_enrolment("G990000201001010000")
    # What the other school never heard of, a fact or a guardian, is not struck off by that.
    assert found.disability.reveal() == "视力残疾"
    assert {(g.name, g.relation, g.phone.reveal()) for g in found.guardians.all()} == {
        ("张样 泽", "监护人", "13900000001"),
        ("李样宁", "父亲", "13900000002"),
    }


def test_a_birth_date_put_right_at_the_other_school_comes_back(cast: Cast) -> None:
    row = new_student(
        cast.a.school_class,
        "示例安",
        id_number="E12345678",
        id_kind="passport",
        birth_date=date(2010, 2, 3),
    )
    made = sign_transfer(transfer=proposed(cast, student=row), by=cast.reviewer)
    with acting_for(cast.b.school):
        away = accept(cast, made)
        away.birth_date = date(2010, 3, 2)
        away.save()
        back = propose_transfer(
            student=away, to_school=cast.school, on=TODAY, reason="迁回", by=cast.b.operator
        )
        sign_transfer(transfer=back, by=cast.b.reviewer)
    accept_transfer(
        transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
    )
    found = Student.objects.get(pk=row.pk)
    assert (found.id_kind, found.birth_date) == ("passport", date(2010, 3, 2))


def test_the_way_through_the_pages(cast: Cast, sign_in: Any) -> None:
    row = cast.a.students[0]
    address = reverse("students:transfer", kwargs={"student_id": row.pk})
    client = sign_in(cast.operator)
    wrong = client.post(address, {"to_school": "没有", "on": "2026-09-01", "reason": "迁居"})
    assert "没有这所学校" in wrong.content.decode()
    client.post(address, {"to_school": cast.b.school.name, "on": "2026-09-01", "reason": "迁居"})
    made = Transfer.objects.get()
    which = {"transfer": made.pk}
    assert "同意转出" in sign_in(cast.reviewer).get(reverse("students:transfers")).content.decode()
    sign_in(cast.reviewer).post(reverse("students:transfer_sign"), which)
    with acting_for(cast.b.school):
        client = sign_in(cast.b.operator)
        listed = client.get(reverse("students:transfers")).content.decode()
        assert row.name in listed
        answer = which | {"to_class": cast.b.school_class.pk, "on": "2026-09-01"}
        client.post(reverse("students:transfer_accept"), answer)
    assert Transfer.objects.get().status == "accepted"


@pytest.mark.race
def test_one_acceptance_wins(committed: Cast) -> None:
    made = signed(committed)
    outcome = race(_accept(committed, made), organisation=committed.b.school)
    assert outcome == {"won": 1, "Refused": 63}
    with acting_for(committed.b.school):
        assert Student.objects.filter(name=committed.a.students[0].name).count() == 2


@pytest.mark.race
def test_one_proposal_wins(committed: Cast) -> None:
    outcome = race(lambda _: proposed(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_key_a_student_is_proposed_often(committed: Cast, no_locks: None) -> None:
    with database.without("students_transfer", "transfer_open_once"):
        assert unguarded(lambda _: proposed(committed), organisation=committed.school) > 1


@pytest.mark.race
def test_one_signature_wins(committed: Cast) -> None:
    outcome = race(_sign(committed, proposed(committed)), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    assert Transfer.objects.get().status == "signed"


@pytest.mark.race
def test_without_the_lock_several_sign(committed: Cast, no_locks: None) -> None:
    made = proposed(committed)
    # The database would refuse the second one by itself: a signed transfer is not signed again.
    with database.without("students_transfer", triggers=True):
        assert unguarded(_sign(committed, made), organisation=committed.school) > 1


@pytest.mark.race
def test_without_lock_and_key_the_wall_still_takes_one_answer(
    committed: Cast, no_locks: None
) -> None:
    # Whoever comes second finds a row that this school may not write any more.
    made = signed(committed)
    with database.without("students_student", "student_once_in_school"):
        won = unguarded(_accept(committed, made), organisation=committed.b.school)
        assert won == 1
        with acting_for(committed.b.school):
            assert Student.objects.filter(name=committed.a.students[0].name).count() == 2


@pytest.mark.race
def test_without_the_lock_several_withdraw(committed: Cast, no_locks: None) -> None:
    made = proposed(committed)
    won = unguarded(
        lambda _: withdraw_transfer(transfer=made, by=committed.operator),
        organisation=committed.school,
    )
    assert won > 1


def _accept(cast: Cast, made: Transfer) -> Callable[[int], object]:
    return lambda _: accept(cast, made)


def _sign(cast: Cast, made: Transfer) -> Callable[[int], object]:
    return lambda _: sign_transfer(transfer=made, by=cast.reviewer)
