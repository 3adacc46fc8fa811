"""Money moved by a process that is killed in the middle, again and again, until it is done.

After every death it is looked at from outside whether anything is lost, double or wrong.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection

from aidadmin import reference
from audit.verify import broken_links
from disbursement import actions, agreement, bank_files, content, ledger
from disbursement.models import PaymentBatch, PaymentLine
from office import files
from schools import clock
from schools.tenancy import set_scope
from tests.cast import build
from tests.disbursement import cases
from tests.disbursement.cases import Aid

PROJECT = Path(__file__).resolve().parent.parent.parent
WORKER = "import django; django.setup(); from tests.disbursement import deeds; deeds.main()"
# Where a deed may be killed: statements of the longest one, and seconds that it takes.
STATEMENTS = 34
LONGEST = 0.12
# A deed that was killed so often may live.
PATIENCE = 6
STEPS = (
    ("freeze", "finance", "frozen"),
    ("approve", "reviewer", "approved"),
    ("send", "finance", "sent"),
    ("apply_return", "finance", "returned"),
)
# The first batch and that of the payment which came back.
DEEDS_OF_A_ROUND = 2 * len(STEPS)


@dataclass
class Worker:
    """The process that does the deeds, on the database and files of this one."""

    process: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=PROJECT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "aidadmin.settings",
                "DATABASE_URL": _url(settings.DATABASES["default"]),
                "AID_KEY_FILE": str(settings.KEY_FILE),
                "AID_FILES": str(settings.FILES_DIR),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, **order: Any) -> str:
        """Give an order; returns done, refused, killed or broken."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def stop(self) -> None:
        """Let it go home."""
        self.process.communicate(timeout=30)


def _url(database: dict[str, Any]) -> str:
    d = database
    return f"postgres://{d['USER']}:{d['PASSWORD']}@{d['HOST']}:{d['PORT']}/{d['NAME']}"


@dataclass
class Trial:
    """Rounds of payment under fire until `wanted` deaths."""

    wanted: int
    chance: random.Random
    worker: Worker
    folder: Path
    victims: tuple[str, ...] = ("statement", "process")
    ended: Counter[str] = field(default_factory=Counter)

    @property
    def deaths(self) -> int:
        """How often somebody was killed before the deed was done."""
        return self.ended["killed"] + self.ended["broken"]

    def run(self, first: Aid) -> None:
        """Pay round after round, each with one returned payment that is paid again."""
        while self.deaths < self.wanted:
            self.ended["rounds"] += 1
            its = cases.aid(first.staffed, cases.programme("killed"))
            for someone in its.staffed.students:
                cases.case(its, someone)
            cases.fund(its)
            actions.grant_awards(round_=its.round, by=its.staffed.operator)
            batch = self.pay(its, cases.draft(its), {2: "账户未激活"})
            again = actions.follow_up(batch=batch, by=its.staffed.operator)
            again = self.pay(its, again, {})
            for one in (again, batch):
                actions.close(batch=one, by=its.staffed.finance)
            self.look_at_all(its)

    def pay(self, its: Aid, batch: PaymentBatch, failures: dict[int, str]) -> PaymentBatch:
        """Every step of one batch, each killed until it is done."""
        for deed, role, goal in STEPS:
            file = self.folder / f"{batch.pk}.xlsx"
            if deed == "apply_return":
                file.write_bytes(cases.answer(batch, failures))
            by = getattr(its.staffed, role).pk
            order = {"deed": deed, "batch": batch.pk, "by": by, "school": its.school.pk}
            for attempt in range(100):
                kill = self._kill() if attempt < PATIENCE and self.deaths < self.wanted else {}
                told = self.worker.do(**order, file=str(file), on=str(cases.PAY_DAY), **kill)
                self.ended[told] += 1
                batch = reread(batch)
                look_at(batch)
                if batch.status == goal:
                    # A death between the commit and the answer leaves the deed done and untold.
                    self.ended["untold"] += told != "done"
                    break
            assert batch.status == goal, (deed, batch.status)
        return batch

    def _kill(self) -> dict[str, Any]:
        victim = self.chance.choice(self.victims)
        if victim == "statement":
            return {"at": self.chance.randint(1, STATEMENTS)}
        return {"victim": victim, "after": self.chance.uniform(0, LONGEST)}

    def look_at_all(self, its: Aid) -> None:
        """Nothing lost, nothing double, nothing wrong; ledger and audit chain hold."""
        paid = PaymentLine.objects.filter(award__round=its.round, status="paid")
        assert paid.count() == len(its.staffed.students)
        assert paid.values("award").distinct().count() == paid.count()
        assert {line.amount_fen for line in paid} == {cases.AMOUNT}
        assert ledger.balances(its.school, its.programme)["paid"] == 3 * cases.AMOUNT
        assert ledger.disagreements(its.school) == []
        assert list(broken_links(its.school.pk)) == []


def reread(batch: PaymentBatch) -> PaymentBatch:
    """The batch as it is, also while the database comes back from a crash."""
    for _ in range(150):
        try:
            set_scope(batch.school_id)
            found: PaymentBatch = PaymentBatch.objects.select_related(
                "school", "programme", "term", "bank_file"
            ).get(pk=batch.pk)
        except (OperationalError, InterfaceError):
            connection.close()
            time.sleep(0.2)
        else:
            return found
    raise AssertionError("the database did not come back")


def look_at(batch: PaymentBatch) -> None:
    """What must hold after every death."""
    lines = content.lines_of(batch)
    if batch.status == "draft":
        assert lines == []
    else:
        assert content.fingerprint(lines) == batch.content_hash
        assert agreement.of(batch).agrees
    if batch.bank_file is not None:
        written = bank_files.write(batch.profile, batch.number, content.payments(lines))
        assert files.content_of(batch.bank_file) == written
    statuses = {line.status for line in lines}
    answered = batch.status in ("returned", "closed")
    assert statuses <= ({"paid", "failed"} if answered else {"pending"})
    assert ledger.disagreements(batch.school) == []


def trial(first: Aid, *, wanted: int, seed: int, victims: tuple[str, ...]) -> Counter[str]:
    """One trial with a worker of its own."""
    worker = Worker()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = Trial(wanted, random.Random(seed), worker, Path(folder), victims)
            found.run(first)
    finally:
        worker.stop()
    return found.ended


def crash(wanted: int) -> None:
    """Kill the database's own processes under a deed; needs a server of its own (AID_VAR)."""
    call_command("migrate", database="owner", verbosity=0)
    reference.load()
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        cast = build()
    set_scope(cast.school.pk)
    with clock.at(cases.PAY_DAY):
        first = cases.aid(cast.a)
        for someone in cast.a.students:
            cases.ready(first, someone)
        ended = trial(first, wanted=wanted, seed=7, victims=("backend",))
    sys.stdout.write(json.dumps(ended))
