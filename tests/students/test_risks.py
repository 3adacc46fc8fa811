"""Risks of the roster: what is found, what is answered, what opens again."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from audit.refusal import Refused
from office.risks import Risk
from office.spreadsheets.cells import Cell
from schools.models import Stage
from schools.scope import acting_for
from students.actions import (
    apply_roster,
    change_enrolment,
    count_heads,
    reopen_risk,
    settle_risk,
    stage_roster,
)
from students.models import Guardian, HeadCount, RiskAnswer, Student
from students.risk_queue import across, guardians_of_two, heads_of, risks_of, shared_between
from students.rules.ages import STAGE_AGES, outside
from tests import database
from tests.cast import Cast, next_id, school_class, student
from tests.racing import race, unguarded
from tests.students.rosters import row, workbook

SEPTEMBER = date(2026, 9, 1)
HOW = "查看了户口簿，确认本人在校就读"


def of(cast: Cast, kind: str) -> list[Risk]:
    return [r for r in risks_of(cast.school) if r.kind.code == kind]


def twin(cast: Cast, whose: Student) -> Student:
    """The same person on the roster of school B."""
    with acting_for(cast.b.school):
        return student(cast.b.school_class, whose.name, id_number=whose.id_number.reveal())


def guardian(of_whom: Student, name: str, phone: str, number: str = "") -> Guardian:
    row = Guardian(school_id=of_whom.school_id, student=of_whom, name=name, relation="母亲")
    row.phone = phone
    if number:
        row.id_kind, row.id_number = "resident", number
    row.save()
    return row


def test_a_quiet_roster_has_no_risks(cast: Cast) -> None:
    assert risks_of(cast.school) == []


def test_who_is_enrolled_elsewhere_is_found_without_saying_where(cast: Cast) -> None:
    one = cast.a.students[0]
    twin(cast, one)
    (risk,) = of(cast, "twice")
    assert risk.student_id == one.pk
    assert cast.b.school.name not in risk.why
    assert "另一所学校" in risk.why


def test_who_left_the_other_school_is_enrolled_once(cast: Cast) -> None:
    other = twin(cast, cast.a.students[0])
    with acting_for(cast.b.school):
        change_enrolment(
            student=other, kind="withdraw", on=SEPTEMBER, reason="退学", by=cast.b.operator
        )
    assert of(cast, "twice") == []


def test_only_a_bureau_of_both_schools_sees_both_enrolments(cast: Cast) -> None:
    one = cast.a.students[0]
    other = twin(cast, one)
    with acting_for(cast.district):
        (group,) = across()
        assert {r.student_id for r in group} == {one.pk, other.pk}
    with acting_for(cast.other_district):
        assert across() == []


@pytest.mark.parametrize(
    ("stage", "born", "word"),
    [
        (Stage.VOCATIONAL, date(2005, 9, 1), "超龄"),
        (Stage.VOCATIONAL, date(2005, 9, 2), ""),
        (Stage.SENIOR, date(2013, 9, 2), "低龄"),
        (Stage.SENIOR, date(2013, 9, 1), ""),
        (Stage.PRIMARY, date(2012, 9, 1), "超龄"),
    ],
)
def test_ages_are_counted_on_the_first_of_september(
    cast: Cast, stage: Stage, born: date, word: str
) -> None:
    room = school_class(cast.school, cast.head_teacher, 7)
    room.stage = stage
    room.save(update_fields=["stage"])
    odd = student(room, "年例岁", birth_date=born)
    found = [r for r in of(cast, "age") if r.student_id == odd.pk]
    assert [r.why[:2] for r in found] == ([word] if word else [])


def test_every_stage_has_its_ages() -> None:
    assert set(STAGE_AGES) == set(Stage)
    assert outside(Stage.VOCATIONAL, 21) == "超龄"
    assert outside(Stage.VOCATIONAL, 20) == ""


def test_a_telephone_of_two_families_is_a_risk_of_both(cast: Cast) -> None:
    one, two, _ = cast.a.students
    guardian(one, "甲示例", "13900000001")
    guardian(two, "乙示例", "13900000001")
    found = {r.student_id: r.why for r in of(cast, "phone")}
    assert set(found) == {one.pk, two.pk}
    assert two.name in found[one.pk]
    assert "139" not in found[one.pk]


def test_telephones_of_a_roster_file_are_compared(cast: Cast) -> None:
    def send(*rows: list[Cell]) -> None:
        staged = stage_roster(
            school=cast.school, content=workbook(rows), filename="名册.xlsx", by=cast.operator
        )
        apply_roster(staged=staged, by=cast.operator)

    send(row(0, 监护人电话="13900000001"), row(1, 监护人电话="13900000002"))
    assert of(cast, "phone") == []
    send(row(0, 监护人电话="13900000001"), row(1, 监护人电话="13900000001"))
    assert len(of(cast, "phone")) == 2
    send(row(0, 监护人电话="13900000003"), row(1, 监护人电话="13900000001"))
    assert of(cast, "phone") == []
    send(row(0, 联系电话="13900000001"), row(1, 监护人电话="13900000001"))
    assert len(of(cast, "phone")) == 2


def test_brothers_and_sisters_share_their_parents_telephone(cast: Cast) -> None:
    for one in cast.a.students:
        guardian(one, "甲示例", "13900000001")
    assert of(cast, "phone") == []


@pytest.mark.parametrize(("holders", "risks"), [(5, 0), (6, 6), (17, 17)])
def test_a_crowd_on_one_telephone_is_a_risk_whatever_the_guardian_is_called(
    cast: Cast, holders: int, risks: int
) -> None:
    for n in range(holders):
        guardian(student(cast.a.school_class, f"例{n}"), "甲示例", "13900000001")
    found = of(cast, "phone")
    assert len(found) == risks
    assert len({risk.student_id for risk in found}) == risks
    for risk in found:
        assert f"等{holders - 1}人留的是同一个电话，监护人同名，共{holders}人" in risk.why


def test_a_student_may_leave_his_mothers_number_as_his_own(cast: Cast) -> None:
    one = cast.a.students[0]
    guardian(one, "甲示例", "13900000001")
    one.phone = "13900000001"
    one.save()
    assert of(cast, "phone") == []


def test_an_answer_holds_until_the_facts_change(cast: Cast) -> None:
    one, two, three = cast.a.students
    guardian(one, "甲示例", "13900000001")
    guardian(two, "乙示例", "13900000001")
    risk = next(r for r in of(cast, "phone") if r.student_id == one.pk)
    answer = settle_risk(risk=risk, how=HOW, by=cast.operator)
    assert answer.facts in {r.facts for r in of(cast, "phone")}
    guardian(three, "丙示例", "13900000001")
    assert answer.facts not in {r.facts for r in of(cast, "phone")}
    event = Event.objects.get(verb="risk.settle")
    assert event.reason == HOW
    assert "139" not in str(event.facts)


def test_who_answers_and_how(cast: Cast) -> None:
    student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (risk,) = of(cast, "age")
    for by, how in (
        (cast.reviewer, HOW),
        (cast.b.operator, HOW),
        (cast.operator, "好"),
    ):
        with pytest.raises(Refused):
            settle_risk(risk=risk, how=how, by=by)
    settle_risk(risk=risk, how=HOW, by=cast.operator)
    with pytest.raises(Refused, match="已有人核实"):
        settle_risk(risk=risk, how=HOW, by=cast.operator)


def test_a_second_person_asks_again(cast: Cast) -> None:
    student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (risk,) = of(cast, "age")
    answer = settle_risk(risk=risk, how=HOW, by=cast.operator)
    with pytest.raises(Refused) as refused:
        reopen_risk(answer=answer, reason="", by=cast.operator)
    assert len(refused.value.reasons) == 3
    reopen_risk(answer=answer, reason="没有附户口簿", by=cast.reviewer)
    assert settle_risk(risk=risk, how=HOW, by=cast.operator).pk != answer.pk


def test_a_head_count_that_differs_is_a_risk_until_the_next(cast: Cast) -> None:
    room, by = cast.a.school_class, cast.head_teacher
    count_heads(school_class=room, on=SEPTEMBER, present=2, by=by)
    (risk,) = of(cast, "heads")
    assert "少1人" in risk.why
    assert risk.class_id == room.pk
    count_heads(school_class=room, on=SEPTEMBER, present=2, excused=1, by=by)
    assert of(cast, "heads") == []
    (row,) = heads_of(cast.school)
    assert (row.rostered, row.count and row.count.present) == (3, 2)


def test_a_count_of_another_term_says_nothing(cast: Cast) -> None:
    count_heads(school_class=cast.a.school_class, on=SEPTEMBER, present=1, by=cast.operator)
    HeadCount.objects.update(on=date(2026, 6, 1))
    assert of(cast, "heads") == []


def test_what_a_head_count_must_say(cast: Cast) -> None:
    room = cast.a.school_class
    for facts in (
        {"on": date(2026, 9, 2), "present": 3, "by": cast.operator},
        {"on": date(2026, 7, 1), "present": 3, "by": cast.operator},
        {"on": SEPTEMBER, "present": 999, "by": cast.operator},
        {"on": SEPTEMBER, "present": 3, "by": cast.a.finance},
    ):
        with pytest.raises(Refused):
            count_heads(school_class=room, **facts)  # type: ignore[arg-type]


def test_a_guardian_with_children_in_two_schools_is_seen_by_the_bureau_alone(cast: Cast) -> None:
    number = next_id()
    guardian(cast.a.students[0], "甲示例", "13900000001", number)
    with acting_for(cast.b.school):
        guardian(cast.b.students[0], "甲示例", "13900000001", number)
    assert guardians_of_two() == []
    with acting_for(cast.district):
        (found,) = guardians_of_two()
    assert [school for school, _, _ in found.students] == sorted(
        [cast.school.name, cast.b.school.name]
    )


def test_a_sealed_value_takes_its_blind_index_along(cast: Cast) -> None:
    row = guardian(cast.a.students[0], "甲示例", "13900000001")
    before = bytes(row.phone_blind or b"")
    assert len(before) == 32
    row.phone = ""
    row.save()
    row.refresh_from_db()
    assert row.phone_blind is None


def test_risks_cost_the_same_however_many_students(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            risks_of(cast.school)
        return len(seen)

    few = cost()
    for n in range(30):
        guardian(student(cast.a.school_class, f"例{n}"), f"家长{n}", "13900000001")
    assert cost() == few
    assert len(of(cast, "phone")) == 30
    assert shared_between(cast.district, [cast.school.pk])


def _odd(cast: Cast) -> Risk:
    student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))
    (risk,) = of(cast, "age")
    return risk


@pytest.mark.race
def test_one_answer_wins(committed: Cast) -> None:
    risk = _odd(committed)
    outcome = race(
        lambda _: settle_risk(risk=risk, how=HOW, by=committed.operator),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_key_several_answers_stand(committed: Cast) -> None:
    risk = _odd(committed)
    with database.without("students_riskanswer", "risk_answered_once"):
        won = unguarded(
            lambda _: settle_risk(risk=risk, how=HOW, by=committed.operator),
            organisation=committed.school,
        )
        assert won > 1
        RiskAnswer.objects.all().delete()


@pytest.mark.race
def test_one_reopening_wins(committed: Cast) -> None:
    answer = settle_risk(risk=_odd(committed), how=HOW, by=committed.operator)
    outcome = race(
        lambda _: reopen_risk(answer=answer, reason="没有附件", by=committed.reviewer),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_several_reopen(committed: Cast, no_locks: None) -> None:
    answer = settle_risk(risk=_odd(committed), how=HOW, by=committed.operator)
    won = unguarded(
        lambda _: reopen_risk(answer=answer, reason="没有附件", by=committed.reviewer),
        organisation=committed.school,
    )
    assert won > 1
