"""What the printed forms ask of a student: read from a roster, kept, changed, shown, exported."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from schools.scope import acting_for
from students.actions import apply_roster, stage_roster
from students.models import RosterImport, Student
from students.rules.roster.origins import region_words
from tests.cast import Cast
from tests.students.pages import page
from tests.students.rosters import HEADERS, row, workbook
from tests.students.test_facts import correct, fresh
from tests.students.test_rules_roster import read

ASKED = ("籍贯", "政治面貌", "户口所在地", "邮编", "脱贫年份")
TOLD: tuple[Cell, ...] = ("安徽省全椒县", "03-共青团员", "示范区样板村2号", "239500", 2019)
FIELDS = ("native_place", "political_status", "household_address", "postcode", "lifted_year")


def file_of(*cells: Cell) -> bytes:
    return workbook([[*row(0), *cells]], (*HEADERS, *ASKED))


def staged_of(cast: Cast, content: bytes) -> RosterImport:
    return stage_roster(school=cast.school, content=content, filename="名册.xlsx", by=cast.operator)


def imported(cast: Cast, content: bytes) -> RosterImport:
    with acting_for(cast.school):
        return apply_roster(staged=staged_of(cast, content), by=cast.operator)


def held(student: Student) -> list[Any]:
    values = (getattr(student, name) for name in FIELDS)
    return [v.reveal() if hasattr(v, "reveal") else v for v in values]


def with_column(heading: str, written: Cell) -> Any:
    """A file's row with one more column; 是否住校 stands in for 就读方式."""
    cells = dict(zip(HEADERS, row(0), strict=True))
    if heading == "是否住校":
        del cells["就读方式"]
    cells[heading] = written
    return read([list(cells.values())], tuple(cells))


@pytest.mark.parametrize(
    ("heading", "written", "field", "found"),
    [
        ("籍贯", "341124", "native_place", "安徽省全椒县"),
        ("籍贯", "341124001002", "native_place", "安徽省全椒县"),
        ("籍贯", 340000, "native_place", "安徽省"),
        ("籍贯", "江苏 南京", "native_place", "江苏 南京"),
        ("政治面貌", "13", "political_status", "群众"),
        ("政治面貌", 3, "political_status", "共青团员"),
        ("政治面貌", "团员", "political_status", "共青团员"),
        ("政治面貌", "02-中国共产党预备党员", "political_status", "中共预备党员"),
        ("政治面貌", "中国少年先锋队队员", "political_status", "少先队员"),
        ("邮政编码", 239500.0, "postcode", "239500"),
        ("邮政编码", "２３９５００", "postcode", "239500"),
        ("户籍所在地", "110105", "household_address", "北京市朝阳区"),
        ("脱贫年度", "2018年12月脱贫", "lifted_year", 2018),
        ("脱贫时间", date(2017, 12, 1), "lifted_year", 2017),
        ("脱贫年份", "无", "lifted_year", None),
        ("民族", "05", "ethnicity", "维吾尔族"),
        ("民族", "01-汉族", "ethnicity", "汉族"),
        ("民族", 8, "ethnicity", "壮族"),
        ("留守儿童", "0", "left_behind", False),
        ("留守儿童", 1, "left_behind", True),
        ("留守儿童", "2-双亲留守儿童", "left_behind", True),
        ("随迁子女", "1", "migrant", True),
        ("是否住校", 1, "boarding", "boarder"),
        ("是否住校", "0", "boarding", "day"),
    ],
)
def test_words_and_codes_mean_the_same(
    heading: str, written: Cell, field: str, found: object
) -> None:
    reading = with_column(heading, written)
    assert (reading.problems, reading.warnings) == ([], [])
    assert getattr(reading.good[0].facts, field) == found


@pytest.mark.parametrize(
    ("heading", "written", "said"),
    [
        ("籍贯", "999999", "没有999999这个行政区划代码"),
        ("籍贯", "12", "只有数字"),
        ("籍贯", "县" * 49, "最多48个字，现有49个字"),
        ("户口所在地", "202", "只有数字"),
        ("政治面貌", "44", "请填“群众”“少先队员”"),
        ("邮政编码", "2395", "邮政编码是6位数字"),
        ("邮政编码", "000000", "邮政编码是6位数字"),
        ("脱贫年份", "2031", "请填2013到"),
        ("脱贫年份", "19", "认不出是哪一年脱贫"),
        ("民族", "77", "没有这个民族代码"),
        ("留守儿童", "7", "请填“是”或“否”"),
        ("是否住校", "2", "请填“是”或“否”"),
    ],
)
def test_what_is_wrong_is_refused_at_its_cell(heading: str, written: str, said: str) -> None:
    (problem,) = with_column(heading, written).problems
    assert said in problem.reason
    assert problem.cell == ("N2" if heading == "是否住校" else "O2")


