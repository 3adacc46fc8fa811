"""A payment batch until it may be sent: drafted, frozen, thawed, approved."""

from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from applications.models import Programme
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from disbursement import content, ledger, queue, rules
from disbursement.conflicts import CONSTRAINTS, explained
from disbursement.content import Line
from disbursement.ledger import Purse
from disbursement.models import AidCard, Award, PaymentBatch, PaymentLine
from disbursement.rules import Candidate, Checklist, Hold
from office import bulk
from privacy.fields import blind_cards
from schools import clock
from schools.models import Appointment, School, Term
from schools.roles import Role

DRAFTERS = (Role.OPERATOR, Role.FINANCE)
FREEZERS = (Role.FINANCE,)
APPROVERS = (Role.REVIEWER, Role.LEADER)
THAWERS = (Role.FINANCE, Role.OPERATOR, Role.REVIEWER, Role.LEADER)
CARD: Any = AidCard._meta.get_field("number")
PENDING = PaymentLine.Status.PENDING.value
# Lines in a statement: the next ones are sealed while the database writes these.
AT_ONCE = 5_000


@transaction.atomic
def draft_batch(
    *,
    school: School,
    programme: Programme,
    term: Term,
    by: Appointment,
    instalment: int = 1,
    late_document: str = "",
) -> PaymentBatch:
    """Open a batch for a programme's awards of a term; it takes its number here, once.

    `late_document` is the district's permission to pay after the term (row 0-38).
    """
    problems = rules.why_not_here(by, school.pk, DRAFTERS, "编制发放批次")
    if programme.kind == Programme.Kind.WAIVER:
        problems.append(Reason("学费减免不经资助卡发放", "减免由学校直接落实，不编制发放批次"))
    refuse_if(problems + why_not_draft(school, programme, term, instalment))
    batch = new_batch(school, programme, term, by, instalment, late_document.strip())
    _record_draft(batch, by)
    return batch


def why_not_draft(
    school: School, programme: Programme, term: Term, instalment: int
) -> list[Reason]:
    """A batch needs somebody to pay, and no other draft that would pay them."""
    meant = PaymentBatch(school=school, programme=programme, term=term, instalment=instalment)
    found = []
    if not queue.awards_due(meant).exists():
        found.append(
            Reason("没有等待发放的资助", "请先确定资助名单；已列入其他批次的，请在那个批次里办理")
        )
    mine = PaymentBatch.objects.filter(school=school, programme=programme, term=term, follows=None)
    if mine.filter(status=PaymentBatch.Status.DRAFT).exists():
        found.append(CONSTRAINTS["batch_one_draft"])
    return found


def new_batch(
    school: School,
    programme: Programme,
    term: Term,
    by: Appointment,
    instalment: int,
    late_document: str,
    follows: PaymentBatch | None = None,
) -> PaymentBatch:
    """The next number of the term; the caller's transaction consumes it."""
    _one_at_a_time(school, term)
    mine = PaymentBatch.objects.filter(school=school, term=term)
    number = f"FF-{term.code}-{mine.count() + 1:03d}"
    with explained():
        return PaymentBatch.objects.create(
            school=school,
            number=number,
            programme=programme,
            term=term,
            ordinal=mine.filter(programme=programme).count() + 1,
            instalment=instalment,
            late_document=late_document,
            follows=follows,
            drafted_by_id=by.person_id,
            drafted_at=clock.now(),
        )


def _one_at_a_time(school: School, term: Term) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"batch:{school.pk}:{term.pk}"]
        )


def _record_draft(batch: PaymentBatch, by: Appointment) -> None:
    record(
        by=by,
        verb="paymentbatch.draft",
        label="编制批次",
        subject=batch,
        at=clock.now(),
        facts={"number": batch.number, "programme": batch.programme.code},
    )


@bulk.uncollected()
@transaction.atomic
def freeze(*, batch: PaymentBatch, by: Appointment) -> PaymentBatch:
    """Copy every award that passes the checklist into lines; the others are held with reasons."""
    batch = moves.lock(batch)
    refuse_if(
        rules.why_not_here(by, batch.school_id, FREEZERS, "冻结批次")
        + moves.why_not(batch, "freeze")
    )
    ledger.lock_purse(Purse.of(batch))
    checked = queue.checklist(batch, clock.today(), lock=True)
    refuse_if(why_not_freeze(batch, checked))
    lines = _written(batch, checked.passing)
    return moves.make(
        batch,
        "freeze",
        by=by,
        at=clock.now(),
        line_count=len(lines),
        total_fen=sum(line.amount_fen for line in lines),
        content_hash=content.fingerprint_of(lines),
        award_mark=_highest_award(batch),
        held=[_held(candidate, holds) for candidate, holds in checked.held],
        facts={"lines": len(lines), "total_fen": checked.total_fen, "held": len(checked.held)},
    )


def _highest_award(batch: PaymentBatch) -> int:
    awards = Award.objects.filter(
        school_id=batch.school_id, programme_id=batch.programme_id, term_id=batch.term_id
    )
    return awards.aggregate(pk=Max("pk"))["pk"] or 0


