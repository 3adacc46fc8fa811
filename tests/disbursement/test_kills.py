"""kill -9 in the middle of moving money: the short form always, the long forms as a soak."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schools import clock
from tests.cast import Cast
from tests.disbursement import cases, killing
from tests.disbursement.cases import Aid

CRASH = (
    "from aidadmin.launch.embedded import prepare; prepare(['test']);"
    "import django; django.setup();"
    "from tests.disbursement import killing; killing.crash(60)"
)


@pytest.fixture
def first(committed: Cast) -> Iterator[Aid]:
    """Three students ready to be paid, in committed rows."""
    with clock.at(cases.PAY_DAY):
        found = cases.aid(committed.a)
        for someone in committed.a.students:
            cases.ready(found, someone)
        yield found


def test_killed_a_few_times(first: Aid) -> None:
    ended = killing.trial(first, wanted=8, seed=1, victims=("statement", "process"))
    assert ended["killed"] >= 8
    # Each deed is done once: never twice, whoever was killed between its commit and its answer.
    assert ended["done"] + ended["untold"] == killing.DEEDS_OF_A_ROUND * ended["rounds"]


@pytest.mark.soak
def test_killed_two_hundred_times(first: Aid) -> None:
    ended = killing.trial(first, wanted=200, seed=2026, victims=("statement", "process"))
    assert ended["killed"] >= 200


@pytest.mark.soak
def test_the_database_dies(tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "AID_"))}
    done = subprocess.run(
        [sys.executable, "-c", CRASH],
        env={
            **clean,
            "AID_VAR": str(tmp_path / "var"),
            "DJANGO_SETTINGS_MODULE": "aidadmin.settings",
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout)["broken"] > 0
