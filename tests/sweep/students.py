"""One class, student, import and department's list of a school."""

from datetime import date
from typing import Any

from privacy.identity import make_id
from schools import clock
from schools.models import School, Stage
from schools.roles import Role
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    check_name,
    propose_correction,
    propose_transfer,
    sign_transfer,
    stage_roster,
    upload_list,
)
from students.models import (
    EnrolmentChange,
    Guardian,
    IdentityCorrection,
    MatchCandidate,
    NameCheck,
    NameDifference,
    SpecialGroup,
    Transfer,
)
from students.rules.corrections import Identity
from tests.cast import Staffed
from tests.students.rosters import number, roster
from tests.students.test_actions_lists import list_file


def objects(staffed: Staffed) -> dict[str, Any]:
    """Ids by URL parameter; the list is that of the bureau in whose territory the school lies."""
    school = staffed.school
    staged = stage_roster(
        school=school, content=roster(2), filename="名册.xlsx", by=staffed.operator
    )
    bureau = school.territory
    with acting_for(bureau):
        by = bureau.appointments.get(role=Role.BUREAU_OPERATOR)
        listed = upload_list(
            bureau=bureau,
            group=SpecialGroup.objects.get(code="orphan"),
            content=list_file([("甲示", number(0))]),
            filename="孤儿.xlsx",
            issued_on=date(2026, 8, 1),
            valid_from=date(2026, 8, 1),
            valid_to=None,
            by=by,
        )
    return {
        "change_id": _change(staffed).pk,
        "correction_id": _correction(staffed).pk,
        "candidate_id": _question(staffed).pk,
        "check_id": _checked(staffed).pk,
        "difference_id": _difference(staffed, 0).pk,
        "guardian_id": _guardian(staffed).pk,
        "class_id": staffed.school_class.pk,
        "student_id": staffed.students[0].pk,
        "import_id": staged.pk,
        "list_id": listed.pk,
        "transfer_id": _transfer(staffed).pk,
    }


def _question(staffed: Staffed) -> MatchCandidate:
    """Whether someone on a list is the school's first student."""
    student = staffed.students[0]
    return MatchCandidate.objects.create(
        school=staffed.school,
        student=student,
        group=SpecialGroup.objects.get(code="orphan"),
        source="民政名单",
        source_list_id=1,
        strength="name_birth",
        listed_blind=b"listed",
        valid_from=date(2026, 8, 1),
        found_at=clock.now(),
    )


def _difference(staffed: Staffed, n: int) -> NameDifference:
    """A list writes the name of a student otherwise."""
    student = staffed.students[n]
    return NameDifference.objects.create(
        school=staffed.school,
        student=student,
        group=SpecialGroup.objects.get(code="orphan"),
        source="民政名单",
        source_list_id=1,
        issued_on=date(2026, 8, 1),
        rostered=student.name_key,
        differs="第2个字不同",
        written=b"written",
    )


def _checked(staffed: Staffed) -> NameCheck:
    """The second student's, which somebody checked."""
    return check_name(difference=_difference(staffed, 1), note="", by=staffed.operator)


def _correction(staffed: Staffed) -> IdentityCorrection:
    """The first student's number, asked to be put right."""
    birth = date(2010, 1, 1)
    told = Identity("张示远", "resident", make_id("990188", birth, 101), "", "m", birth)
    return propose_correction(
        student=staffed.students[0], told=told, reason="户口簿", by=staffed.operator
    )


def _change(staffed: Staffed) -> EnrolmentChange:
    """The second student's, so that the first is in school."""
    return change_enrolment(
        student=staffed.students[1], kind="suspend", on=clock.today(), reason="因病",
        by=staffed.operator,
    )  # fmt: skip


def _guardian(staffed: Staffed) -> Guardian:
    """The first student's mother."""
    return Guardian.objects.create(
        school=staffed.school, student=staffed.students[0], name="甲示例", relation="母亲"
    )


def _transfer(staffed: Staffed) -> Transfer:
    """The third student's, on the way to another school."""
    others = School.objects.exclude(pk=staffed.school.pk).filter(stage=Stage.SENIOR)
    made = propose_transfer(
        student=staffed.students[2], to_school=others[0], on=clock.today(), reason="迁居",
        by=staffed.operator,
    )  # fmt: skip
    return sign_transfer(transfer=made, by=staffed.reviewer)
