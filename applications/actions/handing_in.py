"""Hand applications in, late ones with a second person; return and withdraw them."""

from collections.abc import Sequence

from django.db import transaction

from applications import queue
from applications.models import Application, HouseholdSurvey, PaperRule
from applications.queue.entries import consented_on_phone
from applications.rules import entries as rules
from applications.rules.eligibility import why_not_present
from applications.rules.papers import reasons_of
from applications.told_above import held_above
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from schools import clock
from schools.models import Appointment


@transaction.atomic
def submit(
    *,
    application: Application,
    by: Appointment,
    late_reason: str = "",
    late_by: Appointment | None = None,
    checks: Sequence[str] = (),
) -> Application:
    """Hand in an application. After the window it needs a reason and a checker's consent.

    The consent is either `late_by` (another person, a checker of the school) or what `allow_late`
    wrote down before. `checks`: what was compared of a family's own form. Raises `Refused` with
    everything that is missing.
    """
    moves.lock(application.round)
    application = moves.lock(application)
    today = clock.today()
    reasons = _why_not_hand_in(application, by, checks)
    late = late_reason.strip() or application.late_reason
    second = late_by.person_id if late_by else application.late_by_id
    if rules.is_late(application, today):
        reasons += _why_not_late(application, late, late_by, by)
    refuse_if(reasons)
    is_late = rules.is_late(application, today)
    changes = {"late_reason": late, "late_by_id": second} if is_late else {}
    compared = {"checks": list(checks)} if checks else {}
    return moves.make(
        application,
        "submit",
        by=by,
        at=clock.now(),
        about_id=application.student_id,
        reason=late if changes else "",
        facts={
            "number": application.number,
            "late_by": second if changes else None,
            **compared,
        },
        return_reason="",
        **changes,
    )


def _why_not_hand_in(
    application: Application, by: Appointment, checks: Sequence[str]
) -> list[Reason]:
    today = clock.today()
    reasons = moves.why_not(application, "submit") + rules.why_not_open(application.round, today)
    reasons += rules.why_not_entering(
        application.student, by=by, led=queue.led_class_ids(by)
    ) + why_not_present(application.student)
    survey = HouseholdSurvey.objects.filter(application=application).first()
    reasons += rules.why_not_complete(
        application,
        has_survey=survey is not None,
        filed=consented_on_phone(application),
        today=today,
    )
    absent = queue.papers_absent(application, survey, today)
    reasons += reasons_of(absent, PaperRule.Level.MUST, "收到并核对后勾选")
    if application.status == Application.Status.CHECKING and not checks:
        reasons.append(Reason("家长填的还没有核对", "对照材料逐项核对后提交"))
    return reasons


def _why_not_late(
    application: Application, late: str, late_by: Appointment | None, by: Appointment
) -> list[Reason]:
    if late_by is None and application.late_by_id is not None:
        if application.late_by_id in (by.person_id, application.entered_by_id):
            return [Reason("录入和同意逾期不能是同一人", "请另一位经办人提交")]
        return []
    return rules.why_not_late(
        late_reason=late, late_by=late_by, by=by, entered_by_id=application.entered_by_id
    )


@transaction.atomic
def explain_late(*, application: Application, reason: str, by: Appointment) -> Application:
    """Write down why an application comes late, and so ask a checker for consent."""
    application = moves.lock(application)
    reasons = rules.why_not_change(application) + rules.why_not_entering(
        application.student, by=by, led=queue.led_class_ids(by)
    )
    if not rules.is_late(application, clock.today()):
        reasons.append(Reason("申请没有逾期", "可以直接提交"))
    if not reason.strip():
        reasons.append(Reason("没有写逾期原因", "写明为什么没有在申请期内提交"))
    refuse_if(reasons)
    application.late_reason = reason.strip()
    # Whoever agreed to another reason has not agreed to this one.
    application.late_by = None
    application.save(update_fields=["late_reason", "late_by"])
    return _recorded(application, "explain_late", "说明逾期原因", reason, by)


@transaction.atomic
def allow_late(*, application: Application, by: Appointment, reason: str = "") -> Application:
    """A checker lets a late application be handed in; `reason` "" keeps the one written before."""
    application = moves.lock(application)
    wanted = reason.strip() or application.late_reason
    refuse_if(rules.why_not_allow_late(application, reason=wanted, by=by, today=clock.today()))
    application.late_reason = wanted
    application.late_by = by.person
    application.save(update_fields=["late_reason", "late_by"])
    return _recorded(application, "allow_late", "同意逾期提交", wanted, by)


def _recorded(
    application: Application, verb: str, label: str, reason: str, by: Appointment
) -> Application:
    record(
        by=by,
        verb=f"application.{verb}",
        label=label,
        subject=application,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number},
        reason=reason.strip(),
    )
    return application


@transaction.atomic
def send_back(*, application: Application, reason: str, by: Appointment) -> Application:
    """Return an application for completion, with what must be mended."""
    application = moves.lock(application)
    reasons = rules.why_not_return(application, by=by, led=queue.led_class_ids(by))
    reasons += rules.why_not_open(application.round, clock.today())
    if not reason.strip():
        reasons.append(Reason("没有写退回原因", "写明要补正什么"))
    refuse_if(reasons)
    return moves.make(
        application,
        "send_back",
        by=by,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number},
        reason=reason.strip(),
        return_reason=reason.strip()[:200],
    )


@transaction.atomic
def withdraw(*, application: Application, by: Appointment) -> Application:
    """Take an application back while its round is open; it may be taken up again later."""
    application = moves.lock(application)
    refuse_if(
        moves.why_not(application, "withdraw")
        + held_above(application)
        + rules.why_not_open(application.round, clock.today())
        + rules.why_not_entering(application.student, by=by, led=queue.led_class_ids(by))
    )
    return moves.make(
        application,
        "withdraw",
        by=by,
        at=clock.now(),
        about_id=application.student_id,
        facts={"number": application.number},
    )
