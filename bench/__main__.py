"""`make bench`: run the cases side by side, write bench/results.json and docs/speed.md.

`python -m bench import matching` runs some; the others keep their last results. Ratios only: bare
times say nothing on another machine. Ours, the peer and the limit take turns, so that whatever else
the machine does meets all of them.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import ground, people, table
from bench.alone import peak_of
from bench.cases import CASES, Case

RUNS = 5
MEMORY = "memory"
PEOPLE = "people"
RESULTS = Path(__file__).parent / "results.json"


def seconds(act: Callable[[], object], tables: tuple[str, ...]) -> float:
    """What one run takes; the dead rows of the run before are cleared first."""
    if tables:
        ground.swept(*tables)
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def taken(case: Case) -> dict[str, float]:
    """Seconds of the middle one of several runs of each, after one that warms up."""
    acts = [case.ours, case.limit, *case.peers]
    times: dict[str, list[float]] = {act.name: [] for act in acts}
    for _ in range(RUNS + 1):
        for act in acts:
            times[act.name].append(seconds(act.run, case.tables) * act.scale)
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def measured(case: Case) -> list[dict[str, Any]]:
    """A case's lines of the results, one for each peer."""
    load = os.getloadavg()[0]
    took = taken(case)
    ours, limit = took[case.ours.name], took[case.limit.name]
    sides = (("ours", case.ours), ("limit", case.limit))
    same = {
        "case": case.name,
        "title": case.title,
        "limit": case.limit.name,
        "times_slower_than_limit": round(ours / limit, 2),
        "times_slower_goal": case.slower,
        "peak_mb": {side: peak_of(act.alone) for side, act in sides if act.alone},
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "processors": os.cpu_count(),
    }
    return [
        same
        | {
            "peer": peer.name,
            "times_faster_than_peer": round(took[peer.name] / ours, 2),
            "times_faster_goal": peer.faster,
            "limit_times_faster_than_peer": round(took[peer.name] / limit, 2),
        }
        for peer in case.peers
    ]


def memory() -> list[dict[str, Any]]:
    """The import of a file of 100,000 lines, its heading included, in processes of their own."""
    rows = {"BENCH_ROSTER": "99999"}
    # School and file are made by a process before those that are measured.
    peak_of("imports.prepared", **rows)
    idle = peak_of("imports.prepared", **rows)
    return [
        {
            "case": MEMORY,
            "title": "导入名册99999行×20列，占用内存",
            "peak_mb": {
                "read and compared": peak_of("imports.ours_staged", **rows),
                "and written by the same process": peak_of("imports.ours", **rows),
                "read anew by it before": peak_of("imports.ours_anew", **rows),
                "idle": idle,
            },
            "peak_goal_mb": 400,
        }
    ]


# Cases that are not ours, a peer and a limit in one process.
OTHERS = {MEMORY: memory, PEOPLE: people.measured}
ORDER = [*CASES, *OTHERS]


def main() -> int:
    """Run, print and write the ratios."""
    wanted = sys.argv[1:] or ORDER
    if unknown := set(wanted) - set(ORDER):
        sys.stderr.write(f"{', '.join(unknown)}? {', '.join(ORDER)}\n")
        return 2
    results = json.loads(RESULTS.read_text())
    for name in wanted:
        found = OTHERS[name]() if name in OTHERS else measured(CASES[name])
        for line in found:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        results = _ordered([line for line in results if line["case"] != name] + found)
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
        table.write(results)
    return 0


def _ordered(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    here = (r for r in results if r["case"] in ORDER)
    return sorted(here, key=lambda r: ORDER.index(r["case"]))


if __name__ == "__main__":
    sys.exit(main())
