"""Which class is meant: what schools write beside the usual, and names that stand in the way."""

import pytest

from schools.models import Stage
from students.models import SchoolClass
from students.rules.roster.places import Classes, Place


def classes(stage: str, *rows: tuple[str, int, int, str]) -> Classes:
    """A school's classes in 2026: stage, grade, number, name."""
    known = Classes(stage=stage, starting_year=2026)
    known.learn(
        SchoolClass(pk=n, stage=its, grade=grade, number=number, name=name)
        for n, (its, grade, number, name) in enumerate(rows, 1)
    )
    return known


def where(found: SchoolClass | Place | None) -> tuple[str, int, int] | None:
    return (str(found.stage), found.grade, found.number) if found else None


@pytest.mark.parametrize(
    ("stage", "grade", "written", "place"),
    [
        ("senior", "高一年级", "1班", ("senior", 1, 1)),
        ("senior", "高1年级", "1班", ("senior", 1, 1)),
        ("senior", "", "高一年级3班", ("senior", 1, 3)),
        ("junior", "初一年级", "1班", ("junior", 1, 1)),
        ("junior", "初中七年级", "1班", ("junior", 1, 1)),
        ("junior", "初中7年级", "1班", ("junior", 1, 1)),
        ("junior", "初中1年级", "1班", ("junior", 1, 1)),
        ("senior", "2026", "1班", ("senior", 1, 1)),
        ("senior", "2025", "1", ("senior", 2, 1)),
        ("senior", "高中2026级", "1班", ("senior", 1, 1)),
        ("junior", "初中2026级", "1班", ("junior", 1, 1)),
        ("primary", "小学2026级", "1班", ("primary", 1, 1)),
        # A school of two stages says which of them it means.
        ("senior", "初中2025级", "2班", ("junior", 2, 2)),
        ("senior", "", "高中2026级1班", ("senior", 1, 1)),
        ("primary", "1", "2班", ("primary", 1, 2)),
        ("primary", "6", "2班", ("primary", 6, 2)),
        ("junior", "1", "2班", ("junior", 1, 2)),
        ("junior", "7", "2班", ("junior", 1, 2)),
        ("junior", "9", "2班", ("junior", 3, 2)),
        ("senior", "10", "2班", ("senior", 1, 2)),
        ("senior", "10年级", "2班", ("senior", 1, 2)),
        ("senior", "十二年级", "2班", ("senior", 3, 2)),
        ("vocational", "2", "3班", ("vocational", 2, 3)),
        ("vocational", "2年级", "3班", ("vocational", 2, 3)),
        ("senior", "高一", "2601", ("senior", 1, 1)),
        ("senior", "高一", "2612班", ("senior", 1, 12)),
        ("senior", "", "2502", ("senior", 2, 2)),
        ("senior", "2026级", "202603", ("senior", 1, 3)),
        ("senior", "高一", "1班（重点）", ("senior", 1, 1)),
        ("senior", "高一", "（1）班(物化生)", ("senior", 1, 1)),
        ("senior", "", "高一1班（实验班）", ("senior", 1, 1)),
        # As primary and junior schools write it.
        ("primary", "", "一(1)班", ("primary", 1, 1)),
        ("primary", "一年级", "一（1）班", ("primary", 1, 1)),
        ("primary", "", "六（十二）班", ("primary", 6, 12)),
        ("primary", "", "三2班", ("primary", 3, 2)),
        ("primary", "", "3（2）班", ("primary", 3, 2)),
        ("primary", "三年级", "302", ("primary", 3, 2)),
        ("primary", "", "302班", ("primary", 3, 2)),
        ("junior", "", "七（1）班", ("junior", 1, 1)),
        ("junior", "初一", "七（1）班", ("junior", 1, 1)),
        ("junior", "七年级", "701", ("junior", 1, 1)),
        ("junior", "七年级", "一(1)班", ("junior", 1, 1)),
        ("junior", "", "九12班", ("junior", 3, 12)),
        ("junior", "", "812班", ("junior", 2, 12)),
        ("senior", "高一", "1003", ("senior", 1, 3)),
        ("senior", "高一", "一（3）班", ("senior", 1, 3)),
        ("senior", "2026级", "2026级高一（1）班", ("senior", 1, 1)),
        ("primary", "", "一(2)班（实验）", ("primary", 1, 2)),
        # Class twenty, not class ten of grade two.
        ("primary", "一年级", "二十班", ("primary", 1, 20)),
    ],
)
def test_what_schools_write_is_read(
    stage: str, grade: str, written: str, place: tuple[str, int, int]
) -> None:
    assert where(classes(stage).find(grade, written)) == place


