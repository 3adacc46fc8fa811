"""Every heading of the national enrolment forms, K-12 and 中职, is read or known by name."""

import pytest

from office.spreadsheets.cells import Cell
from students.rules.roster.columns import KNOWN
from students.rules.roster.tables import Table, tables_of
from tests.students.rosters import number, workbook
from tests.students.test_rules_roster import read

MEMBERS = tuple(
    f"成员{n}{what}"
    for n in (1, 2)
    for what in (
        "姓名", "关系", "是否监护人", "联系电话", "出生年月", "身份证件类型", "身份证件号", "民族",
        "政治面貌", "健康状况", "工作或学习单位", "职务",
    )
)  # fmt: skip
VOCATIONAL = (
    "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "姓名拼音", "班级名称", "学号",
    "学生类别",
    "学习形式", "入学方式", "就读方式", "国籍/地区", "港澳台侨外", "婚姻状况", "乘火车区间",
    "是否随迁子女", "生源地行政区划码", "出生地行政区划码", "籍贯地行政区划码",
    "户口所在地区县以下详细地址", "所属派出所", "户口所在地行政区划码", "户口性质",
    "学生居住地类型",
    "入学年月", "专业简称", "学制", "民族", "政治面貌", "健康状况", "学生来源", "招生对象",
    "联系电话",
    "是否建档立卡贫困户", "招生方式", "联招合作类型", "准考证号", "考生号", "考试总分",
    "联招合作办学形式", "联招合作学校代码", "校外教学点", "分段培养方式", "英文姓名",
    "电子信箱/其他联系方式", "家庭现地址", "家庭邮政编码", "家庭电话", *MEMBERS,
)  # fmt: skip
SCHOOL = (
    "学籍接续标识", "学校标识码", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号",
    "出生地行政区划代码", "民族", "国籍/地区", "港澳台侨外", "户口性质", "户口所在地行政区划",
    "现住址",
    "是否独生子女", "是否留守儿童", "是否进城务工人员随迁子女", "是否孤儿", "籍贯", "健康状况",
    "政治面貌", "年级", "班级号", "入学年月", "入学方式", "就读方式", "通信地址", "联系电话",
    "邮政编码", "是否受过学前教育", "残疾人类型", "是否由政府购买学位", "是否需要申请资助",
    "是否享受一补", "是否烈士或优抚子女", "上下学距离", "上下学交通方式", "是否乘坐校车", "曾用名",
    "身份证件有效期", "特长", "学籍辅号", "学生来源", "电子信箱", "主页地址", "成员1姓名",
    "成员1关系", "成员1关系说明", "成员1现住址", "成员1户口所在地行政区划", "成员1联系电话",
    "成员1是否监护人", "成员1身份证件类型", "成员1身份证件号", "成员1民族", "成员1工作单位",
    "成员1职务",
)  # fmt: skip


def table_of(headings: tuple[str, ...]) -> Table:
    cells: list[Cell] = [number(0) if h == "身份证件号" else "" for h in headings]
    (table,) = tables_of(workbook([cells], headings), "名册.xlsx", KNOWN)
    return table


@pytest.mark.parametrize("headings", [VOCATIONAL, SCHOOL])
def test_every_heading_is_read_or_known(headings: tuple[str, ...]) -> None:
    layout = table_of(headings).layout()["columns"]
    assert [c["label"] for c in layout if not c["field"] and not c["known"]] == []
    assert {"name", "id_number", "class_name"} <= {c["field"] for c in layout}


@pytest.mark.parametrize(
    ("heading", "written", "field", "found"),
    [
        ("校外教学点", "示范镇教学点", "campus", "示范镇教学点"),
        ("家庭现地址", "示范区示范镇2号", "address", "示范区示范镇2号"),
        ("户口所在地区县以下详细地址", "示范镇样板村2号", "household_address", "示范镇样板村2号"),
        ("籍贯地行政区划码", "341124", "native_place", "安徽省全椒县"),
        ("籍贯地行政区划代码", "341124001002", "native_place", "安徽省全椒县"),
        ("是否为留守儿童", "否", "left_behind", False),
    ],
)
def test_headings_of_the_vocational_form(
    heading: str, written: Cell, field: str, found: object
) -> None:
    reading = read(
        [["赵示例", number(0), "高一1班", written]], ("姓名", "身份证号", "班级", heading)
    )
    assert (reading.problems, reading.warnings) == ([], [])
    assert getattr(reading.good[0].facts, field) == found


def test_a_class_number_beside_a_grade() -> None:
    reading = read([["赵示例", number(0), "高一", "3"]], ("姓名", "身份证号", "年级", "班级号"))
    place = reading.good[0].place
    assert place is not None
    assert place.name == "高一（3）班"
