"""The checklist asks the same number of questions for one student as for thirty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disbursement import actions, content, queue
from disbursement.models import PaymentBatch
from schools import clock
from tests.disbursement import cases
from tests.disbursement.cases import Aid


def _asked(batch: PaymentBatch) -> int:
    with CaptureQueriesContext(connection) as seen:
        queue.checklist(batch, clock.today())
    return len(seen)


def test_queries_of_the_checklist_do_not_grow(its: Aid) -> None:
    cases.ready(its, its.staffed.students[0])
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    batch = cases.draft(its)
    one = _asked(batch)
    for someone in cases.add_students(its.staffed, 29):
        cases.ready(its, someone)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    assert len(queue.checklist(batch, clock.today()).passing) == 30
    assert _asked(batch) == one
    assert one <= 14


@pytest.mark.parametrize("guardian_card", [True, False])
def test_queries_before_sending_do_not_grow(its: Aid, guardian_card: bool) -> None:
    its.programme.guardian_card = guardian_card
    its.programme.save()
    for someone in cases.add_students(its.staffed, 30):
        cases.ready(its, someone)
    batch = cases.frozen(its)
    lines = content.opened(batch)
    seen = {}
    for n in (1, 30):
        with CaptureQueriesContext(connection) as asked:
            found = queue.checklist_of_lines(batch, lines[:n], clock.today())
        assert len(found.passing) == n
        seen[n] = len(asked)
    assert seen[1] == seen[30]
