"""Long lists page by page: from a row onwards, never by counting from the start.

The address names the row at the edge of the page by its key, so that nothing personal stands in
it, and the hundredth page costs what the first one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

PAGE = 50
# Above this a count is shown as 以上: counting on would cost more than the list itself.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page, and the query strings of its neighbours (empty: there is none)."""

    rows: list[Any] = field(default_factory=list)
    previous: str = ""
    next: str = ""
    # How many of the list's parts, from the first, end on this page, and with how many rows.
    ended: tuple[int, int] = (0, 0)

    @property
    def whole(self) -> bool:
        """Whether there is nothing before nor after it."""
        return not (self.previous or self.next)

    def cursor(self, count: int) -> dict[str, Any]:
        """As `<c-pager :cursor>` takes it; `count` is one of `counted`."""
        return {"previous": self.previous, "next": self.next, "count": count}


def counted(rows: QuerySet[Any], most: int = MOST) -> int:
    """How many rows there are, counted no further than `most`."""
    return rows.order_by()[:most].count()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a list: its rows, how they are ordered, and whose place is in this stretch.

    `order` ends with the key and runs one way: all fields downward (`-`) or none. `among` are its
    rows without the filters, so that who has just left the list still marks its place.
    """

    rows: QuerySet[Any]
    order: Sequence[str]
    among: QuerySet[Any]


def counted_through(parts: Sequence[Part], most: int = MOST, page: Slice | None = None) -> int:
    """How many rows the parts have together, counted no further than `most`.

    Parts that end on `page` are not asked again.
    """
    ended, found = page.ended if page else (0, 0)
    for part in parts[ended:]:
        if found < most:
            found += counted(part.rows, most - found)
    return min(found, most)


def page_of(
    rows: QuerySet[Any],
    order: Sequence[str],
    query: QueryDict,
    *,
    among: QuerySet[Any] | None = None,
    size: int = PAGE,
) -> Slice:
    """The page at `?cursor=`: the rows after that key, or before it when it is negative.

    Of `order` and `among` says `Part`. A key that is unknown is as if nobody had asked: the first
    page.
    """
    return page_through([Part(rows, order, rows if among is None else among)], query, size=size)


def page_through(parts: Sequence[Part], query: QueryDict, *, size: int = PAGE) -> Slice:
    """The page at `?cursor=` of a list of which one part stands after the other.

    No row is in two of them. Each is walked along its own index: rows that two indexes find have
    no order in common, and to sort them all of them would be read.
    """
    key = query.get("cursor", "")
    at, edge = _place(parts, key.removeprefix("-"))
    backward = edge is not None and key.startswith("-")
    page: list[Any] = []
    ended = (0, 0)
    for n, part in enumerate(parts[at::-1] if backward else parts[at:]):
        if len(page) <= size:
            rows = _from(part, edge if n == 0 else None, backward=backward)
            page += rows[: size + 1 - len(page)]
            if edge is None and len(page) <= size:
                ended = (n + 1, len(page))
    more, page = len(page) > size, page[:size]
    if not page:
        return Slice(ended=ended)
    if backward:
        page.reverse()
    before, after = (more, True) if backward else (edge is not None, more)
    return Slice(
        page,
        previous=_address(query, -page[0].pk) if before else "",
        next=_address(query, page[-1].pk) if after else "",
        ended=ended,
    )


def _place(parts: Sequence[Part], key: str) -> tuple[int, tuple[Any, ...] | None]:
    """In which part the row with this key has its place, and where there."""
    for n, part in enumerate(parts):
        if (edge := _edge(part.among, part.order, key)) is not None:
            return n, edge
    return 0, None


def _from(part: Part, edge: tuple[Any, ...] | None, *, backward: bool) -> QuerySet[Any]:
    wanted = [_turned(f) for f in part.order] if backward else list(part.order)
    rows = part.rows.order_by(*wanted)
    return rows if edge is None else rows.filter(_beyond(wanted, edge))


def _edge(rows: QuerySet[Any], order: Sequence[str], key: str) -> tuple[Any, ...] | None:
    if not (key.isascii() and key.isdecimal() and len(key) <= 18):
        return None
    names = [f.removeprefix("-") for f in order]
    return rows.filter(pk=int(key)).values_list(*names).first()


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], edge: Sequence[Any]) -> Q:
    """Rows after the edge: a bound on the first field for the index, then field by field."""
    than = "lt" if order[0].startswith("-") else "gt"
    found, same = Q(), Q()
    names = [f.removeprefix("-") for f in order]
    for name, value in zip(names, edge, strict=True):
        found |= same & Q(**{f"{name}__{than}": value})
        same &= Q(**{name: value})
    return Q(**{f"{names[0]}__{than}e": edge[0]}) & found


def _address(query: QueryDict, key: int) -> str:
    changed = query.copy()
    changed["cursor"] = str(key)
    return "?" + changed.urlencode()
