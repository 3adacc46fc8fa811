"""Opening and closing rounds."""

from datetime import date

from applications import actions
from applications.models import Programme
from tests.applications import scenes
from tests.cast import Cast


def test_a_round_opens_with_the_lawful_window(cast: Cast) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    assert (round_.opens_on, round_.closes_on) == (date(2026, 9, 1), date(2026, 9, 8))
    assert str(round_) == "家庭经济困难认定 2026—2027学年"


def test_the_happy_path(cast: Cast) -> None:
    round_ = scenes.recognition(cast.a, cast.term)
    assert round_.applications.filter(status="submitted").count() == 3
    assert sorted(round_.applications.values_list("number", flat=True)) == [
        "2026-RD-0001",
        "2026-RD-0002",
        "2026-RD-0003",
    ]
    programme = Programme.objects.get(code="senior_grant")
    grants = actions.open_programme_round(
        school=cast.school, term=cast.term, programme=programme, by=cast.operator
    )
    applied = actions.apply_for_many(round_=grants, students=cast.a.students, by=cast.operator)
    assert applied.count == 3
    assert applied.held == []
    again = actions.apply_for_many(round_=grants, students=cast.a.students, by=cast.operator)
    assert (again.count, [(r.text, r.count) for r in again.held]) == (0, [("本批次已有申请", 3)])
