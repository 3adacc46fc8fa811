"""Who is at the demonstration's schools: plans of five schools and the pupils of their rosters.

Needs no database, so that sample files and the walk hold the same people.
"""

from dataclasses import dataclass, field
from datetime import date

from aidadmin.demo.people import Invention, Pupil
from schools.models import Stage
from students.models.roster import GRADE_NAMES

# Which line of both rolls is the double enrolment.
TWIN = 10
REGIONS = {"dong": "990101", "xi": "990102"}
# Share of students on each department's list.
GROUPS = (
    ("lifted_out", 0.035), ("marginal", 0.006), ("dibao", 0.03), ("destitute", 0.004),
    ("orphan", 0.003), ("de_facto_unattended", 0.003), ("disabled", 0.012),
    ("disabled_parent", 0.015), ("martyr_child", 0.001),
)  # fmt: skip


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
    # What the classes of each grade teach, in their order: 系部, 专业 and whether it is 涉农.
    majors: tuple[tuple[str, str, bool], ...] = ()
    # It worked with the system last year already, so that families can renew.
    renews: bool = False


MAJORS = (
    ("信息系", "计算机应用", False), ("农林系", "现代农艺技术", True),
    ("机电系", "汽车运用与维修", False), ("学前系", "幼儿保育", False),
    ("农林系", "畜禽生产技术", True),
)  # fmt: skip
PLANS = (
    Plan("xiaoxue", "2199000001", "示范第一小学", Stage.PRIMARY, "dong", 2, 45, 6, 0.15, 0.12,
         programme="primary_subsidy"),
    Plan("chuzhong", "3199000002", "示范第二初级中学", Stage.JUNIOR, "xi", 4, 48, 12, 0.5, 0.15,
         programme="junior_subsidy"),
    Plan("gaozhong", "3499000003", "示范第一高级中学", Stage.SENIOR, "dong", 6, 50, 15, 0.6, 0.2,
         programme="senior_grant"),
    Plan("zhizhong", "3699000004", "示范职业高中", Stage.VOCATIONAL, "xi", 5, 45, 15, 0.7, 0.25,
         programme="vocational_grant", majors=MAJORS),
    Plan("minban", "3499000005", "示范明德民办高级中学", Stage.SENIOR, "dong", 2, 50, 15, 0.8, 0.1,
         is_private=True, under_city=True, programme="senior_grant", renews=True),
)  # fmt: skip

GRADES = {Stage.PRIMARY: 6, Stage.JUNIOR: 3, Stage.SENIOR: 3, Stage.VOCATIONAL: 3}


@dataclass(frozen=True)
class ClassPlan:
    """One class of a plan."""

    grade: int
    number: int
    grade_name: str
    name: str
    department: str = ""
    major: str = ""
    agri_major: bool = False


@dataclass
class Roll:
    """A school's pupils as its roster file lists them."""

    plan: Plan
    invention: Invention
    pupils: list[Pupil] = field(default_factory=list)


def classes_of(plan: Plan) -> list[ClassPlan]:
    """The plan's classes, lowest grade first."""
    return [
        ClassPlan(grade, number, grade_name, f"{grade_name}（{number}）班", *_taught(plan, number))
        for grade, grade_name in enumerate(GRADE_NAMES[plan.stage][: GRADES[plan.stage]], 1)
        for number in range(1, plan.classes_per_grade + 1)
    ]


def _taught(plan: Plan, number: int) -> tuple[str, str, bool]:
    return plan.majors[(number - 1) % len(plan.majors)] if plan.majors else ("", "", False)


def rolls() -> dict[str, Roll]:
    """All five rolls by school, the same at every call, with what real rosters hold."""
    found = {plan.key: _roll(plan) for plan in PLANS}
    _make_messy(found)
    for roll in found.values():
        for pupil in roll.pupils:
            chance = roll.invention.chance
            pupil.groups = [g for g, share in GROUPS if chance.random() < share]
    # The one person who is on two rolls is on the same lists under both.
    found["minban"].pupils[TWIN].groups = list(found["gaozhong"].pupils[TWIN].groups)
    return found


def _roll(plan: Plan) -> Roll:
    roll = Roll(plan, Invention(plan.key, REGIONS[plan.district]))
    for row in classes_of(plan):
        chance = roll.invention.chance
        for _ in range(plan.class_size + chance.randrange(-2, 3)):
            pupil = roll.invention.pupil(
                age=plan.first_age + row.grade - 1,
                number=len(roll.pupils) + 1,
                grade_name=row.grade_name,
                class_name=row.name,
            )
            pupil.boarder = chance.random() < plan.boarders
            pupil.entered_on = date(2026 - row.grade + 1, 9, 1)
            roll.pupils.append(pupil)
    return roll


def _make_messy(found: dict[str, Roll]) -> None:
    """A double enrolment, students far too old, rare and dotted names."""
    twin, other = found["gaozhong"].pupils[TWIN], found["minban"].pupils[TWIN]
    for name in ("name", "id_number", "sex", "birth_date", "enrolment_no"):
        setattr(other, name, getattr(twin, name))
    for key in ("zhizhong", "minban"):
        old, invention = found[key].pupils[3], found[key].invention
        old.birth_date = invention.birth(23, date(2026, 9, 1))
        old.id_number = invention.id_number(old.birth_date, old.sex)
        old.enrolment_no = f"G{old.id_number}"
    found["gaozhong"].pupils[20].name = "王示㛃"
    found["zhizhong"].pupils[20].name = "李样𠮷"
    found["chuzhong"].pupils[20].name = "阿依示•范样江"
