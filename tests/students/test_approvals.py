"""What changed since the head teacher approved the roster, and the sheet on paper."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools.models import Appointment, Term
from schools.roles import Role
from students.actions import add_class, approve_roster, assign_head_teacher, change_enrolment
from students.models import RosterApproval, SchoolClass, Student
from students.navigation import todos
from students.queue import changes_of, standings
from tests.cast import Cast, appoint, student

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


# --- the class goes to another head teacher


def handed_over(cast: Cast) -> Appointment:
    successor = appoint("班主任新", cast.school, Role.HEAD_TEACHER, "teacher-new")
    assign_head_teacher(school_class=cast.a.school_class, person=successor.person, by=cast.operator)
    return successor


def stands(cast: Cast) -> tuple[str, bool, bool]:
    (one,) = standings([SchoolClass.objects.get(pk=cast.a.school_class.pk)])
    return one.label, one.waiting, one.handed_over


def test_who_takes_the_class_over_is_asked_anew(cast: Cast) -> None:
    first = approved(cast)
    assert stands(cast) == ("已核对", False, False)
    assert not any("核对" in t.title for t in todos(cast.head_teacher))
    successor = handed_over(cast)
    assert stands(cast) == ("换了班主任，待核对", True, True)
    (owed,) = (t for t in todos(successor) if "核对" in t.title)
    assert cast.head_teacher.person.name in owed.text
    term = Term.objects.get(code="2026-1")
    with pytest.raises(Refused, match="由班主任本人核对"):
        approved(cast)
    second = approve_roster(school_class=cast.a.school_class, term=term, by=successor)
    assert (second.digest, stands(cast)) == (first.digest, ("已核对", False, False))
    with pytest.raises(Refused, match="已经核对过"):
        approve_roster(school_class=cast.a.school_class, term=term, by=successor)
    assert not any("核对" in t.title for t in todos(successor))


def test_who_has_it_back_has_approved_it_already(cast: Cast) -> None:
    approved(cast)
    handed_over(cast)
    assign_head_teacher(
        school_class=cast.a.school_class, person=cast.head_teacher.person, by=cast.operator
    )
    assert stands(cast) == ("已核对", False, False)


def test_a_roster_that_changed_too_is_told_as_changed(cast: Cast) -> None:
    approved(cast)
    successor = handed_over(cast)
    student(cast.a.school_class, "钱明远")
    assert stands(cast) == ("有变动，待核对", True, False)
    (owed,) = (t for t in todos(successor) if "核对" in t.title)
    assert "名册有变动" in owed.text
    assert told(cast) == {"钱明远": "新到班里"}


def test_the_page_shows_the_predecessors_word_as_such(cast: Cast, sign_in: Any) -> None:
    approved(cast)
    successor = handed_over(cast)
    address = reverse("students:class", kwargs={"class_id": cast.a.school_class.pk})
    shown = sign_in(successor).get(address).content.decode()
    assert "换了班主任，要再核对一次" in shown
    assert f"{cast.head_teacher.person.name}在" in shown
    assert "名册无误" in shown
    listed = sign_in(cast.operator).get(reverse("students:classes")).content.decode()
    assert "换了班主任，待核对" in listed
