"""Sheets that are not read: told by name with how many people, and nobody on them has left."""

import io
import json
import re
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from privacy.identity import make_id
from students.actions import apply_roster, marked_roster, stage_roster
from students.actions.leaving import record_leavings
from students.models import RosterImport, Student
from students.rules import departments
from students.rules.roster.tables import tables_of
from tests.cast import Cast
from tests.students.pages import page, upload
from tests.students.rosters import HEADERS, number, row
from tests.students.test_nasty_rosters import Rows, book, reading_of, told

NUMBERS: list[list[Cell]] = [["序号", "说明"], [1, "身份证号设为文本，如 110101 开头的18位号码"]]
DICTIONARY: list[list[Cell]] = [
    ["汉族", "男", "走读"],
    ["01", "女", "住校"],
    ["蒙古族", "", 20260901],
]


def saved(made: Any) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def continued(*more: tuple[str, Rows], hidden: str = "") -> bytes:
    """One student under a header, and thirty on a second sheet without one."""
    rest = [row(n) for n in range(1, 31)]
    made = book(("高一", [HEADERS, row(0)]), ("Sheet2", rest), *more)
    if hidden:
        made[hidden].sheet_state = "hidden"
    return saved(made)


def plain(shown: str) -> str:
    """A page's words without marks between number and unit."""
    return re.sub(r"<[^>]+>|[\xa0\u2060]", "", shown)


def warned(content: bytes) -> list[tuple[str, str, str]]:
    return [(w.sheet, w.cell, w.reason) for w in reading_of(content).warnings]


def test_a_continued_sheet_without_a_header_is_told() -> None:
    reading = reading_of(continued())
    assert (len(reading.rows), told(reading)) == (1, [])
    (warning,) = reading.warnings
    assert (warning.sheet, warning.cell) == ("Sheet2", "第1行")
    assert "工作表“Sheet2”有30行像是学生，但前20行里没有认出表头，没有读" in warning.reason
    assert "复制到它的最上面" in warning.reason
    assert reading.unsure == ["Sheet2"]


def test_a_hidden_sheet_with_students_is_told() -> None:
    made = book(("高一", [HEADERS, row(0)]), ("旧名册", [HEADERS, row(1), row(2)]))
    made["旧名册"].sheet_state = "hidden"
    ((sheet, cell, reason),) = warned(saved(made))
    assert (sheet, cell) == ("旧名册", "第2行")
    assert "隐藏的工作表“旧名册”有2行像是学生，没有读" in reason
    assert "取消隐藏" in reason


def test_other_headings_and_other_numbers_are_people_too() -> None:
    rows: list[list[list[Cell]]] = [
        [["学生", "公民号", "何班"], ["赵示例", number(3), "1"]],
        [["赵示例", "H12345678", "1班"]],
        [["赵示例", f" '{number(4)[:6]} {number(4)[6:]}", "1班"]],
        [["赵示例", 990110201001012e3, "1班"]],
        [["赵示例", f"G{number(5)}", "1班"]],
        [row(6, 身份证件号码="", 学籍号="")],
    ]
    for more in rows:
        (warning,) = warned(saved(book(("高一", [HEADERS, row(0)]), ("附页", more))))
        assert "“附页”有1行像是学生" in warning[2], more


def test_students_above_the_header_are_told() -> None:
    made = book(("高一", [row(1), row(2), HEADERS, row(0)]))
    ((sheet, cell, reason),) = warned(saved(made))
    assert (sheet, cell) == ("高一", "第1行")
    assert "表头上面有2行像是学生" in reason


def test_notes_dictionaries_and_statistics_are_no_warning() -> None:
    notes: list[list[Cell]] = [["填表说明"], ["一、身份证号设为文本"], ["联系电话：13900000000"]]
    totals: list[list[Cell]] = [["年级", "班级", "人数"], ["高一", "1班", 50]]
    made = book(
        ("填表说明", notes), ("高一", [HEADERS, row(0)]), ("统计", totals), ("字典", DICTIONARY),
        ("编号", NUMBERS),
    )  # fmt: skip
    made["字典"].sheet_state = "hidden"
    reading = reading_of(made)
    assert (told(reading), reading.warnings, reading.unsure) == ([], [], [])
    assert [(u.sheet, u.why, u.rows) for u in reading.unread] == [
        ("填表说明", "headless", 0), ("字典", "hidden", 0), ("编号", "headless", 0),
        ("统计", "headless", 0),
    ]  # fmt: skip


def test_statistics_with_students_are_a_table_still() -> None:
    rest: list[list[Cell]] = [["公民号", "年级", "班级"], [number(3), "高一", "1班"]]
    reading = reading_of(book(("高一", [HEADERS, row(0)]), ("附页", rest)))
    assert {p.sheet for p in reading.problems} == {"附页"}


def test_only_hidden_sheets_are_told_to_be_shown() -> None:
    made = book(("说明", []), ("高一", [HEADERS, row(0)]))
    made["高一"].sheet_state = "hidden"
    with pytest.raises(Unreadable, match="都是隐藏的（“高一”等）") as refused:
        reading_of(made)
    assert "取消隐藏" in refused.value.mend


