"""What waits: rosters that head teachers have not approved as they are now."""

from collections.abc import Iterable
from dataclasses import dataclass

from schools import clock
from schools.models import Person, School
from students.models import RosterApproval, SchoolClass
from students.rules.approval import rosters_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A class and its roster: how many, what the digest is, and who last approved which."""

    school_class: SchoolClass
    students: int
    digest: str
    approval: RosterApproval | None
    last: RosterApproval | None

    @property
    def approved(self) -> bool:
        """Whether the roster is approved as it is now."""
        return self.approval is not None

    @property
    def stale(self) -> bool:
        """Whether it was approved this term but changed since."""
        return self.approval is None and self.last is not None

    @property
    def waiting(self) -> bool:
        """Whether the head teacher owes an approval."""
        return self.students > 0 and self.approval is None

    @property
    def label(self) -> str:
        """The state in words."""
        if self.approved:
            return "已核对"
        if not self.students:
            return "没有学生"
        return "有变动，待核对" if self.stale else "待核对"

    @property
    def tone(self) -> str:
        """Which of the five hues shows it."""
        if self.approved:
            return "done"
        return "wait" if self.students else "draft"


def standings(classes: Iterable[SchoolClass]) -> list[Standing]:
    """How each class's roster stands this term, in two queries."""
    found = list(classes)
    rosters = rosters_of(found)
    approvals: dict[int, list[RosterApproval]] = {}
    rows = (
        RosterApproval.objects.filter(
            school_id__in={c.school_id for c in found},
            school_class_id__in=[c.pk for c in found],
            # Nobody approves a term that has not come; the one of today ends last.
            term__ends_on__gte=clock.today(),
        )
        .select_related("approved_by")
        .order_by("approved_at")
    )
    for row in rows if found else ():
        approvals.setdefault(row.school_class_id, []).append(row)
    return [
        Standing(
            school_class=c,
            students=rosters[c.pk].students,
            digest=rosters[c.pk].digest,
            approval=next(
                (a for a in approvals.get(c.pk, []) if a.digest == rosters[c.pk].digest), None
            ),
            last=approvals[c.pk][-1] if c.pk in approvals else None,
        )
        for c in found
    ]


def led_by(person: Person, school: School) -> list[Standing]:
    """The classes that a person leads, and how their rosters stand."""
    return standings(SchoolClass.objects.for_school(school).filter(head_teacher=person))
