"""What the database refuses for a known reason is told in words; any other error stays an error."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from audit.refusal import Refused
from schools import clock
from students.actions import (
    ask_recall,
    propose_exchange,
    save_guardian,
    sign_correction,
    sign_recall,
)
from students.models import (
    Guardian,
    IdentityCorrection,
    SchoolClass,
    Student,
    TransferDay,
    YearRollover,
)
from students.rules.guardians import Told
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students import transfer_days
from tests.students.test_corrections import BIRTH, NUMBER, proposed
from tests.students.test_exchanges import two
from tests.students.test_rollover import AUGUST, roll

Act = Callable[[], Any]


def correcting(cast: Cast) -> Act:
    return lambda: proposed(cast)


def signing(cast: Cast) -> Act:
    made = proposed(cast)
    return lambda: sign_correction(correction=made, by=cast.reviewer)


def exchanging(cast: Cast) -> Act:
    first, second = two(cast)
    return lambda: propose_exchange(first=first, second=second, reason="两行填反", by=cast.operator)


def entering(cast: Cast) -> Act:
    told = Told("甲示例", "母亲")
    return lambda: save_guardian(student=cast.a.students[0], told=told, by=cast.operator)


def dating(cast: Cast) -> Act:
    transfer_days.accepted(cast)
    return lambda: transfer_days.proposed(cast)


def recalling(cast: Cast) -> Act:
    made: YearRollover = ask_recall(rollover=roll(cast), reason="误操作", by=cast.operator)
    return lambda: sign_recall(rollover=made, by=cast.reviewer)


@pytest.mark.parametrize(
    ("arrange", "model", "on"),
    [
        (correcting, IdentityCorrection, date(2026, 9, 1)),
        (signing, Student, date(2026, 9, 1)),
        (exchanging, IdentityCorrection, date(2026, 9, 1)),
        (entering, Guardian, date(2026, 9, 1)),
        (dating, TransferDay, transfer_days.TODAY),
        (recalling, SchoolClass, AUGUST),
    ],
)
def test_an_unknown_error_is_not_told_as_a_refusal(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Cast], Act],
    model: type[Student],
    on: date,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IntegrityError("of a new rule")

    with clock.at(clock.office_opens(on)):
        act = arrange(cast)
        monkeypatch.setattr(model, "save", broken)
        with pytest.raises(IntegrityError, match="of a new rule"):
            act()


def test_who_takes_the_number_while_it_is_signed_keeps_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the numbers were looked up and before they are written."""
    made = proposed(cast)
    new_student(cast.a.school_class, "乙示例", birth_date=BIRTH, id_number=NUMBER)
    monkeypatch.setattr("students.actions.corrections._taken", lambda *_: [])
    with pytest.raises(Refused) as refused:
        sign_correction(correction=made, by=cast.reviewer)
    assert [(r.text, r.mend) for r in refused.value.reasons] == [
        ("名册中另有学生刚用了这个号码", "请核对后再审核")
    ]
