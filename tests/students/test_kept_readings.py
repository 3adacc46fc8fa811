"""A long file is read once: its rows are kept sealed from the preview to the writing."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from audit.refusal import Refused
from office.spreadsheets.cells import Cell
from schools import clock
from schools.models import School, Stage
from schools.scope import acting_for
from schools.tenancy import set_scope
from students import tasks
from students.actions import (
    add_class,
    apply_roster,
    correct_columns,
    discard_roster,
    roster_readings,
    rosters,
    stage_roster,
)
from students.actions.headings import remember_headings
from students.actions.roster_readings import kept_reading
from students.models import Guardian, RosterImport, RosterPart, SchoolClass, Student
from students.rules.roster import parts
from students.rules.roster.examination import examine
from students.rules.roster.reading import Reading, read_roster
from students.rules.roster.rows import FACTS
from tests.cast import Cast
from tests.students.rosters import HEADERS, name, number, roster, row, workbook

MORE = ("专业", "是否留守儿童", "脱贫年份", "户籍地址", "监护人2姓名", "监护人2电话", "校区")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short files are kept like long ones, in parts of seven rows."""
    monkeypatch.setattr(roster_readings, "LONG", 1)
    monkeypatch.setattr(parts, "ROWS", 7)


def stage(cast: Cast, content: bytes, school: School | None = None) -> RosterImport:
    school = school or cast.school
    return stage_roster(school=school, content=content, filename="名册.xlsx", by=cast.operator)


def mixed() -> bytes:
    """New and known students, new classes, columns that few files have, and rows that are wrong."""
    rows: list[list[Cell]] = []
    for n in range(40):
        more: list[Cell] = ["护理" if n % 2 else "", "是" if n % 3 else "否", "", "", "", "", ""]
        if n % 5 == 0:
            more[2:6] = ["2019", f"示范区示范村{n}号", f"样{name(n)}", f"137{n:08d}"]
        rows.append([*row(n, 班级=f"{n % 4 + 1}班"), *more])
    rows[3] = [*row(3, 身份证件号码=number(3)[:-1] + "?", 学籍号=""), *[""] * 7]
    rows[11] = [*row(11, 班级="书香班"), *[""] * 7]
    rows[12] = [*row(12, 身份证件号码=number(13)), *[""] * 7]
    rows[20] = [*row(20, 入学年月="明年"), *[""] * 7]
    return workbook(rows, (*HEADERS, *MORE))


def nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the file itself can't be read."""

    def read(*args: Any, **kwargs: Any) -> Reading:
        raise AssertionError("the file was read again")

    monkeypatch.setattr("students.rules.roster.examination.read_roster", read)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with every reading of a file."""
    found: list[int] = []

    def looked(**facts: Any) -> Any:
        found.append(1)
        return examine(**facts)

    monkeypatch.setattr(rosters, "examine", looked)
    return found


def written() -> list[Any]:
    """All that an import writes, but for what differs each time: keys and seals."""
    students = [
        (
            s.name, s.name_key, s.pinyin, s.initials, s.sex, s.birth_date, s.ethnicity,
            s.student_no, s.household, s.boarding, s.entered_on, s.id_kind, s.campus,
            s.left_behind, s.migrant, s.native_place, s.political_status, s.postcode,
            s.lifted_year, s.school_class.name, bytes(s.id_blind), s.enrolment_blind,
            s.phone_blind, s.id_number.reveal(), s.enrolment_no.reveal(), s.phone.reveal(),
            s.address.reveal(), s.disability.reveal(), s.household_address.reveal(), s.status,
        )
        for s in Student.objects.select_related("school_class").order_by("id_blind")
    ]  # fmt: skip
    guardians = [
        (bytes(g.student.id_blind), g.name, g.relation, g.phone.reveal(), g.id_number.reveal())
        for g in Guardian.objects.select_related("student").order_by("student__id_blind", "name")
    ]
    classes = list(SchoolClass.objects.order_by("name").values_list("name", "major", "department"))
    return [students, guardians, classes]


def test_what_is_kept_gives_the_same_rows(cast: Cast) -> None:
    staged = stage(cast, mixed())
    fresh = examine(school=cast.school, content=mixed(), filename="名册.xlsx")
    found = kept_reading(staged)
    assert found
    ground, kept = found
    assert ground == fresh.ground
    assert (kept.layout, kept.told) == (fresh.reading.layout, fresh.reading.told)
    assert [n for n, r in enumerate(kept.rows) if r.problems] == sorted(fresh.refused)
    assert len(kept.rows) == len(fresh.reading.rows) == 40
    for again, once in zip(kept.rows, fresh.reading.rows, strict=True):
        assert (again.index, again.place) == (once.index, once.place)
        assert asdict(again.facts) == asdict(once.facts)
        assert [type(v) for v in asdict(again.facts).values()] == [
            type(getattr(once.facts, fact)) for fact in FACTS
        ]
        assert again.table.columns == once.table.columns


def test_the_writing_reads_no_file_and_writes_what_two_readings_would(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_roster(staged=stage(cast, workbook([row(1, 班级="3班"), row(2)])), by=cast.operator)
    monkeypatch.setattr(roster_readings, "LONG", 1_000)
    with transaction.atomic():
        apply_roster(staged=stage(cast, mixed()), by=cast.operator, good_rows=True)
        twice = written()
        transaction.set_rollback(True)
    monkeypatch.setattr(roster_readings, "LONG", 1)
    staged = stage(cast, mixed())
    nobody_reads(monkeypatch)
    done = apply_roster(staged=staged, by=cast.operator, good_rows=True)
    assert (done.counts["added"], done.counts["changed"], done.counts["bad"]) == (34, 2, 4)
    assert written() == twice


def test_wrong_rows_hold_the_file_back_as_before(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage(cast, mixed())
    nobody_reads(monkeypatch)
    with pytest.raises(Refused, match="有4行有错误"):
        apply_roster(staged=staged, by=cast.operator)
    assert Student.objects.count() == 3


def test_a_roster_that_changed_since_the_preview_is_not_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stage(cast, roster(5)), stage(cast, roster(5))
    apply_roster(staged=first, by=cast.operator)
    nobody_reads(monkeypatch)
    with pytest.raises(Refused, match="名册在预览之后有变动"):
        apply_roster(staged=second, by=cast.operator)
    assert Student.objects.count() == 8


def test_nothing_readable_is_kept(cast: Cast) -> None:
    staged = stage(cast, roster(20))
    assert staged.parts.count() == 4
    stored = b"".join(bytes(part.rows.stored()) for part in staged.parts.all())
    for told in (number(3), name(3), "示范区示范镇4号", "13900000003", "rural"):
        assert told.encode() not in stored
    assert "＊＊＊" in {str(part.rows) for part in staged.parts.all()}


@pytest.mark.parametrize("end", [apply_roster, discard_roster])
def test_nothing_stays_when_the_file_is_done_with(cast: Cast, end: Callable[..., Any]) -> None:
    staged = stage(cast, roster(20))
    other = stage(cast, roster(21))
    end(staged=staged, by=cast.operator)
    assert set(RosterPart.objects.values_list("staged", flat=True)) == {other.pk}


def test_what_was_kept_on_a_day_before_goes(cast: Cast) -> None:
    old = stage(cast, roster(20))
    with clock.at(clock.now() + timedelta(days=1)):
        new = stage(cast, roster(21))
    assert set(RosterPart.objects.values_list("staged", flat=True)) == {new.pk} != {old.pk}


def test_and_at_night_when_the_school_reads_nothing_more(cast: Cast) -> None:
    old = stage(cast, roster(20))
    tasks.forget_readings()
    assert RosterPart.objects.filter(staged=old).exists()
    set_scope(None)
    with clock.at(clock.now() + timedelta(days=1)):
        tasks.forget_readings()
    set_scope(cast.school.pk)
    assert not RosterPart.objects.exists()
    # The file is there still, and is read anew when it is written.
    assert apply_roster(staged=old, by=cast.operator).status == RosterImport.Status.APPLIED


def test_neither_short_files_nor_those_that_change_nothing_are_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_roster(staged=stage(cast, roster(20)), by=cast.operator)
    stage(cast, roster(20))
    monkeypatch.setattr(roster_readings, "LONG", 22)
    stage(cast, roster(21))
    assert not RosterPart.objects.exists()


def _new_class(cast: Cast, staged: RosterImport) -> None:
    add_class(
        school=cast.school, stage=Stage.SENIOR, grade=3, number=9, name="高三（9）班",
        by=cast.operator,
    )  # fmt: skip


def _new_heading(cast: Cast, staged: RosterImport) -> None:
    remember_headings(
        school=cast.school, sheet=staged.layout[0], columns={"name": 0, "id_number": 1},
        by=cast.operator,
    )  # fmt: skip


def _other_name(cast: Cast, staged: RosterImport) -> None:
    SchoolClass.objects.for_school(cast.school).update(name="高一（甲）班")


def _another_file(cast: Cast, staged: RosterImport) -> None:
    type(staged.file).objects.filter(pk=staged.file_id).update(sha256="0" * 64)


def _a_part_less(cast: Cast, staged: RosterImport) -> None:
    staged.parts.get(number=2).delete()


def _parts_mixed_up(cast: Cast, staged: RosterImport) -> None:
    first, second = staged.parts.get(number=1), staged.parts.get(number=2)
    first.rows, second.rows = second.rows.reveal(), first.rows.reveal()
    first.save()
    second.save()


def _anothers_parts(cast: Cast, staged: RosterImport) -> None:
    other = stage(cast, roster(20))
    staged.parts.all().delete()
    other.parts.update(staged=staged)


def _tampered(cast: Cast, staged: RosterImport) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE students_rosterpart"
            " SET rows = set_byte(rows, 90, (get_byte(rows, 90) + 1) % 256)"
        )


@pytest.mark.parametrize(
    "meanwhile",
    [
        _new_class,
        _new_heading,
        _other_name,
        _another_file,
        _a_part_less,
        _parts_mixed_up,
        _anothers_parts,
        _tampered,
    ],
)
def test_what_would_be_read_otherwise_is_read_anew(
    cast: Cast, meanwhile: Callable[[Cast, RosterImport], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage(cast, roster(20))
    assert kept_reading(staged)
    meanwhile(cast, staged)
    staged.file.refresh_from_db()
    assert kept_reading(staged) is None
    read = counted(monkeypatch)
    with pytest.MonkeyPatch.context() as quiet:
        quiet.setattr(rosters, "_why_not_apply", lambda *args: [])
        apply_roster(staged=staged, by=cast.operator)
    assert read == [1]
    assert not staged.parts.exists()


def test_another_day_and_another_program_read_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage(cast, roster(20))
    with clock.at(clock.now() + timedelta(days=1)):
        assert kept_reading(staged) is None
    assert kept_reading(staged)
    monkeypatch.setattr(roster_readings, "program", lambda: "newer")
    assert kept_reading(staged) is None


def test_the_programs_digest_is_of_what_reads() -> None:
    assert len(roster_readings.program()) == 64
    folders = {folder.split("/")[0] for folder in roster_readings.PROGRAM}
    assert folders == {"office", "privacy", "students"}


def test_columns_understood_otherwise_are_kept_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage(cast, roster(20))
    before = {bytes(part.rows.stored()) for part in staged.parts.all()}
    columns = {c["field"]: c["index"] for c in staged.layout[0]["columns"] if c["field"]}
    row = correct_columns(staged=staged, columns={**columns, "address": None}, by=cast.operator)
    assert not before & {bytes(part.rows.stored()) for part in row.parts.all()}
    nobody_reads(monkeypatch)
    apply_roster(staged=row, by=cast.operator)
    assert Student.objects.get(name=name(3)).address.reveal() == ""


def test_whoever_dies_between_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and the staged file are of one transaction, whichever moment it ends at."""

    class Killed(BaseException):
        pass

    parts_then: list[int] = []

    def dies(*args: Any, **facts: Any) -> None:
        parts_then.append(RosterPart.objects.count())
        raise Killed

    with pytest.MonkeyPatch.context() as once:
        once.setattr(rosters, "record", dies)
        with pytest.raises(Killed):
            stage(cast, roster(20))
    assert not RosterPart.objects.exists()
    assert not RosterImport.objects.exists()
    staged = stage(cast, roster(20))
    with pytest.MonkeyPatch.context() as once:
        once.setattr("students.actions.rosters.moves.make", dies)
        with pytest.raises(Killed):
            apply_roster(staged=staged, by=cast.operator)
    assert parts_then == [4, 0]
    assert (Student.objects.count(), staged.parts.count()) == (3, 4)
    nobody_reads(monkeypatch)
    apply_roster(staged=staged, by=cast.operator)
    assert (Student.objects.count(), RosterPart.objects.count()) == (23, 0)


def test_another_school_sees_no_part(cast: Cast) -> None:
    stage(cast, roster(20))
    with acting_for(cast.b.school):
        assert not RosterPart.objects.exists()


def test_the_command_reads_a_file_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(roster(20))
    read: list[int] = []

    def looked(*args: Any, **kwargs: Any) -> Reading:
        read.append(1)
        return read_roster(*args, **kwargs)

    monkeypatch.setattr("students.rules.roster.examination.read_roster", looked)
    out = StringIO()
    call_command("import_roster", cast.school.code, str(file), "--apply", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["added"], told["applied"], read) == (20, True, [1])
    assert (Student.objects.count(), RosterPart.objects.count()) == (23, 0)
