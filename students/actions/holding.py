"""The one order in which lists, questions, tags and chains are held, by schools and bureaus alike.

Groups, then lists, then questions by id, then tags, then the chains of the audit. Whoever takes
them otherwise, a school that answers while its bureau matches, waits for someone who waits for
him, until the database ends one of the two.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg2.errors import QueryCanceled

from audit import moves
from audit.refusal import Reason, Refused
from students.models import MatchCandidate

# First key of the advisory lock that puts the deeds on one group's lists in order.
GROUP_LOCK = 7302
# A long list is matched for minutes; nobody looks at a page that long that says nothing.
PATIENCE_SECONDS = 5.0
BUSY = Reason("名单正在比对", "请稍候再试")


@contextmanager
def briefly() -> Iterator[None]:
    """For who waits at a page: each statement within waits `PATIENCE_SECONDS` at the longest.

    Then it raises `Refused`, and the caller's transaction has to end.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            _let_wait(cursor, f"{PATIENCE_SECONDS * 1000:.0f}ms")
            yield
            _let_wait(cursor, before)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        raise Refused([BUSY]) from None


def _let_wait(cursor: CursorWrapper, longest: str) -> None:
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [longest])


def hold_groups(group_ids: Iterable[int]) -> None:
    """Hold all lists of these groups, of every bureau, until the transaction ends."""
    # One statement, one wait: the lowest first, as they stand in the array.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, held) FROM unnest(%s::int[]) held",
            [GROUP_LOCK, sorted(set(group_ids))],
        )


def hold_questions(wanted: QuerySet[MatchCandidate]) -> None:
    """Hold these questions until the transaction ends, lowest id first; they may be many."""
    held = wanted.order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))


def locked_questions(wanted: QuerySet[MatchCandidate]) -> dict[int, MatchCandidate]:
    """These few questions of a school by id, each read again under a lock, to be moved."""
    ids = wanted.order_by("pk").values_list("pk", "school_id")
    return {pk: moves.lock(MatchCandidate(pk=pk, school_id=school_id)) for pk, school_id in ids}
