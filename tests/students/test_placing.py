"""Classes that a roster names by halves: without a grade, or with one of another stage."""

import pytest

from office.spreadsheets.cells import Cell
from schools.models import Stage
from students.models import SchoolClass
from students.rules.roster.places import Classes, Place
from students.rules.roster.problems import Problem
from students.rules.roster.reading import Reading, read_roster
from tests.students.rosters import name, number, workbook
from tests.students.test_places import classes, where
from tests.students.test_rules_roster import TODAY

BY_YEAR = ("姓名", "身份证号", "班级", "入学年月")
BY_GRADE = ("姓名", "身份证号", "年级", "班级")


def read(
    known: Classes, headings: tuple[str, ...], *rows: tuple[Cell, ...], sheet: str = "名册"
) -> Reading:
    table = [[name(n), number(n), *cells] for n, cells in enumerate(rows)]
    content = workbook(table, headings, sheet)
    return read_roster(content, "名册.xlsx", classes=known, today=TODAY)


def places(reading: Reading) -> list[tuple[str, int, int] | None]:
    return [where(row.place) for row in reading.rows]


def said(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(p.cell, p.reason) for p in problems]


# --- 中职 by the year of entry


def test_the_grade_of_new_classes_follows_from_the_year_of_entry() -> None:
    reading = read(
        classes(Stage.VOCATIONAL), BY_YEAR,
        ("电商1班", "2026-09"), ("电商1班", ""), ("护理2班", "2025.9"), ("1班", 202609),
        ("2026级电商3班", "2026-09"),
    )  # fmt: skip
    assert places(reading) == [
        ("vocational", 1, 1), ("vocational", 1, 1), ("vocational", 2, 1), ("vocational", 1, 2),
        ("vocational", 1, 3),
    ]  # fmt: skip
    assert reading.problems == []
    assert said(reading.warnings) == [
        ("D2", "“电商1班”、“1班”没有写年级，按入学年月读作2026级（一年级），请核对。"),
        ("D4", "“护理2班”没有写年级，按入学年月读作2025级（二年级），请核对。"),
    ]


@pytest.mark.parametrize(
    ("entered", "reason"),
    [
        (
            ("2026-09", "2026-09", "2025-09"),
            "这个班没有写年级，各人的入学年月也不一致（2026年2人、2025年1人），请填写“年级”列。",
        ),
        (("2026-03",), "春季入学的，入学年月看不出是哪个年级，请填写“年级”列。"),
        (
            ("2022-09",),
            "按入学年月是2022级，不在本校现有的年级里，请核对入学年月，或填写“年级”列。",
        ),
        (
            ("", ""),
            "认不出这是哪个班。请在班名前写上年级，如“2026级”，或填写“年级”列，并与班级一致。",
        ),
    ],
)
def test_a_year_that_does_not_tell_the_grade_is_no_guess(
    entered: tuple[str, ...], reason: str
) -> None:
    rows = [("电商1班", day) for day in entered]
    reading = read(classes(Stage.VOCATIONAL), BY_YEAR, *rows)
    assert said(reading.problems) == [(f"C{n}", reason) for n in range(2, len(rows) + 2)]


def test_a_class_of_the_same_name_of_those_before_is_asked_about() -> None:
    known = classes(Stage.VOCATIONAL, ("vocational", 2, 1, "电商1班"))
    reading = read(known, BY_YEAR, ("电商1班", "2026-09"), ("电商1班", "2026-09"))
    assert isinstance(reading.rows[0].place, SchoolClass)
    assert said(reading.warnings) == [
        (
            "C2",
            "名册里的“电商1班”是二年级（2025级），文件里这个班2人都是2026年入学。"
            "不是同一个班的，请填写“年级”列再导入。",
        )
    ]
    known = classes(Stage.VOCATIONAL, ("vocational", 2, 1, "电商1班"))
    mixed = read(known, BY_YEAR, ("电商1班", "2025-09"), ("电商1班", "2026-09"))
    assert mixed.warnings == []


def test_a_bare_number_that_several_majors_have_is_no_class() -> None:
    headings = (*BY_YEAR, "专业")
    two = (("1班", "2026-09", "护理"), ("1班", "2026-09", "会计"), ("2班", "2026-09", "会计"))
    reading = read(classes(Stage.VOCATIONAL), headings, *two)
    why = (
        "这个班没有写年级，文件里的“1班”有护理、会计等专业，分不清是哪个班。"
        "请写成“护理1班”这样，或填写“年级”列。"
    )
    assert said(reading.problems) == [("C2", why), ("C3", why)]
    assert [place and place[1] for place in places(reading)] == [None, None, 1]
    known = Classes(stage=Stage.VOCATIONAL, starting_year=2026)
    its = SchoolClass(stage="vocational", grade=1, number=1, name="一年级（1）班", major="电商")
    known.learn([its])
    (problem,) = read(known, headings, two[0]).problems
    assert "文件里的“1班”是护理专业，名册里的“一年级（1）班”是电商" in problem.reason


