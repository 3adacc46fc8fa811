"""Documents of every kind, as a roster names them."""

from datetime import date

import pytest

from privacy.identity import make_id
from students.rules.roster.reading import Reading
from tests.students.rosters import number
from tests.students.test_rules_roster import read

WITH_KIND = ("姓名", "证件类型", "身份证件号码", "性别", "出生日期", "学籍号", "年级", "班级")


def person(kind: str, given: str, sex: str, birth: str, enrolment: str = "") -> Reading:
    return read([["张示远", kind, given, sex, birth, enrolment, "高一", "3班"]], WITH_KIND)


@pytest.mark.parametrize(
    ("kind", "given", "enrolment", "found"),
    [
        ("", number(0), "", "resident"),
        ("1-居民身份证", number(0), "", "resident"),
        ("", make_id("810000", date(2010, 1, 1), 101), "", "residence"),
        ("港澳台居民居住证", make_id("830000", date(2010, 1, 1), 101), "", "residence"),
        ("", "E12345678", "", "passport"),
        ("护照", "e1234 5678", "", "passport"),
        ("港澳居民来往内地通行证", "H1234567800", "", "permit"),
        ("台湾居民来往大陆通行证", "12345678", "", "permit"),
        ("无", "", "J99010120100101001X", "none"),
        ("", "", "L990101201001011234", "none"),
        ("", "无", "J99010120100101001X", "none"),
        ("Z-其他", "", "J99010120100101001X", "none"),
        ("Z-其他", "E12345678", "", "passport"),
        ("B-户口簿", number(0), "", "resident"),
        ("A-护照", "E12345678", "", "passport"),
        ("6-香港特区护照/身份证明", "H12345678", "", "passport"),
        ("7-澳门特区护照/身份证明", "MA0123456", "", "passport"),
        ("8-台湾居民来往大陆通行证", "12345678", "", "permit"),
        ("", "12345678", "", "permit"),
        ("9-境外永久居住证", "XYZ110081100101", "", "permanent"),
        ("9-境外永久居住证", "E12345678", "", "passport"),
        ("", "XYZ110081100101", "", "permanent"),
        ("外国人永久居留身份证", make_id("911999", date(2010, 1, 1), 101), "", "permanent"),
        ("", make_id("911999", date(2010, 1, 1), 101), "", "permanent"),
        ("中华人民共和国港澳居民居住证", make_id("810000", date(2010, 1, 1), 101), "", "residence"),
    ],
)
def test_documents_of_every_kind(kind: str, given: str, enrolment: str, found: str) -> None:
    reading = person(kind, given, "男", "2010-01-01", enrolment)
    assert reading.problems == []
    facts = reading.good[0].facts
    assert (facts.id_kind, facts.birth_date, facts.sex) == (found, date(2010, 1, 1), "m")
    assert facts.id_number == (enrolment or given.replace(" ", "").upper())


@pytest.mark.parametrize(
    ("kind", "given", "sex", "birth", "cell", "said"),
    [
        ("护照", "E12345678", "", "2010-01-01", "D2", "没有性别"),
        ("护照", "E12345678", "男", "", "E2", "没有出生日期"),
        ("护照", "E12345678", "男", "2010-01", "E2", "只有年月不够"),
        ("护照", "E12345678", "男", "2030-01-01", "E2", "今天之前"),
        ("护照", "E1", "男", "2010-01-01", "C2", "6 至 12 位"),
        ("学生证", number(0), "男", "2010-01-01", "B2", "认不出这种证件"),
        ("港澳台居民居住证", number(0), "男", "2010-01-01", "C2", "810000"),
        ("其他", "", "男", "2010-01-01", "C2", "身份证号是空的"),
        ("外国人永久居留证", "XYZ11008", "男", "2010-01-01", "C2", "永久居留证号码应为"),
        ("居民身份证", "E12345678", "男", "2010-01-01", "C2", "18 位"),
        ("无", "", "男", "2010-01-01", "C2", "J或L开头"),
        ("", make_id("810000", date(2010, 1, 1), 102), "男", "2010-01-01", "D2", "表明是女"),
        # An enrolment number in the wrong column: nothing is to be filled up.
        ("", "J99010120100101001X", "男", "2010-01-01", "C2", "请把它填在“学籍号”列，这一格留空"),
        ("无", "l990101201001011234", "男", "2010-01-01", "C2", "请把它填在“学籍号”列，这一格留空"),
        ("", f"G{number(0)}", "男", "2010-01-01", "C2", "这是学籍号，请填证件上的号码"),
    ],
)
def test_a_document_that_does_not_agree(
    kind: str, given: str, sex: str, birth: str, cell: str, said: str
) -> None:
    (problem,) = person(kind, given, sex, birth).problems
    assert problem.cell == cell
    assert said in problem.reason


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (number(0).replace("9", "９", 1), "全角"),
        (f"{number(0)[:6]} {number(0)[6:]}", "空格"),
        (f"'{number(0)}", "单引号"),
        (make_id("990101", date(2010, 1, 1), 129).lower(), "大写"),
    ],
)
def test_a_mended_number_is_told(given: str, said: str) -> None:
    reading = person("", given, "男", "2010-01-01")
    assert reading.problems == []
    (warning,) = reading.warnings
    assert warning.mended
    assert said in warning.reason
