"""The form on paper: blank for the pen, filled for the file, a class's as a job."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

import applications.tasks  # noqa: F401  (registers the job)
from applications import actions
from applications.actions import VisitFacts
from applications.models import Round
from applications.rules.surveys import MemberFacts
from audit.models import Event
from audit.refusal import Refused
from office.files import content_of
from office.jobs import run
from office.models import Job
from schools.tenancy import set_scope
from tests.applications import scenes
from tests.applications.scenes import written
from tests.cast import Cast, school_class


def texts(content: bytes) -> list[str]:
    pages = PdfReader(io.BytesIO(content)).pages
    return ["".join(page.extract_text().split()) for page in pages]


def test_a_blank_form_is_one_page_and_names_nobody(cast: Cast, round_: Round, sign_in: Any) -> None:
    answer = sign_in(cast.head_teacher).get(f"/applications/rounds/{round_.pk}/form/")
    (page,) = texts(answer.content)
    assert "家庭经济困难学生认定申请表" in page
    assert "示范第一高级中学" in page
    assert "孤儿□是□否" in page
    assert "√" not in page


def test_a_filled_form_says_what_was_told_and_asks_why(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    survey = replace(scenes.FAMILY, debt="看病欠三万")
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher, survey)
    client, url = sign_in(cast.head_teacher), f"/applications/entries/{row.pk}/form/"
    assert client.post(url).status_code == 409
    (page,) = texts(client.post(url, {"reason": "存档"}).content)
    for told in ("张示远", "看病欠三万", "40,000", "13,333.33", "样例村1号", "13900000000"):
        assert told in page
    set_scope(cast.school.pk)
    assert Event.objects.get(verb="application.read_household").reason == "存档"


def test_what_the_family_claims_is_ticked_whoever_entered_it(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    survey = replace(scenes.FAMILY, claims=("orphan",))
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher, survey)
    url = f"/applications/entries/{row.pk}/form/"
    client = sign_in(cast.head_teacher)
    (page,) = texts(client.post(url, {"reason": "存档"}).content)
    assert "孤儿□√是" in page
    assert (page.count("√是"), page.count("√否")) == (1, 13)
    assert "孤儿 ☑是" in words(client.post(url, {"reason": "存档", "as": "word"}).content)


def test_the_longest_answers_stay_on_one_page(cast: Cast, round_: Round, sign_in: Any) -> None:
    text = "家里的情况写得很长" * 11
    members = tuple(
        MemberFacts(f"张样{n}", "其他", 40, "示范省示范县示范镇某单位", "务工", 1, "患病")
        for n in range(8)
    )
    survey = replace(
        scenes.FAMILY,
        members=members,
        natural_disaster=text,
        sudden_accident=text,
        weak_labour=text,
        unemployment=text,
        debt=text,
        other=text,
    )
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher, survey)
    answer = sign_in(cast.head_teacher).post(
        f"/applications/entries/{row.pk}/form/", {"reason": "存档"}
    )
    assert len(texts(answer.content)) <= 2


@pytest.mark.parametrize("members", range(1, 13))
def test_opinions_stay_with_their_signatures(
    cast: Cast, round_: Round, sign_in: Any, members: int
) -> None:
    many = tuple(
        MemberFacts("迪丽热巴·买买提江", "其他", 40, "示范省示范县示范镇某单位", "务工", 1, "患病")
        for _ in range(members)
    )
    survey = replace(scenes.FAMILY, members=many, debt="欠债的情况" * 20)
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher, survey)
    url = f"/applications/entries/{row.pk}/form/"
    pages = texts(sign_in(cast.head_teacher).post(url, {"reason": "存档"}).content)
    assert len(pages) <= 2
    assert "建议等级" in pages[-1]
    assert "负责人签字（加盖公章）" in pages[-1]
    # A loose sheet says whose it is.
    assert all(row.number in page and "张示远" in page for page in pages)


def test_a_classs_forms_are_a_job_and_each_student_is_told_of(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    for student in cast.a.students[:2]:
        scenes.handed_in(round_, student, cast.head_teacher)
    scenes.entered(round_, cast.a.students[2], cast.head_teacher)
    answer = sign_in(cast.head_teacher).post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档"},
    )
    set_scope(cast.school.pk)
    job = Job.objects.get()
    assert answer["Location"].endswith(f"/{job.pk}/")
    run(job.pk, cast.school.pk)
    set_scope(cast.school.pk)
    job.refresh_from_db()
    assert job.result is not None
    pages = texts(content_of(job.result))
    assert len(pages) == 2
    assert "王例清" not in "".join(pages)
    about = Event.objects.filter(verb="application.print_form").values_list("about_id", flat=True)
    assert set(about) == {s.pk for s in cast.a.students[:2]}


def test_nobody_or_no_reason_is_refused(cast: Cast, round_: Round) -> None:
    with pytest.raises(Refused) as caught:
        actions.want_class_forms(
            round_=round_, school_class=cast.a.school_class, reason=" ", by=cast.operator
        )
    assert len(caught.value.reasons) == 2


def test_as_word_it_can_be_adapted(cast: Cast, round_: Round, sign_in: Any) -> None:
    client = sign_in(cast.head_teacher)
    blank = words(client.get(f"/applications/rounds/{round_.pk}/form/?as=word").content)
    assert "家庭经济困难学生认定申请表" in blank
    assert "孤儿 □是 □否" in blank
    assert "☑" not in blank
    set_scope(cast.school.pk)
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    answer = client.post(f"/applications/entries/{row.pk}/form/", {"reason": "存档", "as": "word"})
    filled = words(answer.content)
    for told in ("张示远", "13,333.33", "样例村1号", "刘样可"):
        assert told in filled


def test_what_a_family_left_open_is_not_told_as_none(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    untold = replace(scenes.FAMILY, income_source="")
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher, untold)
    url = f"/applications/entries/{row.pk}/form/"
    told = words(sign_in(cast.operator).post(url, {"reason": "存档", "as": "word"}).content)
    assert "收入来源\n\n" in told


def test_as_word_an_open_grade_has_its_boxes(cast: Cast, round_: Round, sign_in: Any) -> None:
    boxes = "认定等级：□特别困难　□困难　□一般困难　□不困难"
    client = sign_in(cast.operator)
    assert boxes in words(client.get(f"/applications/rounds/{round_.pk}/form/?as=word").content)


def test_a_class_as_word_is_one_file(cast: Cast, round_: Round, sign_in: Any) -> None:
    for student in cast.a.students[:2]:
        scenes.handed_in(round_, student, cast.head_teacher)
    sign_in(cast.head_teacher).post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档", "as": "word"},
    )
    result = written(cast.school)
    assert result.name.endswith(".docx")
    told = words(content_of(result))
    assert told.count("学校：") == 2
    assert told.count("样例村1号") >= 2


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


SEEN = VisitFacts(
    on=date(2026, 9, 1),
    way="visit",
    second_visitor="李样同",
    met="张样泽",
    met_relation="父亲",
    housing="砖房两间，祖母同住",
    mind="话少，爱独处",
    conclusion="true",
)


def test_a_blank_record_of_a_visit_has_room_for_three_signatures(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    client = sign_in(cast.head_teacher)
    (page,) = texts(client.get(f"/applications/rounds/{round_.pk}/visit-form/").content)
    for label in (
        "家访记录表",
        "学业困难",
        "□谈心谈话",
        "家长（监护人）：",
        "访员（一）：",
        "访员（二）：",
    ):
        assert label in page
    assert "√" not in page


def test_visits_are_printed_for_a_reason_and_a_class_in_one_file(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    first, second = (scenes.handed_in(round_, s, cast.head_teacher) for s in cast.a.students[:2])
    client, url = sign_in(cast.head_teacher), f"/applications/entries/{first.pk}/visit-form/"
    assert client.post(url, {"reason": "存档"}).status_code == 409
    set_scope(cast.school.pk)
    actions.record_visit(application=first, facts=SEEN, by=cast.head_teacher)
    call = replace(SEEN, way="call", second_visitor="", housing="电话里说的")
    for row in (first, second):
        actions.record_visit(application=row, facts=call, by=cast.head_teacher)
    assert client.post(url, {"reason": " "}).status_code == 409
    visit, told = texts(client.post(url, {"reason": "存档"}).content)
    for part in ("张示远", "□√上门", "班主任a、李样同", "砖房两间", "话少，爱独处", "□√属实"):
        assert part in visit
    assert "□√电话" in told
    set_scope(cast.school.pk)
    assert Event.objects.get(verb="home_visit.read").reason == "存档"

    client.post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档", "as": "visits"},
    )
    result = written(cast.school)
    pages = texts(content_of(result))
    assert ["电话里说的" in page for page in pages].count(True) == 2
    assert len(pages) == 3
    about = Event.objects.filter(verb="application.print_form").values_list("about_id", flat=True)
    assert set(about) == {first.student_id, second.student_id}


def test_another_class_is_not_printed(cast: Cast, round_: Round, sign_in: Any) -> None:
    other = school_class(cast.school, cast.a.operator, 2)
    answer = sign_in(cast.head_teacher).post(
        f"/applications/rounds/{round_.pk}/forms/", {"class": other.pk, "reason": "存档"}
    )
    assert answer.status_code == 404
