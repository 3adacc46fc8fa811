"""Questions about many rows of the review: who waits for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from applications.models import (
    Application,
    Grade,
    Round,
    Tier,
    valid_on,
)
from applications.queue import UNFINISHED
from applications.queue.programmes import open_students, outsiders
from audit.models import Event
from review import apart, rules
from review.apart import Kin
from review.fact_reading import facts_of as facts_of
from review.models import (
    Appraisal,
    Case,
    Meeting,
    Notice,
    NoticeLine,
    Objection,
    Panel,
    PanelMember,
    PostingPhoto,
    Recognition,
)
from review.rules import Eligibility
from schools import clock
from schools.official import last_day
from students.models import Guardian, SchoolClass, Student


def waiting(round_: Round) -> QuerySet[Application]:
    """Applications handed in that have no case yet."""
    return untaken(round_.school_id).filter(round_id=round_.pk)


def untaken(school_id: int) -> QuerySet[Application]:
    """Applications of the school handed in that have no case yet."""
    taken = Case.objects.filter(school_id=OuterRef("school_id"), application_id=OuterRef("pk"))
    found: QuerySet[Application] = Application.objects.filter(
        ~Exists(taken),
        school_id=school_id,
        status=Application.Status.SUBMITTED,
    )
    return found


def unfinished(round_: Round) -> int:
    """How many applications were begun or returned and not handed in."""
    found = Application.objects.filter(school_id=round_.school_id, round_id=round_.pk)
    return found.filter(status__in=UNFINISHED).count()


def of_round(round_: Round) -> QuerySet[Case]:
    """Every case of a round."""
    found: QuerySet[Case] = Case.objects.filter(school_id=round_.school_id, round_id=round_.pk)
    return found


def open_cases(round_: Round) -> QuerySet[Case]:
    """Cases that have not been proposed, with what the judgment reads."""
    return (
        of_round(round_)
        .filter(status__in=(Case.Status.OPEN, Case.Status.APPRAISED))
        .select_related("application", "student", "school_class")
        .order_by("pk")
    )


def eligibility(round_: Round, on: date) -> Eligibility | None:
    """What a programme round asks; None for a recognition round."""
    if round_.programme is None:
        return None
    students = of_round(round_).values("student_id")
    grades = Recognition.objects.filter(
        school_id=round_.school_id, year=round_.term.year, valid_to=None, student_id__in=students
    ).values_list("student_id", "grade")
    return Eligibility(
        needs_recognition=round_.programme.needs_recognition,
        tiers=tiers_of(round_),
        grades=dict(grades),
        tagged=open_students(round_.programme, round_.school_id, students, on),
        outside=outsiders(round_.programme, round_.school_id, students, on),
    )


def tiers_of(round_: Round) -> list[Tier]:
    """The programme's tiers in force when the term starts, highest first."""
    in_force = Tier.objects.filter(valid_on(round_.term.starts_on))
    return list(in_force.filter(programme=round_.programme).order_by("rank"))


def to_publish(round_: Round) -> QuerySet[Case]:
    """Decided and confirmed by a meeting, and in no notice published since the decision.

    A recognition round lists the difficult ones alone; who is not difficult is told in person.
    """
    return _unpublished(of_round(round_)).exclude(decided_grade=Grade.NONE)


def _unpublished(cases: QuerySet[Case]) -> QuerySet[Case]:
    shown = Notice.objects.filter(
        school_id=OuterRef("school_id"),
        status__in=(Notice.Status.PUBLISHED, Notice.Status.CONFIRMED),
        lines__case_id=OuterRef("pk"),
        publish_at__gte=OuterRef("decide_at"),
    )
    return cases.filter(
        ~Exists(shown), status=Case.Status.DECIDED, meeting__status=Meeting.Status.CONFIRMED
    )


def undisputed_rounds(school_id: int) -> QuerySet[Case, dict[str, Any]]:
    """Open rounds in which nobody is to be published and some wait as not difficult, with `n`."""
    here = Case.objects.filter(school_id=OuterRef("school_id"), round_id=OuterRef("round_id"))
    live = Notice.objects.filter(
        school_id=OuterRef("school_id"),
        round_id=OuterRef("round_id"),
        status__in=(Notice.Status.DRAFT, Notice.Status.PUBLISHED),
    )
    waiting = Case.objects.filter(
        ~Exists(live),
        ~Exists(_unpublished(here).exclude(decided_grade=Grade.NONE)),
        school_id=school_id,
        round__status=Round.Status.OPEN,
        status=Case.Status.DECIDED,
        decided_grade=Grade.NONE,
        meeting__status=Meeting.Status.CONFIRMED,
    )
    found: QuerySet[Case, dict[str, Any]] = waiting.values("round_id").annotate(n=Count("pk"))
    return found.order_by("round_id")


