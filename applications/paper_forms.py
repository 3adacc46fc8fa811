"""《家庭经济困难学生认定申请表》 (`domain.md` §C.5) on paper: blank, or as it was filled in."""

from collections.abc import Collection, Mapping
from typing import Any

from applications.actions.reading import Household
from applications.models import Application, Round
from office.documents.typeset import Value, pdf
from schools import clock
from schools.models import School
from students.models import SpecialGroup

INCOMES = ("家庭人均年收入（元）", "家庭年收入（元）", "主要收入来源")
# Empty lines of a blank form, so that a hand has room.
MEMBER_LINES = 6
FACTS = (
    ("natural_disaster", "家庭遭受自然灾害情况"),
    ("sudden_accident", "家庭遭受突发意外事件情况"),
    ("weak_labour", "家庭成员因残疾、年迈而劳动能力弱"),
    ("unemployment", "家庭成员失业情况"),
    ("debt", "家庭欠债情况"),
    ("other", "其他情况"),
)
NO_MEMBER: list[Value] = [""] * 7


def recognition_forms(
    school: School, round_: Round, forms: list[Value], *, roomy: bool = False
) -> bytes:
    """The forms, one page each, as PDF; a character no font has leaves a gap for the pen.

    `roomy` rows are high enough to be written in by hand.
    """
    values: dict[str, Value] = {
        "school": school.name,
        "year": round_.term.year_label,
        "forms": forms,
        "roomy": roomy,
    }
    return pdf("recognition_form", values, moment=clock.now(), allow_missing=True)


def blank_form() -> Value:
    """A form for the pen."""
    return {
        **dict.fromkeys(
            (
                *("school_class", "number", "name", "sex", "birth", "id_number", "ethnicity"),
                *("family_size", "students_in_family", "household", "address", "phone"),
                *("reason", "signed", "major", "own_phone", "native_place", "postcode"),
                *("grade", "panel", "verdict", "posted"),
            ),
            "",
        ),
        "signed_on": "年　　月　　日",
        "signature": [],
        "members": [NO_MEMBER] * MEMBER_LINES,
        "groups": _groups(None),
        "incomes": [[label, ""] for label in INCOMES],
        "facts": [[label, ""] for _, label in FACTS],
    }


def filled_form(
    application: Application, household: Household, above: Mapping[str, Any] | None = None
) -> Value:
    """The form of one application whose household was read with a reason.

    `above`: what `told_above` knows of the student.
    """
    student, survey = application.student, household.survey
    members: list[Value] = [
        [m.name, str(m.age), m.relation, m.work, m.occupation, _yuan(m.annual_income_fen), m.health]
        for m in household.members
    ]
    incomes = (
        _yuan(survey.income_per_head_fen),
        _yuan(survey.annual_income_fen),
        survey.income_source,
    )
    return {
        "school_class": student.school_class.name,
        "number": application.number,
        "name": student.name,
        "sex": student.get_sex_display(),
        "birth": f"{student.birth_date:%Y年}{student.birth_date.month}月",
        "id_number": household.id_number,
        "ethnicity": student.ethnicity,
        "family_size": f"{survey.family_size}人",
        "students_in_family": f"{survey.students_in_family}人",
        "household": student.get_household_display(),
        "address": household.address,
        "major": student.school_class.major,
        "own_phone": student.phone.reveal() if student.phone else "",
        "native_place": student.native_place,
        "postcode": student.postcode,
        **{key: (above or {}).get(key, "") for key in ("grade", "panel", "verdict", "posted")},
        "phone": household.phone,
        "members": members or [NO_MEMBER],
        "groups": _groups(survey.claims),
        "incomes": [list(pair) for pair in zip(INCOMES, incomes, strict=True)],
        "facts": [[label, getattr(survey, name) or "无"] for name, label in FACTS],
        "reason": application.reason,
        "signed": application.committed_by,
        "signed_on": application.committed_on or "年　　月　　日",
        # As numbers, since the template takes JSON.
        "signature": list(household.signature),
    }


def _groups(claims: Collection[str] | None) -> Value:
    """The groups with 是 or 否 ticked; None leaves both to the pen."""
    return [
        {
            "name": name,
            "ticked": claims is not None and code in claims,
            "denied": claims is not None and code not in claims,
        }
        for code, name in SpecialGroup.objects.order_by("pk").values_list("code", "name")
    ]


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}".removesuffix(".00")
