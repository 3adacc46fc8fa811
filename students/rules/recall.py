"""Whether a 升班 can be taken back: while nothing was built on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from audit.refusal import Reason
from students.models import SchoolClass
from students.rules.rollover import RECALL_DAYS

SHOWN = 5
SINGLY = "请逐项更正：班级在“更正班级”中改，学生在学生的页面登记异动"


@dataclass(frozen=True, slots=True)
class Was:
    """A class as it was before the 升班, and its name afterwards."""

    pk: int
    grade: int
    name: str
    named: str


@dataclass(frozen=True, slots=True)
class Built:
    """What came after the 升班: changes of class or of its graduates, and rosters written."""

    changes: int
    imports: int


def why_not_recall(
    *,
    before: Iterable[Was],
    classes: Mapping[int, SchoolClass],
    built: Built,
    left_on: date,
    done_on: date,
    begins_on: date,
    today: date,
) -> list[Reason]:
    """Every reason why it can't be taken back any more; `begins_on` is the new year's first day."""
    found = []
    told = list(before)
    last = max(begins_on, done_on + RECALL_DAYS)
    if today > last:
        text = f"新学年已经开始，{last.year}年{last.month}月{last.day}日之后不能收回"
        found.append(Reason(text, SINGLY))
    if not told:
        found.append(Reason("这次升班没有留下各班原来的年级和名称", SINGLY))
    changed = [was.named for was in told if not _untouched(was, classes.get(was.pk), left_on)]
    if changed:
        some = "、".join(changed[:SHOWN]) + (f"等{len(changed)}个班" if changed[SHOWN:] else "")
        found.append(Reason(f"{some}升班之后又更正过", SINGLY))
    if built.changes:
        text = f"升班之后又登记了{built.changes}条学籍异动，涉及换班或已毕业的学生"
        found.append(Reason(text, SINGLY))
    if built.imports:
        found.append(Reason(f"升班之后又写入了{built.imports}次名册", SINGLY))
    return found


def _untouched(was: Was, now: SchoolClass | None, left_on: date) -> bool:
    if now is None:
        return False
    if now.closed_on is not None:
        return (now.grade, now.name, now.closed_on) == (was.grade, was.name, left_on)
    return (now.grade, now.name) == (was.grade + 1, was.named)
