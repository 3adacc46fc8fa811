"""What the lower floors know about students in one term, asked set by set: never per student."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from schools import clock
from schools.models import Stage, Term
from screening.categories import Cell, Means, cells_of, primary
from students.models import SpecialGroupTag, Student, live_tag

# 烈士子女 are named by the question of 附件1 but have no cell of their own.
MARTYR_GROUP = "martyr_child"
COMPULSORY = frozenset({Stage.PRIMARY, Stage.JUNIOR})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One student's (or one like group's) circumstances this term.

    `granted` an award of the term stands; `paid` money of the term arrived; `owed` an award that is
    paid in money has not arrived yet; `top_tier` the state grant is at its highest tier; `hit` the
    family met a disaster or accident; `subsidised` 生活补助 of the term arrived.
    """

    means: Means
    stage: str = ""
    boarding: str = ""
    martyr: bool = False
    hit: bool = False
    granted: bool = False
    paid: bool = False
    owed: bool = False
    top_tier: bool = False
    subsidised: bool = False

    @property
    def cell(self) -> int | None:
        """The one category, or None when not counted as difficult."""
        return primary(self.means)

    @property
    def aided(self) -> bool:
        """Aid of this term was decided or has arrived.

        Money arrives late in a term (12-31), after the tables are due (12-15): who only waits for
        the bank is not 应助未助 but `waiting`.
        """
        return self.granted or self.paid

    @property
    def unaided(self) -> bool:
        """应助未助: counted as difficult, no award of the term, no money of the term (row 2-05)."""
        return self.cell is not None and not self.aided

    @property
    def waiting(self) -> bool:
        """有资助未到账: decided, but the money has not arrived; watched, not 应助未助."""
        return self.owed

    @property
    def covered_top(self) -> bool:
        """Counts for 覆盖学生数 of 附件1: a listed group, and the grant at its highest tier."""
        listed = cells_of(self.means) - {Cell.OTHER}
        return self.top_tier and bool(listed or self.martyr or self.hit)

    @property
    def covered_compulsory(self) -> bool:
        """Counts for 覆盖学生数 of 附件2: 义务教育, the four groups or boarders, 生活补助 paid."""
        if self.stage not in COMPULSORY or not self.subsidised or self.cell is None:
            return False
        four = self.cell in (1, 2, 3, 4)
        return four or self.boarding == Student.Boarding.BOARDER


