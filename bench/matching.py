"""A department's list against the rosters of a district: from the file to the tags.

`BENCH_LISTED` × `BENCH_STUDENTS` set the size; half of the people listed are students. Every run is
rolled back.
"""

import hmac
import io
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import openpyxl
from django.db import transaction
from python_calamine import CalamineWorkbook

from bench import ground
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from privacy.fields import blind_id
from privacy.identity import make_id
from privacy.keys import ring
from schools import actions, clock
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.roles import Role
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.actions import match_list, upload_list
from students.models import SchoolClass, SpecialGroup, SpecialGroupTag, Student
from tests.cast import appoint

LISTED = int(os.environ.get("BENCH_LISTED", "99999"))
STUDENTS = int(os.environ.get("BENCH_STUDENTS", "500000"))
SCHOOLS = 20
TABLES = ("students_student", "students_specialgrouptag", "students_departmentlistrow")
FROM = date(2026, 9, 1)
HEADERS = ("序号", "姓名", "身份证号码", "家庭住址", "救助类别", "开始享受日期")
LEAST = """
INSERT INTO students_specialgrouptag
  (school_id, student_id, group_id, source, strength, detail, valid_from, recorded_at)
SELECT s.school_id, s.id, %s, '民政名单', 'id', '', %s, now()
  FROM wanted JOIN students_student AS s ON s.id_blind = wanted.id_blind AND s.status <> 'left'
"""
# As long as a roster's rows are; the sealed columns hold noise of the usual length.
FILL = """
INSERT INTO students_student (school_id, school_class_id, name, name_key, pinyin, initials, sex,
  birth_date, id_blind, id_number, enrolment_no, enrolment_blind, phone, address{more})
SELECT %(school)s, %(its_class)s, name, name, 'xueshi', 'xs', 'm', birth, blind,
  sha256(blind) || substr(blind, 1, 20), sha256('e' || blind) || substr(blind, 1, 20),
  sha256('n' || blind), sha256('p' || blind) || substr(blind, 1, 12),
  sha256('a' || blind) || blind{values}
FROM told
"""


@dataclass(frozen=True)
class World:
    """A district whose schools have students, and its officer."""

    bureau: Bureau
    by: Appointment
    group: SpecialGroup


