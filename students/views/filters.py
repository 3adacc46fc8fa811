"""Which students a list shows and in what order: the question as the address holds it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property

from office.paging import Part
from office.remembered import remembered
from schools import clock
from schools.access import StaffRequest
from schools.models import Stage
from schools.roles import Role
from students.models import SchoolClass, Student, protected
from students.models.roster import StudentQuerySet
from students.models.searching import Sought, stretches, understood
from students.queue import campuses_of
from students.rules.sight import SEES_TAGS
from students.views.reach import classes_of

ORDERS = {
    "name": ("pinyin", "id"),
    "class": (
        "school_class__stage", "school_class__grade", "school_class__number", "pinyin", "id",
    ),
    "number": ("student_no", "id"),
}  # fmt: skip
ORDER_WORDS = {"name": "按姓名拼音排列", "class": "按班级排列", "number": "按学号排列"}
SENSITIVE = SEES_TAGS | {Role.HEAD_TEACHER}
# What of the address a saved filter holds, in this order.
KEPT = ("grade", "class", "status", "boarding", "campus", "about", "sort")
# Sensitive: offered to whom special groups are shown.
ABOUT: dict[str, tuple[str, Q | Callable[[], Q]]] = {
    "protected": ("重点保障（困中之困）", lambda: protected(clock.today())),
    "left_behind": ("留守儿童", Q(left_behind=True)),
    "migrant": ("随迁子女", Q(migrant=True)),
    "disabled": ("登记了残疾类型", Q(disability__isnull=False)),
    "lifted": ("登记了脱贫年份", Q(lifted_year__isnull=False)),
    "blank": (
        "申请表要用的还有空项",
        Q(native_place="")
        | Q(political_status="")
        | Q(postcode="")
        | Q(address=None)
        | Q(household_address=None),
    ),
    "unasked": ("留守、随迁没有填", Q(left_behind=None) | Q(migrant=None)),
}
ABOUTS = [(key, words) for key, (words, _) in ABOUT.items()]
STATES = [("here", "在籍（在校和休学）"), *Student.Status.choices]


@dataclass
class Filters:
    """The list's question as the address holds it."""

    query: QueryDict
    classes: list[SchoolClass]
    # The points at which students are, by the key that stands in the address.
    campuses: list[tuple[str, str]] = field(default_factory=list)
    sensitive: bool = False

    @cached_property
    def grade(self) -> tuple[str, int] | None:
        """`senior-1` as stage and grade, when there is such a class."""
        chosen = self.query.get("grade", "")
        return next(((c.stage, c.grade) for c in self.classes if _key(c) == chosen), None)

    @cached_property
    def school_class(self) -> SchoolClass | None:
        """The chosen class, when it is one of those reached."""
        chosen = self.query.get("class", "")
        return next((c for c in self.classes if str(c.pk) == chosen), None)

    def choice(self, name: str, choices: list[tuple[str, str]]) -> str:
        """A parameter's value, when it is one of the choices."""
        value = self.query.get(name, "")
        return value if value in dict(choices) else ""

    @property
    def status(self) -> str:
        """Which statuses; those who left are shown only when asked for."""
        return self.choice("status", STATES) or "here"

    @property
    def boarding(self) -> str:
        """走读 or 寄宿."""
        return self.choice("boarding", Student.Boarding.choices)

    @property
    def campus(self) -> str:
        """Which campus or teaching point, by its key."""
        return self.choice("campus", self.campuses)

    @property
    def about(self) -> str:
        """留守, 随迁 or a disability, for whom these are shown."""
        return self.choice("about", ABOUTS) if self.sensitive else ""

    @property
    def text(self) -> str:
        """What was typed into the search."""
        return self.query.get("q", "").strip()[:64]

    @cached_property
    def sought(self) -> Sought | None:
        """How the text is understood."""
        return understood(self.text) if self.text else None

    @property
    def sort(self) -> str:
        """Which column sorts."""
        name = self.query.get("sort", "name").removeprefix("-")
        return name if name in ORDERS else "name"

    def parts(self, students: StudentQuerySet) -> list[Part]:
        """The students asked for; what a search finds comes as its indexes have it."""
        if self.sort != "name" or not self.sought:
            found = students.named_like(self.text) if self.text else students
            return [Part(self._narrowed(found), self._turned(ORDERS[self.sort]), students)]
        parts = [
            Part(
                self._narrowed(students.filter(stretch.found)),
                self._turned(stretch.order),
                students.filter(stretch.place),
            )
            for stretch in stretches(self.sought)
        ]
        return parts[::-1] if self._downward else parts

    @property
    def _downward(self) -> bool:
        return self.query.get("sort", "").startswith("-")

    def _turned(self, fields: tuple[str, ...]) -> list[str]:
        return [f"-{f}" if self._downward else f for f in fields]

    def every(self, students: StudentQuerySet) -> list[Student]:
        """Every student asked for, in the list's order."""
        parts = self.parts(students)
        return [
            one
            for part in parts
            for one in part.rows.select_related("school_class").order_by(*part.order)
        ]

    def _narrowed(self, students: StudentQuerySet) -> StudentQuerySet:
        if self.status == "here":
            students = students.exclude(status=Student.Status.LEFT)
        else:
            students = students.filter(status=self.status)
        if self.school_class:
            students = students.filter(school_class=self.school_class)
        if self.grade:
            mine = [c.pk for c in self.classes if (c.stage, c.grade) == self.grade]
            students = students.filter(school_class__in=mine)
        if self.boarding:
            students = students.filter(boarding=self.boarding)
        if self.campus:
            students = students.filter(campus=dict(self.campuses)[self.campus])
        if self.about:
            asked = ABOUT[self.about][1]
            students = students.filter(asked() if callable(asked) else asked)
        return students

    def grades(self) -> list[tuple[str, str]]:
        """The grades that the school has classes of."""
        mixed = len({c.stage for c in self.classes}) > 1
        return list(
            dict.fromkeys(
                (_key(c), f"{Stage(c.stage).label}{c.grade_name}" if mixed else c.grade_name)
                for c in self.classes
            )
        )

    def applied(self) -> list[dict[str, Any]]:
        """The filters in force, each with the cross that takes it away."""
        chosen = [
            ("查找", self.text, "q"),
            ("年级", dict(self.grades()).get(self.query.get("grade", ""), ""), "grade"),
            ("班级", self.school_class.name if self.school_class else "", "class"),
            ("学籍", "" if self.status == "here" else dict(STATES)[self.status], "status"),
            ("就读方式", dict(Student.Boarding.choices).get(self.boarding, ""), "boarding"),
            ("校区", dict(self.campuses).get(self.campus, ""), "campus"),
            ("情况", dict(ABOUTS).get(self.about, ""), "about"),
        ]
        return [
            {"label": label, "value": value, "key": key, "raw": self.query.get(key, "")}
            for label, value, key in chosen
            if value
        ]


def _key(school_class: SchoolClass) -> str:
    return f"{school_class.stage}-{school_class.grade}"


def filters_of(request: StaffRequest, query: QueryDict) -> Filters:
    """The question in an address or in the hidden fields of a form."""
    campuses = remembered(
        request, request.appointment, "campuses", lambda: campuses_of(request.school)
    )
    return Filters(
        query,
        list(classes_of(request)),
        campuses=[(campus_key(name), name) for name in campuses],
        sensitive=request.appointment.role in SENSITIVE,
    )


def campus_key(name: str) -> str:
    """A point as an address names it: short, whatever its name."""
    return blake2s(name.encode(), digest_size=4).hexdigest()


def kept_query(query: QueryDict) -> str:
    """The address's query as it may be kept: without the text searched for and the place."""
    pairs = [(n, query[n]) for n in KEPT if query.get(n)]
    return urlencode(pairs)
