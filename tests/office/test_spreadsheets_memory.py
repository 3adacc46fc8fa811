"""What a long table leaves is handed back."""

import gc

import pytest

from office.spreadsheets import memory, reading
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows


class Knot:
    """Holds itself: only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_a_large_workbook_is_followed_by_a_return(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(reading, "give_back", lambda: done.append("before"))
    monkeypatch.setattr(reading, "trim", lambda: done.append("after"))
    content = write_rows(None, ["姓名"], [["张示远"]])
    assert read_sheets(content, "a.xlsx").sheets[0].rows[1] == ["张示远"]
    assert done == []
    monkeypatch.setattr(reading, "LARGE", 10)
    assert read_sheets(content, "a.xlsx").sheets[0].rows[1] == ["张示远"]
    assert done == ["before", "after"]


@pytest.mark.parametrize("there", [True, False])
def test_what_is_free_is_returned_where_that_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(memory, "_trim", asked.append if there else None)
    Knot()
    memory.give_back()
    assert asked == ([0] if there else [])
    assert not [found for found in gc.get_objects() if type(found) is Knot]
