"""The cases: what we do, what a user would pick instead, and the least the machine could do."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from bench import imports, matching, peers, sheets

# A peer that takes minutes is measured on a part and taken as growing with the rows: none grows
# more slowly than that.
DEFAULT_ROWS = int(os.environ.get("BENCH_DEFAULT_ROWS", "1000"))
TUNED_ROWS = int(os.environ.get("BENCH_TUNED_ROWS", "5000"))
QUERY_ROWS = int(os.environ.get("BENCH_QUERY_ROWS", "1000"))


@dataclass(frozen=True)
class Act:
    """Something to measure; `alone` names it for a process of its own, `scale` makes it whole."""

    name: str
    run: Callable[[], object]
    scale: float = 1.0
    alone: str = ""


@dataclass(frozen=True)
class Peer(Act):
    """What a user would pick instead, and how many times faster than it we want to be."""

    faster: float | None = None


@dataclass(frozen=True)
class Case:
    """Acts on the same rows, and how near to the limit we want to be."""

    name: str
    title: str
    ours: Act
    limit: Act
    peers: tuple[Peer, ...]
    slower: float | None = None
    # Swept before every run.
    tables: tuple[str, ...] = ()


_CASES = (
    Case(
        "import",
        f"导入名册{imports.ROWS}行×20列，读、核对、加密、比对两次、写入",
        Act("import", imports.ours, alone="imports.ours"),
        Act("calamine + COPY + INSERT … ON CONFLICT", imports.least, alone="imports.least"),
        (
            Peer(
                f"django-import-export tuned (bulk), {TUNED_ROWS} rows scaled",
                peers.tuned(TUNED_ROWS),
                imports.ROWS / TUNED_ROWS,
                faster=8,
            ),
            Peer(
                f"django-import-export default, {DEFAULT_ROWS} rows scaled",
                peers.default(DEFAULT_ROWS),
                imports.ROWS / DEFAULT_ROWS,
                faster=45,
            ),
        ),
        4,
        imports.TABLES,
    ),
    Case(
        "again",
        f"同一名册{imports.ROWS}行再导入，没有变化",
        Act("again", imports.ours_again, alone="imports.ours_again"),
        Act(
            "calamine + COPY + INSERT … ON CONFLICT",
            imports.least_again,
            alone="imports.least_again",
        ),
        (
            Peer(
                f"django-import-export default, {DEFAULT_ROWS} rows scaled",
                peers.again(DEFAULT_ROWS),
                imports.ROWS / DEFAULT_ROWS,
                faster=45,
            ),
        ),
        4,
        imports.TABLES,
    ),
    Case(
        "matching",
        f"部门名单{matching.LISTED}人×学生{matching.STUDENTS}人，从文件到标记",
        Act("match", matching.ours, alone="matching.ours"),
        Act("calamine + COPY of blind indexes + one join", matching.least, alone="matching.least"),
        (
            Peer(
                f"openpyxl + a query and a save per row, {QUERY_ROWS} rows scaled",
                matching.query_per_row(QUERY_ROWS),
                matching.LISTED / QUERY_ROWS,
                faster=60,
            ),
            Peer(
                "openpyxl + a dictionary of all students",
                matching.dictionary,
                alone="matching.dictionary",
                faster=70,
            ),
        ),
        1.3,
        matching.TABLES,
    ),
    Case(
        "read",
        f"读入名册 {sheets.ROWS}行×20列",
        Act("read", sheets.read_ours),
        Act("calamine alone", sheets.read_calamine),
        (Peer("openpyxl read_only", sheets.read_openpyxl),),
    ),
    Case(
        "write",
        f"写出名单 {sheets.ROWS}行×15列",
        Act("write", sheets.write_ours),
        Act("csv", sheets.write_csv),
        (Peer("openpyxl write_only", sheets.write_openpyxl),),
    ),
)
CASES = {case.name: case for case in _CASES}
