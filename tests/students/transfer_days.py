"""A student who left A for B: on which day he left is put right between the two."""

from datetime import date
from typing import Any

import pytest

from audit.refusal import Refused
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    propose_transfer,
    propose_transfer_day,
    refuse_transfer_day,
    sign_transfer,
)
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from tests.cast import Cast

TODAY = date(2026, 11, 27)
LEFT, CAME = date(2026, 10, 20), date(2026, 11, 10)
EARLIER, LATER = date(2026, 9, 28), date(2026, 11, 3)
OUT, IN = EnrolmentChange.Kind.TRANSFER_OUT, EnrolmentChange.Kind.TRANSFER_IN


def signed(cast: Cast, whose: Student | None = None) -> Transfer:
    """On the way from A to B since 20 October."""
    row = propose_transfer(
        student=Student.objects.get(pk=(whose or cast.a.students[0]).pk), to_school=cast.b.school,
        on=LEFT, reason="随父母迁居", by=cast.operator,
    )  # fmt: skip
    made: Transfer = sign_transfer(transfer=row, by=cast.reviewer)
    return made


def accepted(cast: Cast, whose: Student | None = None) -> Transfer:
    """At B since 10 November."""
    made = signed(cast, whose)
    with acting_for(cast.b.school):
        accept_transfer(
            transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator,
            on=CAME,
        )  # fmt: skip
    return Transfer.objects.get(pk=made.pk)


def proposed(cast: Cast, on: date = EARLIER, **told: Any) -> TransferDay:
    transfer = Transfer.objects.filter(school=cast.school).first() or accepted(cast)
    facts: dict[str, Any] = {"seen": transfer.on, "reason": "转学证明上是另一天"}
    return propose_transfer_day(transfer=transfer, on=on, **facts | {"by": cast.operator} | told)


def agreed(cast: Cast, on: date = EARLIER) -> TransferDay:
    made = proposed(cast, on)
    with acting_for(cast.b.school):
        return agree_transfer_day(day=made, by=cast.b.operator)


def refused(cast: Cast, on: date = EARLIER) -> TransferDay:
    return refuse_transfer_day(day=agreed(cast, on), reason="证明没有盖章", by=cast.reviewer)


def why(act: Any, **told: Any) -> list[str]:
    with pytest.raises(Refused) as found:
        act(**told)
    assert all(r.mend for r in found.value.reasons)
    return [r.text for r in found.value.reasons]


def here(cast: Cast) -> tuple[date, date | None, date]:
    """The sender's change, 离校日期 and transfer."""
    change = EnrolmentChange.objects.get(student=cast.a.students[0], kind=OUT)
    return change.on, change.student.left_on, Transfer.objects.get().on


def there(cast: Cast) -> EnrolmentChange:
    with acting_for(cast.b.school):
        made: EnrolmentChange = EnrolmentChange.objects.get(kind=IN)
    return made
