"""Fixtures of the tests about applications."""

import pytest

from applications import actions
from applications.models import Round
from tests.cast import Cast


@pytest.fixture
def round_(cast: Cast) -> Round:
    """School A's round of recognition of the term, just opened."""
    return actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
