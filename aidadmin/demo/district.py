"""The demonstration's organisations and staff: a city, two districts, five schools."""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from aidadmin.demo.people import Invention, Pupil
from schools import actions
from schools.models import Account, Appointment, Bureau, Organisation, Person, School, Stage
from schools.roles import Role
from schools.scope import acting_for
from students import actions as students
from students.models import GRADE_NAMES, SchoolClass

PASSWORD = "aid-demo-2026"  # noqa: S105 — a demonstration's, printed with the accounts
SINCE = date(2025, 9, 1)
CITY = "990000"


@dataclass(frozen=True)
class Plan:
    """What a school of the demonstration looks like."""

    key: str
    code: str
    name: str
    stage: Stage
    district: str
    classes_per_grade: int
    class_size: int
    first_age: int
    boarders: float
    difficult: float
    is_private: bool = False
    under_city: bool = False
    programme: str = ""


PLANS = (
    Plan("xiaoxue", "2199000001", "示范第一小学", Stage.PRIMARY, "dong", 2, 45, 6, 0.15, 0.12,
         programme="primary_subsidy"),
    Plan("chuzhong", "3199000002", "示范第二初级中学", Stage.JUNIOR, "xi", 4, 48, 12, 0.5, 0.15,
         programme="junior_subsidy"),
    Plan("gaozhong", "3499000003", "示范第一高级中学", Stage.SENIOR, "dong", 6, 50, 15, 0.6, 0.2,
         programme="senior_grant"),
    Plan("zhizhong", "3699000004", "示范职业高中", Stage.VOCATIONAL, "xi", 5, 45, 15, 0.7, 0.25,
         programme="vocational_grant"),
    Plan("minban", "3499000005", "示范明德民办高级中学", Stage.SENIOR, "dong", 2, 50, 15, 0.8, 0.1,
         is_private=True, under_city=True, programme="senior_grant"),
)  # fmt: skip

GRADES = {Stage.PRIMARY: 6, Stage.JUNIOR: 3, Stage.SENIOR: 3, Stage.VOCATIONAL: 3}
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
    school: School
    staff: dict[str, Appointment]
    teachers: dict[str, Appointment] = field(default_factory=dict)
    classes: list[SchoolClass] = field(default_factory=list)
    pupils: list[Pupil] = field(default_factory=list)
    invention: Invention = field(default_factory=lambda: Invention("", "990100"))

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
    city = actions.found_bureau(code="990000", name="示范市教委", kind=kinds.CITY, region_code=CITY)
    bureaus = {
        "dong": actions.found_bureau(
            code="990101", name="东示范区教育局", kind=kinds.DISTRICT, region_code="990101",
            superior=city,
        ),
        "xi": actions.found_bureau(
            code="990102", name="西示范区教育局", kind=kinds.DISTRICT, region_code="990102",
            superior=city,
        ),
    }  # fmt: skip
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
    schools = [_school(plan, city, bureaus, hiring) for plan in PLANS]
    return DemoDistrict(city, bureaus, officers, schools)


def _school(plan: Plan, city: Bureau, bureaus: dict[str, Bureau], hiring: _Hiring) -> DemoSchool:
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
        demo = DemoSchool(plan, school, staff, invention=Invention(plan.key, territory.region_code))
        _classes(demo, hiring)
    return demo


def _classes(demo: DemoSchool, hiring: _Hiring) -> None:
    plan = demo.plan
    count = 0
    for grade in range(1, GRADES[plan.stage] + 1):
        for number in range(1, plan.classes_per_grade + 1):
            count += 1
            name = f"{GRADE_NAMES[plan.stage][grade - 1]}（{number}）班"
            row = students.add_class(
                school=demo.school,
                stage=plan.stage,
                grade=grade,
                number=number,
                name=name,
                by=demo.operator,
            )
            teacher = hiring.hire(demo.school, Role.HEAD_TEACHER, f"{plan.key}-teacher{count}")
            students.assign_head_teacher(school_class=row, person=teacher.person, by=demo.operator)
            demo.classes.append(row)
            demo.teachers[name] = teacher
            demo.pupils += _class_of_pupils(demo, row)


def _class_of_pupils(demo: DemoSchool, row: SchoolClass) -> list[Pupil]:
    plan, chance = demo.plan, demo.invention.chance
    pupils = []
    for _ in range(plan.class_size + chance.randrange(-2, 3)):
        pupil = demo.invention.pupil(
            age=plan.first_age + row.grade - 1,
            number=len(demo.pupils) + len(pupils) + 1,
            grade_name=row.grade_name,
            class_name=row.name,
        )
        pupil.boarder = chance.random() < plan.boarders
        pupil.entered_on = date(2026 - row.grade + 1, 9, 1)
        pupils.append(pupil)
    return pupils
