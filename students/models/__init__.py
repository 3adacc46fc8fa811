"""Facts about students: `roster` who is at the school, `groups` who belongs to a special group."""

from students.models.groups import (
    DepartmentList,
    DepartmentListRow,
    SpecialGroup,
    SpecialGroupTag,
    live_tag,
)
from students.models.roster import (
    EnrolmentChange,
    Guardian,
    RosterApproval,
    RosterImport,
    SchoolClass,
    Student,
    blind_enrolment,
)

__all__ = [
    "DepartmentList",
    "DepartmentListRow",
    "EnrolmentChange",
    "Guardian",
    "RosterApproval",
    "RosterImport",
    "SchoolClass",
    "SpecialGroup",
    "SpecialGroupTag",
    "Student",
    "blind_enrolment",
    "live_tag",
]
