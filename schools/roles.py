"""Roles and duties: who prepares and who checks (requirement rows 0-54, 1-38)."""

from django.db import models


class Duty(models.TextChoices):
    """Making and checking exclude each other for one person in one organisation."""

    MAKER = "maker", "经办"
    CHECKER = "checker", "审核"
    NEUTRAL = "neutral", "其他"


class Role(models.TextChoices):
    """What a person may do in an organisation."""

    OPERATOR = "operator", "资助专干（经办）"
    REVIEWER = "reviewer", "审核人"
    HEAD_TEACHER = "head_teacher", "班主任"
    COMMITTEE = "committee", "领导小组成员"
    LEADER = "leader", "分管领导"
    FINANCE = "finance", "财务"
    AUDITOR = "auditor", "督查（只读）"
    BUREAU_OPERATOR = "bureau_operator", "资助中心经办"
    BUREAU_REVIEWER = "bureau_reviewer", "资助中心审核"
    ADMIN = "admin", "系统管理员"


MAKERS = frozenset({Role.OPERATOR, Role.FINANCE, Role.BUREAU_OPERATOR})
CHECKERS = frozenset({Role.REVIEWER, Role.LEADER, Role.BUREAU_REVIEWER})
SCHOOL_ROLES = frozenset(
    {
        Role.OPERATOR,
        Role.REVIEWER,
        Role.HEAD_TEACHER,
        Role.COMMITTEE,
        Role.LEADER,
        Role.FINANCE,
        Role.AUDITOR,
    }
)
BUREAU_ROLES = frozenset({Role.BUREAU_OPERATOR, Role.BUREAU_REVIEWER})
# The people of the school's aid office: they see every student of the school.
OFFICE = frozenset(
    {Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.FINANCE, Role.COMMITTEE, Role.AUDITOR}
)


def duty_of(role: str) -> Duty:
    """The duty that a role carries."""
    if role in MAKERS:
        return Duty.MAKER
    if role in CHECKERS:
        return Duty.CHECKER
    return Duty.NEUTRAL
