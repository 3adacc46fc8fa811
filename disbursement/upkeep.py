"""系统录入: which lists the school owes the national aid system, and what changed since.

Scholarships are entered by the year, grants and waivers by the month, local, school and social aid
by the term (rows 0-51 and 0-52; `Programme.entry_cadence`). Nothing but the entries is stored: what
is owed is worked out from the awards of the day.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2s
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest, JSONObject
from django.utils.timezone import localdate

from applications.models import Programme
from disbursement.models import Award, SystemEntry
from disbursement.months import WHOLE, Month, absences, month_of, months_in, whole_month_away
from schools import clock
from schools.models import School, Term
from students.models import Student

MONTHLY = Programme.Cadence.MONTHLY
RECENT = 2
KEY = re.compile(r"[0-9]+-(?P<term>[0-9]{4}-[0-9])-[0-9]+")
Status = SystemEntry.Status


@dataclass(frozen=True, slots=True)
class Grants:
    """What a programme's awards of a term give: by instalment, and since when there is a list."""

    programme: Programme
    by_instalment: dict[int, dict[int, int]]
    settled_on: date


@dataclass(frozen=True)
class Duty:
    """One list that is to be entered; `held` is {student id: fen} of today.

    `month` is the month of the term, counted from 1; 0 is the whole term. `latest` is the newest
    entry that was not taken back, `base` the newest that was not sent back either.
    """

    school_id: int
    programme: Programme
    term: Term
    month: int
    held: dict[int, int]
    settled_on: date | None
    latest: SystemEntry | None
    base: SystemEntry | None = None

    @property
    def key(self) -> str:
        """What names the list in an address: `7-2026-1-2`, the programme's id, term and month."""
        return f"{self.programme.pk}-{self.term.code}-{self.month}"

    @property
    def people(self) -> int:
        """How many are on the list."""
        return len(self.held)

    @property
    def amount_fen(self) -> int:
        """The list's sum in fen."""
        return sum(self.held.values())

    @property
    def label(self) -> str:
        """`10月`, or how often it is entered."""
        if self.month:
            return month_of(self.month, self.term).label
        yearly = self.programme.entry_cadence != Programme.Cadence.PER_TERM
        return "本学年" if yearly else "本学期"

    @property
    def due_on(self) -> date:
        """The month's or the term's last day; never before the month ends that settled the list."""
        last = month_of(self.month, self.term).last if self.month else self.term.ends_on
        return last if self.settled_on is None else max(last, _month_end(self.settled_on))

    @property
    def mark(self) -> str:
        """A fingerprint of the list, so that what is confirmed is what was shown."""
        lines = (f"{student}:{fen}" for student, fen in sorted(self.held.items()))
        return blake2s("\n".join(lines).encode(), digest_size=12).hexdigest()

    @cached_property
    def before(self) -> dict[int, int]:
        """Who was on it when it was last entered and not sent back."""
        if self.base is None:
            return {}
        return {int(student): fen for student, fen in self.base.held.items()}

    @property
    def added(self) -> list[int]:
        """Students who came onto the list since."""
        return sorted(self.held.keys() - self.before.keys())

    @property
    def gone(self) -> list[int]:
        """Students who are no longer on it."""
        return sorted(self.before.keys() - self.held.keys())

    @property
    def altered(self) -> list[int]:
        """Students whose amount is another one."""
        same = self.held.keys() & self.before.keys()
        return sorted(s for s in same if self.held[s] != self.before[s])

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.latest is None:
            return "open"
        if self.latest.status == Status.CHECKED and self.held != self.before:
            return "changed"
        return str(self.latest.status)

    @property
    def owed(self) -> bool:
        """Whether the officer has to enter it."""
        return self.state in OWED


STATES = {
    "open": "未录入",
    "changed": "录入后有变动",
    "refused": "已退回",
    "entered": "待审核",
    "checked": "已审核",
}
TONES = {
    "open": "wait",
    "changed": "wait",
    "refused": "bad",
    "entered": "active",
    "checked": "done",
}
OWED = frozenset({"open", "changed", "refused"})


def last_begun() -> Term | None:
    """The term of today; in the holidays the one before, whose lists may still be owed."""
    return next(iter(recent_terms()), None)


def recent_terms() -> list[Term]:
    """The term of today and the one before: what was forgotten there is owed until it is done."""
    return list(_begun_terms()[:RECENT])


def _begun_terms() -> QuerySet[Term]:
    return Term.objects.filter(starts_on__lte=clock.today()).order_by("-starts_on")


