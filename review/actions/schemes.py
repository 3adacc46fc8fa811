"""量化评估表: copied, changed, tried, and put in force by a second person.

Schools do so for themselves, bureaus for the schools under them.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from review import governing, marks, rules
from review.actions.writing import conflict
from review.models import ScoringScheme
from review.soundness import why_misnamed, why_unsound
from schools import clock
from schools.models import Appointment, Organisation


def copy_scheme(
    *, organisation: Organisation, by: Appointment, base: ScoringScheme | None = None
) -> ScoringScheme:
    """A draft of one's own, with the figures of `base` or of what is in force today."""
    try:
        with transaction.atomic():
            return _copy(organisation, base, by)
    except IntegrityError as error:
        if "scheme_" not in str(error):
            raise
        raise conflict("已有一份修改中的评估表") from None


def _copy(organisation: Organisation, base: ScoringScheme | None, by: Appointment) -> ScoringScheme:
    base = base or governing.scheme_on(organisation.pk, clock.today())
    own = ScoringScheme.objects.filter(owner_id=organisation.pk)
    drafted = own.filter(status=ScoringScheme.Status.DRAFT).exists()
    refuse_if([*_why_drafted(drafted), *why_bound(organisation.pk, clock.today())])
    if base is None:
        raise Refused([Reason("还没有评估表", "请先载入参考数据")])
    whose = "本校" if organisation.is_school else organisation.name
    draft: ScoringScheme = ScoringScheme.objects.create(
        code=f"own-{organisation.pk}",
        version=1 + (own.aggregate(n=Max("version"))["n"] or 0),
        name=f"{whose[:40]}量化评估表",
        rules=deepcopy(base.rules),
        status=ScoringScheme.Status.DRAFT,
        owner_id=organisation.pk,
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


def why_bound(organisation_id: int, day: date) -> list[Reason]:
    """Why nobody needs a version of one's own: a superior's is compulsory from that day."""
    mandate = governing.mandate_on(organisation_id, day)
    if mandate is None:
        return []
    return [Reason(f"主管部门规定使用{mandate}", "有不合适的地方请向主管部门反映")]


def _why_drafted(drafted: bool) -> list[Reason]:
    return [Reason("已有一份修改中的评估表", "请在那一份上修改，或先作废")] if drafted else []


@transaction.atomic
def edit_scheme(
    *,
    scheme: ScoringScheme,
    table: Mapping[str, Any],
    by: Appointment,
    binding: str = ScoringScheme.Binding.MAY,
    mark: str = "",
) -> ScoringScheme:
    """Write new figures into a draft; whoever does it becomes its drafter.

    `binding` is what a bureau's version will mean for its schools, `mark` that of the figures
    which the page showed; refused when somebody has saved others since.
    """
    scheme = moves.lock(scheme)
    same = marks.told_by(table, binding) == marks.told_by(scheme.rules, scheme.binding)
    refuse_if(
        [
            *_why_not_own(scheme, by),
            *_why_fixed(scheme),
            *_why_not_binding(scheme, binding),
            *marks.why_changed(mark, marks.of_scheme(scheme), same=same, what="评估表"),
            *(Reason(text, "请改正后再保存") for text in why_unsound(table)),
            *_why_misnamed(scheme, table, "请把这一行的名称改成新的范围，再保存"),
        ]
    )
    scheme.rules, scheme.drafted_by, scheme.drafted_at = dict(table), by.person, clock.now()
    scheme.binding = binding
    scheme.save(update_fields=["rules", "binding", "drafted_by", "drafted_at"])
    record(
        by=by,
        verb="scoringscheme.edit",
        label="修改评估表",
        subject=scheme,
        at=clock.now(),
        facts={"binding": binding},
    )
    return scheme


def _why_misnamed(scheme: ScoringScheme, table: Mapping[str, Any], mend: str) -> list[Reason]:
    before = [scheme.base.rules] if scheme.base else []
    return [Reason(text, mend) for text in why_misnamed(table, *before, scheme.rules)]


def _why_not_binding(scheme: ScoringScheme, binding: str) -> list[Reason]:
    if binding not in ScoringScheme.Binding.values:
        return [Reason("没有选择学校怎样使用", "请选择必须使用或可以另定")]
    if binding == ScoringScheme.Binding.MUST and scheme.owner and scheme.owner.is_school:
        return [Reason("学校的评估表只用于本校", "请不要选择必须使用")]
    return []


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
            *why_bound(by.organisation_id, valid_from),
            *(Reason(text, "请经办改正") for text in why_unsound(scheme.rules)),
            *_why_misnamed(scheme, scheme.rules, "请经办改这一行的名称，再启用"),
        ]
    )
    return moves.make(
        scheme,
        "enact",
        by=by,
        at=clock.now(),
        facts={"valid_from": valid_from.isoformat(), "binding": scheme.binding},
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
    return [Reason("这不是本单位的评估表", "请先复制一份")]


def _why_fixed(scheme: ScoringScheme) -> list[Reason]:
    if scheme.status == ScoringScheme.Status.DRAFT:
        return []
    return [Reason(f"这份评估表{scheme.get_status_display()}，不能再改", "请复制一份再改")]
