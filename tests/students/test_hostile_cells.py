"""Cells with what no screen shows and no database takes, all the way into the roster."""

import io
from collections.abc import Sequence

import openpyxl
import pytest

from office.spreadsheets.cells import Cell
from schools.scope import acting_for
from students.actions import apply_roster, match_list, stage_roster
from students.models import Guardian, SchoolClass, Student
from tests.cast import Cast
from tests.students.rosters import HEADERS, number, row
from tests.students.test_actions_lists import upload


def escaped(rows: Sequence[Sequence[Cell]]) -> bytes:
    """An .xlsx in whose texts `_x0000_` stands for the sign itself, as Excel writes it."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("名册", 0)
    for cells in rows:
        sheet.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_roster_full_of_control_characters(cast: Cast) -> None:
    told = row(
        0,
        姓名="赵_x0000_示\u202e例",
        班级="特_x0000__x0007_色班",
        现住址="示范区_x0000_1号",
        监护人姓名="赵样\u2066泽\u2069",
        监护人关系="父_x0000_亲",
    )
    content = escaped(
        [[*HEADERS, "民_x0000_族", "备_x0000_注"], [*told, "汉_x0000_族", "甲_x0000_乙"]]
    )
    staged = stage_roster(
        school=cast.school, content=content, filename="名册.xlsx", by=cast.operator
    )
    assert (staged.errors, staged.counts["added"]) == ([], 1)
    assert "\x00" not in str(staged.layout) + str(staged.counts)
    apply_roster(staged=staged, by=cast.operator)
    student = Student.objects.get(name="赵示例")
    assert (student.ethnicity, student.address.reveal()) == ("汉族", "示范区1号")
    assert SchoolClass.objects.filter(name="特色班").exists()
    guardian = Guardian.objects.get(student=student)
    assert (guardian.name, guardian.relation) == ("赵样泽", "父亲")


@pytest.mark.parametrize(
    "told",
    [
        ("赵_x0000_例", number(0), "肢_x0000_体", "钱\u202e例"),
        ("赵_x0000_例", "", "肢体", "钱_x0000_例"),
        ("赵例", f"{number(0)[:6]}_x0000_{number(0)[6:]}", "肢体", ""),
    ],
)
def test_a_departments_list_full_of_them(cast: Cast, told: tuple[str, ...]) -> None:
    content = escaped([("姓_x0000_名", "身份证号码", "残疾_x0000_类别", "监护人姓名"), told])
    with acting_for(cast.district):
        listed = upload(cast, content)
        assert (listed.counts["people"], listed.errors) == (1, [])
        assert match_list(listed=listed, by=cast.bureau_operator).counts["unmatched"] == 1
