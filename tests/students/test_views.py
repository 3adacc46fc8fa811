"""Pages of the students app, asked as the people who use them."""

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Event
from schools.models import Term
from schools.roles import Role
from schools.scope import acting_for
from students.actions import (
    add_class,
    assign_head_teacher,
)
from students.models import (
    EnrolmentChange,
    RosterApproval,
    SchoolClass,
    Student,
)
from students.views.student import reveal_field
from tests.cast import Cast, appoint, student
from tests.students.pages import STUDENTS, import_students, page, tag


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
    with CaptureQueriesContext(connection) as frame:
        client.get(reverse("students:find"))
    # What is owed stands on every page, and other floors ask for it too.
    for query in ({"q": "张示远"}, {}):
        with django_assert_max_num_queries(len(frame.captured_queries) + 8) as few:
            client.get(url, query)
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
    assert event.facts == {"rows": 1, "filters": [], "masked": True, "sensitive": True}


# --- importing


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


def test_another_document_is_called_what_it_is(cast: Cast, sign_in: Any) -> None:
    one, other = cast.a.students[:2]
    with acting_for(cast.school):
        Student.objects.filter(pk=one.pk).update(id_kind=Student.IdKind.PASSPORT)
    client = sign_in(cast.operator)
    for name in ("students:student", "archive:student"):
        told, usual = (
            client.get(reverse(name, args=[who.pk])).content.decode() for who in (one, other)
        )
        assert "护照" in told, name
        assert "<dt>证件号</dt>" in told, name
        assert "<dt>身份证号</dt>" in usual, name
        assert "居民身份证" not in usual, name


# --- special groups