def to_confirm(notice: Notice) -> QuerySet[Case]:
    """The decided cases a notice stands for: those listed, and who was found not difficult then.

    A case decided anew after publication needs a new notice.
    """
    listed = NoticeLine.objects.filter(notice_id=notice.pk, case_id=OuterRef("pk"))
    found: QuerySet[Case] = Case.objects.filter(
        Exists(listed) | Q(decided_grade=Grade.NONE),
        school_id=notice.school_id,
        round_id=notice.round_id,
        status=Case.Status.DECIDED,
        meeting__status=Meeting.Status.CONFIRMED,
        decide_at__lte=notice.publish_at,
    )
    return found


def undisputed(round_: Round) -> QuerySet[Case]:
    """Decided as not difficult: nobody shows them to the public, so no notice stands for them."""
    return of_round(round_).filter(
        status=Case.Status.DECIDED,
        decided_grade=Grade.NONE,
        meeting__status=Meeting.Status.CONFIRMED,
    )


@dataclass(slots=True)
class ClassProgress:
    """How far one class of a round is, and who owes what."""

    school_class: SchoolClass
    handed_in: int = 0
    taken: int = 0
    # With votes recorded, and handed in by the panel.
    voted: int = 0
    appraised: int = 0
    proposed: int = 0
    appraisal: Appraisal | None = None

    @property
    def owing(self) -> int:
        """Applications of the class that its panel has not judged."""
        return self.handed_in - self.appraised

    @property
    def unvoted(self) -> int:
        """Applications of the class without votes."""
        return self.handed_in - self.voted

    @property
    def reopened(self) -> bool:
        """Whether its panel had handed in, was opened again and has not handed in since."""
        open_ = self.appraisal is not None and self.appraisal.status == Appraisal.Status.OPEN
        return open_ and self.appraised > self.proposed

    @property
    def done(self) -> bool:
        """Whether every application has a suggestion."""
        return self.handed_in > 0 and self.proposed >= self.handed_in


def progress(round_: Round) -> list[ClassProgress]:
    """One line for each class with applications; unfinished classes first (four queries)."""
    school = {"school_id": round_.school_id, "round_id": round_.pk}
    found: dict[int, ClassProgress] = {}
    handed = (
        Application.objects.filter(**school, status=Application.Status.SUBMITTED)
        .values_list("student__school_class_id")
        .annotate(n=Count("pk"))
    )
    counts = {class_id: n for class_id, n in handed}  # noqa: C416
    open_, later = Case.Status.OPEN, (Case.Status.OPEN, Case.Status.APPRAISED)
    cases = {
        row["school_class_id"]: row
        for row in Case.objects.filter(**school, application__status=Application.Status.SUBMITTED)
        .values("school_class_id")
        .annotate(
            n=Count("pk"),
            voted=Count("pk", filter=~Q(status=open_) | Q(tallies__isnull=False)),
            appraised=Count("pk", filter=~Q(status=open_)),
            proposed=Count("pk", filter=~Q(status__in=later)),
        )
    }
    appraisals = {a.school_class_id: a for a in Appraisal.objects.filter(**school)}
    classes = SchoolClass.objects.filter(
        school_id=round_.school_id, pk__in={*counts, *cases, *appraisals}
    ).select_related("head_teacher")
    for one in classes:
        row = cases.get(one.pk, {"n": 0, "voted": 0, "appraised": 0, "proposed": 0})
        found[one.pk] = ClassProgress(
            one,
            max(counts.get(one.pk, 0), row["n"]),
            row["n"],
            row["voted"],
            row["appraised"],
            row["proposed"],
            appraisals.get(one.pk),
        )
    return sorted(found.values(), key=lambda p: p.done)


def appraise_by(round_: Round, classes: Collection[int] | None = None) -> date:
    """Until when the class panels are owed: of what came late, so long after it came (§C.1)."""
    owed = Case.objects.filter(
        school_id=round_.school_id,
        round_id=round_.pk,
        status=Case.Status.OPEN,
        application__status=Application.Status.SUBMITTED,
    )
    if classes is not None:
        owed = owed.filter(school_class_id__in=classes)
    first = owed.aggregate(first=Min("application__submit_at"))["first"]
    since = rules.owed_from(round_.closes_on, first)
    return last_day(since, rules.APPRAISAL_WORKDAYS).last


def reopening(appraisal: Appraisal) -> Event | None:
    """When, by whom and why a panel that had handed in was opened again; None while it is not."""
    if appraisal.status != Appraisal.Status.OPEN:
        return None
    events = Event.objects.for_organisation(appraisal.school_id).filter(
        subject=appraisal._meta.label, subject_id=appraisal.pk, verb="appraisal.reopen"
    )
    found: Event | None = events.order_by("-seq").first()
    return found


