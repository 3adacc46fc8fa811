"""How one cell, one class name, one file of a roster is understood."""

from datetime import date

import pytest

from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from schools.models import Stage
from students.models import SchoolClass
from students.rules.names import pinyin_of
from students.rules.roster.places import Classes, Place
from students.rules.roster.reading import Reading, read_roster
from tests.students.rosters import HEADERS, name, number, row, workbook

TODAY = date(2026, 9, 1)


def school_classes(stage: str = Stage.SENIOR) -> Classes:
    classes = Classes(stage=stage, starting_year=2026)
    classes.learn([SchoolClass(pk=1, stage=Stage.SENIOR, grade=1, number=3, name="高一（3）班")])
    return classes


def read(rows: list[list[Cell]], headers: tuple[str, ...] = HEADERS) -> Reading:
    return read_roster(workbook(rows, headers), "名册.xlsx", classes=school_classes(), today=TODAY)


# --- class names


@pytest.mark.parametrize(
    ("grade", "written"),
    [
        ("高一", "3班"),
        ("高一", "（3）班"),
        ("高一", "三班"),
        ("", "高一(3)班"),
        ("", "高一3班"),
        ("高1", "3"),
        ("", "2026级3班"),
        ("", "26级（3）班"),
        ("2026级", "3班"),
        ("高中一年级", "第3班"),
        ("高一", "高一（3）班"),
    ],
)
def test_many_ways_to_write_one_class(grade: str, written: str) -> None:
    found = school_classes().find(grade, written)
    assert isinstance(found, SchoolClass)
    assert found.pk == 1


@pytest.mark.parametrize(
    ("grade", "written", "place"),
    [
        ("高二", "3班", ("senior", 2, 3, "高二（3）班")),
        ("", "2024级十二班", ("senior", 3, 12, "高三（12）班")),
        ("高一", "阳光班", ("senior", 1, 4, "阳光班")),
        ("七年级", "2班", ("junior", 1, 2, "七年级（2）班")),
        ("初三", "20班", ("junior", 3, 20, "九年级（20）班")),
    ],
)
def test_a_class_that_is_not_there_is_proposed(
    grade: str, written: str, place: tuple[str, int, int, str]
) -> None:
    found = school_classes().find(grade, written)
    assert isinstance(found, Place)
    assert (found.stage, found.grade, found.number, found.name) == place


@pytest.mark.parametrize(
    ("grade", "written"),
    [("", "3班"), ("", "阳光班"), ("高二", "高一3班"), ("", "2020级3班"), ("高九", "3班")],
)
def test_a_class_that_can_not_be_placed(grade: str, written: str) -> None:
    assert school_classes().find(grade, written) is None


def test_a_name_of_its_own_is_one_class_for_all_its_students() -> None:
    classes = school_classes(Stage.VOCATIONAL)
    first = classes.find("2026级", "电商")
    assert first == classes.find("2026级", "电商") == classes.find("2026级", " 电商 ")
    other = classes.find("2026级", "护理")
    assert isinstance(first, Place)
    assert isinstance(other, Place)
    assert (first.number, other.number) == (1, 2)
    assert len(classes.new) == 2


def test_a_class_of_the_same_name_elsewhere_is_not_made_twice() -> None:
    classes = Classes(stage=Stage.VOCATIONAL, starting_year=2026)
    known = SchoolClass(pk=1, stage=Stage.VOCATIONAL, grade=1, number=1, name="高一（1）班")
    classes.learn([known])
    assert classes.find("高一", "1班") is known
    assert classes.new == {}


@pytest.mark.parametrize(
    ("grade", "written", "name"),
    [
        ("高一", "3\n班", "高一（3）班"),
        ("", "高一\r\n3班", "高一（3）班"),
        ("高一", "火箭\n班", "火箭班"),
        ("高一", " 火箭  班 ", "火箭班"),
        ("高一", "STEM A 班", "STEM A班"),
    ],
)
def test_line_breaks_are_no_part_of_a_class(grade: str, written: str, name: str) -> None:
    reading = read([row(0, 年级=grade, 班级=written)])
    assert reading.problems == []
    place = reading.good[0].place
    assert place is not None
    assert place.name == name


def test_a_number_that_no_grade_reaches_is_asked_about_once() -> None:
    reading = read([row(n, 年级="高一", 班级="999班") for n in range(3)])
    assert [(w.cell, w.reason[:14]) for w in reading.warnings] == [
        ("E2", "这个新班的班号是999，大于")
    ]
    assert read([row(0, 年级="高一", 班级="99班")]).warnings == []


# --- names


@pytest.mark.parametrize(
    ("written", "pinyin", "initials"),
    [
        ("张示远", "zhangshiyuan", "zsy"),
        ("曾样宁", "zengyangning", "zyn"),
        ("尉迟例", "yuchili", "ycl"),
        ("阿依古丽·示例", "ayigulishili", "ayglsl"),
        ("Anna Sample", "annasample", "a"),
    ],
)
def test_names_are_found_by_pinyin(written: str, pinyin: str, initials: str) -> None:
    found = pinyin_of(written)
    assert found[0].replace(" ", "") == pinyin
    assert found[1][0] == initials[0]
    if not written.isascii():
        assert found == (pinyin, initials)


