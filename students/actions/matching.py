"""Match a department's list with the rosters of every school that its bureau reaches."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from audit import moves
from audit.events import Actor, hold_chains, record
from audit.refusal import refuse_if
from office.bulk import uncollected
from schools import clock
from schools.models import Appointment
from students.actions.asking import ask_schools
from students.actions.differing import tell_differences
from students.actions.holding import briefly, hold_groups, hold_questions
from students.actions.planning import joining
from students.models import DepartmentList, DepartmentListRow, MatchCandidate, Student
from students.queue import older_than, unnamed
from students.rules.lists import why_not_match

# `hit` is who is on the list and at a school reached (the wall sees to that): by the identity
# number, or because someone of the school said that it is the same person.
# A tag that an older list left and this list carries on stays one tag over both periods. Where a
# tag without end begins later (next year's list came first) the new one ends the day before.
TAG = """
WITH hit AS MATERIALIZED (
  SELECT listed.id AS row_id, listed.name, listed.detail, student.school_id,
         student.id AS student_id, student.name_key, 'id' AS strength
    FROM students_departmentlistrow AS listed
    JOIN students_student AS student
      ON student.id_blind = listed.id_blind AND student.status <> 'left'
   WHERE listed.list_id = %(list)s AND listed.organisation_id = %(bureau)s
  UNION ALL
  SELECT listed.id, NULL, listed.detail, student.school_id, student.id, '', answered.strength
    FROM students_matchcandidate AS answered
    JOIN students_departmentlistrow AS listed ON listed.id_blind = answered.listed_blind
    JOIN students_student AS student
      ON student.school_id = answered.school_id AND student.id = answered.student_id
     AND student.status <> 'left' AND student.id_blind <> listed.id_blind
   WHERE answered.status = 'same' AND listed.list_id = %(list)s
     AND listed.organisation_id = %(bureau)s),
wanted AS (
  SELECT DISTINCT ON (school_id, student_id) * FROM hit
   WHERE %(only)s::bigint[] IS NULL OR student_id = ANY(%(only)s::bigint[])
   ORDER BY school_id, student_id, strength = 'id' DESC, row_id),
carried AS (
  UPDATE students_specialgrouptag AS tag
     SET valid_to = %(valid_to)s::date, source_list_id = %(list)s, source = %(source)s,
         strength = wanted.strength, detail = wanted.detail
    FROM wanted
   WHERE tag.school_id = wanted.school_id AND tag.student_id = wanted.student_id
     AND tag.group_id = %(group)s AND tag.source_list_id = ANY(%(older)s::bigint[])
     AND tag.valid_from <= %(valid_from)s::date
     AND tag.valid_to >= %(valid_from)s::date - 1
     AND tag.valid_to < coalesce(%(valid_to)s::date, 'infinity')
     AND NOT EXISTS (
       SELECT 1 FROM students_specialgrouptag AS other
        WHERE other.school_id = tag.school_id AND other.student_id = tag.student_id
          AND other.group_id = tag.group_id AND other.id <> tag.id
          AND (coalesce(other.valid_to, 'infinity'), other.id) > (tag.valid_to, tag.id))
  RETURNING tag.school_id, tag.student_id),
tagged AS (
  INSERT INTO students_specialgrouptag
    (school_id, student_id, group_id, source_list_id, source, strength, detail,
     valid_from, valid_to, recorded_at)
  SELECT wanted.school_id, wanted.student_id, %(group)s, %(list)s, %(source)s,
         wanted.strength, wanted.detail, %(valid_from)s::date,
         coalesce(%(valid_to)s::date, endless.valid_from - 1), %(now)s::timestamptz
    FROM wanted
    LEFT JOIN students_specialgrouptag AS endless
      ON endless.school_id = wanted.school_id AND endless.student_id = wanted.student_id
     AND endless.group_id = %(group)s AND endless.valid_to IS NULL
   WHERE (wanted.school_id, wanted.student_id) NOT IN (SELECT school_id, student_id FROM carried)
     AND NOT EXISTS (
       SELECT 1 FROM students_specialgrouptag AS known
        WHERE known.school_id = wanted.school_id AND known.student_id = wanted.student_id
          AND known.group_id = %(group)s AND known.valid_from <= %(valid_from)s::date
          AND coalesce(known.valid_to, 'infinity')
              >= coalesce(%(valid_to)s::date, endless.valid_from - 1, 'infinity'))
  ON CONFLICT DO NOTHING
  RETURNING school_id, student_id)
"""
TELL_HITS = """
SELECT hit.row_id, hit.school_id, hit.student_id, hit.name, hit.name_key,
       tagged.student_id IS NOT NULL, carried.student_id IS NOT NULL
  FROM hit
  LEFT JOIN tagged ON tagged.school_id = hit.school_id AND tagged.student_id = hit.student_id
  LEFT JOIN carried ON carried.school_id = hit.school_id AND carried.student_id = hit.student_id
