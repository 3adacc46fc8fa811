"""Classes and head teachers."""

import pytest
from guardian.shortcuts import get_objects_for_user

from audit.models import Event
from audit.refusal import Refused
from schools.models import Account, Appointment, Stage
from schools.roles import Role
from students.actions import add_class, assign_head_teacher
from students.models import SchoolClass
from tests.cast import Cast, appoint


def new_class(cast: Cast, number: int = 2, name: str = "高一（2）班") -> SchoolClass:
    return add_class(
        school=cast.school,
        stage=Stage.SENIOR,
        grade=1,
        number=number,
        name=name,
        by=cast.operator,
        department="高中部",
    )


def led_by(appointment: Appointment) -> list[str]:
    account = Account.objects.get(person=appointment.person)
    found = get_objects_for_user(account, "students.lead_class", SchoolClass)
    return sorted(c.name for c in found)


def test_a_class_is_added_and_recorded(cast: Cast) -> None:
    row = new_class(cast)
    assert (row.grade_name, row.department, str(row)) == ("高一", "高中部", "高一（2）班")
    event = Event.objects.filter(verb="class.add").get()
    assert (event.subject_id, event.facts["name"]) == (row.pk, "高一（2）班")


def test_impossible_class_is_refused_with_every_reason(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        add_class(school=cast.school, stage="senior", grade=4, number=0, name=" ", by=cast.operator)
    assert [r.text for r in refused.value.reasons] == [
        "年级不在这个学段里",
        "班号应在1到999之间",
        "班级名称是空的",
    ]
    assert not Event.objects.filter(verb="class.add").exists()


@pytest.mark.parametrize(
    ("number", "name", "said"),
    [(9, "高一（1）班", "已有名为“高一（1）班”的班级"), (1, "高一一班", "这个年级已有1班")],
)
def test_taken_name_or_place_is_refused(cast: Cast, number: int, name: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        new_class(cast, number, name)


def test_grant_moves_with_the_class(cast: Cast) -> None:
    row = new_class(cast)
    second = appoint("班主任乙", cast.school, Role.HEAD_TEACHER, "teacher-second")
    assign_head_teacher(school_class=row, person=cast.head_teacher.person, by=cast.operator)
    assert led_by(cast.head_teacher) == ["高一（1）班", "高一（2）班"]
    assign_head_teacher(school_class=row, person=second.person, by=cast.operator)
    assert led_by(cast.head_teacher) == ["高一（1）班"]
    assert led_by(second) == ["高一（2）班"]
    assert SchoolClass.objects.get(pk=row.pk).head_teacher == second.person
    assert Event.objects.filter(verb="class.assign_head_teacher").count() == 2


def test_assigning_the_same_person_again_only_completes_the_grants(cast: Cast) -> None:
    person = cast.head_teacher.person
    Account.objects.create_user("teacher-a-2", "secret-of-the-cast", person)
    assign_head_teacher(school_class=cast.a.school_class, person=person, by=cast.operator)
    second = Account.objects.get(username="teacher-a-2")
    assert second.has_perm("students.lead_class", cast.a.school_class)
    assert not Event.objects.filter(verb="class.assign_head_teacher").exists()


def test_who_is_no_head_teacher_here_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="现在不是本校班主任"):
        assign_head_teacher(
            school_class=cast.a.school_class, person=cast.b.head_teacher.person, by=cast.operator
        )
    assert led_by(cast.b.head_teacher) == []