def duties(school: School, term: Term) -> list[Duty]:
    """Every list of the term whose time has come, with what was entered; five queries at most."""
    rows = SystemEntry.objects.for_school(school).filter(term=term).select_related("programme")
    entries: dict[tuple[int, int], SystemEntry] = {}
    bases: dict[tuple[int, int], SystemEntry] = {}
    for entry in rows.exclude(status=Status.WITHDRAWN).order_by("number"):
        entries[entry.programme_id, entry.month] = entry
        if entry.status != Status.REFUSED:
            bases[entry.programme_id, entry.month] = entry
    grants = _grants(school, term)
    for entry in entries.values():
        grants.setdefault(entry.programme_id, Grants(entry.programme, {}, clock.today()))
    away = _away(school, grants.values(), term)
    found = []
    for granted in sorted(grants.values(), key=lambda g: (g.programme.code, g.programme.pk)):
        for month in _begun(granted.programme.entry_cadence, term):
            which = (granted.programme.pk, month)
            latest, base = entries.get(which), bases.get(which)
            held = _held(granted, month, term, away)
            if held or latest:
                settled_on = granted.settled_on if held else None
                its = Duty(
                    school.pk, granted.programme, term, month, held, settled_on, latest, base
                )
                found.append(its)
    return found


def duty_of(school: School, programme_id: int, term: Term, month: int) -> Duty | None:
    """One of `duties`."""
    wanted = (programme_id, month)
    return next((d for d in duties(school, term) if (d.programme.pk, d.month) == wanted), None)


def duty_named(school: School, key: str) -> Duty | None:
    """The list of that `Duty.key`, if the school owes or entered it."""
    named = KEY.fullmatch(key)
    term = Term.objects.filter(code=named["term"]).first() if named else None
    return next((d for d in duties(school, term) if d.key == key), None) if term else None


def may_be_owed(school_id: int) -> bool:
    """Whether an entry is missing, was sent back, or is older than the newest award; one query.

    Who went away since shows on the page alone. True where nothing is owed costs `duties`.
    """
    entries = SystemEntry.objects.exclude(status=Status.WITHDRAWN).filter(
        school_id=school_id, programme=OuterRef("programme"), term=OuterRef("term")
    )
    rows = (
        Award.objects.filter(
            school_id=school_id, term__in=Subquery(_begun_terms().values("pk")[:RECENT])
        )
        .order_by()
        .values("programme", "term", "programme__entry_cadence", "term__starts_on", "term__ends_on")
        .annotate(
            last=Greatest(Max("granted_at"), Max("revoke_at")),
            entries=ArraySubquery(
                entries.order_by("number").values_list(
                    JSONObject(month="month", status="status", at="entered_at")
                )
            ),
        )
    )
    return any(_looks_owed(row) for row in rows)


def _looks_owed(row: Mapping[str, Any]) -> bool:
    term = Term(starts_on=row["term__starts_on"], ends_on=row["term__ends_on"])
    known = {entry["month"]: entry for entry in row["entries"]}
    for month in _begun(row["programme__entry_cadence"], term):
        entry = known.get(month)
        if entry is None or entry["status"] == Status.REFUSED:
            return True
        if datetime.fromisoformat(entry["at"]) < row["last"]:
            return True
    return False


def _begun(cadence: str, term: Term) -> Iterable[int]:
    return begun_months(term) if cadence == MONTHLY else [WHOLE]


def begun_months(term: Term) -> list[int]:
    """The term's months that have begun: the lists of the others are not owed yet."""
    return [n for n in months_in(term) if month_of(n, term).first <= clock.today()]


def _grants(school: School, term: Term) -> dict[int, Grants]:
    found: dict[int, Grants] = {}
    rows = Award.objects.for_school(school).filter(term=term, status=Award.Status.GRANTED)
    for award in rows.select_related("programme").order_by("granted_at", "pk"):
        on = localdate(award.granted_at)
        grants = found.setdefault(award.programme_id, Grants(award.programme, {}, on))
        instalment = grants.by_instalment.setdefault(award.instalment, {})
        instalment[award.student_id] = award.amount_fen
    return found


def _away(school: School, grants: Iterable[Grants], term: Term) -> Mapping[int, Any]:
    students = {
        student
        for granted in grants
        if granted.programme.entry_cadence == MONTHLY
        for held in granted.by_instalment.values()
        for student in held
    }
    if not students:
        return {}
    rows = Student.objects.for_school(school).filter(pk__in=students).only("entered_on", "school")
    return absences(school.pk, list(rows))


def _held(granted: Grants, month: int, term: Term, away: Mapping[int, Any]) -> dict[int, int]:
    """Who is on the list of a month (or of the whole term) with how much."""
    by_month = granted.programme.money_cadence == MONTHLY
    sums: dict[int, int] = defaultdict(int)
    for instalment, held in granted.by_instalment.items():
        if not month or not by_month or instalment == month:
            for student, fen in held.items():
                sums[student] += fen
    if not month:
        return dict(sums)
    its = month_of(month, term)
    return {s: fen for s, fen in sums.items() if not whole_month_away(away.get(s, ()), its, term)}


def _month_end(day: date) -> date:
    return Month.of(day).last
