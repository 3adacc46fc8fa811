"""The archive's pages: who may open a file, what it costs, and the file on paper."""

import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from audit.models import Event
from office import jobs
from office.files import content_of
from office.models import Job
from schools.scope import acting_for
from students.models import SchoolClass, Student
from tests.archive.test_file import lived
from tests.cast import Cast, student
from tests.screening import factories as make


def file_url(someone: Student) -> str:
    return reverse("archive:student", args=[someone.pk])


@pytest.mark.parametrize(
    "name", ["operator", "reviewer", "leader", "finance", "committee", "head_teacher"]
)
def test_the_office_and_the_own_head_teacher_see_a_file(
    cast: Cast, sign_in: Any, name: str
) -> None:
    lived(cast)
    someone = cast.a.students[0]
    answer = sign_in(getattr(cast.a, name)).get(file_url(someone))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert ("群体t1u" in text) is (name in ("operator", "reviewer", "leader", "head_teacher"))
    assert someone.id_number.reveal() not in text
    assert "6200000000000002046" not in text


def test_nobody_else_does(cast: Cast, sign_in: Any) -> None:
    other = SchoolClass.objects.create(
        school=cast.school, stage="senior", grade=1, number=9, name="高一（9）班"
    )
    theirs = student(other, "赵示安")
    teacher = sign_in(cast.head_teacher)
    assert teacher.get(file_url(theirs)).status_code == 404
    assert teacher.post(reverse("archive:student_pdf", args=[theirs.pk])).status_code == 404
    assert teacher.get(reverse("archive:class", args=[other.pk])).status_code == 404
    assert teacher.post(reverse("archive:class", args=[other.pk])).status_code == 404
    listed = teacher.get(reverse("archive:index"), {"q": "赵示安"}).content.decode()
    assert "没有找到" in listed
    assert sign_in(cast.b.operator).get(file_url(theirs)).status_code == 404
    assert sign_in(cast.bureau_operator).get(file_url(theirs)).status_code == 403


def test_students_who_left_are_found(cast: Cast, sign_in: Any) -> None:
    Student.objects.filter(pk=cast.a.students[0].pk).update(status="left", left_on="2026-09-01")
    text = sign_in(cast.operator).get(reverse("archive:index"), {"q": "张示远"}).content.decode()
    assert "已离校" in text


def test_a_file_takes_the_same_queries_however_much_happened(cast: Cast, sign_in: Any) -> None:
    lived(cast)
    client = sign_in(cast.operator)
    someone = cast.a.students[0]
    with CaptureQueriesContext(connection) as few:
        client.get(file_url(someone))
    for n in range(8):
        make.tag(someone, make.group(6, code=f"x{n}"))
        make.pay(cast.a, make.award(cast.a, someone, cast.term, make.programme(name=f"项目{n}")))
    with CaptureQueriesContext(connection) as many:
        client.get(file_url(someone))
    assert len(many) == len(few)


def test_a_class_takes_the_same_queries_at_1_and_30(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    url = reverse("archive:class", args=[cast.a.school_class.pk])
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(27):
        student(cast.a.school_class, "赵示安")
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_all_of_the_story_on_request(cast: Cast, sign_in: Any) -> None:
    lived(cast)
    client = sign_in(cast.operator)
    short = client.get(file_url(cast.a.students[0])).context
    whole = client.get(file_url(cast.a.students[0]), {"all": "1"}).context
    assert len(short["happened"]) + short["hidden"] == len(whole["happened"])


def test_a_file_on_paper_leaves_a_line_and_no_name_in_its_name(cast: Cast, sign_in: Any) -> None:
    lived(cast)
    someone = cast.a.students[0]
    answer = sign_in(cast.operator).post(reverse("archive:student_pdf", args=[someone.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert "张" not in answer["Content-Disposition"]
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for part in ("学生资助档案", "张示远", "困难", "1,500.00", "经办a于"):
        assert part in words.replace(" ", ""), part
    assert someone.id_number.reveal() not in words
    assert Event.objects.filter(verb="archive.print", about_id=someone.pk).count() == 1


def test_a_character_no_font_has_is_named_before_printing(cast: Cast, sign_in: Any) -> None:
    someone = cast.a.students[0]
    Student.objects.filter(pk=someone.pk).update(name="张\U000323af")
    client = sign_in(cast.operator)
    url = reverse("archive:student_pdf", args=[someone.pk])
    answer = client.post(url)
    assert answer.status_code == 409
    assert "字体缺少这些字：\U000323af" in answer.content.decode()
    assert not Event.objects.filter(verb="archive.print").exists()
    assert client.post(url, {"anyway": "1"})["Content-Type"] == "application/pdf"


def test_a_classs_files_are_one_pdf_by_a_job(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.head_teacher).post(
        reverse("archive:class", args=[cast.a.school_class.pk])
    )
    job = Job.objects.get()
    assert answer.url == reverse("office:job", args=[job.pk])
    assert job.params == {"class": cast.a.school_class.pk}
    jobs.run(job.pk, cast.school.pk)
    with acting_for(cast.school):
        done = Job.objects.select_related("result").get(pk=job.pk)
        assert done.status == "done", done.error
        reader = PdfReader(io.BytesIO(content_of(done.result)))
    words = "".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) == 3
    assert [name for name in ("张示远", "李样宁", "王例清") if name not in words] == []


def test_a_class_that_graduated_stays_in_the_archive(cast: Cast, sign_in: Any) -> None:
    room = cast.a.school_class
    SchoolClass.objects.ever_at(cast.school).filter(pk=room.pk).update(closed_on=date(2026, 7, 1))
    client = sign_in(cast.operator)
    index = client.get(reverse("archive:index")).content.decode()
    assert room.name in index
    assert "2026年毕业" in index
    files = client.get(reverse("archive:class", args=[room.pk]))
    assert cast.a.students[0].name in files.content.decode()
