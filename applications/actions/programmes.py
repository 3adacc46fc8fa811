"""资助项目: drafted or copied by one person of an authority, enacted by another from a day on.

`seen` names what was on the page (`queue.digest_of`): nobody overwrites or enacts what somebody
else changed meanwhile.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction

from applications import queue
from applications.actions.programme_pairs import in_turn, paired_meanwhile
from applications.models import PaperRule, Programme, ProgrammeQuota, Tier
from applications.rules import programmes as rules
from applications.rules.programmes import ProgrammeFacts
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment, Organisation
from schools.official import current_term
from students.models import SpecialGroup

FOLLOWED = Reason("这个项目已有新版或新版的草稿", "在那一份上修改，或先作废")


@transaction.atomic
def draft_programme(
    *, facts: ProgrammeFacts, by: Appointment, follows: Programme | None = None
) -> Programme:
    """A draft of the person's authority; with `follows` the version that comes after that one.

    Raises `Refused` with everything that is wrong with the figures, and when the earlier version
    is another authority's or is followed already.
    """
    # Drafts of one authority are numbered one after another.
    owner = moves.lock(by.organisation)
    reasons = rules.why_not_drafting(by) + _why_unsound(facts, owner, own=follows)
    if follows is not None:
        follows = moves.lock(follows)
        reasons += rules.why_not_own(follows, by) + _why_followed(follows)
    refuse_if(reasons)
    number = Programme.objects.filter(managed_by_id=owner.pk).count() + 1
    draft = Programme(
        code=f"own-{owner.pk}-{number}",
        managed_by_id=owner.pk,
        follows=follows,
        status=Programme.Status.DRAFT,
        begun_at=clock.now(),
    )
    try:
        with transaction.atomic():
            _write(draft, facts, by)
    except IntegrityError as error:
        if "programme_followed_once" not in str(error):
            raise
        raise Refused([FOLLOWED]) from None
    _record(draft, "programme.draft", "起草资助项目", by)
    return draft


def _why_followed(before: Programme) -> list[Reason]:
    if before.status not in Programme.OFFERED:
        return [Reason(f"{before}{before.get_status_display()}，不能起草新版", "在草稿上直接修改")]
    later = before.followers.exclude(status__in=Programme.GONE)
    return [FOLLOWED] if later.exists() else []


def copied(base: Programme, valid_from: date, owner: Organisation) -> ProgrammeFacts:
    """What an authority's copy of a version would say from a day on.

    Standards that are over are left out, and exclusions of what the authority doesn't see. A copy
    of the nation's row excludes that row, or a student would be given both.
    """
    facts = queue.facts_of(base)
    last = facts.valid_to if facts.valid_to and facts.valid_to >= valid_from else None
    tiers = tuple(
        replace(
            t,
            valid_from=t.valid_from if t.valid_from and t.valid_from > valid_from else None,
            valid_to=t.valid_to if t.valid_to != facts.valid_to else None,
        )
        for t in facts.tiers
        if (t.valid_to or date.max) >= valid_from
    )
    apart = {*facts.exclusive, *(() if base.managed_by_id else (base.pk,))}
    seen = queue.visible(owner).filter(pk__in=apart).order_by("pk")
    exclusive = tuple(seen.values_list("pk", flat=True))
    # What the nation's row explains is about that row.
    note = facts.note if base.managed_by_id else ""
    return replace(
        facts, valid_from=valid_from, valid_to=last, exclusive=exclusive, tiers=tiers, note=note
    )


@transaction.atomic
def edit_programme(
    *, programme: Programme, facts: ProgrammeFacts, seen: str, by: Appointment
) -> Programme:
    """Write a draft anew; whoever does it becomes its drafter."""
    programme = moves.lock(programme)
    refuse_if(
        [
            *rules.why_not_drafting(by),
            *rules.why_not_own(programme, by),
            *_why_fixed(programme),
            *rules.why_not_seen(seen, queue.digest_of(queue.facts_of(programme))),
            *_why_unsound(facts, by.organisation, own=programme),
        ]
    )
    _write(programme, facts, by)
    _record(programme, "programme.edit", "修改资助项目", by)
    return programme


def _why_fixed(programme: Programme) -> list[Reason]:
    if programme.status == Programme.Status.DRAFT:
        return []
    return [
        Reason(f"{programme}{programme.get_status_display()}，不能再改", "起草新版，或定期终止")
    ]


def _why_unsound(
    facts: ProgrammeFacts, owner: Organisation, *, own: Programme | None
) -> list[Reason]:
    reasons = rules.why_unsound(facts, owner)
    codes = {*facts.open_groups, *facts.only_groups, *facts.rural_groups, *facts.day_groups}
    if codes - set(SpecialGroup.objects.values_list("code", flat=True)):
        reasons.append(Reason("有不认识的特殊群体", "从列出的群体里选"))
    others = queue.visible(owner).filter(status__in=Programme.LIVE).values_list("pk", flat=True)
    if set(facts.exclusive) - set(others) or (own and own.pk in facts.exclusive):
        reasons.append(Reason("有不能同时享受的项目不在本单位的项目里", "从列出的项目里选"))
    schools = {school for school, _ in facts.quotas}
    if schools - _governed(owner, schools):
        reasons.append(Reason("有名额分给了不归本单位管的学校", "只给下属学校分名额"))
    return reasons


def _governed(owner: Organisation, schools: Collection[int]) -> set[int]:
    if not schools:
        return set()
    return set(queue.governed_schools(owner).filter(pk__in=schools).values_list("pk", flat=True))


PLAIN = (
    "source",
    "kind",
    "stage",
    "valid_from",
    "valid_to",
    "money_cadence",
    "entry_cadence",
    "needs_recognition",
    "guardian_card",
    "handling",
)


def _write(programme: Programme, facts: ProgrammeFacts, by: Appointment) -> None:
    for name in PLAIN:
        setattr(programme, name, getattr(facts, name))
    programme.name, programme.basis = facts.name.strip(), facts.basis.strip()
    programme.years, programme.only_groups = list(facts.years), list(facts.only_groups)
    programme.rural_groups, programme.day_groups = list(facts.rural_groups), list(facts.day_groups)
    programme.open_to, programme.note = list(facts.open_to), facts.note.strip()
    programme.paid_by = facts.paid_by.strip()
    programme.share_least, programme.share_most = facts.share or (None, None)
    programme.drafted_by, programme.drafted_at = by.person, clock.now()
    programme.save()
    _write_parts(programme, facts)


def _write_parts(programme: Programme, facts: ProgrammeFacts) -> None:
    programme.open_groups.set(SpecialGroup.objects.filter(code__in=facts.open_groups))
    programme.exclusive_with.set(facts.exclusive)
    for parts in (programme.tiers, programme.paper_rules, programme.quotas):
        parts.all().delete()
    Tier.objects.bulk_create(
        Tier(
            programme=programme,
            code=f"t{rank}",
            label=tier.label.strip(),
            rank=rank,
            amount_fen=tier.amount_fen,
            boarding=tier.boarding,
            suggested_for=tier.suggested_for,
            valid_from=tier.valid_from or facts.valid_from,
            valid_to=tier.valid_to or facts.valid_to,
        )
        for rank, tier in enumerate(facts.tiers, start=1)
    )
    PaperRule.objects.bulk_create(
        PaperRule(
            code=f"p{n}",
            programme=programme,
            label=paper.label.strip(),
            kinds=[paper.kind],
            level=paper.level,
            listed_exempt=paper.exempt,
            valid_from=facts.valid_from,
            valid_to=facts.valid_to,
        )
        for n, paper in enumerate(facts.papers, start=1)
    )
    ProgrammeQuota.objects.bulk_create(
        ProgrammeQuota(school_id=school, programme=programme, heads=heads)
        for school, heads in facts.quotas
    )


def _record(programme: Programme, verb: str, label: str, by: Appointment) -> None:
    facts = {
        "code": programme.code,
        "follows": programme.follows.code if programme.follows else "",
        "tiers": [f"{t.label} {t.amount_fen}" for t in programme.tiers.order_by("rank")],
    }
    record(by=by, verb=verb, label=label, subject=programme, at=clock.now(), facts=facts)


@transaction.atomic
def enact_programme(
    *, programme: Programme, valid_from: date, seen: str, by: Appointment
) -> Programme:
    """Put a draft in force from a day on, not by its drafter; the version before it ends then.

    What was enacted since the draft was begun and belongs to its pairs (`paired_meanwhile`) joins
    what can't be had with it.

    Raises `Refused` with every reason: figures that make no sense, changed meanwhile, a day that
    is too early, rounds that schools have opened by the version before.
    """
    in_turn()
    programme = moves.lock(programme)
    before = moves.lock(programme.follows) if programme.follows else None
    programme.follows = before
    facts = queue.facts_of(programme)
    planned = replace(facts, valid_from=valid_from)
    refuse_if(
        [
            *rules.why_not_own(programme, by),
            *rules.why_not_checking(by, programme.drafted_by_id, "启用"),
            *rules.why_not_seen(seen, queue.digest_of(facts)),
            *rules.why_not_enact(
                programme,
                valid_from,
                today=clock.today(),
                term=current_term(),
                opened=queue.rounds_from(before, valid_from) if before else 0,
            ),
            *_why_unsound(planned, by.organisation, own=programme),
        ]
    )
    joined = paired_meanwhile(programme, planned.exclusive)
    # Standards without days of their own begin with the programme.
    _write_parts(programme, replace(planned, exclusive=(*planned.exclusive, *joined)))
    if before is not None:
        _supersede(before, programme, valid_from, by)
    return moves.make(
        programme,
        "enact",
        by=by,
        at=clock.now(),
        facts={
            "code": programme.code,
            "valid_from": valid_from.isoformat(),
            "seen": seen,
            "also_excludes": list(joined),
        },
        valid_from=valid_from,
    )


def _supersede(before: Programme, after: Programme, valid_from: date, by: Appointment) -> None:
    last = rules.last_day_before(valid_from)
    if before.valid_to and before.valid_to <= last:
        return
    moves.make(
        before,
        "supersede",
        by=by,
        at=clock.now(),
        facts={"by": after.code, "last_day": last.isoformat()},
        valid_to=last,
        end_on=last,
        end_reason=rules.SUPERSEDED,
        ask_end_by_id=after.drafted_by_id,
        ask_end_at=clock.now(),
        end_by_id=by.person_id,
        end_at=clock.now(),
        superseded_by_id=after.pk,
        valid_to_before=before.valid_to,
    )


@transaction.atomic
def discard_programme(*, programme: Programme, by: Appointment) -> Programme:
    """Give a draft up."""
    programme = moves.lock(programme)
    refuse_if(
        [
            *rules.why_not_drafting(by),
            *rules.why_not_own(programme, by),
            *moves.why_not(programme, "discard"),
        ]
    )
    return moves.make(programme, "discard", by=by, at=clock.now())
