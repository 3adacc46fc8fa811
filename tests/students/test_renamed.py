"""A file that gives known identity numbers other names."""

from students.actions import apply_roster, stage_roster
from students.models import RosterImport
from tests.cast import Cast
from tests.students.rosters import name, roster, row, workbook


def _staged(cast: Cast, content: bytes) -> RosterImport:
    return stage_roster(school=cast.school, content=content, filename="名册.xlsx", by=cast.operator)


def _after(cast: Cast, names: dict[int, str]) -> RosterImport:
    """Six students on the roster, and a second file in which some have these names."""
    apply_roster(staged=_staged(cast, roster(6)), by=cast.operator)
    rows = [row(n, 姓名=names.get(n, name(n))) for n in range(6)]
    return _staged(cast, workbook(rows))


def test_a_column_of_names_sorted_alone_is_refused_in_every_row(cast: Cast) -> None:
    found = _after(cast, {n: name((n + 1) % 6) for n in range(6)})
    assert [e["cell"] for e in found.errors] == [f"A{n}" for n in range(2, 8)]
    assert f"名册中这个证件号是{name(0)}" in found.errors[0]["reason"]
    assert "只给一列排了序" in found.errors[0]["reason"]
    assert found.counts["changed"] == 0


def test_two_names_that_changed_places_are_refused(cast: Cast) -> None:
    found = _after(cast, {1: name(2), 2: name(1)})
    assert [e["cell"] for e in found.errors] == ["A3", "A4"]
    assert found.counts["unchanged"] == 4


def test_a_new_name_is_told_and_can_be_written(cast: Cast) -> None:
    found = _after(cast, {1: "改示名"})
    assert found.errors == []
    (told,) = found.warnings
    assert told["cell"] == "A3"
    assert name(1) in told["reason"]
    assert found.counts["changed"] == 1


def test_the_name_of_someone_who_keeps_it_is_a_namesake(cast: Cast) -> None:
    found = _after(cast, {1: name(2)})
    assert found.errors == []
    assert found.counts["changed"] == 1


def test_other_dots_are_no_other_name(cast: Cast) -> None:
    apply_roster(staged=_staged(cast, workbook([row(1, 姓名="古丽·示例")])), by=cast.operator)
    found = _staged(cast, workbook([row(1, 姓名="古丽•示例")]))
    assert (found.errors, found.warnings) == ([], [])
