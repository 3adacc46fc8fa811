"""What waits: rosters not approved as they are now; what a department list left on students."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from schools import clock
from schools.models import Person, School
from students.models import (
    DepartmentList,
    IdentityCorrection,
    MatchCandidate,
    RosterApproval,
    SchoolClass,
    SpecialGroupTag,
    Student,
    TagEnding,
    Transfer,
    Whereabouts,
    live_tag,
    unended_tag,
)
from students.rules.ages import AgeBand, years_before
from students.rules.approval import Difference, changed_since, rosters_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A class and its roster: how many, what the digest is, and who last approved which.

    `approval` is the present head teacher's, of the roster as it is now.
    """

    school_class: SchoolClass
    students: int
    digest: str
    approval: RosterApproval | None
    last: RosterApproval | None
    roll: list[list[Any]]

    @property
    def approved(self) -> bool:
        """Whether the roster is approved as it is now."""
        return self.approval is not None

    @property
    def stale(self) -> bool:
        """Whether it was approved this term but changed since, the roster or its head teacher."""
        return self.approval is None and self.last is not None

    @property
    def handed_over(self) -> bool:
        """Whether the roster is as its former head teacher approved it; the new one has not."""
        return self.approval is None and self.last is not None and self.last.digest == self.digest

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
        if self.handed_over:
            return "换了班主任，待核对"
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
        # The roll is long and read for one class at a time.
        .defer("roll")
        .order_by("approved_at")
    )
    for row in rows if found else ():
        approvals.setdefault(row.school_class_id, []).append(row)
    return [
        Standing(
            school_class=c,
            students=rosters[c.pk].students,
            digest=rosters[c.pk].digest,
            roll=rosters[c.pk].roll,
            approval=next(
                (
                    a
                    for a in approvals.get(c.pk, [])
                    if a.digest == rosters[c.pk].digest and a.approved_by_id == c.head_teacher_id
                ),
                None,
            ),
            last=approvals[c.pk][-1] if c.pk in approvals else None,
        )
        for c in found
    ]


def changes_of(standing: Standing) -> list[Difference]:
    """What changed since the class's roster was approved last; empty when it was never."""
    if standing.last is None or standing.approved or not standing.last.roll:
        return []
    here = {row[0] for row in standing.roll}
    missing = [row[0] for row in standing.last.roll if row[0] not in here]
    gone = Student.objects.filter(
        school_id=standing.school_class.school_id, pk__in=missing
    ).select_related("school_class")
    return changed_since(standing.last.roll, standing.roll, {s.pk: _whereabouts(s) for s in gone})


def _whereabouts(student: Student) -> str:
    if student.status == Student.Status.LEFT:
        return f"{student.left_on:%Y年%-m月%-d日}离校"
    if student.status == Student.Status.SUSPENDED:
        return "休学"
    return f"调到{student.school_class}"


def led_by(person: Person, school: School) -> list[Standing]:
    """The classes that a person leads, and how their rosters stand."""
    return standings(SchoolClass.objects.for_school(school).filter(head_teacher=person))


def transfers_out(school: School) -> QuerySet[Transfer]:
    """Students on the way out of a school, newest first."""
    rows: QuerySet[Transfer] = Transfer.objects.for_school(school)
    return rows.defer("papers").select_related("to_school", "proposed_by", "sign_by")


def transfers_in(school: School) -> QuerySet[Transfer]:
    """Students whom other schools have signed over to this one."""
    rows: QuerySet[Transfer] = Transfer.objects.filter(to_school_id=school.pk)
    shown = rows.exclude(status__in=(Transfer.Status.PROPOSED, Transfer.Status.WITHDRAWN))
    return shown.defer("papers").select_related("school", "sign_by")


def campuses_of(school: School) -> list[str]:
    """The campuses and teaching points at which students are, by name."""
    rows = Student.objects.for_school(school).exclude(status=Student.Status.LEFT)
    return list(
        rows.exclude(campus="").order_by("campus").values_list("campus", flat=True).distinct()
    )


@dataclass(frozen=True, slots=True)
class Point:
    """How many are at a campus or teaching point (requirement row 3-05); '' is not known."""

    campus: str
    classes: int
    present: int
    boarders: int
    suspended: int


