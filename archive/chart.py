"""Geometry of the money chart: a stacked column per term, drawn by the server as SVG.

Numbers leave as text, because templates would write them with the country's separators.
"""

from dataclasses import dataclass

from archive.money import Money, TermMoney

# Blues and greys only: the status hues mean something else.
FILLS = ("#1557b0", "#8fb7e6", "#4b5567", "#b9c3d3", "#0b2f63", "#6f8fb5")
BASE, TOP = 184.0, 34.0
LEFT, RIGHT = 13.0, 100.0
MOST_TERMS = 8
TICKS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a column: y and height in px."""

    y: str
    height: str
    fill: str


@dataclass(frozen=True, slots=True)
class Column:
    """One term: x in per cent; `pending` is drawn as an empty dashed piece."""

    x: str
    label: str
    parts: tuple[Part, ...]
    value: str
    value_y: str
    pending: Part | None


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the axis, and where its words stand."""

    y: str
    text_y: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing; `keys` pair programme and fill."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    keys: tuple[tuple[str, str], ...]


def drawn(money: Money) -> Chart:
    """The chart of the last terms; nothing to draw gives no columns."""
    terms = money.terms[-MOST_TERMS:]
    fills = {name: FILLS[n % len(FILLS)] for n, name in enumerate(money.programmes)}
    step = _step(max((t.total + t.pending_fen for t in terms), default=0))
    width = (RIGHT - LEFT) / max(len(terms), 1)
    columns = tuple(
        _column(term, LEFT + width * (n + 0.5), fills, step * TICKS) for n, term in enumerate(terms)
    )
    ticks = []
    for k in range(TICKS + 1):
        y = BASE - (BASE - TOP) * k / TICKS
        ticks.append(Tick(f"{y:.1f}", f"{y + 4:.1f}", f"{step * k // 100:,}"))
    return Chart(columns, tuple(ticks), tuple(fills.items()))


def _column(term: TermMoney, x: float, fills: dict[str, str], top_fen: int) -> Column:
    y, parts = BASE, []
    # The first programme stands on top, as the key reads.
    for name in reversed(fills):
        if fen := term.received.get(name, 0):
            height = (BASE - TOP) * fen / top_fen
            parts.append(_part(y, height, fills[name]))
            y -= height
    pending = None
    if term.pending_fen:
        height = (BASE - TOP) * term.pending_fen / top_fen
        pending = _part(y, height, "none")
        y -= height
    return Column(
        x=f"{x:.1f}%",
        label=term.label,
        parts=tuple(parts),
        value=f"{term.total // 100:,}" if term.total else "待发",
        value_y=f"{y - 8:.1f}",
        pending=pending,
    )


def _part(y: float, height: float, fill: str) -> Part:
    # A gap of a pixel and a half keeps the pieces apart.
    return Part(f"{y - height:.1f}", f"{max(height - 1.5, 1):.1f}", fill)


def _step(most_fen: int) -> int:
    """A round third of the axis, in fen: 100, 200, 250, 500, 1000 … yuan."""
    step = 10_000
    while step * TICKS < most_fen:
        for tenths in (20, 25, 50, 100):
            if step * tenths // 10 * TICKS >= most_fen:
                return step * tenths // 10
        step *= 10
    return step
