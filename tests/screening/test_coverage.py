"""应助尽助: of those who should be aided how many are, as the screening judges it."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools.scope import acting_for
from screening.coverage import by_class, of_school
from screening.numbers import counted
from students.actions import add_class
from tests.cast import Cast, student
from tests.screening import factories as make


def three_of_four(cast: Cast) -> None:
    """Three are counted: one has money, one waits for it, one has nothing; one is not counted."""
    paid, waiting, unaided = cast.a.students
    student(cast.a.school_class, "试示生")
    grant = make.programme()
    for someone in (paid, waiting, unaided):
        make.recognise(cast.a, someone, cast.term, "hard")
    make.pay(cast.a, make.award(cast.a, paid, cast.term, grant))
    make.award(cast.a, waiting, cast.term, grant)


def test_a_class_a_grade_and_the_school(cast: Cast) -> None:
    three_of_four(cast)
    other = add_class(
        school=cast.school, stage="senior", grade=2, number=1, name="高二（1）班", by=cast.operator
    )
    make.recognise(cast.a, student(other, "试示人"), cast.term, "hard")
    (first, (one,)), (second, _) = by_class(cast.school, cast.term)
    assert (first.name, second.name) == ("高一", "高二")
    assert (one.students, one.counted, one.aided, one.waiting, one.unaided) == (4, 3, 2, 1, 1)
    assert (second.counted, second.aided, second.unaided) == (1, 0, 1)
    whole = of_school(cast.school, cast.term)
    assert (whole.students, whole.counted, whole.aided, whole.waiting) == (5, 4, 2, 1)


def test_it_tells_the_numbers_of_the_screening(cast: Cast) -> None:
    three_of_four(cast)
    share, numbers = of_school(cast.school, cast.term), counted([cast.school.pk], cast.term)
    of_it = numbers[cast.school.pk]
    assert (share.counted, share.unaided, share.waiting) == (
        of_it.total,
        of_it.unaided,
        of_it.waiting,
    )


def test_the_page_and_the_desk_show_it(cast: Cast, sign_in: Any) -> None:
    three_of_four(cast)
    client = sign_in(cast.operator)
    page = client.get(reverse("screening:coverage")).text
    assert "66.7%" in page
    assert "高一（1）班" in page
    desk = client.get(reverse("desk")).text
    assert "应助已助比例" in desk
    assert "66.7%" in desk
    # A class's own teacher is shown other people's classes nowhere.
    assert sign_in(cast.head_teacher).get(reverse("screening:coverage")).status_code == 403


def test_asking_costs_the_same_for_one_class_and_for_many(cast: Cast) -> None:
    def asked() -> int:
        with acting_for(cast.school), CaptureQueriesContext(connection) as seen:
            by_class(cast.school, cast.term)
        return len(seen)

    few = asked()
    for n in range(2, 12):
        made = add_class(
            school=cast.school, stage="senior", grade=1, number=n, name=f"高一（{n}）班",
            by=cast.operator,
        )  # fmt: skip
        student(made, "试示人")
    assert asked() == few
