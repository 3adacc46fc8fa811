"""Facts about students: `roster` who is at the school, `imports` the files that told of them,
`groups` who belongs to a special group, `finding` and `searching` how people look for them.
"""

from students.models.candidates import MatchCandidate, NameDifference
from students.models.corrections import IdentityCorrection
from students.models.endings import TagEnding
from students.models.finding import SavedFilter
from students.models.groups import (
    DepartmentList,
    DepartmentListRow,
    SpecialGroup,
    SpecialGroupTag,
    live_tag,
    unended_tag,
)
from students.models.headings import RosterHeading
from students.models.imports import RosterApproval, RosterImport, RosterPart
from students.models.names import NameCheck, blind_written
from students.models.protection import (
    ProtectionWord,
    hardships,
    protected,
    protected_among,
)
from students.models.retentions import TagRetention
from students.models.risks import AgeLimit, HeadCount, RiskAnswer
from students.models.rollover import YearRollover
from students.models.roster import EnrolmentChange, Guardian, SchoolClass, Student
from students.models.searching import blind_enrolment, blind_enrolments
from students.models.transfer import Transfer
from students.models.transfer_day import TransferDay
from students.models.whereabouts import Whereabouts

__all__ = [
    "AgeLimit",
    "DepartmentList",
    "DepartmentListRow",
    "EnrolmentChange",
    "Guardian",
    "HeadCount",
    "IdentityCorrection",
    "MatchCandidate",
    "NameCheck",
    "NameDifference",
    "ProtectionWord",
    "RiskAnswer",
    "RosterApproval",
    "RosterHeading",
    "RosterImport",
    "RosterPart",
    "SavedFilter",
    "SchoolClass",
    "SpecialGroup",
    "SpecialGroupTag",
    "Student",
    "TagEnding",
    "TagRetention",
    "Transfer",
    "TransferDay",
    "Whereabouts",
    "YearRollover",
    "blind_enrolment",
    "blind_enrolments",
    "blind_written",
    "hardships",
    "live_tag",
    "protected",
    "protected_among",
    "unended_tag",
]