"""
TELL_TAGGED = "SELECT school_id, student_id FROM tagged"


@dataclass(slots=True)
class Found:
    """What one pass over the rosters found: rows, students per school, those tagged anew."""

    rows: set[int] = field(default_factory=set)
    students: set[tuple[int, int]] = field(default_factory=set)
    tagged: set[tuple[int, int]] = field(default_factory=set)
    carried: set[tuple[int, int]] = field(default_factory=set)
    # By student the roster's name key and the list's, in clear for this pass.
    differing: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    @property
    def schools(self) -> dict[str, int]:
        """Students by school id, as JSON keeps it."""
        counted = Counter(school_id for school_id, _ in self.students)
        return {str(pk): counted[pk] for pk in sorted(counted)}


@uncollected()
@transaction.atomic
def match_list(*, listed: DepartmentList, by: Appointment) -> DepartmentList:
    """Tag every student on the list at the schools that the bureau reaches; again changes nothing.

    Who is on no roster by number but answers to name and birth date, or to name and guardian, is
    asked about at the school (`MatchCandidate`). `counts` then also holds matched and unmatched
    (people), tagged (new tags), carried (tags carried on), differing (the name is another one),
    asked (people the schools are asked about anew), dropped (students whom older lists named and
    this one does not), schools ({school id: students}) and later (new tags of `match_again`, none
    yet). Raises `Refused` when a newer list took its place, and soon while another list of the
    group is being matched. Acts for the bureau's scope.
    """
    with briefly():
        lock_group(listed)
        row = moves.lock(listed)
    refuse_if([*moves.why_not(row, "match"), *why_not_match(row)])
    facts = compared(row, by)
    told = {k: v for k, v in facts["counts"].items() if isinstance(v, int)}
    return moves.make(row, "match", by=by, at=clock.now(), facts=told, **facts)


def compared(row: DepartmentList, by: Actor) -> dict[str, Any]:
    """Tag, ask and tell the schools; what the list then knows. The caller holds list and group."""
    with joining(int(row.counts["people"])):
        hold_questions(MatchCandidate.objects.filter(listed_blind__in=row.rows.values("id_blind")))
    newest = Student.objects.aggregate(newest=Max("pk"))["newest"]
    found = _matched(row)
    asked = ask_schools(row, found.rows, found.students)
    tell_differences(row, found.students, found.differing)
    people, matched = int(row.counts["people"]), len(found.rows - _unusable(row))
    counts = {
        **row.counts,
        "matched": matched,
        "unmatched": people - matched,
        "tagged": len(found.tagged),
        "carried": len(found.carried),
        "differing": len(found.differing),
        "asked": asked.people,
        "dropped": sum(unnamed(row).values()) if older_than(row).exists() else 0,
        "schools": found.schools,
        "later": 0,
    }
    tagged = _per_school(found.tagged)
    hold_chains({row.organisation_id, *tagged, *asked.students})
    tell_schools(row, tagged, by, verb="students.tag", label="标记特殊群体")
    tell_schools(row, asked.students, by, verb="students.ask", label="请学校确认名单上的人")
    return {"counts": counts, "compared_on": clock.today(), "newest_student": newest}


def _unusable(row: DepartmentList) -> set[int]:
    """Rows that count among the list's errors, though a school may have said who is meant."""
    if not row.counts.get("by_name"):
        return set()
    return set(row.rows.exclude(unusable="").values_list("pk", flat=True))


def lock_group(listed: DepartmentList) -> None:
    """Hold all lists of the group until the transaction ends.

    Each looks at what the others tagged: two lists withdrawn at once would keep each other's tags,
    and one matched while another is withdrawn would rely on tags that are about to end.
    """
    hold_groups([listed.group_id])


def _matched(row: DepartmentList) -> Found:
    found = Found()
    opened = DepartmentListRow._meta.get_field("name").opener(row.organisation_id)
    with joining(int(row.counts["people"])) as cursor:
        cursor.execute(TAG + TELL_HITS, facts_of(row))
        hits = cursor.fetchall()
    for row_id, school_id, student_id, name, key, tagged, carried in hits:
        who = (school_id, student_id)
        found.rows.add(row_id)
        found.students.add(who)
        if tagged:
            found.tagged.add(who)
        if carried:
            found.carried.add(who)
        if name is not None and (listed := opened(name)) not in ("", key):
            found.differing[who] = (key, listed)
    return found


def tag_again(row: DepartmentList, only: list[int]) -> list[tuple[int, int]]:
    """Tag of these students those whom the list names; school and student of each new tag."""
    with connection.cursor() as cursor:
        # What was ended a moment ago is not carried on, it begins anew.
        cursor.execute(TAG + TELL_TAGGED, facts_of(row, only) | {"older": []})
        return list(cursor.fetchall())


def facts_of(row: DepartmentList, only: list[int] | None = None) -> dict[str, Any]:
    """The parameters of `TAG`."""
    return {
        "list": row.pk,
        "bureau": row.organisation_id,
        "group": row.group_id,
        "source": source_of(row),
        "older": [older.pk for older in older_than(row)],
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "now": clock.now(),
        "only": only,
    }


def source_of(row: DepartmentList) -> str:
    """What a tag says of where it comes from."""
    return f"{row.group.department}名单"


def _per_school(students: Iterable[tuple[int, int]]) -> dict[int, int]:
    return Counter(school_id for school_id, _ in students)


def tell_schools(
    listed: DepartmentList, counts: dict[int, int], by: Actor, *, verb: str, label: str
) -> None:
    """A line in the chain of each school with how many of its students; the caller holds them."""
    for school_id in sorted(counts):
        record(
            by=by,
            verb=verb,
            label=label,
            subject=listed.group,
            at=clock.now(),
            organisation_id=school_id,
            facts={"list": listed.pk, "group": listed.group.code, "students": counts[school_id]},
        )
