"""A round that closes by itself is judged behind the lock that every handing in takes."""

from typing import Any

import pytest
from django.db import OperationalError, transaction

from aidadmin import closings
from applications.models import Round
from audit import moves
from schools import clock
from tests.aidadmin.test_closings import LATER, ended
from tests.cast import Cast
from tests.racing import meanwhile


@pytest.mark.race
def test_nobody_hands_in_between_the_look_and_the_closing(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the round would close over an application that nobody has taken up."""
    round_, look = ended(committed), closings.why_not_ended

    @transaction.atomic
    def hand_in() -> None:
        moves.lock(round_)

    def looked(one: Round) -> list[Any]:
        meanwhile(hand_in, organisation=round_.school, on=LATER)
        return look(one)

    monkeypatch.setattr(closings, "why_not_ended", looked)
    with clock.at(LATER), pytest.raises(OperationalError, match="lock timeout"):
        closings.close_if_ended(round_=round_)
