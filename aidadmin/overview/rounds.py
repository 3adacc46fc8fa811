"""How far a round is, on the desk and on its pages: review's steps, and payment after them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.urls import reverse

from applications.models import Round
from disbursement.models import Award, PaymentLine
from office.desk import Step
from review.steps import Standing, standing
from schools import workdays
from schools.models import School
from schools.official import OfficialCalendar

# So many fit on the desk; the rest is one click away.
SHOWN = 6
NAMED = 3


@dataclass(frozen=True, slots=True)
class Running:
    """One round as the desk shows it; `left` are the working days of its window."""

    round: Round
    url: str
    steps: list[Step]
    owed: str
    left: int | None

    @property
    def finished(self) -> bool:
        """Whether every step is done and only closing is left."""
        return all(step.state == "done" for step in self.steps)

    @property
    def title(self) -> str:
        """家庭经济困难认定, or the programme's name."""
        return self.round.programme.name if self.round.programme else self.round.get_kind_display()

    @property
    def period(self) -> str:
        """The year of a recognition, the term of a programme."""
        term = self.round.term
        return term.year_label if self.round.is_recognition else term.season_label


def running(school: School, calendar: OfficialCalendar, today: date) -> list[Running]:
    """The school's open rounds: those with something to do first, recognition before programmes."""
    rounds = sorted(
        Round.objects.for_school(school)
        .filter(status=Round.Status.OPEN)
        .select_related("term", "programme")
        .order_by("-term__code", "programme_id"),
        key=lambda r: r.programme_id is not None,
    )[:SHOWN]
    paid = _paid(school.pk, [r.pk for r in rounds])
    found = [_running(r, paid, calendar, today) for r in rounds]
    return sorted(found, key=lambda one: one.finished)


def steps_of(round_: Round, now: Standing | None = None) -> list[Step]:
    """The steps of a round in the same words wherever it is shown."""
    paid = {} if round_.is_recognition else _paid(round_.school_id, [round_.pk])
    return _steps(now or standing(round_), paid)


def _paid(school_id: int, ids: list[int]) -> dict[int, tuple[int, int]]:
    """Awards and those of them paid, by round."""
    awards = Award.objects.filter(school_id=school_id, round_id__in=ids, status="granted")
    totals = dict(awards.values_list("round_id").annotate(n=Count("pk")).order_by())
    lines = PaymentLine.objects.filter(
        school_id=school_id, award__round_id__in=ids, status=PaymentLine.Status.PAID
    )
    done = dict(lines.values_list("award__round_id").annotate(n=Count("pk")).order_by())
    return {pk: (done.get(pk, 0), n) for pk, n in totals.items()}


def _running(
    round_: Round, paid: dict[int, tuple[int, int]], calendar: OfficialCalendar, today: date
) -> Running:
    now = standing(round_)
    steps = _steps(now, paid)
    open_still = today <= round_.closes_on
    left = workdays.remaining(calendar, today, round_.closes_on) if open_still else None
    url = reverse("review:round", kwargs={"round_id": round_.pk})
    return Running(round_, url, steps, "" if open_still else _owed(now, steps), left)


def _steps(now: Standing, paid: dict[int, tuple[int, int]]) -> list[Step]:
    if now.round.is_recognition:
        return now.steps
    done, total = paid.get(now.round.pk, (0, 0))
    state = "done" if 0 < total <= done else "now" if total else ""
    return [*now.steps, Step("发放", state, done, total, unit="笔")]


def _owed(now: Standing, steps: list[Step]) -> str:
    if not now.waiting and all(step.state == "done" for step in steps):
        return "各步骤都已办完，可以办结。"
    parts = []
    if now.waiting:
        parts.append(f"{now.waiting}人已提交，还没有进入评审")
    behind = [c for c in now.classes if c.appraised < c.handed_in]
    if now.round.is_recognition and behind:
        named = "、".join(
            f"{c.school_class.name}{c.handed_in - c.appraised}人" for c in behind[:NAMED]
        )
        more = f"等{len(behind)}个班" if len(behind) > NAMED else ""
        parts.append(f"{named}{more}还没有班级评议")
    return "；".join(parts) + "。" if parts else ""
