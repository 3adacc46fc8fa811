"""Who rises into which grade at the turn of the school year, and when that may be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from audit.refusal import Reason
from schools import workdays
from schools.models import Stage, Term
from schools.rules import FILE_DAYS
from schools.workdays import Calendar
from students.models import EnrolmentChange, SchoolClass, Student
from students.models.roster import GRADE_NAMES
from students.rules.enrolment import DAY, why_not_change

# Who forgot does it in the first weeks; later the classes have long been set right by hand.
AFTER_BEGINNING = timedelta(days=60)
BEFORE_BEGINNING = timedelta(days=75)
# (month, day): where a term is not known, the last one of a year begins and ends with these.
SPRING, SUMMER_ENDS = (2, 1), (8, 31)
# Who turned the year late finds a mistake within days; then rounds of the new year stand on it.
RECALL_DAYS = timedelta(days=7)
NAMED = 3


@dataclass(frozen=True, slots=True)
class Season:
    """Into which school year the classes rise now, and between which days."""

    year: int
    opens_on: date
    closes_on: date

    @property
    def label(self) -> str:
        """2027—2028学年."""
        return f"{self.year}—{self.year + 1}学年"


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which the last grade of a year may have graduated, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who would graduate, and the day of the latest change that moved his status."""

    student: Student
    moved_on: date | None

    @property
    def earliest(self) -> date:
        """Before this day he can't have graduated."""
        return max(self.student.entered_on or date.min, self.moved_on or date.min)


@dataclass(frozen=True, slots=True)
class Rise:
    """What becomes of one class: its new grade and name, or nothing when it graduates."""

    school_class: SchoolClass
    present: int
    suspended: int
    name: str
    graduates: bool

    @property
    def grade_name(self) -> str:
        """The grade afterwards; empty for those who graduate."""
        if self.graduates:
            return ""
        return GRADE_NAMES[Stage(self.school_class.stage)][self.school_class.grade]


def season_of(term: Term | None, calendar: Calendar, today: date) -> Season | None:
    """The season of a term: about its end in spring, about its beginning in autumn.

    Once autumn's is over, the next one is told, counted from this autumn's first day until the
    spring term is known.
    """
    if term is None:
        return None
    if term.half == 1:
        closes = term.starts_on + AFTER_BEGINNING
        later = 0 if today <= closes else 1
        begins = term.starts_on + timedelta(days=365 * later)
        return Season(term.year + later, begins - BEFORE_BEGINNING, begins + AFTER_BEGINNING)
    opens = workdays.nth_working_day_before(calendar, term.ends_on, FILE_DAYS)
    return Season(term.year + 1, opens, term.ends_on + AFTER_BEGINNING)


def period_of(year: int, terms: Iterable[Term], today: date) -> Period:
    """The last term of the school year before `year` and the holidays after it, until today."""
    known = {(t.year, t.half): t for t in terms}
    spring, autumn = known.get((year - 1, 2)), known.get((year, 1))
    first = spring.starts_on if spring else date(year, *SPRING)
    last = autumn.starts_on - timedelta(days=1) if autumn else date(year, *SUMMER_ENDS)
    return Period(first, min(last, today))


def usual_day(*, year: int, terms: Iterable[Term], period: Period, going: Iterable[Leaver]) -> date:
    """What the form proposes: the term's last day, or the nearest on which all can have left."""
    ends = next((t.ends_on for t in terms if (t.year, t.half) == (year - 1, 2)), period.last)
    return min(max([ends, *(one.earliest for one in going)]), period.last)


def plan_of(classes: Iterable[SchoolClass], sizes: Mapping[int, tuple[int, int]]) -> list[Rise]:
    """Each class, the highest grade first; `sizes` are present and suspended students."""
    found = []
    for row in sorted(classes, key=lambda c: (c.stage, -c.grade, c.number)):
        present, suspended = sizes.get(row.pk, (0, 0))
        last = len(GRADE_NAMES[Stage(row.stage)])
        graduates = row.grade >= last
        found.append(
            Rise(row, present, suspended, row.name if graduates else risen(row), graduates)
        )
    return found


def risen(row: SchoolClass) -> str:
    """The name a grade higher: 高一（3）班 → 高二（3）班; names by cohort (24级3班) stay."""
    names = GRADE_NAMES[Stage(row.stage)]
    now = names[row.grade - 1]
    return names[row.grade] + row.name.removeprefix(now) if row.name.startswith(now) else row.name