@pytest.mark.parametrize(
    ("heading", "written", "field", "value"),
    [
        ("邮编", 10000, "postcode", "010000"),
        ("脱贫年份", "未脱贫", "lifted_year", None),
        ("政治面貌", "其他", "political_status", None),
    ],
)
def test_what_is_doubtful_is_said(heading: str, written: Cell, field: str, value: object) -> None:
    reading = with_column(heading, written)
    (warning,) = reading.warnings
    assert (reading.problems, warning.cell) == ([], "O2")
    assert getattr(reading.good[0].facts, field) == value


def test_a_refused_address_is_masked() -> None:
    (problem,) = with_column("户口所在地", "示范区样板村2号" * 26).problems
    assert problem.value == "示范区样板村****"


def test_regions_in_words() -> None:
    assert [region_words(c) for c in ("341124", "340000", "442000", "990101")] == [
        "安徽省全椒县",
        "安徽省",
        "广东省中山市",
        "",
    ]


def test_they_are_imported_then_unchanged_then_changed(cast: Cast) -> None:
    counts = imported(cast, file_of(*TOLD)).counts
    assert (counts["added"], counts["changed"]) == (1, 0)
    student = Student.objects.for_school(cast.school).latest("pk")
    student.school = cast.school
    assert held(student) == ["安徽省全椒县", "共青团员", "示范区样板村2号", "239500", 2019]
    with pytest.raises(Refused, match="没有变化"):
        imported(cast, file_of(*TOLD))
    # A file without these columns leaves them, and so do empty cells.
    imported(cast, workbook([row(0, 现住址="示范区新路9号")]))
    imported(cast, file_of("", "", "", "239501", ""))
    student.refresh_from_db()
    student.school = cast.school
    assert held(student) == ["安徽省全椒县", "共青团员", "示范区样板村2号", "239501", 2019]


def test_the_preview_shows_before_and_after_with_the_address_masked(cast: Cast) -> None:
    imported(cast, file_of(*TOLD))
    with acting_for(cast.school):
        staged = staged_of(
            cast, file_of("江苏省南京市", "群众", "示范区迁居路77号院", "210000", "2020")
        )
    (changed,) = staged.counts["samples"]["changed"]
    told = {f["label"]: (f["before"], f["after"]) for f in changed["fields"]}
    assert told["籍贯"] == ("安徽省全椒县", "江苏省南京市")
    assert told["政治面貌"] == ("共青团员", "群众")
    assert told["脱贫年份"] == ("2019", "2020")
    assert ("77" in told["户口所在地"][1], "村2号" in told["户口所在地"][0]) == (False, False)


def test_a_preview_is_stale_when_one_of_them_changed_since(cast: Cast) -> None:
    imported(cast, file_of(*TOLD))
    with acting_for(cast.school):
        staged = staged_of(cast, file_of("江苏省", *TOLD[1:]))
        Student.objects.filter(native_place="安徽省全椒县").update(native_place="浙江省")
        with pytest.raises(Refused, match="预览之后有变动"):
            apply_roster(staged=staged, by=cast.operator)


def test_one_students_are_changed_by_hand_in_words_and_codes(cast: Cast) -> None:
    with acting_for(cast.school):
        changed = correct(cast, native_place="341124", postcode="239500", lifted_year=2020)
        assert changed == ["native_place", "postcode", "lifted_year"]
        assert fresh(cast).native_place == "安徽省全椒县"
        with pytest.raises(Refused) as refused:
            correct(cast, postcode="12", lifted_year=1999, native_place="7")
    told = [str(r) for r in refused.value.reasons]
    assert len(told) == 3
    assert "邮政编码：邮政编码是6位数字" in "".join(told)


def test_the_page_shows_them_and_hides_the_address(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.school):
        correct(
            cast,
            native_place="安徽省全椒县",
            household_address="示范区样板村2号",
            political_status="群众",
            lifted_year=2019,
        )
    pk = cast.a.students[0].pk
    client: Client = sign_in(cast.operator)
    text = page(client, "student", student_id=pk)
    assert ("安徽省全椒县" in text, "群众" in text, "样板村2号" in text) == (True, True, False)
    answer = client.post(
        reverse("students:reveal_household_address", kwargs={"student_id": pk}),
        {"reason": "打印申请表"},
        headers={"Accept": "text/plain"},
    )
    assert answer.content.decode() == "示范区样板村2号"
    finance = page(sign_in(cast.a.finance), "student", student_id=pk)
    assert ("脱贫年份" in text, "脱贫年份" in finance) == (True, False)


def test_the_list_finds_who_was_lifted_out_and_exports_it(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.school):
        correct(cast, lifted_year=2019, native_place="安徽省")
    client: Client = sign_in(cast.operator)
    first, second = (student.name for student in cast.a.students[:2])
    found = page(client, "roster", query={"about": "lifted"})
    assert (first in found, second in found) == (True, False)
    assert first in page(client, "roster", query={"about": "blank"})
    answer = client.post(reverse("students:export"), {"about": "lifted"})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    head, told = [list(line) for line in sheet.iter_rows(values_only=True)]
    exported = dict(zip(head, told, strict=True))
    assert (exported["籍贯"], exported["脱贫年份"]) == ("安徽省", "2019")
