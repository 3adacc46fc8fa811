"""Long work: wanted in the caller's transaction, claimed by one worker, told with progress.

An app registers what a kind of job does with `@job("kind")` in its `tasks.py`; the function gets a
`Progress` and the job's params, works idempotently, and may return a file.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from celery import shared_task
from django.db import transaction
from django.db.models import F, Q

from audit.refusal import Refused
from office.models import Job, StoredFile
from schools import clock
from schools.models import Appointment, ClockShift, Organisation
from schools.scope import acting_for

log = structlog.get_logger(__name__)
SILENT_FOR = timedelta(minutes=2)
MAX_ATTEMPTS = 3

Work = Callable[["Progress", dict[str, Any]], StoredFile | None]
_kinds: dict[str, Work] = {}


class Stopped(Exception):
    """The person who wanted the job does not want it any more."""


class Progress:
    """What running work tells: how far it is; also its heartbeat and its ear for 'stop'."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @property
    def by(self) -> Appointment:
        """Who wanted the work, and in which role."""
        return self.job.wanted_by

    def tell(self, done: int, total: int, note: str = "") -> None:
        """Save progress. Raises `Stopped` when someone pressed stop or took the job over."""
        alive = Job.objects.filter(pk=self.job.pk, claim=self.job.claim, status="running")
        wanted = alive.filter(stop_wanted=False).update(
            done=min(done, total), total=total, note=note, heartbeat_at=clock.real_now()
        )
        if not wanted:
            raise Stopped


def job(kind: str) -> Callable[[Work], Work]:
    """Register the work of one kind of job."""

    def register(work: Work) -> Work:
        _kinds[kind] = work
        return work

    return register


def want(
    *,
    kind: str,
    label: str,
    by: Appointment,
    organisation: Organisation | None = None,
    params: dict[str, Any] | None = None,
) -> Job:
    """Ask for work; the messenger leaves when the transaction commits."""
    wanted: Job = Job.objects.create(
        organisation_id=(organisation or by.organisation).pk,
        kind=kind,
        label=label,
        params=params or {},
        wanted_by=by,
        created_at=clock.real_now(),
    )
    transaction.on_commit(partial(send, wanted.pk, wanted.organisation_id))
    return wanted


def want_once(*, kind: str, label: str, by: Appointment, params: dict[str, Any]) -> Job:
    """Ask for a file; whoever waits for the very same one already gets that job again.

    Many clicks at once make one file. Call it before anything is written.
    """
    asked = json.dumps([kind, params, by.pk], sort_keys=True).encode()
    wanted, is_new = Job.objects.get_or_create(
        organisation_id=by.organisation_id,
        once=hashlib.sha256(asked).hexdigest(),
        status__in=("waiting", "running"),
        stop_wanted=False,
        defaults={
            "kind": kind,
            "label": label,
            "params": params,
            "wanted_by": by,
            "created_at": clock.real_now(),
        },
    )
    if is_new:
        transaction.on_commit(partial(send, wanted.pk, wanted.organisation_id))
    return wanted


def send(job_id: int, organisation_id: int) -> None:
    """Hand the id to the messenger; a broker that is down only delays the job until the sweep."""
    try:
        run.delay(job_id, organisation_id)
    except Exception as error:
        # The row is the truth: the beat sweep sends it again.
        log.warning("job_not_sent", job=job_id, error=type(error).__name__)


def stop(job: Job) -> None:
    """Ask running work to stop, or cancel it while it waits."""
    Job.objects.filter(pk=job.pk, status="waiting").update(
        status="cancelled", finished_at=clock.real_now(), stop_wanted=True
    )
    Job.objects.filter(pk=job.pk, status="running").update(stop_wanted=True)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def run(job_id: int, organisation_id: int) -> None:
    """Claim and do one job, acting for its organisation; a second messenger finds it claimed."""
    clock.set_shift(ClockShift.current())
    with acting_for(organisation_id):
        claimed = claim(job_id)
        if claimed is not None:
            _work(claimed)


def claim(job_id: int) -> Job | None:
    """Take a waiting job, or one whose worker fell silent; None when another has it."""
    token = secrets.token_hex(8)
    moment = clock.real_now()
    free = Q(status="waiting") | Q(status="running", heartbeat_at__lt=moment - SILENT_FOR)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=MAX_ATTEMPTS).update(
        status="running",
        claim=token,
        started_at=moment,
        heartbeat_at=moment,
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    found: Job = Job.objects.select_related("wanted_by__person", "wanted_by__organisation").get(
        pk=job_id
    )
    return found


def _work(claimed: Job) -> None:
    try:
        result = _kinds[claimed.kind](Progress(claimed), claimed.params)
    except Stopped:
        _finish(claimed, status="cancelled")
    except Refused as refused:
        _finish(claimed, status="failed", error=str(refused)[:200])
    except Exception as error:
        # Only the type: a message may quote a row, and the page shows `error` to people.
        log.error("job_failed", job=claimed.pk, kind=claimed.kind, error=type(error).__name__)
        _finish(claimed, status="failed", error="程序出错，没有完成；请重试，仍不行请联系管理员")
    else:
        _finish(claimed, status="done", result=result, done=F("total"))


def _finish(claimed: Job, **changes: Any) -> None:
    Job.objects.filter(pk=claimed.pk, claim=claimed.claim).update(
        finished_at=clock.real_now(), heartbeat_at=clock.real_now(), **changes
    )


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Send again what waits or fell silent; give up after the last attempt (beat, every minute)."""
    moment = clock.real_now()
    for organisation_id in Organisation.objects.values_list("pk", flat=True):
        with acting_for(organisation_id):
            mine = Job.objects.filter(organisation_id=organisation_id)
            silent = mine.filter(
                Q(status="running", heartbeat_at__lt=moment - SILENT_FOR)
                | Q(status="waiting", created_at__lt=moment - timedelta(seconds=30))
            )
            silent.filter(attempts__gte=MAX_ATTEMPTS).update(
                status="failed", finished_at=moment, error="多次没有做完，已停止；请重试"
            )
            for job_id in silent.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True):
                send(job_id, organisation_id)
