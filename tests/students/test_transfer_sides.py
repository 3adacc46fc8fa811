"""What goes with a transferred student and what stays; what either side is refused."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.models import School
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    add_class,
    change_enrolment,
    decline_transfer,
    propose_transfer,
    sign_transfer,
)
from students.models import Guardian, SchoolClass, Student, Transfer, blind_enrolment
from students.rules.transfer import packed, why_not_accept, why_not_propose, why_not_there
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.test_transfers import TODAY, accept, proposed, signed, unsigned


def guardian(student: Student, name: str) -> Guardian:
    made: Guardian = Guardian.objects.create(
        school_id=student.school_id, student=student, name=name, relation="父亲"
    )
    return made


def test_no_other_familys_guardian_goes_along(cast: Cast) -> None:
    mine, other, _ = cast.a.students
    for row, name in ((other, "李样明"), (mine, "张样泽"), (mine, "张样兰")):
        guardian(row, name)
    made = signed(cast)
    told = json.loads(made.papers.reveal())
    assert [g["name"] for g in told["guardians"]] == ["张样泽", "张样兰"]
    with acting_for(cast.b.school):
        taken = accept(cast, made)
        assert {g.name for g in taken.guardians.all()} == {"张样泽", "张样兰"}
        assert taken.enrolment_blind == blind_enrolment(told["enrolment_no"])


def test_a_guardian_first_known_at_the_other_school_comes_back(cast: Cast) -> None:
    row = cast.a.students[0]
    guardian(row, "张样泽")
    made = signed(cast)
    with acting_for(cast.b.school):
        away = accept(cast, made)
        guardian(away, "张样兰")
        back = propose_transfer(
            student=away, to_school=cast.school, on=TODAY, reason="迁回", by=cast.b.operator
        )
        sign_transfer(transfer=back, by=cast.b.reviewer)
    accept_transfer(
        transfer=back, school=cast.school, to_class=cast.a.school_class, by=cast.operator
    )
    assert {g.name for g in row.guardians.all()} == {"张样泽", "张样兰"}


def test_of_two_records_here_the_newer_one_is_taken_up(cast: Cast) -> None:
    number = cast.a.students[0].id_number.reveal()
    with acting_for(cast.b.school):
        gone = [
            new_student(
                cast.b.school_class, "张示远", id_number=number, status="left", left_on=TODAY
            )
            for _ in range(2)
        ]
    made = signed(cast)
    with acting_for(cast.b.school):
        assert accept(cast, made).pk == gone[1].pk


def test_papers_of_before_a_fact_was_asked_are_taken(cast: Cast) -> None:
    made = unsigned(cast)
    told = json.loads(packed(Student.objects.get(pk=made.student_id), []))
    for name in ("lifted_year", "household_address", "disability"):
        del told[name]
    # An older program signed it.
    made.papers, made.status = json.dumps(told), "signed"
    made.sign_at, made.sign_by = clock.now(), cast.reviewer.person
    made.save()
    with acting_for(cast.b.school):
        taken = accept(cast, made)
        assert (taken.lifted_year, taken.status) == (None, "enrolled")
        assert not Student.objects.get(pk=taken.pk).disability


@pytest.mark.parametrize(
    ("mine", "theirs", "teaches"),
    [("junior", "junior", True), ("senior", "vocational", True), ("vocational", "senior", True),
     ("junior", "senior", False), ("senior", "junior", False), ("primary", "junior", False)],
)  # fmt: skip
def test_who_goes_on_at_the_same_level(cast: Cast, mine: str, theirs: str, teaches: bool) -> None:
    row = cast.a.students[0]
    row.school_class.stage = mine
    for stage, stages in ((theirs, set()), ("preschool", {"preschool", theirs})):
        to: dict[str, Any] = {"to_school": School(name="乙校", stage=stage), "stages": stages}
        assert (why_not_there(student=row, **to) == []) is teaches


@pytest.mark.parametrize(("days", "said"), [(0, ["转出日期早于出生日期"]), (1, [])])
def test_nobody_is_handed_over_on_the_day_of_his_birth(
    cast: Cast, days: int, said: list[str]
) -> None:
    row = cast.a.students[0]
    row.entered_on = None
    found = why_not_propose(
        student=row, to_school=cast.b.school, on=row.birth_date + timedelta(days), reason="迁居",
        today=TODAY,
    )  # fmt: skip
    assert [r.text for r in found] == said


def test_the_sender_neither_takes_nor_declines_its_own(cast: Cast) -> None:
    made = signed(cast)
    to: dict[str, Any] = {"transfer": made, "school": cast.school, "by": cast.operator}
    with pytest.raises(Refused, match="不是转到本校的"):
        accept_transfer(**to, to_class=cast.a.school_class)
    with pytest.raises(Refused, match="不是转到本校的"):
        decline_transfer(**to, reason="没有学位")
    assert Transfer.objects.get().status == "signed"


def test_nobody_is_taken_into_a_class_that_is_not_there(cast: Cast) -> None:
    made = signed(cast)
    with acting_for(cast.b.school):
        gone = add_class(
            school=cast.b.school, stage="vocational", grade=3, number=1, name="三年级（1）班",
            by=cast.b.operator,
        )  # fmt: skip
        SchoolClass.objects.filter(pk=gone.pk).update(closed_on=TODAY)
        gone.refresh_from_db()
        for to_class in (gone, cast.a.school_class):
            with pytest.raises(Refused, match="不能进入这个班级"):
                accept_transfer(
                    transfer=made, school=cast.b.school, to_class=to_class, by=cast.b.operator
                )


def test_who_is_on_the_roster_already_is_not_taken_twice(cast: Cast) -> None:
    number = cast.a.students[0].id_number.reveal()
    made = signed(cast)
    with acting_for(cast.b.school):
        new_student(cast.b.school_class, "张示远", id_number=number)
        with pytest.raises(Refused, match="已有张示远的在籍记录"):
            accept(cast, made)
    reasons = why_not_accept(
        transfer=made, school=cast.b.school, to_class=cast.b.school_class, present=True
    )
    assert [r.text for r in reasons] == ["本校名册中已有张示远的在籍记录"]


def test_who_left_or_had_not_come_is_not_proposed(cast: Cast) -> None:
    row = cast.a.students[0]
    told: dict[str, Any] = {"student": row, "to_school": cast.b.school, "today": TODAY}
    assert why_not_propose(**told, on=TODAY, reason="迁居") == []
    early = why_not_propose(**told, on=date(2026, 8, 31), reason="迁居")
    assert [r.text for r in early] == ["转出日期早于入学日期"]
    row.entered_on = None
    assert why_not_propose(**told, on=date(2026, 8, 31), reason="迁居") == []
    change_enrolment(student=row, kind="withdraw", on=TODAY, reason="外出", by=cast.operator)
    with pytest.raises(Refused, match="张示远已离校，不能转出"):
        proposed(cast)


def test_proposing_is_on_record_with_school_and_day(cast: Cast) -> None:
    proposed(cast)
    told = Event.objects.get(verb="transfer.propose")
    assert told.about_id == cast.a.students[0].pk
    assert told.facts == {"to_school": cast.b.school.pk, "on": "2026-09-01"}
