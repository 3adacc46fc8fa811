"""The officer's own file back with its errors marked, whatever kind of file it was."""

import io

import pytest
from openpyxl import load_workbook

from students.actions import marked_roster, stage_roster
from tests.cast import Cast
from tests.students.rosters import HEADERS, number, row
from tests.students.test_fuzz_rosters import csv, xls


def broken(kind: str) -> bytes:
    """One short ID number in the second row."""
    if kind == "xls":
        # The cells of an .xls hold plain digits byte by byte; the length must stay.
        return xls().replace(number(0).encode(), f"{number(0)[:-1]}?".encode())
    lines = [HEADERS, *([str(cell) for cell in row(i)] for i in range(3))]
    lines[1][1] = number(0)[:17]  # type: ignore[index]
    return "\r\n".join(",".join(line) for line in lines).encode(kind)


@pytest.mark.parametrize("kind", ["gbk", "utf-8-sig"])
def test_a_csv_comes_back_as_a_workbook(cast: Cast, kind: str) -> None:
    assert csv("gbk") != csv("utf-8")
    staged = stage_roster(
        school=cast.school, content=broken(kind), filename="高一.csv", by=cast.operator
    )
    (error,) = [e for e in staged.errors if e["cell"] == "B2"]
    book = load_workbook(io.BytesIO(marked_roster(staged=staged, by=cast.operator)))
    cell = book["高一"]["B2"]
    assert cell.fill.fgColor.rgb == "FFFFC7CE"
    assert cell.comment is not None
    assert error["reason"] in cell.comment.text
    assert cell.value == number(0)[:17]
    assert [c.value for c in book["错误清单"][2]][2:] == ["B2", error["reason"]]


def test_an_xls_comes_back_as_a_workbook(cast: Cast) -> None:
    staged = stage_roster(
        school=cast.school, content=broken("xls"), filename="高一.xls", by=cast.operator
    )
    assert staged.errors
    book = load_workbook(io.BytesIO(marked_roster(staged=staged, by=cast.operator)))
    first = staged.errors[0]
    assert book[first["sheet"]][first["cell"]].fill.fgColor.rgb == "FFFFC7CE"
