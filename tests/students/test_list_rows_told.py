"""What a list holds that nobody sees, and cells whose formulas failed: told, never guessed."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from privacy.identity import make_id
from schools.scope import acting_for
from students.models import DepartmentList, SpecialGroup
from students.rules.departments import ListReading, read_list
from tests.cast import REGION, Cast
from tests.students.pages import page
from tests.students.test_actions_lists import upload
from tests.students.test_unread_sheets import plain

TODAY = date(2026, 9, 1)
NUMBERS = [make_id(REGION, date(2012, 3, n), 700 + n) for n in range(1, 8)]
HEADERS = ("姓名", "身份证号", "出生日期", "监护人姓名", "保障类别", "备注")


def book(*rows: tuple[Any, ...], hidden: tuple[int, ...] = ()) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "名单"
    sheet.append(HEADERS)
    for row in rows:
        sheet.append(row)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    written = BytesIO()
    made.save(written)
    return written.getvalue()


def read(*rows: tuple[Any, ...], hidden: tuple[int, ...] = ()) -> ListReading:
    return read_list(book(*rows, hidden=hidden), "名单.xlsx", today=TODAY)


def person(n: int, **cells: Any) -> tuple[Any, ...]:
    known = {"姓名": "乙示", "身份证号": NUMBERS[n]} | cells
    return tuple(known.get(h) for h in HEADERS)


def test_hidden_rows_are_matched_and_told() -> None:
    reading = read(person(0), person(1), person(2), hidden=(3,))
    assert len(reading.people) == 3
    assert [(p.sheet, p.cell) for p in reading.doubts] == [("名单", "第3行")]
    assert "隐藏" in reading.doubts[0].reason
    assert reading.problems == []


@pytest.mark.parametrize(
    "below",
    [
        # As offices write them: the word before the names, the number of people in a column.
        ("合计", 18, None, None, None, None),
        ("18", "合计：18人", None, None, None, None),
        ("制表人：张示", None, None, "审核：李例", None, None),
        (None, "审核：李例", None, None, None, None),
        ("填报单位（盖章）：", "审核人：", None, None, None, None),
    ],
)
def test_sums_and_signatures_are_nobody(below: tuple[Any, ...]) -> None:
    reading = read(person(0), below)
    assert (reading.rows, len(reading.people), reading.problems) == (1, 1, [])


def test_the_sum_may_stand_before_the_names() -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(("序号", "姓名", "身份证号", "备注"))
    for row in ((1, "乙示", NUMBERS[0]), ("合计", 1), ("制表人：张示", None, "审核：李例")):
        sheet.append(row)
    written = BytesIO()
    made.save(written)
    reading = read_list(written.getvalue(), "名单.xlsx", today=TODAY)
    assert (reading.rows, len(reading.people), reading.problems) == (1, 1, [])


@pytest.mark.parametrize(
    "cells",
    [
        {"姓名": "总计", "身份证号": NUMBERS[1]},
        {"姓名": "审核：李例", "身份证号": NUMBERS[1]},
        {"姓名": "合计", "身份证号": 9.90188201203e17},
    ],
)
def test_who_has_a_number_is_somebody_whatever_he_is_called(cells: dict[str, Any]) -> None:
    assert read(person(0), person(1, **cells)).rows == 2


def test_a_hidden_row_about_nobody_is_not_told() -> None:
    reading = read(person(0), ("合计", None, None, None, None, "1人"), hidden=(3,))
    assert (len(reading.people), reading.doubts) == (1, [])


@pytest.mark.parametrize(
    ("cells", "cell"),
    [
        ({"姓名": "#N/A"}, "A3"),
        ({"身份证号": "#N/A"}, "B3"),
        ({"身份证号": None, "出生日期": "#REF!"}, "C3"),
        ({"身份证号": None, "监护人姓名": "#VALUE!"}, "D3"),
    ],
)
def test_a_row_with_a_failed_formula_is_refused_at_its_cell(
    cells: dict[str, Any], cell: str
) -> None:
    reading = read(person(0), person(1, **cells), person(2))
    assert [p.id_number for p in reading.people] == [NUMBERS[0], NUMBERS[2]]
    assert [p.cell for p in reading.problems] == [cell]
    assert "公式出错（#" in reading.problems[0].reason
    assert reading.rows == 3


def test_each_failed_cell_of_a_row_is_told() -> None:
    reading = read(person(0), person(1, 姓名="#N/A", 身份证号="#REF!"))
    assert [(p.cell, p.value) for p in reading.problems] == [("A3", "#N/A"), ("B3", "#REF!")]


@pytest.mark.parametrize("column", ["出生日期", "监护人姓名", "保障类别", "备注"])
def test_elsewhere_it_is_an_empty_cell(column: str) -> None:
    reading = read(person(0, **{column: "#N/A"}))
    (named,) = reading.people
    assert (named.guardian, named.detail) == ("", "")
    assert reading.problems == []


def test_a_failed_sum_is_no_person() -> None:
    reading = read(person(0), ("合计", "#VALUE!", None, None, None, None))
    assert (reading.rows, len(reading.people), reading.problems) == (1, 1, [])


def test_the_page_tells_both(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        group = SpecialGroup.objects.get(code="orphan")
    content = book(person(0), person(1), person(2, 姓名="#N/A"), hidden=(3,))
    client = sign_in(cast.bureau_operator)
    facts = {"group": group.pk, "issued_on": "2026-08-20", "valid_from": "2026-09-01"}
    answer = client.post(
        reverse("students:list_new"),
        {**facts, "file": SimpleUploadedFile("孤儿.xlsx", content)},
        follow=True,
    )
    shown = answer.content.decode()
    assert "1处请核对" in shown
    assert "第3行" in shown
    assert "这一行在表格里是隐藏的" in shown
    assert "1处错误" in shown
    assert "A4" in shown
    with acting_for(cast.district):
        listed = DepartmentList.objects.get()
        assert (listed.counts["people"], listed.counts["warnings"]) == (2, 1)


def test_a_list_without_anything_hidden_counts_nothing(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = upload(cast, book(person(0)))
        assert listed.warnings == []
        assert "warnings" not in listed.counts


def test_a_sheet_that_was_not_read_is_told(cast: Cast) -> None:
    made = load_workbook(BytesIO(book(person(0))))
    for title, state in (("续表", "visible"), ("旧名单", "hidden"), ("说明", "visible")):
        sheet = made.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(("请核对",) if title == "说明" else person(1))
    written = BytesIO()
    made.save(written)
    with acting_for(cast.district):
        listed = upload(cast, written.getvalue())
        assert listed.counts["people"] == 1
        told = {w["sheet"]: w["reason"] for w in listed.warnings}
    assert set(told) == {"续表", "旧名单"}
    assert "1行像是名单上的人" in told["续表"]
    assert "请在表格里取消隐藏" in told["旧名单"]


TORN = person(3, 身份证号="99010120100101")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([person(2, 姓名="#N/A"), TORN], "2行有错误（其中1行的身份证号不能用）"),
        ([person(2, 姓名="#N/A", 身份证号="#REF!")], "1行的身份证号不能用"),
        ([person(2, 姓名="#N/A"), person(3, 姓名="#N/A")], "2行有错误"),
        ([TORN], "1行的身份证号不能用"),
        ([], ""),
    ],
)
def test_only_rows_whose_number_is_wrong_are_counted_so(
    cast: Cast, sign_in: Any, rows: list[tuple[Any, ...]], said: str
) -> None:
    with acting_for(cast.district):
        listed = upload(cast, book(person(0), *rows))
    shown = plain(page(sign_in(cast.bureau_operator), "list", list_id=listed.pk))
    told = f"{1 + len(rows)}行，可比对1人" + (f"，{said}" if said else "")
    assert f"{told}{listed.get_status_display()}" in shown
    assert (f"{said}，不参加比对。" in shown) == bool(said)
