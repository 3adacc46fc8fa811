"""Facts: `programmes`, `rounds`, `entries`, their `papers`, `sheets` of many, `family`'s way."""

from applications.models.entries import HARDSHIPS, Application, HouseholdMember, HouseholdSurvey
from applications.models.family import AccessCode, EntryTry, FamilyFiling, FamilyVisit
from applications.models.green import GreenEntry
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
    "PaperRule",
    "Programme",
    "ProgrammeQuota",
    "Round",
    "Tier",
    "valid_on",
]
