"""A school answers while its bureau works on the lists: neither waits for one who waits for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from privacy.identity import make_id
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    confirm_candidate,
    match_list,
    propose_correction,
    propose_ending,
    reopen_candidate,
    retain_tags,
    sign_correction,
)
from students.models import DepartmentList, MatchCandidate, SpecialGroupTag, Student
from students.rules.corrections import Identity
from tests.cast import REGION, Cast
from tests.students.test_actions_lists import matched, people_of, upload
from tests.students.test_candidates import BORN, NUMBER, SEEN, listing, match, person, questions
from tests.students.test_carried_tags import EARLY
from tests.students.test_endings import PAST
from tests.students.test_list_locks import at_chain_of, both, withdrawing

pytestmark = pytest.mark.race
Deed = Callable[[], object]
TAG = 'INSERT INTO "students_specialgrouptag"'


def at(words: str) -> Callable[[str, Any], bool]:
    return lambda sql, _: words in sql


def at_school(cast: Cast, deed: Deed) -> Deed:
    """The race acts for the bureau; what a school does, it does in its own scope."""

    def act() -> None:
        with acting_for(cast.school):
            deed()

    return act


def confirming(cast: Cast, question: MatchCandidate) -> Deed:
    return at_school(
        cast, lambda: confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    )


def staged(cast: Cast, *rows: dict[str, Any], **facts: object) -> DepartmentList:
    with acting_for(cast.district):
        return upload(cast, listing(*rows), **facts)


def matching(cast: Cast, listed: DepartmentList) -> Deed:
    return lambda: match_list(listed=listed, by=cast.bureau_operator)


def own(student: Student) -> dict[str, Any]:
    return person(student.name, 身份证号码=student.id_number.reveal())


def mine(cast: Cast) -> MatchCandidate:
    return questions(student=cast.a.students[0], group__code="dibao")[0]


def test_whom_a_school_confirms_a_newer_list_names_by_the_number(committed: Cast) -> None:
    """One has tagged him and goes on to the school's chain, the other comes from there."""
    match(committed, person(身份证号码=NUMBER))
    newer = staged(committed, own(committed.a.students[0]))
    found = both(
        committed,
        (matching(committed, newer), at_chain_of(committed.school.pk)),
        (confirming(committed, mine(committed)), at(TAG)),
    )
    assert found == {"won": 2}
    assert SpecialGroupTag.objects.filter(student=committed.a.students[0]).count() == 1


def test_a_list_comes_to_a_question_that_is_being_answered(committed: Cast) -> None:
    """It names him, and once more the person about whom it was asked."""
    match(committed, person(身份证号码=NUMBER))
    newer = staged(committed, own(committed.a.students[0]), person(身份证号码=NUMBER))
    found = both(
        committed,
        (
            matching(committed, newer),
            lambda sql, _: '"students_matchcandidate"' in sql and "FOR UPDATE" in sql,
        ),
        (confirming(committed, mine(committed)), at(TAG)),
    )
    assert found == {"won": 2}


def correcting(cast: Cast, **changed: Any) -> Deed:
    student = cast.a.students[0]
    told = replace(Identity.of(student), **changed)
    made = propose_correction(student=student, told=told, reason="录错了", by=cast.operator)
    return at_school(cast, lambda: sign_correction(correction=made, by=cast.reviewer))


def test_a_corrected_number_answers_while_a_newer_list_names_the_old_one(committed: Cast) -> None:
    match(committed, person(身份证号码=NUMBER))
    newer = staged(committed, own(committed.a.students[0]))
    found = both(
        committed,
        (matching(committed, newer), at_chain_of(committed.school.pk)),
        (correcting(committed, id_number=NUMBER, enrolment_no=""), at(TAG)),
    )
    assert found == {"won": 2}