def why_not_roll(
    *, rises: list[Rise], season: Season | None, done: bool, left_on: date, today: date
) -> list[Reason]:
    """Every reason why the classes don't rise now."""
    if season is None:
        return [Reason("还没有设置学期", "请管理员先在“工作日历与学期”中设置")]
    found = []
    if done:
        found.append(Reason(f"{season.label}已经升过班", "个别班级不对的，请在班级中更正"))
    if not season.opens_on <= today <= season.closes_on:
        found.append(
            Reason(
                f"{season.label}的升班在{_day(season.opens_on)}到{_day(season.closes_on)}办理",
                "请到时再来"
                if today < season.opens_on
                else "已经过了时间，请把新学年的名册导入，或逐班登记",
            )
        )
    if not rises:
        found.append(Reason("还没有班级", "请先导入名册"))
    if left_on > today:
        found.append(Reason("毕业日期晚于今天", "请在学生离校当天或之后办理"))
    return found + _about_names(rises)


def why_not_graduate(
    *, going: Iterable[Leaver], period: Period, left_on: date, today: date
) -> list[Reason]:
    """Every reason why these students can't have graduated on that day, as one by one.

    A day to come is `why_not_roll`'s.
    """
    if left_on > today:
        return []
    found = []
    if not period.first <= left_on <= period.last:
        span = f"{_day(period.first)}到{_day(period.last)}"
        text = f"毕业日期{_day(left_on)}不在这一学年的最后一个学期和暑假"
        mend = f"请填学生离校的日期，在{span}之间"
        if period.first > period.last:
            mend = "请在最后一个学期开学之后办理"
        found.append(Reason(text, mend))
    reasons = why_not_together(
        going=going, kind=EnrolmentChange.Kind.GRADUATE, on=left_on, reason="", today=today
    )
    single = "" if found else "，或先在学生的页面单独登记毕业"
    for one in reasons:
        told, mend = (words.replace(DAY, "毕业日期", 1) for words in (one.text, one.mend))
        found.append(Reason(told, mend + single, count=one.count))
    return found


def why_not_together(
    *, going: Iterable[Leaver], kind: str, on: date, reason: str, today: date
) -> list[Reason]:
    """Every reason why these can't leave in this way on that day, with whom it holds back."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in going:
        for found in why_not_change(
            student=one.student,
            kind=kind,
            on=on,
            reason=reason,
            to_class=None,
            today=today,
            moved_on=one.moved_on,
        ):
            names.setdefault((found.text, found.mend), []).append(one.student.name)
    return [_about_some(text, mend, who) for (text, mend), who in names.items()]


@dataclass(frozen=True, slots=True)
class Graduate:
    """Who graduated with his class: between which of his other changes the day must lie."""

    name: str
    entered_on: date | None
    moved_on: date | None
    next_on: date | None


def why_not_correct_day(
    *,
    graduates: Iterable[Graduate],
    period: Period,
    now: date,
    left_on: date,
    reason: str,
    today: date,
) -> list[Reason]:
    """Every reason why the 毕业日期 `now` of a whole grade can't be corrected to `left_on`."""
    found = []
    if left_on == now:
        found.append(Reason("毕业日期没有变", "请填写正确的日期"))
    if left_on > today:
        found.append(Reason("毕业日期晚于今天", "请填学生已经离校的日期"))
    elif not period.first <= left_on <= period.last:
        span = f"{_day(period.first)}到{_day(period.last)}"
        found.append(
            Reason(f"毕业日期{_day(left_on)}不在那一学年的最后一个学期和暑假", f"请填{span}之间")
        )
    if not reason.strip():
        found.append(Reason("没有写明更正的原因", "请填写，例如日期的年份写错了"))
    names: dict[str, list[str]] = {}
    for one in graduates:
        for text in _beside(one, left_on):
            names.setdefault(text, []).append(one.name)
    mend = "请核对日期；这些学生另外的异动日期写错了，请先在学生的页面更正"
    return found + [_about_some(text, mend, who) for text, who in names.items()]


def _beside(one: Graduate, left_on: date) -> list[str]:
    found = []
    if one.entered_on and left_on < one.entered_on:
        found.append(f"毕业日期早于入学日期{_day(one.entered_on)}")
    if one.moved_on and left_on < one.moved_on:
        found.append(f"毕业日期早于上一次异动的日期{_day(one.moved_on)}")
    if one.next_on and left_on > one.next_on:
        found.append(f"毕业日期晚于后来登记的异动日期{_day(one.next_on)}")
    return found


def _about_some(text: str, mend: str, who: list[str]) -> Reason:
    some = "、".join(who[:NAMED]) + (f"等{len(who)}人" if len(who) > NAMED else "")
    return Reason(f"{some}：{text}", mend, count=len(who))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _about_names(rises: list[Rise]) -> list[Reason]:
    names = [r.name.strip() for r in rises if not r.graduates]
    found = []
    if "" in names:
        found.append(Reason("有班级没有新名称", "请填写每个班升级后的名称"))
    if any(len(name) > 32 for name in names):
        found.append(Reason("班级名称太长", "请在32个字以内"))
    twice = sorted({n for n in names if n and names.count(n) > 1})
    if twice:
        found.append(Reason(f"升级后班级重名：{'、'.join(twice)}", "请改成不同的名称"))
    return found
