"""Income and health stand in the lines of a score: who reads them, as families were told."""

from typing import Any

import pytest
from django.urls import reverse

from review.models import Case
from schools.roles import OFFICE, Role
from tests.cast import Cast, appoint
from tests.review import cases

READERS = {"operator", "reviewer", "leader"}


def page_of(cast: Cast, sign_in: Any, role: str) -> Any:
    cases.taken_up(cast)
    case = Case.objects.order_by("pk")[0]
    line = {"label": "家中有重病患者：是", "points": 20}
    Case.objects.filter(pk=case.pk).update(score_lines=[line], points=20)
    reader = getattr(cast.a, role, None) or appoint("督查", cast.school, Role.AUDITOR, "auditor-a")
    return sign_in(reader).get(reverse("review:case", args=[case.pk]))


@pytest.mark.parametrize("role", sorted(READERS))
def test_the_aid_office_reads_every_line(cast: Cast, sign_in: Any, role: str) -> None:
    page = page_of(cast, sign_in, role)
    assert "家中有重病患者" in page.text
    assert "只列合计和等级" not in page.text


@pytest.mark.parametrize("role", sorted({str(r) for r in OFFICE} - READERS))
def test_the_others_read_the_total_and_why_no_more(cast: Cast, sign_in: Any, role: str) -> None:
    page = page_of(cast, sign_in, role)
    assert page.status_code == 200
    assert "重病" not in page.text
    assert "20分" in page.text
    assert "只由班主任、学校资助办和分管领导查看" in page.text
