"""The class of each row: found, new, or why the cells of grade and class don't tell it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from schools.models import Stage
from students.models import SchoolClass
from students.models.roster import GRADE_NAMES
from students.rules.roster.columns import LONGEST
from students.rules.roster.numerals import class_number
from students.rules.roster.places import (
    BARE_YEAR,
    MOST_CLASSES,
    Classes,
    Place,
    cohort_in,
    squeezed,
)
from students.rules.roster.rows import Row
from students.rules.roster.tables import Table

# Schools of these stages name a class by its trade and the year in which it came.
BY_ENTRY = frozenset({Stage.VOCATIONAL})
# Who enters in spring is counted with either year.
AUTUMN = 7
NAMED = 3
Written = tuple[str, str]
UNKNOWN = "认不出这是哪个班。请写成“高一（3）班”这样，或填写“年级”列，并与班级一致。"
UNKNOWN_BY_ENTRY = (
    "认不出这是哪个班。请在班名前写上年级，如“2026级”，或填写“年级”列，并与班级一致。"
)
EMPTY = "班级是空的，请填写；合并的单元格请取消合并后每行都填。"


@dataclass(slots=True)
class _Placing:
    """What the two cells of the rows so far meant, and what has to be said of them."""

    classes: Classes
    rows: Sequence[Row]
    found: dict[Written, SchoolClass | Place | None] = field(default_factory=dict)
    tidied: dict[tuple[str, str, str], Written] = field(default_factory=dict)
    # Why a class was not found; else the usual reason.
    why: dict[Written, str] = field(default_factory=dict)
    # The column in which 一年级 was read as the first grade of another stage.
    bare: dict[Written, str] = field(default_factory=dict)
    # First rows of classes whose grade is that of the year in which their students entered.
    entered: dict[int, dict[str, Row]] = field(default_factory=dict)
    _entries: dict[str, Counter[date]] | None = None
    _majors: dict[str, dict[str, None]] = field(default_factory=dict)

    def written(self, row: Row) -> Written:
        """What the two cells say, tidied once for all rows that write them alike."""
        grade, name = row.cell("grade"), row.titled or row.cell("class_name")
        if not (isinstance(grade, str) and isinstance(name, str)):
            return row.text("grade"), _class_name(row)
        cells = (row.table.name, grade, name)
        if cells not in self.tidied:
            self.tidied[cells] = (row.text("grade"), _class_name(row))
        return self.tidied[cells]

    def entries(self, name: str) -> Counter[int]:
        """How many of a class without a grade entered in which year; 0 for those in spring."""
        if self._entries is None:
            self._entries = {}
            for row in self.rows:
                if row.text("grade"):
                    continue
                if row.facts.entered_on:
                    self._entries.setdefault(_class_name(row), Counter())[row.facts.entered_on] += 1
                if row.facts.major:
                    self._majors.setdefault(_class_name(row), {})[row.facts.major] = None
        years: Counter[int] = Counter()
        for day, n in self._entries.get(name, Counter()).items():
            years[day.year if day.month >= AUTUMN else 0] += n
        return years

    def majors(self, name: str) -> list[str]:
        """What those of a class without a grade study, as the file says; after `entries`."""
        return list(self._majors.get(name, ()))


def place_rows(rows: Sequence[Row], classes: Classes) -> None:
    """Give each row its class; of one that can't be understood its cell says why."""
    placing = _Placing(classes, rows)
    for row in rows:
        written = placing.written(row)
        if not written[1]:
            row.wrong("class_name", EMPTY)
            continue
        if written not in placing.found:
            _look_for(placing, row, written)
        row.place = placing.found[written]
        if isinstance(row.place, Place) and len(row.place.name) > LONGEST["class_name"]:
            row.wrong(
                "class_name",
                f"班级名称最多{LONGEST['class_name']}个字，现有{len(row.place.name)}个字，请缩短。",
            )
        if row.place is None:
            _refuse(placing, row, written)
    _tell_entries(placing)
    _tell_bare_years(placing)


def names_a_class(name: str, table: Table, classes: Classes) -> bool:
    """Whether a sheet's name, or a line above a block, can stand in for the column of classes."""
    if classes.find("", name) is not None:
        return True
    by_entry = classes.stage in BY_ENTRY and "entered_on" in table.columns
    return by_entry and name.endswith("班")


def _class_name(row: Row) -> str:
    if row.titled:
        return row.titled
    return row.text("class_name") if "class_name" in row.table.columns else row.table.name


def _look_for(placing: _Placing, row: Row, written: Written) -> None:
    grade, name = written
    found = placing.classes.find(grade, name)
    if not grade and placing.classes.stage in BY_ENTRY:
        if found is None:
            found = _by_entry(placing, row, written)
        elif isinstance(found, SchoolClass):
            _doubt_entry(placing, row, found, name)
    placing.found[written] = found
    if found is None:
        return
    _doubt_number(row, found)
    if column := _taken_for(placing.classes, found, written):
        placing.bare[written] = column
    if grade and not placing.classes.understands(grade):
        row.doubtful("grade", f"认不出这个年级，按班级读作“{found.name}”，请核对。")


def _by_entry(placing: _Placing, row: Row, written: Written) -> SchoolClass | Place | None:
    """The class of those who entered in one autumn; None, and why, where that is not sure."""
    _, name = written
    years = placing.entries(name)
    if not years:
        return None
    if len(years) > 1:
        told = "、".join(f"{_season(year)}{n}人" for year, n in years.most_common())
        why = f"这个班没有写年级，各人的入学年月也不一致（{told}），请填写“年级”列。"
        placing.why[written] = why
        return None
    year = next(iter(years))
    found = placing.classes.find(f"{year}级", name) if year else None
    if found and class_number(squeezed(name)) and (why := _two_majors(placing, found, name)):
        placing.why[written] = why
        return None
    if found is not None:
        placing.entered.setdefault(year, {})[name] = row
    elif not year:
        placing.why[written] = "春季入学的，入学年月看不出是哪个年级，请填写“年级”列。"
    else:
        placing.why[written] = (
            f"按入学年月是{year}级，不在本校现有的年级里，请核对入学年月，或填写“年级”列。"
        )
    return found


