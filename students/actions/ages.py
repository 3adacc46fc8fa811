"""Set from which to which age nothing is asked, stage by stage: a school's own, or a bureau's."""

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Organisation
from students.models import AgeLimit
from students.rules.ages import STAGE_AGES, why_not_drop, why_not_set
from students.rules.limits import ages_of

CHANGED = Reason("年龄范围在您打开之后改过", "请重新打开这一页")
LONGEST = 120


@transaction.atomic
def set_age_limit(
    *,
    organisation: Organisation,
    stage: str,
    least: int,
    most: int,
    seen: str,
    reason: str,
    by: Appointment,
) -> AgeLimit:
    """Ages in full years on 1 September; `seen` are those that the page showed, as `13—20岁`.

    A bureau's hold for its schools that set none. Raises `Refused` without a reason, and when
    somebody set others meanwhile.
    """
    refuse_if(
        why_not_set(
            organisation=organisation, stage=stage, least=least, most=most, reason=reason, by=by
        )
    )
    row = _locked(organisation, stage) or _inherited(organisation, stage)
    if str(row) != seen:
        raise Refused([CHANGED])
    if (row.least, row.most) == (least, most):
        raise Refused([Reason("没有要更改的内容", "与现在的年龄范围相同")])
    before, row.least, row.most = str(row), least, most
    row.reason, row.set_by, row.set_at = reason.strip()[:LONGEST], by.person, clock.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "age_limit_once" not in str(error):
            raise
        raise Refused([CHANGED]) from None
    _record(row, "agelimit.set", "设定年龄范围", before, str(row), row.reason, by)
    return row


@transaction.atomic
def drop_age_limit(
    *, organisation: Organisation, stage: str, seen: str, reason: str, by: Appointment
) -> str:
    """What was set holds no longer; returns the ages that hold instead, as `13—20岁`.

    Those are the nearest superior's, or the stage's. Raises `Refused` without a reason, and when
    there is nothing to give up or it is not what the page showed.
    """
    refuse_if(why_not_drop(organisation=organisation, reason=reason, by=by))
    row = _locked(organisation, stage)
    if row is None or str(row) != seen:
        raise Refused([CHANGED])
    after = str(_inherited(organisation, stage))
    _record(row, "agelimit.drop", "恢复沿用年龄范围", seen, after, reason.strip()[:LONGEST], by)
    row.delete()
    return after


def _locked(organisation: Organisation, stage: str) -> AgeLimit | None:
    rows = AgeLimit.objects.for_organisation(organisation).filter(stage=stage)
    known: AgeLimit | None = rows.first()
    if known is None:
        return None
    try:
        return moves.lock(known)
    except AgeLimit.DoesNotExist:
        raise Refused([CHANGED]) from None


def _inherited(organisation: Organisation, stage: str) -> AgeLimit:
    """A row of its own, not yet saved, with the ages that hold without one."""
    above = ages_of(organisation).inherited(stage)
    least, most = (above.least, above.most) if above else STAGE_AGES[stage]
    return AgeLimit(organisation=organisation, stage=stage, least=least, most=most)


def _record(
    row: AgeLimit, verb: str, label: str, before: str, after: str, reason: str, by: Appointment
) -> None:
    facts = {"stage": row.stage, "before": before, "after": after}
    record(by=by, verb=verb, label=label, subject=row, at=clock.now(), facts=facts, reason=reason)
