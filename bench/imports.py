"""A roster from the file to the rows: read, checked, sealed, compared, written.

`BENCH_ROSTER` sets the number of rows. Every run is rolled back.
"""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.db import transaction
from python_calamine import CalamineWorkbook

from bench import ground
from office.spreadsheets.writing import write_rows
from privacy.identity import make_id
from schools import actions, clock
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.roles import Role
from schools.scope import acting_for
from students.actions import apply_roster, stage_roster
from students.models import Guardian, SchoolClass, Student
from students.models.roster import GRADE_NAMES
from tests.cast import appoint

ROWS = int(os.environ.get("BENCH_ROSTER", "50000"))
TABLES = ("students_student", "students_guardian")
DAY = date(2026, 9, 1)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
HEADERS = (
    "姓名", "身份证件号码", "性别", "出生日期", "民族", "学籍号", "学号", "年级", "班级",
    "户口性质", "就读方式", "入学年月", "联系电话", "现住址", "监护人姓名", "监护人关系",
    "监护人电话", "专业", "系部", "备注",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """A school and its officer."""

    school: School
    by: Appointment


def _number(n: int) -> str:
    day = date(2008, 1, 1) + timedelta(days=n // 900 % 1400)
    return make_id(f"9903{n // 1_260_000 % 90 + 10:02d}", day, n % 900)


def _name(n: int) -> str:
    # A given name of two out of two thousand common characters: nearly all differ.
    return SURNAMES[n % 31] + chr(0x4E00 + n * 7 % 2000) + chr(0x5000 + n * 13 % 2000)


def _row(n: int) -> list[str]:
    number = _number(n)
    grade = GRADE_NAMES[Stage.SENIOR][n % 3]
    return [
        _name(n), number, "男" if n % 900 % 2 else "女",
        f"{number[6:10]}-{number[10:12]}-{number[12:14]}", "汉族", f"G{number}", f"{n:08d}",
        grade, f"{n // 3 // 50 + 1}班", "农村" if n % 2 else "城镇", "住校" if n % 3 else "走读",
        "202609", f"138{n:08d}", f"示范区示范镇示范路{n}号", f"{_name(n)[0]}样泽", "父亲",
        f"139{n:08d}", "计算机应用", "信息系", "",
    ]  # fmt: skip


@lru_cache(maxsize=2)
def content(rows: int) -> bytes:
    """The workbook of so many students."""
    return ground.kept(f"roster-{rows}", lambda: _workbook(rows))


def _workbook(rows: int) -> bytes:
    return write_rows(None, HEADERS, [_row(n) for n in range(rows)])


@lru_cache(maxsize=3)
def world(letter: str) -> World:
    """A school with all its classes and no student; made once for each letter."""
    ground.made()
    code = f"349903000{ord(letter) % 10}"
    school = School.objects.filter(code=code).first() or _founded(code, letter)
    with acting_for(school):
        return World(school, Appointment.objects.get(organisation_id=school.pk))


def _founded(code: str, letter: str) -> School:
    bureau = Bureau.objects.filter(code="9903").first() or actions.found_bureau(
        code="9903", name="南区教育局", kind=Organisation.Kind.DISTRICT, region_code="990103"
    )
    school = actions.found_school(
        code=code,
        name=f"示范{letter}中学",
        stage=Stage.SENIOR,
        superior=bureau,
        territory=bureau,
    )
    with acting_for(school):
        appoint("经办", school, Role.OPERATOR, f"bench-{letter}")
        SchoolClass.objects.bulk_create(
            SchoolClass(
                school=school, stage=Stage.SENIOR, grade=grade, number=n, name=f"{name}（{n}）班"
            )
            for grade, name in enumerate(GRADE_NAMES[Stage.SENIOR], 1)
            for n in range(1, ROWS // 3 // 50 + 2)
        )
    return school


@lru_cache(maxsize=1)
def filled() -> World:
    """A school that has the file's students already, committed."""
    its = world("乙")
    with acting_for(its.school), clock.at(clock.office_opens(DAY)):
        if not Student.objects.for_school(its.school).exists():
            _import(its)
    return its


def _import(its: World) -> int:
    staged = stage_roster(school=its.school, content=content(ROWS), filename="a.xlsx", by=its.by)
    apply_roster(staged=staged, by=its.by)
    return int(staged.counts["added"])


def undone(act: Callable[[World], int], its: World, expected: int) -> None:
    with acting_for(its.school), clock.at(clock.office_opens(DAY)), transaction.atomic():
        found = act(its)
        transaction.set_rollback(True)
    if found != expected:
        raise AssertionError(found)


def prepared() -> None:
    """School and file are there; nothing is imported."""
    world("甲")
    content(ROWS)


def ours() -> None:
    """The product's two actions: what is shown, then what is written."""
    undone(_import, world("甲"), ROWS)


def ours_anew() -> None:
    """The two with a new class between them, so that the file is read in each."""

    def act(its: World) -> int:
        staged = stage_roster(
            school=its.school, content=content(ROWS), filename="a.xlsx", by=its.by
        )
        SchoolClass.objects.create(
            school=its.school, stage=Stage.SENIOR, grade=3, number=9_999, name="高三（9999）班"
        )
        apply_roster(staged=staged, by=its.by)
        return int(staged.counts["added"])

    undone(act, world("甲"), ROWS)


def ours_staged() -> None:
    """The first of the two: read, checked, compared, shown."""

    def act(its: World) -> int:
        staged = stage_roster(
            school=its.school, content=content(ROWS), filename="a.xlsx", by=its.by
        )
        return int(staged.counts["added"])

    undone(act, world("甲"), ROWS)


def ours_again() -> None:
    """The same file on the roster that it made."""

    def act(its: World) -> int:
        staged = stage_roster(
            school=its.school, content=content(ROWS), filename="a.xlsx", by=its.by
        )
        return int(staged.counts["unchanged"])

    undone(act, filled(), ROWS)


TEXTS = ", ".join(f"c{i} text" for i in range(len(HEADERS)))
STUDENTS = """
INSERT INTO students_student (school_id, school_class_id, name, name_key, pinyin, initials, sex,
  birth_date, ethnicity, enrolment_no, enrolment_blind, student_no, id_number, id_blind, household,
  boarding, phone, phone_blind, address, entered_on, status{more})
SELECT %(school)s, k.id, c0, c0, c0, left(c0, 1), CASE c2 WHEN '男' THEN 'm' ELSE 'f' END, c3::date,
  c4, c5::bytea, sha256(c5::bytea), c6, c1::bytea, sha256(c1::bytea),
  CASE c9 WHEN '农村' THEN 'rural' ELSE 'urban' END,
  CASE c10 WHEN '住校' THEN 'boarder' ELSE 'day' END, c12::bytea, sha256(c12::bytea), c13::bytea,
  '2026-09-01',
  'enrolled'{values}
FROM told JOIN students_schoolclass k
  ON k.school_id = %(school)s AND k.name = c7 || '（' || rtrim(c8, '班') || '）班'
ON CONFLICT (school_id, id_blind) WHERE status <> 'left' DO UPDATE SET name = excluded.name
  WHERE students_student.name <> excluded.name
"""
GUARDIANS = """
INSERT INTO students_guardian (school_id, student_id, name, relation, phone, phone_blind{more})
SELECT %(school)s, s.id, c14, c15, c16::bytea, sha256(c16::bytea){values} FROM told
JOIN students_student s ON s.school_id = %(school)s AND s.id_blind = sha256(c1::bytea)
ON CONFLICT (school_id, student_id, name_key) DO NOTHING
"""


def _least(its: World, *, keep: bool) -> int:
    table = CalamineWorkbook.from_filelike(io.BytesIO(content(ROWS))).get_sheet_by_index(0)
    lines = "".join("\t".join(map(str, row)) + "\n" for row in table.to_python()[1:])
    more, values = ground.required(Student, STUDENTS[: STUDENTS.index("SELECT")])
    with ground.owner(keep=keep) as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(its.school.pk)])
        cursor.execute(f"CREATE TEMP TABLE told ({TEXTS}) ON COMMIT DROP")
        cursor.copy_expert("COPY told FROM STDIN", io.StringIO(lines))
        cursor.execute(STUDENTS.format(more=more, values=values), {"school": its.school.pk})
        found = int(cursor.rowcount)
        more, values = ground.required(Guardian, GUARDIANS[: GUARDIANS.index("SELECT")])
        cursor.execute(GUARDIANS.format(more=more, values=values), {"school": its.school.pk})
    return found


def least() -> None:
    """The parser alone, COPY, INSERT … ON CONFLICT: nothing checked, nothing sealed."""
    if _least(world("甲"), keep=False) != ROWS:
        raise AssertionError


@lru_cache(maxsize=1)
def _least_filled() -> World:
    its = world("丙")
    with acting_for(its.school):
        there = Student.objects.for_school(its.school).exists()
    if not there:
        _least(its, keep=True)
    return its


def least_again() -> None:
    """The same on rows that are there: every row a conflict, none written."""
    if _least(_least_filled(), keep=False) != 0:
        raise AssertionError
