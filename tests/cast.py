"""The named cast: a city, two districts, three schools and the people who act in the tests.

School A (普高) is where most tests happen; B (中职) is in the same district, C in the other one.
"""

import itertools
from dataclasses import dataclass, field
from datetime import date

from guardian.shortcuts import assign_perm

from privacy.fields import blind_id
from privacy.identity import make_id
from schools import actions
from schools.models import Account, Appointment, Bureau, Organisation, Person, School, Stage, Term
from schools.roles import Role
from schools.scope import acting_for
from students.models import SchoolClass, Student

REGION = "990101"
_counter = itertools.count()


def next_id(birth: date = date(1985, 3, 4), *, female: bool = False) -> str:
    """A fresh valid identity number of the fictional region; it belongs to nobody."""
    n = next(_counter)
    serial = n % 440 * 2 + 101 + female
    day = birth.replace(year=birth.year - n // 440 % 3)
    return make_id(f"9901{n // 1320 % 90 + 10:02d}", day, serial)


@dataclass
class Staffed:
    """One school with the people of its aid office and one class with its head teacher."""

    school: School
    operator: Appointment
    reviewer: Appointment
    leader: Appointment
    finance: Appointment
    committee: Appointment
    head_teacher: Appointment
    school_class: SchoolClass
    students: list[Student] = field(default_factory=list)


@dataclass
class Cast:
    """Everybody."""

    city: Bureau
    district: Bureau
    other_district: Bureau
    a: Staffed
    b: Staffed
    c: Staffed
    bureau_operator: Appointment
    bureau_reviewer: Appointment
    other_bureau_operator: Appointment
    city_operator: Appointment
    admin: Appointment
    term: Term

    @property
    def school(self) -> School:
        """School A."""
        return self.a.school

    @property
    def operator(self) -> Appointment:
        """School A's aid officer (经办)."""
        return self.a.operator

    @property
    def reviewer(self) -> Appointment:
        """School A's second person (审核)."""
        return self.a.reviewer

    @property
    def head_teacher(self) -> Appointment:
        """Head teacher of school A's class."""
        return self.a.head_teacher


def person(name: str) -> Person:
    """A grown-up with a synthetic identity."""
    return actions.enter_person(name=name, id_number=next_id(), email="")


def appoint(name: str, organisation: Organisation, role: Role, username: str) -> Appointment:
    """A person with an account and one role since 2025."""
    someone = person(name)
    Account.objects.create_user(username, "secret-of-the-cast", someone)
    return actions.appoint(
        person=someone, organisation=organisation, role=role, since=date(2025, 9, 1)
    )


def student(school_class: SchoolClass, name: str = "张示远", **facts: object) -> Student:
    """A student of a class, in the middle of school age."""
    birth = facts.pop("birth_date", date(2009, 5, 6))
    entered_on = facts.pop("entered_on", date(2026, 9, 1))
    assert isinstance(birth, date)
    assert isinstance(entered_on, date)
    number = str(facts.pop("id_number", next_id(birth)))
    row = Student(
        school=school_class.school,
        school_class=school_class,
        name=name,
        name_key=name.replace(" ", ""),
        pinyin="zhangshiyuan",
        initials="zsy",
        sex="m",
        birth_date=birth,
        enrolment_no=f"G{number}",
        id_blind=blind_id(number),
        entered_on=entered_on,
        **facts,
    )
    row.id_number = number
    row.save()
    return row


def school_class(school: School, teacher: Appointment, number: int = 1) -> SchoolClass:
    """A first-year class led by `teacher`."""
    row = SchoolClass.objects.create(
        school=school,
        stage=school.stage,
        grade=1,
        number=number,
        name=f"高一（{number}）班",
        head_teacher=teacher.person,
    )
    for account in teacher.person.accounts.all():
        assign_perm("students.lead_class", account, row)
    return row


def staff(school: School, letter: str) -> Staffed:
    """Fill a school with one person per role, one class and three students."""
    with acting_for(school.pk):
        teacher = appoint(f"班主任{letter}", school, Role.HEAD_TEACHER, f"teacher-{letter}")
        its_class = school_class(school, teacher)
        return Staffed(
            school=school,
            operator=appoint(f"经办{letter}", school, Role.OPERATOR, f"operator-{letter}"),
            reviewer=appoint(f"审核{letter}", school, Role.REVIEWER, f"reviewer-{letter}"),
            leader=appoint(f"校长{letter}", school, Role.LEADER, f"leader-{letter}"),
            finance=appoint(f"财务{letter}", school, Role.FINANCE, f"finance-{letter}"),
            committee=appoint(f"委员{letter}", school, Role.COMMITTEE, f"committee-{letter}"),
            head_teacher=teacher,
            school_class=its_class,
            students=[student(its_class, name) for name in ("张示远", "李样宁", "王例清")],
        )


def _schools(district: Bureau, other: Bureau) -> tuple[School, School, School]:
    """Two schools of one district and one of the other."""
    a, b, c = (
        actions.found_school(code=code, name=name, stage=stage, superior=bureau, territory=bureau)
        for code, name, stage, bureau in (
            ("3499000001", "示范第一高级中学", Stage.SENIOR, district),
            ("3699000002", "示范职业高中", Stage.VOCATIONAL, district),
            ("3499000003", "西区第二中学", Stage.SENIOR, other),
        )
    )
    return a, b, c


def build() -> Cast:
    """The whole cast, in the database."""
    kinds = Organisation.Kind
    city = actions.found_bureau(
        code="9900", name="示范市教委", kind=kinds.CITY, region_code="990000"
    )
    district = actions.found_bureau(
        code="9901", name="东区教育局", kind=kinds.DISTRICT, region_code="990101", superior=city
    )
    other = actions.found_bureau(
        code="9902", name="西区教育局", kind=kinds.DISTRICT, region_code="990102", superior=city
    )
    a, b, c = _schools(district, other)
    with acting_for(city.pk):
        bureau_people = {
            "bureau_operator": ("区经办", district, Role.BUREAU_OPERATOR, "bureau"),
            "bureau_reviewer": ("区审核", district, Role.BUREAU_REVIEWER, "bureau-reviewer"),
            "other_bureau_operator": ("西区经办", other, Role.BUREAU_OPERATOR, "bureau-other"),
            "city_operator": ("市经办", city, Role.BUREAU_OPERATOR, "bureau-city"),
            "admin": ("管理员", city, Role.ADMIN, "admin"),
        }
        appointed = {}
        for key, (name, organisation, role, username) in bureau_people.items():
            with acting_for(organisation.pk):
                appointed[key] = appoint(name, organisation, role, username)
    return Cast(
        city=city,
        district=district,
        other_district=other,
        a=staff(a, "a"),
        b=staff(b, "b"),
        c=staff(c, "c"),
        term=Term.objects.get(code="2026-1"),
        **appointed,
    )
