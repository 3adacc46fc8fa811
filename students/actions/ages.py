"""Set from which to which age a school asks nothing, stage by stage."""

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, School
from students.models import AgeLimit
from students.rules.ages import STAGE_AGES, why_not_set

CHANGED = Reason("年龄范围在您打开之后改过", "请重新打开这一页")
LONGEST = 120


@transaction.atomic
def set_age_limit(
    *, school: School, stage: str, least: int, most: int, seen: str, reason: str, by: Appointment
) -> AgeLimit:
    """Ages in full years on 1 September; `seen` are those that the page showed, as `13—20岁`.

    Raises `Refused` without a reason, and when somebody set others meanwhile.
    """
    refuse_if(
        why_not_set(school_id=school.pk, stage=stage, least=least, most=most, reason=reason, by=by)
    )
    known = AgeLimit.objects.for_school(school).filter(stage=stage).first()
    row = moves.lock(known) if known else _usual(school, stage)
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
    record(
        by=by,
        verb="agelimit.set",
        label="设定年龄范围",
        subject=row,
        at=clock.now(),
        facts={"stage": stage, "before": before, "after": str(row)},
        reason=row.reason,
    )
    return row


def _usual(school: School, stage: str) -> AgeLimit:
    least, most = STAGE_AGES[stage]
    return AgeLimit(school=school, stage=stage, least=least, most=most)
