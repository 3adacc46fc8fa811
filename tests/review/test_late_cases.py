"""What is handed in late, or comes back later in the year, is owed so long after it came."""

from datetime import date
from typing import Any

from django.urls import reverse

from applications.models import Application
from review import actions, navigation, queue
from review.models import Case
from review.steps import standing
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import cases

# Three working days after the window's last day, and after a Friday in November.
ON_TIME, LATE = date(2026, 9, 11), date(2026, 11, 11)
CAME = date(2026, 11, 6)


def late(cast: Cast) -> Case:
    """All on time are judged; another comes in November."""
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    with clock.at(CAME):
        newcomer = pupil(cast.a.school_class, "赵样雨")
        cases.hand_in(round_, newcomer, cast.head_teacher.person)
        actions.take_up(round_=round_, by=cast.operator)
    found: Case = Case.objects.select_related("round__term").get(student=newcomer)
    return found


def test_on_time_the_window_counts(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    assert queue.appraise_by(round_) == ON_TIME
    [todo] = navigation.todos(cast.head_teacher)
    assert todo.due_on == ON_TIME


def test_what_came_late_is_owed_after_it_came(cast: Cast, sign_in: Any) -> None:
    case = late(cast)
    assert queue.appraise_by(case.round) == LATE
    [todo] = navigation.todos(cast.head_teacher)
    assert (todo.due_on, todo.count) == (LATE, 1)
    assert standing(case.round).steps[1].until == LATE
    other = queue.appraise_by(case.round, [cast.b.school_class.pk])
    assert other == ON_TIME
    with clock.at(CAME):
        url = reverse("review:class_appraisal", args=[case.round_id, case.school_class_id])
        page = sign_in(cast.head_teacher).get(url)
    assert (page.context["until"], page.context["workdays"]) == (LATE, 3)
    # The panel has handed in before: how to go on stands beside the case.
    assert "评议提交以后才交来" in page.text


def test_beside_one_that_waits_since_the_window_the_window_counts(cast: Cast) -> None:
    case = late(cast)
    set_scope(cast.school.pk)
    early = Case.objects.exclude(pk=case.pk).order_by("pk")[0]
    Case.objects.filter(pk=early.pk).update(status="open", appraised_grade="")
    assert queue.appraise_by(case.round) == ON_TIME


def test_what_was_withdrawn_is_not_owed(cast: Cast) -> None:
    case = late(cast)
    Application.objects.filter(pk=case.application_id).update(status="withdrawn")
    assert queue.appraise_by(case.round) == ON_TIME
