"""How the tests ask for this app's pages, and what they put on them."""

from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from schools.scope import acting_for
from students.actions import (
    apply_roster,
    stage_roster,
)
from students.models import (
    SpecialGroup,
    SpecialGroupTag,
    Student,
)
from tests.cast import Cast
from tests.students.rosters import roster

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


def upload(client: Client, content: bytes, name: str = "名册.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("students:import_new"), {"file": file})
