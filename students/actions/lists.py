"""Departments' lists: upload once, match by identity, tag the students of every school reached."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from office import files
from office.spreadsheets.reading import Unreadable
from privacy.fields import blind_id
from schools import clock
from schools.models import Appointment, Organisation
from students.actions.rosters import MEDIA_TYPE, impersonal
from students.models import DepartmentList, DepartmentListRow, SpecialGroup, Student
from students.queue import others_of, still_valid
from students.rules.lists import (
    ListReading,
    Named,
    read_list,
    why_not_upload,
    why_not_withdraw,
)
from students.rules.roster.problems import kept

PURPOSE = "department_list"
BATCH = 2_000
# First key of the advisory lock that puts matching and withdrawing of one group's lists in order.
GROUP_LOCK = 7302

# Who is on the list and at a school that the acting organisation reaches (the wall sees to that).
TAG = """
INSERT INTO students_specialgrouptag
  (school_id, student_id, group_id, source_list_id, source, strength,
   valid_from, valid_to, recorded_at)
SELECT DISTINCT student.school_id, student.id, %(group)s, %(list)s, %(source)s, 'id',
       %(valid_from)s::date, %(valid_to)s::date, %(now)s::timestamptz
  FROM students_departmentlistrow AS listed
  JOIN students_student AS student
    ON student.id_blind = listed.id_blind AND student.status <> 'left'
 WHERE listed.list_id = %(list)s
   AND (%(only)s::bigint[] IS NULL OR student.id = ANY(%(only)s::bigint[]))
   AND NOT EXISTS (
     SELECT 1 FROM students_specialgrouptag AS known
      WHERE known.school_id = student.school_id AND known.student_id = student.id
        AND known.group_id = %(group)s AND known.valid_from <= %(valid_from)s::date
        AND coalesce(known.valid_to, 'infinity') >= coalesce(%(valid_to)s::date, 'infinity'))
ON CONFLICT DO NOTHING
RETURNING school_id
"""
# What a withdrawn list left: periods end before today; one that began today or later shrinks to its
# first day, since a period can't end before it began.
END = """
UPDATE students_specialgrouptag SET valid_to = greatest(valid_from, %(yesterday)s::date)
 WHERE source_list_id = %(list)s
   AND (valid_to IS NULL OR valid_to > greatest(valid_from, %(yesterday)s::date))
RETURNING school_id, student_id
"""
COUNT_MATCHES = """
UPDATE students_departmentlistrow AS counted SET matches = coalesce(found.schools, 0)
  FROM (SELECT own.id, count(DISTINCT student.school_id) AS schools
          FROM students_departmentlistrow AS own
          LEFT JOIN students_student AS student
            ON student.id_blind = own.id_blind AND student.status <> 'left'
         WHERE own.list_id = %(list)s GROUP BY own.id) AS found
 WHERE counted.id = found.id AND counted.matches <> found.schools
"""
PER_SCHOOL = """
SELECT student.school_id, count(DISTINCT student.id)
  FROM students_departmentlistrow AS listed
  JOIN students_student AS student
    ON student.id_blind = listed.id_blind AND student.status <> 'left'
 WHERE listed.list_id = %(list)s
 GROUP BY 1
