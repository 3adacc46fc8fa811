"""Families' forms from one workbook: read, told what is wrong, entered all or none."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import actions
from applications.actions.form_sheets import look_at
from applications.models import Application, FormSheet, HouseholdSurvey, Round
from applications.rules.sheets.columns import FAMILIES, MEMBERS
from audit.models import Event
from audit.refusal import Refused
from office.models import StoredFile
from schools import clock
from schools.models import Appointment
from schools.tenancy import set_scope
from students.models import Guardian
from tests import cast as people
from tests.applications import scenes, sheets
from tests.applications.test_views import form
from tests.cast import Cast

SignIn = Callable[[Appointment], Client]


@pytest.fixture
def round_(cast: Cast) -> Round:
    for n, student in enumerate(cast.a.students):
        student.student_no = f"20260{n}"
        student.save(update_fields=["student_no"])
    return actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)


def staged(cast: Cast, round_: Round, content: bytes, by: Appointment | None = None) -> FormSheet:
    return actions.stage_form_sheet(
        round_=round_, content=content, filename="填报表.xlsx", by=by or cast.head_teacher
    )


def one_family(cast: Cast, **changes: Any) -> bytes:
    student = cast.a.students[0]
    return sheets.filled([sheets.row(student, **changes)], [sheets.member(student)])


def errors_of(cast: Cast, round_: Round, content: bytes) -> dict[str, str]:
    seen = look_at(staged(cast, round_, content), cast.head_teacher)
    return {f"{e.sheet}!{e.place}": e.text for e in seen.errors}


def test_the_template_names_who_may_apply_and_offers_choices(cast: Cast, round_: Round) -> None:
    Guardian.objects.create(
        school=cast.school, student=cast.a.students[1], name="=HYPERLINK(1)", relation="外公"
    )
    scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    made = actions.form_template(
        round_=round_, school_class=cast.a.school_class, by=cast.head_teacher
    )
    book = openpyxl.load_workbook(io.BytesIO(made))
    named = [row[2].value for row in book[FAMILIES].iter_rows(min_row=2) if row[2].value]
    assert named == [s.name for s in cast.a.students[1:]]
    cell = book[MEMBERS]["C2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert book[MEMBERS]["D2"].value == "监护人"
    assert any("户口簿复印件" in v.formula1 for v in book[FAMILIES].data_validations.dataValidation)
    assert Event.objects.filter(verb="form_sheet.template").count() == 1


def test_an_untouched_template_says_so(cast: Cast, round_: Round) -> None:
    made = actions.form_template(
        round_=round_, school_class=cast.a.school_class, by=cast.head_teacher
    )
    with pytest.raises(Refused, match="没有填写任何家庭"):
        staged(cast, round_, made)


def test_handed_in_at_once_as_the_page_would(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    first, second = cast.a.students[:2]
    content = sheets.filled(
        [sheets.row(first, single_parent="是", annual_income="32000.50")], [sheets.member(first)]
    )
    sheet = staged(cast, round_, content)
    assert not Application.objects.exists()
    actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.head_teacher)
    by_sheet = Application.objects.get(student=first)
    assert by_sheet.status == "submitted"
    assert (by_sheet.channel, by_sheet.entered_by) == ("head_teacher", cast.head_teacher.person)
    told = Event.objects.get(verb="application.draft", about_id=first.pk)
    assert (told.label, told.facts["form_sheet"]) == ("照填报表录入", sheet.pk)
    assert Event.objects.filter(verb="application.submit", about_id=first.pk).count() == 1

    client = sign_in(cast.head_teacher)
    data = form(
        single_parent="on",
        annual_income="32000.50",
        income_source="务工",
        natural_disaster="无",
        debt="建房欠3万元",
        phone="13900000000",
        address="示范省示范县示范镇样例村1号",
        reason="父母务工，收入低",
        **{"members-0-occupation": "务工"},
    )
    client.post(reverse("applications:enter", args=[round_.pk, second.pk]), data)
    set_scope(cast.school.pk)
    by_page = HouseholdSurvey.objects.get(application__student=second)
    survey = HouseholdSurvey.objects.get(application=by_sheet)
    for name in [f.name for f in HouseholdSurvey._meta.fields]:
        if name not in ("id", "application"):
            assert getattr(survey, name) == getattr(by_page, name), name
    members = [
        s.members.values("name", "age", "relation", "occupation", "annual_income_fen", "health")[0]
        for s in (survey, by_page)
    ]
    assert members[0] == members[1]
    assert members[0]["annual_income_fen"] == 3_200_050


def test_a_signer_whom_the_members_call_otherwise_is_asked_about(cast: Cast, round_: Round) -> None:
    content = one_family(cast, committed_relation="母亲")
    seen = look_at(staged(cast, round_, content), cast.head_teacher)
    told = "承诺人张样泽填的是母亲，家庭成员里是父亲"
    assert [told in [r.text for r in one.doubts] for one in seen.ready] == [True]


def test_what_lacks_something_becomes_a_draft(cast: Cast, round_: Round) -> None:
    first, second = cast.a.students[:2]
    content = sheets.filled([sheets.row(first), sheets.row(second, identity_paper="", reason="")])
    done = actions.apply_form_sheet(
        sheet=staged(cast, round_, content), hand_in=True, by=cast.head_teacher
    )
    assert (done.entered, done.submitted) == (2, 1)
    assert Application.objects.get(student=second).status == "draft"


@pytest.mark.parametrize(
    ("changes", "cell", "said"),
    [
        ({"annual_income": "三万"}, "F2", "请填数字"),
        ({"annual_income": "-1"}, "F2", "不能是负数"),
        ({"annual_income": "1.234"}, "F2", "最多两位小数"),
        ({"annual_income": "NaN"}, "F2", "请填数字"),
        ({"family_size": "31"}, "D2", "应是1到30之间的整数"),
        ({"single_parent": "也许"}, "I2", "只能填是或否"),
        ({"debt": "欠" * 101}, "O2", "最多100个字，现在101个"),
        ({"phone": "12345"}, "Q2", "电话号码应为"),
        ({"committed_on": "去年"}, "W2", "不是日期"),
        ({"committed_on": "2026-09-02"}, "W2", "承诺日期在今天之后"),
        ({"committed_by": ""}, "W2", "没有承诺人"),
        ({"identity_paper": "护照"}, "X2", "只能填身份证复印件、户口簿复印件"),
        ({"student": "查无此人"}, "C2", "不叫这个名字"),
        ({"students_in_family": 5}, "第2行", "在读子女比家庭人口还多"),
    ],
)
def test_every_wrong_cell_is_named(
    cast: Cast, round_: Round, changes: dict[str, Any], cell: str, said: str
) -> None:
    found = errors_of(cast, round_, one_family(cast, **changes))
    assert list(found) == [f"{FAMILIES}!{cell}"]
    assert said in found[f"{FAMILIES}!{cell}"]


def test_all_errors_of_both_tables_at_once(cast: Cast, round_: Round) -> None:
    first, second, third = cast.a.students
    scenes.entered(round_, third, cast.head_teacher)
    content = sheets.filled(
        [
            sheets.row(first, annual_income="多"),
            sheets.row(first),
            sheets.row(third),
            sheets.row(second, committed_on="x"),
        ],
        [sheets.member(second, age="老", relation="舅舅"), sheets.member(first, name="")],
    )
    found = errors_of(cast, round_, content)
    assert set(found) == {
        f"{FAMILIES}!F2",
        f"{FAMILIES}!C3",
        f"{FAMILIES}!C4",
        f"{FAMILIES}!W5",
        f"{MEMBERS}!E2",
        f"{MEMBERS}!D2",
        f"{MEMBERS}!C3",
    }
    assert "第2行是同一名学生" in found[f"{FAMILIES}!C3"]
    assert "已有申请2026-RD-0001" in found[f"{FAMILIES}!C4"]
    with pytest.raises(Refused, match="7处错误"):
        actions.apply_form_sheet(sheet=FormSheet.objects.get(), hand_in=False, by=cast.head_teacher)
    assert Application.objects.count() == 1


def test_members_without_a_family_are_told(cast: Cast, round_: Round) -> None:
    first, second = cast.a.students[:2]
    content = sheets.filled([sheets.row(first)], [sheets.member(second)])
    found = errors_of(cast, round_, content)
    assert found == {f"{MEMBERS}!B2": f"“{FAMILIES}”里没有填这名学生"}


def test_a_head_teacher_learns_nothing_of_other_classes(cast: Cast, round_: Round) -> None:
    other = people.school_class(cast.school, cast.b.head_teacher, 2)
    stranger = people.student(other, "李样远", student_no="777777")
    content = sheets.filled([sheets.row(stranger)])
    said = "您的班里没有这名学生，请核对姓名和学号"
    assert list(errors_of(cast, round_, content).values()) == [said]
    by_office = staged(cast, round_, content, cast.operator)
    actions.apply_form_sheet(sheet=by_office, hand_in=False, by=cast.operator)
    assert Application.objects.get().channel == "office"


def test_late_families_become_drafts_only(cast: Cast, round_: Round) -> None:
    sheet = staged(cast, round_, one_family(cast))
    with clock.at(date(2026, 9, 20)):
        with pytest.raises(Refused, match="申请期已过"):
            actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.head_teacher)
        done = actions.apply_form_sheet(sheet=sheet, hand_in=False, by=cast.head_teacher)
    assert (done.entered, done.submitted) == (1, 0)


def test_put_away_the_file_is_gone(cast: Cast, round_: Round) -> None:
    sheet = staged(cast, round_, one_family(cast))
    actions.discard_form_sheet(sheet=sheet, by=cast.head_teacher)
    assert not StoredFile.objects.filter(purpose="form_sheet").exists()
    with pytest.raises(Refused, match="已放弃"):
        actions.apply_form_sheet(sheet=sheet, hand_in=False, by=cast.head_teacher)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xd8\xff\xe0 jpeg", "图片"),
        ("姓名,成绩\n张三,90\n".encode(), "没有找到“家庭情况”"),
    ],
)
def test_a_wrong_file_is_refused(
    cast: Cast, round_: Round, sign_in: SignIn, content: bytes, said: str
) -> None:
    client = sign_in(cast.head_teacher)
    file = SimpleUploadedFile("表.xlsx", content)
    answer = client.post(reverse("applications:form_sheets", args=[round_.pk]), {"file": file})
    assert answer.status_code == 422
    assert said in answer.text
    set_scope(cast.school.pk)
    assert not FormSheet.objects.exists()


def test_too_large_or_none_is_refused(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    client, url = sign_in(cast.operator), reverse("applications:form_sheets", args=[round_.pk])
    large = SimpleUploadedFile("表.xlsx", b"0" * (5 * 1024 * 1024 + 1))
    assert "文件超过5MB" in client.post(url, {"file": large}).text
    assert "还没有选择文件" in client.post(url).text


def test_through_the_pages(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    client, url = sign_in(cast.head_teacher), reverse("applications:form_sheets", args=[round_.pk])
    assert "先下载填报表" in client.get(url).text
    blank = reverse("applications:form_template", args=[round_.pk])
    assert client.post(blank, {"class": cast.a.school_class.pk}).content[:2] == b"PK"
    file = SimpleUploadedFile("本班13900000000.xlsx", one_family(cast, phone="1"))
    page = client.post(url, {"file": file}, follow=True)
    assert "1处错误" in page.text
    assert "13900000000" not in page.text
    sheet_id = page.context["sheet"].pk
    marked = client.post(reverse("applications:marked_form_sheet", args=[sheet_id]))
    assert "错误清单" in openpyxl.load_workbook(io.BytesIO(marked.content)).sheetnames
    good = SimpleUploadedFile("本班.xlsx", one_family(cast))
    page = client.post(url, {"file": good}, follow=True)
    assert "录入并提交1份" in page.text
    apply = reverse("applications:apply_form_sheet", args=[page.context["sheet"].pk])
    done = client.post(apply, {"how": "submit"}, follow=True)
    assert "已录入1个家庭：提交1份" in done.text
    assert client.post(apply, {"how": "submit"}).status_code == 409


def queries(cast: Cast, round_: Round, n: int) -> tuple[int, int]:
    names = [f"张样{'甲乙'[n > 1]}{chr(0x4E00 + i)}" for i in range(n)]
    students = [people.student(cast.a.school_class, name) for name in names]
    rows = [sheets.row(s, number=None) for s in students]
    sheet = staged(cast, round_, sheets.filled(rows, [sheets.member(s) for s in students]))
    with CaptureQueriesContext(connection) as looking:
        seen = look_at(sheet, cast.head_teacher)
    assert len(seen.ready) == n
    with CaptureQueriesContext(connection) as entering:
        actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.head_teacher)
    mine = Application.objects.filter(student__in=students, status="submitted")
    assert mine.count() == n
    return len(looking), len(entering)


def test_queries_do_not_grow_with_families(cast: Cast, round_: Round) -> None:
    one = queries(cast, round_, 1)
    assert queries(cast, round_, 30) == one
