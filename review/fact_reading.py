"""The facts of applications as a 量化评估表 asks for them (`review.facts`)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from applications.models import HARDSHIPS, Application, HouseholdMember, HouseholdSurvey
from applications.rules.surveys import HEALTH, stated
from review.facts import UNKNOWN
from students.models import SpecialGroupTag, Student, live_tag

TOLD = (
    *HARDSHIPS,
    "students_in_family",
    "seriously_ill",
    "single_parent",
)
OF_INCOME = ("family_size", "annual_income_yuan", "income_per_head_yuan")
OF_MEMBERS = (
    "earners",
    "unwell",
    "elders",
    "father_work",
    "mother_work",
    "father_health",
    "mother_health",
)
OF_ROSTER = ("household", "boarding", "left_behind", "migrant")
FATHER, MOTHER = "父亲", "母亲"
ELDER = 60


def facts_of(applications: Iterable[Application], on: date) -> dict[int, dict[str, Any]]:
    """What scoring asks of each application, by its id (four queries)."""
    wanted = list(applications)
    schools = {a.school_id for a in wanted}
    students = {a.student_id for a in wanted}
    surveys = {
        s.application_id: s
        for s in HouseholdSurvey.objects.filter(
            school_id__in=schools, application_id__in=[a.pk for a in wanted]
        ).defer("address", "phone")
    }
    members: dict[int, list[HouseholdMember]] = {}
    for member in HouseholdMember.objects.filter(
        school_id__in=schools, survey_id__in=[s.pk for s in surveys.values()]
    ).order_by("pk"):
        members.setdefault(member.survey_id, []).append(member)
    groups: dict[int, list[str]] = {}
    tags = SpecialGroupTag.objects.filter(
        live_tag(on), school_id__in=schools, student_id__in=students
    )
    for student_id, code in tags.values_list("student_id", "group__code"):
        groups.setdefault(student_id, []).append(code)
    roster = {
        row["pk"]: row
        for row in Student.objects.filter(school_id__in=schools, pk__in=students).values(
            "pk", *OF_ROSTER
        )
    }
    found = {}
    for one in wanted:
        survey = surveys.get(one.pk)
        found[one.pk] = {
            **_of_survey(survey),
            **_of_members(members.get(survey.pk, []) if survey else None),
            **_of_roster(roster[one.student_id]),
            "groups": groups.get(one.student_id, []),
        }
    return found


def _of_survey(survey: HouseholdSurvey | None) -> dict[str, Any]:
    if survey is None:
        # Whom nobody asked has said neither yes nor no.
        return dict.fromkeys((*TOLD, *OF_INCOME), UNKNOWN)
    return {name: _said(getattr(survey, name)) for name in TOLD} | {
        "family_size": survey.family_size,
        "annual_income_yuan": survey.annual_income_fen // 100,
        "income_per_head_yuan": survey.income_per_head_fen // 100,
    }


def _said(value: Any) -> Any:
    # Surveys written before such words were emptied still say 无 where nothing happened.
    return stated(value) if isinstance(value, str) else value


def _of_members(members: Sequence[HouseholdMember] | None) -> dict[str, Any]:
    if members is None:
        return dict.fromkeys(OF_MEMBERS, UNKNOWN)
    parents = {m.relation: m for m in reversed(members) if m.relation in (FATHER, MOTHER)}
    father, mother = parents.get(FATHER), parents.get(MOTHER)
    return {
        # Whoever listed nobody has not said that nobody earns.
        "earners": sum(m.annual_income_fen > 0 for m in members) if members else UNKNOWN,
        "unwell": sum(m.health in HEALTH[1:] for m in members) if members else UNKNOWN,
        "elders": sum(m.age >= ELDER for m in members) if members else UNKNOWN,
        "father_work": _work(father),
        "mother_work": _work(mother),
        "father_health": [father.health] if father and father.health else [],
        "mother_health": [mother.health] if mother and mother.health else [],
    }


def _work(member: HouseholdMember | None) -> str:
    return f"{member.occupation} {member.work}".strip() if member else ""


def _known(value: bool | None) -> bool | int:
    return UNKNOWN if value is None else value


def _of_roster(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "household": [row["household"]] if row["household"] else UNKNOWN,
        "boarding": [row["boarding"]],
        "left_behind": _known(row["left_behind"]),
        "migrant": _known(row["migrant"]),
    }
