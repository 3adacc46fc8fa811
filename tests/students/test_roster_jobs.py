"""Long files: received, read and written as jobs; a killed worker leaves nothing half done."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from office import jobs
from office.models import Job, Message
from schools import clock
from students import tasks
from students.actions import discard_roster, rosters
from students.actions.roster_jobs import apply_later, is_long, read_again, receive_roster
from students.actions.roster_rows import write_difference
from students.models import RosterImport, Student
from tests.cast import Cast
from tests.students.rosters import number, roster, workbook


def receive(cast: Cast, content: bytes) -> RosterImport:
    return receive_roster(
        school=cast.school, content=content, filename="名册.xlsx", by=cast.operator
    )


def work(staged: RosterImport) -> Job:
    """What a worker does with the import's job."""
    job = RosterImport.objects.get(pk=staged.pk).job
    assert job is not None
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    jobs._work(claimed)
    return Job.objects.get(pk=job.pk)


def fresh(staged: RosterImport) -> RosterImport:
    found: RosterImport = RosterImport.objects.select_related("job").get(pk=staged.pk)
    return found


def test_what_is_long() -> None:
    assert not is_long(roster(20))
    assert is_long(b"PK\x03\x04" + b"x" * 200_000)
    assert is_long("张示远,1班\n".encode() * 2_001)
    assert not is_long("张示远,1班\n".encode() * 2_000)


def test_a_long_file_is_read_then_written(cast: Cast) -> None:
    staged = receive(cast, roster(60))
    assert (staged.status, staged.counts, Student.objects.count()) == ("reading", {}, 3)
    job = work(staged)
    assert (job.status, job.done, job.total, job.note) == ("done", 4, 4, "已读完60行")
    assert (fresh(staged).status, fresh(staged).counts["added"]) == ("staged", 60)
    apply_later(staged=staged, by=cast.operator)
    with pytest.raises(Refused, match="写入名册正在进行"):
        apply_later(staged=staged, by=cast.operator)
    with pytest.raises(Refused, match="写入名册正在进行"):
        discard_roster(staged=staged, by=cast.operator)
    assert work(staged).status == "done"
    assert (fresh(staged).status, Student.objects.count()) == ("applied", 63)
    assert list(Message.objects.order_by("pk").values_list("title", flat=True)) == [
        "名册已读完60行，请核对后写入",
        "名册已更新：新增60人，更改0人",
    ]


def test_params_hold_nothing_personal(cast: Cast) -> None:
    staged = receive(cast, roster(2))
    assert staged.job is not None
    assert staged.job.params == {"import": staged.pk}


def test_a_killed_worker_is_replaced_and_nothing_is_written_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = receive(cast, roster(10))
    work(staged)
    apply_later(staged=staged, by=cast.operator)
    write = write_difference

    def killed(**wanted: Any) -> None:
        write(**wanted)
        raise SystemExit

    monkeypatch.setattr(rosters, "write_difference", killed)
    with pytest.raises(SystemExit):
        work(staged)
    assert (fresh(staged).status, Student.objects.count()) == ("staged", 3)
    monkeypatch.setattr(rosters, "write_difference", write)
    Job.objects.filter(pk__in=[fresh(staged).job_id]).update(
        heartbeat_at=clock.real_now() - timedelta(minutes=5)
    )
    assert work(staged).status == "done"
    assert (fresh(staged).status, Student.objects.count()) == ("applied", 13)


def test_work_that_was_finished_before_the_worker_died_is_not_repeated(cast: Cast) -> None:
    staged = receive(cast, roster(10))
    work(staged)
    apply_later(staged=staged, by=cast.operator)
    work(staged)
    job = fresh(staged).job
    assert job is not None
    tasks.write_roster(_Silent(cast), job.params | {})  # type: ignore[arg-type]
    tasks.read_roster(_Silent(cast), job.params)  # type: ignore[arg-type]
    assert (fresh(staged).status, Student.objects.count()) == ("applied", 13)


class _Silent:
    """A progress that tells nobody."""

    def __init__(self, cast: Cast) -> None:
        self.by = cast.operator

    def tell(self, done: int, total: int, note: str = "") -> None:
        """Nothing."""


def test_no_roster_is_put_away_with_its_reason(cast: Cast) -> None:
    staged = receive(cast, workbook([["甲", "乙"]], ("一", "二")))
    job = work(staged)
    assert job.status == "failed"
    assert "表格里没有找到表头" in job.error
    assert fresh(staged).status == "discarded"
    with pytest.raises(Refused, match="这是 PDF 文件"):
        receive(cast, b"%PDF-1.7 sample")


def test_a_stopped_reading_leaves_the_file_put_away(cast: Cast) -> None:
    staged = receive(cast, roster(10))
    discard_roster(staged=staged, by=cast.operator)
    job = fresh(staged).job
    assert job is not None
    assert (job.status, jobs.claim(job.pk)) == ("cancelled", None)


def test_columns_are_corrected_by_reading_again(cast: Cast) -> None:
    staged = receive(cast, workbook([["张示远", number(0), "高一1班"]], ("乙", "证件号", "班级")))
    work(staged)
    assert fresh(staged).counts["added"] == 0
    columns = {"name": 0, "id_number": 1, "class_name": 2}
    assert read_again(staged=staged, columns=columns, by=cast.operator).status == "reading"
    work(staged)
    assert (fresh(staged).status, fresh(staged).counts["added"]) == ("staged", 1)


def test_the_page_shows_progress_then_leads_on(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("students.actions.sheet_columns.LONG_ROWS", 5)
    monkeypatch.setattr("students.views.imports.is_long", lambda content: True)
    client = sign_in(cast.operator)
    staged = receive(cast, roster(8))
    url = reverse("students:import", kwargs={"import_id": staged.pk})
    assert "正在后台读取" in client.get(url).content.decode()
    part = client.get(f"{url}?progress=1", headers={"HX-Request": "true"}).content.decode()
    assert "排队中" in part
    assert "<html" not in part
    work(staged)
    answer = client.get(f"{url}?progress=1", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert "写入名册（" in client.get(url).content.decode()
    client.post(reverse("students:import_apply", kwargs={"import_id": staged.pk}))
    assert "正在后台写入" in client.get(url).content.decode()
    work(staged)
    assert "写入名册" in client.get(url).content.decode()
    assert Student.objects.count() == 11