def test_sheets_named_like_classes_are_placed_by_the_year_of_entry() -> None:
    headings = ("姓名", "身份证号", "入学年月")
    reading = read(classes(Stage.VOCATIONAL), headings, ("2026-09",), sheet="电商1班")
    assert [row.place and row.place.name for row in reading.rows] == ["电商1班"]
    plain = read(classes(Stage.VOCATIONAL), headings, ("2026-09",), sheet="Sheet1")
    assert [p.field for p in plain.file_problems] == ["class_name"]


def test_other_schools_still_have_to_say_the_grade() -> None:
    reading = read(classes(Stage.SENIOR), BY_YEAR, ("阳光班", "2026-09"))
    assert [p.field for p in reading.problems] == ["class_name"]


# --- 一年级 where there is no primary school


@pytest.mark.parametrize(
    ("stage", "grade", "written", "cell", "called"),
    [
        ("senior", "1年级", "3班", "C2", "高一"),
        ("senior", "一年级", "3班", "C2", "高一"),
        ("senior", "", "二年级3班", "D2", "高二"),
        ("senior", "", "3年级（3）班", "D2", "高三"),
        ("junior", "一年级", "3班", "C2", "七年级"),
    ],
)
def test_the_only_stage_of_a_school_is_meant_and_said(
    stage: str, grade: str, written: str, cell: str, called: str
) -> None:
    reading = read(classes(stage), BY_GRADE, (grade, written), (grade, written))
    (first, second) = (row.place for row in reading.rows)
    assert isinstance(first, Place)
    assert (first, first.name) == (second, f"{called}（3）班")
    label = Stage(stage).label
    assert said(reading.warnings) == [
        (cell, f"本校只有{label}，按“{called}”读取，请核对；是小学的，请写成“小学一年级”这样。")
    ]


def test_what_says_the_stage_is_not_asked_about() -> None:
    reading = read(classes(Stage.SENIOR), BY_GRADE, ("高一", "一年级3班"), ("高一", "3班"))
    assert places(reading) == [("senior", 1, 3)] * 2
    assert reading.warnings == []
    primary = read(classes(Stage.SENIOR), BY_GRADE, ("小学一年级", "3班"))
    assert places(primary) == [("primary", 1, 3)]
    vocational = read(classes(Stage.VOCATIONAL), BY_GRADE, ("1年级", "3班"))
    assert places(vocational) == [("vocational", 1, 3)]
    assert vocational.warnings == []


def test_a_file_of_several_stages_may_mean_a_primary_school() -> None:
    reading = read(
        classes(Stage.SENIOR), BY_GRADE, ("一年级", "1班"), ("七年级", "1班"), ("高一", "1班")
    )
    assert said(reading.problems) == [
        (
            "C2",
            "分不清这是小学还是普通高中的年级：这份文件里还有初中的班。请写成“高一”或“小学一年级”这样。",
        )
    ]
    assert places(reading) == [None, ("junior", 1, 1), ("senior", 1, 1)]


def test_a_school_of_several_stages_has_to_say_which() -> None:
    both = (("senior", 1, 1, "高一（1）班"), ("junior", 1, 1, "七年级（1）班"))
    rows = (("一年级", "1班"), ("", "二年级1班"), ("高一", "一年级1班"), ("七年级", "1班"))
    reading = read(classes(Stage.SENIOR, *both), BY_GRADE, *rows)
    why = "本校有几个学段，分不清这是哪个学段的年级。请写成“七年级”“高一”或“小学一年级”这样。"
    assert said(reading.problems) == [("C2", why), ("D3", why)]
    assert places(reading)[2:] == [("senior", 1, 1), ("junior", 1, 1)]


def test_with_a_primary_school_it_is_the_primary_schools() -> None:
    all_three = (("primary", 1, 1, "一年级（1）班"), ("senior", 1, 1, "高一（1）班"))
    reading = read(classes(Stage.SENIOR, *all_three), BY_GRADE, ("1年级", "1班"))
    assert places(reading) == [("primary", 1, 1)]
    assert reading.warnings == []


# --- a grade that there is not


