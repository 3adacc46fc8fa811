"""The head teacher verifies one by one: what agrees with the facts and what is missing."""

from datetime import date

import pytest

from audit.refusal import Refused
from screening import actions
from students.models import Student
from tests.cast import Cast
from tests.screening import factories as make
from tests.screening.steps import MEND, at, opened, row_of, texts, verified


def test_only_the_classs_own_head_teacher_verifies(cast: Cast) -> None:
    screening = opened(cast)
    row = row_of(screening, cast.a.students[0])
    for by in (cast.operator, cast.b.head_teacher):
        with pytest.raises(Refused, match="只有高一（1）班的班主任能核实本班学生"):
            actions.verify(row=row, result="not_difficult", by=by)
        with pytest.raises(Refused, match="只有高一（1）班的班主任"):
            actions.verify_rest(screening=screening, school_class=cast.a.school_class, by=by)


@pytest.mark.parametrize("result", ["not_difficult", "aided", "unaided", "", "nonsense"])
@pytest.mark.parametrize("facts", ["ordinary", "tagged", "graded", "granted", "paid"])
def test_the_result_must_agree_with_the_facts(cast: Cast, facts: str, result: str) -> None:
    someone = cast.a.students[0]
    if facts == "tagged":
        make.tag(someone, make.group(1))
    elif facts != "ordinary":
        make.recognise(cast.a, someone, cast.term, "general")
    if facts in ("granted", "paid"):
        award = make.award(cast.a, someone, cast.term, make.programme())
        if facts == "paid":
            make.pay(cast.a, award)
    row = row_of(opened(cast), someone)
    right = {"ordinary": "not_difficult", "tagged": "unaided", "graded": "unaided"}
    if result == right.get(facts, "aided"):
        kept = actions.verify(row=row, result=result, by=cast.head_teacher, **MEND)
        assert kept.result == result
        assert bool(kept.reason) == (result == "unaided")
        return
    with pytest.raises(Refused):
        actions.verify(row=row, result=result, by=cast.head_teacher, **MEND)
    assert row_of(row.screening, someone).result == ""


@pytest.mark.parametrize(
    ("facts", "result", "text"),
    [
        ("ordinary", "unaided", "该生本学年没有认定为家庭经济困难，也没有免认定列入的特殊群体记录"),
        ("tagged", "not_difficult", "在部门提供的特殊群体名单中，本学年还没有认定"),
        ("graded", "not_difficult", "本学年已认定为家庭经济困难"),
        ("graded", "aided", "本学期没有确定的资助，也没有到账的资助"),
        ("granted", "unaided", "本学期已确定资助（还没有到账），不属于应助未助"),
        ("paid", "unaided", "本学期已有资助到账，不属于应助未助"),
        ("left", "not_difficult", "该生已不在籍在校，不再列入排查"),
    ],
)
def test_each_contradiction_says_what_to_do(cast: Cast, facts: str, result: str, text: str) -> None:
    someone = cast.a.students[0]
    row = row_of(opened(cast), someone)
    if facts == "tagged":
        make.tag(someone, make.group(1))
    elif facts in ("graded", "granted", "paid"):
        make.recognise(cast.a, someone, cast.term, "general")
    if facts in ("granted", "paid"):
        award = make.award(cast.a, someone, cast.term, make.programme())
        if facts == "paid":
            make.pay(cast.a, award)
    if facts == "left":
        Student.objects.filter(pk=someone.pk).update(status="left", left_on=date(2026, 9, 1))
    with pytest.raises(Refused) as refused:
        actions.verify(row=row, result=result, by=cast.head_teacher, **MEND)
    assert texts(refused) == [text]
    assert refused.value.reasons[0].mend


def test_an_unaided_student_needs_reason_measure_and_a_day_to_come(cast: Cast) -> None:
    someone = cast.a.students[0]
    make.tag(someone, make.group(1))
    row = row_of(opened(cast), someone)
    with pytest.raises(Refused) as refused:
        actions.verify(row=row, result="unaided", by=cast.head_teacher, reason=" ")
    assert texts(refused) == ["没有写应资助未资助的原因", "没有写解决措施", "没有写解决时限"]
    late = {**MEND, "measure_due_on": date(2026, 8, 31)}
    with pytest.raises(Refused, match="解决时限已经过去"):
        actions.verify(row=row, result="unaided", by=cast.head_teacher, **late)


def test_the_rest_leaves_the_unaided_and_mends_what_changed(cast: Cast) -> None:
    poor, other, _ = cast.a.students
    screening = verified(cast)
    make.tag(poor, make.group(1))
    make.recognise(cast.a, other, cast.term, "hard")
    make.award(cast.a, other, cast.term, make.programme())
    again = actions.verify_rest(
        screening=screening, school_class=cast.a.school_class, by=cast.head_teacher
    )
    assert again == 1
    assert row_of(screening, other).result == "aided"


@pytest.mark.parametrize("status", ["filled", "reviewed", "signed"])
def test_nothing_is_verified_after_filling_in(cast: Cast, status: str) -> None:
    screening = at(cast, status)
    row = row_of(screening, cast.a.students[0])
    with pytest.raises(Refused, match="不能再改核实结果"):
        actions.verify(row=row, result="not_difficult", by=cast.head_teacher)
