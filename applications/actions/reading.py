"""Read a household with its sealed parts; every reading leaves a line with its reason."""

from dataclasses import dataclass, field

from django.db import transaction

from applications.models import (
    Application,
    FamilyFiling,
    HomeVisit,
    HouseholdMember,
    HouseholdSurvey,
    Round,
)
from audit.events import Entry, record, record_many
from audit.refusal import Reason, Refused, refuse_if
from office.files import content_of
from office.jobs import want_once
from office.models import Job
from schools import clock
from schools.models import Appointment
from students.models import SchoolClass


@dataclass(frozen=True, slots=True)
class Household:
    """A household in clear text, for the form that is read or printed now and kept nowhere."""

    survey: HouseholdSurvey
    members: list[HouseholdMember]
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    # A picture of what the family drew under the commitment; empty when it signed on paper.
    signature: bytes = field(default=b"", repr=False)


@transaction.atomic
def read_household(*, application: Application, reason: str, by: Appointment) -> Household:
    """The whole form in clear text; the reason is recorded about the student.

    A programme's application has the household of the year's recognition.

    Raises `Refused` without a reason or when no household was written down.
    """
    survey = _survey_of(application)
    reasons = []
    if not reason.strip():
        reasons.append(Reason("没有写查看的理由", "写明为什么要看"))
    if survey is None:
        reasons.append(Reason("这份申请没有家庭情况", "由录入人先填写"))
    if survey is None or reasons:
        raise Refused(reasons)
    record(
        by=by,
        verb="application.read_household",
        label="查看家庭情况",
        subject=application,
        at=clock.now(),
        about_id=application.student_id,
        reason=reason.strip(),
        facts={"number": application.number},
    )
    return _opened(application, survey)


@transaction.atomic
def read_visits(*, application: Application, reason: str, by: Appointment) -> list[HomeVisit]:
    """The records of visits to one family, to be printed; the reason is recorded.

    Raises `Refused` without a reason or when nobody has visited.
    """
    visits = list(
        HomeVisit.objects.filter(school_id=application.school_id, application=application)
        .select_related("application__student__school_class", "recorded_by")
        .order_by("on", "pk")
    )
    reasons = []
    if not reason.strip():
        reasons.append(Reason("没有写打印的理由", "写明为什么要打印"))
    if not visits:
        reasons.append(Reason("还没有核实记录", "先记一次家访或电话"))
    refuse_if(reasons)
    record(
        by=by,
        verb="home_visit.read",
        label="打印家访记录",
        subject=application,
        at=clock.now(),
        about_id=application.student_id,
        reason=reason.strip(),
        facts={"number": application.number, "visits": len(visits)},
    )
    return visits


def open_household(application: Application) -> Household | None:
    """The household in clear text for work that `want_class_forms` has recorded already."""
    survey = _survey_of(application)
    return None if survey is None else _opened(application, survey)


def _survey_of(application: Application) -> HouseholdSurvey | None:
    """What the family told: here, or for a programme in the year's recognition."""
    round_ = application.round
    surveys = HouseholdSurvey.objects.filter(school_id=application.school_id)
    if round_.is_recognition:
        return surveys.filter(application=application).first()
    return (
        surveys.filter(
            application__student=application.student_id,
            application__round__kind=Round.Kind.RECOGNITION,
            application__round__term__year=round_.term.year,
        )
        .exclude(application__status=Application.Status.WITHDRAWN)
        .first()
    )


def _opened(application: Application, survey: HouseholdSurvey) -> Household:
    return Household(
        survey,
        list(survey.members.order_by("pk")),
        application.student.id_number.reveal(),
        survey.phone.reveal(),
        survey.address.reveal(),
        _signature_of(application),
    )


def _signature_of(application: Application) -> bytes:
    """Drawn for this very form: under another one it would be nobody's word."""
    signed = (
        FamilyFiling.objects.filter(school_id=application.school_id, application=application)
        .exclude(signature=None)
        .select_related("signature")
        .first()
    )
    return content_of(signed.signature) if signed and signed.signature else b""


@transaction.atomic
def want_class_forms(
    *,
    round_: Round,
    school_class: SchoolClass,
    reason: str,
    by: Appointment,
    word: bool = False,
    visits: bool = False,
) -> Job:
    """Ask for a class's handed-in forms as one PDF or, with `word`, one Word file.

    With `visits` the records of home visits to these families instead, as one PDF.
    The reason is recorded about each student.
    Raises `Refused` without a reason, or when nobody of the class has handed in.
    """
    students = _handed_in(round_, school_class, visits)
    reasons = []
    if not reason.strip():
        reasons.append(Reason("没有写打印的理由", "写明为什么要打印"))
    if not students:
        none = "没有家访记录" if visits else "没有已提交的申请"
        reasons.append(Reason(f"{school_class}{none}", "有了再打印"))
    refuse_if(reasons)
    wanted = want_once(
        kind="applications.class_forms",
        label=f"{school_class}{_called(round_, visits)}",
        by=by,
        params={
            "round": round_.pk,
            "class": school_class.pk,
            "as": "visits" if visits else "word" if word else "pdf",
        },
    )
    entries = [
        Entry(
            verb="application.print_form",
            label="打印全班家访记录" if visits else "打印全班申请表",
            subject=round_,
            about_id=student_id,
            facts={"class": school_class.pk},
            reason=reason.strip(),
        )
        for student_id in students
    ]
    record_many(by=by, entries=entries, at=clock.now())
    return wanted


def _handed_in(round_: Round, school_class: SchoolClass, visited: bool) -> list[int]:
    return list(
        Application.objects.filter(
            school_id=round_.school_id,
            round=round_,
            student__school_class=school_class,
            status=Application.Status.SUBMITTED,
            **({"visits__isnull": False} if visited else {}),
        )
        .distinct()
        .values_list("student_id", flat=True)
    )


def _called(round_: Round, visits: bool) -> str:
    if visits:
        return "家访记录表"
    return f"{'认定' if round_.is_recognition else round_.programme}申请表"
