"""What a second file counts as new, changed or gone; what it must not write over."""

from collections.abc import Callable
from typing import Any

import pytest

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from schools import clock
from schools.scope import acting_for
from students.actions import add_class, apply_roster, change_enrolment, stage_roster
from students.models import Guardian, RosterImport, SchoolClass, Student, blind_enrolment
from tests.cast import Cast, student
from tests.students.rosters import HEADERS, name, number, roster, row, workbook

SECOND = ("监护人2姓名", "监护人2关系", "监护人2电话")


def staged(cast: Cast, rows: list[list[Cell]], headers: tuple[str, ...] = HEADERS) -> RosterImport:
    content = workbook(rows, headers)
    return stage_roster(school=cast.school, content=content, filename="名册.xlsx", by=cast.operator)


@pytest.fixture
def six(cast: Cast) -> list[Student]:
    """Six students of a first file; the cast's own three have gone to another grade."""
    content = roster(6)
    first = stage_roster(
        school=cast.school, content=content, filename="名册.xlsx", by=cast.operator
    )
    Student.objects.update(status="left", left_on=clock.today())
    apply_roster(staged=first, by=cast.operator)
    return list(Student.objects.present().order_by("pk"))


def told(found: RosterImport) -> list[str]:
    return [w["reason"] for w in found.warnings]


def test_who_left_is_told_with_the_day(cast: Cast, six: list[Student]) -> None:
    Student.objects.filter(pk=six[0].pk).update(status="left", left_on=clock.today())
    (error,) = staged(cast, [row(n) for n in range(6)]).errors
    assert "这名学生已于2026年9月1日离校。" in error["reason"]


def test_gone_is_who_is_in_school_in_a_grade_of_the_file_and_not_in_it(
    cast: Cast, six: list[Student]
) -> None:
    upper = add_class(
        school=cast.school, stage="senior", grade=2, number=1, name="高二（1）班", by=cast.operator
    )
    Student.objects.filter(pk=six[5].pk).update(school_class=upper)
    Student.objects.filter(pk=six[4].pk).update(status="suspended")
    # One bears the name of someone in the file, one that of a row whose number can't be read.
    Student.objects.filter(pk=six[3].pk).update(name=name(0), name_key=name(0))
    torn = row(7, 身份证件号码="99010120100101", 姓名=name(2), 学籍号="")
    found = staged(cast, [row(0), row(1), torn])
    assert found.counts["missing"] == [six[3].pk]
    assert (found.counts["left"], found.counts["unchanged"], found.counts["bad"]) == (1, 2, 1)


def test_another_students_enrolment_number_is_refused(cast: Cast, six: list[Student]) -> None:
    Student.objects.filter(pk=six[3].pk).update(enrolment_no=None, enrolment_blind=None)
    new = row(9, 学籍号=f"G{number(2)}")
    found = staged(cast, [row(0), new])
    (error,) = found.errors
    assert "名册中另一名学生已用这个学籍号" in error["reason"]
    assert (found.counts["added"], found.counts["bad"]) == (0, 1)


def test_another_enrolment_number_of_the_same_student_is_a_change(
    cast: Cast, six: list[Student]
) -> None:
    found = staged(cast, [row(0), row(1, 学籍号="G990101201001010000")])
    assert (found.counts["changed"], found.counts["fields"]) == (1, {"学籍号": 1})
    assert found.counts["touched"] == {"高一（1）班": 1}
    apply_roster(staged=found, by=cast.operator)
    changed = Student.objects.get(pk=six[1].pk)
    assert changed.enrolment_blind == blind_enrolment("G990101201001010000")


def test_a_namesake_of_the_class_is_told_and_one_of_another_class_is_not(
    cast: Cast, six: list[Student]
) -> None:
    same = [row(8, 姓名=name(0)), row(9, 姓名=name(1), 班级="2班")]
    found = staged(cast, [*(row(n) for n in range(6)), *same])
    assert [w["cell"] for w in found.warnings] == ["A8"]
    assert "班里已有同名学生" in told(found)[0]
    assert found.counts["added"] == 2
    assert found.counts["touched"] == {"高一（1）班": 1, "高一（2）班": 1}


def test_who_is_enrolled_elsewhere_too_is_told(cast: Cast) -> None:
    with acting_for(cast.b.school):
        student(cast.b.school_class, name(1), id_number=number(1))
        student(cast.b.school_class, name(2), id_number=number(2), status="left",
                left_on=clock.today())  # fmt: skip
    found = staged(cast, [row(n) for n in range(3)])
    assert [(w["cell"], w["reason"]) for w in found.warnings] == [
        ("B3", "这名学生在别的学校也有学籍，请与区教育局核对。")
    ]


