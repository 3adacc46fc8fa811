"""Pages of the students app, asked as the people who use them."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Event
from schools.models import Term
from schools.roles import Role
from schools.scope import acting_for
from students.actions import (
    add_class,
    apply_roster,
    assign_head_teacher,
    change_enrolment,
    discard_roster,
    match_list,
    stage_roster,
    upload_list,
)
from students.models import (
    DepartmentList,
    EnrolmentChange,
    RosterApproval,
    RosterImport,
    SchoolClass,
    SpecialGroup,
    SpecialGroupTag,
    Student,
)
from students.views.student import reveal_field
from tests.cast import Cast, appoint, student
from tests.students.rosters import number, roster, row, workbook
from tests.students.test_actions_lists import list_file, matched, people_of

STUDENTS = "students:"


def page(client: Client, name: str, **kwargs: Any) -> str:
    query = kwargs.pop("query", None)
    answer = client.get(reverse(STUDENTS + name, kwargs=kwargs or None), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def import_students(cast: Cast, n: int) -> None:
    with acting_for(cast.school):
        staged = stage_roster(
            school=cast.school, content=roster(n), filename="名册.xlsx", by=cast.operator
        )
        apply_roster(staged=staged, by=cast.operator)


def tag(cast: Cast, row: Student, code: str = "dibao") -> None:
    with acting_for(cast.school):
        SpecialGroupTag.objects.create(
            school=cast.school,
            student=row,
            group=SpecialGroup.objects.get(code=code),
            source="民政名单",
            valid_from=date(2026, 8, 1),
            recorded_at="2026-08-02T09:00:00+08:00",
        )


# --- the list


def test_roster_searches_filters_and_masks(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    everyone = page(client, "roster")
    assert all(name in everyone for name in ("张示远", "李样宁", "王例清"))
    assert cast.a.students[0].id_number.reveal() not in everyone
    assert "李样宁" not in page(client, "roster", query={"q": "张"})
    assert "张示远" in page(client, "roster", query={"q": "zsy"})
    assert "没有找到学生" in page(client, "roster", query={"q": "不存在"})
    assert "没有找到学生" in page(client, "roster", query={"boarding": "boarder"})
    assert "张示远" in page(client, "roster", query={"grade": "senior-1", "class": "x"})


def test_roster_asks_the_same_number_of_queries_for_one_and_for_many(
    cast: Cast, sign_in: Any, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.operator)
    url = reverse("students:roster")
    client.get(url)
    with django_assert_max_num_queries(30) as few:
        client.get(url, {"q": "张示远"})
    import_students(cast, 40)
    with django_assert_num_queries(len(few.captured_queries)):
        answer = client.get(url)
    assert answer.content.decode().count('class="head"') == 43


def test_head_teacher_sees_only_classes_led(cast: Cast, sign_in: Any) -> None:
    other = add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    stranger = student(other, "赵外示")
    client = sign_in(cast.head_teacher)
    shown = page(client, "roster")
    assert "张示远" in shown
    assert "赵外示" not in shown
    for name, kwargs in (
        ("student", {"student_id": stranger.pk}),
        ("class", {"class_id": other.pk}),
        ("reveal_id_number", {"student_id": stranger.pk}),
    ):
        assert client.get(reverse(STUDENTS + name, kwargs=kwargs)).status_code == 404
    approve = reverse("students:class_approve", kwargs={"class_id": other.pk})
    assert client.post(approve).status_code == 404


def test_export_is_what_is_shown_and_is_recorded(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.operator).post(reverse("students:export"), {"q": "张"})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert [r[0] for r in rows] == ["姓名", "张示远"]
    assert cast.a.students[0].id_number.reveal() not in str(rows)
    with acting_for(cast.school):
        event = Event.objects.get(verb="roster.export")
    assert event.facts == {"rows": 1, "filters": [], "masked": True}


# --- importing


def upload(client: Client, content: bytes, name: str = "名册.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("students:import_new"), {"file": file})


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


def test_head_teacher_approves_what_was_seen(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.head_teacher)
    class_id = cast.a.school_class.pk
    shown = page(client, "class", class_id=class_id)
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    url = reverse("students:class_approve", kwargs={"class_id": class_id})
    student(cast.a.school_class, "新来示")
    late = client.post(url, {"digest": digest})
    assert late.status_code == 409
    assert "名册在您核对期间有变动" in late.content.decode()
    shown = page(client, "class", class_id=class_id)
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    assert client.post(url, {"digest": digest}).status_code == 302
    approval = RosterApproval.objects.get()
    assert (approval.students, approval.term) == (4, Term.objects.get(code="2026-1"))
    assert "名册无误" not in page(client, "class", class_id=class_id)
    student(cast.a.school_class, "又来示")
    assert "核对之后名册有变动" in page(client, "class", class_id=class_id)


def test_only_the_head_teacher_is_offered_approval(cast: Cast, sign_in: Any) -> None:
    shown = page(sign_in(cast.reviewer), "class", class_id=cast.a.school_class.pk)
    assert "名册无误" not in shown


def test_classes_show_state_and_take_new_ones(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert "1个班</span>的名册待班主任核对" in page(client, "classes")
    answer = client.post(reverse("students:class_add"), {"place": "senior-1", "number": 2})
    made = SchoolClass.objects.get(number=2)
    assert made.name == "高一（2）班"
    teacher = reverse("students:class_teacher", kwargs={"class_id": made.pk})
    assert answer["Location"] == teacher
    client.post(teacher, {"person": cast.head_teacher.person_id})
    made.refresh_from_db()
    assert made.head_teacher == cast.head_teacher.person
    again = client.post(reverse("students:class_add"), {"place": "senior-1", "number": 2})
    assert "已有" in again.content.decode()


# --- one student


def test_special_groups_are_shown_to_few(cast: Cast, sign_in: Any) -> None:
    row = cast.a.students[0]
    tag(cast, row)
    for appointment, sees in (
        (cast.operator, True),
        (cast.reviewer, True),
        (cast.a.leader, True),
        (cast.head_teacher, True),
        (cast.a.finance, False),
        (cast.a.committee, False),
    ):
        client = sign_in(appointment)
        for name, kwargs in (
            ("student", {"student_id": row.pk}),
            ("class", {"class_id": row.school_class_id}),
        ):
            assert ("低保家庭学生" in page(client, name, **kwargs)) is sees, (appointment, name)


def test_another_head_teacher_who_lost_the_class_sees_nothing(cast: Cast, sign_in: Any) -> None:
    second = appoint("班主任乙", cast.school, Role.HEAD_TEACHER, "teacher-second")
    assign_head_teacher(school_class=cast.a.school_class, person=second.person, by=cast.operator)
    client = sign_in(cast.head_teacher)
    url = reverse("students:student", kwargs={"student_id": cast.a.students[0].pk})
    assert client.get(url).status_code == 404
    assert "张示远" in page(sign_in(second), "roster")


def test_a_field_that_does_not_exist_is_not_found(
    cast: Cast, sign_in: Any, rf: RequestFactory
) -> None:
    row = cast.a.students[0]
    client = sign_in(cast.operator)
    known = reverse("students:reveal_phone", kwargs={"student_id": row.pk})
    for path in (known.replace("phone", "name"), known.replace("phone", "__class__")):
        assert client.get(path).status_code == 404
    request: Any = rf.get(known)
    request.user = cast.operator.person.accounts.get()
    request.appointment, request.school = cast.operator, cast.school
    with pytest.raises(Http404):
        reveal_field(request, student_id=row.pk, field="name")


def test_reveal_needs_a_reason_and_is_recorded(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    row = cast.a.students[0]
    number = row.id_number.reveal()
    url = reverse("students:reveal_id_number", kwargs={"student_id": row.pk})
    plain = {"accept": "text/plain"}
    refused = client.post(url, {"reason": "other"}, headers=plain)
    assert (refused.status_code, refused["Content-Type"][:10]) == (400, "text/plain")
    assert "没有写明理由" in refused.content.decode()
    shown = client.post(url, {"reason": "核对学籍"}, headers=plain)
    assert (shown.status_code, shown.content.decode()) == (200, number)
    assert shown["Cache-Control"] == "no-store"
    with acting_for(cast.school):
        event = Event.objects.get(verb="student.reveal")
    assert (event.about_id, event.reason, event.label) == (row.pk, "核对学籍", "查看身份证号")
    assert number not in str(event.facts)
    without_script = client.post(url, {"reason": "other", "detail": "答复来信"})
    assert number in without_script.content.decode()
    committee = sign_in(cast.a.committee).post(url, {"reason": "核对学籍"})
    assert committee.status_code == 403


def test_enrolment_change_on_the_page(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    row = cast.a.students[0]
    url = reverse("students:change", kwargs={"student_id": row.pk})
    wrong = client.post(url, {"kind": "suspend", "on": "2026-09-02", "reason": ""})
    assert "异动日期晚于今天" in wrong.content.decode()
    wrong = client.post(url, {"kind": "suspend", "on": "2026-09-01", "reason": ""})
    assert "登记休学要写明原因" in wrong.content.decode()
    assert not EnrolmentChange.objects.exists()
    client.post(url, {"kind": "suspend", "on": "2026-09-01", "reason": "因病"})
    row.refresh_from_db()
    assert row.status == "suspended"
    assert "因病" in page(client, "student", student_id=row.pk)
    assert "因病" in page(client, "changes")
    assert "没有这样的异动" in page(client, "changes", query={"kind": "death"})


# --- special groups


def test_bureau_uploads_and_school_sees_its_own(cast: Cast, sign_in: Any) -> None:
    content = list_file(people_of(cast))
    client = sign_in(cast.bureau_operator)
    with acting_for(cast.district):
        group = SpecialGroup.objects.get(code="orphan")
    facts = {"group": group.pk, "issued_on": "2026-08-20", "valid_from": "2026-09-01"}
    file = SimpleUploadedFile("孤儿.xlsx", content)
    client.post(reverse("students:list_new"), {**facts, "file": file})
    with acting_for(cast.district):
        listed = DepartmentList.objects.get()
    assert "比对" in page(client, "list", list_id=listed.pk)
    url = reverse("students:list_match", kwargs={"list_id": listed.pk})
    client.post(url)
    shown = page(client, "list", list_id=listed.pk)
    assert cast.a.school.name in shown
    assert cast.c.school.name not in shown
    assert "张示远" not in shown
    assert "孤儿" in page(client, "lists")
    school = page(sign_in(cast.operator), "groups")
    assert "张示远" in school
    assert "王例清" not in school
    other = sign_in(cast.other_bureau_operator)
    assert other.get(reverse("students:list", kwargs={"list_id": listed.pk})).status_code == 404
    assert other.post(url).status_code == 404


def test_a_wrong_list_is_withdrawn_from_its_page_by_a_second_person(
    cast: Cast, sign_in: Any
) -> None:
    with acting_for(cast.district):
        wrong, newer = (
            matched(cast, people_of(cast)[:n], valid_from=first)
            for n, first in ((3, date(2026, 8, 1)), (1, date(2026, 9, 1)))
        )
    url = reverse("students:list_withdraw", kwargs={"list_id": wrong.pk})
    operator = sign_in(cast.bureau_operator)
    assert url not in page(operator, "list", list_id=wrong.pk)
    assert operator.post(url, {"reason": "名单有误"}).status_code == 403
    assert sign_in(cast.other_bureau_operator).post(url).status_code == 403
    reviewer = sign_in(cast.bureau_reviewer)
    shown = reviewer.get(reverse("students:list", kwargs={"list_id": newer.pk}))
    assert (shown.context["gone"], shown.context["older"]) == (2, [wrong])
    assert "不再列名" in shown.content.decode()
    shown = reviewer.get(reverse("students:list", kwargs={"list_id": wrong.pk}))
    assert shown.context["ends"] == {"tags": 3, "schools": 2}
    assert url in shown.content.decode()
    answer = reviewer.post(url, {"reason": "名单串行"}, follow=True)
    assert "停止了3人次的标记；其中1人次在其他名单上" in answer.content.decode()
    assert "名单串行" in answer.content.decode()
    assert "已撤销" in page(reviewer, "lists")
    again = reviewer.get(reverse("students:list", kwargs={"list_id": newer.pk}))
    assert again.context["gone"] == 0


def test_unreadable_list_is_refused_on_the_page(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    group = SpecialGroup.objects.get(code="orphan")
    facts = {"group": group.pk, "issued_on": "2026-08-20", "valid_from": "2026-09-01"}
    file = SimpleUploadedFile("孤儿.xlsx", b"%PDF-1.4")
    answer = client.post(reverse("students:list_new"), {**facts, "file": file})
    assert answer.status_code == 422
    assert "这是 PDF 文件，不是表格" in answer.content.decode()


# --- many rows


@pytest.mark.parametrize(
    "name", ["roster", "classes", "changes", "groups", "import_new", "class", "student"]
)
def test_queries_do_not_grow_with_the_rows(
    cast: Cast, sign_in: Any, name: str, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.operator)
    kwargs: dict[str, int] = {}
    if name == "class":
        kwargs = {"class_id": cast.a.school_class.pk}
    if name == "student":
        kwargs = {"student_id": cast.a.students[0].pk}
    url = reverse(STUDENTS + name, kwargs=kwargs or None)
    _one_more(cast, 0)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for n in range(1, 30):
        _one_more(cast, n)
    with django_assert_num_queries(len(few)):
        assert client.get(url).status_code == 200


def _one_more(cast: Cast, n: int) -> None:
    """One more row of everything that the pages list."""
    school_class = add_class(
        school=cast.school,
        stage="senior",
        grade=2,
        number=n + 1,
        name=f"高二（{n + 1}）班",
        by=cast.operator,
    )
    assign_head_teacher(
        school_class=school_class, person=cast.head_teacher.person, by=cast.operator
    )
    row = student(cast.a.school_class, "多示生")
    tag(cast, row)
    for one, kind in ((row, "major_changed"), (cast.a.students[0], "major_changed")):
        change_enrolment(student=one, kind=kind, on=date(2026, 9, 1), reason="", by=cast.operator)
    stage_roster(school=cast.school, content=roster(1), filename=f"{n}.xlsx", by=cast.operator)
    if n:
        discard_roster(staged=RosterImport.objects.order_by("-pk")[0], by=cast.operator)


def test_queries_of_a_list_do_not_grow_with_the_schools(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_operator)
    counts = []
    for people in (people_of(cast)[:1], people_of(cast)):
        with acting_for(cast.district):
            listed = upload_list(
                bureau=cast.district,
                group=SpecialGroup.objects.get(code="orphan"),
                content=list_file(people),
                filename="孤儿.xlsx",
                issued_on=date(2026, 8, 1),
                valid_from=date(2026, 8, 1),
                valid_to=None,
                by=cast.bureau_operator,
            )
            match_list(listed=listed, by=cast.bureau_operator)
        with CaptureQueriesContext(connection) as asked:
            page(client, "list", list_id=listed.pk)
        counts.append(len(asked))
    assert counts[0] == counts[1]


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
