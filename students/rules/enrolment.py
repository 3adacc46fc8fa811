"""Which enrolment changes are possible (requirement row 0-47)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from audit import moves
from audit.refusal import Reason
from students.models import EnrolmentChange, SchoolClass, Student
from students.rules.boarding import BECOMES

Kind = EnrolmentChange.Kind

# The move of the student's status that a kind of change makes; the others leave it alone.
VERBS: Mapping[str, str] = {
    Kind.SUSPEND: "suspend",
    Kind.RESUME: "resume",
    Kind.WITHDRAW: "leave",
    Kind.CANCEL: "leave",
    Kind.DEATH: "leave",
    Kind.GRADUATE: "leave",
    Kind.TRANSFER_OUT: "leave",
    Kind.ENTER: "return_to_school",
    Kind.TRANSFER_IN: "return_to_school",
}
NEEDS_CLASS = frozenset({Kind.CLASS_CHANGED, Kind.HELD_BACK})
# Who rests for years begins as low as he must, and never higher than he would be by now.
ANY = 9
# Classes that these kinds lead to: so many grades lower at most, and never another stage.
LOWER: Mapping[str, int] = {
    Kind.CLASS_CHANGED: 0,
    Kind.HELD_BACK: 1,
    Kind.MAJOR_CHANGED: 1,
    Kind.RESUME: ANY,
}
LOWER_WORDS: Mapping[int, str] = {0: "", 1: "或低一个年级", ANY: "或更低年级"}
TAKES_CLASS = NEEDS_CLASS | {Kind.RESUME, Kind.ENTER, Kind.TRANSFER_IN, Kind.MAJOR_CHANGED}
COMES_BACK = frozenset({Kind.RESUME, Kind.ENTER, Kind.TRANSFER_IN})
# Nobody chooses these lightly, and the file must say why.
NEEDS_REASON = frozenset(
    {Kind.WITHDRAW, Kind.CANCEL, Kind.SUSPEND, Kind.TRANSFER_OUT, Kind.HELD_BACK}
)

# Who comes back after these was taken for dead, or for nobody: the file must say why.
NEVER_MEANT = frozenset({Kind.DEATH, Kind.CANCEL})
# How a reason calls the day of a change; graduating classes say 毕业日期 instead.
DAY = "异动日期"


def possible_kinds(student: Student) -> list[tuple[str, str]]:
    """The kinds of change that the student's present status allows, as choices."""
    return [
        (kind, str(label))
        for kind, label in Kind.choices
        if (moves.allowed(student, VERBS[kind]) if kind in VERBS else student.status != "left")
    ]


def why_not_change(
    *,
    student: Student,
    kind: str,
    on: date,
    reason: str,
    to_class: SchoolClass | None,
    today: date,
    moved_on: date | None = None,
    boarded: tuple[str, date] | None = None,
    left_by: str = "",
    majors: bool = False,
    lowered_from: int | None = None,
) -> list[Reason]:
    """Every reason why this change can't be recorded.

    `moved_on` is the day of the latest change that moved the student's status: times away are
    read in the order of days, so the next one can't be dated before it. `boarded` is what was
    told last of the boarding, and from which day; `left_by` the kind of change by which he left;
    `majors` whether the school has classes of a 专业; `lowered_from` the class a grade higher from
    which he was put lower last: a mistake leads back there, and nowhere else.
    """
    label = Kind(kind).label
    found = list(_about_day(student, on, today))
    verb = VERBS.get(kind)
    if verb and moved_on and on < moved_on:
        text = f"{DAY}早于上一次异动的日期{moved_on:%Y年%-m月%-d日}"
        found.append(Reason(text, "请核对日期；上一次的日期写错了，请先在学生的页面更正"))
    if verb and not moves.allowed(student, verb):
        now = moves.status_label(student)
        found.append(Reason(f"{student.name}现在是“{now}”，不能登记{label}", "请核对异动类别"))
    if not verb and student.status == Student.Status.LEFT:
        found.append(Reason(f"{student.name}已离校，不能登记{label}", "重新入学请登记“转入”"))
    if boarded == (kind, on):
        found.append(Reason(f"{on:%Y年%-m月%-d日}{label}已经登记过", "请刷新页面"))
    back = (
        to_class is not None
        and (kind, to_class.pk) == (Kind.CLASS_CHANGED, lowered_from)
        and to_class.grade == student.school_class.grade + 1
    )
    found += _about_class(student, kind, to_class, back=back)
    if kind == Kind.MAJOR_CHANGED and majors:
        found += _about_major(student, to_class)
    if not reason.strip():
        found += _about_reason(kind, left_by)
        if back:
            found.append(Reason(f"换回{to_class}要写明原因", "请填写，例如留级登记错了"))
    return found