def test_an_older_record_does_not_speak_for_who_is_here(cast: Cast, six: list[Student]) -> None:
    student(cast.a.school_class, name(1), id_number=number(1), status="left",
            left_on=clock.today())  # fmt: skip
    found = staged(cast, [row(n) for n in range(6)])
    assert (found.errors, found.counts["unchanged"]) == ([], 6)


def test_a_row_in_another_class_is_a_change_of_class_alone(cast: Cast, six: list[Student]) -> None:
    rows = [row(n) for n in range(5)]
    found = staged(cast, [*rows, row(5, 班级="2班")])
    assert (found.counts["changed"], found.counts["fields"]) == (1, {"班级": 1})
    apply_roster(staged=found, by=cast.operator)
    assert Student.objects.get(pk=six[5].pk).school_class.name == "高一（2）班"
    other = staged(cast, [*rows, row(5)])
    assert (other.counts["changed"], other.counts["fields"]) == (1, {"班级": 1})


def test_who_has_a_document_is_no_child_for_the_time_being(cast: Cast, six: list[Student]) -> None:
    """Another number, the same name and day: added, and the other counts as gone."""
    other = student(
        SchoolClass.objects.get(pk=six[1].school_class_id), "甲示例", birth_date=six[1].birth_date
    )
    found = staged(
        cast, [*(row(n) for n in range(6)), row(1, 姓名="甲示例", 身份证件号码=number(337))]
    )
    assert found.counts["missing"] == [other.pk]
    assert found.counts["added"] == 1


def test_a_class_of_a_stage_that_the_school_has_not_is_asked_about(cast: Cast) -> None:
    found = staged(cast, [row(0), row(1, 年级="七年级"), row(2, 年级="七年级")])
    assert [reason for reason in told(found) if "本校还没有" in reason] == [
        "本校还没有初中的班，会新开“七年级（1）班”，请核对年级。"
    ]
    add_class(
        school=cast.school, stage="junior", grade=2, number=1, name="八年级（1）班",
        by=cast.operator,
    )  # fmt: skip
    again = staged(cast, [row(0), row(1, 年级="七年级")])
    assert not [reason for reason in told(again) if "本校还没有" in reason]


def _swap(cast: Cast) -> None:
    _, second, third = SchoolClass.objects.for_school(cast.school).order_by("number")
    places = ((second, 9, "暂"), (third, 2, "高一（2）班"), (second, 3, "高一（3）班"))
    for one, where, called in places:
        one.number, one.name = where, called
        one.save()


CHANGES: dict[str, tuple[dict[str, Cell], Callable[[Cast, Student], Any]]] = {
    "plain": ({"户口性质": "城镇"}, lambda _, s: _set(s, household="")),
    "sealed": ({"联系电话": "13900000088"}, lambda _, s: _set(s, phone="13900000077")),
    "guardian": (
        {"监护人电话": "13900000088"},
        lambda _, s: _set(s.guardians.order_by("pk")[0], phone="13900000077"),
    ),
    "second": (
        {"监护人2电话": "13900000088"},
        lambda _, s: _set(s.guardians.order_by("pk")[1], phone="13900000077"),
    ),
    "class from": (
        {"班级": "3班"},
        lambda c, s: Student.objects.filter(pk=s.pk).update(
            school_class=SchoolClass.objects.get(name="高一（2）班")
        ),
    ),
    "class to": ({"班级": "2班"}, lambda c, _: _swap(c)),
    "somebody else": (
        {"户口性质": "城镇"},
        lambda c, _: change_enrolment(
            student=Student.objects.present().order_by("pk")[0], kind="withdraw",
            on=clock.today(), reason="外出", by=c.operator,
        ),
    ),
}  # fmt: skip


def _set(kept: Student | Guardian, **values: str) -> None:
    for attribute, value in values.items():
        setattr(kept, attribute, value)
    kept.save()


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_what_somebody_changed_since_the_preview_is_not_written_over(cast: Cast, what: str) -> None:
    headers = (*HEADERS, *SECOND)
    family: list[Cell] = ["王样兰", "母亲", "13900000066"]
    Student.objects.update(status="left", left_on=clock.today())
    for n in (2, 3):
        add_class(
            school=cast.school, stage="senior", grade=1, number=n, name=f"高一（{n}）班",
            by=cast.operator,
        )  # fmt: skip
    apply_roster(
        staged=staged(cast, [[*row(n), *family] for n in range(3)], headers), by=cast.operator
    )
    cells, meanwhile = CHANGES[what]
    rows = [[*row(n), *family] for n in range(3)]
    for heading, value in cells.items():
        rows[1][headers.index(heading)] = value
    preview = staged(cast, rows, headers)
    assert preview.counts["changed"] == 1
    meanwhile(cast, Student.objects.present().order_by("pk")[1])
    with pytest.raises(Refused, match="预览之后有变动"):
        apply_roster(staged=preview, by=cast.operator)
