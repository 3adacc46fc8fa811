"""The eight steps of a school's term: how far each is, until when, and what to say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from aidadmin.overview.facts import Facts
from review.rules import APPRAISAL_WORKDAYS, owed_from
from schools import workdays
from schools.models import Term
from schools.official import OfficialCalendar
from screening.models import Screening

# Within so many working days of its last day a step is shown as pressing.
PRESSING = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day of a step. Without a rule behind it (`legal`) it is only for comparison."""

    on: date
    legal: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What one step asks of a school's facts."""

    key: str
    label: str
    unit: str
    progress: Callable[[Facts], tuple[int, int]]
    finished: Callable[[Facts, date], bool]
    owed: Callable[[Facts, date], str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One step of one school. `left` counts working days, negative when overdue."""

    step: Step
    state: str
    done: int
    total: int
    left: int
    limit: Limit
    text: str = ""
    begun: bool = True

    @property
    def words(self) -> str:
        """What stands in the cell."""
        if self.state == "bad":
            return f"逾期{-self.left}天"
        if self.state == "wait":
            return "今天止" if self.left == 0 else f"剩{self.left}天"
        if self.state == "now":
            return "进行中" if self.begun else "未开始"
        return "已完成" if self.state == "done" else "未到"

    @property
    def overdue(self) -> int:
        """Working days since the last day; negative while there is time."""
        return -self.left

    @property
    def figures(self) -> str:
        """How far: 347/356, or the number alone when all are done."""
        if not self.total:
            return str(self.done) if self.done else ""
        return str(self.total) if self.done >= self.total else f"{self.done}/{self.total}"


def _nobody_applied(f: Facts, today: date) -> bool:
    return _window_over(f, today) and f.applications == 0


def _window_over(f: Facts, today: date) -> bool:
    return f.closes_on is not None and f.closes_on < today


def _apply_owed(f: Facts, today: date) -> str:
    if not f.recognition_rounds:
        return "认定批次还没有开，家长不能申请。"
    return f"申请进行中，已收{f.applications}人。"


def _appraise_owed(f: Facts, today: date) -> str:
    if not f.cases:
        return f"申请已收{f.applications}人，班级评议还没有开始。"
    return f"还有{max(f.applications, f.cases) - f.appraised}人没有班级评议。"


def _notice_owed(f: Facts, today: date) -> str:
    if f.published and f.notice_ends_on and f.notice_ends_on < today:
        return "公示期已满，认定结果还没有确认。"
    if f.published:
        return "认定名单正在公示。"
    if f.decided < f.cases or not f.cases:
        return f"领导小组已审定{f.decided}人，还差{max(f.applications, f.cases) - f.decided}人。"
    return "领导小组已审定，认定名单还没有公示。"


def _award_owed(f: Facts, today: date) -> str:
    if not f.programme_rounds:
        return "资助项目的批次还没有开。"
    left = f.programme_rounds - f.award_rounds
    return f"还有{left}个资助项目没有确定名单。"


def _pay_owed(f: Facts, today: date) -> str:
    failed = f"，其中{f.failed}笔退汇没有补发" if f.failed else ""
    return f"还有{f.awards - f.paid}笔没有到账{failed}。"


def _screen_owed(f: Facts, today: date) -> str:
    if not f.screening_status:
        return "学期排查还没有开始。"
    if f.checked < f.screening_rows:
        return f"还有{f.screening_rows - f.checked}人没有核实。"
    return "学生都已核实，还没有签字报送。"


STEPS: tuple[Step, ...] = (
    Step(
        "roster", "名册", "人",
        lambda f: (f.students, 0),
        lambda f, today: f.students > 0,
        lambda f, today: "还没有导入学生名册。",
    ),
    Step(
        "classes", "班级核对", "个班",
        lambda f: (min(f.approved, f.classes), f.classes),
        lambda f, today: 0 < f.classes <= f.approved,
        lambda f, today: f"还有{f.classes - f.approved}个班的名册没有经班主任核对。",
    ),
    Step(
        "apply", "认定申请", "人",
        lambda f: (f.applications, 0),
        _window_over,
        _apply_owed,
    ),
    Step(
        "appraise", "民主评议", "人",
        lambda f: (f.appraised, max(f.applications, f.cases)),
        lambda f, today: _nobody_applied(f, today) or 0 < f.applications <= f.appraised,
        _appraise_owed,
    ),
    Step(
        "notice", "认定公示", "人",
        lambda f: (f.confirmed, f.cases),
        lambda f, today: _nobody_applied(f, today)
        or (f.notices_confirmed > 0 and not f.published),
        _notice_owed,
    ),
    Step(
        "award", "资助名单", "人次",
        lambda f: (f.awards, 0),
        lambda f, today: f.awards > 0 and f.award_rounds >= f.programme_rounds,
        _award_owed,
    ),
    Step(
        "pay", "发放", "笔",
        lambda f: (f.paid, f.awards),
        lambda f, today: 0 < f.awards <= f.paid,
        _pay_owed,
    ),
    Step(
        "screen", "排查", "人",
        lambda f: (f.checked, f.screening_rows),
        lambda f, today: f.screening_status == Screening.Status.SIGNED,
        _screen_owed,
    ),
)  # fmt: skip
# Owed in its own time, whatever the steps before it.
BY_ITSELF = frozenset({"screen"})


def limits_of(calendar: OfficialCalendar, term: Term, year_starts_on: date) -> dict[str, Limit]:
    """The last day of each step; recognition belongs to the year, so it counts from its first day.

    Only the window (row 0-23), payment inside the term (0-38) and the 排查 (2-06) are rules.
    """

    def after(start: date, n: int) -> date:
        return workdays.last_day(calendar, start, n).last

    autumn = term.half == 1
    return {
        "roster": Limit(after(term.starts_on, 5), legal=False),
        "classes": Limit(after(term.starts_on, 20), legal=False),
        "apply": Limit(after(year_starts_on, 5), legal=True),
        "appraise": Limit(after(year_starts_on, 10), legal=False),
        "notice": Limit(after(year_starts_on, 25), legal=False),
        "award": Limit(after(term.starts_on, 40), legal=False),
        "pay": Limit(term.ends_on, legal=True),
        "screen": Limit(
            date(term.year, 12, 15) if autumn else date(term.year + 1, 6, 15), legal=True
        ),
    }


def _opened(step: Step, facts: Facts) -> bool:
    # Begun although nobody is counted yet.
    if step.key == "apply":
        return facts.recognition_rounds > 0
    return step.key == "screen" and bool(facts.screening_status)


class Judge:
    """Judges schools of one day; remembers how far each date is, since schools share dates."""

    def __init__(self, calendar: OfficialCalendar, limits: dict[str, Limit], today: date) -> None:
        self.calendar = calendar
        self.limits = limits
        self.today = today
        self._left: dict[date, int] = {}

    def left(self, due: date) -> int:
        """Working days until `due`, negative when it has passed."""
        if due not in self._left:
            self._left[due] = workdays.remaining(self.calendar, self.today, due)
        return self._left[due]

    def cells(self, facts: Facts) -> list[Cell]:
        """The eight steps of one school."""
        found: list[Cell] = []
        turn_taken = False
        for step in STEPS:
            finished = step.finished(facts, self.today)
            its_turn = step.key in BY_ITSELF or not turn_taken
            if not finished and step.key not in BY_ITSELF:
                turn_taken = True
            found.append(self._cell(step, facts, finished, its_turn))
        return found

    def _cell(self, step: Step, facts: Facts, finished: bool, its_turn: bool) -> Cell:
        done, total = step.progress(facts)
        limit = self._limit(step, facts)
        left = self.left(limit.on)
        if finished:
            return Cell(step, "done", done, total, left, limit)
        begun = done > 0 or _opened(step, facts)
        state = ""
        if its_turn or begun:
            state = "bad" if left < 0 else "wait" if left <= PRESSING else "now"
        if step.key == "screen" and not facts.screening_status and left > 20:
            # A school that has not opened it a month before is not behind.
            state = ""
        return Cell(step, state, done, total, left, limit, step.owed(facts, self.today), begun)

    def _limit(self, step: Step, facts: Facts) -> Limit:
        if step.key == "apply" and facts.closes_on:
            return Limit(facts.closes_on, legal=True)
        if step.key == "screen" and facts.screening_due_on:
            return Limit(facts.screening_due_on, legal=True)
        limit = self.limits[step.key]
        if step.key == "appraise" and facts.owed_since:
            # What came late or came back is owed so long after it came.
            since = owed_from(date.min, facts.owed_since)
            due = workdays.last_day(self.calendar, since, APPRAISAL_WORKDAYS).last
            return Limit(max(limit.on, due), legal=False)
        return limit
