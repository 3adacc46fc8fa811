"""The pages on which a roster file is read, corrected and written."""

from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from schools.scope import acting_for
from students.models import (
    RosterImport,
    Student,
)
from tests.cast import Cast
from tests.students.pages import page, upload
from tests.students.rosters import number, roster, row, workbook


def test_import_from_file_to_roster(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    answer = upload(client, roster(5))
    staged = RosterImport.objects.get()
    assert answer["Location"] == reverse("students:import", kwargs={"import_id": staged.pk})
    shown = page(client, "import", import_id=staged.pk)
    assert "写入名册（" in shown
    assert number(0) not in shown
    apply = reverse("students:import_apply", kwargs={"import_id": staged.pk})
    assert client.post(apply).status_code == 302
    assert Student.objects.for_school(cast.school).count() == 8
    assert "已于9月1日 09:00写入名册" in page(client, "import", import_id=staged.pk)
    again = client.post(apply)
    assert again.status_code == 409
    assert "现在是“已导入”，不能导入" in again.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\x89PNG\r\n", "这是图片，不是表格"),
        (b"PK\x03\x04broken", "文件已损坏"),
    ],
)
def test_bad_file_is_refused_on_the_page(
    cast: Cast, sign_in: Any, content: bytes, said: str
) -> None:
    answer = upload(sign_in(cast.operator), content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    with acting_for(cast.school):
        assert not RosterImport.objects.exists()


def test_errors_are_listed_and_marked_in_the_same_workbook(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    upload(client, workbook([row(0), row(1, 身份证件号码=number(1)[:17], 学籍号="")]))
    staged = RosterImport.objects.get()
    shown = page(client, "import", import_id=staged.pk)
    assert "1处错误" in shown
    assert "请对照证件补全" in shown
    assert "只写入没有错误的" in shown
    answer = client.post(reverse("students:import_marked", kwargs={"import_id": staged.pk}))
    book = load_workbook(BytesIO(answer.content))
    assert book["名册"]["B3"].fill.fgColor.rgb == "FFFFC7CE"
    assert "错误清单" in book.sheetnames
    apply = reverse("students:import_apply", kwargs={"import_id": staged.pk})
    assert client.post(apply).status_code == 409
    assert client.post(apply, {"rows": "good"}).status_code == 302
    assert Student.objects.for_school(cast.school).count() == 4


def test_columns_can_be_corrected(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    headers = ("甲", "乙", "班级", "性别")
    upload(client, workbook([["赵示一", number(0), "高一1班", "男"]], headers))
    staged = RosterImport.objects.get()
    assert "还缺姓名、身份证号" in page(client, "import", import_id=staged.pk)
    columns = {"column-0": "name", "column-1": "id_number", "column-2": "class_name"}
    client.post(
        reverse("students:import_columns", kwargs={"import_id": staged.pk}),
        {**columns, "column-3": "sex"},
    )
    staged.refresh_from_db()
    assert (staged.counts["errors"], staged.counts["added"]) == (0, 1)
    client.post(reverse("students:import_apply", kwargs={"import_id": staged.pk}))
    assert Student.objects.for_school(cast.school).filter(name="赵示一").exists()


def test_discarding_leaves_the_roster(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    upload(client, roster(2))
    staged = RosterImport.objects.get()
    client.post(reverse("students:import_discard", kwargs={"import_id": staged.pk}))
    staged.refresh_from_db()
    assert staged.status == "discarded"
    assert "已放弃" in page(client, "import", import_id=staged.pk)


# --- classes


def test_a_roster_that_is_opened_again_after_a_change_can_be_compared_again(
    cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.operator)
    upload(client, roster(3))
    upload(client, roster(5))
    first, second = RosterImport.objects.order_by("pk")
    client.post(reverse("students:import_apply", kwargs={"import_id": first.pk}))
    apply = reverse("students:import_apply", kwargs={"import_id": second.pk})
    assert "名册在预览之后有变动" in client.post(apply).content.decode()
    client.post(reverse("students:import_columns", kwargs={"import_id": second.pk}), {"again": "1"})
    second.refresh_from_db()
    assert (second.counts["added"], second.counts["unchanged"]) == (2, 3)
    assert client.post(apply).status_code == 302
