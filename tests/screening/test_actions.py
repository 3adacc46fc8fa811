"""The way of a screening: opened, verified class by class, filled in, reviewed, signed."""

from datetime import date

from audit.models import Event
from screening import actions
from screening.models import Screening, ScreeningRow
from tests.cast import Cast, Staffed
from tests.screening import factories as make


def opened(staffed: Staffed, cast: Cast) -> Screening:
    return actions.open_screening(school=staffed.school, term=cast.term, by=staffed.operator)


def row_of(screening: Screening, n: int) -> ScreeningRow:
    return screening.rows.select_related("screening").order_by("student_id")[n]


def test_a_term_from_opening_to_signature(cast: Cast) -> None:
    poor, waiting, _ = cast.a.students
    make.tag(poor, make.group(1))
    make.recognise(cast.a, waiting, cast.term, "hard")
    make.award(cast.a, waiting, cast.term, make.programme())
    screening = opened(cast.a, cast)
    assert (screening.status, screening.due_on) == ("open", date(2026, 12, 15))
    assert screening.rows.count() == 3
    count = actions.verify_rest(
        screening=screening, school_class=cast.a.school_class, by=cast.head_teacher
    )
    assert count == 2
    actions.verify(
        row=row_of(screening, 0),
        result="unaided",
        by=cast.head_teacher,
        reason="家长不了解政策",
        measure="补办认定申请",
        measure_due_on=date(2026, 12, 31),
    )
    actions.fill(screening=screening, full_coverage="", coverage_reason="", by=cast.operator)
    actions.review(screening=screening, by=cast.reviewer)
    signed = actions.sign(screening=screening, by=cast.a.leader)
    assert signed.status == "signed"
    assert signed.numbers["total"] == 2
    assert signed.numbers["cells"] == [1, 0, 0, 0, 0, 1]
    assert signed.numbers["unaided"] == 1
    assert signed.numbers["waiting"] == 1
    cells = dict(screening.rows.values_list("student_id", "cell"))
    assert cells[poor.pk] == 1
    assert cells[waiting.pk] == 6
    verbs = set(Event.objects.filter(verb__startswith="screening").values_list("verb", flat=True))
    assert {
        "screening.open",
        "screening.verify",
        "screening.verify_rest",
        "screening.fill",
        "screening.review",
        "screening.sign",
    } <= verbs