# One row per present student; every join carries the school. Rules stay in Python: the query only
# says what is so, and `counted` groups students who are alike.
_EACH = """
WITH graded AS (
  SELECT DISTINCT ON (school_id, student_id) school_id, student_id, grade
  FROM review_recognition
  WHERE school_id = ANY(%(schools)s) AND year = %(year)s AND valid_from <= %(day)s
    AND (valid_to IS NULL OR valid_to >= %(day)s)
  ORDER BY school_id, student_id, valid_from DESC, id DESC
), tagged AS (
  SELECT t.school_id, t.student_id,
    bit_or(1 << (g.cell + CASE WHEN g.rural_only THEN 8 ELSE 0 END)) AS marks,
    bool_or(g.counts_ungraded) AS counts_ungraded,
    bool_or(g.code = %(martyr)s) AS martyr
  FROM students_specialgrouptag t JOIN students_specialgroup g ON g.id = t.group_id
  WHERE t.school_id = ANY(%(schools)s) AND t.valid_from <= %(day)s
    AND (t.valid_to IS NULL OR t.valid_to >= %(day)s)
  GROUP BY 1, 2
), received AS (
  SELECT l.school_id, l.award_id
  FROM disbursement_paymentline l
  JOIN disbursement_award a ON a.school_id = l.school_id AND a.id = l.award_id
  WHERE l.school_id = ANY(%(schools)s) AND l.status = 'paid' AND a.term_id = %(term)s
), highest AS (
  SELECT programme_id, min(rank) AS rank FROM applications_tier GROUP BY 1
), aided AS (
  SELECT a.school_id, a.student_id,
    bool_or(a.status = 'granted') AS granted,
    bool_or(r.award_id IS NOT NULL) AS paid,
    bool_or(a.status = 'granted' AND p.kind <> 'waiver' AND r.award_id IS NULL) AS owed,
    bool_or(a.status = 'granted' AND p.kind = 'grant' AND p.source = 'state'
            AND t.rank = h.rank) AS top_tier,
    bool_or(r.award_id IS NOT NULL AND p.kind = 'subsidy') AS subsidised
  FROM disbursement_award a
  JOIN applications_programme p ON p.id = a.programme_id
  JOIN applications_tier t ON t.id = a.tier_id
  JOIN highest h ON h.programme_id = a.programme_id
  LEFT JOIN received r ON r.school_id = a.school_id AND r.award_id = a.id
  WHERE a.school_id = ANY(%(schools)s) AND a.term_id = %(term)s
  GROUP BY 1, 2
), hit AS (
  SELECT DISTINCT a.school_id, a.student_id
  FROM applications_application a
  JOIN applications_householdsurvey s ON s.school_id = a.school_id AND s.application_id = a.id
  JOIN applications_round r ON r.school_id = a.school_id AND r.id = a.round_id
  JOIN schools_term e ON e.id = r.term_id
  WHERE a.school_id = ANY(%(schools)s) AND a.status = 'submitted' AND e.year = %(year)s
    AND (s.natural_disaster <> '' OR s.sudden_accident <> '')
), each AS (
  SELECT s.school_id, s.id AS student_id, s.school_class_id, coalesce(g.grade, '') AS grade,
    s.household, coalesce(t.marks, 0) AS marks,
    coalesce(t.counts_ungraded, false) AS counts_ungraded, c.stage, s.boarding,
    coalesce(t.martyr, false) AS martyr, h.student_id IS NOT NULL AS hit,
    coalesce(a.granted, false) AS granted, coalesce(a.paid, false) AS paid,
    coalesce(a.owed, false) AS owed, coalesce(a.top_tier, false) AS top_tier,
    coalesce(a.subsidised, false) AS subsidised
  FROM students_student s
  JOIN students_schoolclass c ON c.school_id = s.school_id AND c.id = s.school_class_id
  LEFT JOIN graded g ON g.school_id = s.school_id AND g.student_id = s.id
  LEFT JOIN tagged t ON t.school_id = s.school_id AND t.student_id = s.id
  LEFT JOIN aided a ON a.school_id = s.school_id AND a.student_id = s.id
  LEFT JOIN hit h ON h.school_id = s.school_id AND h.student_id = s.id
  WHERE s.school_id = ANY(%(schools)s) AND s.status = 'enrolled'
)
"""
_ONE_BY_ONE = (
    _EACH
    + """
SELECT student_id, grade, household, marks, counts_ungraded, stage, boarding, martyr, hit, granted,
  paid, owed, top_tier, subsidised
FROM each WHERE %(students)s IS NULL OR student_id = ANY(%(students)s)
"""
)
_GROUPED = """
SELECT {place}, count(*), grade, household, marks, counts_ungraded, stage, boarding, martyr, hit,
  granted, paid, owed, top_tier, subsidised
FROM each GROUP BY 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
"""
_ALIKE = _EACH + _GROUPED.format(place="school_id")
_ALIKE_IN_CLASS = _EACH + _GROUPED.format(place="school_class_id")


def day_of(term: Term) -> date:
    """The day as of which a term is looked at: today, never outside the term."""
    return max(term.starts_on, min(clock.today(), term.ends_on))


def of_students(
    schools: Sequence[int], term: Term, students: Sequence[int] | None = None
) -> dict[int, Circumstances]:
    """Circumstances of the schools' present students (or of those named), by id; one query."""
    named = list(students) if students is not None else None
    found = _rows(_ONE_BY_ONE, list(schools), term, named)
    return {row[0]: _circumstances(row[1:]) for row in found}


def alike(schools: Sequence[int], term: Term) -> Iterator[tuple[int, int, Circumstances]]:
    """For each school how many present students share which circumstances; one query."""
    for row in _rows(_ALIKE, list(schools), term, None):
        yield row[0], row[1], _circumstances(row[2:])


def alike_in_class(school: int, term: Term) -> Iterator[tuple[int, int, Circumstances]]:
    """For each class of a school how many share which circumstances; one query."""
    for row in _rows(_ALIKE_IN_CLASS, [school], term, None):
        yield row[0], row[1], _circumstances(row[2:])


def tag_counts(schools: Sequence[int], term: Term) -> tuple[dict[str, int], int]:
    """Present students per special group, each tag counted, and how many have two or more."""
    tags = (
        SpecialGroupTag.objects.filter(live_tag(day_of(term)), school_id__in=schools)
        .filter(student__status=Student.Status.ENROLLED)
        .values_list("group__name", "student_id")
        .distinct()
        .order_by("group__order", "student_id")
    )
    groups: dict[str, int] = {}
    times: dict[int, int] = {}
    for name, student in tags:
        groups[name] = groups.get(name, 0) + 1
        times[student] = times.get(student, 0) + 1
    return groups, sum(1 for n in times.values() if n > 1)


def _rows(
    sql: str, schools: list[int], term: Term, students: list[int] | None
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "schools": schools,
                "year": term.year,
                "day": day_of(term),
                "term": term.pk,
                "martyr": MARTYR_GROUP,
                "students": students,
            },
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _circumstances(row: tuple[Any, ...]) -> Circumstances:
    grade, household, marks, counts, *rest = row
    return Circumstances(Means(grade, household, marks, counts), *rest)
