"""A file by which most of a class goes up or down a grade: likely a roster of another year."""

from collections import Counter

from django.db.models import Count

from schools import clock, official
from schools.models import School
from students.models import SchoolClass, Student, YearRollover
from students.rules.rollover import season_of
from students.rules.roster.difference import Difference
from students.rules.roster.reading import Reading
from students.rules.roster.rows import Row

NAMED = 3


def doubt_shifts(school: School, reading: Reading, difference: Difference, year: int) -> None:
    """Say it before all else that is doubtful; `year` is the school year of the classes."""
    moved: Counter[tuple[int, SchoolClass]] = Counter()
    first: dict[tuple[int, SchoolClass], Row] = {}
    for change in difference.changed:
        before, place = change.known.school_class, change.row.place
        if place is None or place.stage != before.stage or abs(place.grade - before.grade) != 1:
            continue
        key = place.grade - before.grade, before
        moved[key] += 1
        first.setdefault(key, change.row)
    if not moved:
        return
    sizes = _sizes(school)
    for step in (1, -1):
        those = [
            row for (its, row), n in moved.items() if its == step and n * 2 > sizes.get(row.pk, 0)
        ]
        if those:
            those.sort(key=lambda row: (row.stage, row.grade, row.number))
            said = _went_down if step < 0 else _went_up
            found = first[step, those[0]].problem("class_name", said(school, _named(those), year))
            reading.merged.insert(0, found)


def _sizes(school: School) -> dict[int, int]:
    here = Student.objects.for_school(school).exclude(status=Student.Status.LEFT).order_by()
    return dict(here.values_list("school_class_id").annotate(n=Count("pk")))


def _named(classes: list[SchoolClass]) -> str:
    names = "、".join(row.name for row in classes[:NAMED])
    return f"{names}等{len(classes)}个班" if len(classes) > NAMED else names


def _went_down(school: School, names: str, year: int) -> str:
    word = f"按这份文件，{names}的大部分学生会退到低一个年级"
    if YearRollover.objects.for_school(school).filter(year=year).exists():
        return (
            f"名册已升班（{year}—{year + 1}学年）。{word}，像是升班以前的名册，"
            "请换成新学年的名册，不要直接写入。"
        )
    return f"{word}，像是上一学年的名册，请核对年级再写入。"


def _went_up(school: School, names: str, year: int) -> str:
    word = f"按这份文件，{names}的大部分学生会升高一个年级"
    today = clock.today()
    season = season_of(official.current_term(), official.calendar(), today)
    done = YearRollover.objects.for_school(school)
    if (
        season is None
        or not season.opens_on <= today <= season.closes_on
        or done.filter(year=season.year).exists()
    ):
        return f"{word}，请核对年级再写入。"
    return (
        f"名册还没有升班（{season.label}）。{word}，请先办理“升班”再导入；"
        "已经写入的，就不要再办升班。"
    )
