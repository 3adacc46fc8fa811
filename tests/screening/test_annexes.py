"""附件1 and 附件2 opened again: every merged range and text as in domain.md §B, and every sum."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from screening import annexes
from screening.models import ScreeningRow
from tests.cast import Cast
from tests.screening import factories as make
from tests.screening.steps import difficult, finish

MERGED = {
    "A2:L2",
    "A3:L3",
    "A4:B5",
    "C4:C5",
    "D4:D5",
    "E4:F4",
    "H4:I4",
    "E5:F5",
    "H5:I5",
    "A6:D7",
    "E6:F6",
    "G6:H6",
    "I6:L6",
    "E7:F7",
    "G7:H7",
    "I7:L7",
    "A8:L8",
    "A9:L9",
    "A10:A11",
    "B10:B11",
    "C10:C11",
    "D10:D11",
    "E10:E11",
    "F10:F11",
    "G10:G11",
    "H10:H11",
    "I10:J10",
    "K10:K11",
    "L10:L11",
}


TEXTS_BOTH = {
    "A4": "家庭困难学生总数",
    "D4": "其中",
    "E4": "建档立卡学生数",
    "H4": "非建档立卡的家庭经济困难残疾学生数",
    "K4": "农村低保\n家庭学生数",
    "E5": "农村特困救助供养学生数",
    "H5": "孤儿学生数",
    "K5": "学校认定的其他家庭经济困难学生数",
    "G6": "覆盖学生数",
    "G7": "具体原因及整改措施",
    "A9": "排查发现应助未助情况",
    "A10": "序号",
    "B10": "姓名",
    "C10": "身份\n证号",
    "E10": "班级",
    "F10": "家庭经济\n困难类型",
    "H10": "是否已享受\n部分资助",
    "I10": "已享受资助\n项目情况",
    "I11": "时间",
    "J11": "名称",
    "K10": "其他应资助未资助原因",
    "L10": "解决措施\n与时限",
}


TEXTS = {
    "附件1": TEXTS_BOTH
    | {
        "A1": "附件1",
        "A2": "普通高校（中职学校）家庭经济困难学生排查统计汇总表",
        "A3": "学校名称（公章）：示范职业高中",
        "A6": "高校是否100%按照最高档次落实建档立卡、农村低保、农村特困救助、孤残学生、烈士子女"
        "及家庭遭遇自然灾害或突发事件学生的国家助学金",
        "D10": "学院\n（系）",
        "G10": "是否建档立卡家庭",
    },
    "附件2": TEXTS_BOTH
    | {
        "A1": "附件2",
        "A2": "区教育局家庭经济困难学生排查统计汇总表",
        "A3": "区教育局名称（公章）：东区教育局（示范第一高级中学）",
        "A6": "义务教育阶段是否100%落实建档立卡、非建档立卡家庭经济困难残疾、农村低保、农村特困"
        "救助"
        "四类学生，以及家庭经济困难寄宿生生活补助",
        "D10": "学校",
        "G10": "是否建档\n立卡家庭",
    },
}


NOTE = (
    "说明：1.家庭经济困难类型包括：建档立卡学生、非建档立卡的家庭经济困难残疾学生、农村低保家庭学生、"
    "农村特困救助供养学生、孤儿、其他学校认定的家庭经济困难学生。\n"
)


NOTES = {
    "附件1": f"{NOTE}      2.资助项目包括学生入学以来的所有资助项目。",
    "附件2": f"{NOTE}2.资助项目包括学生入学以来的所有资助项目",
}


def book_of(annex: annexes.Annex) -> Workbook:
    return load_workbook(io.BytesIO(annexes.written(annex, footer="经办a & 导出")))


def sheet_of(annex: annexes.Annex) -> Worksheet:
    return book_of(annex).worksheets[0]


@pytest.mark.parametrize("kind", ["附件1", "附件2"])
@pytest.mark.parametrize("found", [True, False])
def test_the_form_is_the_printed_one(cast: Cast, kind: str, found: bool) -> None:
    staffed = cast.b if kind == "附件1" else cast.a
    if found:
        difficult(staffed, cast)
    finish(cast, staffed)
    with acting_for(staffed.school):
        sheet = sheet_of(annexes.for_school(staffed.school, cast.term))
    assert sheet.title == kind
    last = 14
    assert {str(r) for r in sheet.merged_cells.ranges} == MERGED | {f"A{last}:L{last}"}
    assert {place: sheet[place].value for place in TEXTS[kind]} == TEXTS[kind]
    assert sheet[f"A{last}"].value == NOTES[kind]
    assert sheet["E6"].value == "□是  "
    assert sheet["E7"].value == "□否"
    boxes = "☑是  □否" if found else "□是  ☑否"
    assert sheet["A8"].value == f"经排查是否发现有应助未助学生情况    {boxes}"
    assert [sheet[c].value for c in ("C4", "G4", "J4", "L4", "G5", "J5", "L5")] == (
        [2, 1, 0, 0, 0, 0, 1] if found else [0] * 7
    )
    assert sheet.max_row == last
    assert sheet.max_column == 12


def test_detail_rows_and_the_history_of_aid(cast: Cast) -> None:
    difficult(cast.b, cast)
    cast.b.school_class.department = "信息部"
    with acting_for(cast.b.school):
        cast.b.school_class.save()
    finish(cast, cast.b)
    with acting_for(cast.b.school):
        sheet = sheet_of(annexes.for_school(cast.b.school, cast.term))
        number = cast.b.students[0].id_number.reveal()
    row = [cell.value for cell in sheet[12]]
    assert row == [
        1,
        "张示远",
        number,
        "信息部",
        "高一（1）班",
        "建档立卡学生",
        "是",
        "☑是 □否",
        "2025-11",
        "国家助学金（二档）",
        "=1+1",
        "补办认定申请\n时限：2026年12月31日",
    ]
    assert sheet["K12"].data_type == "s", "a reason is never a formula"
    assert sheet["C12"].number_format == "@"
    assert [cell.value for cell in sheet[13]] == [None] * 7 + ["□是 □否"] + [None] * 4


def test_settings_of_the_printed_page(cast: Cast) -> None:
    finish(cast, cast.a)
    sheet = sheet_of(annexes.for_school(cast.school, cast.term))
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    page: Any = sheet.sheet_properties.pageSetUpPr
    assert page.fitToPage
    assert (sheet["A2"].font.name, sheet["A2"].font.size, sheet["A2"].font.bold) == (
        "宋体",
        16,
        True,
    )
    assert (sheet["A4"].font.name, sheet["A4"].font.size) == ("宋体", 10.5)
    assert sheet["K4"].alignment.wrap_text
    for first, last in (("A4", "B5"), ("L4", "L4"), ("A6", "D7"), ("A8", "L8"), ("A14", "L14")):
        edge = sheet[first].border.left.style, sheet[last].border.right.style
        assert (*edge, sheet[last].border.bottom.style) == ("thin", "thin", "thin"), first
    for place in ("A1", "A2", "A3"):
        assert sheet[place].border.left.style is None
    footer: Any = sheet.oddFooter
    assert footer.left.text == "经办a && 导出"


def test_the_schools_sheets_add_up_to_the_districts(cast: Cast) -> None:
    for staffed in (cast.a, cast.b):
        difficult(staffed, cast)
        finish(cast, staffed)
    parts = []
    for staffed in (cast.a, cast.b):
        with acting_for(staffed.school):
            parts.append(sheet_of(annexes.for_school(staffed.school, cast.term)))
    with acting_for(cast.district):
        annex = annexes.for_bureau(cast.district, cast.term)
        book = book_of(annex)
    whole = book.worksheets[0]
    assert whole["A3"].value == "区教育局名称（公章）：东区教育局"
    for place in ("C4", "G4", "J4", "L4", "G5", "J5", "L5"):
        assert whole[place].value == sum(part[place].value for part in parts), place
    assert whole["C4"].value == sum(whole[c].value for c in ("G4", "J4", "L4", "G5", "J5", "L5"))
    assert [whole[f"D{r}"].value for r in (12, 13)] == ["示范第一高级中学", "示范职业高中"]
    assert [s.title for s in book.worksheets] == ["附件2", "各校汇总", "多重身份核对"]
    assert [c.value for c in book["各校汇总"][4]][1:4] == ["合计", 4, 2]
    assert annex.missing == ()


def test_only_signed_schools_count_and_the_others_are_named(cast: Cast) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    finish(cast, cast.b, upto="fill")
    with acting_for(cast.district):
        annex = annexes.for_bureau(cast.district, cast.term)
    assert annex.numbers.total == 2
    assert annex.missing == ("示范职业高中",)


def test_a_school_is_counted_by_where_it_stands_and_once(cast: Cast) -> None:
    # Superior is the city, territory the district: in the district's table and once in the city's.
    cast.b.school.superior = cast.city
    cast.b.school.save()
    for staffed in (cast.a, cast.b, cast.c):
        difficult(staffed, cast)
        finish(cast, staffed)
    totals = {}
    for bureau in (cast.district, cast.other_district, cast.city):
        with acting_for(bureau):
            totals[bureau.name] = annexes.for_bureau(bureau, cast.term).numbers.total
    assert totals == {"东区教育局": 4, "西区教育局": 2, "示范市教委": 6}


@pytest.mark.parametrize(
    ("answers", "yes", "no"),
    [
        (("yes", "yes"), "☑是  ", "□否"),
        (("yes", ""), "□是  ", "□否"),
        (("yes", "no"), "□是  ", "☑否"),
    ],
)
def test_a_districts_answer_follows_its_schools(
    cast: Cast, answers: tuple[str, str], yes: str, no: str
) -> None:
    for staffed, answer in zip((cast.a, cast.b), answers, strict=True):
        staffed.school.stage = "junior"
        staffed.school.save()
        finish(cast, staffed, coverage=answer)
    with acting_for(cast.district):
        sheet = sheet_of(annexes.for_bureau(cast.district, cast.term))
    assert (sheet["E6"].value, sheet["E7"].value) == (yes, no)
    assert bool(sheet["I7"].value) == ("no" in answers)


def test_nothing_is_printed_before_the_school_filled_in(cast: Cast) -> None:
    with pytest.raises(Refused, match="还没有填报"):
        annexes.for_school(cast.school, cast.term)


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        ("total", "家庭困难学生总数9人，六类合计2人，不一致"),
        ("unaided", "填报应助未助5人，明细1人，不一致"),
        ("cells", "重新计数1、0、0、0、0、1，不一致"),
    ],
)
def test_a_table_that_disagrees_is_refused(cast: Cast, spoil: str, text: str) -> None:
    difficult(cast.a, cast)
    screening = finish(cast, cast.a)
    changed = {"total": 9, "unaided": 5, "cells": [0, 0, 0, 0, 0, 2]}[spoil]
    screening.numbers[spoil] = changed
    screening.save()
    with pytest.raises(Refused, match=text):
        annexes.written(annexes.for_school(cast.school, cast.term))


def test_raw_counts_stand_on_a_sheet_behind_the_form(cast: Cast) -> None:
    make.tag(cast.a.students[0], make.group(1))
    make.tag(cast.a.students[0], make.group(3))
    finish(cast, cast.a)
    sheet = book_of(annexes.for_school(cast.school, cast.term))["多重身份核对"]
    rows = {line[0]: line[1] for line in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["群体t1u"] == rows["群体t3u"] == 1
    assert rows["同时属于两类以上的学生"] == 1


def test_later_changes_do_not_reach_the_table(cast: Cast) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    with clock.at(date(2026, 12, 20)):
        make.tag(cast.a.students[2], make.group(1))
        annex = annexes.for_school(cast.school, cast.term)
    assert annex.numbers.total == 2
    assert ScreeningRow.objects.filter(cell__isnull=False).count() == 2
