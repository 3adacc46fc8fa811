"""Departments' lists: upload once, match by identity, tag the students of every school reached."""

from collections import Counter
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Q

from audit import moves
from audit.events import hold_chains, record
from audit.refusal import Refused, refuse_if
from office import files
from office.bulk import uncollected
from office.spreadsheets.reading import Unreadable
from schools import clock
from schools.models import Appointment, Organisation
from students.actions.endings import drop_endings, waiting_endings
from students.actions.holding import briefly, hold_questions
from students.actions.list_rows import keep_rows
from students.actions.matching import lock_group, tag_again, tell_schools
from students.actions.other_bureaus import tag_for_other_bureaus
from students.actions.retaining import drop_retentions, holding_retentions
from students.actions.rosters import MEDIA_TYPE, impersonal
from students.models import DepartmentList, MatchCandidate, NameDifference, SpecialGroup
from students.queue import lists_in_force, stopped_by, stopped_tags, tags_of
from students.rules.departments import ListReading, read_list
from students.rules.lists import why_not_upload, why_not_withdraw
from students.rules.roster.problems import kept

PURPOSE = "department_list"

# What a withdrawn list left: periods end before today; one that began today or later holds no day.
END = """
UPDATE students_specialgrouptag SET valid_to = greatest(valid_from - 1, %(yesterday)s::date)
 WHERE source_list_id = %(list)s
   AND (valid_to IS NULL OR valid_to > greatest(valid_from - 1, %(yesterday)s::date))
RETURNING school_id, student_id
"""


