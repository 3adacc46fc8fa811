"""What can't be enjoyed together stays so when both are renewed at the same time."""

from collections.abc import Collection

from django.db import connection

from applications import queue
from applications.models import Programme

# Two versions enacted at once would not see each other, and the pair would be lost.
PAIRS_LOCK = 7411


def in_turn() -> None:
    """Hold every other enactment until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PAIRS_LOCK])


def paired_meanwhile(programme: Programme, stated: Collection[int]) -> tuple[int, ...]:
    """Ids of what this draft can't be had with besides `stated`: nobody could have chosen them.

    They were enacted after the draft was begun. Either they are paired with the version before it,
    or they follow what the draft states; unless they, too, follow something paired with the version
    before and have given that pair up.
    """
    before = programme.follows
    since = Programme.objects.filter(
        status__in=Programme.LIVE, enact_at__gt=programme.begun_at or programme.drafted_at
    )
    known = set(before.exclusive_with.values_list("pk", flat=True)) if before else set()
    found = set(since.filter(pk__in=known).values_list("pk", flat=True))
    told = set(stated) | found
    while later := set(
        since.filter(follows__in=told).exclude(pk__in=told).values_list("pk", flat=True)
    ):
        given_up = Programme.objects.filter(pk__in=later, follows__in=known).exclude(pk__in=known)
        later -= set(given_up.values_list("pk", flat=True))
        if not later:
            break
        told |= later
    seen = queue.visible(programme.managed_by) if programme.managed_by else Programme.objects.all()
    new = told - set(stated) - {programme.pk}
    return tuple(sorted(seen.filter(pk__in=new).values_list("pk", flat=True)))