# --- cells


def only_problem(changed: dict[str, Cell]) -> tuple[str, str, str]:
    reading = read([row(0, **changed)])
    (problem,) = reading.problems
    return problem.cell, problem.value, problem.reason


@pytest.mark.parametrize(
    ("changed", "cell", "value", "said"),
    [
        ({"姓名": ""}, "A2", "", "姓名是空的"),
        ({"姓名": "张?远"}, "A2", "张?远", "占位符号"),
        ({"身份证件号码": 9.90102e17, "学籍号": ""}, "B2", "9.90E+17", "存成了数字"),
        ({"身份证件号码": "9.90102E+17", "学籍号": ""}, "B2", "****", "存成了数字"),
        ({"身份证件号码": "", "学籍号": ""}, "B2", "", "身份证号是空的"),
        ({"身份证件号码": number(0)[:17], "学籍号": ""}, "B2", "990****01", "现有 17 位"),
        ({"性别": "女"}, "C2", "女", "身份证号表明是男"),
        ({"性别": "未知"}, "C2", "未知", "性别应为"),
        ({"班级": ""}, "E2", "", "班级是空的"),
        ({"年级": "", "班级": "3班"}, "E2", "3班", "认不出这是哪个班"),
        ({"年级": "高二", "班级": "高一3班"}, "E2", "高一3班", "认不出这是哪个班"),
        ({"学籍号": "G 学籍"}, "F2", "****", "4至24位字母和数字"),
        ({"户口性质": "蓝印"}, "G2", "蓝印", "请填“农村”或“城镇”"),
        ({"就读方式": "有时"}, "H2", "有时", "请填“走读”或“住校”"),
        ({"入学年月": "去年"}, "I2", "去年", "不是日期"),
        ({"入学年月": "2036-09"}, "I2", "2036-09", "太晚"),
        ({"入学年月": 2026}, "I2", "2026", "写成2026-09或202609"),
        ({"入学年月": "2026年"}, "I2", "2026年", "只有年份"),
        ({"入学年月": 29_999}, "I2", "29999", "不是入学年月"),
        ({"入学年月": "46266"}, "I2", "46266", "不是入学年月"),
        ({"入学年月": "2026-" + "9" * 5_000}, "I2", "2026-" + "9" * 35, "不是日期"),
        ({"入学年月": "1989-09"}, "I2", "1989-09", "早于1990年"),
        ({"入学年月": "2012-09"}, "I2", "2012-09", "入学时不满3岁（出生于2010年）"),
        ({"入学年月": "2027-10"}, "I2", "2027-10", "下一学年开学之后"),
        ({"班级": "甲乙丙丁" * 9}, "E2", "甲乙丙丁" * 9, "班级名称最多32个字，现有36个字"),
        ({"联系电话": "12345"}, "J2", "****", "11 位手机号"),
        ({"监护人姓名": "甲"}, "L2", "甲", "2 至 60 个字"),
        ({"监护人电话": "1380000"}, "N2", "****00", "没有可以留空"),
    ],
)
def test_a_bad_cell_is_named_with_its_masked_value_and_mend(
    changed: dict[str, Cell], cell: str, value: str, said: str
) -> None:
    found = only_problem(changed)
    assert found[:2] == (cell, value)
    assert said in found[2]


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"姓名": "张 示　远"}, "name", "张示远"),
        ({"姓名": "阿依古丽•示例"}, "name", "阿依古丽·示例"),
        ({"身份证件号码": f" {number(0)} "}, "id_number", number(0)),
        ({"户口性质": "农业户口"}, "household", "rural"),
        ({"户口性质": "非农业"}, "household", "urban"),
        ({"户口性质": "非农业集体户口"}, "household", "urban"),
        ({"户口性质": "2-农业集体户口"}, "household", "rural"),
        ({"户口性质": "农业户口（含县镇）"}, "household", "rural"),
        ({"户口性质": "城市户口"}, "household", "urban"),
        ({"户口性质": "县镇非农"}, "household", "urban"),
        ({"就读方式": "3-全寄宿"}, "boarding", "boarder"),
        ({"就读方式": "2"}, "boarding", "boarder"),
        ({"就读方式": "1-走读"}, "boarding", "day"),
        ({"就读方式": "是"}, "boarding", "boarder"),
        ({"入学年月": "202609"}, "entered_on", date(2026, 9, 1)),
        ({"入学年月": 202609}, "entered_on", date(2026, 9, 1)),
        ({"入学年月": "2026年9月"}, "entered_on", date(2026, 9, 1)),
        ({"入学年月": 2026.09}, "entered_on", date(2026, 9, 1)),
        ({"入学年月": 46266}, "entered_on", date(2026, 9, 1)),
        ({"入学年月": "2027-09"}, "entered_on", date(2027, 9, 1)),
        ({"入学年月": "2013-09"}, "entered_on", date(2013, 9, 1)),
        ({"入学年月": date(2026, 8, 30)}, "entered_on", date(2026, 8, 30)),
        ({"监护人电话": "138 0000 1234"}, "guardian_phone", "13800001234"),
    ],
)
def test_what_schools_really_write_is_understood(
    changed: dict[str, Cell], field: str, value: object
) -> None:
    reading = read([row(0, **({"学籍号": ""} | changed))])
    assert reading.problems == []
    assert reading.good[0].values[field] == value


