"""kill -9 of web, worker and database while offices pay: nothing lost, nothing double or wrong."""

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.soak.office import Office, Siege
from tests.soak.stack import VICTIMS, stack

KILLS = int(os.environ.get("AID_KILLS", "200"))
# A silent job is taken up again after two minutes; the sweep comes every minute.
JOBS_WITHIN = 300.0
# Seconds after a kill -9, also of who was killed before. A task worker counts from its start.
READY_WITHIN = 15.0


def besiege(var: Path, *, kills: int, programmes: int, density: float, seed: int) -> Siege:
    """Three offices pay until so many were killed; then everything must be right."""
    chance = random.Random(seed)
    with stack(var, programmes) as (running, stocks):
        siege = Siege(running, chance, kills, density)
        offices = [Office(siege, stock) for stock in stocks]
        with ThreadPoolExecutor(len(offices)) as pool:
            list(pool.map(Office.work, offices))
        siege.strikers.shutdown()
        running.await_health()
        assert siege.errors == []
        look_at_the_end(siege, offices)
        if kills >= KILLS:
            siege.jobs = await_jobs(offices)
            assert siege.jobs["done"] > 0
            assert set(siege.jobs) <= {"done", "failed"}
    return siege


def look_at_the_end(siege: Siege, offices: list[Office]) -> None:
    """The bank, the files, the awards, the ledger and the audit chain agree."""
    assert [office.bank.faults for office in offices] == [[], [], []]
    assert [office.take_again() for office in offices] == [[], [], []]
    assert [odd for office in offices for odd in office.odd] == []
    told = [office.told() for office in offices]
    assert siege.stack.run("faults", given=json.dumps(told)) == []
    assert siege.stack.verify() == ""


def await_jobs(offices: list[Office]) -> Counter[str]:
    """Long work whose worker was killed is taken up again and done, or says that it failed."""
    deadline = time.monotonic() + JOBS_WITHIN
    while True:
        ends = Counter(o.end_of(page) for o in offices for page in o.jobs().values())
        if not ends["open"]:
            return ends
        assert time.monotonic() < deadline, ends
        time.sleep(5)


@pytest.mark.e2e
def test_a_few_kills(tmp_path: Path) -> None:
    siege = besiege(tmp_path / "var", kills=12, programmes=4, density=0.5, seed=1)
    assert siege.stack.killed.total() >= 12
    assert siege.finished


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    siege = besiege(tmp_path / "var", kills=KILLS, programmes=KILLS // 6, density=0.3, seed=2026)
    assert siege.stack.killed.total() >= KILLS
    assert set(siege.stack.killed) == set(VICTIMS)
    with capsys.disabled():
        print(siege.summary())  # noqa: T201
    assert max(siege.stack.recovered) <= READY_WITHIN