def points_of(students: QuerySet[Student]) -> list[Point]:
    """These students by campus or teaching point; who left is not counted."""
    present = Q(status=Student.Status.ENROLLED)
    rows = (
        students.exclude(status=Student.Status.LEFT)
        .values_list("campus")
        .annotate(
            classes=Count("school_class", distinct=True),
            present=Count("pk", filter=present),
            boarders=Count("pk", filter=present & Q(boarding=Student.Boarding.BOARDER)),
            suspended=Count("pk", filter=Q(status=Student.Status.SUSPENDED)),
        )
        .order_by("campus")
    )
    found = [Point(*row) for row in rows]
    return sorted(found, key=lambda p: (not p.campus, p.campus))


def corrections_of(school: School) -> QuerySet[IdentityCorrection]:
    """更正证件 of a school, newest first."""
    rows: QuerySet[IdentityCorrection] = IdentityCorrection.objects.for_school(school)
    return rows.select_related("student__school_class", "proposed_by", "sign_by", "refuse_by")


def others_of(listed: DepartmentList) -> QuerySet[DepartmentList]:
    """The bureau's other matched lists of the same group, newest first."""
    rows: QuerySet[DepartmentList] = (
        DepartmentList.objects.filter(
            organisation_id=listed.organisation_id,
            group=listed.group_id,
            status=DepartmentList.Status.MATCHED,
        )
        .exclude(pk=listed.pk)
        .select_related("group")
        .order_by("-issued_on", "-pk")
    )
    return rows


def still_valid(rows: QuerySet[DepartmentList]) -> QuerySet[DepartmentList]:
    """Of these lists, those whose period has not ended."""
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today()))


def lists_in_force(bureau_id: int) -> QuerySet[DepartmentList]:
    """Matched lists of a bureau whose period has not ended and that no next version replaced.

    A newer list replaces an older one when the tags of those whom it drops were stopped; until
    then it may as well be a supplement, and both hold.
    """
    newer = DepartmentList.objects.filter(
        Q(issued_on__gt=OuterRef("issued_on"))
        | Q(issued_on=OuterRef("issued_on"), pk__gt=OuterRef("pk")),
        organisation_id=bureau_id,
        group=OuterRef("group"),
        status=DepartmentList.Status.MATCHED,
        endings__status=TagEnding.Status.APPROVED,
    )
    rows = DepartmentList.objects.filter(
        ~Exists(newer), organisation_id=bureau_id, status=DepartmentList.Status.MATCHED
    )
    return still_valid(rows.select_related("group").order_by("issued_on", "pk"))


def unaware(bureau_id: int) -> QuerySet[DepartmentList]:
    """Lists in force that were not compared today, or not since the newest student came."""
    newest = Student.objects.aggregate(newest=Max("pk"))["newest"]
    stale = Q(compared_on=None) | Q(compared_on__lt=clock.today())
    if newest is not None:
        stale |= Q(newest_student=None) | Q(newest_student__lt=newest)
    return lists_in_force(bureau_id).filter(stale)


def older_than(listed: DepartmentList) -> QuerySet[DepartmentList]:
    """The lists that this one follows."""
    before = Q(issued_on__lt=listed.issued_on) | Q(issued_on=listed.issued_on, pk__lt=listed.pk)
    return others_of(listed).filter(before)


def stopped_by(listed: DepartmentList) -> set[tuple[int, int]]:
    """School and student of the tags that two persons stopped because of this list."""
    return set(stopped_tags(listed).values_list("school_id", "student_id"))


def stopped_tags(listed: DepartmentList) -> QuerySet[SpecialGroupTag]:
    """The tags themselves."""
    endings = listed.endings.filter(status=TagEnding.Status.APPROVED)
    ids = {pk for tags in endings.values_list("tags", flat=True) for pk in tags}
    rows: QuerySet[SpecialGroupTag] = SpecialGroupTag.objects.filter(pk__in=ids)
    return rows.filter(group=listed.group_id)


