"""What of a class may be put right: its place, name, department, major and whether it is 涉农."""

from dataclasses import dataclass, fields
from typing import Self

from audit.refusal import Reason, why_not_said
from privacy.marks import mark_of
from schools.models import Appointment
from students.models import SchoolClass
from students.models.roster import GRADE_NAMES
from students.rules.proposals import by_operator
from students.rules.roster.columns import LONGEST

LABELS = {
    "grade": "年级",
    "number": "班号",
    "name": "班级名称",
    "department": "系部",
    "major": "专业",
    "agri_major": "涉农专业",
    "campus": "校区（教学点）",
}


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class as the roster has it; the stage stays."""

    grade: int
    number: int
    name: str
    department: str
    major: str
    agri_major: bool

    @classmethod
    def of(cls, row: SchoolClass) -> Self:
        """As it is now."""
        return cls(**{f.name: getattr(row, f.name) for f in fields(cls)})

    def differs(self, other: Self) -> list[str]:
        """Names of the fields that are not the same."""
        names = (f.name for f in fields(self))
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def mark(self) -> str:
        """The same for the same facts."""
        return mark_of("class", self)


def why_no_place(stage: str, grade: int, number: int, name: str) -> list[Reason]:
    """Why a class can't stand in this grade under this number and name."""
    found = []
    grades = {str(s): len(names) for s, names in GRADE_NAMES.items()}.get(stage, 0)
    if not 1 <= grade <= grades:
        found.append(Reason("年级不在这个学段里", "请重新选择年级"))
    if not 1 <= number <= 999:
        found.append(Reason("班号应在1到999之间", "请填写班级的序号"))
    if not name.strip():
        found.append(Reason("班级名称是空的", "请填写，例如“高一（3）班”"))
    return found


def why_not_correct(
    *, row: SchoolClass, now: ClassFacts, told: ClassFacts, mark: str, reason: str, by: Appointment
) -> list[Reason]:
    """Why this person can't change this class so, except that a name or place is taken."""
    found = why_no_place(row.stage, told.grade, told.number, told.name)
    found += by_operator("班级", "更正", school_id=row.school_id, by=by)
    if row.closed_on:
        found.append(Reason(f"{row}已毕业", "档案不再更改"))
    if mark != now.mark():
        found.append(Reason("这个班级在您打开之后改过", "请重新打开这一页，在新的内容上更正"))
    for name, limit in {**LONGEST, "name": LONGEST["class_name"]}.items():
        if name in ("name", "department", "major") and len(getattr(told, name)) > limit:
            found.append(Reason(f"{LABELS[name]}最多{limit}个字", "请缩短"))
    if told.agri_major and not told.major:
        found.append(Reason("涉农专业要填专业", "请填写专业名称"))
    found += why_not_said(reason, "没有写明更正的原因", "请填写，例如专业名称登记错了")
    return found
