"""Rows that say otherwise of their class than the class, or than each other."""

import pytest

from office.spreadsheets.cells import Cell
from students.actions import apply_roster, stage_roster
from students.models import RosterImport, SchoolClass
from tests.cast import Cast
from tests.students.rosters import HEADERS, row, workbook

MORE = ("专业", "系部", "涉农专业")


def stage(cast: Cast, *rows: list[Cell]) -> RosterImport:
    content = workbook(rows, (*HEADERS, *MORE))
    return stage_roster(school=cast.school, content=content, filename="a.xlsx", by=cast.operator)


def test_two_majors_in_one_new_class_are_told_and_the_first_counts(cast: Cast) -> None:
    rows = [
        [*row(n, 班级="9班"), major, "", ""] for n, major in enumerate(("会计", "护理", "护理"))
    ]
    staged = stage(cast, *rows)
    (warning,) = [w for w in staged.warnings if w["column"] == "专业"]
    assert warning["cell"] == "O3"
    assert "前面的行写的专业是“会计”，这一行是“护理”" in warning["reason"]
    apply_roster(staged=staged, by=cast.operator)
    assert SchoolClass.objects.get(number=9).major == "会计"


@pytest.mark.parametrize(
    ("facts", "cell", "said"),
    [
        (("护理", "", ""), "O2", "班级的专业是“会计”，名册里是“护理”"),
        (("", "农学部", ""), "P2", "班级的系部是空的，名册里是“农学部”"),
        (("", "", "是"), "Q2", "班级的涉农专业是“否”，名册里是“是”"),
        (("会计", "", "否"), "", ""),
    ],
)
def test_an_existing_class_is_left_and_the_difference_told_once(
    cast: Cast, facts: tuple[str, str, str], cell: str, said: str
) -> None:
    room = cast.a.school_class
    room.major = "会计"
    room.save(update_fields=["major"])
    staged = stage(cast, [*row(0, 班级="1班"), *facts], [*row(1, 班级="1班"), *facts])
    told = [w for w in staged.warnings if w["column"] in MORE]
    assert [w["cell"] for w in told] == ([cell] if cell else [])
    assert all(said in w["reason"] and "请到“班级”中更正" in w["reason"] for w in told)
    apply_roster(staged=staged, by=cast.operator)
    room.refresh_from_db()
    assert (room.major, room.department, room.agri_major) == ("会计", "", False)
