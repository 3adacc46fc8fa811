"""The bureau's pages: every school's screening side by side, and one school's."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from schools import clock
from schools.access import StaffRequest, requires
from schools.models import School, Term
from schools.official import remaining
from schools.roles import BUREAU_ROLES
from screening import queue, rules
from screening.annexes.gathering import schools_of
from screening.models import Screening
from screening.numbers import Numbers, added
from screening.views.showing import school_context
from screening.views.terms import term_of

STEPS = ("核实", "填报", "审核", "签字")


@dataclass(frozen=True, slots=True)
class Line:
    """One school in the overview; numbers only once it has signed."""

    school: School
    screening: Screening | None
    total: int
    verified: int
    unaided: int
    late: bool

    @property
    def numbers(self) -> Numbers | None:
        """The signed numbers."""
        signed = self.screening is not None and self.screening.status == Screening.Status.SIGNED
        return Numbers.from_json(self.screening.numbers) if signed and self.screening else None

    @property
    def done(self) -> int:
        """How many of the four steps are behind."""
        if self.screening is None:
            return 0
        steps = {"open": 0, "filled": 2, "reviewed": 3, "signed": 4}
        reached = steps[self.screening.status]
        return reached or (1 if self.total and self.verified == self.total else 0)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The heat cells: done, the moving one with its words, and those to come."""
        cells = []
        for n, label in enumerate(STEPS):
            state = "done" if n < self.done else "now" if n == self.done else ""
            if state == "now" and self.late:
                state = "bad"
            text = ""
            if state in ("now", "bad"):
                text = self._words(n)
            cells.append({"label": label, "state": state, "text": text})
        return cells

    def _words(self, step: int) -> str:
        if step == 0:
            return f"{self.verified}/{self.total}" if self.screening else "未开始"
        return f"待{STEPS[step]}"


def lines_of(schools: list[School], term: Term) -> list[Line]:
    """Every school's line, the slowest first; two queries."""
    screenings = {s.school_id: s for s in Screening.objects.filter(school__in=schools, term=term)}
    counts, none = queue.progress(screenings.values()), queue.Progress()
    past = clock.today() > rules.due_on(term)
    lines = []
    for school in schools:
        screening = screenings.get(school.pk)
        row = counts.get(screening.pk, none) if screening else none
        late = past and (screening is None or screening.status != Screening.Status.SIGNED)
        lines.append(Line(school, screening, row.total, row.verified, row.unaided, late))
    return sorted(lines, key=lambda x: (x.done, x.verified / max(x.total, 1), x.school.code))


def overview(request: StaffRequest) -> HttpResponse:
    """排查汇总: schools × steps, the numbers of those that signed, and their sum."""
    term = term_of(request)
    lines = lines_of(list(schools_of(request.organisation)), term)
    signed = [line for line in lines if line.numbers]
    return render(
        request,
        "screening/bureau.html",
        {
            "term": term,
            "due_on": rules.due_on(term),
            "workdays": remaining(rules.due_on(term)),
            "lines": lines,
            "signed": sorted(signed, key=lambda x: x.school.code),
            "missing": len(lines) - len(signed),
            "steps": STEPS,
            "sum": added(n for line in signed if (n := line.numbers)),
            "verified": sum(line.verified for line in lines),
            "rows": sum(line.total for line in lines),
            "found": sum(line.unaided for line in lines),
            "city": request.organisation.kind == "city",
        },
    )


@requires(BUREAU_ROLES)
def school(request: StaffRequest, school_id: int) -> HttpResponse:
    """One school of the territory, to read and, when signed, to send back."""
    found = get_object_or_404(schools_of(request.organisation), pk=school_id)
    context = school_context(found, term_of(request), request.appointment)
    return render(request, "screening/school.html", context)
