"""Rounds and applications for the tests of the review, and the steps up to each stage."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from applications.models import Application, HouseholdSurvey, Programme, Round
from review import actions
from review.models import Case, Meeting, Notice
from schools import clock
from schools.models import Organisation, Person, Term
from students.models import SchoolClass, Student
from tests.cast import Cast, Staffed

_numbers = itertools.count(1)
MEETING_DAY = date(2026, 9, 1)
# Why a panel differs from the score.
WHY = "家访所见和评分不同"


def office_phones(cast: Cast) -> None:
    """Telephone numbers that a notice must carry, in the fictional area code."""
    for organisation, phone in (
        (cast.a.school, "0000-6601301"),
        (cast.b.school, "0000-6601302"),
        (cast.district, "0000-6600012"),
    ):
        Organisation.objects.filter(pk=organisation.pk).update(contact_phone=phone)
        organisation.contact_phone = phone
    for staffed in (cast.a, cast.b):
        for one in (staffed.operator, staffed.reviewer, staffed.leader):
            one.organisation.refresh_from_db()


def open_round(staffed: Staffed, term: Term, programme: Programme | None = None) -> Round:
    """A round whose window is open since the first day of term."""
    return Round.objects.create(
        school=staffed.school,
        kind="programme" if programme else "recognition",
        term=term,
        programme=programme,
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 8),
        opened_by=staffed.operator.person,
        opened_at=clock.now(),
    )


def hand_in(
    round_: Round, student: Student, by: Person, *, income_yuan: int = 20_000, **facts: object
) -> Application:
    """A submitted application with a survey of four people in the family."""
    application = Application.objects.create(
        school_id=round_.school_id,
        round=round_,
        student=student,
        number=f"2026-RD-{next(_numbers):05d}",
        status="submitted",
        channel="head_teacher",
        entered_by=by,
        entered_at=clock.now(),
        submit_by=by,
        submit_at=clock.now(),
    )
    if round_.is_recognition:
        HouseholdSurvey.objects.create(
            school_id=round_.school_id,
            application=application,
            family_size=4,
            annual_income_fen=income_yuan * 100,
            **facts,
        )
    return application


def taken_up(cast: Cast, staffed: Staffed | None = None) -> Round:
    """A recognition round with the three students' applications scored: hard, general, none."""
    staffed = staffed or cast.a
    round_ = open_round(staffed, cast.term)
    incomes = (12_000, 40_000, 200_000)
    for student, income in zip(staffed.students, incomes, strict=True):
        hand_in(round_, student, staffed.head_teacher.person, income_yuan=income)
    actions.take_up(round_=round_, by=staffed.operator)
    return round_


def appraise(
    round_: Round,
    staffed: Staffed,
    school_class: SchoolClass | None = None,
    votes: Sequence[dict[str, int]] = (),
    reason: str = WHY,
) -> None:
    """The class's panel of nine votes as advised, or as `votes` say case by case."""
    school_class = school_class or staffed.school_class
    appraisal = actions.hold_appraisal(
        round_=round_,
        school_class=school_class,
        held_on=date(2026, 9, 1),
        expected=9,
        present=9,
        by=staffed.head_teacher,
    )
    cases = Case.objects.filter(round=round_, school_class=school_class, status="open")
    for i, case in enumerate(cases.order_by("pk")):
        given = votes[i] if i < len(votes) else {str(case.advised_grade): 8}
        cast_votes: dict[str, Any] = {"special": 0, "hard": 0, "general": 0, "none": 0, **given}
        abstain = 9 - sum(cast_votes.values())
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=staffed.head_teacher,
            abstain=abstain,
            reason=reason,
            **cast_votes,
        )
    actions.finish_appraisal(appraisal=appraisal, by=staffed.head_teacher)


def proposed(cast: Cast, votes: Sequence[dict[str, int]] = ()) -> Round:
    """Appraised and proposed."""
    round_ = taken_up(cast)
    appraise(round_, cast.a, votes=votes)
    actions.propose(round_=round_, by=cast.operator)
    return round_


def convened(round_: Round, staffed: Staffed, *, attended: bool = True) -> Meeting:
    """A meeting of four, all there."""
    meeting = actions.convene(
        round_=round_,
        held_at=datetime(2026, 9, 1, 15, 0, tzinfo=clock.CHINA),
        place="二楼会议室",
        topic="家庭经济困难认定审定会",
        chair=staffed.leader.person,
        recorder=staffed.operator.person,
        members=[p.person for p in (staffed.operator, staffed.finance, staffed.committee)],
        by=staffed.operator,
    )
    if attended:
        present = set(meeting.attendances.values_list("person_id", flat=True))
        actions.take_attendance(meeting=meeting, present=present, recusals={}, by=staffed.operator)
    return meeting


def decided(cast: Cast, round_: Round | None = None, **changes: Any) -> Meeting:
    """Decided by four votes."""
    round_ = round_ or proposed(cast)
    return actions.decide(
        meeting=convened(round_, cast.a),
        votes_for=4,
        votes_against=0,
        votes_abstain=0,
        resolution="",
        by=cast.operator,
        **changes,
    )


def drafted(cast: Cast) -> Notice:
    """A draft notice of a confirmed meeting."""
    office_phones(cast)
    meeting = decided(cast)
    actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
    return actions.draft_notice(round_=meeting.round, by=cast.operator)


def published(cast: Cast) -> Notice:
    """A notice of 2026-09-01, shown until 2026-09-08."""
    return actions.publish(notice=drafted(cast), by=cast.reviewer)
