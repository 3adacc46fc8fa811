"""Guards of the review that no other test would miss: whose photographs, whom aid is meant for."""

from typing import Any

from django.urls import reverse

from applications.models import Programme
from review import actions
from review.models import Case
from schools.roles import Role
from students.models import Student
from tests.applications.scenes import tagged
from tests.cast import Cast, appoint, school_class
from tests.review import cases
from tests.review.test_class_postings import finished, post
from tests.review.test_postings import picture


def test_a_class_photograph_is_for_its_own_head_teacher(cast: Cast, sign_in: Any) -> None:
    """Children stand beside the sheet: another class's teacher of the school sees none of it."""
    [photo] = actions.keep_class_photos(
        posting=post(finished(cast), cast), photos=[picture()], by=cast.head_teacher
    )
    colleague = appoint("邻班", cast.school, Role.HEAD_TEACHER, "teacher-next-door")
    school_class(cast.school, colleague, 2)
    client = sign_in(colleague)
    assert client.get(reverse("review:class_photo", args=[photo.pk])).status_code == 404
    remove = reverse("review:remove_class_photo", args=[photo.pk])
    assert client.post(remove, {"reason": "看看"}).status_code == 404


def test_nobody_outside_a_programmes_groups_is_proposed(cast: Cast) -> None:
    """Whom lists and roster name no longer when the cases are proposed waits, the others go on."""
    grant = Programme.objects.get(code="senior_grant")
    Programme.objects.filter(pk=grant.pk).update(
        needs_recognition=False, only_groups=["dibao"], rural_groups=["dibao"]
    )
    round_ = cases.open_round(cast.a, cast.term, grant)
    for student in cast.a.students:
        cases.hand_in(round_, student, cast.head_teacher.person)
    inside, moved, never = cast.a.students
    for student, household in ((inside, "rural"), (moved, "urban"), (never, "rural")):
        Student.objects.filter(pk=student.pk).update(household=household)
    tagged(inside, "dibao")
    tagged(moved, "dibao")
    actions.take_up(round_=round_, by=cast.operator)
    made = actions.propose(round_=round_, by=cast.operator)
    assert (made.proposed, made.held_cases) == (1, 2)
    assert [reason.text for reason in made.held] == ["不在项目限定的特殊群体里：高一（1）班2人"]
    assert Case.objects.get(status="proposed").student_id == inside.pk