def test_on_the_page_and_nobody_is_registered_as_left(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    upload(client, continued(("填表说明", [["填表说明"]])))
    staged = RosterImport.objects.get()
    shown = page(client, "import", import_id=staged.pk)
    assert "有工作表没有读，里面像是有学生" in shown
    assert "工作表“Sheet2”有30行像是学生" in plain(shown)
    assert "“填表说明”没有学生，没有读" in shown
    assert "没有读到他们的身份证号" in shown
    assert "登记所选学生离校" not in shown
    gone = cast.a.students[0]
    data = {"pick": [gone.pk], "on": "2026-09-01", "kind": "transfer_out", "reason": "转走"}
    answer = client.post(reverse("students:import", kwargs={"import_id": staged.pk}), data)
    assert answer.status_code == 409
    assert "工作表“Sheet2”没有读" in plain(answer.content.decode())
    assert not Student.objects.filter(status="left").exists()


def test_what_was_written_still_says_so(cast: Cast) -> None:
    staged = stage_roster(
        school=cast.school, content=continued(), filename="a.xlsx", by=cast.operator
    )
    done = apply_roster(staged=staged, by=cast.operator)
    with pytest.raises(Refused, match="没有读"):
        record_leavings(
            staged=done, students=[cast.a.students[0].pk], kind="transfer_out",
            on=date(2026, 9, 1), reason="转走", by=cast.operator,
        )  # fmt: skip


def test_in_the_answer_of_the_command(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(continued(("Sheet3", [HEADERS, row(40)]), hidden="Sheet3"))
    out = StringIO()
    call_command("import_roster", cast.school.code, str(file), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["rows"], answer["errors"]) == (1, [])
    assert [(w["sheet"], w["cell"]) for w in answer["warnings"]] == [
        ("Sheet2", "第1行"),
        ("Sheet3", "第2行"),
    ]


def test_in_the_marked_workbook(cast: Cast) -> None:
    staged = stage_roster(
        school=cast.school, content=continued(), filename="a.xlsx", by=cast.operator
    )
    book = load_workbook(io.BytesIO(marked_roster(staged=staged, by=cast.operator)))
    assert book["Sheet2"]["A1"].fill.fgColor.rgb == "FFFFC7CE"
    assert [c.value for c in book["错误清单"][2]][1:3] == ["Sheet2", "第1行"]


def test_lists_of_departments_have_the_same_to_tell() -> None:
    """Their pages show it by `tables_of(…).unread`."""
    people: list[list[Cell]] = [["赵示例", number(1)], ["钱示例", number(2)]]
    made = book(("名单", [["姓名", "身份证号"], *people]), ("Sheet2", people))
    tables = tables_of(saved(made), "低保.xlsx", departments.KNOWN)
    (unread,) = tables.unread
    assert (unread.sheet, unread.rows, unread.why) == ("Sheet2", 2, "headless")
    assert "2行像是人员" in unread.as_problem("人员").reason


def beside(*headings: str, rows: Rows) -> bytes:
    return saved(book(("高一", [list(headings), *rows])))


def test_a_list_printed_in_two_columns_is_told() -> None:
    block = ("姓名", "身份证号", "班级")
    left, right = ["甲示", number(0), "高一1班"], ["乙示", number(1), "高一1班"]
    content = beside(*block, "", *block, rows=[[*left, "", *right], [*left[:0], "", "", ""]])
    reading = reading_of(content)
    ((sheet, cell, reason),) = warned(content)
    assert (sheet, cell) == ("高一", "E2")
    assert "右边还有一栏“姓名”“身份证号”，有1行像是学生，没有读" in reason
    assert "移到左边" in reason
    assert reading.unsure == ["高一"]
    (doubt,) = departments.read_list(content, "名单.xlsx", today=date(2026, 9, 1)).doubts
    assert "有1行像是名单上的人，没有读" in doubt.reason


def test_parents_headed_like_their_children_are_not_missing_students() -> None:
    parent = make_id("990201", date(1980, 1, 2), 11)
    headings = ("姓名", "身份证号", "班级", "姓名", "身份证号")
    content = beside(*headings, rows=[["甲示", number(0), "高一1班", "甲父", parent]])
    assert warned(content) == []


TWICE = ("姓名", "身份证号", "班级", "姓名", "身份证号")
TWO: Rows = [["甲示", number(0), "高一1班", "乙示", number(1)]]


@pytest.mark.parametrize(
    ("made", "title"),
    [
        (continued(), "有工作表没有读，里面像是有学生"),
        (
            beside(*TWICE, rows=TWO),
            "右边还有一栏没有读，里面像是有学生",
        ),
        (saved(book(("高一", [row(1), HEADERS, row(0)]))), "表头上面有几行没有读，像是学生"),
        (
            saved(book(("高一", [row(1), HEADERS, row(0)]), ("Sheet2", [row(2)]))),
            "文件里有几处没有读，像是有学生",
        ),
    ],
)  # fmt: skip
def test_the_page_says_what_was_not_read(cast: Cast, sign_in: Any, made: bytes, title: str) -> None:
    client = sign_in(cast.operator)
    staged = stage_roster(school=cast.school, content=made, filename="名册.xlsx", by=cast.operator)
    shown = page(client, "import", import_id=staged.pk)
    assert title in plain(shown)
    assert ("有工作表没有读" in shown) == ("工作表" in title)