def why_not_freeze(batch: PaymentBatch, checked: Checklist) -> list[Reason]:
    """A batch needs somebody to pay and the money for it."""
    found = []
    if not checked.passing:
        found.append(Reason("没有可以发放的人", "名单为空，或全部暂缓；原因见下"))
        found += rules.as_reasons(checked.held)
    purse = Purse.of(batch)
    free_fen = ledger.free(purse, besides=batch.pk)
    waiting_fen = ledger.unconfirmed(purse)
    short = rules.why_fund_short(checked.total_fen, free_fen, waiting_fen)
    return found + rules.as_reasons([], short)


def _written(batch: PaymentBatch, passing: list[Candidate]) -> list[Line]:
    """The lines in their order, every one of them in the database."""
    parts = bulk.in_batches(enumerate(passing, 1), AT_ONCE)
    lines, written = list[Line](), 0
    with explained():
        for part, columns in bulk.ahead(partial(_part, batch), parts):
            rows = bulk.insert(
                PaymentLine, columns, school_id=batch.school_id, batch_id=batch.pk, status=PENDING
            )
            written += len(rows)
            lines += part
    if not len(passing) == len(lines) == written:
        text = f"{len(passing)}人只列出{written}笔明细"
        raise Refused([Reason(text, "请刷新页面后重新冻结")])
    return lines


def _part(
    batch: PaymentBatch, numbered: list[tuple[int, Candidate]]
) -> tuple[list[Line], dict[str, list[Any]]]:
    """Lines for these candidates, and the columns in which they are written; no query."""
    open_one, seal_one = CARD.opener(batch.school_id), content.SEALED.sealer(batch.school_id)
    paid = [(n, c, c.card) for n, c in numbered if c.card is not None]
    cards = [open_one(card.number.stored()) for _, _, card in paid]
    blinds = blind_cards(cards)
    lines = [
        Line(
            serial=n,
            number=f"{batch.number}-{n:04d}",
            award_id=c.award.id,
            name=card.holder,
            bank=card.bank,
            card=number,
            blind=blind,
            amount_fen=c.award.amount_fen,
        )
        for (n, c, card), number, blind in zip(paid, cards, blinds, strict=True)
    ]
    return lines, {
        "award_id": [ln.award_id for ln in lines],
        "student_id": [c.award.student_id for _, c, _ in paid],
        "number": [ln.number for ln in lines],
        "serial": [ln.serial for ln in lines],
        "name": [ln.name for ln in lines],
        "class_name": [c.student.school_class.name for _, c, _ in paid],
        "bank": [ln.bank for ln in lines],
        "card_number": [seal_one(number) for number in cards],
        "amount_fen": [ln.amount_fen for ln in lines],
        "retries_id": [c.failed_line for _, c, _ in paid],
    }


def _held(candidate: Candidate, holds: list[Hold]) -> dict[str, object]:
    return {
        "award": candidate.award.pk,
        "reasons": [{"code": str(h.check), "text": h.text, "mend": h.mend} for h in holds],
    }


@transaction.atomic
def thaw(*, batch: PaymentBatch, reason: str, by: Appointment) -> PaymentBatch:
    """Back to a draft: the frozen lines go, and so do freezing and approval."""
    batch = moves.lock(batch)
    problems = rules.why_not_here(by, batch.school_id, THAWERS, "退回编制")
    problems += moves.why_not(batch, "thaw")
    if not reason.strip():
        problems.append(Reason("没有写明退回的原因", "请写明原因"))
    refuse_if(problems)
    facts = {"lines": batch.line_count, "total_fen": batch.total_fen, "hash": batch.content_hash}
    cleared = {f"{verb}_{what}": None for verb in ("freeze", "approve") for what in ("by", "at")}
    with explained():
        moves.make(
            batch,
            "thaw",
            by=by,
            at=clock.now(),
            reason=reason.strip(),
            facts=facts,
            line_count=0,
            total_fen=0,
            content_hash="",
            approved_hash="",
            award_mark=0,
            held=[],
            **cleared,
        )
    PaymentLine.objects.filter(school_id=batch.school_id, batch=batch).delete()
    return batch


@transaction.atomic
def discard(*, batch: PaymentBatch, by: Appointment) -> PaymentBatch:
    """A draft that nobody needs; its number stays used, its awards wait for another batch."""
    batch = moves.lock(batch)
    refuse_if(
        rules.why_not_here(by, batch.school_id, DRAFTERS, "作废批次")
        + moves.why_not(batch, "discard")
    )
    return moves.make(batch, "discard", by=by, at=clock.now(), facts={"number": batch.number})


@transaction.atomic
def approve(*, batch: PaymentBatch, content_hash: str, by: Appointment) -> PaymentBatch:
    """The second person approves exactly what was shown: its fingerprint is recomputed here."""
    batch = moves.lock(batch)
    problems = rules.why_not_here(by, batch.school_id, APPROVERS, "审批批次")
    problems += moves.why_not(batch, "approve")
    refuse_if(problems)
    now = content.fingerprint_of(content.opened(batch))
    made = queue.made_by(batch, by.person_id)
    refuse_if(rules.why_not_approve(batch, by, shown=content_hash, now=now, made=made))
    with explained():
        return moves.make(
            batch,
            "approve",
            by=by,
            at=clock.now(),
            approved_hash=now,
            facts={"hash": now, "lines": batch.line_count, "total_fen": batch.total_fen},
        )
