"""Hand out lists as workbooks: masked as on the page, and on the record."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from audit.events import record
from audit.refusal import Refused
from office import files
from office.spreadsheets.cells import Cell
from office.spreadsheets.marking import mark_errors
from office.spreadsheets.refusals import Unreadable
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.models import Appointment, School
from students.models import Guardian, RosterImport, Student, protected_among
from students.rules.roster.examination import examine

HEADERS = ("姓名", "班级", "学号", "身份证号", "性别", "户口性质", "就读方式", "学籍状态", "监护人",
           "校区（教学点）", "籍贯", "政治面貌", "邮政编码")  # fmt: skip
WIDTHS = (14, 16, 14, 16, 8, 10, 10, 10, 44, 18, 18, 12, 10)
# Only for whom special groups are shown; of a disability only that it is registered.
SENSITIVE = ("留守儿童", "随迁子女", "残疾类型", "脱贫年份", "重点保障")
YES_OR_NO = {True: "是", False: "否", None: ""}


@transaction.atomic
def export_roster(
    *,
    students: Iterable[Student],
    school: School,
    shown: Sequence[str],
    by: Appointment,
    sensitive: bool = False,
) -> bytes:
    """The students of a list as .xlsx, identity numbers masked; `shown` names its filters.

    With `sensitive` also 留守, 随迁, 脱贫年份, whether a disability is registered, and who is
    困中之困.
    """
    listed = list(students)
    guardians = _guardians(school, listed)
    first = _protected(school) if sensitive else frozenset()
    rows = [
        [*_row(school, one), "；".join(guardians.get(one.pk, ())), *_forms(one)]
        + (_sensitive(one, first) if sensitive else [])
        for one in listed
    ]
    headers = HEADERS + (SENSITIVE if sensitive else ())
    record(
        by=by,
        verb="roster.export",
        label="导出名册",
        subject=school,
        at=clock.now(),
        organisation_id=school.pk,
        facts={"rows": len(rows), "filters": list(shown), "masked": True, "sensitive": sensitive},
    )
    widths = (*WIDTHS, *(10 for _ in SENSITIVE))[: len(headers)]
    return write_rows(None, headers, rows, sheet_name="学生名册", widths=widths)


def _guardians(school: School, students: Sequence[Student]) -> dict[int, list[str]]:
    """Each student's guardians in words, telephones masked; in one query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Guardian.objects.for_school(school).filter(student_id__in=[s.pk for s in students])
    for row in rows.order_by("pk"):
        found[row.student_id].append(f"{row} {row.phone}".strip())
    return found


def _row(school: School, student: Student) -> list[Cell]:
    student.school = school
    return [
        student.name,
        student.school_class.name,
        student.student_no,
        str(student.id_number),
        student.get_sex_display(),
        student.get_household_display(),
        student.get_boarding_display(),
        student.get_status_display(),
    ]


def _forms(student: Student) -> list[Cell]:
    """What the printed forms ask besides."""
    return [
        student.campus,
        student.native_place,
        student.political_status,
        student.postcode,
    ]


def _protected(school: School) -> frozenset[int]:
    rows = Student.objects.for_school(school)
    found = protected_among(rows, clock.today()).order_by().values_list("pk", flat=True)
    return frozenset(found)


def _sensitive(student: Student, first: Collection[int]) -> list[Cell]:
    return [
        YES_OR_NO[student.left_behind],
        YES_OR_NO[student.migrant],
        "已登记" if student.disability else "",
        student.lifted_year,
        "是" if student.pk in first else "",
    ]


@transaction.atomic
def marked_roster(*, staged: RosterImport, by: Appointment) -> bytes:
    """The officer's own workbook with every error and every sheet not read marked and listed.

    Raises `Refused` when the kept file can't be read as a roster.
    """
    content = files.content_of(staged.file)
    try:
        seen = examine(
            school=staged.school,
            content=content,
            filename=staged.file.name,
            columns=staged.columns,
        )
    except Unreadable as error:
        raise Refused([error.as_reason()]) from None
    record(
        by=by,
        verb="rosterimport.mark",
        label="下载标红的原表",
        subject=staged,
        at=clock.now(),
        facts={"errors": len(seen.reading.problems)},
    )
    unread = [one.as_problem("学生") for one in seen.reading.unread if one.rows]
    marks = [p.as_mark() for p in [*unread, *seen.reading.problems]]
    return mark_errors(content, marks, filename=staged.file.name)
