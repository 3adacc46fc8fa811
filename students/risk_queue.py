"""Risks of the roster: double enrolment, unusual ages, shared telephones, heads that don't match.

Each question is one query however many schools and students are asked about.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from office.risks import Risk, RiskKind, digest
from schools import clock
from schools.models import Organisation, School
from schools.official import current_term
from students.models import HeadCount, RiskAnswer, SchoolClass, Student
from students.rules.ages import Limits, outside, school_year_start, years_before
from students.rules.limits import ages_of
from students.rules.risks import strangers

TWICE = RiskKind(
    "twice",
    "双学籍",
    "核对身份证号；已转走的登记“转出”，刚转来的请原学校登记“转出”，说不清的请资助中心协调",
)
AGE = RiskKind("age", "年龄与学段不符", "核对出生日期和身份证号，确认本人在校就读")
PHONE = RiskKind(
    "phone", "不同家庭共用电话", "向家长核实电话，写错的在名册中更正；确是一家的，写明怎样核实"
)
HEADS = RiskKind(
    "heads", "实到人数与名册不符", "逐一核对不在的学生，离校的登记学籍异动，再清点一次"
)
KINDS = (TWICE, AGE, PHONE, HEADS)
NAMED = 3
# More brothers and sisters hardly any school has: one name for all may be a placeholder's.
MOST_OF_ONE = 5

# First, roughly, which telephones stand with two students: of half a million few do. Whose they are
# and whether both are still here is asked of those alone.
PHONES = """
WITH shared AS MATERIALIZED (
  SELECT school_id, phone_blind FROM (
    SELECT school_id, id AS student_id, phone_blind FROM students_student
     WHERE school_id = ANY(%(schools)s) AND phone_blind IS NOT NULL
    UNION ALL
    SELECT school_id, student_id, phone_blind FROM students_guardian
     WHERE school_id = ANY(%(schools)s) AND phone_blind IS NOT NULL) AS any_one
   GROUP BY school_id, phone_blind HAVING min(student_id) <> max(student_id)),
told AS (
  SELECT school_id, id AS student_id, phone_blind
    FROM shared JOIN students_student USING (school_id, phone_blind)
  UNION
  SELECT school_id, student_id, phone_blind
    FROM shared JOIN students_guardian USING (school_id, phone_blind)),
here AS (
  SELECT told.*, student.name, student.pinyin, class.name AS class_name,
         count(*) OVER (PARTITION BY told.school_id, told.phone_blind) AS students
    FROM told
    JOIN students_student AS student
      ON student.school_id = told.school_id AND student.id = told.student_id
     AND student.status <> 'left'
    JOIN students_schoolclass AS class
      ON class.school_id = student.school_id AND class.id = student.school_class_id)
SELECT school_id, phone_blind, student_id, name, class_name,
       ARRAY(SELECT g.name_key FROM students_guardian AS g
              WHERE g.school_id = here.school_id AND g.student_id = here.student_id)
  FROM here WHERE students > 1
 ORDER BY school_id, phone_blind, pinyin, student_id
"""
# A school is told that there is another enrolment; where, only whoever reaches both.
WITHIN = """
SELECT mine.school_id, mine.id, mine.status, mine.id_blind
  FROM students_student AS mine
 WHERE mine.status <> 'left' AND mine.id_blind IN (
   SELECT id_blind FROM students_student WHERE status <> 'left'
    GROUP BY id_blind HAVING count(DISTINCT school_id) > 1)
 ORDER BY mine.id_blind, mine.school_id, mine.id
"""


def risks_of(school: School) -> list[Risk]:
    """What looks wrong on a school's roster; ages by the limits that hold for it."""
    return [*_elsewhere(school), *_inside([school.pk], ages_of(school).holding())]


def allowed_ages(school: School) -> list[Risk]:
    """Ages that the school's limits allow and a bureau above asks about all the same."""
    ages = ages_of(school)
    here, above = ages.holding(), ages.asked_above()
    if here == above:
        return []
    today = clock.today()
    asked = {risk.key for risk in _ages([school.pk], today, here)}
    return [risk for risk in _ages([school.pk], today, above) if risk.key not in asked]


def shared_between(bureau: Organisation, schools: Collection[int]) -> list[Risk]:
    """Unusual ages, shared telephones and head-counts of these schools, each school by itself.

    As the bureau asks: ages by the limits that hold for itself, whatever those below have set.
    """
    return _inside(schools, ages_of(bureau).holding())