def _about_reason(kind: str, left_by: str) -> list[Reason]:
    if kind in NEEDS_REASON:
        return [Reason(f"登记{Kind(kind).label}要写明原因", "请填写原因，例如批准文号")]
    if VERBS.get(kind) == "return_to_school" and left_by in NEVER_MEANT:
        text = f"上次登记的是{Kind(left_by).label}，恢复学籍要写明原因"
        return [Reason(text, "请填写原因，例如登记错误，已核实在校")]
    return []


def _about_day(student: Student, on: date, today: date) -> list[Reason]:
    if on > today:
        return [Reason(f"{DAY}晚于今天", "请在异动发生之后登记")]
    if student.entered_on and on < student.entered_on:
        return [Reason(f"{DAY}早于入学日期{student.entered_on:%Y年%-m月%-d日}", f"请核对{DAY}")]
    if on <= student.birth_date:
        return [Reason(f"{DAY}早于出生日期", "请核对年份")]
    return []


def _about_class(
    student: Student, kind: str, to_class: SchoolClass | None, *, back: bool
) -> list[Reason]:
    if kind in NEEDS_CLASS and to_class is None:
        return [Reason(f"登记{Kind(kind).label}要选择新班级", "请选择调入的班级")]
    if to_class is None:
        if kind in COMES_BACK and student.school_class.closed_on:
            gone = student.school_class
            return [Reason(f"原来的{gone}已经毕业", f"请选择{student.name}现在进入的班级")]
        return []
    if to_class.closed_on:
        return [Reason(f"{to_class}已经毕业", "请选择现有的班级")]
    if kind not in TAKES_CLASS:
        return [Reason(f"登记{Kind(kind).label}不换班级", "请不要选择新班级")]
    if kind in NEEDS_CLASS and to_class.pk == student.school_class_id:
        return [Reason(f"{student.name}已经在{to_class}", "请选择另一个班级")]
    if kind not in LOWER or back:
        return []
    return _about_grade(student.school_class, kind, to_class)


def _about_grade(now: SchoolClass, kind: str, to_class: SchoolClass) -> list[Reason]:
    """留级 repeats a year: a grade lower, or the same once the others have risen."""
    if to_class.stage == now.stage and now.grade - LOWER[kind] <= to_class.grade <= now.grade:
        return []
    lower = LOWER_WORDS[LOWER[kind]]
    text = f"{to_class}不是{now.grade_name}{lower}的班级，不能登记{Kind(kind).label}"
    if kind == Kind.CLASS_CHANGED:
        mend = (
            "换年级的，留级请登记“留级”，升级请办理“升班”；"
            "留级登记错了的，选回原来的班级；班级的年级写错了，请更正班级"
        )
    else:
        mend = f"请选择本学段{now.grade_name}{lower}的班级"
    return [Reason(text, mend)]


def _about_major(student: Student, to_class: SchoolClass | None) -> list[Reason]:
    """资助 depends on the major, and the major is the class's."""
    label = Kind.MAJOR_CHANGED.label
    if to_class is None:
        return [Reason(f"登记{label}要选择新专业的班级", "请选择转入的班级")]
    if to_class.major and to_class.major != student.school_class.major:
        return []
    if not to_class.major:
        return [Reason(f"{to_class}没有登记专业", "请先在“更正班级”中填写专业，再选择")]
    return [Reason(f"{to_class}也是{to_class.major}专业", "专业不变、只换班的请登记“调班”")]


