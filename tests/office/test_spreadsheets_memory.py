"""What a long table leaves is handed back."""

import pytest

from office.spreadsheets import memory, reading
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows


def test_a_large_workbook_is_followed_by_a_return(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(reading, "give_back", lambda: done.append(1))
    content = write_rows(None, ["姓名"], [["张示远"]])
    assert read_sheets(content, "a.xlsx").sheets[0].rows[1] == ["张示远"]
    assert done == []
    monkeypatch.setattr(reading, "LARGE", 10)
    assert read_sheets(content, "a.xlsx").sheets[0].rows[1] == ["张示远"]
    assert done == [1]


@pytest.mark.parametrize("there", [True, False])
def test_what_is_free_is_returned_where_that_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(memory, "_trim", asked.append if there else None)
    memory.give_back()
    assert asked == ([0] if there else [])