def _inside(schools: Collection[int], limits: Limits) -> list[Risk]:
    today = clock.today()
    return [*_ages(schools, today, limits), *_phones(schools), *_heads(schools)]


def across() -> list[list[Risk]]:
    """双学籍 between the schools that the acting bureau reaches: one person's enrolments each."""
    with connection.cursor() as cursor:
        cursor.execute(WITHIN)
        rows = cursor.fetchall()
    return [
        [_twice(*row) for row in enrolments] for _, enrolments in groupby(rows, key=itemgetter(3))
    ]


def _elsewhere(school: School) -> Iterator[Risk]:
    here = Student.objects.for_school(school).exclude(status=Student.Status.LEFT)
    rows = list(here.order_by("pinyin", "pk").values_list("pk", "status", "id_blind"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_enrolled_elsewhere(%s, %s::bytea[])",
            [school.pk, [bytes(blind) for _, _, blind in rows]],
        )
        found = {bytes(row[0]) for row in cursor.fetchall()}
    for student, status, blind in rows:
        if bytes(blind) in found:
            yield _twice(school.pk, student, status, blind)


def _twice(school_id: int, student_id: int, status: str, blind: Any) -> Risk:
    return Risk(
        TWICE,
        school_id,
        "另一所学校的名册上也有同一身份证号",
        digest(["twice", status, bytes(blind).hex()]),
        _page(student_id),
        student_id=student_id,
    )


def _page(student_id: int) -> str:
    return reverse("students:student", kwargs={"student_id": student_id})


def _ages(schools: Collection[int], today: date, limits: Limits) -> Iterator[Risk]:
    autumn = school_year_start(today)
    unusual = Q()
    for stage, ages in limits.items():
        unusual |= Q(school_class__stage=stage) & _beyond(ages, autumn)
    rows = Student.objects.filter(unusual, school_id__in=schools, status=Student.Status.ENROLLED)
    for row in rows.select_related("school_class").order_by("school_id", "pinyin", "pk"):
        age, stage = row.age_on(autumn), row.school_class.stage
        label = row.school_class.get_stage_display()
        yield Risk(
            AGE,
            row.school_id,
            f"{outside(stage, age, limits)}：{autumn.year}年9月1日满{age}岁，在{label}就读",
            digest(["age", stage, row.birth_date]),
            _page(row.pk),
            student_id=row.pk,
        )


def _beyond(ages: tuple[int, int], autumn: date) -> Q:
    least, most = ages
    too_old = Q(birth_date__lte=years_before(autumn, most + 1))
    return too_old | Q(birth_date__gt=years_before(autumn, least))


@dataclass(slots=True)
class _Told:
    student: int
    name: str
    school_class: str
    guardians: frozenset[str]


def _phones(schools: Collection[int]) -> Iterator[Risk]:
    with connection.cursor() as cursor:
        cursor.execute(PHONES, {"schools": list(schools)})
        rows = cursor.fetchall()
    groups: dict[tuple[int, bytes], list[_Told]] = defaultdict(list)
    for school, blind, student, name, school_class, guardians in rows:
        groups[school, bytes(blind)].append(
            _Told(student, name, school_class, frozenset(guardians))
        )
    for (school, blind), told in groups.items():
        yield from _strangers(school, blind, told)


def _strangers(school: int, blind: bytes, told: list[_Told]) -> Iterator[Risk]:
    """A risk for each who shares the telephone with another family, or with a crowd.

    The digest is of all holders either way, so that an answer goes on holding.
    """
    facts = digest(["phone", blind.hex(), *sorted(t.student for t in told)])
    others = strangers([t.guardians for t in told], NAMED)
    for one, (first, count) in zip(told, others, strict=True):
        whose = "监护人不同"
        if not count:
            if len(told) <= MOST_OF_ONE:
                continue
            first, count = [at for at in range(NAMED + 1) if told[at] is not one], len(told) - 1
            whose = f"监护人同名，共{len(told)}人"
        names = "、".join(f"{told[at].school_class}{told[at].name}" for at in first[:NAMED])
        more = f"等{count}人" if count > NAMED else ""
        yield Risk(
            PHONE,
            school,
            f"与{names}{more}留的是同一个电话，{whose}",
            facts,
            _page(one.student),
            student_id=one.student,
        )


def latest_counts(schools: Collection[int]) -> QuerySet[HeadCount]:
    """The last head-count of each class that there is."""
    newest = HeadCount.objects.filter(
        school_id=OuterRef("school_id"), school_class_id=OuterRef("pk")
    ).order_by("-on", "-pk")
    classes = SchoolClass.objects.filter(school_id__in=schools, closed_on=None)
    last = classes.annotate(last=Subquery(newest.values("pk")[:1])).exclude(last=None)
    rows: QuerySet[HeadCount] = HeadCount.objects.filter(
        school_id__in=schools, pk__in=last.values("last")
    )
    return rows


def _heads(schools: Collection[int]) -> Iterator[Risk]:
    term = current_term()
    counts = latest_counts(schools)
    # What was counted in another term says nothing about the roster of this one.
    if term is not None:
        counts = counts.filter(on__gte=term.starts_on)
    for row in counts.order_by("school_id", "school_class_id"):
        there = row.present + row.excused
        if there == row.rostered:
            continue
        gap = (
            f"少{row.rostered - there}人" if there < row.rostered else f"多{there - row.rostered}人"
        )
        leave = f"，请假{row.excused}人" if row.excused else ""
        yield Risk(
            HEADS,
            row.school_id,
            f"{row.on:%Y年%-m月%-d日}清点：名册在校{row.rostered}人，实到{row.present}人{leave}，{gap}",
            digest(["heads", row.pk]),
            reverse("students:class", kwargs={"class_id": row.school_class_id}),
            class_id=row.school_class_id,
        )


def answers_of(schools: Collection[int]) -> list[RiskAnswer]:
    """What was said about risks and still holds."""
    rows = RiskAnswer.objects.filter(school_id__in=schools, reopened_at=None)
    return list(rows.select_related("answered_by").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Heads:
    """A class in numbers: on the roster in school, counted last, on which day."""

    school_class: SchoolClass
    rostered: int
    count: HeadCount | None


def heads_of(school: School) -> list[Heads]:
    """名册与清点 of every class of a school, in two queries."""
    classes = SchoolClass.objects.for_school(school).annotate(
        rostered=Count("students", filter=Q(students__status=Student.Status.ENROLLED))
    )
    classes = classes.order_by("stage", "grade", "number", "pk")
    counts = {row.school_class_id: row for row in latest_counts([school.pk])}
    return [Heads(row, row.rostered, counts.get(row.pk)) for row in classes]


@dataclass(frozen=True, slots=True)
class SharedGuardian:
    """A guardian, by his identity number, of students of several schools."""

    names: tuple[str, ...]
    students: tuple[tuple[str, str, str], ...]


def guardians_of_two() -> list[SharedGuardian]:
    """Guardians with children in two or more schools that the acting bureau reaches.

    Brothers and sisters are no risk by themselves; their families' aid is looked at together.
    """
    with connection.cursor() as cursor:
        cursor.execute(GUARDIANS)
        rows: Iterable[Any] = cursor.fetchall()
    groups: dict[bytes, list[Any]] = defaultdict(list)
    for blind, *rest in rows:
        groups[bytes(blind)].append(rest)
    return [
        SharedGuardian(
            tuple(sorted({guardian for guardian, *_ in told})),
            tuple((school, school_class, name) for _, school, school_class, name in told),
        )
        for told in groups.values()
    ]


GUARDIANS = """
WITH told AS (
  SELECT g.id_blind, g.name, g.school_id, s.name AS student, s.school_class_id
    FROM students_guardian AS g
    JOIN students_student AS s ON s.school_id = g.school_id AND s.id = g.student_id
   WHERE g.id_blind IS NOT NULL AND s.status <> 'left')
SELECT told.id_blind, told.name, school.name, class.name, told.student
  FROM told
  JOIN schools_organisation AS school ON school.id = told.school_id
  JOIN students_schoolclass AS class
    ON class.school_id = told.school_id AND class.id = told.school_class_id
 WHERE told.id_blind IN (
   SELECT id_blind FROM told GROUP BY id_blind HAVING count(DISTINCT school_id) > 1)
 ORDER BY told.id_blind, school.name, told.student
 LIMIT 2000
"""
