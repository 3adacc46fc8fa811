"""A class panel of five on their phones, in rows: the vote opened, slips handed out, handed in."""

from collections.abc import Mapping
from datetime import date

from review import actions, ballot_reading
from review.models import Appraisal, Ballot, BallotCase, BallotSlip, Tally
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import cases

STUDENTS = ("赵样甲", "赵样乙", "赵样丙")
PARENT = "张样泽"


def held(cast: Cast, *, present: int = 4) -> Appraisal:
    """Three classmates and a parent sit in the panel; the three sample students applied."""
    round_ = cases.taken_up(cast)
    named = [pupil(cast.a.school_class, name) for name in STUDENTS]
    actions.form_panel(
        round_=round_,
        school_class=cast.a.school_class,
        by=cast.head_teacher,
        students={s.pk for s in named},
        others=[("parent", PARENT)],
        size_reason="班级人数少",
    )
    return actions.hold_appraisal(
        round_=round_,
        school_class=cast.a.school_class,
        held_on=date(2026, 9, 1),
        expected=4,
        present=present,
        by=cast.head_teacher,
    )


def opened(cast: Cast, appraisal: Appraisal | None = None) -> Ballot:
    """All four are here and voting is open."""
    return actions.open_ballot(
        appraisal=appraisal or held(cast), here={*STUDENTS, PARENT}, by=cast.head_teacher
    )


def handed_out(cast: Cast, ballot: Ballot) -> dict[str, str]:
    """Everybody's secret by name."""
    return actions.hand_out_rest(ballot=ballot, by=cast.head_teacher)


def slip(secret: str) -> BallotSlip:
    """The slip of a secret."""
    found = actions.slip_of(secret)
    assert found is not None
    return found


def rows(ballot: Ballot) -> list[BallotCase]:
    """The ballot's cases by code."""
    return ballot_reading.cases_of(ballot)


def all_say(ballot: Ballot, choice: str) -> dict[int, str]:
    """The same choice for every case."""
    return {row.pk: choice for row in rows(ballot)}


def vote(secret: str, choices: Mapping[int, str], recused: Mapping[int, str] | None = None) -> None:
    """Hand a slip in."""
    actions.hand_in(slip=slip(secret), choices=choices, recused=recused)


def everybody_voted(cast: Cast, choice: str = "hard") -> Ballot:
    """All four slips are in, of one mind."""
    ballot = opened(cast)
    for secret in handed_out(cast, ballot).values():
        vote(secret, all_say(ballot, choice))
    return ballot


def counted(cast: Cast, choice: str = "hard") -> Ballot:
    """All voted, and counted."""
    return actions.count_ballot(ballot=everybody_voted(cast, choice), by=cast.head_teacher).ballot


def explained(cast: Cast, ballot: Ballot) -> None:
    """Beside every figure that came of the vote stands why."""
    for kept in Tally.objects.filter(ballot=ballot):
        actions.explain(kept=kept, reason=cases.WHY, by=cast.head_teacher)
