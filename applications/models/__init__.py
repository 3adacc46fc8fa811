"""Facts: `programmes`, `rounds`, `openings`, `entries`, `papers`, `sheets` of many, `family`."""

from applications.models.entries import HARDSHIPS, Application, HouseholdMember, HouseholdSurvey
from applications.models.family import AccessCode, EntryTry, FamilyFiling, FamilyVisit
from applications.models.green import GreenEntry
from applications.models.openings import AutoOpening, OpeningPause
from applications.models.papers import Attachment, PaperRule
from applications.models.programmes import (
    DIFFICULT,
    FundingSource,
    Grade,
    Programme,
    ProgrammeQuota,
    Tier,
    valid_on,
)
from applications.models.rounds import Round
from applications.models.sheets import FormSheet
from applications.models.visits import HomeVisit

__all__ = [
    "DIFFICULT",
    "HARDSHIPS",
    "AccessCode",
    "Application",
    "Attachment",
    "AutoOpening",
    "EntryTry",
    "FamilyFiling",
    "FamilyVisit",
    "FormSheet",
    "FundingSource",
    "Grade",
    "GreenEntry",
    "HomeVisit",
    "HouseholdMember",
    "HouseholdSurvey",
    "OpeningPause",
    "PaperRule",
    "Programme",
    "ProgrammeQuota",
    "Round",
    "Tier",
    "valid_on",
]
