"""A file of another school year than the roster's: most of a class goes up or down a grade."""

from collections import Counter

from django.db.models import Count

from schools.models import School
from students.models import SchoolClass, Student, YearRollover
from students.rules.rollover import Season
from students.rules.roster.difference import Difference
from students.rules.roster.places import cohort_in
from students.rules.roster.reading import Reading
from students.rules.roster.rows import Row
from students.rules.roster.standing import awaited

NAMED = 3
# What becomes of a class, beside the class: a step of one grade, or new students in it.
JOINED = 0
Moves = dict[tuple[int, SchoolClass], list[Row]]


def doubt_shifts(school: School, reading: Reading, difference: Difference, year: int) -> None:
    """Say it before all else that is doubtful; `year` is the school year of the classes."""
    moves, early = _moves(difference), _of_next_year(reading, year)
    if not moves and early is None:
        return
    season, sizes = awaited(school), _sizes(school)
    for step in (1, JOINED, -1):
        those = [
            row
            for (its, row), rows in moves.items()
            if its == step and len(rows) * 2 > sizes.get(row.pk, 0) > 0
        ]
        those.sort(key=lambda row: (row.stage, row.grade, row.number))
        if those and (words := _said(school, step, _named(those), year, season)):
            reading.merged.insert(0, moves[step, those[0]][0].problem("class_name", words))
    if early is not None and season is not None:
        words = (
            f"名册还没有升班（{season.label}），{year + 1}级的班还没有位置，请先办理“升班”再导入。"
        )
        reading.merged.insert(0, early.problem("class_name", words))


def _moves(difference: Difference) -> Moves:
    """Who changes by one grade inside a stage, and who is added to a first grade's class."""
    found: Moves = {}
    for change in difference.changed:
        before, place = change.known.school_class, change.row.place
        if place is None or place.stage != before.stage or abs(place.grade - before.grade) != 1:
            continue
        found.setdefault((place.grade - before.grade, before), []).append(change.row)
    for row in difference.added:
        if isinstance(row.place, SchoolClass) and row.place.grade == 1:
            found.setdefault((JOINED, row.place), []).append(row)
    return found


def _of_next_year(reading: Reading, year: int) -> Row | None:
    """The first row whose class could not be found because it is of those who come next."""
    if reading.file_problems:
        return None
    unplaced = (row for row in reading.rows if row.place is None)
    return next((row for row in unplaced if year + 1 in _cohorts(row)), None)


def _cohorts(row: Row) -> set[int | None]:
    return {cohort_in(row.text("grade")), cohort_in(row.text("class_name"))}


def _sizes(school: School) -> Counter[int]:
    here = Student.objects.for_school(school).exclude(status=Student.Status.LEFT).order_by()
    return Counter(dict(here.values_list("school_class_id").annotate(n=Count("pk"))))


def _named(classes: list[SchoolClass]) -> str:
    names = "、".join(row.name for row in classes[:NAMED])
    return f"{names}等{len(classes)}个班" if len(classes) > NAMED else names


def _said(school: School, step: int, names: str, year: int, season: Season | None) -> str:
    if step == JOINED:
        if season is None:
            return ""
        return (
            f"名册还没有升班（{season.label}）。新增的学生会进{names}，那里还是上一级的学生；"
            "是新生的，请先办理“升班”再导入。"
        )
    if step > 0:
        word = f"按这份文件，{names}的大部分学生会升高一个年级"
        if season is None:
            return f"{word}，请核对年级再写入。"
        return (
            f"名册还没有升班（{season.label}）。{word}，请先办理“升班”再导入；"
            "已经写入的，就不要再办升班。"
        )
    word = f"按这份文件，{names}的大部分学生会退到低一个年级"
    if YearRollover.objects.for_school(school).filter(year=year).exists():
        return (
            f"名册已升班（{year}—{year + 1}学年）。{word}，像是升班以前的名册，"
            "请换成新学年的名册，不要直接写入。"
        )
    return f"{word}，像是上一学年的名册，请核对年级再写入。"
