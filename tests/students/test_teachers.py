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
from office.spreadsheets.writing import write_rows
from schools.models import Appointment
from schools.roles import Role
from schools.scope import acting_for
from students.actions import assign_head_teachers, read_teachers, teachers_sheet
from students.models import SchoolClass
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
    told = read_teachers(school=cast.school, content=content, filename="班主任.xlsx")
    assert not told.wrong
    assert all(one.same for one in told.leading)
    assert len(told.leading) == 2


def test_only_the_operator_may(cast: Cast, sign_in: Any) -> None:
    assert sign_in(cast.head_teacher).get(URL).status_code == 403
    assert sign_in(cast.reviewer).post(f"{URL}apply/", {}).status_code == 403
    assert sign_in(cast.operator).post(f"{URL}apply/", {"lead": "x:y"}).status_code == 409


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
