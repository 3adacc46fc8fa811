"""量化评估表: a school copies the scheme, changes figures, tries it, a second person enacts it."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from review import queue, rules
from review.actions.writing import conflict
from review.models import ScoringScheme
from review.scoring import why_unsound
from schools import clock
from schools.models import Appointment, School


def copy_scheme(*, school: School, by: Appointment) -> ScoringScheme:
    """A draft of the school's own, with the figures that are in force today."""
    try:
        with transaction.atomic():
            return _copy(school, by)
    except IntegrityError as error:
        if "scheme_" not in str(error):
            raise
        raise conflict("已有一份修改中的评估表") from None


def _copy(school: School, by: Appointment) -> ScoringScheme:
    base = queue.scheme_on(school.pk, clock.today())
    own = ScoringScheme.objects.filter(owner_id=school.pk)
    refuse_if(_why_drafted(own.filter(status=ScoringScheme.Status.DRAFT).exists()))
    if base is None:
        raise Refused([Reason("还没有评估表", "请先载入参考数据")])
    draft: ScoringScheme = ScoringScheme.objects.create(
        code=f"school-{school.pk}",
        version=1 + (own.aggregate(n=Max("version"))["n"] or 0),
        name="本校量化评估表",
        rules=deepcopy(base.rules),
        status=ScoringScheme.Status.DRAFT,
        owner_id=school.pk,
        base=base,
        drafted_by=by.person,
        drafted_at=clock.now(),
    )
    record(
        by=by,
        verb="scoringscheme.copy",
        label="修改评估表",
        subject=draft,
        at=clock.now(),
        facts={"base": str(base)},
    )
    return draft


def _why_drafted(drafted: bool) -> list[Reason]:
    return [Reason("已有一份修改中的评估表", "请在那一份上修改，或先作废")] if drafted else []


@transaction.atomic
def edit_scheme(
    *, scheme: ScoringScheme, table: Mapping[str, Any], by: Appointment
) -> ScoringScheme:
    """Write new figures into a draft; whoever does it becomes its drafter."""
    scheme = moves.lock(scheme)
    refuse_if(
        [
            *_why_not_own(scheme, by),
            *_why_fixed(scheme),
            *(Reason(text, "请改正后再保存") for text in why_unsound(table)),
        ]
    )
    scheme.rules, scheme.drafted_by, scheme.drafted_at = dict(table), by.person, clock.now()
    scheme.save(update_fields=["rules", "drafted_by", "drafted_at"])
    record(by=by, verb="scoringscheme.edit", label="修改评估表", subject=scheme, at=clock.now())
    return scheme


@transaction.atomic
def enact_scheme(*, scheme: ScoringScheme, valid_from: date, by: Appointment) -> ScoringScheme:
    """Put a draft in force for rounds that open on `valid_from` or later; not by its drafter."""
    scheme = moves.lock(scheme)
    refuse_if(
        [
            *_why_not_own(scheme, by),
            *moves.why_not(scheme, "enact"),
            *rules.second_person(by, scheme.drafted_by_id, "启用评估表"),
            *_why_not_from(valid_from),
            *(Reason(text, "请经办改正") for text in why_unsound(scheme.rules)),
        ]
    )
    return moves.make(
        scheme,
        "enact",
        by=by,
        at=clock.now(),
        facts={"valid_from": valid_from.isoformat()},
        valid_from=valid_from,
    )


def _why_not_from(valid_from: date) -> list[Reason]:
    # Rounds that are open have been scored already; what families were told doesn't change.
    if valid_from > clock.today():
        return []
    return [Reason("启用日期应在今天以后", "已经开的批次仍按原来的评估表评分")]


@transaction.atomic
def discard_scheme(*, scheme: ScoringScheme, by: Appointment) -> ScoringScheme:
    """Give a draft up."""
    scheme = moves.lock(scheme)
    refuse_if([*_why_not_own(scheme, by), *moves.why_not(scheme, "discard")])
    return moves.make(scheme, "discard", by=by, at=clock.now())


def _why_not_own(scheme: ScoringScheme, by: Appointment) -> list[Reason]:
    if scheme.owner_id == by.organisation_id:
        return []
    return [Reason("这不是本校的评估表", "请先复制成本校的")]


def _why_fixed(scheme: ScoringScheme) -> list[Reason]:
    if scheme.status == ScoringScheme.Status.DRAFT:
        return []
    return [Reason(f"这份评估表{scheme.get_status_display()}，不能再改", "请复制一份再改")]