def _two_majors(placing: _Placing, found: SchoolClass | Place, name: str) -> str:
    """Why 1班 alone is not enough: each of a year's majors may have one."""
    majors = placing.majors(name)
    held = found.major if isinstance(found, SchoolClass) else ""
    if len(majors) > 1:
        told = f"有{'、'.join(majors[:NAMED])}等专业"
    elif majors and held and held not in majors:
        told = f"是{majors[0]}专业，名册里的“{found.name}”是{held}"
    else:
        return ""
    return (
        f"这个班没有写年级，文件里的“{name}”{told}，分不清是哪个班。请写成“{majors[0]}{name}”这样，"
        "或填写“年级”列。"
    )


def _season(year: int) -> str:
    return f"{year}年" if year else "春季"


def _doubt_entry(placing: _Placing, row: Row, found: SchoolClass, name: str) -> None:
    """Those who come next may have a class called like the one of those before."""
    cohort = cohort_in(found.name) or placing.classes.starting_year - found.grade + 1
    years = placing.entries(name)
    year = next(iter(years), 0)
    if len(years) == 1 and year not in (0, cohort) and years[year] > 1:
        row.doubtful(
            "class_name",
            f"名册里的“{found.name}”是{found.grade_name}（{cohort}级），文件里这个班{years[year]}人都是"
            f"{year}年入学。不是同一个班的，请填写“年级”列再导入。",
        )


def _doubt_number(row: Row, place: SchoolClass | Place) -> None:
    if not isinstance(place, Place) or place.number <= MOST_CLASSES:
        return
    # A class with a name of its own only takes the next number.
    if str(place.number) in (row.titled or row.text("class_name")):
        row.doubtful(
            "class_name",
            f"这个新班的班号是{place.number}，大于{MOST_CLASSES}，请核对班级是否写对。",
        )


def _refuse(placing: _Placing, row: Row, written: Written) -> None:
    """Where it stands: a grade that there is not is no fault of the class beside it."""
    grade, name = written
    classes = placing.classes
    if bare := _bare_year(classes, grade, name):
        row.wrong(
            bare,
            "本校有几个学段，分不清这是哪个学段的年级。请写成“七年级”“高一”或“小学一年级”这样。",
        )
    elif grade and not classes.understands(grade):
        example = GRADE_NAMES[Stage(classes.stage)][0]
        row.wrong(
            "grade",
            f"本校没有这个年级，或认不出来。请写成“{example}”或“{classes.starting_year}级”这样。",
        )
    else:
        usual = UNKNOWN_BY_ENTRY if classes.stage in BY_ENTRY else UNKNOWN
        row.wrong("class_name", placing.why.get(written, usual))


def _bare_year(classes: Classes, grade: str, name: str) -> str:
    """The column in which 一年级 stands that may be of several stages."""
    for column, text in (("grade", squeezed(grade)), ("class_name", squeezed(name))):
        if (bare := BARE_YEAR.match(text)) and not classes.understands(bare[0]):
            return column
    return ""


def _tell_entries(placing: _Placing) -> None:
    """Once for each year, by what the grade of new classes was settled."""
    for year, names in placing.entered.items():
        first = next(iter(names.values()))
        listed = "、".join(f"“{name}”" for name in list(names)[:NAMED])
        listed += f"等{len(names)}个班" if len(names) > NAMED else ""
        grade = placing.classes.starting_year - year
        called = GRADE_NAMES[Stage(placing.classes.stage)][grade]
        first.doubtful(
            "entered_on", f"{listed}没有写年级，按入学年月读作{year}级（{called}），请核对。"
        )


def _tell_bare_years(placing: _Placing) -> None:
    """一年级 where there is no primary school: read as the first grade there is, and said so.

    A file that tells of other stages besides may well mean a primary school.
    """
    taken = placing.bare
    if not taken:
        return
    stage = Stage(placing.classes.stage)
    others = {p.stage for written, p in placing.found.items() if p and written not in taken}
    strange = [its.label for its in Stage if its in others - {stage}]
    told: set[int] = set()
    for row in placing.rows:
        place, column = row.place, taken.get((row.text("grade"), _class_name(row)))
        if place is None or column is None:
            continue
        called = GRADE_NAMES[stage][place.grade - 1]
        if strange:
            row.wrong(
                column,
                f"分不清这是小学还是{stage.label}的年级：这份文件里还有{'、'.join(strange)}的班。"
                f"请写成“{called}”或“小学一年级”这样。",
            )
            row.place = None
        elif place.grade not in told:
            told.add(place.grade)
            row.doubtful(
                column,
                f"本校只有{stage.label}，按“{called}”读取，请核对；是小学的，请写成“小学一年级”这样。",
            )


def _taken_for(classes: Classes, place: SchoolClass | Place, written: Written) -> str:
    """The column whose 一年级 was read as a grade that is not called so; '' where none was."""
    if place.stage != classes.stage or "一年级" in GRADE_NAMES[Stage(place.stage)]:
        return ""
    grade, name = written
    if grade and classes.understands(grade):
        return "grade" if BARE_YEAR.fullmatch(squeezed(grade)) else ""
    return "class_name" if BARE_YEAR.match(squeezed(name)) else ""
