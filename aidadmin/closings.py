"""办结 by itself: a round whose window is over and whose every application has come to its end.

Only the top floor sees both review and payment, so it judges; `applications` closes.
"""

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from aidadmin.overview.rounds import steps_of
from applications import actions
from applications.models import Application, Round
from applications.queue import UNFINISHED, missed_students
from audit import moves
from audit.events import SystemActor
from audit.refusal import Reason, Refused, refuse_if
from disbursement.queue import cases_waiting
from office.actions import tell_all
from office.desk import Todo
from review.models import Notice, Objection
from review.steps import Standing, standing
from schools import clock
from schools.models import Appointment, School
from schools.roles import Role

ENDED = ("confirmed", "refused")
# Where nothing but a person's word is missing.
BY_HAND = Reason("批次是重新打开过的", "办完后由经办办结")
NOBODY = Reason("没有一份申请", "确实没有人申请的，由经办办结")


def why_not_ended(round_: Round, now: Standing | None = None) -> list[Reason]:
    """What is left to do in a round before it closes by itself."""
    now = now or standing(round_)
    if not now.handed_in and not now.unfinished:
        return [NOBODY]
    reasons = []
    if now.unfinished:
        n = now.unfinished
        reasons.append(Reason(f"{n}份申请没有提交", "提交或撤回", count=n))
    if now.waiting:
        reasons.append(Reason(f"{now.waiting}份申请还没有接收", "接收后评审", count=now.waiting))
    judged = sum(now.counts.values()) - now.count(*ENDED)
    if judged:
        reasons.append(Reason(f"{judged}人还没有确认结果", "按评审进度办完", count=judged))
    if now.notice and now.notice.status in (Notice.Status.DRAFT, Notice.Status.PUBLISHED):
        reasons.append(Reason("公示还没有确认", "期满后由审核人确认"))
    if not round_.is_recognition and now.count("confirmed"):
        reasons += _why_not_paid(round_, now)
    return reasons + _why_not_heard(round_)


def _why_not_heard(round_: Round) -> list[Reason]:
    """Who still waits for a word: whoever objected, and families that nobody asked."""
    reasons = []
    objections = Objection.objects.filter(
        school_id=round_.school_id,
        notice__round_id=round_.pk,
        status=Objection.Status.OPEN,
    ).count()
    if objections:
        reasons.append(Reason(f"{objections}件异议还没有答复", "调查后答复", count=objections))
    missed = missed_students(round_, clock.today()).count()
    if missed:
        mend = "请家长申请，确实不申请的，由经办办结"
        reasons.append(Reason(f"{missed}名名单内学生没有申请", mend, count=missed))
    return reasons


def _why_not_paid(round_: Round, now: Standing) -> list[Reason]:
    paid = steps_of(round_, now)[-1]
    done, total = paid.done or 0, paid.total or 0
    if not total:
        return [Reason("还没有确定资助名单", "确定后发放")]
    reasons = []
    waiting = cases_waiting(round_).count()
    if waiting:
        mend = "解决暂缓的原因，再确定资助名单"
        reasons.append(Reason(f"{waiting}人还没有列入资助名单", mend, count=waiting))
    if done < total:
        reasons.append(Reason(f"还有{total - done}笔没有发放", "发放到卡", count=total - done))
    return reasons


@transaction.atomic
def close_if_ended(*, round_: Round) -> Round:
    """Close a round as the system when nothing is left to do in it, and tell the aid office.

    Raises `Refused` with what is left, and for a round that people opened again.
    """
    round_ = moves.lock(round_)
    refuse_if([BY_HAND] if round_.reopen_at else why_not_ended(round_))
    closed = actions.close_round(round_=round_, by=SystemActor(round_.school_id))
    tell_all(
        organisation=closed.school,
        role=Role.OPERATOR,
        title=f"已自动办结：{closed}"[:96],
        body="每份申请都已办完。需要补办的，写明原因重新打开。",
        url=reverse("applications:round", args=[closed.pk]),
    )
    return closed


def close_ended(*, school: School) -> int:
    """Close every round of a school that has come to its end; returns how many (beat)."""
    over = (
        Round.objects.for_school(school)
        .filter(status=Round.Status.OPEN, closes_on__lt=clock.today(), reopen_at=None)
        .select_related("term", "programme", "school")
    )
    closed = 0
    for round_ in over:
        try:
            close_if_ended(round_=round_)
        except Refused:
            # It stays open; its page and the to-dos say what is left.
            continue
        closed += 1
    return closed


def todos(by: Appointment) -> list[Todo]:
    """Rounds that nothing but a person's word can close, and those left over from earlier terms.

    What is left to do in a round of the term stands in the to-dos of its own steps.
    """
    if by.role != Role.OPERATOR:
        return []
    today = clock.today()
    came = ~Q(applications__status=Application.Status.WITHDRAWN)
    rows = (
        Round.objects.filter(
            school_id=by.organisation_id, status=Round.Status.OPEN, closes_on__lt=today
        )
        .annotate(
            came=Count("applications", filter=came),
            unfinished=Count("applications", filter=Q(applications__status__in=UNFINISHED)),
        )
        .filter(Q(came=0) | Q(term__ends_on__lt=today, unfinished=0))
        .select_related("term", "programme")
        .order_by("pk")
    )
    return [
        Todo(
            f"{one}：还没有办结",
            "；".join(r.text for r in why_left(one, none_came=one.came == 0)) + "。",
            reverse("applications:round", args=[one.pk]),
            "去办结" if one.came == 0 else "去办理",
            place="applications:rounds",
        )
        for one in rows
    ]


def why_left(round_: Round, *, none_came: bool) -> list[Reason]:
    """Why a round whose window is over is still open."""
    if none_came:
        return [NOBODY]
    return why_not_ended(round_) or [BY_HAND]
