"""The family hands its form to the head teacher, who compares it and hands it in."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse

from applications import queue
from applications.actions.entries import KINDS
from applications.actions.family_entry import family_of
from applications.actions.family_filing import opened
from applications.actions.handing_in import submit
from applications.models import Application, FamilyVisit, PaperRule
from applications.rules import entries as entry_rules
from applications.rules import family as rules
from applications.rules.papers import reasons_of
from audit import moves
from audit.refusal import Reason, refuse_if
from schools import clock
from schools.models import Appointment


@transaction.atomic
def hand_over(*, visit: FamilyVisit, late_reason: str = "") -> Application:
    """Hand the form to the head teacher. After the window it needs a reason.

    Raises `Refused` with everything that is missing, each with the way to the page.
    """
    moves.lock(visit.code.round)
    form, application, filing, _ = opened(visit)
    late = entry_rules.is_late(application, clock.today())
    reasons = rules.unfinished(form.pages)
    reasons += rules.why_not_signed(application, filing, form.kinds, today=clock.today())
    if not filing.brings_paper:
        absent = queue.papers_absent(application, form.survey, clock.today())
        url = reverse("family:papers")
        reasons += reasons_of(absent, PaperRule.Level.MUST, "拍照上传，或选择交给班主任", url)
    wanted = late_reason.strip() or application.late_reason
    if late and not wanted:
        reasons.append(Reason("申请期已过", "写明为什么晚了，由学校审核人决定是否受理"))
    refuse_if(reasons)
    return moves.make(
        moves.lock(application),
        "hand_over",
        by=family_of(application.school_id),
        at=clock.now(),
        about_id=application.student_id,
        reason=wanted if late else "",
        facts={"number": application.number, "by": filing.relation},
        # What was returned and mended keeps the day on which it first came.
        hand_over_at=application.hand_over_at or clock.now(),
        return_reason="",
        **({"late_reason": wanted[:200]} if late else {}),
    )


@transaction.atomic
def accept(
    *,
    application: Application,
    checks: frozenset[str],
    identity_paper: str,
    by: Appointment,
    papers_received: Collection[str] = (),
) -> Application:
    """The head teacher has compared what the family wrote with its papers, and hands it in.

    `checks`: what was ticked of `rules.family.CHECKLIST`; `papers_received`: kinds that came on
    paper. Raises `Refused` with what is not ticked yet and with everything that `submit` would
    refuse.
    """
    application = moves.lock(application)
    reasons = rules.why_not_accept(application, checks=checks, identity_paper=identity_paper)
    reasons += entry_rules.why_not_entering(application.student, by=by, led=queue.led_class_ids(by))
    refuse_if(reasons)
    application.identity_paper = identity_paper
    came = {*application.papers_received, *papers_received} & KINDS
    application.papers_received = sorted(came)
    application.save(update_fields=["identity_paper", "papers_received"])
    return submit(application=application, by=by, checks=sorted(checks))
