"""入学日期: nobody came later than what was recorded of him here."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from audit.refusal import Reason
from students.models import EnrolmentChange
from students.rules.enrolment import VERBS
from students.rules.roster.rows import Row

# A return begins an enrolment; what was recorded before it belongs to an earlier one.
RETURNS = frozenset(kind for kind, verb in VERBS.items() if verb == "return_to_school")
First = Mapping[int, tuple[str, date]]


def first_changes(school_id: int, students: Collection[int]) -> First:
    """The kind and day of each student's earliest change since he came, or came back."""
    rows = EnrolmentChange.objects.filter(school_id=school_id, student_id__in=students)
    found: dict[int, tuple[str, date]] = {}
    for student, kind, on in rows.order_by("pk").values_list("student_id", "kind", "on"):
        if kind in RETURNS:
            found.pop(student, None)
        elif student not in found or on < found[student][1]:
            found[student] = (kind, on)
    return found


def why_not_entered(entered_on: date, first: tuple[str, date] | None) -> list[Reason]:
    """Whether he can have come on that day; else the months before it would not be paid."""
    if first is None or entered_on <= first[1]:
        return []
    kind, on = EnrolmentChange.Kind(first[0]).label, f"{first[1]:%Y年%-m月%-d日}"
    mend = f"请核对入学日期；{kind}的日期写错了的，请先在学生的页面更正"
    return [Reason(f"入学日期晚于已登记的{kind}的日期{on}", mend)]


def look_at_entries(school_id: int, dated: Iterable[tuple[int, Row]]) -> None:
    """Refuse rows, by student, whose 入学日期 is later than what happened to him since."""
    rows = dict(dated)
    if not rows:
        return
    first = first_changes(school_id, rows)
    for student, row in rows.items():
        if row.facts.entered_on is None:
            continue
        for reason in why_not_entered(row.facts.entered_on, first.get(student)):
            row.wrong("entered_on", f"{reason.text}。{reason.mend}。")
