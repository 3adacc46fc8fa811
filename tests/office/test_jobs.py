"""Jobs: one claimant, progress, stop, failures that say nothing personal, and the sweep."""

from datetime import timedelta
from typing import Any

import pytest

from audit.refusal import Refused
from office import jobs
from office.files import content_of, keep
from office.models import Job, StoredFile
from schools import clock
from schools.scope import acting_for
from tests.cast import Cast
from tests.racing import race


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, jobs.Work]:
    """The registry, put back after the test."""
    registry: dict[str, jobs.Work] = {}
    monkeypatch.setattr(jobs, "_kinds", registry)
    return registry


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What left for the broker."""
    out: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs, "send", lambda job_id, org: out.append((job_id, org)))
    return out


def wanted(cast: Cast, kind: str = "k") -> Job:
    return jobs.want(kind=kind, label="导出名册", by=cast.operator)


def do(job: Job) -> Job:
    with acting_for(job.organisation_id):
        claimed = jobs.claim(job.pk)
        assert claimed is not None
        jobs._work(claimed)
        return Job.objects.get(pk=job.pk)


def test_the_messenger_leaves_only_when_the_transaction_commits(
    cast: Cast, sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        job = wanted(cast)
    assert sent == []
    callbacks[0]()
    assert sent == [(job.pk, cast.school.pk)]


def test_work_tells_progress_and_leaves_a_file(cast: Cast, kinds: dict[str, jobs.Work]) -> None:
    def work(progress: jobs.Progress, params: dict[str, Any]) -> StoredFile:
        progress.tell(1, 2, "一半")
        assert Job.objects.get(pk=progress.job.pk).note == "一半"
        return keep(
            organisation=progress.by.organisation,
            name="名册.xlsx",
            content=b"bytes",
            media_type="x",
            purpose="export",
            created_by=progress.by.person,
        )

    kinds["k"] = work
    done = do(wanted(cast))
    assert (done.status, done.done, done.total) == ("done", 2, 2)
    assert done.result is not None
    assert content_of(done.result) == b"bytes"


def test_a_stored_file_is_sealed_on_disk(cast: Cast, private_folder: Any) -> None:
    file = keep(
        organisation=cast.school,
        name="a.txt",
        content="身份证号".encode(),
        media_type="text/plain",
        purpose="x",
        created_by=None,
    )
    on_disk = (private_folder / "files" / file.path).read_bytes()
    assert "身份证号".encode() not in on_disk
    assert "a.txt" not in file.path


def test_stop_ends_running_work_at_its_next_word(cast: Cast, kinds: dict[str, jobs.Work]) -> None:
    def work(progress: jobs.Progress, params: dict[str, Any]) -> None:
        jobs.stop(progress.job)
        progress.tell(1, 10)
        raise AssertionError("went on after stop")

    kinds["k"] = work
    assert do(wanted(cast)).status == "cancelled"


def test_a_waiting_job_is_cancelled_at_once(cast: Cast) -> None:
    job = wanted(cast)
    jobs.stop(job)
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert jobs.claim(job.pk) is None


def test_a_failure_names_no_person(
    cast: Cast, kinds: dict[str, jobs.Work], capsys: pytest.CaptureFixture[str]
) -> None:
    def work(progress: jobs.Progress, params: dict[str, Any]) -> None:
        raise ValueError("张示远 990101200905061234")

    kinds["k"] = work
    failed = do(wanted(cast))
    assert failed.status == "failed"
    assert failed.error.startswith("程序出错")
    out = capsys.readouterr()
    assert "张示远" not in failed.error + out.out + out.err


def test_a_refusal_is_told_in_its_own_words(cast: Cast, kinds: dict[str, jobs.Work]) -> None:
    def work(progress: jobs.Progress, params: dict[str, Any]) -> None:
        raise Refused(["还有3个班没有核实"])

    kinds["k"] = work
    assert do(wanted(cast)).error == "还有3个班没有核实"


def silent(job: Job, minutes: int) -> None:
    Job.objects.filter(pk=job.pk).update(
        status="running", heartbeat_at=clock.real_now() - timedelta(minutes=minutes), claim="dead"
    )


def test_work_whose_worker_fell_silent_is_taken_over_once(cast: Cast) -> None:
    job = wanted(cast)
    silent(job, 1)
    assert jobs.claim(job.pk) is None
    silent(job, 3)
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None


def test_the_old_worker_cannot_finish_what_was_taken_over(
    cast: Cast, kinds: dict[str, jobs.Work]
) -> None:
    job = wanted(cast)
    first = jobs.claim(job.pk)
    assert first is not None
    silent_claim = first.claim
    silent(job, 3)
    second = jobs.claim(job.pk)
    assert second is not None
    assert second.claim != silent_claim
    with pytest.raises(jobs.Stopped):
        jobs.Progress(first).tell(1, 1)


def test_the_sweep_sends_again_and_gives_up_after_three(cast: Cast, sent: list[Any]) -> None:
    waiting, exhausted = wanted(cast), wanted(cast)
    old = clock.real_now() - timedelta(minutes=5)
    Job.objects.filter(pk=waiting.pk).update(created_at=old)
    silent(exhausted, 5)
    Job.objects.filter(pk=exhausted.pk).update(attempts=3)
    jobs.sweep()
    assert sent == [(waiting.pk, cast.school.pk)]
    with acting_for(cast.school):
        exhausted.refresh_from_db()
    assert exhausted.status == "failed"


def test_a_broker_that_is_down_only_delays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: Any) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(jobs.run, "delay", down)
    jobs.send(1, cast.school.pk)


@pytest.mark.race
def test_of_sixty_four_workers_one_claims(committed: Cast) -> None:
    job = wanted(committed)
    claimed: list[int] = []

    def claim(i: int) -> None:
        if jobs.claim(job.pk) is None:
            raise LookupError
        claimed.append(i)

    outcome = race(claim, organisation=committed.school)
    assert outcome == {"won": 1, "LookupError": 63}
    assert len(claimed) == 1
