"""The process in which money is moved and killed: one order per line, each done in a fork.

Started by `killing.Worker`. It never opens a connection itself, so that the forks share none.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from audit.refusal import Refused
from disbursement import actions
from disbursement.models import PaymentBatch
from schools import clock
from schools.models import Appointment
from schools.tenancy import set_scope

Order = dict[str, Any]


def main() -> None:
    """Take orders until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(f"{_carry_out(json.loads(line))}\n")
        sys.stdout.flush()


def _carry_out(order: Order) -> str:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os._exit(_deed(order, write))
    os.close(write)
    backend = int(os.read(read, 20) or b"0")
    os.close(read)
    _kill(order, child, backend)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return {0: "done", 3: "refused"}.get(os.WEXITSTATUS(status), "broken")


def _kill(order: Order, child: int, backend: int) -> None:
    """Kill the fork, or the database process that serves it, after a while."""
    victim = {"process": child, "backend": backend}.get(order.get("victim", ""), 0)
    if victim:
        time.sleep(order["after"])
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def _deed(order: Order, tell: int) -> int:
    try:
        set_scope(order["school"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            os.write(tell, str(cursor.fetchone()[0]).encode())
        fuse = _fuse(order.get("at", 0))
        with connection.execute_wrapper(fuse), clock.at(date.fromisoformat(order["on"])):
            _act(order)
    except Refused:
        return 3
    except Exception:
        return 4
    return 0


def _fuse(at: int) -> Callable[..., Any]:
    """Kill ourselves before the statement with this number."""
    seen = 0

    def counting(execute: Callable[..., Any], *rest: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*rest)

    return counting


def _act(order: Order) -> None:
    batch = PaymentBatch.objects.get(pk=order["batch"])
    by = Appointment.objects.select_related("person", "organisation").get(pk=order["by"])
    match order["deed"]:
        case "freeze":
            actions.freeze(batch=batch, by=by)
        case "approve":
            actions.approve(batch=batch, content_hash=batch.content_hash, by=by)
        case "send":
            actions.send(batch=batch, by=by)
        case "apply_return":
            content = Path(order["file"]).read_bytes()
            actions.apply_return(batch=batch, content=content, filename="x", by=by)
