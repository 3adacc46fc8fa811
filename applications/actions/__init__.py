"""The only writers of rounds and applications."""

from applications.actions.entries import draft_application, revise
from applications.actions.handing_in import (
    allow_late,
    explain_late,
    send_back,
    submit,
    withdraw,
)
from applications.actions.many import Applied, apply_for_many
from applications.actions.reading import Household, read_household
from applications.actions.rounds import (
    close_round,
    open_programme_round,
    open_recognition_round,
    reopen_round,
)
from applications.rules.surveys import MemberFacts, SurveyFacts

__all__ = [
    "Applied",
    "Household",
    "MemberFacts",
    "SurveyFacts",
    "allow_late",
    "apply_for_many",
    "close_round",
    "draft_application",
    "explain_late",
    "open_programme_round",
    "open_recognition_round",
    "read_household",
    "reopen_round",
    "revise",
    "send_back",
    "submit",
    "withdraw",
]
