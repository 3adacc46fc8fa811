"""What changed since the head teacher approved the roster, and the sheet on paper."""

from datetime import date
from typing import Any

from django.urls import reverse

from audit.models import Event
from schools.models import Term
from students.actions import add_class, approve_roster, change_enrolment
from students.models import RosterApproval, Student
from students.queue import changes_of, standings
from tests.cast import Cast, student

TODAY = date(2026, 9, 1)


def approved(cast: Cast) -> RosterApproval:
    term = Term.objects.get(code="2026-1")
    return approve_roster(school_class=cast.a.school_class, term=term, by=cast.head_teacher)


def told(cast: Cast) -> dict[str, str]:
    (standing,) = standings([cast.a.school_class])
    return {d.name: d.what for d in changes_of(standing)}


def test_nothing_changed_tells_nothing(cast: Cast) -> None:
    assert told(cast) == {}
    assert len(approved(cast).roll) == 3
    assert told(cast) == {}


def test_every_kind_of_change_is_told(cast: Cast) -> None:
    other = add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    first, second, third = cast.a.students
    fourth = student(cast.a.school_class, "赵予清")
    approved(cast)
    facts: dict[str, Any] = {"on": TODAY, "reason": "因故", "by": cast.operator}
    change_enrolment(student=first, kind="withdraw", **facts)
    change_enrolment(student=second, kind="class_changed", to_class=other, **facts)
    change_enrolment(student=third, kind="suspend", **facts)
    Student.objects.filter(pk=fourth.pk).update(boarding="boarder", household="rural")
    student(cast.a.school_class, "钱明远")
    assert told(cast) == {
        first.name: "2026年9月1日离校",
        second.name: "调到高一（2）班",
        third.name: "休学",
        "赵予清": "就读方式：走读 → 寄宿，户口：未填 → 农村",
        "钱明远": "新到班里",
    }
    approved(cast)
    assert told(cast) == {}


def test_the_page_shows_the_changes_before_the_button(cast: Cast, sign_in: Any) -> None:
    approved(cast)
    student(cast.a.school_class, "钱明远")
    address = reverse("students:class", kwargs={"class_id": cast.a.school_class.pk})
    shown = sign_in(cast.head_teacher).get(address).content.decode()
    assert shown.index("新到班里") < shown.index("名册无误")


def test_the_sheet_is_paper_and_on_the_record(cast: Cast, sign_in: Any) -> None:
    address = reverse("students:class_sheet", kwargs={"class_id": cast.a.school_class.pk})
    answer = sign_in(cast.head_teacher).post(address)
    assert answer.content.startswith(b"%PDF")
    assert answer["Cache-Control"] == "no-store"
    assert Event.objects.get(verb="class.print_sheet").facts == {"students": 3}
