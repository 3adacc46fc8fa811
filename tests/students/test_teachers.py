"""Head teachers from a table: every cell that is wrong, all classes or none."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from guardian.shortcuts import get_users_with_perms
from openpyxl import load_workbook

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import Unreadable
from office.spreadsheets.writing import write_rows
from schools.models import Appointment
from schools.roles import Role
from schools.scope import acting_for
from students.actions import assign_head_teachers, read_teachers, teachers_sheet
from students.models import SchoolClass
from students.rules.teachers import NOT_APPOINTED
from tests.cast import Cast, appoint, school_class
from tests.racing import race, unguarded

HEADERS = ("年级", "班级", "班主任姓名", "账号或手机")
URL = "/students/roster/classes/teachers/"


@pytest.fixture
def teacher(cast: Cast) -> Appointment:
    """A second head teacher of school A."""
    return appoint("钱示例", cast.school, Role.HEAD_TEACHER, "teacher-a2")


@pytest.fixture
def room(cast: Cast) -> SchoolClass:
    """A second class of school A, led by the first's head teacher."""
    return school_class(cast.school, cast.head_teacher, 2)


def table(*rows: Sequence[Cell]) -> bytes:
    return write_rows(None, HEADERS, rows, sheet_name="班主任")


def send(client: Any, content: bytes, name: str = "班主任.xlsx") -> Any:
    return client.post(URL, {"file": SimpleUploadedFile(name, content)})


def test_a_class_is_handed_over(
    cast: Cast, sign_in: Any, teacher: Appointment, room: SchoolClass
) -> None:
    client = sign_in(cast.operator)
    page = send(client, table(["高一", "2班", "钱示例", "teacher-a2"], ["高一", "1班", "", ""]))
    assert page.status_code == 200
    text = page.content.decode()
    assert f'value="{room.pk}:{teacher.person_id}"' in text
    room.refresh_from_db()
    assert room.head_teacher_id == cast.head_teacher.person_id
    answer = client.post(f"{URL}apply/", {"lead": f"{room.pk}:{teacher.person_id}"}, follow=True)
    assert "已指定1个班的班主任" in answer.content.decode().replace('<span class="nb">', "")
    room.refresh_from_db()
    assert room.head_teacher_id == teacher.person_id
    assert teacher.person.accounts.get().has_perm("students.lead_class", room)
    assert not cast.head_teacher.person.accounts.get().has_perm("students.lead_class", room)


def test_every_wrong_cell_is_named_at_once(
    cast: Cast, sign_in: Any, teacher: Appointment, room: SchoolClass
) -> None:
    appoint("钱示例", cast.school, Role.HEAD_TEACHER, "teacher-a3")
    page = send(
        sign_in(cast.operator),
        table(
            ["高一", "9班", "钱示例", "teacher-a2"],
            ["高一", "1班", "没有的人", ""],
            ["高一", "2班", "钱示例", ""],
            ["高一", "2班", "钱示例", "teacher-a2"],
            ["高一", "1班", "钱示例", "13900000009"],
        ),
    )
    assert page.status_code == 409
    assert [w.place for w in page.context["wrong"]] == ["B2", "C3", "C4", "B5", "B6", "D6"]
    assert "13900000009" not in page.content.decode()
    assert "人员与任期" in page.content.decode()


def test_a_telephone_names_a_person_too(cast: Cast, teacher: Appointment) -> None:
    appoint("钱示例", cast.school, Role.HEAD_TEACHER, "teacher-a3")
    teacher.person.phone = "13900000001"
    teacher.person.save()
    told = read_teachers(
        school=cast.school,
        content=table(["高一", "高一（1）班", "钱 示例", "13900000001"]),
        filename="a.xlsx",
    )
    assert [one.person.pk for one in told.leading] == [teacher.person_id]
    row = ["高一", "高一（1）班", "钱示例", "13900000002"]
    told = read_teachers(school=cast.school, content=table(row), filename="a.xlsx")
    assert ([w.place for w in told.wrong], told.leading) == (["D2"], [])


