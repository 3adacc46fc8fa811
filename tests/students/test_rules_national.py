"""What the dictionaries and headings of the national form say, and what is made of it."""

import pytest

from office.spreadsheets.reading import Unreadable
from students.rules.roster import reading as reading_rules
from tests.students.rosters import HEADERS, row
from tests.students.test_rules_roster import read


@pytest.mark.parametrize(
    ("heading", "written", "field"),
    [
        ("户口性质", "未落常住户口", "household"),
        ("户口性质", "9-其他户口", "household"),
        ("户口性质", "寄住户口", "household"),
        ("户口性质", "集体户", "household"),
        ("就读方式", "9-其他", "boarding"),
        ("就读方式", "半寄宿", "boarding"),
    ],
)
def test_a_value_that_says_neither_is_left_out_with_a_warning(
    heading: str, written: str, field: str
) -> None:
    reading = read([row(0, **{heading: written})])
    assert reading.problems == []
    assert getattr(reading.good[0].facts, field) is None
    (warning,) = reading.warnings
    assert (warning.label, "没有导入" in warning.reason) == (heading, True)


@pytest.mark.parametrize("written", ["无", "无残疾", "否", "0", "0-无残疾", "正常"])
def test_no_disability_is_none(written: str) -> None:
    reading = read([[*row(0), written]], (*HEADERS, "残疾类型"))
    assert (reading.problems, reading.good[0].facts.disability) == ([], None)


def test_a_character_that_no_font_prints_is_named_beforehand() -> None:
    reading = read([row(0, 姓名="赵𠮷", 监护人姓名="赵\U000323af")])
    assert reading.problems == []
    assert [(w.cell, w.reason[:12]) for w in reading.warnings] == [
        ("A2", "“𠮷”（U+20BB7）"),
        ("L2", "“\U000323af”（U+323AF）"),
    ]
    assert read([row(0, 姓名="赵㛃")]).good


def test_headings_of_the_national_form_are_known_without_being_stored() -> None:
    headings = ("入学方式", "是否需要申请资助", "是否享受一补", "国籍/地区", "本校自编")
    reading = read([[*row(0), *"甲乙丙丁戊"]], (*HEADERS, *headings))
    told = {c["label"]: c["known"] for c in reading.layout[0]["columns"] if not c["field"]}
    assert told == {**dict.fromkeys(headings, True), "本校自编": False}


@pytest.mark.parametrize("strong", ["学号", "学籍辅号"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_number_inside_a_class_gives_way(strong: str, order: int) -> None:
    headings, cells = ("班内学号", strong)[::order], ("5", "20260001")[::order]
    reading = read([[*row(0), *cells]], (*HEADERS, *headings))
    assert reading.good[0].facts.student_no == "20260001"
    alone = read([[*row(0), "5"]], (*HEADERS, "班内学号"))
    assert alone.good[0].facts.student_no == "5"


def test_the_limit_counts_people_not_the_rows_above_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_rules, "MAX_ROWS", 3)
    assert len(read([row(n) for n in range(3)]).good) == 3
    with pytest.raises(Unreadable, match="名册有4人，一次最多3人"):
        read([row(n) for n in range(4)])
