"""Files as schools really send them: what is a student, what is not, and what is said of it."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.styles import PatternFill

from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from students.rules.roster.reading import Reading, read_roster
from tests.students.rosters import HEADERS, number, row
from tests.students.test_rules_roster import school_classes

Rows = Sequence[Sequence[Cell]]


def book(*sheets: tuple[str, Rows]) -> Any:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    return made


def reading_of(made: Any) -> Reading:
    content = made
    if not isinstance(made, bytes):
        out = io.BytesIO()
        made.save(out)
        content = out.getvalue()
    return read_roster(content, "名册.xlsx", classes=school_classes(), today=date(2026, 9, 1))


def told(reading: Reading) -> list[tuple[str, str]]:
    return [(p.cell, p.reason) for p in reading.problems]


NOTES: list[Rows] = [
    [["说明：1.本表一式两份，学校和资助中心各一份。"]],
    [["2、填表人签字：", "", "校长签字："], ["制表单位：示范中学", "", "", "2026年9月1日"]],
    [["审核人：王示范", "联系电话：13900000000"]],
    [["注：休学的学生不在表内"], ["合计", 2]],
]


@pytest.mark.parametrize("notes", NOTES)
def test_notes_below_the_list_are_nobody(notes: Rows) -> None:
    reading = reading_of(book(("名册", [HEADERS, row(0), row(1), [], *notes])))
    assert (told(reading), len(reading.rows)) == ([], 2)


@pytest.mark.parametrize(
    "last",
    [
        ["张?示", number(9)],
        ["备注：转走", number(9)],
        ["2班：李示", "", "", "高一", "1班"],
        ["李示"],
    ],
)
def test_who_may_be_somebody_is_told_and_not_dropped(last: Sequence[Cell]) -> None:
    reading = reading_of(book(("名册", [HEADERS, row(0), last])))
    assert len(reading.rows) == 2
    assert {cell[1:] for cell, _ in told(reading)} == {"3"}


def test_a_note_in_the_middle_is_told() -> None:
    reading = reading_of(book(("名册", [HEADERS, row(0), ["注：以下为转入"], row(1)])))
    assert {cell[1:] for cell, _ in told(reading)} == {"3"}


def test_the_heading_of_each_printed_page_is_nobody() -> None:
    pages = [HEADERS, row(0), HEADERS, row(1), ["第2页"], HEADERS, row(2), ["第 3 页 共 3 页"]]
    reading = reading_of(book(("名册", pages)))
    assert (told(reading), len(reading.rows)) == ([], 3)


def test_two_names_under_one_number_are_two_people() -> None:
    same = reading_of(book(("名册", [HEADERS, row(0), row(0)])))
    assert told(same)[0] == ("B2", "与B3的身份证号重复，请删去其中一行或改正。")
    other = reading_of(book(("名册", [HEADERS, row(0), row(0, 姓名="别示名")])))
    (first, second) = told(other)
    assert first == (
        "B2",
        "与B3的身份证号重复，姓名却不同（那一行是别示名），请对照证件核对这是谁的号码。",
    )
    assert ("B2的身份证号" in second[1], "那一行是赵示示" in second[1]) == (True, True)


def test_a_missing_column_is_said_once() -> None:
    at = HEADERS.index("身份证件号码")
    rows = [[*cells[:at], *cells[at + 1 :]] for cells in (HEADERS, row(0), row(1))]
    (problem,) = reading_of(book(("名册", rows))).problems
    assert (problem.cell, problem.label) == ("第1行", "身份证号")


@pytest.mark.parametrize("written", ["无", "/", "—", "暂无", "没有"])
def test_no_telephone_in_words_is_none(written: str) -> None:
    reading = reading_of(book(("名册", [HEADERS, row(0, 监护人电话=written, 联系电话=written)])))
    assert (told(reading), reading.good[0].facts.guardian_phone) == ([], None)


def test_a_coloured_cell_in_the_last_row_of_the_sheet_is_no_student() -> None:
    made = book(("名册", [HEADERS, row(0)]))
    made["名册"].cell(1_048_576, 1).fill = PatternFill("solid", fgColor="FFFF00")
    assert len(reading_of(made).good) == 1


def test_sheets_named_like_classes_beside_one_of_notes() -> None:
    keep = [i for i, h in enumerate(HEADERS) if h not in ("年级", "班级")]

    def cut(cells: Sequence[Cell]) -> list[Cell]:
        return [cells[i] for i in keep]

    made = book(
        ("高一1班", [cut(HEADERS), cut(row(0))]),
        ("高一(2)班", [cut(HEADERS), cut(row(1))]),
        ("填表说明", [["填表说明"], ["一、身份证号设为文本"]]),
    )
    reading = reading_of(made)
    places = {place.name for row in reading.good if (place := row.place)}
    assert (told(reading), len(places)) == ([], 2)


def test_a_merged_title_and_a_heading_of_two_rows() -> None:
    top = [*HEADERS[:11], "监护人", "", ""]
    below = ["", "", "", "", "", "", "", "", "", "", "", "姓名", "关系", "电话"]
    title: Rows = [["示范中学2026年秋季学生名册"], ["填表人：张示", "", "2026年9月1日"]]
    made = book(("名册", [*title, top, below, row(0), row(1)]))
    made["名册"].merge_cells("A1:N1")
    made["名册"].merge_cells("L3:N3")
    reading = reading_of(made)
    assert told(reading) == []
    assert [r.facts.guardian_name for r in reading.good] == ["赵样泽", "钱样泽"]


CLASS, HOUSEHOLD = "E", "G"


def merged(column: str, *rows: Sequence[Cell]) -> Any:
    """A roster in which a column's cells are one; what it says stands in the first."""
    made = book(("名册", [HEADERS, *rows]))
    made["名册"].merge_cells(f"{column}2:{column}{len(rows) + 1}")
    return made