def test_birth_date_must_agree_with_the_number() -> None:
    headers = ("姓名", "身份证号", "年级", "班级", "出生日期")
    birth = date(2010, 1, 1)
    for written, agrees in (
        (birth, True),
        ("2010-01-01", True),
        ("201001", True),
        ("2010.1", True),
        ("20100102", False),
        ("2010-02", False),
    ):
        reading = read([["张示远", number(0), "高一", "3班", written]], headers)
        assert (reading.problems == []) is agrees, written
        if not agrees:
            assert reading.problems[0].cell == "E2"
            assert "出生日期不同" in reading.problems[0].reason


def test_duplicates_name_both_cells() -> None:
    reading = read([row(0), row(1), row(0)])
    found = {(p.cell, p.reason) for p in reading.problems}
    assert found == {
        ("B4", "与B2的身份证号重复，请删去其中一行或改正。"),
        ("B2", "与B4的身份证号重复，请删去其中一行或改正。"),
    }
    assert len(reading.good) == 1


def test_same_enrolment_number_of_two_people() -> None:
    reading = read([row(0, 学籍号="G1234567"), row(1, 学籍号="g1234567")])
    assert [p.cell for p in reading.problems] == ["F2", "F3"]
    assert "学籍号重复" in reading.problems[0].reason


def test_totals_and_empty_rows_are_no_students() -> None:
    empty: list[Cell] = [""] * len(HEADERS)
    total: list[Cell] = ["合计", *[""] * (len(HEADERS) - 2), "2人"]
    reading = read([row(0), empty, row(1), total])
    assert (len(reading.rows), reading.problems) == (2, [])


def test_a_missing_column_is_told_and_nothing_is_good() -> None:
    reading = read([["张示远", "高一", "3班"]], ("姓名", "年级", "班级"))
    problem = reading.problems[0]
    assert (problem.column, problem.label, problem.cell) == (None, "身份证号", "第1行")
    assert reading.good == []


def test_a_sheet_named_like_a_class_stands_for_the_class() -> None:
    content = workbook([["张示远", number(0)]], ("姓名", "身份证号"), sheet_name="高一3班")
    reading = read_roster(content, "名册.xlsx", classes=school_classes(), today=TODAY)
    assert reading.problems == []
    assert isinstance(reading.good[0].place, SchoolClass)


def test_the_layout_shows_masked_examples() -> None:
    reading = read([row(0)])
    columns = {c["label"]: c for c in reading.layout[0]["columns"]}
    assert columns["身份证件号码"]["example"] == f"990****{number(0)[-2:]}"
    assert columns["现住址"]["example"] == "示范区示****"
    assert columns["姓名"]["field"] == "name"
    assert number(0) not in str(reading.layout)


def test_officers_columns_win() -> None:
    content = workbook([["x", name(0), number(0), "高一3班"]], ("姓名", "乙", "丙", "班级"))
    reading = read_roster(
        content,
        "名册.xlsx",
        classes=school_classes(),
        today=TODAY,
        columns={"name": 1, "id_number": 2, "class_name": 3},
    )
    assert reading.problems == []
    assert reading.good[0].values["name"] == name(0)


def test_too_many_rows_are_refused_before_anything_is_compared() -> None:
    lines = ["姓名,身份证号,班级", *["张示远,,高一3班"] * 100_001]
    with pytest.raises(Unreadable) as refused:
        read_roster("\n".join(lines).encode(), "大.csv", classes=school_classes(), today=TODAY)
    assert "100,000" in refused.value.reason
    assert refused.value.mend


def test_failed_formulas_are_refused_where_they_stand() -> None:
    reading = read([row(0, 身份证件号码="#N/A", 户口性质="#REF!", 学籍号="")])
    assert [(p.cell, p.value) for p in reading.problems] == [("B2", "****"), ("G2", "#REF!")]
    assert all("公式出错" in p.reason for p in reading.problems)


@pytest.mark.parametrize(
    ("heading", "written", "field", "value"),
    [
        ("是否留守儿童", "是", "left_behind", True),
        ("留守儿童", "1-非留守儿童", "left_behind", False),
        ("是否随迁子女", "2-外省迁入", "migrant", True),
        ("涉农专业", "否", "agri_major", False),
        ("校区（教学点）", "东校区", "campus", "东校区"),
        ("残疾类型", "视力残疾", "disability", "视力残疾"),
    ],
)
def test_more_that_a_roster_tells(heading: str, written: str, field: str, value: object) -> None:
    reading = read([[*row(0), written]], (*HEADERS, heading))
    assert reading.problems == []
    assert reading.good[0].values[field] == value
    empty = read([[*row(0), ""]], (*HEADERS, heading))
    assert field not in empty.good[0].values