def replaced(list_id: int) -> bool:
    """Whether a newer list took the place of this one, whose bureau the asking school can't read.

    As `lists_in_force` says it, but for the period.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_list_replaced(%s)", [list_id])
        return bool(cursor.fetchone()[0])


def tags_of(listed: DepartmentList) -> QuerySet[SpecialGroupTag]:
    """The tags of a list that withdrawing it would end."""
    rows: QuerySet[SpecialGroupTag] = SpecialGroupTag.objects.filter(
        unended_tag(clock.today()),
        source_list_id=listed.pk,
    )
    return rows


def dropped(listed: DepartmentList) -> QuerySet[SpecialGroupTag]:
    """Live tags that older lists of the group left, of students whom this one does not name.

    Someone whom the school identified with a person of this list is named; someone about whom it
    was asked and has not answered is not counted as dropped yet.
    """
    asked = MatchCandidate.objects.filter(
        school_id=OuterRef("school_id"),
        student_id=OuterRef("student_id"),
        status__in=(MatchCandidate.Status.WAITING, MatchCandidate.Status.SAME),
    )
    # No index is empty: beside an OR the list's people are hashed once for all. Joined, they would
    # be walked through once for each student who is asked about.
    asked = asked.filter(Q(listed_blind__in=listed.rows.values("id_blind")) | Q(listed_blind=b""))
    rows: QuerySet[SpecialGroupTag] = (
        SpecialGroupTag.objects.filter(
            ~Exists(asked),
            live_tag(clock.today()),
            group=listed.group_id,
            source_list_id__in=older_than(listed).order_by().values("pk"),
        )
        .exclude(student__status=Student.Status.LEFT)
        .exclude(student__id_blind__in=listed.rows.values("id_blind"))
    )
    return rows


def unnamed(listed: DepartmentList) -> dict[int, int]:
    """Students per school whose tags an older list left and whom this one does not name."""
    rows = (
        dropped(listed)
        .values_list("school_id")
        .annotate(n=Count("student", distinct=True))
        .order_by("school_id")
    )
    return dict(rows)


def questions_waiting(school: School) -> QuerySet[MatchCandidate]:
    """名单待确认 of a school, those of one person listed together."""
    rows: QuerySet[MatchCandidate] = MatchCandidate.objects.for_school(school).filter(
        status=MatchCandidate.Status.WAITING
    )
    return rows


def people_waiting(school: School) -> int:
    """How many people of lists the school is asked about; one may be either of two students."""
    people = questions_waiting(school).aggregate(n=Count("listed_blind", distinct=True))
    return int(people["n"])


def people_asked(listed: DepartmentList) -> int:
    """How many people of a list wait for a school's answer, but for rows that are its errors."""
    rows = MatchCandidate.objects.filter(
        status=MatchCandidate.Status.WAITING, source_list_id=listed.pk, unusable=""
    )
    return int(rows.aggregate(n=Count("listed_blind", distinct=True))["n"])


def confirmed_since(listed: DepartmentList) -> bool:
    """Whether a school took one for a person of the list on the day it was compared, or later."""
    return MatchCandidate.objects.filter(
        status=MatchCandidate.Status.SAME,
        source_list_id=listed.pk,
        decided_at__date__gte=listed.compared_on or date.min,
    ).exists()


def missing(listed: DepartmentList) -> QuerySet[Any]:
    """People of a list who are on no roster of the schools reached (requirement row 2-03).

    Rosters are asked anew each time. With each row `asked` (a school has been asked about him) and
    `outcome` and `told`, where the bureau found him to be.
    """
    same = OuterRef("id_blind")
    rostered = Student.objects.filter(id_blind=same).exclude(status=Student.Status.LEFT)
    candidates = MatchCandidate.objects.filter(listed_blind=same)
    known = Whereabouts.objects.filter(organisation_id=listed.organisation_id, person_blind=same)
    rows: QuerySet[Any] = (
        listed.rows.filter(
            ~Exists(rostered),
            ~Exists(candidates.filter(status=MatchCandidate.Status.SAME)),
            unusable="",
        )
        .annotate(
            asked=Exists(candidates.filter(status=MatchCandidate.Status.WAITING)),
            outcome=Coalesce(Subquery(known.values("outcome")[:1]), Value("")),
            told=Coalesce(Subquery(known.values("note")[:1]), Value("")),
        )
        .order_by("row")
    )
    return rows


def of_age(rows: QuerySet[Any], band: AgeBand, day: date) -> QuerySet[Any]:
    """Of these rows, those whose full years on `day` lie in the band."""
    return rows.filter(
        birth_date__gt=years_before(day, band.last + 1),
        birth_date__lte=years_before(day, band.first),
    )


def ending_of(listed: DepartmentList) -> TagEnding | None:
    """The proposal to end tags that waits for review."""
    found: TagEnding | None = (
        listed.endings.filter(status=TagEnding.Status.PROPOSED)
        .select_related("proposed_by")
        .first()
    )
    return found