def test_a_teacher_of_another_school_is_not_found(cast: Cast) -> None:
    with acting_for(cast.b.school):
        appoint("孙示例", cast.b.school, Role.HEAD_TEACHER, "teacher-b2")
    told = read_teachers(
        school=cast.school, content=table(["高一", "1班", "孙示例", ""]), filename="a.xlsx"
    )
    assert [w.place for w in told.wrong] == ["C2"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.xlsx"),
        (b"PK\x03\x04broken", "a.xlsx"),
        ("姓名,电话\n甲,1\n".encode(), "a.csv"),
        (table(), "a.xlsx"),
        (table(["高一", "1班", "", ""]), "a.xlsx"),
    ],
)
def test_a_wrong_file_is_refused_with_words(
    cast: Cast, sign_in: Any, content: bytes, name: str
) -> None:
    page = send(sign_in(cast.operator), content, name)
    assert page.status_code == 409
    assert "没有改动任何数据" in page.content.decode()


def test_all_or_nothing(cast: Cast, teacher: Appointment, room: SchoolClass) -> None:
    with pytest.raises(Refused) as refused:
        assign_head_teachers(
            school=cast.school,
            chosen={
                room.pk: teacher.person_id,
                cast.a.school_class.pk: cast.reviewer.person_id,
                cast.b.school_class.pk: teacher.person_id,
            },
            by=cast.operator,
        )
    assert len(refused.value.reasons) == 2
    room.refresh_from_db()
    assert room.head_teacher_id == cast.head_teacher.person_id
    with pytest.raises(Refused):
        assign_head_teachers(school=cast.school, chosen={}, by=cast.operator)


def test_the_sheet_comes_back_unchanged(cast: Cast, room: SchoolClass) -> None:
    content = teachers_sheet(cast.school)
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert [c.value for c in sheet[2]] == ["高一", "高一（1）班", "班主任a", "teacher-a"]
    assert sheet.title == "班主任"
    # Wide enough for the longest of each: nothing is cut off on paper.
    widths = [round(sheet.column_dimensions[c].width) for c in "ABCD"]
    assert widths == [13, 21, 17, 21]
    told = read_teachers(school=cast.school, content=content, filename="班主任.xlsx")
    assert not told.wrong
    assert all(one.same for one in told.leading)
    assert len(told.leading) == 2


def test_only_the_operator_may(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.head_teacher).get(URL).status_code == 403
    assert sign_in(cast.reviewer).post(f"{URL}apply/", {}).status_code == 403
    assert sign_in(cast.operator).post(f"{URL}apply/", {"lead": "x:y"}).status_code == 409


LINES: Sequence[Sequence[Cell]] = (
    ["高一", "1班", "钱示例", "teacher-a2"],
    ["", "", "", ""],
    ["高一", "1班", "钱示例", "13900000009"],
    ["高一", "2班", "钱示例", ""],
    ["高一", "2班", "", "teacher-a2"],
    ["高一", "2班", "", ""],
    ["高一", "九" * 50, "审核a", ""],
    ["高一", "2班", " ", " "],
    ["没有的年级", "1班", "", ""],
)


def test_each_cell_to_mend_is_told_with_what_it_holds(
    cast: Cast, teacher: Appointment, room: SchoolClass
) -> None:
    appoint("钱示例", cast.school, Role.HEAD_TEACHER, "teacher-a3")
    told = read_teachers(school=cast.school, content=table(*LINES), filename="a.xlsx")
    ((row, school_class, person),) = [(o.row, o.school_class, o.person) for o in told.leading]
    assert (row, school_class, person) == (1, cast.a.school_class, teacher.person)
    again = "是同一个班，只留一行"
    assert [(w.place, w.column, w.value, w.reason) for w in told.wrong] == [
        ("B4", "班级", "1班", f"与第2行{again}"),
        # A telephone is never shown again.
        ("D4", "账号或手机", "", "账号或手机与这位班主任的不一致，请核对"),
        ("C5", "班主任姓名", "钱示例", "有2位同名的班主任，请填账号或手机"),
        ("B6", "班级", "2班", f"与第5行{again}"),
        ("C6", "班主任姓名", "", "有账号或手机，没有姓名"),
        ("B7", "班级", "2班", f"与第5行{again}"),
        ("B8", "班级", "九" * 40, "本校没有这个班；请与“班级”页的年级和名称一致"),
        # Who has another office there is no head teacher.
        ("C8", "班主任姓名", "审核a", NOT_APPOINTED),
        ("B9", "班级", "2班", f"与第5行{again}"),
        ("B10", "班级", "1班", "本校没有这个班；请与“班级”页的年级和名称一致"),
    ]
    # The empty row is no class.
    assert told.blank == 3


