"""评分依据: the lines of a score tell a family's income and health; each look leaves a line."""

from django.db import transaction

from audit.events import record
from audit.refusal import Reason, refuse_if
from review.models import Case
from review.proofs import Proved, proved
from schools import clock
from schools.models import Appointment
from schools.roles import Role

# Whom families were told of.
READERS = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})


@transaction.atomic
def read_score(*, case: Case, by: Appointment) -> list[Proved]:
    """The lines of a case's score with their proofs; who looked at whose and when is recorded.

    No reason is asked for: whoever decides on a case looks at its score. Raises `Refused`.
    """
    refuse_if(
        []
        if by.role in READERS
        else [Reason("评分依据只由资助专干、审核人和分管领导查看", "只看合计和等级")]
    )
    record(
        by=by,
        verb="case.read_score",
        label="查看评分依据",
        subject=case,
        at=clock.now(),
        about_id=case.student_id,
        facts={"number": case.application.number},
    )
    return proved(case)
