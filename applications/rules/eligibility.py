"""Who may apply for a programme, read from its data alone: stage, dates, boarding, exclusions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from applications.models import Grade, Programme, Tier
from audit.refusal import Reason
from schools.models import Stage
from students.models import Student


@dataclass(frozen=True, slots=True)
class Offer:
    """What a programme offers in one term: tiers in force, programmes that exclude it."""

    programme: Programme
    tiers: tuple[Tier, ...]
    exclusive: frozenset[int]


def why_not_present(student: Student) -> list[Reason]:
    """Aid is for students who are enrolled and at school (在籍在校)."""
    if student.status == Student.Status.ENROLLED:
        return []
    return [Reason(f"学籍状态是{student.get_status_display()}", "在籍在校的学生才能申请")]


def why_not_apply(
    offer: Offer,
    student: Student,
    *,
    taken: Collection[int] = (),
    outsiders: Collection[int] = (),
) -> list[Reason]:
    """Why the programme is not for this student.

    `taken` are the programmes applied for in the same term, `outsiders` the students in none of
    the groups that it is only for (`queue.outsiders`).
    """
    programme = offer.programme
    reasons = why_not_for(programme, student, outside=student.pk in outsiders)
    if not fitting_tiers(offer.tiers, student.boarding):
        reasons.append(
            Reason(
                f"{programme}没有{student.get_boarding_display()}生的标准",
                "核对名册里的就读方式",
            )
        )
    if offer.exclusive & set(taken):
        reasons.append(Reason(f"已申请不能与{programme}同时享受的项目", "先撤回另一项申请"))
    return reasons


def why_not_for(
    programme: Programme, student: Student, *, outside: bool, placed: bool = True
) -> list[Reason]:
    """Why the student is none of those whom the programme is for.

    `outside` is one in none of the groups that it is only for; `placed` tells that the class
    still stands where it stood in the term, so that its stage and year say something.
    """
    reasons = []
    if placed:
        reasons += _why_not_there(programme, student)
    if outside:
        reasons.append(_why_outside(programme, student))
    return reasons


def _why_not_there(programme: Programme, student: Student) -> list[Reason]:
    if student.school_class.stage != programme.stage:
        return [
            Reason(
                f"{programme}只发给{Stage(programme.stage).label}学生",
                "在适合其学段的项目里申请",
            )
        ]
    if programme.years and student.school_class.grade not in programme.years:
        return [Reason(f"{programme}只发给{programme.in_years}学生", "核对学生的年级")]
    return []


def within(programme: Programme, groups: Collection[str], *, household: str, boarding: str) -> bool:
    """Whether a student of these groups is one whom the programme is for.

    Groups that are for rural households alone count for no others, nor for whose household
    nobody recorded.
    """
    told = _counted(programme, groups, household)
    if programme.only_groups and told.isdisjoint(programme.only_groups):
        return False
    by_day = boarding == Student.Boarding.DAY and bool(programme.day_groups)
    return not by_day or not told.isdisjoint(programme.day_groups)


def needs_no_grade(
    programme: Programme,
    open_codes: Collection[str],
    groups: Collection[str],
    *,
    household: str,
    agri_major: bool,
) -> bool:
    """Whether a student of these groups may be awarded before a grade is decided.

    By group (`open_codes` are the codes of the programme's open groups) or by trait.
    """
    traits = {"rural": household == Student.Household.RURAL, "agri_major": agri_major}
    if any(traits[trait] for trait in programme.open_to):
        return True
    return not _counted(programme, groups, household).isdisjoint(open_codes)


def _counted(programme: Programme, groups: Collection[str], household: str) -> set[str]:
    rural = household == Student.Household.RURAL
    return {code for code in groups if rural or code not in programme.rural_groups}


def _why_outside(programme: Programme, student: Student) -> Reason:
    if not programme.only_groups:
        return Reason(
            f"{programme}的非寄宿生标准只给限定的特殊群体",
            "核对名册里的就读方式；名单有遗漏的，先补登记特殊群体",
        )
    mend = "名单有遗漏的，先补登记特殊群体"
    if programme.rural_groups and not student.household:
        mend = f"名册里没有户口性质，先补上（有的群体只限农村）；{mend}"
    return Reason(f"不在{programme}限定的特殊群体里", mend)


def fitting_tiers(tiers: Iterable[Tier], boarding: str) -> list[Tier]:
    """The tiers that are for this boarding kind, or for any."""
    return [t for t in tiers if t.boarding in ("", boarding)]


def suggested_tier(tiers: Iterable[Tier], *, boarding: str, grade: str = "") -> Tier | None:
    """The tier that a grade suggests: the one named for it, else the only one there is.

    `grade` "" is a student whose special group is enough; then only a sole tier suggests itself.
    """
    if grade == Grade.NONE:
        return None
    fitting = fitting_tiers(tiers, boarding)
    named = [t for t in fitting if t.suggested_for and t.suggested_for == grade]
    if named:
        return named[0]
    return fitting[0] if len(fitting) == 1 and not fitting[0].suggested_for else None
