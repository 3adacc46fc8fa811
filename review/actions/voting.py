"""手机投票 as a member does it: the slip that a secret stands for, and handing it in once."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Case as When_
from django.db.models import F, QuerySet, Value, When

from applications.actions.family_entry import one_more_try
from applications.models import EntryTry
from audit import moves
from audit.events import SystemActor, record
from audit.refusal import Reason, Refused, refuse_if
from privacy.marks import mark_of
from privacy.sealing import blind
from review import ballot_reading, balloting
from review.actions.ballots import blind_secret, strike
from review.models import Ballot, BallotCase, BallotDevice, BallotRecusal, BallotSlip
from schools import clock
from schools.scope import acting_for, shown_by

MISSES = (timedelta(hours=1), 100)
# A secret is 24 characters; longer texts are cut before they are compared.
LONGEST = 64


def member_of(slip: BallotSlip) -> SystemActor:
    """A member of the panel as the one who acts: no account; the slip says whose it is."""
    return SystemActor(slip.school_id, role="panel", actor_name=slip.name)


def slip_of(secret: str) -> BallotSlip | None:
    """The slip that a secret stands for, with its ballot, whatever has become of it."""
    key = blind_secret(secret[:LONGEST])
    with shown_by("aid.slip", key.hex()):
        found = BallotSlip.objects.filter(secret_blind=key).only("pk", "school_id").first()
    if found is None:
        return None
    with acting_for(found.school_id):
        rows: QuerySet[BallotSlip] = BallotSlip.objects.filter(pk=found.pk, secret_blind=key)
        return rows.select_related(
            "school", "ballot__appraisal__round", "ballot__appraisal__school_class"
        ).first()


def miss(address: str) -> None:
    """Count an address that stands for no slip; `Refused` when there were too many from there."""
    span, most = MISSES
    # Blind under a name of its own, so that families' tries and these are not added up.
    count = one_more_try(EntryTry.Kind.ADDRESS, blind("try_slip", address), span)
    if count > most:
        raise Refused([Reason("试的次数太多", "请一小时后再试，或请班主任重新出示二维码")])


@transaction.atomic
def hand_in(
    *,
    slip: BallotSlip,
    choices: Mapping[int, str],
    recused: Mapping[int, str] | None = None,
    device: str = "",
    signed_in: bool = False,
) -> None:
    """Vote, once and for all the ballot's cases: {key of `BallotCase`: choice}.

    `recused` = {key: why}, from which this member withdraws now. Nothing that is kept joins the
    slip with its choices. `device` is the random cookie of the phone, kept as a mark with a number;
    `signed_in` whether somebody with an account uses it.
    """
    recused = recused or {}
    seen = slip.secret_blind
    ballot, slip = moves.lock(slip.ballot), moves.lock(slip)
    rows = ballot_reading.cases_of(ballot)
    away = set(slip.recusals.values_list("ballot_case_id", flat=True))
    refuse_if(
        [
            *balloting.why_over(ballot),
            *balloting.why_voted(slip),
            *ballot_reading.why_sitting_out(slip),
            *([] if slip.secret_blind == seen else [Reason("这张票已经重发", "请扫新的二维码")]),
            *balloting.why_not_complete([r.pk for r in rows if r.pk not in away], choices, recused),
        ]
    )
    BallotRecusal.objects.bulk_create(
        BallotRecusal(
            school_id=slip.school_id,
            slip=slip,
            ballot_case_id=pk,
            reason=why.strip()[:96],
            by_chair=False,
        )
        for pk, why in sorted(recused.items())
    )
    _raise(ballot.pk, slip.school_id, choices)
    _count_device(ballot, device, signed_in)
    slip.voted = True
    slip.save(update_fields=["voted"])
    record(
        by=member_of(slip),
        verb="ballot_slip.hand_in",
        label="手机投票",
        subject=slip,
        at=clock.now(),
        facts={"recused": len(recused)},
    )


@transaction.atomic
def vote_after_all(*, slip: BallotSlip, row: BallotCase, said: str, choice: str) -> None:
    """A member takes back a recusal said by mistake, in the own words `said`, and votes: `choice`.

    What the chair recorded is the chair's to take back or to give back (`take_back_recusal`).
    """
    seen = slip.secret_blind
    ballot, slip = moves.lock(slip.ballot), moves.lock(slip)
    recusal = slip.recusals.filter(ballot_case=row).select_related("ballot_case__case").first()
    chosen = choice in balloting.CHOICES
    refuse_if(
        [
            *balloting.why_over(ballot),
            *([] if slip.secret_blind == seen else [Reason("这张票已经重发", "请扫新的二维码")]),
            *balloting.why_not_back(recusal is not None, said),
            *ballot_reading.why_sitting_out(slip),
            *balloting.why_chairs(recusal),
            *([] if chosen else [Reason("没有选择等级", "没有意见的选弃权")]),
        ]
    )
    if recusal is None:
        return
    strike(ballot, recusal, said, member_of(slip))
    _raise(ballot.pk, slip.school_id, {row.pk: choice})


def _raise(ballot_id: int, school_id: int, choices: Mapping[int, str]) -> None:
    by_choice: dict[str, list[int]] = {}
    for pk, choice in choices.items():
        by_choice.setdefault(choice, []).append(pk)
    rises = {
        choice: F(choice) + When_(When(pk__in=keys, then=Value(1)), default=Value(0))
        for choice, keys in by_choice.items()
    }
    if rises:
        BallotCase.objects.filter(
            school_id=school_id, ballot_id=ballot_id, pk__in=list(choices)
        ).update(**rises)


def _count_device(ballot: Ballot, device: str, signed_in: bool) -> None:
    if not device:
        return
    mark = mark_of("ballot_device", [ballot.pk, device[:LONGEST]])
    found, new = BallotDevice.objects.get_or_create(
        school_id=ballot.school_id, ballot=ballot, mark=mark, defaults={"signed_in": signed_in}
    )
    if not new:
        found.slips, found.signed_in = found.slips + 1, found.signed_in or signed_in
        found.save(update_fields=["slips", "signed_in"])
