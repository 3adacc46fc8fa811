"""The commands import_roster and match_list: a contract of names, JSON and exit codes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from schools.scope import acting_for
from students.models import MatchCandidate, RosterImport, SpecialGroupTag, Student
from tests.cast import Cast
from tests.students.rosters import number, roster, row, workbook
from tests.students.test_actions_lists import list_file, people_of
from tests.students.test_candidates import listing, person


def run(name: str, *arguments: object) -> tuple[int, Any]:
    """Exit code and the parsed JSON."""
    out = StringIO()
    try:
        call_command(name, *map(str, arguments), "--json", stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), json.loads(out.getvalue())
    except CommandError as error:
        return error.returncode, str(error)
    return 0, json.loads(out.getvalue())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "名册.xlsx"


def test_reports_then_applies_then_finds_nothing(cast: Cast, file: Path) -> None:
    file.write_bytes(roster(4))
    numbers = {"rows": 4, "added": 4, "changed": 0, "unchanged": 0, "left": 3}
    same: dict[str, Any] = {"errors": [], "warnings": []}
    code = cast.school.code
    assert run("import_roster", code, file) == (0, {**numbers, **same, "applied": False})
    assert (Student.objects.count(), RosterImport.objects.count()) == (3, 0)
    assert run("import_roster", code, file, "--apply") == (0, {**numbers, **same, "applied": True})
    numbers = {"rows": 4, "added": 0, "changed": 0, "unchanged": 4, "left": 3}
    assert run("import_roster", code, file, "--apply") == (0, {**numbers, **same, "applied": False})
    assert (Student.objects.count(), RosterImport.objects.count()) == (7, 1)


def test_errors_exit_2_and_write_nothing(cast: Cast, file: Path) -> None:
    file.write_bytes(workbook([row(0), row(1, 身份证件号码=990101201001011e3, 学籍号="")]))
    code, answer = run("import_roster", cast.school.code, file, "--apply")
    assert (code, answer["applied"]) == (2, False)
    (error,) = answer["errors"]
    assert set(error) == {"sheet", "cell", "column", "value", "reason"}
    assert (error["cell"], error["column"]) == ("B3", "id_number")
    assert "设为“文本”" in error["reason"]
    assert (Student.objects.count(), RosterImport.objects.count()) == (3, 0)
    code, answer = run("import_roster", cast.school.code, file, "--apply", "--good-rows")
    assert (code, answer["applied"], Student.objects.count()) == (2, True, 4)


def test_unreadable_exit_1_with_a_chinese_sentence(cast: Cast, file: Path) -> None:
    file.write_bytes(b"%PDF-1.4 sample")
    code, said = run("import_roster", cast.school.code, file, "--apply")
    assert (code, said[:15]) == (1, "这是 PDF 文件，不是表格。")
    assert run("import_roster", cast.school.code, file.with_name("none.xlsx"))[0] == 1
    assert run("import_roster", "0000", file) == (1, "没有代码为 0000 的学校。")


@pytest.mark.parametrize(
    "arguments", [("{code}", "{file}"), ("{code}", "none"), ("0000", "{file}")]
)
def test_whoever_asked_for_json_reads_the_reason_there_too(
    cast: Cast, file: Path, arguments: tuple[str, str]
) -> None:
    file.write_bytes(b"%PDF-1.4 sample")
    words = [a.format(code=cast.school.code, file=file) for a in arguments]
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("import_roster", *words, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    (error,) = answer["errors"]
    assert error == {
        "sheet": "", "cell": "", "column": "", "value": "", "reason": str(stopped.value),
    }  # fmt: skip
    rest = {n: v for n, v in answer.items() if n != "errors"}
    assert rest == {
        "rows": 0, "added": 0, "changed": 0, "unchanged": 0, "left": 0, "warnings": [],
        "applied": False,
    }  # fmt: skip
    assert stopped.value.returncode == 1


def test_a_refused_writing_is_told_as_json_too(cast: Cast, file: Path) -> None:
    file.write_bytes(roster(2))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_roster", cast.school.code, str(file), "--apply", "--as", "reviewer-a", "--json",
            stdout=out,
        )  # fmt: skip
    answer = json.loads(out.getvalue())
    assert "没有在任的" in answer["errors"][0]["reason"]
    assert not answer["applied"]


def test_who_imports(cast: Cast, file: Path) -> None:
    file.write_bytes(roster(2))
    code, said = run("import_roster", cast.school.code, file, "--apply", "--as", "reviewer-a")
    assert (code, said) == (1, "账号 reviewer-a 示范第一高级中学没有在任的资助专干（经办）。")
    assert run("import_roster", cast.school.code, file, "--apply", "--as", "operator-a")[0] == 0
    assert RosterImport.objects.get().apply_by == cast.operator.person


def test_words_for_people(cast: Cast, file: Path) -> None:
    file.write_bytes(workbook([row(0), row(1, 身份证件号码=number(1)[:17], 学籍号="")]))
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("import_roster", cast.school.code, str(file), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "行2，新增1，更改0，不变0，名册中有、文件中没有3"
    assert lines[1].startswith("错误 名册!B3 身份证号 990****")
    assert lines[-1] == "没有写入名册。"


def test_matching_a_list(cast: Cast, file: Path) -> None:
    file.write_bytes(list_file(people_of(cast)))
    code, answer = run("match_list", "dibao", file, "--bureau", cast.district.code)
    assert (code, answer) == (
        0,
        {
            "category": "dibao",
            "rows": 6,
            "matched": 3,
            "unmatched": 3,
            "tagged": 3,
            "schools": {cast.a.school.code: 2, cast.b.school.code: 1},
            "errors": [],
            "warnings": [],
            "applied": True,
        },
    )
    code, answer = run("match_list", "低保家庭学生", file, "--bureau", cast.district.code)
    assert (code, answer["tagged"], answer["matched"]) == (0, 0, 3)


def test_matching_stops_at_errors(cast: Cast, file: Path) -> None:
    good, *_ = people_of(cast)
    file.write_bytes(list_file([good, ("乙示", 990101201001011e3)]))
    code, answer = run("match_list", "dibao", file, "--bureau", cast.district.code)
    assert (code, answer["applied"], answer["errors"][0]["cell"]) == (2, False, "C3")
    with acting_for(cast.district):
        assert not SpecialGroupTag.objects.exists()
    code, answer = run("match_list", "dibao", file, "--bureau", cast.district.code, "--good-rows")
    assert (code, answer["applied"], answer["tagged"]) == (2, True, 1)


def test_whom_the_schools_are_asked_about_is_told_and_asked_though_no_row_is_good(
    cast: Cast, file: Path
) -> None:
    """As on the page: who stands there without a usable number is asked about by name and day."""
    file.write_bytes(listing(person(身份证号码="#REF!")))
    wanted = ("match_list", "dibao", str(file), "--bureau", cast.district.code)
    code, answer = run(*wanted)
    assert (code, answer["applied"]) == (2, False)
    assert not MatchCandidate.objects.exists()
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command(*wanted, "--good-rows", stdout=out)
    assert stopped.value.code == 2
    (question,) = MatchCandidate.objects.all()
    assert question.student_id == cast.a.students[0].pk
    said = out.getvalue().splitlines()
    assert (
        said[0]
        == "低保家庭学生：1行，比中0人，未比中0人，新标记0人次；已请学校确认1人是不是本校学生。"
    )
    assert "没有比对。" not in said


def test_unknown_category_and_bureau(cast: Cast, file: Path) -> None:
    file.write_bytes(list_file(people_of(cast)))
    code, said = run("match_list", "nobody", file, "--bureau", cast.district.code)
    assert (code, said[:15]) == (1, "没有“nobody”这一类型，")
    assert run("match_list", "dibao", file, "--bureau", cast.school.code)[0] == 1


@pytest.mark.parametrize(
    ("group", "bureau", "content"),
    [
        ("dibao", "{code}", b"%PDF-1.4 sample"),
        ("none", "{code}", b""),
        ("dibao", "0000", b""),
        ("dibao", "{code}", None),
    ],
)
def test_why_a_list_was_not_matched_is_told_as_json_too(
    cast: Cast, file: Path, group: str, bureau: str, content: bytes | None
) -> None:
    if content is not None:
        file.write_bytes(content)
    code = bureau.format(code=cast.district.code)
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("match_list", group, str(file), "--bureau", code, "--json", stdout=out)
    answer = json.loads(out.getvalue())
    (error,) = answer["errors"]
    assert (error["reason"], error["cell"]) == (str(stopped.value), "")
    assert (answer["rows"], answer["matched"], answer["applied"]) == (0, 0, False)
    assert stopped.value.returncode == 1
