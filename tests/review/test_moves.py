"""Every status × every move of the review's tables, written out."""

from typing import Any

import pytest

from audit import moves
from review.models import Appraisal, Ballot, Case, Meeting, Notice, Objection

ALLOWED: dict[Any, dict[str, dict[str, str]]] = {
    Case: {
        "open": {
            "appraise": "appraised",
            "propose": "proposed",
            "refer": "appraised",
            "take_anew": "open",
        },
        "appraised": {
            "appraise": "appraised",
            "judge_after_all": "open",
            "propose": "proposed",
            "take_anew": "open",
            "vote_anew": "open",
        },
        "proposed": {
            "take_back": "appraised",
            "decide": "decided",
            "refuse": "refused",
            "take_anew": "open",
        },
        "decided": {"confirm": "confirmed", "reopen": "proposed", "take_anew": "open"},
        "refused": {"reopen": "proposed"},
        "confirmed": {"reopen": "proposed", "take_anew": "open"},
    },
    Appraisal: {"open": {"finish": "finished"}, "finished": {"reopen": "open"}},
    Ballot: {
        "open": {"count": "counted", "cancel": "cancelled"},
        "counted": {"cancel": "cancelled"},
        "cancelled": {},
    },
    Meeting: {
        "planned": {"decide": "decided"},
        "decided": {"confirm": "confirmed", "reopen": "planned"},
        "confirmed": {},
    },
    Notice: {
        "draft": {"publish": "published"},
        "published": {"withdraw": "withdrawn", "confirm": "confirmed"},
        "confirmed": {},
        "withdrawn": {},
    },
    Objection: {
        "open": {"uphold": "upheld", "dismiss": "dismissed"},
        "upheld": {},
        "dismissed": {},
    },
}


@pytest.mark.parametrize("model", ALLOWED, ids=lambda m: str(m.__name__))
def test_each_status_allows_just_these_moves(model: Any) -> None:
    table = ALLOWED[model]
    assert set(table) == set(model.Status.values)
    verbs = {m.verb for m in model.MOVES}
    for status, expected in table.items():
        found = {}
        for verb in verbs:
            move = moves.allowed(model(status=status), verb)
            if move:
                found[verb] = move.target
        assert found == expected, status
