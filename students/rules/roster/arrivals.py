"""Who comes new with a file, and what the file leaves unsaid of him."""

from django.db.models import Exists, OuterRef

from schools.models import School
from students.models import SchoolClass, Student
from students.rules.roster.difference import Difference
from students.rules.roster.reading import Reading
from students.rules.roster.rows import Row

Occupied = frozenset[int]


def occupied(school: School) -> Occupied:
    """The classes in which students are."""
    here = Student.objects.filter(
        school_id=OuterRef("school_id"), school_class_id=OuterRef("pk")
    ).exclude(status=Student.Status.LEFT)
    classes = SchoolClass.objects.for_school(school).filter(Exists(here))
    return frozenset(classes.values_list("pk", flat=True))


def comes_new(row: Row, classes: Occupied) -> bool:
    """Whether who is added has come lately, as far as the roster of before tells.

    He joins a class that is on the roster, or the first grade of a school that has one. Other new
    classes are a roster that is being set up, grade by grade.
    """
    place = row.place
    if place is None or not classes:
        return False
    return place.grade == 1 or (isinstance(place, SchoolClass) and place.pk in classes)


def doubt_unsaid(school: School, reading: Reading, difference: Difference) -> None:
    """Say once of a file what follows where new students' columns are empty or missing."""
    day_pupils = [row for row in difference.added if row.facts.boarding is None]
    undated = [row for row in difference.added if row.facts.entered_on is None]
    if day_pupils:
        _say(
            reading,
            day_pupils[0],
            "boarding",
            f"新增的{len(day_pupils):,}名学生没有填就读方式，会按走读登记；资助的金额与它有关，"
            "寄宿的请填“住校”再导入。",
        )
    if undated:
        classes = occupied(school)
        since = any(comes_new(row, classes) for row in undated)
        follows = "没有填的，新生建档的期限从写入名册那天算起。" if since else "不清楚的可以留空。"
        _say(
            reading,
            undated[0],
            "entered_on",
            f"新增的{len(undated):,}名学生没有填入学年月，请补填；{follows}",
        )


def _say(reading: Reading, row: Row, name: str, reason: str) -> None:
    reading.merged.insert(0, row.problem(name, reason))
