"""Numbers of every document, names in letters in a long list, names that were held otherwise."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools.scope import acting_for
from students.actions import find_by_number
from students.models import Student
from tests.cast import Cast, student
from tests.students.test_finding import ROSTER, named


@pytest.mark.parametrize(
    ("kind", "number", "typed"),
    [
        ("permit", "H12345678", "h 1234 5678"),
        ("permit", "M1234567801", "M1234567801"),
        ("permit", "12345678", " 12345678 "),
        ("permit", "1234567890", "1234567890"),
        ("passport", "E12345678", "e12345678"),
        ("passport", "EA1234567", "EA1234567"),
        ("passport", "G12345678", "Ｇ１２３４５６７８"),
        ("passport", "123456789", "123456789"),
        ("passport", "AAA123456", "AAA123456"),
        ("passport", "L1234567", "L1234567"),
        ("residence", "810000201001010017", "810000201001010017"),
        ("permanent", "CHN123456789012", "chn123456789012"),
    ],
)
def test_every_kind_of_document_is_found_by_its_number(
    cast: Cast, sign_in: Any, kind: str, number: str, typed: str
) -> None:
    row = named(cast, "Smith John", id_kind=kind, id_number=number)
    found = sign_in(cast.operator).post(reverse("students:find"), {"number": typed})
    assert found.status_code == 302, found.content.decode()
    assert found["Location"] == reverse("students:student", kwargs={"student_id": row.pk})
    with acting_for(cast.school):
        event = Event.objects.get(verb="student.find")
    assert (event.about_id, event.facts) == (row.pk, {"found": True})
    assert number not in str(vars(event))


@pytest.mark.parametrize(
    "half",
    ["1101051", "11010519491", "11010519491231", "11010519491231002", "G110105", "G1101051949",
     "G11010519491231002", "E12345", "H1234", "CHN1234567", "张示远", "ABCDEFGH", "１３９0000０001",
     "12345678-90123", ""],
)  # fmt: skip
def test_half_of_any_number_is_neither_looked_up_nor_recorded(
    cast: Cast, sign_in: Any, half: str
) -> None:
    assert (
        sign_in(cast.operator).post(reverse("students:find"), {"number": half}).status_code == 200
    )
    with pytest.raises(Refused, match="不是完整的"):
        find_by_number(
            students=Student.objects.for_school(cast.school), school=cast.school, number=half,
            by=cast.operator,
        )  # fmt: skip
    with acting_for(cast.school):
        assert not Event.objects.filter(verb="student.find").exists()


def test_words_of_a_name_stand_between_pinyin_and_initials(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    for n in range(30):
        named(cast, "焦安宁", student_no=f"1{n}")
        named(cast, f"Sample{n:02d} Jia", student_no=f"2{n}")
        named(cast, "金样安", student_no=f"3{n}")
    named(cast, "季安宁")
    address = f"{reverse(ROSTER)}?q=ji"
    seen, following = [], "?q=ji"
    while following:
        page = client.get(reverse(ROSTER) + following).context
        seen += [s.name for s in page["page"]]
        following = page["cursor"]["next"]
    assert client.get(address).context["total"] == 91 == len(seen)
    assert sorted(seen[:61]) == sorted(["焦安宁"] * 30 + ["金样安"] * 30 + ["季安宁"])
    assert seen[61:] == [f"Sample{n:02d} Jia" for n in range(30)]


def test_names_of_before_are_spelled_anew(cast: Cast) -> None:
    held = {"Smith John": ("smith john", "s"), "王𠮷": ("wang𠮷", "w𠮷"), "曾予清": ("x", "x")}
    for name, (pinyin, initials) in held.items():
        student(cast.a.school_class, name)
        Student.objects.filter(name=name).update(pinyin=pinyin, initials=initials)
    migration = import_module("students.migrations.0032_newcomers_listed")
    with acting_for(cast.school):
        migration.spell(apps, SimpleNamespace(connection=connection))
    with acting_for(cast.school):
        rows = Student.objects.filter(name__in=held)
        found = {row.name: (row.pinyin, row.initials) for row in rows}
    assert found == {
        "Smith John": ("smithjohn", "smithjohn"), "王𠮷": ("wang", "w"), "曾予清": ("x", "x"),
    }  # fmt: skip