def test_what_the_table_leaves_out_is_pointed_at_all_the_same(
    cast: Cast, teacher: Appointment
) -> None:
    def read(text: str) -> Any:
        return read_teachers(school=cast.school, content=text.encode(), filename="a.csv")

    told = read("班级,班主任姓名\n高一（1）班,钱示例\n高一（3）班,钱示例\n高一（1）班\n")
    assert [(o.row, o.person) for o in told.leading] == [(1, teacher.person)]
    assert [(w.place, w.value) for w in told.wrong] == [
        ("A3", "高一（3）班"), ("A4", "高一（1）班"),
    ]  # fmt: skip
    assert told.blank == 1
    told = read("班主任名单\n2026年9月\n班级,班主任姓名\n高一（1）班,钱示例\n")
    assert ([o.row for o in told.leading], told.wrong) == ([3], [])
    for without in ("年级,班级\n高一,1班\n", "年级,班主任姓名\n高一,钱示例\n"):
        with pytest.raises(Refused, match="没有找到这些列：班级、班主任姓名"):
            read(without)
    # Of two people with one telephone it names neither.
    other = appoint("钱示例", cast.school, Role.HEAD_TEACHER, "teacher-a3")
    for one in (teacher, other):
        one.person.phone = "13900000001"
        one.person.save()
    told = read("班级,班主任姓名,手机\n高一（1）班,钱示例,13900000001\n")
    assert [(w.place, w.column) for w in told.wrong] == [("C2", "账号或手机")]


def test_a_table_of_more_rows_than_there_are_classes_is_not_read(cast: Cast) -> None:
    rows = [["高一", "1班", "钱示例", ""]] * 2_100
    with pytest.raises(Unreadable):
        read_teachers(school=cast.school, content=table(*rows), filename="a.xlsx")
    assert read_teachers(school=cast.school, content=table(*rows[:2_000]), filename="a.xlsx").wrong


def test_a_class_that_nobody_leads_is_left_empty(cast: Cast, room: SchoolClass) -> None:
    SchoolClass.objects.filter(pk=room.pk).update(head_teacher=None)
    sheet = load_workbook(BytesIO(teachers_sheet(cast.school))).active
    assert sheet is not None
    assert [c.value for c in sheet[1]] == list(HEADERS)
    assert [c.value or "" for c in sheet[3]] == [room.grade_name, room.name, "", ""]


def test_a_person_who_is_gone_is_told_of(cast: Cast, room: SchoolClass) -> None:
    with pytest.raises(Refused) as refused:
        assign_head_teachers(school=cast.school, chosen={room.pk: 10**9}, by=cast.operator)
    assert [r.text for r in refused.value.reasons] == ["有班级或班主任已不存在"]


def test_how_many_changed_is_told(cast: Cast, teacher: Appointment, room: SchoolClass) -> None:
    chosen = {room.pk: teacher.person_id, cast.a.school_class.pk: cast.head_teacher.person_id}
    changed = assign_head_teachers(school=cast.school, chosen=chosen, by=cast.operator)
    assert changed == 1


def two_tables(cast: Cast) -> tuple[list[SchoolClass], Callable[[int], object]]:
    """Two tables that exchange the teachers of two classes."""
    teachers = [
        appoint(f"钱示{c}", cast.school, Role.HEAD_TEACHER, f"teacher-x{i}").person_id
        for i, c in enumerate("甲乙")
    ]
    rows = [cast.a.school_class, school_class(cast.school, cast.head_teacher, 2)]
    tables = [
        dict(zip([r.pk for r in rows], order, strict=True)) for order in (teachers, teachers[::-1])
    ]
    return rows, lambda i: assign_head_teachers(
        school=cast.school, chosen=tables[i % 2], by=cast.operator
    )


def leading(row: SchoolClass) -> set[int]:
    accounts: Any = get_users_with_perms(row, only_with_perms_in=["lead_class"])
    return {account.person_id for account in accounts}


@pytest.mark.race
def test_two_tables_at_once_leave_one_teacher_with_the_grant(committed: Cast) -> None:
    rows, act = two_tables(committed)
    assert race(act, organisation=committed.school) == {"won": 64}
    for row in rows:
        row.refresh_from_db()
        assert leading(row) == {row.head_teacher_id}
    # Both classes are as one of the two tables says.
    assert rows[0].head_teacher_id != rows[1].head_teacher_id


@pytest.mark.race
def test_without_the_lock_two_tables_leave_two_teachers(committed: Cast, no_locks: None) -> None:
    rows, act = two_tables(committed)
    assert unguarded(act, organisation=committed.school, threads=2) == 2
    assert len(leading(rows[0])) == 2
