"""A corrected number beside a list of a group that the student was not in: nobody's tag stays."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from students.actions import propose_correction, propose_exchange, settling, sign_correction
from students.actions.holding import hold_groups
from students.models import SpecialGroup, SpecialGroupTag, unended_tag
from students.rules.corrections import Identity
from tests.cast import Cast
from tests.racing import overtaken
from tests.students.test_answers_locked import Deed, at_school, matching, own, staged
from tests.students.test_candidates import NUMBER, person, questions
from tests.students.test_list_locks import LATER, at_chain_of

pytestmark = pytest.mark.race


def holding_those_known(group_ids: Any) -> None:
    """What a look before the lock finds: the groups of what is there already."""
    hold_groups(SpecialGroupTag.objects.values_list("group_id", flat=True))


def of_orphans(cast: Cast, *rows: dict[str, Any]) -> Deed:
    """A list of a group in which nobody of the school is."""
    group = SpecialGroup.objects.get(code="orphan")
    return matching(cast, staged(cast, *rows, group=group))


def correcting(cast: Cast) -> Deed:
    student = cast.a.students[0]
    told = replace(Identity.of(student), id_number=NUMBER, enrolment_no="")
    made = propose_correction(student=student, told=told, reason="录错了", by=cast.operator)
    return at_school(cast, lambda: sign_correction(correction=made, by=cast.reviewer))


def exchanging(cast: Cast) -> Deed:
    first, second = cast.a.students[:2]
    made = propose_exchange(first=first, second=second, reason="录反了", by=cast.operator)[0]
    return at_school(cast, lambda: sign_correction(correction=made, by=cast.reviewer))


def while_matching(cast: Cast, deed: Deed, *rows: dict[str, Any]) -> tuple[str, str]:
    """The list has tagged and asked, and nobody sees it yet."""
    return overtaken(
        of_orphans(cast, *rows),
        deed,
        at=at_chain_of(cast.school.pk),
        organisation=cast.district,
        on=LATER,
    )


def tagged() -> set[int]:
    return set(
        SpecialGroupTag.objects.filter(unended_tag(LATER)).values_list("student_id", flat=True)
    )


def corrected(cast: Cast) -> None:
    """The list names the number that was never his."""
    assert while_matching(cast, correcting(cast), own(cast.a.students[0])) == ("won", "won")


def exchanged(cast: Cast) -> None:
    assert while_matching(cast, exchanging(cast), own(cast.a.students[0])) == ("won", "won")


def asked(cast: Cast) -> None:
    """The list names the number that is his, and asks about him by name and day."""
    assert while_matching(cast, correcting(cast), person(身份证号码=NUMBER)) == ("won", "won")


def test_what_a_list_says_of_a_number_that_was_never_his_ends(committed: Cast) -> None:
    corrected(committed)
    assert tagged() == set()


def test_what_a_list_says_of_an_exchanged_number_goes_with_it(committed: Cast) -> None:
    exchanged(committed)
    assert tagged() == {committed.a.students[1].pk}


def test_the_number_answers_what_a_list_asks_in_that_moment(committed: Cast) -> None:
    asked(committed)
    (question,) = questions(student=committed.a.students[0])
    assert question.status == "same"
    assert tagged() == {question.student_id}


@pytest.mark.parametrize(("deed", "who"), [(corrected, {0}), (exchanged, {0}), (asked, set())])
def test_with_a_look_before_the_lock_it_stays(
    committed: Cast,
    monkeypatch: pytest.MonkeyPatch,
    deed: Callable[[Cast], None],
    who: set[int],
) -> None:
    monkeypatch.setattr(settling, "hold_groups", holding_those_known)
    deed(committed)
    assert tagged() == {committed.a.students[n].pk for n in who}
    assert [q.status for q in questions()] == ([] if who else ["waiting"])
