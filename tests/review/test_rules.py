"""Judgments of the review, without a database."""

import pytest

from applications.models import Tier
from audit.refusal import Reason
from review import rules
from review.models import Attendance, Meeting, Tally
from review.rules import Votes


def tally(special: int = 0, hard: int = 0, general: int = 0, none: int = 0) -> Tally:
    return Tally(special=special, hard=hard, general=general, none=none)


@pytest.mark.parametrize(
    ("votes", "advised", "grade"),
    [
        (tally(hard=5, general=4), "none", "hard"),
        (tally(special=4, hard=4), "special", "special"),
        (tally(special=4, hard=4), "none", "hard"),
        (tally(special=3, general=3, none=3), "hard", "none"),
        (tally(), "hard", "hard"),
        (tally(), "", "none"),
    ],
)
def test_most_votes_suggest_and_a_tie_follows_the_advice(
    votes: Tally, advised: str, grade: str
) -> None:
    assert rules.suggested_grade(votes, advised) == grade


def test_the_votes_read_from_the_most_severe() -> None:
    assert (
        rules.tally_text(Tally(none=1, special=2, abstain=3)) == "特别困难2票，不困难1票，弃权3票"
    )


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (3, 2), (4, 3), (8, 6), (9, 6), (10, 7)])
def test_two_thirds_rounded_up_are_a_quorum(members: int, needed: int) -> None:
    assert rules.quorum(members) == needed


def attendances(present: int, of: int, recused: int = 0) -> list[Attendance]:
    return [
        Attendance(person_id=i, present=i < present, recusal="亲属" if i < recused else "")
        for i in range(of)
    ]


def texts(reasons: list[Reason]) -> list[str]:
    return [r.text for r in reasons]


def test_attendance_comes_first() -> None:
    found = rules.why_no_quorum(Meeting(chair_id=0), attendances(0, 9))
    assert texts(found) == ["还没有登记到会情况"]


def test_a_quorum_and_its_chair_are_both_asked_for() -> None:
    found = rules.why_no_quorum(Meeting(chair_id=8), attendances(5, 9))
    assert texts(found) == ["应到9人，实到5人，不到三分之二", "主持人没有到会"]
    assert rules.why_no_quorum(Meeting(chair_id=0), attendances(6, 9)) == []


def test_who_withdrew_does_not_vote() -> None:
    there = attendances(6, 9, recused=2)
    assert rules.why_not_carried(there, Votes(4, 0, 0)) == []
    assert texts(rules.why_not_carried(there, Votes(6, 0, 0))) == ["同意、反对、弃权共6票，应为4票"]


def test_half_is_not_more_than_half() -> None:
    found = rules.why_not_carried(attendances(6, 9), Votes(3, 3, 0))
    assert texts(found) == ["同意3票，没有过半，议题没有通过"]


def tiers() -> list[Tier]:
    return [
        Tier(code="first", rank=1, suggested_for="special"),
        Tier(code="second", rank=2, suggested_for="hard"),
        Tier(code="third", rank=3, suggested_for="general"),
    ]


@pytest.mark.parametrize(
    ("grade", "code"),
    [("special", "first"), ("hard", "second"), ("general", "third"), ("", "third")],
)
def test_a_tier_suits_its_grade_and_nobody_gets_more_without_one(grade: str, code: str) -> None:
    chosen = rules.choose_tier(tiers(), "day", grade)
    assert chosen is not None
    assert chosen.code == code


def test_boarders_get_the_boarders_tier() -> None:
    both = [
        Tier(code="boarder", rank=1, boarding="boarder"),
        Tier(code="day", rank=2, boarding="day"),
    ]
    found = [rules.choose_tier(both, kind, "hard") for kind in ("boarder", "day")]
    assert [t.code for t in found if t] == ["boarder", "day"]
    assert rules.choose_tier(both[:1], "day", "hard") is None
