"""系统录入 of many schools: how many lists each owes, has noted and has had checked.

What `disbursement.upkeep` tells of one school, asked of all in one query; a test keeps them equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from applications.models import Programme
from disbursement.months import WHOLE, Month, month_of
from disbursement.upkeep import MONTHLY, OWED, begun_months
from schools import clock
from schools.models import Organisation, Stage, Term
from students.rules.enrolment import RESUMES, STOPS

PER_TERM = Programme.Cadence.PER_TERM
ONCE = tuple(c for c in Programme.Cadence if c not in (MONTHLY, PER_TERM))

# Only who came late, stopped or came back can have been away: the others are not asked one by one
# (CASE: a condition beside it may be looked at after the function, which costs most of the time).
# Lists are compared where the last entry was checked; elsewhere it is enough that there is one.
LINES = """
WITH month(n, first_day, last_day, due_on) AS (
  SELECT * FROM unnest(%(months)s::int[], %(firsts)s::date[], %(lasts)s::date[], %(ends)s::date[])),
programme AS (
  SELECT id, entry_cadence = 'monthly' AS by_month, money_cadence = 'monthly' AS paid_by_month
    FROM applications_programme WHERE entry_cadence = ANY(%(cadences)s)),
given AS (
  SELECT a.school_id, a.programme_id, a.student_id, a.instalment, a.amount_fen, a.granted_at,
         p.by_month, p.paid_by_month
    FROM disbursement_award AS a JOIN programme AS p ON p.id = a.programme_id
   WHERE a.term_id = %(term)s AND a.status = 'granted'),
settled AS (
  SELECT school_id, programme_id, (min(granted_at) AT TIME ZONE %(zone)s)::date AS settled_on
    FROM given GROUP BY school_id, programme_id),
latest AS (
  SELECT DISTINCT ON (e.school_id, e.programme_id, e.month)
         e.school_id, e.programme_id, e.month AS n, e.status, e.held
    FROM disbursement_systementry AS e
    JOIN programme AS p ON p.id = e.programme_id
    JOIN month AS m ON m.n = e.month AND p.by_month = (m.n > 0)
   WHERE e.term_id = %(term)s AND e.status <> 'withdrawn'
   ORDER BY e.school_id, e.programme_id, e.month, e.number DESC),
moved AS (
  SELECT c.school_id, c.student_id,
         min(c."on") FILTER (WHERE c.kind = ANY(%(stops)s)) AS stopped_on,
         max(c."on") FILTER (WHERE c.kind = ANY(%(resumes)s)) AS back_on
    FROM students_enrolmentchange AS c
   WHERE c.kind = ANY(%(stops)s) OR c.kind = ANY(%(resumes)s)
   GROUP BY c.school_id, c.student_id),
listed AS (
  SELECT g.school_id, g.programme_id, m.n, g.student_id, sum(g.amount_fen) AS fen
    FROM given AS g
    JOIN month AS m ON g.by_month = (m.n > 0)
     AND (m.n = 0 OR NOT g.paid_by_month OR g.instalment = m.n)
    LEFT JOIN students_student AS s
      ON g.by_month AND s.school_id = g.school_id AND s.id = g.student_id
    LEFT JOIN moved AS c ON c.school_id = s.school_id AND c.student_id = s.id
   WHERE CASE
     WHEN s.entered_on > m.last_day OR c.stopped_on <= m.first_day OR c.back_on > m.last_day
     THEN NOT aid_was_away(s.school_id, s.id, s.entered_on, m.first_day, m.last_day)
     ELSE true END
   GROUP BY g.school_id, g.programme_id, m.n, g.student_id),
today AS (
  SELECT l.school_id, l.programme_id, l.n, count(*) AS people,
         jsonb_object_agg(l.student_id::text, l.fen) FILTER (WHERE e.status = 'checked') AS held
    FROM listed AS l LEFT JOIN latest AS e USING (school_id, programme_id, n)
   GROUP BY l.school_id, l.programme_id, l.n),
duty AS (
  SELECT school_id,
         CASE WHEN e.status IS NULL THEN 'open'
              WHEN e.status = 'checked' AND coalesce(t.held, '{}') <> e.held THEN 'changed'
              ELSE e.status END AS state,
         CASE WHEN t.people IS NULL THEN m.due_on
              ELSE greatest(m.due_on, (date_trunc('month', s.settled_on::timestamp)
                                       + interval '1 month - 1 day')::date) END AS due_on
    FROM today AS t
    FULL JOIN latest AS e USING (school_id, programme_id, n)
    JOIN month AS m USING (n)
    LEFT JOIN settled AS s USING (school_id, programme_id)),
counted AS (
  SELECT school_id,
         count(*) FILTER (WHERE state = 'open') AS unentered,
         count(*) FILTER (WHERE state = 'changed') AS changed,
         count(*) FILTER (WHERE state = 'refused') AS refused,
         count(*) FILTER (WHERE state = 'entered') AS waiting,
         count(*) FILTER (WHERE state = 'checked') AS checked,
         count(*) FILTER (WHERE state = ANY(%(owed)s) AND due_on < %(today)s) AS overdue,
         min(due_on) FILTER (WHERE state = ANY(%(owed)s)) AS due_on
    FROM duty GROUP BY school_id)