def test_a_class_merged_over_its_students_is_that_of_each() -> None:
    rows = [row(n, 班级="3班") for n in range(3)]
    total: list[Cell] = ["小计", "3人"]
    reading = reading_of(merged(CLASS, *rows, [], total))
    assert (told(reading), [r.text("class_name") for r in reading.good]) == ([], ["3班"] * 3)
    (warning,) = reading.warnings
    assert (warning.cell, warning.mended) == ("E2", True)
    assert "E2至E6是合并的单元格，这些行都按“3班”读取" in warning.reason


def test_an_old_workbook_is_filled_down_too() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("名册")
    rows: list[list[Cell]] = [list(HEADERS), *(row(n) for n in range(2))]
    for y, cells in enumerate(rows):
        for x, value in enumerate(cells):
            if not (y and HEADERS[x] == "班级"):
                sheet.write(y, x, value)
    at = HEADERS.index("班级")
    sheet.write_merge(1, 2, at, at, "3班")
    out = io.BytesIO()
    made.save(out)
    reading = reading_of(out.getvalue())
    assert (told(reading), [r.text("class_name") for r in reading.good]) == ([], ["3班"] * 2)


def test_what_is_each_ones_own_is_not_filled_down() -> None:
    rows = [row(n, 户口性质="农村") for n in range(2)]
    reading = reading_of(merged(HOUSEHOLD, *rows))
    assert [r.facts.household for r in reading.good] == ["rural", None]
    (warning,) = reading.warnings
    assert (warning.cell, warning.mended) == ("G2", False)
    assert "只有第一行有内容" in warning.reason
    for column in "AB":
        reading = reading_of(merged(column, *rows))
        assert (len(reading.good), reading.warnings) == (1, [])


def test_somebody_called_like_a_total_is_a_student_by_his_number() -> None:
    reading = reading_of(
        book(("名册", [HEADERS, row(0, 姓名="总计"), ["小计", "1人"], ["合计", 1]]))
    )
    assert (told(reading), [r.facts.name for r in reading.rows]) == ([], ["总计"])


def test_a_formula_that_nobody_reckoned_is_told_where_it_matters() -> None:
    made = book(("名册", [(*HEADERS, "备注"), [*row(0), ""], [*row(1), ""]]))
    sheet = made["名册"]
    sheet["E3"], sheet["G3"], sheet["O2"] = "=E2", '=IF(1,"农村","城镇")', "=1+1"
    reading = reading_of(made)
    assert [cell for cell, _ in told(reading)] == ["E3", "G3"]
    assert all("没有保存它的结果，请用 Excel 或 WPS 打开" in why for _, why in told(reading))
    assert [r.facts.name for r in reading.good] == ["赵示示"]


def test_students_of_whom_everything_is_a_formula_are_not_lost() -> None:
    made = book(("名册", [HEADERS, row(0)]))
    made["名册"].append([f"=表二!{letter}3" for letter in "ABCDEFGHIJKLMN"])
    reading = reading_of(made)
    assert {cell[1:] for cell, _ in told(reading)} == {"3"}
    assert len(reading.good) == 1


def test_a_web_page_called_a_workbook() -> None:
    page = "<html><table><tr><td>姓名</td></tr></table></html>".encode()
    with pytest.raises(Unreadable, match="网页格式"):
        reading_of(page)
