"""Whose risks are found, who answers them and until when; to-dos that come of newcomers."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.refusal import Refused
from schools import clock
from schools.models import Stage
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    decline_transfer,
    propose_correction,
    propose_transfer,
    reopen_risk,
    set_age_limit,
    settle_risk,
    sign_transfer,
)
from students.deadlines import corrections_to_sign, transfers_to_answer, year_to_turn
from students.models import RiskAnswer, SchoolClass, Student, YearRollover
from students.risk_queue import across, allowed_ages, risks_of
from students.rules.corrections import Identity
from students.rules.risks import may_count, why_not_count
from tests.cast import Cast, school_class, student
from tests.students.test_risks import HOW, SEPTEMBER, guardian, of, twin

PHONE = "13900000001"


def leave(cast: Cast, row: Student) -> None:
    change_enrolment(student=row, kind="withdraw", on=SEPTEMBER, reason="退学", by=cast.operator)


# --- who is found


def test_who_left_has_no_risks(cast: Cast) -> None:
    one, two, three = cast.a.students
    other = twin(cast, one)
    for row, name in ((two, "李样明"), (three, "王例和")):
        guardian(row, name, PHONE)
    old = student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    assert {r.kind.code for r in risks_of(cast.school)} == {"twice", "phone", "age"}
    for row in (one, two, old):
        leave(cast, row)
    assert risks_of(cast.school) == []
    with acting_for(cast.district):
        assert across() == []
    assert other.status == "enrolled"


def test_a_student_s_own_telephone_counts_like_the_guardian_s_and_none_is_none(cast: Cast) -> None:
    one, two, three = cast.a.students
    one.phone = PHONE
    one.save()
    guardian(two, "李样明", PHONE)
    guardian(three, "王例和", "")
    assert {r.student_id for r in of(cast, "phone")} == {one.pk, two.pk}
    leave(cast, one)
    assert of(cast, "phone") == []


def test_who_is_away_is_not_asked_about_for_the_age(cast: Cast) -> None:
    old = student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    assert [r.student_id for r in of(cast, "age")] == [old.pk]
    change_enrolment(student=old, kind="suspend", on=SEPTEMBER, reason="因病", by=cast.operator)
    assert of(cast, "age") == []


def test_a_schools_own_ages_hold_for_it_and_for_the_stage_alone(cast: Cast) -> None:
    room = school_class(cast.school, cast.head_teacher, 7)
    SchoolClass.objects.filter(pk=room.pk).update(stage=Stage.JUNIOR)
    room.refresh_from_db()
    young = student(room, "少例岁", birth_date=date(2008, 9, 1))
    old = student(cast.a.school_class, "年例岁", birth_date=date(2004, 9, 1))
    assert {r.student_id for r in of(cast, "age")} == {young.pk, old.pk}
    set_age_limit(
        organisation=cast.school, stage=Stage.SENIOR, least=13, most=22, seen="13—20岁",
        reason="招收退役军人", by=cast.operator,
    )  # fmt: skip
    assert {r.student_id for r in of(cast, "age")} == {young.pk}
    assert {r.student_id for r in allowed_ages(cast.school)} == {old.pk}


def test_an_answer_holds_for_the_status_and_the_birth_date_it_was_given_for(cast: Cast) -> None:
    old = student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (age,) = of(cast, "age")
    Student.objects.filter(pk=old.pk).update(birth_date=date(2000, 1, 2))
    (again,) = of(cast, "age")
    assert age.facts != again.facts
    one = cast.a.students[0]
    twin(cast, one)
    (twice,) = of(cast, "twice")
    change_enrolment(student=one, kind="suspend", on=SEPTEMBER, reason="因病", by=cast.operator)
    assert of(cast, "twice")[0].facts != twice.facts


# --- who answers


def test_who_answers_and_who_asks_again(cast: Cast) -> None:
    student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (risk,) = of(cast, "age")
    with pytest.raises(Refused, match="怎样核实的写得太短，只有3个字（至少要写4个字"):
        settle_risk(risk=risk, how="已核实 ", by=cast.operator)
    answer = settle_risk(risk=risk, how="看户口簿", by=cast.operator)
    for by, said in ((cast.b.reviewer, "由审核人或分管领导办理"), (cast.a.finance, "由审核人")):
        with pytest.raises(Refused, match=said):
            reopen_risk(answer=answer, reason="再核", by=by)
    with pytest.raises(Refused, match="退回的原因写得太短，只有1个字"):
        reopen_risk(answer=answer, reason="再", by=cast.a.leader)
    reopen_risk(answer=answer, reason="再核", by=cast.a.leader)
    with pytest.raises(Refused, match="已经退回过了"):
        reopen_risk(answer=RiskAnswer.objects.get(), reason="再核", by=cast.reviewer)
    settle_risk(risk=risk, how=HOW, by=cast.operator)


def test_who_counts_heads_of_which_class(cast: Cast) -> None:
    row = cast.a.school_class
    counting = (cast.operator, cast.reviewer, cast.a.leader, cast.head_teacher)
    assert [may_count(row, by) for by in counting] == [True] * 4
    assert not may_count(row, cast.a.finance)
    row.closed_on = SEPTEMBER
    assert not any(may_count(row, by) for by in counting)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"on": SEPTEMBER - timedelta(days=30)}, []),
        ({"on": SEPTEMBER - timedelta(days=31)}, ["清点日期在30天以前"]),
        ({"on": SEPTEMBER + timedelta(days=1)}, ["清点日期还没有到"]),
        ({"present": 0, "excused": 0}, []),
        ({"present": -1}, ["人数不对"]),
        ({"excused": -1}, ["人数不对"]),
        ({"present": 150, "excused": 50}, []),
        ({"present": 150, "excused": 51}, ["人数不对"]),
        ({"rostered": 100, "present": 300}, []),
        ({"rostered": 100, "present": 301}, ["人数不对"]),
    ],
)
def test_what_a_head_count_may_say(cast: Cast, facts: dict[str, Any], said: list[str]) -> None:
    told: dict[str, Any] = {
        "on": SEPTEMBER, "present": 3, "excused": 0, "rostered": 3, "today": SEPTEMBER,
        "by": cast.operator,
    }  # fmt: skip
    assert [r.text for r in why_not_count(cast.a.school_class, **(told | facts))] == said


def test_nobody_counts_a_class_that_graduated(cast: Cast) -> None:
    row = cast.a.school_class
    row.closed_on = SEPTEMBER
    found = why_not_count(
        row, on=SEPTEMBER, present=3, excused=0, rostered=3, by=cast.operator, today=SEPTEMBER
    )
    assert f"{row}已毕业" in [r.text for r in found]


# --- what the desk owes


def sent(cast: Cast, n: int, on: date) -> Any:
    with clock.at(clock.office_opens(on)):
        made = propose_transfer(
            student=cast.a.students[n], to_school=cast.b.school, on=SEPTEMBER, reason="迁居",
            by=cast.operator,
        )  # fmt: skip
        return sign_transfer(transfer=made, by=cast.reviewer)


def test_the_transfer_signed_first_says_until_when(cast: Cast) -> None:
    late, early = sent(cast, 0, date(2026, 9, 3)), sent(cast, 1, SEPTEMBER)
    with acting_for(cast.b.school):
        (owed,) = transfers_to_answer(cast.b.operator)
        assert (owed.title, owed.due_on) == ("接收2名转入的学生", date(2026, 9, 29))
        decline_transfer(
            transfer=early, school=cast.b.school, reason="没有学位", by=cast.b.operator
        )
        (owed,) = transfers_to_answer(cast.b.operator)
        # 20 working days after 3 September; 25 to 27 September and 1 to 7 October are off.
        assert (owed.title, owed.due_on) == ("接收1名转入的学生", date(2026, 10, 8))
    (back,) = transfers_to_answer(cast.operator)
    assert back.title == "1名转出的学生被退回"
    change_enrolment(
        student=early.student, kind="transfer_in", on=SEPTEMBER, reason="退回", by=cast.operator
    )
    assert transfers_to_answer(cast.operator) == [], "he is back, and the other is not theirs"
    assert late.status == "signed"


def test_nobody_is_reminded_of_what_he_proposed_himself(cast: Cast) -> None:
    row = cast.a.students[0]
    told = Identity.of(row)
    propose_correction(
        student=row, reason="凭户口簿", by=cast.operator,
        told=Identity(**{n: getattr(told, n) for n in Identity.__slots__} | {"name": "张示源"}),
    )  # fmt: skip
    (owed,) = corrections_to_sign(cast.reviewer)
    assert owed.count == 1
    assert corrections_to_sign(cast.operator) == []


def test_on_which_days_the_year_is_to_be_turned(cast: Cast) -> None:
    owed = []
    for day in (date(2026, 6, 15), date(2026, 6, 16), date(2026, 7, 15), date(2026, 9, 1)):
        with clock.at(clock.office_opens(day)):
            owed.append(len(year_to_turn(cast.operator)))
    assert owed == [0, 1, 1, 0], "in autumn the new rosters have risen already"
    YearRollover.objects.create(
        school=cast.school, year=2025, left_on=date(2025, 7, 1), classes=1, graduated=0,
        done_by=cast.operator.person, done_at=clock.now(),
    )  # fmt: skip
    with clock.at(clock.office_opens(date(2026, 7, 1))):
        assert len(year_to_turn(cast.operator)) == 1, "last year's is another one"
        SchoolClass.objects.update(closed_on=date(2026, 7, 1))
        assert year_to_turn(cast.operator) == []
