"""Students of the roster who are not in a new file have left only when a person says so."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from audit.refusal import Reason, Refused
from schools.models import Appointment
from students.actions.enrolment import change_enrolment
from students.models import RosterImport, Student
from students.rules.enrolment import VERBS

LEAVES = tuple(kind for kind, verb in VERBS.items() if verb == "leave")


@transaction.atomic
def record_leavings(
    *,
    staged: RosterImport,
    students: Collection[int],
    kind: str,
    on: date,
    reason: str,
    by: Appointment,
) -> int:
    """Record one enrolment change for each of these students; all of them or none.

    Raises `Refused` with the reasons of everyone who can't be recorded, for a kind that is no
    leaving, for students who were in the file, and while sheets of it were not read.
    """
    missing = set(staged.counts.get("missing", []))
    found: list[Reason | str] = []
    if unsure := staged.counts.get("unsure", []):
        found.append(
            Reason(
                f"文件里的工作表“{'”“'.join(unsure)}”没有读，所选学生可能就在那里",
                "请把工作表改好，重新上传整份文件，再登记谁离校",
            )
        )
    if kind not in LEAVES:
        found.append(Reason("这一类异动不是离校", "请选择转出、退学、毕业等"))
    if not students:
        found.append(Reason("没有选择学生", "请勾选确实已经离校的学生"))
    if not missing.issuperset(students):
        found.append(Reason("所选学生中有文件里有的人", "请刷新页面后重新勾选"))
    if found:
        raise Refused(found)
    rows = Student.objects.for_school(staged.school).filter(pk__in=students).order_by("pk")
    for row in rows:
        try:
            change_enrolment(student=row, kind=kind, on=on, reason=reason, by=by)
        except Refused as refused:
            found += refused.reasons
    if found:
        raise Refused(found)
    return len(rows)