SELECT own.id, own.name, own.code, school.stage, place.id, place.name,
       coalesce(unentered, 0), coalesce(changed, 0), coalesce(refused, 0), coalesce(waiting, 0),
       coalesce(checked, 0), coalesce(overdue, 0), c.due_on
  FROM schools_reach AS reach
  JOIN schools_organisation AS own ON own.id = reach.school_id
  JOIN schools_school AS school ON school.organisation_ptr_id = own.id
  JOIN schools_organisation AS place ON place.id = school.territory_id
  LEFT JOIN counted AS c ON c.school_id = own.id
 WHERE reach.organisation_id = %(bureau)s
 ORDER BY own.name, own.id
"""


@dataclass(frozen=True, slots=True)
class Period:
    """What is asked for: everything of a term, one month of it, or what is entered once."""

    key: str
    label: str
    cadences: tuple[str, ...]
    months: tuple[int, ...]


def periods(term: Term) -> list[Period]:
    """What a term's lists may be narrowed to; the first is all of them."""
    months = tuple(begun_months(term))
    return [
        Period("", "全部录入周期", tuple(Programme.Cadence), (WHOLE, *months)),
        *(Period(str(n), month_of(n, term).label, (MONTHLY,), (n,)) for n in months),
        Period("term", "按学期录入的", (PER_TERM,), (WHOLE,)),
        Period("year", "按学年录入的", ONCE, (WHOLE,)),
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """One school: lists by their state, how many are overdue, and the first last day of those owed.

    `place` is where it is located (属地). Lists owed are those never entered, entered and changed
    since, or sent back.
    """

    school_id: int
    name: str
    code: str
    stage: str
    place_id: int
    place: str
    unentered: int
    changed: int
    refused: int
    waiting: int
    checked: int
    overdue: int
    due_on: date | None

    @property
    def stage_label(self) -> str:
        """`小学`."""
        return str(Stage(self.stage).label)

    @property
    def owed(self) -> int:
        """How many the officer still has to enter, or to enter again."""
        return self.unentered + self.changed + self.refused

    @property
    def lists(self) -> int:
        """How many there are."""
        return self.owed + self.waiting + self.checked

    @property
    def late_since(self) -> date | None:
        """The last day that passed first, without the list."""
        return self.due_on if self.overdue else None

    @property
    def rank(self) -> tuple[date, int, int, int, int]:
        """The lower, the sooner it is to be reminded: overdue longest, owing, waiting, done."""
        owed = (-self.overdue, -self.owed)
        return (self.due_on or date.max, *owed, -self.waiting, -self.checked)

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.overdue:
            return "late"
        if self.owed:
            return "owed"
        if self.waiting:
            return "waiting"
        return "done" if self.checked else "none"


STATES = {
    "late": "逾期未录入",
    "owed": "待录入",
    "waiting": "待审核",
    "done": "都已审核",
    "none": "没有名单",
}
TONES = {"late": "bad", "owed": "wait", "waiting": "active", "done": "done", "none": "draft"}
SUMMED = ("lists", "owed", "unentered", "changed", "refused", "waiting", "checked", "overdue")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over schools; `late` and `listed` count schools, the others lists."""

    schools: int = 0
    listed: int = 0
    late: int = 0
    lists: int = 0
    owed: int = 0
    unentered: int = 0
    changed: int = 0
    refused: int = 0
    waiting: int = 0
    checked: int = 0
    overdue: int = 0

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Totals":
        """Add up."""
        rows = list(lines)
        return cls(
            schools=len(rows),
            listed=sum(bool(row.lists) for row in rows),
            late=sum(bool(row.overdue) for row in rows),
            **{name: sum(getattr(row, name) for row in rows) for name in SUMMED},
        )


def lines_of(bureau: Organisation, term: Term, period: Period) -> list[Line]:
    """Every school that the bureau reaches, each once, the longest overdue first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, _asked(bureau, term, period))
        rows = [Line(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda line: line.rank)


def _asked(bureau: Organisation, term: Term, period: Period) -> dict[str, Any]:
    spans = [_span(n, term) for n in period.months]
    return {
        "bureau": bureau.pk,
        "term": term.pk,
        "cadences": [str(cadence) for cadence in period.cadences],
        "months": list(period.months),
        "firsts": [max(span.first, term.starts_on) for span in spans],
        "lasts": [min(span.last, term.ends_on) for span in spans],
        "ends": [span.last for span in spans],
        "stops": [str(kind) for kind in STOPS],
        "resumes": [str(kind) for kind in RESUMES],
        "owed": list(OWED),
        "today": clock.today(),
        "zone": str(clock.CHINA),
    }


def _span(n: int, term: Term) -> Month:
    return month_of(n, term) if n else Month(term.starts_on, term.ends_on)


def by_place(lines: Sequence[Line]) -> list[tuple[int, str, Totals]]:
    """The sums of each district, where most lists are overdue first."""
    places: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        places.setdefault((line.place_id, line.place), []).append(line)
    found = [(pk, name, Totals.of(mine)) for (pk, name), mine in places.items()]
    return sorted(found, key=lambda one: (-one[2].overdue, -one[2].owed, one[1]))