def _number(n: int) -> str:
    day = date(2008, 1, 1) + timedelta(days=n // 1000 % 3650)
    return make_id(f"9901{n // 3_650_000 % 90 + 10:02d}", day, n % 1000)


def _listed(n: int) -> str:
    """A student's name as the roster has it; three signs that nobody there is called for others."""
    if n < STUDENTS:
        return f"学示{n}"
    return "样" + chr(0x4E00 + n % 4000) + chr(0x5000 + n // 4000 % 4000)


@lru_cache(maxsize=1)
def world() -> World:
    """Made once: `STUDENTS` students of 20 schools."""
    ground.made()
    bureau = Bureau.objects.filter(code="9901").first() or _founded()
    with acting_for(bureau):
        by = Appointment.objects.get(organisation_id=bureau.pk)
    return World(bureau, by, SpecialGroup.objects.get(code="dibao"))


def _founded() -> Bureau:
    bureau = actions.found_bureau(
        code="9901", name="东区教育局", kind=Organisation.Kind.DISTRICT, region_code="990101"
    )
    with acting_for(bureau):
        appoint("区经办", bureau, Role.BUREAU_OPERATOR, "bureau")
    for n in range(SCHOOLS):
        _school(bureau, n)
    return bureau


@lru_cache(maxsize=2)
def content(listed: int) -> bytes:
    """The list of so many people, every other a student, spread over all schools."""
    return ground.kept(f"list-{listed}", lambda: _list(listed))


def _list(listed: int) -> bytes:
    half = listed // 2
    students = range(0, STUDENTS, max(1, STUDENTS // half))[:half]
    others = range(STUDENTS, STUDENTS + listed - half)
    people = itertools.chain.from_iterable(itertools.zip_longest(students, others))
    rows: list[list[Cell]] = [
        [i, _listed(n), _number(n), f"示范街道{i}号", "低保", "2026-09-01"]
        for i, n in enumerate(n for n in people if n is not None)
    ]
    return write_rows(None, HEADERS, rows)


def _school(bureau: Bureau, n: int) -> None:
    school = actions.found_school(
        code=f"34990{n:05d}",
        name=f"示范第{n}中学",
        stage=Stage.SENIOR,
        superior=bureau,
        territory=bureau,
    )
    set_scope(school.pk)
    its_class = SchoolClass.objects.create(
        school=school, stage=Stage.SENIOR, grade=1, number=1, name="高一（1）班"
    )
    _fill(school, its_class, range(n, STUDENTS, SCHOOLS))


def _fill(school: School, its_class: SchoolClass, numbers: range) -> None:
    """A school's students by COPY, since nothing of their making is measured."""
    lines = "".join(
        f"学示{n}\t{date(2008, 1, 1) + timedelta(days=n // 1000 % 3650)}"
        f"\t\\\\x{blind_id(_number(n)).hex()}\n"
        for n in numbers
    )
    more, values = ground.required(Student, FILL[: FILL.index("SELECT")])
    with ground.owner(keep=True) as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(school.pk)])
        cursor.execute("CREATE TEMP TABLE told (name text, birth date, blind bytea)")
        cursor.copy_expert("COPY told FROM STDIN", io.StringIO(lines))
        facts = {"school": school.pk, "its_class": its_class.pk}
        cursor.execute(FILL.format(more=more, values=values), facts)


def _undone(act: Callable[[World], int], listed: int) -> None:
    """`act` for the bureau, on the day of the list, with nothing left behind."""
    its = world()
    with acting_for(its.bureau), clock.at(FROM), transaction.atomic():
        found = act(its)
        transaction.set_rollback(True)
    if found != listed // 2:
        raise AssertionError(found)


def ours() -> None:
    """The product's two actions: read, check, seal, keep the list; tag; ask; count; record."""
    _undone(_ours, LISTED)


def _ours(its: World) -> int:
    listed = upload_list(
        bureau=its.bureau,
        group=its.group,
        content=content(LISTED),
        filename="a.xlsx",
        issued_on=FROM,
        valid_from=FROM,
        valid_to=None,
        by=its.by,
    )
    return int(match_list(listed=listed, by=its.by).counts["tagged"])


def _tag(its: World, student: int, school: int) -> SpecialGroupTag:
    return SpecialGroupTag(
        school_id=school,
        student_id=student,
        group=its.group,
        source="民政名单",
        valid_from=FROM,
        recorded_at=clock.now(),
    )


def _blinds(listed: int) -> Iterator[bytes]:
    book = openpyxl.load_workbook(io.BytesIO(content(listed)), read_only=True)
    for row in book.worksheets[0].iter_rows(min_row=2, values_only=True):
        yield blind_id(str(row[2]))


def query_per_row(listed: int) -> Callable[[], None]:
    """openpyxl, and for each row of a list of this length a question and a tag."""

    def act(its: World) -> int:
        found = 0
        for blind in _blinds(listed):
            student = Student.objects.filter(id_blind=blind).first()
            if student is not None:
                _tag(its, student.pk, student.school_id).save()
                found += 1
        return found

    return lambda: _undone(act, listed)


def dictionary() -> None:
    """openpyxl, and every student of the district in a dictionary: three columns, no instances."""

    def act(its: World) -> int:
        here = Student.objects.exclude(status="left").values_list("id_blind", "pk", "school_id")
        known = {blind: (student, school) for blind, student, school in here.iterator()}
        found = [known[blind] for blind in _blinds(LISTED) if blind in known]
        SpecialGroupTag.objects.bulk_create([_tag(its, *who) for who in found], batch_size=2_000)
        return len(found)

    _undone(act, LISTED)


def least() -> None:
    """The parser alone, one COPY of blind indexes, one join that writes the tags."""
    its = world()
    key = ring().blind
    table = CalamineWorkbook.from_filelike(io.BytesIO(content(LISTED))).get_sheet_by_index(0)
    lines = "".join(
        f"\\\\x{hmac.digest(key, b'id%c%s' % (0, str(row[2]).encode()), 'sha256').hex()}\n"
        for row in table.to_python()[1:]
    )
    with ground.owner(keep=False) as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, true)", [str(its.bureau.pk)])
        cursor.execute("CREATE TEMP TABLE wanted (id_blind bytea) ON COMMIT DROP")
        cursor.copy_expert("COPY wanted FROM STDIN", io.StringIO(lines))
        cursor.execute(LEAST, [its.group.pk, FROM])
        found = cursor.rowcount
    if found != LISTED // 2:
        raise AssertionError(found)
