"""Read a household with its sealed parts; every reading leaves a line with its reason."""

from dataclasses import dataclass, field

from django.db import transaction

from applications.models import Application, HouseholdMember, HouseholdSurvey
from audit.events import record
from audit.refusal import Reason, Refused
from schools import clock
from schools.models import Appointment


@dataclass(frozen=True, slots=True)
class Household:
    """A household in clear text, for the form that is read or printed now and kept nowhere."""

    survey: HouseholdSurvey
    members: list[HouseholdMember]
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)


@transaction.atomic
def read_household(*, application: Application, reason: str, by: Appointment) -> Household:
    """The whole form in clear text; the reason is recorded about the student.

    Raises `Refused` without a reason or when no household was written down.
    """
    survey = HouseholdSurvey.objects.filter(application=application).first()
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
    return Household(
        survey,
        list(survey.members.order_by("pk")),
        application.student.id_number.reveal(),
        survey.phone.reveal(),
        survey.address.reveal(),
    )
