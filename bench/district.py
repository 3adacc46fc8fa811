"""The 排查 of a district in numbers: every school's verified and unaided students at once.

`BENCH_DISTRICT` sets how many students its 200 schools have together.
"""

import os
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bench import ground
from schools import actions, clock
from schools.models import Appointment, Bureau, Organisation, School, Stage, Term
from schools.official import current_term
from schools.roles import Role
from schools.scope import acting_for
from screening.models import Screening, ScreeningRow
from screening.views.bureau import lines_of
from students.models import SchoolClass, Student
from tests.cast import appoint

STUDENTS = int(os.environ.get("BENCH_DISTRICT", "500000"))
SCHOOLS = 200
TABLES = ("screening_screeningrow",)
DAY = date(2026, 11, 20)
# Of a hundred students in the order of their keys: so many were looked at, so many found unaided.
VERIFIED, UNAIDED = 70, 2
PEOPLE = """
INSERT INTO students_student (school_id, school_class_id, name, name_key, pinyin, initials, sex,
  birth_date, id_blind, status{more})
SELECT %(school)s, %(its_class)s, '学示' || n, '学示' || n, 'xueshi', 'xs', 'm', date '2010-05-06',
  sha256(convert_to(%(school)s || '-' || n, 'UTF8')),
  CASE WHEN n %% 100 = 0 THEN 'suspended' ELSE 'enrolled' END{values}
  FROM generate_series(1, %(students)s) AS n
"""
ROWS = """
INSERT INTO screening_screeningrow (school_id, screening_id, student_id, school_class_id, result,
  checked_by_id, checked_at, reason, measure, measure_due_on)
SELECT s.school_id, %(screening)s, s.id, s.school_class_id, found.result,
  CASE WHEN found.result <> '' THEN %(by)s END, CASE WHEN found.result <> '' THEN now() END,
  found.words, found.words, CASE WHEN found.words <> '' THEN date '2026-12-31' END
  FROM students_student AS s,
  LATERAL (SELECT CASE WHEN s.id %% 100 < %(unaided)s THEN 'unaided'
                       WHEN s.id %% 100 < %(verified)s THEN 'not_difficult' ELSE '' END AS result,
                  CASE WHEN s.id %% 100 < %(unaided)s THEN '名单新增' ELSE '' END AS words) AS found
 WHERE s.school_id = %(school)s
"""
COVERING = """
CREATE INDEX IF NOT EXISTS bench_covering
  ON screening_screeningrow (school_id, screening_id, result)
"""
# Everything that the wall lets through, by the index alone: nobody is asked whether he is here.
LEAST = """
SELECT school_id, count(*), count(*) FILTER (WHERE result <> ''),
       count(*) FILTER (WHERE result = 'unaided')
  FROM screening_screeningrow WHERE screening_id = ANY(%s) GROUP BY school_id
"""


@dataclass(frozen=True)
class World:
    """A district, its schools and their screenings of one term."""

    bureau: Bureau
    schools: list[School]
    term: Term
    screenings: list[int]


@lru_cache(maxsize=1)
def world() -> World:
    """Made once; every school's 排查 is open."""
    ground.made()
    with clock.at(clock.office_opens(DAY)):
        term = current_term()
    if term is None:
        raise AssertionError(DAY)
    bureau = Bureau.objects.filter(code="9905").first() or _founded(term)
    schools = list(School.objects.filter(territory=bureau).order_by("code"))
    with acting_for(bureau):
        screenings = list(Screening.objects.values_list("pk", flat=True))
    return World(bureau, schools, term, screenings)


def _founded(term: Term) -> Bureau:
    bureau = actions.found_bureau(
        code="9905", name="中区教育局", kind=Organisation.Kind.DISTRICT, region_code="990105"
    )
    with acting_for(bureau):
        by = appoint("区经办", bureau, Role.BUREAU_OPERATOR, "district")
    for n in range(SCHOOLS):
        _school(bureau, term, by, n)
    with ground.owner(keep=True) as cursor:
        cursor.execute(COVERING)
    ground.swept("students_student", *TABLES)
    return bureau


def _school(bureau: Bureau, term: Term, by: Appointment, n: int) -> None:
    school = actions.found_school(
        code=f"34995{n:05d}",
        name=f"示范第{n}中学",
        stage=Stage.SENIOR,
        superior=bureau,
        territory=bureau,
    )
    with acting_for(school):
        its_class = SchoolClass.objects.create(
            school=school, stage=Stage.SENIOR, grade=1, number=1, name="高一（1）班"
        )
        screening = Screening.objects.create(
            school=school,
            term=term,
            due_on=date(2026, 12, 15),
            opened_by=by.person,
            opened_at=clock.now(),
        )
    more, values = ground.required(Student, PEOPLE[: PEOPLE.index("SELECT")])
    with ground.owner(keep=True) as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school.pk)])
        facts = {"school": school.pk, "its_class": its_class.pk, "students": STUDENTS // SCHOOLS}
        cursor.execute(PEOPLE.format(more=more, values=values), facts)
        facts |= {"screening": screening.pk, "by": by.person_id}
        cursor.execute(ROWS, facts | {"unaided": UNAIDED, "verified": VERIFIED})


def ours() -> None:
    """What the bureau's page counts: students who are here, verified, found unaided."""
    its = world()
    with acting_for(its.bureau), clock.at(clock.office_opens(DAY)):
        found = lines_of(its.schools, its.term)
    _told(sum(line.total for line in found), STUDENTS - STUDENTS // 100)


def school_by_school() -> None:
    """Three counts for each school."""
    its, total = world(), 0
    with acting_for(its.bureau):
        for school in its.schools:
            rows = ScreeningRow.objects.filter(
                school=school, screening__term=its.term, student__status=Student.Status.ENROLLED
            )
            total += rows.count()
            rows.exclude(result="").count()
            rows.filter(result=ScreeningRow.Result.UNAIDED).count()
    _told(total, STUDENTS - STUDENTS // 100)


def least() -> None:
    """One statement on an index that holds all it needs."""
    its = world()
    with ground.owner(keep=False) as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(its.bureau.pk)])
        cursor.execute(LEAST, [its.screenings])
        _told(sum(row[1] for row in cursor.fetchall()), STUDENTS)


def _told(found: int, expected: int) -> None:
    if found != expected:
        raise AssertionError(found)
