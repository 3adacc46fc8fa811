"""What is paid by the month, month by month: who was away a whole month is not paid for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from office import bulk
from schools.models import Term
from students.models import EnrolmentChange, Student
from students.rules.enrolment import RESUMES, STOPS, Absence, absences_of

# Nobody is left to be paid, or there never was anybody.
NEVER_PAID = frozenset({EnrolmentChange.Kind.DEATH, EnrolmentChange.Kind.CANCEL})

# Months of a term are counted from 1; this is the whole term.
WHOLE = 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a term; `first` and `last` are its days."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """`10月`."""
        return f"{self.first.month}月"

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that a day lies in."""
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def month_of(instalment: int, term: Term) -> Month:
    """Which month the instalment of a monthly programme pays; the first is the term's first."""
    months = term.starts_on.year * 12 + term.starts_on.month - 1 + instalment - 1
    return Month.of(date(months // 12, months % 12 + 1, 1))


def months_in(term: Term) -> range:
    """The instalments of a term, one for each month that a day of it falls into."""
    years = term.ends_on.year - term.starts_on.year
    return range(1, years * 12 + term.ends_on.month - term.starts_on.month + 2)


def absences(school_id: int, students: Sequence[Student]) -> dict[int, tuple[Absence, ...]]:
    """When each of these students was away, by what was recorded."""
    rows = (
        EnrolmentChange.objects.filter(
            school_id=school_id,
            student_id__in=bulk.keys(s.id for s in students),
            kind__in=STOPS | RESUMES,
        )
        .order_by("on", "pk")
        .values_list("student_id", "kind", "on")
    )
    changes: dict[int, list[tuple[str, date]]] = defaultdict(list)
    for student, kind, on in rows:
        changes[student].append((kind, on))
    # Of most nothing was recorded since they came, and many came on one day.
    came: dict[date | None, tuple[Absence, ...]] = {}
    found = {}
    for s in students:
        if told := changes.get(s.id):
            found[s.id] = absences_of(told, s.entered_on)
        else:
            if s.entered_on not in came:
                came[s.entered_on] = absences_of((), s.entered_on)
            found[s.id] = came[s.entered_on]
    return found


def whole_month_away(away: Sequence[Absence], month: Month, term: Term) -> Absence | None:
    """The absence in which no day of the month, inside the term, was spent in school."""
    first, last = max(month.first, term.starts_on), min(month.last, term.ends_on)
    return next((one for one in away if one.covers(first, last)), None)


def still_due(away: Sequence[Absence], month: Month, term: Term) -> bool:
    """Whether who is away now is still owed the month, because he was in school in it."""
    if not away or away[-1].back is not None:
        return False
    if {away[-1].kind, away[-1].ended} & NEVER_PAID:
        return False
    return whole_month_away(away, month, term) is None


def absence_words(one: Absence) -> str:
    """`10月12日起休学`, with the return where there is one; `11月5日转入` for a newcomer."""
    label = EnrolmentChange.Kind(one.kind).label
    if one.first == date.min and one.back:
        return f"{one.back.month}月{one.back.day}日{label}"
    text = f"{one.first.month}月{one.first.day}日起{label}"
    return f"{text}，{one.back.month}月{one.back.day}日返校" if one.back else text