"""


def upload_list(
    *,
    bureau: Organisation,
    group: SpecialGroup,
    content: bytes,
    filename: str,
    issued_on: date,
    valid_from: date,
    valid_to: date | None,
    by: Appointment,
) -> DepartmentList:
    """Keep a department's list with its rows; nobody is tagged yet.

    Rows whose identity number can't be used are told in `errors` and left out. Raises `Refused`
    when the file can't be read as a list or the dates are impossible; then nothing is kept.
    """
    today = clock.today()
    reasons = why_not_upload(
        group=group, issued_on=issued_on, valid_from=valid_from, valid_to=valid_to, today=today
    )
    try:
        reading = read_list(content, filename, today=today)
    except Unreadable as error:
        unreadable = Reason(error.reason.rstrip("。"), error.mend.rstrip("。"))
        raise Refused([*reasons, unreadable]) from None
    refuse_if(reasons)
    with transaction.atomic():
        stored = files.keep(
            organisation=bureau,
            name=impersonal(filename),
            content=content,
            media_type=MEDIA_TYPE,
            purpose=PURPOSE,
            created_by=by.person,
        )
        listed = DepartmentList(
            organisation_id=bureau.pk,
            group=group,
            file=stored,
            issued_on=issued_on,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        _keep(listed, reading, by)
    return listed


def _keep(listed: DepartmentList, reading: ListReading, by: Appointment) -> None:
    """Save the list with what was read of it."""
    listed.counts = _counts(reading)
    listed.errors = kept(reading.problems)
    listed.save()
    _keep_rows(listed, reading.people)
    record(
        by=by,
        verb="departmentlist.upload",
        label="上传部门名单",
        subject=listed,
        at=clock.now(),
        facts={"group": listed.group.code, **listed.counts},
    )


def _counts(reading: ListReading) -> dict[str, int]:
    return {
        "rows": reading.rows,
        "people": len(reading.people),
        "repeated": reading.repeated,
        "errors": len(reading.problems),
    }


def _keep_rows(listed: DepartmentList, people: Iterable[Named]) -> None:
    rows = []
    for named in people:
        row = DepartmentListRow(
            organisation_id=listed.organisation_id,
            list=listed,
            row=named.row,
            id_blind=blind_id(named.id_number),
        )
        row.name, row.id_number = named.name, named.id_number
        rows.append(row)
    DepartmentListRow.objects.bulk_create(rows, batch_size=BATCH)


@transaction.atomic
def match_list(*, listed: DepartmentList, by: Appointment) -> DepartmentList:
    """Tag every student on the list at the schools that the bureau reaches; again changes nothing.

    `counts` then also holds matched and unmatched (people), tagged (new tags), differing (the
    name is another one) and schools ({school id: students}). Acts for the bureau's scope.
    """
    lock_group(listed)
    row = moves.lock(listed)
    refuse_if(moves.why_not(row, "match"))
    facts = _facts(row)
    with connection.cursor() as cursor:
        cursor.execute(TAG, facts)
        tagged = [school_id for (school_id,) in cursor.fetchall()]
        cursor.execute(COUNT_MATCHES, facts)
        cursor.execute(PER_SCHOOL, facts)
        schools = dict(cursor.fetchall())
    matched = row.rows.filter(matches__gt=0).count()
    counts = {
        **row.counts,
        "matched": matched,
        "unmatched": row.rows.count() - matched,
        "tagged": len(tagged),
        "differing": _differing(row),
        "schools": {str(pk): n for pk, n in sorted(schools.items())},
    }
    _tell_schools(row, tagged, by, verb="students.tag", label="标记特殊群体")
    told = {k: v for k, v in counts.items() if isinstance(v, int)}
    return moves.make(row, "match", by=by, at=clock.now(), facts=told, counts=counts)


def lock_group(listed: DepartmentList) -> None:
    """Hold all lists of the group until the transaction ends.

    Each looks at what the others tagged: two lists withdrawn at once would keep each other's tags,
    and one matched while another is withdrawn would rely on tags that are about to end.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GROUP_LOCK, listed.group_id])


def _facts(row: DepartmentList, only: list[int] | None = None) -> dict[str, Any]:
    return {
        "list": row.pk,
        "group": row.group_id,
        "source": f"{row.group.department}名单",
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "now": clock.now(),
        "only": only,
    }


def _differing(listed: DepartmentList) -> int:
    """Matched people whose name on the list is not the one on the roster."""
    names = {
        bytes(row.id_blind): row.name.reveal()
        for row in listed.rows.filter(matches__gt=0).only("id_blind", "name", "organisation_id")
    }
    students = Student.objects.filter(id_blind__in=list(names)).exclude(status="left")
    pairs = students.values_list("id_blind", "name_key")
    return sum(1 for blind, key in pairs if names[bytes(blind)] not in ("", key))


def _tell_schools(
    listed: DepartmentList, schools: Iterable[int], by: Appointment, *, verb: str, label: str
) -> None:
    """A line in the chain of each school, once per student in `schools`; in one order for all."""
    counts: dict[int, int] = {}
    for school_id in schools:
        counts[school_id] = counts.get(school_id, 0) + 1
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


@transaction.atomic
def discard_list(*, listed: DepartmentList, by: Appointment) -> DepartmentList:
    """Put an uploaded list away before it was matched."""
    return moves.make(moves.lock(listed), "discard", by=by, at=clock.now())


@transaction.atomic
def withdraw_list(*, listed: DepartmentList, reason: str, by: Appointment) -> DepartmentList:
    """Undo a wrong list, as a second person: its tags end yesterday (or on the day they began).

    Students whom another matched list of the same group names are tagged from that one instead.
    `counts` then also holds ended (tags) and kept (of these, tagged anew). Raises `Refused` for
    another role, for who matched it, without a reason, or when it isn't matched.
    """
    lock_group(listed)
    row = moves.lock(listed)
    refuse_if([*moves.why_not(row, "withdraw"), *why_not_withdraw(row, reason, by)])
    yesterday = clock.today() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(END, {"list": row.pk, "yesterday": yesterday})
        ended = cursor.fetchall()
        only = sorted({student_id for _, student_id in ended})
        kept_up = 0
        for other in still_valid(others_of(row)):
            cursor.execute(TAG, _facts(other, only))
            kept_up += len(cursor.fetchall())
    _tell_schools(row, [pk for pk, _ in ended], by, verb="students.untag", label="撤销特殊群体标记")
    told = {"ended": len(ended), "kept": kept_up}
    return moves.make(
        row,
        "withdraw",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts=told,
        counts={**row.counts, **told},
        withdraw_reason=reason.strip()[:200],
    )