@pytest.mark.parametrize("written", ["2601", "1班（重点）", "高一年级1班", "202601班"])
def test_the_class_that_is_there_is_found(written: str) -> None:
    known = classes(Stage.SENIOR, ("senior", 1, 1, "高一（1）班"))
    for grade in ("高一", "2026", "10", "1", "高中2026级"):
        found = known.find(grade, written)
        assert isinstance(found, SchoolClass), (grade, written)
    assert not known.new


@pytest.mark.parametrize("grade", ["", "七年级", "初一", "7"])
@pytest.mark.parametrize("name", ["初一（1）班", "七(1)班", "701班"])
@pytest.mark.parametrize("written", ["七（1）班", "七1班", "701", "7(1)班"])
def test_a_class_called_so_is_found_by_all_of_it(grade: str, name: str, written: str) -> None:
    known = classes(Stage.JUNIOR, ("junior", 1, 1, name))
    assert isinstance(known.find(grade, written), SchoolClass)


@pytest.mark.parametrize(
    ("stage", "grade", "written"),
    [
        ("vocational", "10", "1班"),
        ("vocational", "10年级", "1班"),
        ("primary", "7", "1班"),
        ("senior", "4", "1班"),
        ("senior", "0", "1班"),
        ("preschool", "1", "1班"),
        ("senior", "2020", "1班"),
        ("senior", "2027", "1班"),
        ("senior", "2026", "高二1班"),
        ("senior", "高2026级", "1班"),
        ("senior", "", "2026"),
        ("senior", "", "1班（重点）"),
        ("primary", "一年级", "二（1）班"),
        ("primary", "", "七（1）班"),
        ("primary", "", "701"),
        ("senior", "2026级", "2025级高一（1）班"),
        ("senior", "", "2026级高二（1）班"),
    ],
)
def test_what_is_not_sure_is_refused(stage: str, grade: str, written: str) -> None:
    assert classes(stage).find(grade, written) is None


def test_a_number_of_two_stages_is_not_guessed() -> None:
    both = classes(Stage.SENIOR, ("senior", 1, 1, "高一（1）班"), ("junior", 1, 1, "七年级（1）班"))
    assert both.find("1", "1班") is None
    assert where(both.find("7", "1班")) == ("junior", 1, 1)
    assert where(both.find("10", "1班")) == ("senior", 1, 1)
    nine = classes(
        Stage.PRIMARY, ("primary", 1, 1, "一年级（1）班"), ("junior", 1, 1, "七年级（1）班")
    )
    assert where(nine.find("1", "1班")) == ("primary", 1, 1)
    assert where(nine.find("7", "1班")) == ("junior", 1, 1)


@pytest.mark.parametrize(
    ("stage", "first", "second"),
    [
        ("senior", "1班（东校区）", "1班（西校区）"),
        ("vocational", "1班（电商）", "1班（护理）"),
        ("vocational", "1班（体育）", "1班（美术）"),
        ("senior", "1班（文）", "1班（理）"),
    ],
)
def test_two_classes_of_one_number_stay_two(stage: str, first: str, second: str) -> None:
    known = classes(stage)
    found = [known.find("2026级", name) for name in (first, second, first)]
    assert found[0] != found[1]
    assert found[0] == found[2]


def test_a_name_of_its_own_takes_nobody_s_number() -> None:
    known = classes(Stage.SENIOR)
    own, first = known.find("高一", "阳光班"), known.find("高一", "1班")
    assert isinstance(own, Place)
    assert isinstance(first, Place)
    assert own != first
    assert first.name == "高一（1）班"
    assert known.find("", "高一（一）班") == first
    assert len({(p.stage, p.grade, p.number) for p in known.new.values()}) == len(known.new) == 2


def test_the_number_in_a_name_comes_before_the_number_it_was_given() -> None:
    known = classes(
        Stage.SENIOR, ("senior", 1, 1, "阳光班"), ("senior", 1, 2, "高一（1）班"),
        ("senior", 1, 3, "火箭班"),
    )  # fmt: skip
    found = known.find("高一", "一班")
    assert isinstance(found, SchoolClass)
    assert found.name == "高一（1）班"
    # Whoever numbered it so on purpose still finds it.
    assert where(known.find("高一", "3班")) == ("senior", 1, 3)


def test_a_class_that_took_its_name_along_is_not_the_next_ones() -> None:
    known = classes(Stage.SENIOR, ("senior", 2, 4, "阳光班"))
    risen, new = known.find("高二", "阳光班"), known.find("高一", "阳光班")
    assert isinstance(risen, SchoolClass)
    assert isinstance(new, Place)
    assert new.name == "高一阳光班"
    again = classes(Stage.SENIOR, ("senior", 2, 4, "阳光班"), ("senior", 1, 1, "高一阳光班"))
    assert isinstance(again.find("高一", "阳光班"), SchoolClass)
