"""Income and health stand in the lines of a score: who reads them, as families were told."""

from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from review.models import Case
from schools.roles import OFFICE, Role
from schools.tenancy import set_scope
from tests.cast import Cast, appoint
from tests.review import cases

READERS = {"operator", "reviewer", "leader"}


def opened(cast: Cast, sign_in: Any, role: str) -> tuple[Any, str]:
    """Signed in in this role, and the address of a case whose score tells of an illness."""
    cases.taken_up(cast)
    case = Case.objects.order_by("pk")[0]
    line = {"label": "家中有重病患者：是", "points": 20}
    Case.objects.filter(pk=case.pk).update(score_lines=[line], points=20)
    reader = getattr(cast.a, role, None) or appoint("督查", cast.school, Role.AUDITOR, "auditor-a")
    return sign_in(reader), reverse("review:case", args=[case.pk])


@pytest.mark.parametrize("role", sorted(READERS))
def test_the_aid_office_reads_every_line_and_each_look_is_kept(
    cast: Cast, sign_in: Any, role: str
) -> None:
    client, address = opened(cast, sign_in, role)
    page = client.get(address)
    assert "重病" not in page.text
    assert "20分" in page.text
    set_scope(cast.school.pk)
    assert not Event.objects.filter(verb="case.read_score").exists()
    shown = client.post(address)
    assert "家中有重病患者" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    set_scope(cast.school.pk)
    look = Event.objects.get(verb="case.read_score")
    case = Case.objects.order_by("pk")[0]
    assert (look.subject_id, look.about_id) == (case.pk, case.student_id)
    assert look.person_name == getattr(cast.a, role).person.name
    assert "重病" not in str(look.facts)


@pytest.mark.parametrize("role", sorted({str(r) for r in OFFICE} - READERS))
def test_the_others_read_the_total_and_why_no_more(cast: Cast, sign_in: Any, role: str) -> None:
    client, address = opened(cast, sign_in, role)
    page = client.get(address)
    assert page.status_code == 200
    assert "重病" not in page.text
    assert "20分" in page.text
    assert "只由班主任、学校资助办和分管领导查看" in page.text
    refused = client.post(address)
    assert refused.status_code == 409
    assert "重病" not in refused.text
    set_scope(cast.school.pk)
    assert not Event.objects.filter(verb="case.read_score").exists()


def test_another_schools_case_is_not_found(cast: Cast, sign_in: Any) -> None:
    _, address = opened(cast, sign_in, "operator")
    assert sign_in(cast.b.operator).post(address).status_code == 404
