"""The year before at a school that knew the system already: what this year's families renew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from aidadmin.demo import files, walk
from aidadmin.demo.days import on, term
from aidadmin.demo.district import DemoDistrict, DemoSchool, open_class
from aidadmin.demo.people import Invention, Pupil
from aidadmin.demo.rolls import REGIONS, ClassPlan, Roll, classes_of
from applications import actions as applications
from applications.models import Round
from students import actions as students
from students.models import SchoolClass, Student

YEAR, TERM = 2025, "2025-1"
# The last grade of that year has left; nobody of it is on this year's roster.
FIRST_GRADE = 1


def begin(district: DemoDistrict) -> None:
    """The year before, at the schools that were there; to be walked before this year begins."""
    for demo in district.schools:
        if demo.plan.renews:
            live(demo)


def live(demo: DemoSchool) -> None:
    """2025—2026: roster, applications, appraisal, decision and notice; then the classes rise."""
    before = _before(demo)
    with on(date(YEAR, 9, 1), before):
        for planned in _classes(demo):
            open_class(before, planned)
        staged = students.stage_roster(
            school=before.school,
            content=files.roster(before.roll, YEAR),
            filename="名册.xlsx",
            by=before.operator,
        )
        students.apply_roster(staged=staged, by=before.operator)
        round_ = applications.open_recognition_round(
            school=before.school, term=term(TERM), by=before.operator
        )
    _recognise(before, round_)
    _rise(demo)


def _recognise(before: DemoSchool, round_: Round) -> None:
    listed = {p.id_number for p in before.pupils if p.groups}
    with on(date(YEAR, 9, 4), before):
        for student in Student.objects.present().select_related("school_class").order_by("pk"):
            chance = before.invention.chance.random()
            if student.id_number.reveal() in listed or chance < before.plan.difficult:
                walk.apply_one(before, round_, student, walk.survey(before))
    walk.appraise(before, round_, date(YEAR, 9, 10))
    walk.decide(before, round_, date(YEAR, 9, 15), date(YEAR, 9, 17))
    notice = walk.publish(before, round_, date(YEAR, 9, 18))
    walk.confirm_notice(before, notice, date(YEAR, 9, 26))
    with on(date(YEAR, 9, 26), before):
        applications.close_round(round_=round_, by=before.operator)


def _before(demo: DemoSchool) -> DemoSchool:
    """The school as it was: the same people a grade lower, with accidents of its own."""
    names = {new.name: old for new, old in zip(_risen(demo), _classes(demo), strict=True)}
    roll = Roll(demo.plan, Invention(f"{demo.plan.key}-{YEAR}", REGIONS[demo.plan.district]))
    roll.pupils = list(_pupils(demo, names))
    teachers = {old.name: demo.teachers[new] for new, old in names.items()}
    return DemoSchool(demo.plan, roll, demo.school, demo.staff, teachers)


def _pupils(demo: DemoSchool, names: dict[str, ClassPlan]) -> Iterator[Pupil]:
    for pupil in demo.pupils:
        if old := names.get(pupil.class_name):
            yield replace(pupil, grade_name=old.grade_name, class_name=old.name)


def _risen(demo: DemoSchool) -> list[ClassPlan]:
    """This year's classes that were there a year ago."""
    return [c for c in classes_of(demo.plan) if c.grade > FIRST_GRADE]


def _classes(demo: DemoSchool) -> list[ClassPlan]:
    """Last year's classes, in the order of what they have become."""
    there = {(c.grade, c.number): c for c in classes_of(demo.plan)}
    return [there[c.grade - 1, c.number] for c in _risen(demo)]


def _rise(demo: DemoSchool) -> None:
    """31 August: the classes rise, and this year's beginners get theirs."""
    with on(date(YEAR + 1, 8, 31), demo):
        students.roll_over(
            school=demo.school,
            year=YEAR + 1,
            left_on=date(YEAR + 1, 7, 10),
            names={},
            by=demo.operator,
        )
        for planned in classes_of(demo.plan):
            if planned.grade == FIRST_GRADE:
                open_class(demo, planned)
        demo.classes[:] = SchoolClass.objects.order_by("grade", "number")
