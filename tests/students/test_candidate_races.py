"""One question has one answer and one person is one student, whoever answers at once."""

from typing import Any

import pytest

from students.actions import candidates, confirm_candidate, reject_candidate
from students.models import MatchCandidate
from tests import database
from tests.cast import Cast
from tests.cast import student as new_student
from tests.racing import race, unguarded, unlocked
from tests.students.test_candidates import NUMBER, SEEN, match, person, questions


def _twins(cast: Cast) -> list[MatchCandidate]:
    for _ in range(7):
        new_student(cast.a.school_class, "张示远")
    match(cast, person(身份证号码=NUMBER))
    return questions()


@pytest.mark.race
def test_one_of_many_answers_to_one_question_wins(committed: Cast) -> None:
    match(committed, person())
    (question,) = questions()
    acts: list[Any] = [confirm_candidate, reject_candidate]
    outcome = race(
        lambda i: acts[i % 2](candidate=question, reason=SEEN, by=committed.operator),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_a_question_is_answered_several_times(
    committed: Cast, no_locks: None
) -> None:
    match(committed, person())
    (question,) = questions()
    won = unguarded(
        lambda i: reject_candidate(candidate=question, reason=SEEN, by=committed.operator),
        organisation=committed.school,
    )
    assert won > 1


@pytest.mark.race
def test_one_of_several_students_is_the_person_listed(committed: Cast) -> None:
    rows = _twins(committed)
    outcome = race(
        lambda i: confirm_candidate(candidate=rows[i % 8], reason=SEEN, by=committed.operator),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}
    assert [q.status for q in questions()].count("same") == 1


def _unaware(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees the others' questions: only the index is left to keep one."""
    monkeypatch.setattr(candidates, "_locked", lambda row: (unlocked(row), []))


@pytest.mark.race
def test_without_the_locks_the_index_still_keeps_one(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _twins(committed)
    _unaware(monkeypatch)
    won = unguarded(
        lambda i: confirm_candidate(candidate=rows[i], reason=SEEN, by=committed.operator),
        organisation=committed.school,
        threads=8,
    )
    assert won == 1


@pytest.mark.race
def test_without_locks_and_index_several_students_are_one_person(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _twins(committed)
    _unaware(monkeypatch)
    with database.without("students_matchcandidate", "candidate_one_same"):
        won = unguarded(
            lambda i: confirm_candidate(candidate=rows[i], reason=SEEN, by=committed.operator),
            organisation=committed.school,
            threads=8,
        )
        assert won > 1
