"""Head teachers of many classes from one table: read whole, written whole."""

from collections.abc import Mapping

from django.db import transaction

from audit.refusal import Reason, Refused, refuse_if
from office.spreadsheets.headers import find_header
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.models import Appointment, Person, School
from schools.roles import Role
from students.actions.classes import assign_head_teacher
from students.models import SchoolClass
from students.rules.roster.places import Classes
from students.rules.roster.standing import standing_year
from students.rules.teachers import KNOWN, LABELS, NEEDED, Teacher, Understood, understand

MOST_ROWS = 2_000
WIDTHS = (12, 20, 16, 20)


def teachers_sheet(school: School) -> bytes:
    """The school's classes with their present head teachers, to be filled in and sent back."""
    rows = [
        [
            row.grade_name,
            row.name,
            row.head_teacher.name if row.head_teacher else "",
            _username(row.head_teacher) if row.head_teacher else "",
        ]
        for row in SchoolClass.objects.for_school(school)
        .select_related("head_teacher")
        .prefetch_related("head_teacher__accounts")
    ]
    return write_rows(None, list(LABELS.values()), rows, sheet_name="班主任", widths=WIDTHS)


def _username(person: Person) -> str:
    return next((account.username for account in person.accounts.all()), "")


def read_teachers(*, school: School, content: bytes, filename: str) -> Understood:
    """What a table says about the head teachers of a school; nothing is written.

    Raises `Unreadable` when it is no table, `Refused` when its columns or rows are missing.
    """
    for sheet in read_sheets(content, filename, max_rows=MOST_ROWS).sheets:
        header = find_header(sheet.rows, KNOWN)
        if header is not None and all(name in header.columns for name in NEEDED):
            told = understand(
                sheet.rows, header, classes=_classes(school), teachers=_teachers(school)
            )
            if told.leading or told.wrong:
                return told
            raise Refused([Reason("表里一位班主任也没有", "请在班级后面填班主任姓名")])
    columns = "、".join(LABELS[name] for name in NEEDED)
    raise Refused([Reason(f"没有找到这些列：{columns}", "请下载表格，按它的表头填写")])


def _classes(school: School) -> Classes:
    known = Classes(school.stage, standing_year(school))
    known.learn(SchoolClass.objects.for_school(school).select_related("head_teacher"))
    return known


def _teachers(school: School) -> list[Teacher]:
    appointed = Appointment.objects.valid_on(clock.today()).filter(
        organisation_id=school.pk, role=Role.HEAD_TEACHER
    )
    people = Person.objects.filter(pk__in=appointed.values("person_id"))
    return [
        Teacher(person, tuple(a.username for a in person.accounts.all()), person.phone.reveal())
        for person in people.prefetch_related("accounts").order_by("pk")
    ]


@transaction.atomic
def assign_head_teachers(*, school: School, chosen: Mapping[int, int], by: Appointment) -> int:
    """Hand each class (by id) to its person (by id), all or none; returns how many changed.

    Raises `Refused` with every class that is gone and every person who is no head teacher here.
    """
    classes = {row.pk: row for row in SchoolClass.objects.for_school(school).filter(pk__in=chosen)}
    people = Person.objects.in_bulk(set(chosen.values()))
    reasons, changed = [], 0
    # In one order, so that two officers don't wait for each other.
    for class_id, person_id in sorted(chosen.items()):
        row, person = classes.get(class_id), people.get(person_id)
        if row is None or person is None:
            reasons.append(Reason("有班级或班主任已不存在", "请重新上传表格"))
            continue
        try:
            with transaction.atomic():
                assign_head_teacher(school_class=row, person=person, by=by)
        except Refused as refused:
            reasons += [Reason(f"{row}：{r.text}", r.mend) for r in refused.reasons]
        else:
            changed += row.head_teacher_id != person_id
    if not chosen:
        reasons.append(Reason("没有选择任何班级", "请重新上传表格"))
    refuse_if(reasons)
    return changed
