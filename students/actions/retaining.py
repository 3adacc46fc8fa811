"""Nobody's tag is to end: who a newer list no longer names keeps it, and that can be taken back."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.urls import reverse

from audit import moves
from audit.events import record
from audit.refusal import Refused, refuse_if
from office.actions import tell
from schools import clock
from schools.models import Appointment
from students.actions.holding import briefly
from students.actions.matching import lock_group
from students.dropped_queue import undecided
from students.models import DepartmentList, TagRetention
from students.queue import older_than
from students.rules.endings import RETAINED_ALREADY, why_not_retain, why_not_revoke

LONGEST_REASON = 200
SAID_ANEW = "以前的名单多了一份，重新记下"


@transaction.atomic
def retain_tags(*, listed: DepartmentList, reason: str, by: Appointment) -> TagRetention:
    """Say that all whom the list no longer names keep the tags of the lists before it.

    It holds for the older lists of today. Raises `Refused` for another role, without a reason,
    when a newer list is there, when nobody waits, or when a proposal to end waits for review.
    """
    with briefly():
        lock_group(listed)
        row = moves.lock(listed)
    told = reason.strip()[:LONGEST_REASON]
    waiting = undecided(row).aggregate(
        students=Count("student", distinct=True), schools=Count("school", distinct=True)
    )
    refuse_if(why_not_retain(row, waiting["students"], by, reason=told))
    # Said before of fewer lists: this one takes its place.
    for before in holding_retentions(row):
        moves.make(before, "revoke", by=by, at=clock.now(), revoke_reason=SAID_ANEW)
    made = TagRetention(
        organisation_id=row.organisation_id,
        list=row,
        older=list(older_than(row).values_list("pk", flat=True)),
        reason=told,
        retained_by=by.person,
        retained_at=clock.now(),
        **waiting,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise Refused([RETAINED_ALREADY]) from error
    record(
        by=by,
        verb="tagretention.retain",
        label="保留标记",
        subject=made,
        at=clock.now(),
        facts={"list": row.pk, "older": made.older, **waiting},
        reason=told,
    )
    return made


@transaction.atomic
def revoke_retention(*, retention: TagRetention, reason: str, by: Appointment) -> TagRetention:
    """Take it back: whom the list no longer names waits to be looked at again.

    Raises `Refused` for another role, without a reason, or when it holds no more.
    """
    row = moves.lock(retention)
    told = reason.strip()[:LONGEST_REASON]
    refuse_if([*moves.why_not(row, "revoke"), *why_not_revoke(row, by, reason=told)])
    done = moves.make(row, "revoke", by=by, at=clock.now(), reason=told, revoke_reason=told)
    _tell(done, told, by)
    return done


def drop_retentions(rows: Iterable[TagRetention], reason: str, by: Appointment) -> None:
    """Take down what was said of a list that is withdrawn."""
    for row in rows:
        moves.make(row, "drop", by=by, at=clock.now(), facts={"list": row.list_id})
        _tell(row, reason, by)


def _tell(row: TagRetention, reason: str, by: Appointment) -> None:
    """Whoever said it hears that it holds no more, unless it was he himself."""
    if row.retained_by_id != by.person_id:
        tell(
            organisation=by.organisation,
            person=row.retained_by,
            title=f"保留{row.list.group}标记{row.get_status_display()}：{reason}"[:96],
            url=reverse("students:list_dropped", kwargs={"list_id": row.list_id}),
        )


def holding_retentions(listed: DepartmentList) -> list[TagRetention]:
    """What holds of a list, under a lock; the caller holds the list."""
    rows = listed.retentions.filter(status=TagRetention.Status.HOLDS).order_by("pk")
    found = [moves.lock(TagRetention(pk=pk)) for pk in rows.values_list("pk", flat=True)]
    # Somebody may have taken it back since we looked.
    return [row for row in found if moves.allowed(row, "drop")]
