"""`make bench`: run every case, write bench/results.json. Ratios only; bare times say nothing."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import imports, matching, sheets

RUNS = 5


@dataclass(frozen=True)
class Case:
    """What we do, what a user would pick instead, and the least that the machine could do."""

    name: str
    ours: Callable[[], object]
    peer: Callable[[], object]
    limit: Callable[[], object]
    peer_name: str
    limit_name: str
    # How many times our rows are the peer's, where it is measured on a sample.
    peer_scale: float = 1.0


CASES = (
    Case(
        f"导入名册{imports.ROWS}行×20列，读两次、比对、加密、写入",
        imports.ours,
        imports.peer_tuned,
        imports.least,
        f"django-import-export tuned, {imports.PEER_ROWS} rows scaled",
        "calamine + COPY + INSERT … ON CONFLICT, nothing checked or sealed",
        imports.PEER_SCALE,
    ),
    Case(
        f"导入名册{imports.ROWS}行×20列，对默认设置",
        imports.ours,
        imports.peer_default,
        imports.least,
        f"django-import-export default, {imports.PEER_ROWS} rows scaled",
        "calamine + COPY + INSERT … ON CONFLICT, nothing checked or sealed",
        imports.PEER_SCALE,
    ),
    Case(
        f"同一名册{imports.ROWS}行再导入，没有变化",
        imports.ours_again,
        imports.peer_again,
        imports.least_again,
        f"django-import-export default, {imports.PEER_ROWS} rows scaled",
        "calamine + COPY + INSERT … ON CONFLICT",
        imports.PEER_SCALE,
    ),
    Case(
        "读入名册 20000行×20列",
        sheets.read_ours,
        sheets.read_openpyxl,
        sheets.read_calamine,
        "openpyxl read_only",
        "calamine alone",
    ),
    Case(
        "写出名单 20000行×15列",
        sheets.write_ours,
        sheets.write_openpyxl,
        sheets.write_csv,
        "openpyxl write_only",
        "csv",
    ),
    Case(
        f"部门名单{matching.LISTED}人×学生{matching.STUDENTS}人，从文件到标记",
        matching.ours,
        matching.query_per_row,
        matching.least,
        "openpyxl + a query and a save per row",
        "calamine + COPY of blind indexes + one join",
    ),
    Case(
        f"部门名单{matching.LISTED}人×学生{matching.STUDENTS}人，对字典",
        matching.ours,
        matching.dictionary,
        matching.least,
        "openpyxl + a dictionary of all students",
        "calamine + COPY of blind indexes + one join",
    ),
)


def median(act: Callable[[], object]) -> float:
    """Seconds of the middle one of several runs, after one that warms up."""
    act()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    """Run, print and write the ratios."""
    results = []
    for case in CASES:
        ours, limit = median(case.ours), median(case.limit)
        peer = median(case.peer) * case.peer_scale
        results.append(
            {
                "case": case.name,
                "peer": case.peer_name,
                "times_faster_than_peer": round(peer / ours, 2),
                "limit": case.limit_name,
                "times_slower_than_limit": round(ours / limit, 2),
            }
        )
        sys.stdout.write(json.dumps(results[-1], ensure_ascii=False) + "\n")
    target = Path(__file__).parent / "results.json"
    target.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
