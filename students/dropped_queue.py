"""Whom a bureau's newest lists no longer name, and who of them waits to be looked at."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from students.models import DepartmentList, SpecialGroupTag, TagEnding, TagRetention
from students.queue import dropped, older_than


@dataclass(frozen=True, slots=True)
class Dropped:
    """A list with how many students it no longer names, of whom nobody has said what becomes.

    `back` is the proposal about them that was sent back last, when one was.
    """

    listed: DepartmentList
    students: int
    back: TagEnding | None


def retention_of(listed: DepartmentList) -> TagRetention | None:
    """That all whom it no longer names keep their tags, when somebody has said so."""
    found: TagRetention | None = (
        listed.retentions.filter(status=TagRetention.Status.HOLDS)
        .select_related("retained_by")
        .first()
    )
    return found


def undecided(listed: DepartmentList) -> QuerySet[SpecialGroupTag]:
    """Tags of whom it no longer names, but those that were said to be kept."""
    rows, retained = dropped(listed), retention_of(listed)
    return rows.exclude(source_list_id__in=retained.older) if retained else rows


def dropped_waiting(organisation_id: int) -> list[Dropped]:
    """The newest matched list of each group, where students wait to be looked at."""
    matched = DepartmentList.objects.filter(
        organisation_id=organisation_id, status=DepartmentList.Status.MATCHED
    )
    newest = matched.order_by("group_id", "-issued_on", "-pk").distinct("group_id")
    rows = (
        # What it dropped when it was compared last; hardly any list did.
        matched.filter(pk__in=newest.values("pk"), counts__dropped__gt=0)
        .exclude(endings__status=TagEnding.Status.PROPOSED)
        .select_related("group")
        .order_by("issued_on", "pk")
    )
    found = []
    for row in rows:
        if _all_retained(row):
            continue
        count = undecided(row).aggregate(n=Count("student", distinct=True))["n"]
        if count:
            found.append(Dropped(row, count, _sent_back(row)))
    return found


def _all_retained(listed: DepartmentList) -> bool:
    """Whether nobody can wait, which is known at once; the tags are many."""
    retained = retention_of(listed)
    if retained is None:
        return False
    return not older_than(listed).exclude(pk__in=retained.older).exists()


def _sent_back(listed: DepartmentList) -> TagEnding | None:
    last: TagEnding | None = listed.endings.select_related("refuse_by").order_by("-pk").first()
    return last if last and last.status == TagEnding.Status.REFUSED else None
