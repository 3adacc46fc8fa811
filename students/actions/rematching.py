"""Match lists again by themselves: whoever came onto a roster since is tagged too (row 4-02).

A new or transferred child would otherwise count as on no list, until someone thinks of it.
"""

from django.db import transaction

from audit import moves
from audit.events import SystemActor, record
from audit.refusal import Reason, Refused, refuse_if
from office.bulk import uncollected
from schools import clock
from schools.models import Bureau
from students.actions.matching import compared, lock_group
from students.models import DepartmentList
from students.queue import lists_in_force, unaware

NOT_IN_FORCE = Reason("名单没有比对、已到期、已撤销，或者已由新的一版接替", "比对有效的名单")
# What one pass adds to; the others are of the whole list and stand as they are found.
ADDED = ("tagged", "carried", "asked")


@uncollected()
@transaction.atomic
def match_again(*, listed: DepartmentList) -> DepartmentList:
    """Compare a matched list with the rosters of today, as the system; its match stays as it was.

    Raises `Refused` when the list is not matched, has run out, or a newer one took its place. Acts
    for the bureau's scope.
    """
    lock_group(listed)
    row = moves.lock(listed)
    in_force = lists_in_force(row.organisation_id).filter(pk=row.pk).exists()
    refuse_if([] if in_force else [NOT_IN_FORCE])
    by = SystemActor(row.organisation_id)
    before = row.counts
    facts = compared(row, by)
    new = {name: facts["counts"][name] for name in ADDED}
    facts["counts"] |= {name: before.get(name, 0) + n for name, n in new.items()}
    facts["counts"]["later"] = before.get("later", 0) + new["tagged"]
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
    if any(new.values()):
        record(
            by=by,
            verb="departmentlist.again",
            label="自动再比对部门名单",
            subject=row,
            at=clock.now(),
            facts=new,
        )
    return row


def match_newcomers(*, bureau: Bureau) -> int:
    """Match again every list in force that does not know today's rosters; returns how many (beat).

    Once a day, since names, numbers and enrolments change, and as soon as a student is new. Acts
    for the bureau's scope.
    """
    again = 0
    for listed in list(unaware(bureau.pk)):
        try:
            match_again(listed=listed)
        except Refused:
            # Withdrawn, or followed by a newer one, since it was looked up.
            continue
        again += 1
    return again