@uncollected()
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

    Rows whose identity number can't be used are told in `errors` and left out; of them `by_name`
    are kept without it, for the schools to be asked about by name and birth date or guardian.
    Raises `Refused` when the file can't be read as a list or the dates are impossible; then
    nothing is kept.
    """
    today = clock.today()
    reasons = why_not_upload(
        group=group, issued_on=issued_on, valid_from=valid_from, valid_to=valid_to, today=today
    )
    try:
        reading = read_list(content, filename, today=today)
    except Unreadable as error:
        unreadable = error.as_reason()
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
    listed.warnings = kept(reading.doubts)
    listed.save()
    keep_rows(listed, [*reading.people, *reading.by_name])
    record(
        by=by,
        verb="departmentlist.upload",
        label="上传部门名单",
        subject=listed,
        at=clock.now(),
        facts={"group": listed.group.code, **listed.counts},
    )


def _counts(reading: ListReading) -> dict[str, int]:
    counts = {
        "rows": reading.rows,
        "people": len(reading.people),
        "repeated": reading.repeated,
        "errors": len(reading.problems),
    }
    if reading.by_name:
        counts["by_name"] = len(reading.by_name)
    if reading.doubts:
        counts["warnings"] = len(reading.doubts)
    # A row may have several errors, and some are not about its number.
    rows, numbers = reading.left_out(), reading.left_out("id_number")
    if not rows == numbers == counts["errors"]:
        counts |= {"left_out": rows, "unusable": numbers}
    return counts


@transaction.atomic
def discard_list(*, listed: DepartmentList, by: Appointment) -> DepartmentList:
    """Put an uploaded list away before it was matched."""
    return moves.make(moves.lock(listed), "discard", by=by, at=clock.now())


@transaction.atomic
def withdraw_list(*, listed: DepartmentList, reason: str, by: Appointment) -> DepartmentList:
    """Undo a wrong list, as a second person: its tags end yesterday (or held on no day).

    A proposal to end tags that waits on it is taken down with it, and the word that all of them
    stay. Students whom another list in
    force of the same group names, of this bureau or of another, are tagged from that one instead;
    also those whose tags were stopped because this list did not name them: with it the ground for
    that is gone. `counts` then also holds ended (tags), kept (of these, tagged anew), stopped
    (students whose older tags it stopped) and restored (of these, tagged anew). Raises `Refused`
    for another role, for who matched it, without a reason, or when it isn't matched.
    """
    with briefly():
        lock_group(listed)
        row = moves.lock(listed)
    refuse_if([*moves.why_not(row, "withdraw"), *why_not_withdraw(row, reason, by)])
    waiting, retained = waiting_endings(row), holding_retentions(row)
    with briefly():
        _hold_questions(row)
    ended, stopped = _ended(row), stopped_by(row)
    MatchCandidate.objects.filter(
        source_list_id=row.pk, status=MatchCandidate.Status.WAITING
    ).update(status=MatchCandidate.Status.MOOT)
    NameDifference.objects.filter(source_list_id=row.pk).delete()
    schools = Counter(school_id for school_id, _ in ended)
    # Those where a tag comes back too: nobody writes to a school whom he does not hold by now.
    hold_chains({row.organisation_id, *schools, *(school_id for school_id, _ in stopped)})
    tell_schools(row, schools, by, verb="students.untag", label="撤销特殊群体标记")
    told = {"ended": len(ended), "stopped": len(stopped)}
    done = moves.make(
        row,
        "withdraw",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        facts=told,
        counts={**row.counts, **told},
        withdraw_reason=reason.strip()[:200],
    )
    drop_endings(waiting, reason.strip(), by)
    drop_retentions(retained, reason.strip(), by)
    # Only now the lists that it had replaced are in force again. What they write otherwise or ask
    # about, and this one had taken over, is found when they are compared again, soon.
    lists_in_force(row.organisation_id).filter(group=row.group_id).update(compared_on=None)
    again = _tagged_by_others(done, stopped.union(ended), by)
    again |= tag_for_other_bureaus(done, stopped.union(ended) - again)
    kept = again.intersection(ended)
    done.counts |= {"kept": len(kept), "restored": len(again - kept)}
    done.save(update_fields=["counts"])
    return done


def _hold_questions(row: DepartmentList) -> None:
    """Those of the list, and all of the group about students whose tags end or come back."""
    whose = Q(student_id__in=tags_of(row).values("student_id"))
    whose |= Q(student_id__in=stopped_tags(row).values("student_id"))
    of_group = MatchCandidate.objects.filter(Q(source_list_id=row.pk) | whose, group=row.group_id)
    hold_questions(of_group)


def _ended(row: DepartmentList) -> list[tuple[int, int]]:
    """End the tags of a list; school and student of each."""
    yesterday = clock.today() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(END, {"list": row.pk, "yesterday": yesterday})
        return list(cursor.fetchall())


def _tagged_by_others(
    row: DepartmentList, who: set[tuple[int, int]], by: Appointment
) -> set[tuple[int, int]]:
    """Tag of these students those whom a list in force names; school and student of the tagged."""
    again: set[tuple[int, int]] = set()
    only = sorted(student_id for _, student_id in who)
    in_force = lists_in_force(row.organisation_id).filter(group=row.group_id)
    for other in in_force.order_by("-issued_on", "-pk"):
        new = tag_again(other, only)
        if new:
            again.update(new)
            _note_again(other, new, row, by)
    return again


def _note_again(
    other: DepartmentList, new: list[tuple[int, int]], row: DepartmentList, by: Appointment
) -> None:
    """A list tagged these students because another was withdrawn; soon it is matched as a whole."""
    told = {name: other.counts.get(name, 0) + len(new) for name in ("tagged", "later")}
    other.counts |= told
    other.compared_on = None
    other.save(update_fields=["counts", "compared_on"])
    schools = Counter(school_id for school_id, _ in new)
    tell_schools(other, schools, by, verb="students.tag", label="标记特殊群体")
    record(
        by=by,
        verb="departmentlist.again",
        label="另一份名单撤销后再标记",
        subject=other,
        at=clock.now(),
        facts={"tagged": len(new), "withdrawn": row.pk},
    )
