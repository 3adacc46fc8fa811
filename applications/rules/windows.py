"""The days on which a round takes applications: the lawful ones, last year's, those asked for.

A window is five working days from the term's first day (row 0-23). Where a grade must be decided
first, a round begins on the same working day of the term as it did a year before.
"""

from dataclasses import dataclass
from datetime import date

from applications.models import Round
from audit.refusal import Reason
from schools import workdays
from schools.models import Term
from schools.official import calendar

WORKDAYS_TO_APPLY = 5
# A longer one leaves no time for appraisal and notice in the term.
LONGEST = 20


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which nobody needs a reason to hand in; `late`: begun after the lawful ones."""

    opens_on: date
    closes_on: date
    provisional: bool
    late: bool
    # Working days after the first.
    workdays: int = WORKDAYS_TO_APPLY


@dataclass(frozen=True, slots=True)
class Shape:
    """A window apart from its year: working days after the term's first day, and its length."""

    offset: int = 0
    workdays: int = WORKDAYS_TO_APPLY


def shape_of(before: Round | None) -> Shape:
    """What of last year's window is kept: its length, and its beginning where grades come first."""
    if before is None:
        return Shape()
    offset = 0
    if before.programme and before.programme.needs_recognition:
        begun = before.term.starts_on
        offset = workdays.working_days_between(calendar(), begun, before.opens_on)
    return Shape(max(offset, 0), min(max(before.workdays, WORKDAYS_TO_APPLY), LONGEST))


def window(
    term: Term, today: date, shape: Shape | None = None, *, catching_up: bool = False
) -> Window:
    """The days of a shape in this term; when they are over, as many from today on, marked late.

    `catching_up`: they must not even have begun, for nobody was told of those gone by.
    """
    shape = shape or Shape()
    days, begins = calendar(), term.starts_on
    if shape.offset:
        begins = workdays.last_day(days, begins, shape.offset).last
    span = workdays.last_day(days, begins, shape.workdays)
    late = today > (span.start if catching_up else span.last)
    if late:
        span = workdays.last_day(days, today, shape.workdays)
    return Window(span.start, span.last, span.provisional, late, shape.workdays)


def asked(opens_on: date, length: int, *, term: Term, today: date) -> Window:
    """The window of `length` working days that a person asks for; may be refused."""
    span = workdays.last_day(calendar(), opens_on, min(max(length, 1), LONGEST))
    late = term.starts_on < opens_on <= today
    return Window(opens_on, span.last, span.provisional, late, length)


def why_not_window(planned: Window, term: Term, today: date) -> list[Reason]:
    """Why a round can't take applications on these days."""
    reasons = []
    if planned.opens_on < term.starts_on:
        reasons.append(Reason("申请开始早于开学", f"最早{told(term.starts_on)}"))
    if not WORKDAYS_TO_APPLY <= planned.workdays <= LONGEST:
        reasons.append(
            Reason(
                f"申请期是{planned.workdays}个工作日", f"填{WORKDAYS_TO_APPLY}到{LONGEST}个工作日"
            )
        )
    if planned.closes_on < today:
        reasons.append(Reason("这个申请期已经过去", "从今天或以后开始"))
    if today <= term.ends_on < planned.opens_on:
        reasons.append(Reason("申请开始在学期结束以后", f"本学期到{told(term.ends_on)}"))
    return reasons


def settled(round_: Round) -> Window | None:
    """A provisional window counted again, None while its holidays are still unknown.

    Its last day never comes earlier: families were told the other one.
    """
    span = workdays.last_day(calendar(), round_.opens_on, round_.workdays)
    if span.provisional:
        return None
    last = max(span.last, round_.closes_on)
    return Window(round_.opens_on, last, provisional=False, late=False, workdays=round_.workdays)


def told(day: date) -> str:
    """A day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日"
