"""Each differently headed sheet is corrected by itself; only what could be read is remembered."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from students.actions import apply_roster, discard_roster, stage_roster
from students.actions.headings import remember_headings
from students.actions.roster_jobs import receive_roster
from students.actions.sheet_columns import correct_sheet, restore_sheet
from students.models import RosterHeading, RosterImport, Student
from students.rules.roster.columns import KNOWN
from students.rules.roster.headings import known_at
from tests.cast import Cast
from tests.students.pages import page, upload
from tests.students.rosters import number, workbook
from tests.students.test_nasty_rosters import book
from tests.students.test_roster_jobs import fresh, work
from tests.students.test_unread_sheets import plain as plain_words

HEADED = ("姓名", "身份证号", "班级", "学号")
LONG = "students.actions.sheet_columns.LONG_ROWS"
COLUMNS = {"name": 0, "id_number": 1, "class_name": 2}


def saved(made: Any) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def student(n: int) -> list[Cell]:
    return [f"赵示{'例样远宁清予'[n]}", number(n), "高一1班", f"2026000{n}"]


def two_kinds() -> bytes:
    """Two sheets headed alike around one that calls the number otherwise."""
    other = ("姓名", "公民号", "班级", "学号")
    return saved(
        book(
            ("一班", [HEADED, student(0)]),
            ("二班", [other, student(1), student(2)]),
            ("三班", [HEADED, student(3)]),
        )
    )


def stage(cast: Cast, content: bytes) -> RosterImport:
    return stage_roster(school=cast.school, content=content, filename="a.xlsx", by=cast.operator)


def plain(cast: Cast) -> RosterImport:
    return stage(cast, workbook([student(0)], HEADED))


def correct(client: Client, staged: RosterImport, data: dict[str, str]) -> Any:
    return client.post(reverse("students:import_columns", kwargs={"import_id": staged.pk}), data)


# --- a column that one sheet lacks


def test_one_sheets_missing_column_is_its_own_trouble(cast: Cast) -> None:
    staged = stage(cast, two_kinds())
    (error,) = staged.errors
    assert (error["sheet"], error["cell"], error["column"]) == ("二班", "第1行", "身份证号")
    counts = staged.counts
    assert (counts["rows"], counts["added"], counts["bad"]) == (4, 2, 2)
    assert counts["unsure"] == ["二班"]
    with pytest.raises(Refused, match="有2行有错误"):
        apply_roster(staged=staged, by=cast.operator)
    apply_roster(staged=staged, by=cast.operator, good_rows=True)
    names = Student.objects.filter(name__startswith="赵示").order_by("pk")
    assert [s.name for s in names] == ["赵示例", "赵示宁"]


def test_the_page_offers_the_columns_of_every_kind(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    upload(client, two_kinds())
    staged = RosterImport.objects.get()
    shown = page(client, "import", import_id=staged.pk)
    assert "工作表“一班”的列是这样理解的" in shown
    assert "工作表“二班”的列是这样理解的" in shown
    assert "工作表“三班”的列" not in shown
    assert "2张表头相同的工作表都这样读" in plain_words(shown)
    assert shown.index("工作表“二班”的列") < shown.index("工作表“一班”的列")
    chosen = ("name", "id_number", "class_name", "student_no")
    data = {"sheet": "1", **{f"column-{n}": name for n, name in enumerate(chosen)}}
    assert correct(client, staged, data).status_code == 302
    staged.refresh_from_db()
    assert (staged.counts["errors"], staged.counts["added"]) == (0, 4)
    assert known_at(cast.school)["id_number"][-1] == "公民号"
    fields = [[c["field"] for c in sheet["columns"]] for sheet in staged.layout]
    assert fields == [list(chosen)] * 3


def test_two_sheets_are_corrected_one_after_the_other(cast: Cast) -> None:
    made = book(
        ("一班", [("甲", "证件", "班级", "性别"), student(0)]),
        ("二班", [("乙", "公民号", "班级", "性别"), student(1)]),
    )
    staged = stage(cast, saved(made))
    assert staged.counts["added"] == 0
    row = correct_sheet(staged=staged, sheet=0, columns=COLUMNS, by=cast.operator)
    assert row.counts["added"] == 1
    row = correct_sheet(staged=row, sheet=1, columns=COLUMNS, by=cast.operator)
    assert (row.counts["added"], row.counts["errors"]) == (2, 0)
    assert set(row.columns) == {"一班", "二班"}
    assert apply_roster(staged=row, by=cast.operator).status == "applied"


def test_a_correction_from_before_holds_for_the_first_sheet(cast: Cast) -> None:
    staged = stage(cast, two_kinds())
    RosterImport.objects.filter(pk=staged.pk).update(columns={**COLUMNS, "student_no": None})
    staged.refresh_from_db()
    row = correct_sheet(staged=staged, sheet=1, columns=COLUMNS, by=cast.operator)
    assert row.columns["一班"] == {**COLUMNS, "student_no": None}
    assert row.layout[0]["columns"][3]["field"] == ""
    assert row.counts["added"] == 4


@pytest.mark.parametrize("sheet", ["3", "-1", "x", "²"])
def test_a_sheet_that_is_not_there(cast: Cast, sign_in: Any, sheet: str) -> None:
    staged = stage(cast, two_kinds())
    assert correct(sign_in(cast.operator), staged, {"sheet": sheet}).status_code == 404


def test_of_very_many_kinds_those_that_lack_something_are_offered(cast: Cast, sign_in: Any) -> None:
    kinds = [(f"{n}班", [(*HEADED, f"备注{n}"), student(n % 5)]) for n in range(13)]
    kinds.append(("末班", [("姓名", "公民号", "班级", "学号"), student(5)]))
    staged = stage(cast, saved(book(*kinds)))
    shown = page(sign_in(cast.operator), "import", import_id=staged.pk)
    assert shown.count("按这样的列重新读取") == 12
    assert "工作表“末班”的列是这样理解的" in shown


# --- what is remembered


def test_a_closed_file_teaches_nothing(cast: Cast, sign_in: Any) -> None:
    staged = plain(cast)
    discard_roster(staged=staged, by=cast.operator)
    answer = correct(sign_in(cast.operator), staged, {"column-1": "name", "column-3": "id_number"})
    assert answer.status_code == 409
    assert not RosterHeading.objects.exists()
    assert known_at(cast.school) == KNOWN


def test_nothing_chosen_teaches_nothing(cast: Cast, sign_in: Any) -> None:
    answer = correct(sign_in(cast.operator), plain(cast), {"column-0": ""})
    assert answer.status_code == 409
    assert "没有指明任何一列" in answer.content.decode()
    assert not RosterHeading.objects.exists()


def test_what_every_file_needs_is_never_left_out_of_all(cast: Cast) -> None:
    staged = plain(cast)
    columns = {"name": 0, "id_number": 1, "class_name": None, "student_no": None}
    row = correct_sheet(staged=staged, sheet=0, columns=columns, by=cast.operator)
    assert row.counts["added"] == 0
    assert [h.heading for h in RosterHeading.objects.all()] == ["学号"]
    assert plain(cast).counts["added"] == 1


def test_what_was_learnt_so_before_means_nothing(cast: Cast) -> None:
    staged = plain(cast)
    remember_headings(
        school=cast.school, sheet=staged.layout[0], columns={"phone": 3}, by=cast.operator
    )
    RosterHeading.objects.update(heading="班级", column="")
    assert known_at(cast.school) == KNOWN
    assert plain(cast).counts["added"] == 1


def test_the_message_names_the_memory_and_restoring_ends_it(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    staged = plain(cast)
    columns = {"name": 0, "student_no": 1, "class_name": 2}
    correct_sheet(staged=staged, sheet=0, columns=columns, by=cast.operator)
    newer = plain(cast)
    (error,) = newer.errors
    assert "表头“身份证号”本校以前更正为“学号”，所以没有认出“身份证号”" in error["reason"]
    assert "恢复默认" in error["reason"]
    assert "不再记住" in error["reason"]
    shown = page(client, "import", import_id=newer.pk)
    assert 'name="restore"' in shown
    assert shown.count("按本校以前的更正") == 2
    assert correct(client, newer, {"sheet": "0", "restore": "1"}).status_code == 302
    newer.refresh_from_db()
    assert (newer.counts["added"], newer.columns) == (1, {})
    assert not RosterHeading.objects.exists()
    assert 'name="restore"' not in page(client, "import", import_id=newer.pk)


def test_restoring_one_sheet_leaves_the_others_corrected(cast: Cast) -> None:
    staged = stage(cast, two_kinds())
    row = correct_sheet(staged=staged, sheet=1, columns=COLUMNS, by=cast.operator)
    row = correct_sheet(staged=row, sheet=0, columns=COLUMNS, by=cast.operator)
    row = restore_sheet(staged=row, sheet=0, by=cast.operator)
    assert set(row.columns) == {"二班"}
    assert row.counts["added"] == 4
    assert [h.heading for h in RosterHeading.objects.all()] == ["公民号"]


# --- long files


def received(cast: Cast, content: bytes) -> RosterImport:
    staged = receive_roster(
        school=cast.school, content=content, filename="名册.xlsx", by=cast.operator
    )
    work(staged)
    return fresh(staged)


def test_a_long_file_is_remembered_when_it_was_read(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LONG, 1)
    staged = received(cast, two_kinds())
    correct_sheet(staged=staged, sheet=1, columns=COLUMNS, by=cast.operator)
    assert not RosterHeading.objects.exists()
    assert work(staged).status == "done"
    assert (fresh(staged).status, fresh(staged).counts["added"]) == ("staged", 4)
    assert set(RosterHeading.objects.values_list("heading", "column")) == {
        ("公民号", "id_number"), ("学号", ""),
    }  # fmt: skip
    restore_sheet(staged=fresh(staged), sheet=1, by=cast.operator)
    work(staged)
    assert not RosterHeading.objects.exists()
    assert fresh(staged).counts["added"] == 2


def test_a_long_file_that_can_not_be_read_so_teaches_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LONG, 1)
    staged = received(cast, two_kinds())
    correct_sheet(staged=staged, sheet=1, columns=COLUMNS, by=cast.operator)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Refused(["没有学生"])

    monkeypatch.setattr("students.actions.roster_jobs.examined", refuse)
    assert work(staged).status == "failed"
    assert fresh(staged).status == "discarded"
    assert not RosterHeading.objects.exists()


# --- the same student number twice


def numbers_told(staged: RosterImport) -> list[dict[str, Any]]:
    return [w for w in staged.warnings if w["column"] == "学号"]


def test_the_same_student_number_is_doubted_at_both_cells(cast: Cast, sign_in: Any) -> None:
    rows = [student(n) for n in range(4)]
    rows[2][3] = rows[3][3] = rows[0][3]
    staged = stage(cast, saved(book(("一班", [HEADED, *rows[:3]]), ("二班", [HEADED, rows[3]]))))
    assert [(w["sheet"], w["cell"], w["reason"]) for w in numbers_told(staged)] == [
        ("一班", "D2", "与D4的学号相同，请核对。"),
        ("一班", "D4", "与D2的学号相同，请核对。"),
        ("二班", "D2", "与工作表“一班”D2的学号相同，请核对。"),
    ]
    assert (staged.counts["errors"], staged.counts["added"]) == (0, 4)
    shown = page(sign_in(cast.operator), "import", import_id=staged.pk)
    checked = shown.split("处请核对")[1]
    assert '<span class="sub nb">二班</span>D2' in checked
    added = shown.split("新增的学生")[1].split("</details>")[0]
    assert '<span class="sub">二班</span>' in added


@pytest.mark.parametrize("heading", ["学号", "班内学号"])
def test_numbers_that_count_inside_a_class_may_repeat_in_another(cast: Cast, heading: str) -> None:
    rows = [student(n) for n in range(3)]
    for n, cells in enumerate(rows):
        cells[2:] = [f"高一{n % 2 + 1}班", "1" if heading == "学号" else "20260001"]
    staged = stage(cast, workbook(rows, ("姓名", "身份证号", "班级", heading)))
    assert [w["cell"] for w in numbers_told(staged)] == ["D2", "D4"]
