"""Ask the schools about people of a list who are on no roster by number, but may be there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from office.bulk import array
from privacy.fields import SealedField
from schools import clock
from students.actions.planning import joining
from students.models import DepartmentList, DepartmentListRow, MatchCandidate, Student
from students.rules.candidates import OLDEST, places_that_differ

# Behind the rosters' back nobody older is looked for: a list of households is mostly of adults.
UNFOUND = """
SELECT id_blind, name, id_number, guardian, birth_date, detail, unusable
  FROM students_departmentlistrow
 WHERE list_id = %(list)s AND organisation_id = %(bureau)s AND id <> ALL(%(found)s::bigint[])
   AND name IS NOT NULL AND (birth_date IS NULL OR birth_date >= %(born)s)
 ORDER BY id
"""
LIKELY = """
WITH wanted AS (
  SELECT *
    FROM unnest(%(numbers)s::int[], %(names)s::text[], %(births)s::date[], %(guardians)s::text[])
    AS listed (n, name, birth, guardian))
SELECT wanted.n, student.school_id, student.id, 'name_birth', student.id_number, student.id_blind
  FROM wanted
  JOIN students_student AS student
    ON student.name_key = wanted.name AND student.birth_date = wanted.birth
   AND student.status <> 'left'
 WHERE student.name_key = ANY(%(called)s::text[])
"""
BY_GUARDIAN = """
UNION
SELECT wanted.n, student.school_id, student.id, 'guardian', student.id_number, student.id_blind
  FROM wanted
  JOIN students_student AS student ON student.name_key = wanted.name AND student.status <> 'left'
  JOIN students_guardian AS guardian
    ON guardian.school_id = student.school_id AND guardian.student_id = student.id
   AND guardian.name_key = wanted.guardian
 WHERE student.name_key = ANY(%(called)s::text[])
   AND wanted.guardian <> '' AND student.birth_date IS DISTINCT FROM wanted.birth
"""
SETTLED = """
UPDATE students_matchcandidate AS question SET status = 'moot'
  FROM students_departmentlistrow AS listed
 WHERE listed.list_id = %(list)s AND listed.organisation_id = %(bureau)s
   AND listed.id = ANY(%(found)s::bigint[])
   AND question.listed_blind = listed.id_blind AND question.status = 'waiting'
"""
ASKED_AGAIN = ("status", "source", "source_list_id", "strength", "likely", "detail", "unusable")
PERIOD = ("valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Unfound:
    """A person of the list on no roster by number; name and guardian in clear for this pass.

    The number stays sealed, since hardly anyone is asked about.
    """

    blind: bytes
    name: str
    id_number: bytes | memoryview | None
    guardian: str
    birth_date: date | None
    detail: str
    unusable: str


@dataclass(frozen=True, slots=True)
class Likely:
    """A student who answers to him."""

    listed: Unfound
    school_id: int
    student_id: int
    strength: str
    id_number: bytes | None
    # One person may be enrolled at two schools.
    id_blind: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom one pass asks about anew: people of the list, and the students they may be by school.

    One person of the list may be several students, at one school or at two.
    """

    people: int
    students: dict[int, int]


def ask_schools(row: DepartmentList, found: set[int], students: set[tuple[int, int]]) -> Asked:
    """A question per student who may be someone unfound; returns who was not asked about before.

    `found` are the rows on a roster, `students` those who are on the list themselves. What a
    school once answered is not asked again. The caller holds the questions about the list's people.
    """
    today = clock.today()
    facts: dict[str, Any] = {
        "list": row.pk,
        "bureau": row.organisation_id,
        "found": array(sorted(found)),
        "born": today.replace(year=today.year - OLDEST, day=min(today.day, 28)),
    }
    with joining(int(row.counts["people"])) as cursor:
        # Hardly ever is anybody waiting for an answer, and the rows found are many.
        if MatchCandidate.objects.filter(status=MatchCandidate.Status.WAITING).exists():
            cursor.execute(SETTLED, facts)
        cursor.execute(UNFOUND, facts)
        unfound = _opened(row, cursor.fetchall())
    likely = [x for x in _likely(unfound) if (x.school_id, x.student_id) not in students]
    return _ask(row, likely)


def _opened(row: DepartmentList, told: Iterable[tuple[Any, ...]]) -> list[Unfound]:
    name, guardian = (
        _field(DepartmentListRow, column).opener(row.organisation_id)
        for column in ("name", "guardian")
    )
    return [
        Unfound(bytes(blind), name(a), number, guardian(b), birth, detail, unusable)
        for blind, a, number, b, birth, detail, unusable in told
    ]


def _field(model: Any, name: str) -> SealedField:
    return cast(SealedField, model._meta.get_field(name))


def _likely(unfound: list[Unfound]) -> list[Likely]:
    if not unfound:
        return []
    told = any(u.guardian for u in unfound)
    with joining(len(unfound)) as cursor:
        cursor.execute(
            LIKELY + (BY_GUARDIAN if told else ""),
            {
                "numbers": array(range(len(unfound))),
                "names": array(u.name for u in unfound),
                "births": array(u.birth_date for u in unfound),
                "guardians": array(u.guardian for u in unfound),
                # Else all students would be hashed, not those who are called so.
                "called": array({u.name for u in unfound}),
            },
        )
        found = sorted(cursor.fetchall(), key=_order)
    return [Likely(unfound[n], *rest) for n, *rest in found]


def _order(values: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(values[:3])


def _ask(row: DepartmentList, likely: Iterable[Likely]) -> Asked:
    wanted = list(likely)
    known = MatchCandidate.objects.filter(listed_blind__in={x.listed.blind for x in wanted})
    before = list(known.values_list("student_id", "listed_blind", "group_id", "status"))
    answered = {(s, bytes(b)) for s, b, _, status in before if status in ("same", "different")}
    open_now = {
        (s, bytes(b)) for s, b, g, status in before if (g, status) == (row.group_id, "waiting")
    }
    asked = [x for x in wanted if (x.student_id, x.listed.blind) not in answered]
    persons = {(x.listed.blind, bytes(x.id_blind)) for x in asked}
    counted = Counter(blind for blind, _ in persons)
    MatchCandidate.objects.bulk_create(
        [_question(row, x, counted[x.listed.blind]) for x in asked],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["school", "student", "group", "listed_blind"],
        update_fields=[*ASKED_AGAIN, *PERIOD],
    )
    new = [x for x in asked if (x.student_id, x.listed.blind) not in open_now]
    return Asked(
        people=len({x.listed.blind for x in new} - {blind for _, blind in open_now}),
        students=Counter(school_id for school_id, _ in {(x.school_id, x.student_id) for x in new}),
    )


def _question(row: DepartmentList, likely: Likely, students: int) -> MatchCandidate:
    listed = likely.listed
    number = _field(DepartmentListRow, "id_number").opener(row.organisation_id)(listed.id_number)
    rostered = _field(Student, "id_number").opener(likely.school_id)(likely.id_number)
    made = MatchCandidate(
        school_id=likely.school_id,
        student_id=likely.student_id,
        group_id=row.group_id,
        source=f"{row.group.department}名单",
        source_list_id=row.pk,
        strength=likely.strength,
        listed_blind=listed.blind,
        differs=places_that_differ(number, rostered),
        listed_birth=listed.birth_date,
        detail=listed.detail,
        unusable=listed.unusable,
        likely=students,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        found_at=clock.now(),
    )
    made.listed_id = number or None
    return made
