"""The annexes asked for as a job and by the command: the file, its name, the line it leaves."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from audit.models import Event
from office import jobs
from office.files import XLSX, content_of
from office.models import Job
from schools.scope import acting_for
from screening import actions
from tests.cast import Cast
from tests.screening.steps import difficult, finish


def test_the_job_writes_the_same_table_without_personal_data_in_its_name(cast: Cast) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    job = actions.want_table(
        form="school", organisation=cast.school, term=cast.term, reason="报送", by=cast.operator
    )
    jobs.run(job.pk, cast.school.pk)
    done = Job.objects.select_related("result").get(pk=job.pk)
    assert done.status == "done", done.error
    assert done.result is not None
    assert done.result.name == "附件2_示范第一高级中学_2026-1.xlsx"
    assert done.result.media_type == XLSX
    sheet = load_workbook(io.BytesIO(content_of(done.result))).worksheets[0]
    assert sheet["C4"].value == 2
    footer: Any = sheet.oddFooter
    assert "经办a于" in footer.left.text


def call(tmp_path: Path, form: str, org: str, term: str = "2026-1") -> Path:
    target = tmp_path / "out.xlsx"
    call_command("screening_table", form=form, org=org, term=term, output=target)
    return target


def test_the_command_writes_and_leaves_a_line(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    difficult(cast.a, cast)
    finish(cast, cast.a)
    school = call(tmp_path, "school", cast.school.code)
    assert load_workbook(school).worksheets[0]["C4"].value == 2
    assert "困难学生2人，应助未助1人" in capsys.readouterr().out
    district = call(tmp_path, "district", "9901")
    assert load_workbook(district).worksheets[0]["C4"].value == 2
    assert "1所学校没有签字报送，未计入：示范职业高中" in capsys.readouterr().err
    for organisation in (cast.school, cast.district):
        with acting_for(organisation):
            line = Event.objects.get(verb="screening.export", organisation_id=organisation.pk)
        assert (line.role, line.reason) == ("system", "命令行导出")


@pytest.mark.parametrize(
    ("form", "org", "term", "text"),
    [
        ("school", "3499000001", "2026-1", "还没有填报"),
        ("school", "9901", "2026-1", "没有标识码为9901的学校"),
        ("district", "3499000001", "2026-1", "没有代码为3499000001的教育局"),
        ("district", "9901", "2031-1", "没有学期2031-1"),
    ],
)
def test_the_command_fails_with_a_reason(
    cast: Cast, tmp_path: Path, form: str, org: str, term: str, text: str
) -> None:
    with pytest.raises(CommandError, match=text):
        call(tmp_path, form, org, term)
    assert not (tmp_path / "out.xlsx").exists()


def test_the_command_says_when_it_cannot_write(cast: Cast, tmp_path: Path) -> None:
    finish(cast, cast.a)
    with pytest.raises(CommandError, match="不能写入文件"):
        call(tmp_path / "missing", "school", cast.school.code)
    assert not Event.objects.filter(verb="screening.export").exists()
