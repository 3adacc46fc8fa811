"""升班: every class rises by a grade, the last one graduates; once a year."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction

from audit.events import Entry, record_many
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, School
from students.graduation import graduation_period, leavers, planned
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.rules.rollover import Rise, why_not_graduate, why_not_roll


@transaction.atomic
def roll_over(
    *, school: School, year: int, left_on: date, names: Mapping[int, str], by: Appointment
) -> YearRollover:
    """Let all classes rise into `year`; `names` are new names by class, where they differ.

    Students of the last grade who are in school graduate on `left_on`; those who are 休学 stay,
    and take a new class when they come back. Raises `Refused` out of season, for the second time
    in a year, for names that collide, for a day on which the year's last grade can't have
    graduated, or one of its students can't.
    """
    lock_school(school)
    rises, season, done = planned(school)
    rises = [replace(r, name=names.get(r.school_class.pk, r.name).strip()) for r in rises]
    reasons = why_not_roll(
        rises=rises, season=season, done=done is not None, left_on=left_on, today=clock.today()
    )
    if season:
        reasons += why_not_graduate(
            going=leavers(rises),
            period=graduation_period(season.year),
            left_on=left_on,
            today=clock.today(),
        )
    if season and season.year != year:
        reasons.append(Reason("学年已经变了", "请刷新页面，重新核对"))
    refuse_if(reasons)
    made = _mark(school, year, left_on, rises, by)
    for rise in rises:
        if rise.graduates:
            _graduate(rise, made)
    _rise([r for r in rises if not r.graduates])
    record_many(by=by, entries=[_entry(r, made) for r in rises], at=clock.now())
    return made


def lock_school(school: School) -> None:
    """Nobody else changes a class of the school, or whoever is in it, until this is done."""
    # Everybody's rows in one order: an import or a change of enrolment waits, or goes before.
    classes = SchoolClass.objects.for_school(school).order_by("pk")
    list(classes.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    students = Student.objects.for_school(school).present().order_by("pk")
    list(students.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _mark(
    school: School, year: int, left_on: date, rises: list[Rise], by: Appointment
) -> YearRollover:
    try:
        with transaction.atomic():
            made: YearRollover = YearRollover.objects.create(
                school=school,
                year=year,
                left_on=left_on,
                classes=sum(1 for r in rises if not r.graduates),
                graduated=sum(r.present for r in rises if r.graduates),
                before=[
                    [r.school_class.pk, r.school_class.grade, r.school_class.name, r.name]
                    for r in rises
                ],
                done_by=by.person,
                done_at=clock.now(),
            )
    except IntegrityError as error:
        if "rolled_over_once" not in str(error):
            raise
        raise Refused([Reason("本学年已经升过班", "请刷新页面查看")]) from None
    return made


def _graduate(rise: Rise, made: YearRollover) -> None:
    """The present students leave and the class is closed, in three statements.

    The changes bear the moment of the rollover: by it they are found again.
    """
    row, left_on = rise.school_class, made.left_on
    going = Student.objects.present().filter(school_id=row.school_id, school_class=row)
    students = list(going.order_by("pk").values_list("pk", flat=True))
    EnrolmentChange.objects.bulk_create(
        [
            EnrolmentChange(
                school_id=row.school_id,
                student_id=pk,
                kind=EnrolmentChange.Kind.GRADUATE,
                on=left_on,
                reason=f"{row.name}毕业",
                recorded_by_id=made.done_by_id,
                recorded_at=made.done_at,
            )
            for pk in students
        ]
    )
    Student.objects.filter(school_id=row.school_id, pk__in=students).update(
        status=Student.Status.LEFT, left_on=left_on
    )
    row.closed_on = left_on
    row.save(update_fields=["closed_on"])


def _rise(rises: list[Rise]) -> None:
    # The highest first: the place and the name above are free by then.
    for rise in rises:
        rise.school_class.grade += 1
        rise.school_class.name = rise.name
        try:
            with transaction.atomic():
                rise.school_class.save(update_fields=["grade", "name"])
        except IntegrityError as error:
            if "class_name_once" not in str(error):
                raise
            raise Refused([Reason(f"另有班级叫“{rise.name}”", "请换一个名称")]) from None


def _entry(rise: Rise, made: YearRollover) -> Entry:
    if rise.graduates:
        facts = {"year": made.year, "graduated": rise.present, "left_on": str(made.left_on)}
        return Entry("class.graduate", "毕业", rise.school_class, facts=facts)
    facts = {"year": made.year, "grade": rise.school_class.grade, "name": rise.name}
    return Entry("class.rise", "升班", rise.school_class, facts=facts)
