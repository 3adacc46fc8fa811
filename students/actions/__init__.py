"""The only writers of students' rows, by noun."""

from students.actions.approvals import approve_roster
from students.actions.classes import add_class, assign_head_teacher
from students.actions.enrolment import change_enrolment
from students.actions.reveals import reveal

__all__ = [
    "add_class",
    "approve_roster",
    "assign_head_teacher",
    "change_enrolment",
    "reveal",
]