def test_a_correction_settles_two_questions_while_one_is_answered(committed: Cast) -> None:
    """It has told the chain of the first and goes on to the second."""
    match(committed, person(身份证号码=NUMBER), person(身份证号码=make_id(REGION, BORN, 503)))
    _, second = questions(student=committed.a.students[0])
    born = date(2009, 6, 5)
    right = make_id(REGION, born, 501)
    found = both(
        committed,
        (
            correcting(committed, id_number=right, birth_date=born, enrolment_no=""),
            lambda sql, params: "FOR NO KEY UPDATE" in sql and second.pk in params,
        ),
        (confirming(committed, second), at_chain_of(committed.school.pk)),
    )
    assert found["OperationalError"] == 0
    assert found["won"] >= 1


def ending_older(cast: Cast) -> Deed:
    """Two persons end what the older list left, which still asks about somebody."""
    match(cast, own(cast.a.students[1]), person(身份证号码=NUMBER), issued_on=PAST)
    newer = match(cast, own(cast.a.students[2]))
    with acting_for(cast.district):
        ending = propose_ending(listed=newer, note="", by=cast.bureau_operator)
    return lambda: approve_ending(ending=ending, by=cast.bureau_reviewer)


def test_a_question_is_answered_while_its_list_is_replaced(committed: Cast) -> None:
    """The ending is told to the school, and then the question is settled."""
    ending = ending_older(committed)
    found = both(
        committed,
        (ending, at('UPDATE "students_matchcandidate"')),
        (confirming(committed, mine(committed)), at_chain_of(committed.school.pk)),
    )
    assert found["OperationalError"] == 0
    assert found["won"] >= 1


def test_a_list_is_withdrawn_while_whom_it_tagged_is_confirmed(committed: Cast) -> None:
    """The older list tags him again, while the school says that he is one of another's people."""
    student = committed.a.students[0]
    match(committed, own(student), issued_on=PAST, valid_to=date(2026, 9, 30))
    match(committed, person(身份证号码=NUMBER), issued_on=PAST)
    wrong = match(committed, own(student), valid_to=date(2026, 12, 31))
    found = both(
        committed,
        (withdrawing(committed, wrong), at_chain_of(committed.school.pk)),
        (confirming(committed, mine(committed)), at(TAG)),
    )
    assert found == {"won": 2}


def test_an_answer_is_sent_back_while_its_list_is_withdrawn(committed: Cast) -> None:
    listed = match(committed, person(身份证号码=NUMBER))
    done = confirm_candidate(candidate=mine(committed), reason=SEEN, by=committed.operator)
    found = both(
        committed,
        (withdrawing(committed, listed), at_chain_of(committed.school.pk)),
        (
            at_school(
                committed,
                lambda: reopen_candidate(candidate=done, reason="再看", by=committed.reviewer),
            ),
            at('UPDATE "students_specialgrouptag"'),
        ),
    )
    assert found == {"won": 2}


def proposing(cast: Cast, listed: DepartmentList) -> Deed:
    return lambda: propose_ending(listed=listed, note="", by=cast.bureau_operator)


def retaining(cast: Cast, listed: DepartmentList) -> Deed:
    return lambda: retain_tags(listed=listed, reason="都还在领", by=cast.bureau_operator)


@pytest.mark.parametrize("settling", [proposing, retaining])
def test_a_list_is_settled_while_an_older_one_is_withdrawn(
    committed: Cast, settling: Callable[[Cast, DepartmentList], Deed]
) -> None:
    """Whoever withdraws looks at all lists of the group again, having told his bureau's chain."""
    people = people_of(committed)
    with acting_for(committed.district):
        oldest = matched(committed, people[:2], issued_on=EARLY)
        matched(committed, people[:3], issued_on=PAST)
        newest = matched(committed, people[:1])
    found = both(
        committed,
        (withdrawing(committed, oldest), at('UPDATE "students_departmentlist" SET "compared_on"')),
        (settling(committed, newest), at_chain_of(committed.district.pk)),
    )
    assert found == {"won": 2}
