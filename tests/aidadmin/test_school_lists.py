"""Many schools from one table: understood, refused cell by cell, founded all or none."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from aidadmin import school_lists
from audit.refusal import Refused
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows
from schools.models import Account, School
from schools.roles import Role
from schools.scope import acting_for
from tests.cast import Cast, next_id

URL = "/settings/organisations/schools/many/"
HEADERS = list(school_lists.LABELS.values())


def row(n: int, **facts: str) -> list[str]:
    plain = {
        "code": f"34990010{n:02d}",
        "name": f"示范新校{n}",
        "stage": "初中",
        "has_boarding": "是",
        "contact_phone": "0571-87654321",
    }
    return [(plain | facts).get(field, "") for field in school_lists.LABELS]


def table(*rows: list[str], headers: list[str] = HEADERS) -> bytes:
    return write_rows(None, headers, rows)


def texts(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.text for reason in refused.value.reasons]


def test_the_template_is_read_back_by_its_own_headings() -> None:
    (sheet,) = read_sheets(school_lists.template(), "学校清单模板.xlsx").sheets
    assert sheet.rows[0] == HEADERS


def test_every_school_is_founded_and_its_leader_appointed(cast: Cast) -> None:
    content = table(
        row(1, leader_name="何例宁", leader_id=next_id(), joint_with="示范职业技术学院"),
        row(2, territory=cast.district.name),
    )
    lines, wrong = school_lists.read(content, "学校.xlsx", top=cast.district)
    assert wrong == []
    first, second = school_lists.found_all(lines=lines, by=cast.bureau_reviewer)
    assert (first.school.name, first.school.stage, first.school.has_boarding) == (
        "示范新校1",
        "junior",
        True,
    )
    assert first.school.superior_id == first.school.territory_id == cast.district.pk
    assert first.school.contact_phone == "0571-87654321"
    assert [line.school.joint_with for line in (first, second)] == ["示范职业技术学院", ""]
    assert first.employed is not None
    assert first.employed.appointment.role == Role.LEADER
    assert Account.objects.get(username=first.employed.username).check_password(
        first.employed.password
    )
    assert second.employed is None


def test_every_cell_that_is_wrong_is_told_and_nothing_written(cast: Cast) -> None:
    before = School.objects.count()
    content = table(
        row(1, stage="大学", superior="别处教育局", is_private="不清楚"),
        row(2, code="12", leader_name="何", leader_id="123"),
        row(2, code="3499001001", name=""),
        row(3, code=cast.school.code),
    )
    lines, wrong = school_lists.read(content, "学校.xlsx", top=cast.district)
    assert {(w.place, w.column) for w in wrong} == {
        ("C2", "学段"),
        ("D2", "主管部门"),
        ("E2", "属地"),
        ("F2", "民办"),
        ("A3", "学校标识码"),
        ("K3", "分管领导姓名"),
        ("L3", "分管领导身份证号"),
        ("A4", "学校标识码"),
        ("B4", "学校名称"),
        ("A5", "学校标识码"),
    }
    by_place = {w.place: w for w in wrong}
    assert by_place["A4"].reason == "与第2行重复，只留一行"
    assert by_place["L3"].value == ""
    assert len(lines) == 4
    assert School.objects.count() == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (table(["a", "b"], headers=["甲", "乙"]), "没有找到这些列：学校标识码、学校名称、学段"),
        (table(), "表里一所学校也没有"),
    ],
)
def test_a_table_of_something_else_is_refused(cast: Cast, content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        school_lists.read(content, "学校.xlsx", top=cast.district)
    assert texts(refused) == [reason]


def test_what_the_founding_refuses_leaves_no_school_behind(cast: Cast) -> None:
    before = School.objects.count()
    content = table(row(1), row(2, name="示范新校1"))
    lines, wrong = school_lists.read(content, "学校.xlsx", top=cast.district)
    assert wrong == []
    with pytest.raises(Refused) as refused:
        school_lists.found_all(lines=lines, by=cast.bureau_reviewer)
    assert texts(refused) == ["第3行：同一辖区已经有同名的单位"]
    assert School.objects.count() == before


def upload(client: Any, content: bytes, name: str = "学校.xlsx") -> Any:
    return client.post(URL, {"file": SimpleUploadedFile(name, content)})


def test_the_page_adds_schools_and_shows_the_passwords_once(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    shown = client.get(URL)
    assert shown.status_code == 200
    assert ".xlsx、.xls、.et、.csv，20MB以内" in shown.content.decode()
    answer = upload(client, table(row(1, leader_name="何例宁", leader_id=next_id()), row(2)))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "已建立2所学校" in strip_tags(text)
    assert "何例宁" in text
    with acting_for(cast.district):
        assert School.objects.filter(code__in=["3499001001", "3499001002"]).count() == 2
    plain = upload(client, table(row(3)))
    assert plain.headers["Location"] == "/settings/organisations/"


def test_the_page_tells_what_to_mend(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    wrong = upload(client, table(row(1, stage="大学")))
    assert wrong.status_code == 409
    text = wrong.content.decode()
    assert "整份文件都还没有写入" in text
    assert "C2" in text
    unreadable = upload(client, b"%PDF-1.7", "学校.pdf")
    assert unreadable.status_code == 409
    assert "没有添加，原因如下" in unreadable.content.decode()
    template = client.get("/settings/organisations/schools/template/")
    assert template.headers["Content-Disposition"].startswith("attachment")
