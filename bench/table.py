"""docs/speed.md from the results."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
HEAD = """# Speed

Written by `make bench` from `bench/results.json`; `python -m bench import` runs one case and keeps
the others' lines. Medians of five runs in which ours, the peer and the limit take turns in one
process on one machine; every run is rolled back and its dead rows are swept. Peak memory is that of
a process that does nothing else, its file built elsewhere.

| case | faster than the peer | slower than the limit | peak memory | load of the machine |
|---|---|---|---|---|
"""
PAGES = """
Pages of people, of a school of 500,000 students in one database with a school of 500, over HTTP
from the server of `make demo`, 32 readers at once; requests a second, and how the time that 95 of
100 answers stay below grows from the small school to the large one.

| page | faster than the peer | slower than the limit | growth | load of the machine |
|---|---|---|---|---|
"""
FOOT = """
What is compared:

- **Import** is the product's whole way: the file is read and compared for the preview, its rows
  are kept sealed, opened, compared anew and written. The peers import once, without a preview,
  check nothing, and do the row's own work (sealing, blind indexes, pinyin, class, guardian) as we
  do. The tuned one has everything its documentation offers: `use_bulk`, batches of 1,000,
  `skip_diff`, a cached instance loader, guardians by `bulk_create`. The limit parses with calamine
  and writes by COPY and INSERT … ON CONFLICT as the owner of the tables: nothing is checked, sealed
  or shown. Two thirds of its time are the database's constraints and indexes, which no import goes
  without. A goal little below the limit's own lead (in brackets) leaves the difference of the two
  for checks, sealing and preview.
- **Memory** is that of a file of 100,000 lines. It is read anew before the writing only where a
  class, a heading, the day or the program changed since the preview.
- **Again** imports the file that the roster was made of: all is read, opened and compared,
  nothing written.
- **Matching** seals and keeps every person of the list, tags, asks schools about those on no
  roster by number, counts and records. The peers and the limit only tag. The dictionary holds three
  columns, not instances. Where the limit itself is less far ahead of a peer than the goal, no
  program that reads the file and joins can reach it; the number in brackets says how far it is.
- **Freeze** is the product's action whole: purse and awards locked, the checklist over everybody
  with its reasons, lines with their cards opened and sealed anew, the fingerprint, the audit line,
  and what the database checks at the end. The loop asks for nothing but the card. The limit is one
  INSERT … SELECT as the owner of the tables, seals copied; the database's constraints and guards
  stand in its way as in ours.
- **Bank file** has the payments in memory on all sides. Ours makes each cell safe, adds the total
  and gives the same bytes each time; the limit is the library that we write with, its records made
  beforehand. Where that is itself less far ahead of openpyxl than the goal, nobody who writes with
  it gets there.
- **Send** is the action around it: the checklist anew, the fingerprint, the file sealed and kept,
  the ledger. Peer and limit check nothing and keep nothing.
- **Returns** is the action from the uploaded bytes: read as any table is, every row compared with
  its line, all lines settled or none, the file kept, the ledger. Peers and limit compare, keep and
  book nothing; the database's guard of frozen lines stands in everybody's way.
- **排查汇总** is what a bureau's page asks: of each school the students who are here, verified, and
  found unaided. The peer asks the same three of one school after the other. The limit counts all
  rows by an index made for it and asks of nobody whether he is here; ours joins half a million
  students for that. A page keeps the numbers for 20 seconds, which is not counted here.
- **Pages of people**: the peers and the limit stand behind the same session and walls. Django's
  admin shows the columns of our list with the joins that its documentation advises; the pages by
  OFFSET and `icontains` are a bare table with our query's columns and draw no menu. The limit reads
  one row and answers with a name. The rows, what a search finds and its count are asked each time;
  the menu's numbers, a school's head-count, its campuses and the reader's own filters once in 20
  seconds, and the readers are one person.
- Peers named "scaled" are measured on so many rows and multiplied.
"""


def write(results: Iterable[Mapping[str, Any]]) -> None:
    """Write the page anew."""
    lines = list(results)
    cases = "".join(_line(line) for line in lines if "growth" not in line)
    pages = "".join(_line(line) for line in lines if "growth" in line)
    PAGE.write_text(HEAD + cases + PAGES + pages + FOOT)


def _line(line: Mapping[str, Any]) -> str:
    last = _growth(line) if "growth" in line else _peaks(line)
    cells = [line["title"], _ahead(line), _near(line), last, _load(line)]
    return f"| {' | '.join(cells)} |\n"


def _growth(line: Mapping[str, Any]) -> str:
    return f"{line['growth']}×" + _goal(line["growth_goal"], "≤", "×")


def _ahead(line: Mapping[str, Any]) -> str:
    if "peer" not in line:
        return "—"
    told = f"{line['times_faster_than_peer']}× {line['peer']}"
    bound = f" (the limit: {line['limit_times_faster_than_peer']}×)"
    return told + _goal(line["times_faster_goal"], "≥", "×") + bound


def _near(line: Mapping[str, Any]) -> str:
    if "limit" not in line:
        return "—"
    told = f"{line['times_slower_than_limit']}× {line['limit']}"
    return told + _goal(line["times_slower_goal"], "≤", "×")


def _peaks(line: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {peak} MB" for name, peak in line["peak_mb"].items())
    return (told or "—") + _goal(line.get("peak_goal_mb"), "≤", " MB")


def _load(line: Mapping[str, Any]) -> str:
    if "load" not in line:
        return "—"
    return f"{line['load'][0]} → {line['load'][1]} on {line['processors']} processors"


def _goal(goal: float | None, sign: str, unit: str) -> str:
    return "" if goal is None else f"; goal {sign} {goal:g}{unit}"