# What is paid by the month: the month in which somebody goes is paid, and the one of his return.
BY_MONTH = "按月发放的资助"
STOPS = frozenset(kind for kind, verb in VERBS.items() if verb in ("suspend", "leave"))
RESUMES = COMES_BACK


@dataclass(frozen=True, slots=True)
class Absence:
    """Away from `first` on; `back` is the day of return, None while away.

    `ended` is what became of it meanwhile: who was suspended may withdraw, or die.
    """

    kind: str
    first: date
    back: date | None = None
    ended: str = ""

    def covers(self, first: date, last: date) -> bool:
        """Whether no day from `first` to `last` was spent in school."""
        return self.first <= first and (self.back is None or self.back > last)


def absences_of(
    changes: Iterable[tuple[str, date]], entered_on: date | None = None
) -> tuple[Absence, ...]:
    """Times away, from changes (kind, day) in the order in which they happened.

    The time before the student came is one: until `entered_on`, or until the return with which
    the record of a newcomer begins.
    """
    told = list(changes)
    found: list[Absence] = []
    came, how = entered_on or date.min, str(Kind.ENTER)
    if told and told[0][0] in RESUMES and told[0][1] > came:
        how, came = told[0]
    if came > date.min:
        found.append(Absence(how, date.min, back=came))
    away: Absence | None = None
    for kind, on in told:
        if kind in STOPS:
            away = replace(away, ended=kind) if away else Absence(kind, on)
        elif kind in RESUMES and away is not None:
            found.append(replace(away, back=on))
            away = None
    return tuple([*found, away] if away else found)


def words_of(change: EnrolmentChange, gone_there: date | None = None) -> str:
    """`money_words` of a recorded change.

    `gone_there` is since when the other school counts who was transferred in no longer; he left it
    at the latest on the day that he is recorded with.
    """
    return money_words(change.kind, change.on, gone_there or change.left_other_on)


def money_words(kind: str, on: date, left_on: date | None = None) -> str:
    """From which month a change counts in what is paid by the month; empty for others.

    `left_on` is the day since when the other school counts who is transferred in no longer, where
    it is known.
    """
    if kind in RESUMES:
        months = _first_paid(on, left_on)
        if months > _month(on):
            theirs = f"{BY_MONTH}{on.year}年{on.month}月由转出学校发"
            return f"{theirs}，本校从{_named(months)}起续发"
        return f"{BY_MONTH}从{on.year}年{on.month}月起续发"
    since = f"{BY_MONTH}从{_named(_first_without(on))}起"
    if kind in BECOMES:
        return f"{since}按{Student.Boarding(BECOMES[kind]).label}发"
    return f"{since}停发" if kind in STOPS else ""


def away_words(gone_on: date, back_on: date, left_on: date | None) -> str:
    """From which month to which one who left and is back is not paid; `left_on` as above."""
    stops, again = _first_without(gone_on), _first_paid(back_on, left_on)
    if again <= stops:
        return f"{BY_MONTH}不停发"
    return f"{BY_MONTH}从{_named(stops)}起停发，从{_named(again)}起续发"


def stay_words(on: date, left_on: date | None, gone_on: date) -> str:
    """From which month to which one is paid who came on a day and has left again."""
    stops = _first_without(gone_on)
    if stops <= _first_paid(on, left_on):
        return f"{BY_MONTH}本校没有要发的月份"
    return f"{money_words(Kind.TRANSFER_IN, on, left_on)}，从{_named(stops)}起停发"


def paid_here(gone_on: date, back_on: date) -> bool:
    """Whether the month of his return is paid where he had been in it before he left."""
    return _first_without(gone_on) > _month(back_on)


def last_words(gone_on: date) -> str:
    """The last month that is paid of who left on a day."""
    return f"{BY_MONTH}发到{_named(_first_without(gone_on) - 1)}"


def _first_paid(on: date, left_on: date | None) -> int:
    """The first month that is paid of who came; he may have been paid it where he left."""
    return max(_month(on), _first_without(left_on)) if left_on else _month(on)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_without(day: date) -> int:
    """The first month that isn't paid any more: who went on the first wasn't there in that one."""
    return _month(day) + (day.day > 1)


def _named(months: int) -> str:
    return f"{months // 12}年{months % 12 + 1}月"
