"""The class's roster on paper: what the head teacher checks with the class and signs."""

from collections.abc import Sequence

from django.db import transaction

from audit.events import record
from office.documents.typeset import Value, pdf
from schools import clock
from schools.models import Appointment, Term
from students.models import SchoolClass, Student

HEADINGS = ["序号", "姓名", "学号", "性别", "户口", "就读", "身份证号", "核对"]
WIDTHS = [6, 14, 16, 7, 9, 9, 25, 14]


@transaction.atomic
def print_sheet(
    *, school_class: SchoolClass, students: Sequence[Student], term: Term | None, by: Appointment
) -> bytes:
    """A PDF of those in school, numbers masked; characters no font has are left to the pen."""
    present = [s for s in students if s.status == Student.Status.ENROLLED]
    record(
        by=by,
        verb="class.print_sheet",
        label="打印名册核对表",
        subject=school_class,
        at=clock.now(),
        facts={"students": len(present)},
    )
    when = f"{term}，" if term else ""
    return pdf(
        "list",
        {
            "title": f"{school_class.school}{school_class}学生名册核对表",
            "note": f"{when}在校{len(present)}人，{clock.today():%Y-%m-%d}打印",
            "headings": list(HEADINGS),
            "rows": [_row(n, s) for n, s in enumerate(present, 1)],
            "widths": list(WIDTHS),
            "signatures": ["班主任签字", "日期"],
        },
        moment=clock.now(),
        allow_missing=True,
    )


def _row(n: int, student: Student) -> list[Value]:
    return [
        str(n),
        student.name,
        student.student_no,
        student.get_sex_display(),
        student.get_household_display(),
        student.get_boarding_display(),
        str(student.id_number),
        "",
    ]
