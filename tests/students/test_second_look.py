"""What stands between two people's word and a child's record, each guard by itself."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError

from audit.refusal import Refused
from privacy.identity import make_id
from schools.scope import acting_for
from students.actions import (
    confirm_candidate,
    propose_lowering,
    refuse_correction,
    refuse_lowering,
    sign_correction,
)
from students.models import IdentityCorrection, ProtectionWord, SpecialGroupTag, Student
from students.rules.corrections import why_left, why_not_exchange
from tests.cast import Cast
from tests.racing import meanwhile
from tests.students.pages import tag
from tests.students.test_candidates import SEEN
from tests.students.test_corrections import proposed
from tests.students.test_exchanges import BORN, LISTED, asked, corrected
from tests.students.test_exchanges import proposed as exchange

DAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("who", "count"), [("operator", 2), ("head_teacher", 1), ("bureau_reviewer", 1), ("b", 1)]
)
def test_whoever_is_not_the_second_person_refuses_nothing(cast: Cast, who: str, count: int) -> None:
    """Who proposed can't make it vanish as if a second person had looked at it."""
    by = cast.b.reviewer if who == "b" else getattr(cast, who)
    tag(cast, cast.a.students[0], "dibao")
    tag(cast, cast.a.students[0], "orphan")
    word = propose_lowering(student=cast.a.students[0], reason="名单有误，已核实", by=cast.operator)
    with pytest.raises(Refused) as caught:
        refuse_lowering(word=word, reason="不同意", by=by)
    assert len(caught.value.reasons) == count
    made = proposed(cast)
    half, _ = exchange(cast)
    for correction in (made, half):
        with pytest.raises(Refused) as caught:
            refuse_correction(correction=correction, reason="不同意", by=by)
        assert len(caught.value.reasons) == count
    assert ProtectionWord.objects.get().status == "proposed"
    assert set(IdentityCorrection.objects.values_list("status", flat=True)) == {"proposed"}


def test_two_schools_exchange_nothing(cast: Cast) -> None:
    here = cast.a.students[0]
    with acting_for(cast.b.school):
        there = cast.b.students[0]
    found = why_not_exchange(students=[here, there], reason="填反", by=cast.operator)
    assert "两名学生不在同一所学校" in [reason.text for reason in found]


def test_what_a_person_confirmed_stays_when_a_number_is_corrected(cast: Cast) -> None:
    """A tag that name, birth date and an officer's word gave hangs on no number."""
    student = cast.a.students[0]
    confirm_candidate(candidate=asked(cast, LISTED), reason=SEEN, by=cast.operator)
    kept = SpecialGroupTag.objects.get(student=student)
    assert (kept.strength, kept.source_list_id is not None) == ("name_birth", True)
    corrected(cast, student, id_number=make_id("990106", BORN, 401), sex="m")
    kept.refresh_from_db()
    assert kept.valid_to is None


@pytest.mark.race
def test_nobody_changes_the_child_while_it_is_compared(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the roster and the signature nothing else is written there."""
    made = proposed(committed)

    def looked(student: Any) -> list[Any]:
        rows = Student.objects.filter(pk=student.pk)
        meanwhile(lambda: rows.update(sex="f"), organisation=committed.school, on=DAY)
        return why_left(student)

    monkeypatch.setattr("students.actions.corrections.why_left", looked)
    with pytest.raises(OperationalError, match="lock timeout"):
        sign_correction(correction=made, by=committed.reviewer)
