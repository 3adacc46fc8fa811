"""The demonstration's organisations and staff: a city, two districts, five schools."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from aidadmin.demo.people import Invention, Pupil
from aidadmin.demo.rolls import ClassPlan, Plan, Roll, classes_of, rolls
from schools import actions
from schools.models import Account, Appointment, Bureau, Organisation, Person, School
from schools.roles import Role
from schools.scope import acting_for
from students import actions as students
from students.models import SchoolClass

PASSWORD = "aid-demo-2026"  # noqa: S105 — a demonstration's, printed with the accounts
SINCE = date(2025, 9, 1)
CITY = "990000"


STAFF = (
    ("operator", Role.OPERATOR, "资助专干"),
    ("reviewer", Role.REVIEWER, "审核人"),
    ("leader", Role.LEADER, "分管校长"),
    ("finance", Role.FINANCE, "财务"),
    ("committee1", Role.COMMITTEE, "教导主任"),
    ("committee2", Role.COMMITTEE, "德育主任"),
    ("committee3", Role.COMMITTEE, "年级组长"),
)


@dataclass
class DemoSchool:
    """A school with its people, classes and the pupils its roster file lists."""

    plan: Plan
    roll: Roll
    school: School
    staff: dict[str, Appointment]
    teachers: dict[str, Appointment] = field(default_factory=dict)
    classes: list[SchoolClass] = field(default_factory=list)

    @property
    def pupils(self) -> list[Pupil]:
        """Whom the roster file lists."""
        return self.roll.pupils

    @property
    def invention(self) -> Invention:
        """Where the school's further facts come from."""
        return self.roll.invention

    @property
    def operator(self) -> Appointment:
        """经办."""
        return self.staff["operator"]

    @property
    def reviewer(self) -> Appointment:
        """审核."""
        return self.staff["reviewer"]

    @property
    def leader(self) -> Appointment:
        """分管领导."""
        return self.staff["leader"]

    @property
    def finance(self) -> Appointment:
        """财务."""
        return self.staff["finance"]


@dataclass
class DemoDistrict:
    """Everything the walk needs."""

    city: Bureau
    bureaus: dict[str, Bureau]
    officers: dict[str, Appointment]
    schools: list[DemoSchool]

    @property
    def rolls(self) -> dict[str, Roll]:
        """The schools' pupils by school."""
        return {demo.plan.key: demo.roll for demo in self.schools}


class _Hiring:
    """Enters people and appoints them; one password hash for all, made once because it is slow."""

    def __init__(self) -> None:
        self.invention = Invention("staff", CITY)
        self.password = make_password(PASSWORD)

    def hire(self, organisation: Organisation, role: Role, username: str) -> Appointment:
        birth = self.invention.birth(40, date(2026, 9, 1))
        person = actions.enter_person(
            name=self.invention.name(),
            id_number=self.invention.id_number(birth, "女"),
            email=f"{username}@example.invalid",
        )
        self._account(person, username)
        return actions.appoint(person=person, organisation=organisation, role=role, since=SINCE)

    def _account(self, person: Person, username: str) -> None:
        Account.objects.create(
            username=username,
            person=person,
            password=self.password,
            password_changed_on=date(2026, 9, 1),
        )


def found() -> DemoDistrict:
    """Found everything; call in one transaction on a database without the demonstration."""
    hiring = _Hiring()
    kinds = Organisation.Kind
    city = _bureau("990000", "示范市教委", kinds.CITY, None)
    bureaus = {
        "dong": _bureau("990101", "东示范区教育局", kinds.DISTRICT, city),
        "xi": _bureau("990102", "西示范区教育局", kinds.DISTRICT, city),
    }
    officers = {}
    for key, bureau in {"city": city, **bureaus}.items():
        with acting_for(bureau):
            officers[f"{key}-operator"] = hiring.hire(
                bureau, Role.BUREAU_OPERATOR, f"{key}-operator"
            )
            officers[f"{key}-reviewer"] = hiring.hire(
                bureau, Role.BUREAU_REVIEWER, f"{key}-reviewer"
            )
            if key == "city":
                officers["admin"] = hiring.hire(bureau, Role.ADMIN, "admin")
    schools = [_school(roll, city, bureaus, hiring) for roll in rolls().values()]
    return DemoDistrict(city, bureaus, officers, schools)


def _bureau(code: str, name: str, kind: str, superior: Bureau | None) -> Bureau:
    return actions.found_bureau(
        code=code,
        name=name,
        kind=kind,
        region_code=code,
        superior=superior,
        contact_name="学生资助管理中心",
        contact_phone=f"0000-555{code[-4:]}",
        contact_email=f"b{code}@example.invalid",
    )


def _school(roll: Roll, city: Bureau, bureaus: dict[str, Bureau], hiring: _Hiring) -> DemoSchool:
    plan = roll.plan
    territory = bureaus[plan.district]
    school = actions.found_school(
        code=plan.code,
        name=plan.name,
        stage=plan.stage,
        superior=city if plan.under_city else territory,
        territory=territory,
        is_private=plan.is_private,
        has_boarding=plan.boarders > 0,
        contact_name="学生资助办公室",
        contact_phone="0000-5550100",
        contact_email=f"{plan.key}@example.invalid",
        address="示范市样例路1号",
    )
    with acting_for(school):
        staff = {key: hiring.hire(school, role, f"{plan.key}-{key}") for key, role, _ in STAFF}
        demo = DemoSchool(plan, roll, school, staff)
        for count, planned in enumerate(classes_of(plan), 1):
            demo.teachers[planned.name] = hiring.hire(
                school, Role.HEAD_TEACHER, f"{plan.key}-teacher{count}"
            )
            # Last year's classes are there before those of this year's beginners.
            if not plan.renews:
                open_class(demo, planned)
    return demo


def open_class(demo: DemoSchool, planned: ClassPlan) -> None:
    """A class with its head teacher."""
    row = students.add_class(
        school=demo.school,
        stage=demo.plan.stage,
        grade=planned.grade,
        number=planned.number,
        name=planned.name,
        department=planned.department,
        major=planned.major,
        agri_major=planned.agri_major,
        by=demo.operator,
    )
    teacher = demo.teachers[planned.name]
    students.assign_head_teacher(school_class=row, person=teacher.person, by=demo.operator)
    demo.classes.append(row)
