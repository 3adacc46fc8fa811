"""Plain facts of a student that the aid officer corrects alone: telephone, address, boarding, …"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from typing import Any, Self

from django.utils.crypto import constant_time_compare

from audit.refusal import Reason, why_not_said
from privacy.identity import check_phone
from privacy.marks import mark_of
from schools.models import Appointment
from students.models import Student
from students.rules.corrections import why_left
from students.rules.proposals import by_operator
from students.rules.roster import origins
from students.rules.roster.columns import LONGEST
from students.rules.roster.days import YOUNGEST_ENTRY
from students.rules.roster.entering import why_not_entered
from students.rules.roster.values import Odd

LABELS = {
    "student_no": "学号",
    "ethnicity": "民族",
    "native_place": "籍贯",
    "political_status": "政治面貌",
    "household": "户口性质",
    "boarding": "就读方式",
    "campus": "校区（教学点）",
    "entered_on": "入学日期",
    "left_behind": "留守儿童",
    "migrant": "随迁子女",
    "phone": "联系电话",
    "address": "家庭住址",
    "postcode": "邮政编码",
    "household_address": "户口所在地",
    "lifted_year": "脱贫年份",
    "disability": "残疾类型",
}
SEALED = ("phone", "address", "household_address", "disability")
# Read as a roster's cells are.
READERS: Mapping[str, Callable[[str], Any]] = {
    "native_place": partial(origins.place, LONGEST["native_place"]),
    "household_address": partial(origins.place, LONGEST["household_address"]),
    "political_status": origins.political_status,
    "postcode": origins.postcode,
    "disability": origins.disability,
}
CHANGED = Reason("这名学生的信息在您打开之后改过", "请重新打开这一页，在新的内容上更改")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known; None and '' mean not known. In what is told, an empty sealed one stays."""

    student_no: str
    ethnicity: str
    household: str
    boarding: str
    campus: str
    entered_on: date | None
    left_behind: bool | None
    migrant: bool | None
    phone: str = ""
    address: str = ""
    disability: str = ""
    household_address: str = ""
    native_place: str = ""
    political_status: str = ""
    postcode: str = ""
    lifted_year: int | None = None

    @classmethod
    def of(cls, student: Student) -> Self:
        """As the roster has them."""
        plain = {name: getattr(student, name) for name in LABELS if name not in SEALED}
        return cls(**plain, **{name: getattr(student, name).reveal() for name in SEALED})

    def differs(self, other: Self) -> list[str]:
        """Names of the fields that are not the same."""
        names = (f.name for f in fields(self))
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def mark(self) -> str:
        """The same for the same facts; tells nothing of them to whoever reads the page's source."""
        return mark_of("student", self)


@dataclass(frozen=True, slots=True)
class Checked:
    """The facts as they will be stored, and every reason why they can't be."""

    told: Facts
    reasons: list[Reason]


def checked(
    now: Facts,
    told: Facts,
    drop: Collection[str],
    *,
    today: date,
    born: date,
    first: tuple[str, date] | None = None,
) -> Checked:
    """Spaces gone, the telephone mended; `drop` are sealed fields to be emptied.

    `first` is the kind and day of his earliest change since he came.
    """
    tidy: dict[str, Any] = {
        name: " ".join(value.split())
        for name in LABELS
        if isinstance(value := getattr(told, name), str)
    }
    found = [
        Reason(f"{LABELS[name]}最多{LONGEST[name]}个字，现有{len(value)}个字", "请缩短")
        for name, value in tidy.items()
        if name not in READERS and len(value) > LONGEST.get(name, 200)
    ]
    more, reasons = _read(tidy, told.lifted_year, today)
    tidy |= more
    found += reasons
    if tidy["phone"]:
        check = check_phone(tidy["phone"])
        tidy["phone"] = check.number
        found += [Reason(problem) for problem in check.problems]
    for name in SEALED:
        if name in drop and tidy[name]:
            found.append(Reason(f"{LABELS[name]}既填了新的，又选了删去", "请只选一样"))
        if not tidy[name] and name not in drop:
            tidy[name] = getattr(now, name)
    if told.entered_on != now.entered_on:
        found += _about_entry(told.entered_on, today, born)
        found += why_not_entered(told.entered_on, first) if told.entered_on else []
    fair = replace(told, **tidy)
    if not found and not fair.differs(now):
        found.append(Reason("没有要更改的内容", "与名册现在的相同"))
    return Checked(fair, found)


def _about_entry(entered_on: date | None, today: date, born: date) -> list[Reason]:
    if entered_on and entered_on > date(today.year + 1, today.month, 1):
        return [Reason("入学日期太晚", "请核对年份")]
    if entered_on and entered_on.year < born.year + YOUNGEST_ENTRY:
        text = f"入学时不满{YOUNGEST_ENTRY}岁（出生于{born.year}年）"
        return [Reason(f"入学日期太早，{text}", "请核对入学日期；出生日期错了的，请先“更正证件”")]
    return []


def _read(
    tidy: Mapping[str, Any], lifted_year: int | None, today: date
) -> tuple[dict[str, Any], list[Reason]]:
    """What the printed forms ask, in words; a cell of a roster and a field mean the same."""
    read: dict[str, Any] = {name: READERS[name](tidy[name]) for name in READERS}
    year = origins.lifted_year(today, lifted_year)
    odd = {name: value for name, value in read.items() if isinstance(value, Odd)}
    doubted = odd | ({"lifted_year": year} if isinstance(year, Odd) else {})
    found = [
        Reason(f"{LABELS[name]}：{value.problem or value.doubts[0]}")
        for name, value in doubted.items()
    ]
    return {name: value or "" for name, value in read.items() if name not in odd}, found


def why_not_correct(
    *, student: Student, now: Facts, mark: str, reason: str, by: Appointment
) -> list[Reason]:
    """Why this person can't change this student's facts now."""
    found = why_left(student)
    if not constant_time_compare(mark, now.mark()):
        found.append(CHANGED)
    found += by_operator("名册", "更改", school_id=student.school_id, by=by)
    found += why_not_said(reason, "没有写明更改的原因", "请填写，例如搬家、改为走读")
    return found
