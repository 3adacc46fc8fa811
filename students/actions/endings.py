"""End the tags of those whom a department's newer list no longer names, after a second look."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit import moves
from audit.events import hold_chains, record
from audit.refusal import Refused, refuse_if
from office.actions import tell
from schools import clock
from schools.models import Appointment
from students.actions.holding import briefly, hold_questions
from students.actions.matching import lock_group, tell_schools
from students.actions.other_bureaus import tag_for_other_bureaus
from students.dropped_queue import undecided
from students.models import DepartmentList, MatchCandidate, SpecialGroupTag, TagEnding
from students.queue import dropped, older_than
from students.rules.endings import OPEN_ALREADY, why_not_propose, why_not_review

END = """
UPDATE students_specialgrouptag SET valid_to = greatest(valid_from - 1, %s::date)
 WHERE id = ANY(%s) RETURNING school_id, student_id
"""


@transaction.atomic
def propose_ending(
    *, listed: DepartmentList, note: str, by: Appointment, tags: Collection[int] | None = None
) -> TagEnding:
    """Ask a second person to end tags of older lists; all dropped ones unless `tags` names some.

    Who is not among them keeps the tag: a list forgets people. Those of whom it was said that they
    keep it (`retain_tags`) are left out, until that is taken back. Raises `Refused` for another
    role, when a newer list is there, when nobody is left to end, or when a proposal waits already.
    """
    with briefly():
        lock_group(listed)
        row = moves.lock(listed)
    found = undecided(row)
    if tags is not None:
        found = found.filter(pk__in=list(tags))
    chosen = list(found.order_by("pk").values_list("pk", "school_id", "student_id"))
    refuse_if(why_not_propose(row, len(chosen), by))
    ending = TagEnding(
        organisation_id=row.organisation_id,
        list=row,
        tags=[pk for pk, _, _ in chosen],
        students=len({(school_id, student_id) for _, school_id, student_id in chosen}),
        schools=len({school_id for _, school_id, _ in chosen}),
        note=note.strip()[:200],
        proposed_by=by.person,
        proposed_at=clock.now(),
    )
    try:
        with transaction.atomic():
            ending.save()
    except IntegrityError as error:
        raise Refused([OPEN_ALREADY]) from error
    record(
        by=by,
        verb="tagending.propose",
        label="提请停止标记",
        subject=ending,
        at=clock.now(),
        facts={"list": row.pk, "students": ending.students},
        reason=ending.note,
    )
    return ending


@transaction.atomic
def approve_ending(*, ending: TagEnding, by: Appointment) -> TagEnding:
    """End the proposed tags, yesterday or the day before the newer list begins.

    Those that are not dropped any more (named again, ended, being asked about) stay as they are;
    whom another bureau's list in force names too is tagged from that one at once. From now on
    older lists of the group can't be matched again.
    """
    with briefly():
        lock_group(ending.list)
        row = moves.lock(ending)
    listed = moves.lock(row.list)
    refuse_if([*moves.why_not(row, "approve"), *why_not_review(row, listed, by)])
    last = max(clock.today(), listed.valid_from) - timedelta(days=1)
    settled = MatchCandidate.objects.filter(
        source_list_id__in=list(older_than(listed).values_list("pk", flat=True)),
        status=MatchCandidate.Status.WAITING,
    )
    tagged = SpecialGroupTag.objects.filter(pk__in=row.tags).values("student_id")
    about = MatchCandidate.objects.filter(student_id__in=tagged, group=listed.group_id)
    with briefly():
        hold_questions(settled | about)
    ids = list(dropped(listed).filter(pk__in=row.tags).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(END, [last, ids])
        ended = set(cursor.fetchall())
    schools = Counter(school_id for school_id, _ in ended)
    hold_chains({listed.organisation_id, *schools})
    tell_schools(listed, schools, by, verb="students.untag", label="停止特殊群体标记")
    kept = tag_for_other_bureaus(listed, ended)
    # Nobody is tagged from the lists that this one replaces now: whom they ask about is settled.
    settled.update(status=MatchCandidate.Status.MOOT)
    return moves.make(
        row,
        "approve",
        by=by,
        at=clock.now(),
        facts={"list": listed.pk, "ended": len(ids), "kept": len(kept)},
        ends_on=last,
        ended=len(ids),
        kept=len(kept),
    )


def waiting_endings(listed: DepartmentList) -> list[TagEnding]:
    """What waits for review on a list, under a lock; the caller holds the list."""
    waiting = listed.endings.filter(status=TagEnding.Status.PROPOSED).order_by("pk")
    rows = [moves.lock(TagEnding(pk=pk)) for pk in waiting.values_list("pk", flat=True)]
    # Somebody may have sent it back since we looked.
    return [row for row in rows if moves.allowed(row, "drop")]


def drop_endings(rows: Iterable[TagEnding], reason: str, by: Appointment) -> None:
    """Take down what waited for review on a list that is withdrawn."""
    for row in rows:
        moves.make(row, "drop", by=by, at=clock.now(), facts={"list": row.list_id})
        _tell(row, reason, by)


@transaction.atomic
def refuse_ending(*, ending: TagEnding, reason: str, by: Appointment) -> TagEnding:
    """Send the proposal back with the reason; nobody's tag changes."""
    row = moves.lock(ending)
    listed = row.list
    refuse_if(
        [*moves.why_not(row, "refuse"), *why_not_review(row, listed, by, back=True, reason=reason)]
    )
    told = reason.strip()[:200]
    done = moves.make(row, "refuse", by=by, at=clock.now(), reason=told, refuse_reason=told)
    _tell(done, told, by)
    return done


def _tell(row: TagEnding, reason: str, by: Appointment) -> None:
    """Whoever proposed it hears that nothing came of it, and why."""
    tell(
        organisation=by.organisation,
        person=row.proposed_by,
        title=f"停止{row.list.group}标记{row.get_status_display()}：{reason}"[:96],
        url=reverse("students:list_dropped", kwargs={"list_id": row.list_id}),
    )
