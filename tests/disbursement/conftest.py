"""One programme round of school A on the day of payment."""

from collections.abc import Iterator

import pytest

from schools import clock
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid


@pytest.fixture
def its(cast: Cast) -> Iterator[Aid]:
    """The round, on 24 November 2026."""
    with clock.at(cases.PAY_DAY):
        yield cases.aid(cast.a)


@pytest.fixture
def all_ready(its: Aid) -> Aid:
    """The round, its three students ready to be paid."""
    for someone in its.staffed.students:
        cases.ready(its, someone)
    return its