@pytest.mark.parametrize(
    ("stage", "grade", "example"),
    [
        ("senior", "高九", "“高一”或“2026级”"),
        ("senior", "2020级", "“高一”或“2026级”"),
        ("junior", "初四", "“七年级”或“2026级”"),
        ("vocational", "电商", "“一年级”或“2026级”"),
    ],
)
def test_an_impossible_grade_is_told_in_its_own_cell(stage: str, grade: str, example: str) -> None:
    reading = read(classes(stage), BY_GRADE, (grade, "3班"))
    assert said(reading.problems) == [
        ("C2", f"本校没有这个年级，或认不出来。请写成{example}这样。")
    ]
    assert reading.problems[0].label == "年级"


def test_beside_a_class_that_tells_its_own_grade_it_is_asked_about_once() -> None:
    rows = [("高九", "高一（1）班"), ("高九", "高一（1）班"), ("高一（2026级）", "1班")]
    reading = read(classes(Stage.SENIOR), BY_GRADE, *rows)
    assert places(reading) == [("senior", 1, 1)] * 3
    assert said(reading.warnings) == [("C2", "认不出这个年级，按班级读作“高一（1）班”，请核对。")]


# --- names of their own


def test_a_new_class_of_its_own_name_is_one_however_its_grade_is_written() -> None:
    known = classes(Stage.SENIOR)
    pairs = [("高一", "阳光班"), ("2026级", "阳光班"), ("", "高一阳光班"), ("1", "阳光班")]
    assert len({known.find(*pair) for pair in pairs}) == 1
    assert len(known.new) == 1


def test_new_classes_of_one_name_in_two_grades_are_called_apart() -> None:
    known = classes(Stage.SENIOR)
    first, second = known.find("高一", "阳光班"), known.find("2025级", "阳光班")
    assert [p and p.name for p in (first, second)] == ["阳光班", "高二阳光班"]


def test_a_class_that_is_there_is_found_by_the_rest_of_its_name() -> None:
    known = classes(Stage.VOCATIONAL, ("vocational", 1, 1, "2026级电商班"))
    for grade in ("一年级", "2026级", "1"):
        assert isinstance(known.find(grade, "电商班"), SchoolClass)
    assert isinstance(known.find("二年级", "电商班"), Place)


@pytest.mark.parametrize(
    ("stage", "grade", "written", "place"),
    [
        ("junior", "", "8-1班", ("junior", 2, 1)),
        ("junior", "", "8.10班", ("junior", 2, 10)),
        ("junior", "八年级", "8－2", ("junior", 2, 2)),
        ("junior", "", "七.3", ("junior", 1, 3)),
        ("senior", "", "高一.1", ("senior", 1, 1)),
        ("senior", "高一", "高2601班", ("senior", 1, 1)),
        ("senior", "2026级", "高2026级1班", ("senior", 1, 1)),
        ("senior", "高一年", "1班", ("senior", 1, 1)),
        ("senior", "", "高一年一班", ("senior", 1, 1)),
        ("primary", "", "一年2班", ("primary", 1, 2)),
        ("primary", "一年", "2班", ("primary", 1, 2)),
        ("junior", "", "七年（2）班", ("junior", 1, 2)),
    ],
)
def test_more_ways_to_write_a_class(
    stage: str, grade: str, written: str, place: tuple[str, int, int]
) -> None:
    known = classes(stage)
    assert where(known.find(grade, written)) == place
    found = known.find(grade, written)
    assert found
    assert found.name.endswith(f"（{place[2]}）班")


@pytest.mark.parametrize(
    ("stage", "grade", "written"),
    [
        # A year, of entry or of leaving, and no 高二.
        ("senior", "", "高2601班"),
        ("senior", "", "高2026级1班"),
        ("senior", "高二", "高2601班"),
        ("senior", "高一", "8-1班"),
        ("junior", "", "4-1班"),
    ],
)
def test_what_may_be_two_classes_is_asked_about(stage: str, grade: str, written: str) -> None:
    assert classes(stage).find(grade, written) is None


def test_how_long_a_course_lasts_is_no_grade() -> None:
    found = classes(Stage.VOCATIONAL).find("一年级", "三年制护理班")
    assert isinstance(found, Place)
    assert (found.grade, found.name) == (1, "三年制护理班")


@pytest.mark.parametrize("name", ["8-1班", "8.1班"])
def test_a_class_called_by_two_numbers_is_found(name: str) -> None:
    known = classes(Stage.JUNIOR, ("junior", 2, 1, name))
    for written in ("八（1）班", "8-1班", "8.1班", "801"):
        assert isinstance(known.find("", written), SchoolClass)