def open_objections(notice: Notice) -> QuerySet[Objection]:
    """Objections that nobody has answered."""
    found: QuerySet[Objection] = Objection.objects.filter(
        school_id=notice.school_id, notice_id=notice.pk, status=Objection.Status.OPEN
    )
    return found


def panel_of(round_: Round, school_class: SchoolClass) -> Panel | None:
    """The class's panel in a round, when it has been formed."""
    found: Panel | None = Panel.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, school_class_id=school_class.pk
    ).first()
    return found


def seats_of(appraisal: Appraisal) -> dict[str, int | None]:
    """Who sits in the panel of this appraisal, the chair first, with the key of a student's row.

    Empty when none was formed. Of two members with one name the second is called 张示远（2）.
    """
    panel = panel_of(appraisal.round, appraisal.school_class)
    if panel is None:
        return {}
    chair = appraisal.chaired_by.name
    seated = [
        (m.name, m.student_id) for m in panel.members.order_by("pk") if not apart.is_chair(m, chair)
    ]
    found: dict[str, int | None] = {}
    for name, student_id in [(chair, None), *seated]:
        n = sum(known.partition("（")[0] == name for known in found) + 1
        found[name if n == 1 else f"{name}（{n}）"] = student_id
    return found


def applying_seats(appraisal: Appraisal) -> set[str]:
    """Members who have applied in this round themselves since the panel was formed (§C.1)."""
    seats = {pk: name for name, pk in seats_of(appraisal).items() if pk}
    applied = applied_in(appraisal.round).filter(student_id__in=seats)
    return {seats[pk] for pk in applied.values_list("student_id", flat=True)} if seats else set()


def chair_votes(appraisal: Appraisal) -> bool:
    """Whether the head teacher is one of those counted as present, not the chair alone."""
    panel = panel_of(appraisal.round, appraisal.school_class)
    members = list(panel.members.all()) if panel else []
    return apart.chair_votes(appraisal.chaired_by.name, appraisal.members, members)


def kin_at(meeting: Meeting, cases: Sequence[Case]) -> list[Kin]:
    """Members of a meeting who are guardians of its applicants, by the number of the ID card."""
    members = {
        bytes(a.person.id_blind): a.person for a in meeting.attendances.select_related("person")
    }
    by_student = {c.student_id: c for c in cases}
    related = Guardian.objects.filter(
        school_id=meeting.school_id, student_id__in=by_student, id_blind__in=list(members)
    )
    return [
        Kin(
            by_student[g.student_id], members[bytes(g.id_blind)].pk, members[bytes(g.id_blind)].name
        )
        for g in related.only("student_id", "id_blind", "school_id").order_by("pk")
    ]


def seated_applicants(round_: Round, school_class: SchoolClass) -> int:
    """Members of the class's panel who have applied since it was formed."""
    seats = PanelMember.objects.filter(
        school_id=round_.school_id,
        panel__round_id=round_.pk,
        panel__school_class_id=school_class.pk,
    ).exclude(student=None)
    return seats.exclude(student__in=seatable(round_, school_class)).count()


def class_size(school_class: SchoolClass) -> int:
    """How many students of the class are enrolled."""
    return _classmates(school_class).count()


def seatable(round_: Round, school_class: SchoolClass) -> QuerySet[Student]:
    """Students of the class who may sit in its panel: those who don't apply in the round."""
    applied = applied_in(round_).filter(student_id=OuterRef("pk"))
    return _classmates(school_class).filter(~Exists(applied)).order_by("pinyin", "pk")


def applied_in(round_: Round) -> QuerySet[Application]:
    """Applications of a round that were not withdrawn, begun ones too."""
    found: QuerySet[Application] = Application.objects.filter(
        school_id=round_.school_id, round_id=round_.pk
    ).exclude(status=Application.Status.WITHDRAWN)
    return found


def _classmates(school_class: SchoolClass) -> QuerySet[Student]:
    found: QuerySet[Student] = (
        Student.objects.filter(school_id=school_class.school_id)
        .present()
        .filter(school_class_id=school_class.pk)
    )
    return found


def unpictured(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Those whose period is over and of whose posting no photograph was kept (row 0-60)."""
    kept = PostingPhoto.objects.filter(
        school_id=OuterRef("school_id"), notice_id=OuterRef("pk"), removed_at=None
    )
    return notices.filter(
        ~Exists(kept),
        status__in=(Notice.Status.PUBLISHED, Notice.Status.CONFIRMED),
        ends_on__lt=clock.today(),
    )


def differing(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases in which the class panel suggests another grade than the score."""
    return cases.exclude(appraised_grade="").exclude(appraised_grade=F("advised_grade"))
