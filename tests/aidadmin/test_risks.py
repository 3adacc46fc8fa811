"""The page of risks: a school's one by one, a bureau's in numbers; answers, export, desk."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from aidadmin import risks
from aidadmin.tasks import write_risks
from audit.models import Event
from office import files
from office.jobs import Progress, claim
from office.models import Job
from schools.models import Appointment
from schools.scope import acting_for
from students.models import RiskAnswer
from tests.cast import Cast, school_class, student
from tests.students.test_risks import HOW, guardian, twin


@pytest.fixture
def odd(cast: Cast) -> Any:
    """A student of unusual age."""
    return student(cast.a.school_class, "年例岁", birth_date=date(2000, 1, 1))


def form_of(cast: Cast) -> dict[str, Any]:
    """What the page's first form sends."""
    with acting_for(cast.school):
        (seen,) = risks.seen_of(cast.school)
    code, of, school_class_id, facts = seen.risk.key
    return {
        "kind": code,
        "student": of or "",
        "class": school_class_id or "",
        "facts": facts,
        "how": HOW,
    }


def test_a_school_without_risks_says_so(cast: Cast, sign_in: Any) -> None:
    text = sign_in(cast.operator).get("/risks/").content.decode()
    assert "没有待核实的风险" in text
    assert "人数核对" in text


def test_who_may_look(cast: Cast, sign_in: Any, client: Client) -> None:
    assert client.get("/risks/").status_code == 302
    assert sign_in(cast.a.committee).get("/risks/").status_code == 403
    assert sign_in(cast.head_teacher).get("/risks/").status_code == 403
    assert sign_in(cast.a.finance).get("/risks/").status_code == 200


def test_an_answered_risk_moves_to_the_settled_ones(cast: Cast, sign_in: Any, odd: Any) -> None:
    client = sign_in(cast.operator)
    page = client.get("/risks/").content.decode()
    assert "超龄" in page
    assert "写核实情况" in page
    answered = client.post("/risks/settle/", form_of(cast), follow=True)
    assert "已记下" in answered.content.decode()
    assert "年例岁" not in client.get("/risks/").content.decode()
    assert HOW in client.get("/risks/?state=settled").content.decode()


def test_an_old_page_is_refused(cast: Cast, sign_in: Any, odd: Any) -> None:
    client, form = sign_in(cast.operator), form_of(cast)
    assert client.post("/risks/settle/", form).status_code == 302
    assert client.post("/risks/settle/", form).status_code == 409
    assert client.post("/risks/settle/", {**form, "facts": "0" * 64}).status_code == 409
    assert client.post("/risks/settle/", {}).status_code == 409


def test_a_second_person_sends_it_back(cast: Cast, sign_in: Any, odd: Any) -> None:
    sign_in(cast.operator).post("/risks/settle/", form_of(cast))
    with acting_for(cast.school):
        answer = RiskAnswer.objects.get()
    client = sign_in(cast.reviewer)
    assert "退回重新核实" in client.get("/risks/?state=settled").content.decode()
    again = {"answer": answer.pk, "reason": "没有附件"}
    assert client.post("/risks/reopen/", again).status_code == 302
    assert "年例岁" in client.get("/risks/").content.decode()
    assert client.post("/risks/reopen/", again).status_code == 409
    assert client.post("/risks/reopen/", {"answer": "x"}).status_code == 409


def test_another_schools_answer_is_not_found(cast: Cast, sign_in: Any, odd: Any) -> None:
    sign_in(cast.operator).post("/risks/settle/", form_of(cast))
    with acting_for(cast.school):
        answer = RiskAnswer.objects.get()
    found = sign_in(cast.b.reviewer).post("/risks/reopen/", {"answer": answer.pk, "reason": "看看"})
    assert found.status_code == 404


def test_the_desk_shows_how_many_wait(cast: Cast, sign_in: Any, odd: Any) -> None:
    text = sign_in(cast.operator).get("/").content.decode()
    assert "风险提示" in text
    assert "年龄与学段不符" in text
    with acting_for(cast.district):
        assert risks.anomalies(cast.bureau_operator) == []


def test_a_bureau_sees_numbers_and_both_enrolments(cast: Cast, sign_in: Any, odd: Any) -> None:
    with acting_for(cast.school):
        twin(cast, cast.a.students[0])
    page = sign_in(cast.bureau_operator).get("/risks/")
    text = page.content.decode()
    assert "双学籍" in text
    assert cast.b.school.name in text
    # Names of a school's students only where two schools must agree, and shortened.
    assert "年例岁" not in text
    assert cast.a.students[0].name not in text
    assert (
        dict(zip([k.code for k in risks.KINDS], page.context["totals"], strict=True))["twice"][1]
        == 2
    )
    other = sign_in(cast.other_bureau_operator).get("/risks/").content.decode()
    assert cast.school.name not in other


def test_rows_cost_the_same(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/risks/").status_code == 200
        return len(seen)

    with acting_for(cast.school):
        guardian(student(cast.a.school_class, "例甲"), "家长甲", "13900000001")
        guardian(student(cast.a.school_class, "例乙"), "家长乙", "13900000001")
    client.get("/risks/")
    few = cost()
    with acting_for(cast.school):
        for n in range(28):
            room = school_class(cast.school, cast.head_teacher, n + 10)
            guardian(student(room, f"例{n}"), f"家长{n}", "13900000001")
    assert cost() == few


def _written(by: Appointment) -> list[list[Any]]:
    with acting_for(by.organisation):
        job = Job.objects.get(kind=risks.JOB)
        claimed = claim(job.pk)
        assert claimed is not None
        kept = write_risks(Progress(claimed), job.params)
        assert kept is not None
        sheet = load_workbook(BytesIO(files.content_of(kept))).active
        assert sheet is not None
        return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_list_is_exported_with_a_reason(cast: Cast, sign_in: Any, odd: Any) -> None:
    client = sign_in(cast.operator)
    assert client.post("/risks/export/", {"reason": ""}).status_code == 409
    assert client.post("/risks/export/", {"reason": "迎接检查"}).status_code == 302
    with acting_for(cast.school):
        assert Event.objects.get(verb="risks.export").reason == "迎接检查"
    head, row = _written(cast.operator)
    assert list(head) == list(risks.HEADERS)
    assert row[:4] == [cast.school.name, cast.a.school_class.name, "年例岁", "年龄与学段不符"]


def test_a_bureau_exports_what_lies_between_schools(cast: Cast, sign_in: Any, odd: Any) -> None:
    with acting_for(cast.school):
        twin(cast, cast.a.students[0])
    client = sign_in(cast.bureau_operator)
    assert client.post("/risks/export/", {"reason": "协调双学籍"}).status_code == 302
    _, *rows = _written(cast.bureau_operator)
    assert [row[3] for row in rows] == ["双学籍", "双学籍"]
