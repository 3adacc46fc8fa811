"""The one order in which lists, questions, tags and chains are held, by schools and bureaus alike.

Groups, then lists, then questions by id, then tags, then the chains of the audit. Whoever takes
them otherwise, a school that answers while its bureau matches, waits for someone who waits for
him, until the database ends one of the two.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from audit import moves
from students.models import MatchCandidate

# First key of the advisory lock that puts the deeds on one group's lists in order.
GROUP_LOCK = 7302


def hold_groups(group_ids: Iterable[int]) -> None:
    """Hold all lists of these groups, of every bureau, until the transaction ends."""
    with connection.cursor() as cursor:
        for group_id in sorted(set(group_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GROUP_LOCK, group_id])


def hold_questions(wanted: QuerySet[MatchCandidate]) -> None:
    """Hold these questions until the transaction ends, lowest id first; they may be many."""
    held = wanted.order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))


def locked_questions(wanted: QuerySet[MatchCandidate]) -> dict[int, MatchCandidate]:
    """These few questions of a school by id, each read again under a lock, to be moved."""
    ids = wanted.order_by("pk").values_list("pk", "school_id")
    return {pk: moves.lock(MatchCandidate(pk=pk, school_id=school_id)) for pk, school_id in ids}
