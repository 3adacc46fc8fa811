"""Confirmed cases become awards, and awards that no batch pays are taken back."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from applications.models import Programme, Round
from audit import moves
from audit.events import Entry, record_many
from audit.refusal import Reason, Refused, refuse_if
from disbursement import boarding, ledger, queue, rules
from disbursement.conflicts import explained
from disbursement.ledger import Purse
from disbursement.models import Award, LedgerEntry, PaymentLine
from disbursement.months import months_in
from disbursement.rules import Hold
from disbursement.standings import standings_of
from review.models import Case
from schools import clock
from schools.models import Appointment, Term
from schools.roles import Role

GRANTERS = (Role.OPERATOR, Role.FINANCE)
Kind = LedgerEntry.Kind


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A confirmed case that gives no award yet, and every reason."""

    case: Case
    holds: list[Hold]


@dataclass(frozen=True, slots=True)
class Passing:
    """A confirmed case that is awarded now, with the instalments that no other school gives."""

    case: Case
    instalments: tuple[int, ...]

    @property
    def amount_fen(self) -> int:
        """What its awards come to."""
        tier = self.case.decided_tier
        return len(self.instalments) * tier.amount_fen if tier else 0


@dataclass(frozen=True, slots=True)
class Granted:
    """What `grant_awards` did: awards made, their sum in fen, and who waits for what."""

    count: int
    total_fen: int
    held: list[HeldCase]


@transaction.atomic
def grant_awards(
    *, round_: Round, by: Appointment, again: Collection[int] = (), reason: str = ""
) -> Granted:
    """Make awards of the round's confirmed cases; those that may not be awarded are held.

    The amount is the decided tier's, once per instalment of the term. `again` names cases whose
    awards were all revoked: these alone are then granted, for a reason that is recorded. Raises
    `Refused` when no confirmed case waits.
    """
    round_ = moves.lock(round_)
    problems = rules.why_not_here(by, round_.school_id, GRANTERS, "确定资助名单")
    programme = round_.programme
    if programme is None:
        raise Refused([*problems, Reason("认定批次不产生资助名单", "请选择资助项目的批次")])
    cases = list(queue.cases_revoked(round_, again) if again else queue.cases_waiting(round_))
    if again and not reason.strip():
        problems.append(Reason("没有写明重新列入的原因", "请写明原因"))
    if again and len(cases) < len(set(again)):
        problems.append(Reason("只有已全部取消的资助可以重新列入", "请刷新页面，查看最新状态"))
    elif not cases:
        problems.append(
            Reason("没有公示确认后还未列入名单的学生", "公示确认之后，名单会出现在这里")
        )
    refuse_if(problems)
    ledger.lock_purse(Purse(round_.school_id, programme.pk, round_.term_id))
    passing, held = sort_cases(cases, programme, round_.term)
    awards = _awards(round_, programme, passing, by)
    if awards:
        _book(awards, by, reason.strip())
    return Granted(len(awards), sum(a.amount_fen for a in awards), held)


def sort_cases(
    cases: list[Case], programme: Programme, term: Term
) -> tuple[list[Passing], list[HeldCase]]:
    """Cases that may be awarded today, and those that may not, with every reason."""
    students = [case.student for case in cases]
    today = clock.today()
    changes = boarding.changes_of(cases[0].school_id, students) if cases else {}
    boarded = {
        case.student_id: boarding.of_decision(
            case.student,
            case.decided_tier,
            instalments_of(programme, term),
            changes,
            programme=programme,
            term=term,
            on=today,
        )
        for case in cases
    }
    standings = standings_of(students, programme, term, today, boarded=boarded)
    passing, held = [], []
    for case in cases:
        if holds := rules.why_not_awarded(standings[case.student_id], case, programme):
            held.append(HeldCase(case, holds))
        else:
            theirs = standings[case.student_id].months_elsewhere
            mine = (i for i in instalments_of(programme, term) if i not in theirs)
            passing.append(Passing(case, tuple(mine)))
    return passing, held


def instalments_of(programme: Programme, term: Term) -> range:
    """How often one award is paid in a term: each month of it, or once."""
    monthly = programme.money_cadence == Programme.Cadence.MONTHLY
    return months_in(term) if monthly else range(1, 2)


def _awards(
    round_: Round, programme: Programme, passing: list[Passing], by: Appointment
) -> list[Award]:
    now = clock.now()
    rows = [
        Award(
            school_id=round_.school_id,
            student_id=one.case.student_id,
            programme=programme,
            term_id=round_.term_id,
            instalment=instalment,
            round=round_,
            case=one.case,
            tier=one.case.decided_tier,
            amount_fen=one.case.decided_tier.amount_fen,
            granted_by_id=by.person_id,
            granted_at=now,
        )
        for one in passing
        for instalment in one.instalments
        if one.case.decided_tier is not None
    ]
    with explained():
        return Award.objects.bulk_create(rows, batch_size=1000)


def _book(awards: list[Award], by: Appointment, reason: str) -> None:
    ledger.book(
        kind=Kind.AWARD,
        purse=Purse.of(awards[0]),
        amount_fen=sum(a.amount_fen for a in awards),
        cause=f"award:{awards[0].pk}",
        by=by,
    )
    record_many(
        by=by,
        at=clock.now(),
        entries=[
            Entry(
                verb="award.grant",
                label="确定资助",
                subject=award,
                about_id=award.student_id,
                facts={"amount_fen": award.amount_fen, "programme": award.programme.code},
                reason=reason,
            )
            for award in awards
        ],
    )


@transaction.atomic
def revoke(*, award: Award, reason: str, by: Appointment) -> Award:
    """Take back an award that no batch pays; what was sent can't be revoked here."""
    award = moves.lock(award)
    problems = rules.why_not_here(by, award.school_id, GRANTERS, "取消资助")
    problems += moves.why_not(award, "revoke")
    if not reason.strip():
        problems.append(Reason("没有写明取消的原因", "请写明原因"))
    live = (
        PaymentLine.objects.filter(
            school_id=award.school_id, award=award, status__in=queue.LIVE_LINE
        )
        .select_related("batch")
        .first()
    )
    if live is not None:
        problems.append(
            Reason(
                f"已列入批次{live.batch.number}，{live.get_status_display()}",
                "未送银行的请先退回编制；已到账的请在这份资助的页面追回",
            )
        )
    refuse_if(problems)
    ledger.book(
        kind=Kind.AWARD_REVOKED,
        purse=Purse.of(award),
        amount_fen=award.amount_fen,
        cause=f"revoked:{award.pk}",
        by=by,
    )
    return moves.make(
        award,
        "revoke",
        by=by,
        at=clock.now(),
        reason=reason.strip(),
        about_id=award.student_id,
        facts={"amount_fen": award.amount_fen},
        revoke_reason=reason.strip()[:200],
    )
