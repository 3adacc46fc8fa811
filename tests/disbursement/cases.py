"""Rows that lower floors would have made: confirmed cases, ended notices, recognitions."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from applications.models import Application, FundingSource, Grade, Programme, Round, Tier
from disbursement import actions, bank_files, content
from disbursement.actions import batches
from disbursement.models import AidCard, Award, Fund, PaymentBatch
from review.models import Case, Meeting, Notice, NoticeLine, Objection, Recognition
from schools import clock
from schools.models import Stage, Term
from students.models import Student
from tests.cast import Staffed, student

_counter = itertools.count(1)
PAY_DAY = date(2026, 11, 24)
AMOUNT = 115_000


@dataclass
class Aid:
    """One programme round of one school that ended well."""

    staffed: Staffed
    programme: Programme
    tier: Tier
    term: Term
    round: Round
    recognition: Round

    @property
    def school(self) -> Any:
        """Whose round it is."""
        return self.staffed.school


def programme(code: str = "grant", **facts: Any) -> Programme:
    """A grant of 1,150.00 yuan a term."""
    values: dict[str, Any] = {
        "name": "国家助学金",
        "source": FundingSource.STATE,
        "kind": Programme.Kind.GRANT,
        "stage": Stage.SENIOR,
        "money_cadence": Programme.Cadence.PER_TERM,
        "entry_cadence": Programme.Cadence.PER_TERM,
        "valid_from": date(2020, 9, 1),
    }
    return Programme.objects.create(code=f"{code}-{next(_counter)}", **{**values, **facts})


def aid(staffed: Staffed, its: Programme | None = None, term_code: str = "2026-1") -> Aid:
    """Rounds, a confirmed meeting and an ended notice, without cases."""
    its = its or programme()
    term = Term.objects.get(code=term_code)
    tier = its.tiers.order_by("rank").first() or Tier.objects.create(
        programme=its,
        code="one",
        valid_from=date(2020, 9, 1),
        label="一档",
        rank=1,
        amount_fen=AMOUNT,
    )
    recognition = Round.objects.filter(
        school=staffed.school, term__year=term.year, kind=Round.Kind.RECOGNITION
    ).first() or _round(staffed, term, None)
    return Aid(staffed, its, tier, term, _round(staffed, term, its), recognition)


def _round(staffed: Staffed, term: Term, its: Programme | None) -> Round:
    round_ = Round.objects.create(
        school=staffed.school,
        kind=Round.Kind.PROGRAMME if its else Round.Kind.RECOGNITION,
        term=term,
        programme=its,
        opens_on=date(2026, 9, 1),
        closes_on=date(2026, 9, 8),
        opened_by=staffed.operator.person,
        opened_at=clock.now(),
    )
    meeting(staffed, round_)
    notice(staffed, round_)
    return round_


def meeting(staffed: Staffed, round_: Round) -> Meeting:
    """A meeting that decided and was confirmed."""
    return Meeting.objects.create(
        school=staffed.school,
        round=round_,
        held_at=clock.now(),
        place="会议室",
        topic="审定资助名单",
        chair=staffed.leader.person,
        recorder=staffed.operator.person,
        status=Meeting.Status.CONFIRMED,
        votes_for=5,
        resolution="同意",
        decide_by=staffed.operator.person,
        decide_at=clock.now(),
        confirm_by=staffed.reviewer.person,
        confirm_at=clock.now(),
    )


def notice(staffed: Staffed, round_: Round, ends_on: date = date(2026, 10, 15)) -> Notice:
    """A notice that ended and was confirmed."""
    return Notice.objects.create(
        school=staffed.school,
        round=round_,
        title="公示",
        body="公示",
        department="学生资助办公室",
        phone="023-55550100",
        superior_phone="023-55550101",
        token=f"token-{next(_counter)}",
        status=Notice.Status.CONFIRMED,
        starts_on=ends_on - timedelta(days=7),
        ends_on=ends_on,
        drafted_by=staffed.operator.person,
        publish_by=staffed.reviewer.person,
        publish_at=clock.now(),
        confirm_by=staffed.reviewer.person,
        confirm_at=clock.now(),
    )


def case(its: Aid, someone: Student, round_: Round | None = None, **facts: Any) -> Case:
    """A confirmed case of the programme's round (or of `round_`)."""
    round_ = round_ or its.round
    people = its.staffed
    application = Application.objects.create(
        school=its.school,
        round=round_,
        student=someone,
        number=f"A{next(_counter):05d}",
        status=Application.Status.SUBMITTED,
        channel=Application.Channel.OFFICE,
        entered_by=people.operator.person,
        entered_at=clock.now(),
        submit_by=people.operator.person,
        submit_at=clock.now(),
    )
    values: dict[str, Any] = {
        "status": Case.Status.CONFIRMED,
        "decided_tier": None if round_.is_recognition else its.tier,
        "decided_grade": Grade.HARD if round_.is_recognition else "",
        "advised_grade": Grade.HARD if round_.is_recognition else "",
        "meeting": Meeting.objects.filter(school=its.school, round=round_).first()
        or meeting(people, round_),
        "decide_by": people.operator.person,
        "decide_at": clock.now(),
        "confirm_by": people.reviewer.person,
        "confirm_at": clock.now(),
    }
    return Case.objects.create(
        school=its.school,
        application=application,
        round=round_,
        student=someone,
        school_class=someone.school_class,
        **{**values, **facts},
    )


def recognise(its: Aid, someone: Student, **facts: Any) -> Recognition:
    """This year's valid recognition."""
    values: dict[str, Any] = {
        "year": its.term.year,
        "grade": Grade.HARD,
        "valid_from": date(2026, 9, 30),
    }
    return Recognition.objects.create(
        school=its.school,
        student=someone,
        case=case(its, someone, its.recognition),
        decided_by=its.staffed.operator.person,
        confirmed_by=its.staffed.reviewer.person,
        **{**values, **facts},
    )


def card_number() -> str:
    """A card number that no bank issued."""
    return f"62{next(_counter):017d}"


def card(its: Aid, someone: Student, *, ready: bool = True, **facts: Any) -> AidCard:
    """The student's own card; checked and active when `ready`."""
    values: dict[str, Any] = {
        "number": card_number(),
        "bank": "示范银行",
        "holder": someone.name,
        **facts,
    }
    found = actions.register_card(student=someone, by=its.staffed.operator, **values)
    if ready:
        found = actions.check_card(card=found, by=its.staffed.reviewer)
        found = actions.activate_card(card=found, by=its.staffed.operator)
    return found


def ready(its: Aid, someone: Student, **card_facts: Any) -> Case:
    """A student whom nothing holds: recognised, confirmed, with a card."""
    recognise(its, someone)
    card(its, someone, **card_facts)
    return case(its, someone)


def object_to(its: Aid, someone: Student) -> Objection:
    """An open objection about a student."""
    about = Case.objects.get(school=its.school, round=its.round, student=someone)
    its_notice = Notice.objects.get(school=its.school, round=its.round)
    line = NoticeLine.objects.create(
        school=its.school,
        notice=its_notice,
        case=about,
        serial=next(_counter),
        grade_name="高一",
        class_name=someone.school_class.name,
        name=someone.name,
    )
    return Objection.objects.create(
        school=its.school,
        notice=its_notice,
        line=line,
        text="家庭条件与公示不符",
        contact="",
        lodged_at=clock.now(),
        reply_by=date(2026, 12, 1),
    )


def recorded(its: Aid, amount_fen: int = 100_000_000) -> Fund:
    """Money noted for the programme and term, which nobody confirmed yet."""
    return actions.record_fund(
        school=its.school,
        programme=its.programme,
        term=its.term,
        document_no=f"示财教〔2026〕{next(_counter)}号",
        amount_fen=amount_fen,
        received_on=date(2026, 9, 1),
        by=its.staffed.finance,
    )


def fund(its: Aid, amount_fen: int = 100_000_000) -> Fund:
    """Money received for the programme and term, confirmed by the leader."""
    return actions.confirm_fund(fund=recorded(its, amount_fen), by=its.staffed.leader)


def add_students(staffed: Staffed, count: int) -> list[Student]:
    """More students of the class."""
    return [student(staffed.school_class, f"示例{chr(0x4E00 + n)}") for n in range(count)]


def draft(its: Aid) -> PaymentBatch:
    """A draft of the programme and term, also where nobody waits for it any more."""
    if not Award.objects.filter(programme=its.programme, term=its.term, status="granted").exists():
        return batches.new_batch(its.school, its.programme, its.term, its.staffed.operator, 1, "")
    return actions.draft_batch(
        school=its.school, programme=its.programme, term=its.term, by=its.staffed.operator
    )


def frozen(its: Aid) -> PaymentBatch:
    """Awards, money, a batch, frozen."""
    fund(its)
    actions.grant_awards(round_=its.round, by=its.staffed.operator)
    return actions.freeze(batch=draft(its), by=its.staffed.finance)


def approved(its: Aid) -> PaymentBatch:
    """A frozen batch that the reviewer approved."""
    batch = frozen(its)
    return actions.approve(batch=batch, content_hash=batch.content_hash, by=its.staffed.reviewer)


def sent(its: Aid, profile: str = "xlsx") -> PaymentBatch:
    """An approved batch whose file went to the bank."""
    return actions.send(batch=approved(its), by=its.staffed.finance, profile=profile)


def answer(batch: PaymentBatch, failures: dict[int, str] | None = None) -> bytes:
    """The bank's file; `failures` by serial."""
    payments = content.payments(content.lines_of(batch))
    return bank_files.answer(
        batch.profile,
        batch.number,
        payments,
        failures={
            p.number: (failures or {})[p.serial] for p in payments if p.serial in (failures or {})
        },
        on=PAY_DAY,
    )


def returned(its: Aid, failures: dict[int, str] | None = None) -> PaymentBatch:
    """A batch that the bank answered."""
    batch = sent(its)
    actions.apply_return(
        batch=batch, content=answer(batch, failures), filename="回盘.xlsx", by=its.staffed.finance
    )
    batch.refresh_from_db()
    return batch


def pay(its: Aid, batch: PaymentBatch, failures: dict[int, str] | None = None) -> PaymentBatch:
    """A draft on its whole way to the bank's answer."""
    people = its.staffed
    batch = actions.freeze(batch=batch, by=people.finance)
    batch = actions.approve(batch=batch, content_hash=batch.content_hash, by=people.reviewer)
    batch = actions.send(batch=batch, by=people.finance)
    uploaded = answer(batch, failures)
    actions.apply_return(batch=batch, content=uploaded, filename="回盘.xlsx", by=people.finance)
    batch.refresh_from_db()
    return batch


def award_of(someone: Student) -> Award:
    """The student's only award."""
    return Award.objects.get(student=someone)


def award_all(its: Aid, found: list[Case]) -> list[Award]:
    """Awards of cases, whatever would hold them."""
    return [
        Award.objects.create(
            school=its.school,
            student=one.student,
            programme=its.programme,
            term=its.term,
            round=its.round,
            case=one,
            tier=its.tier,
            amount_fen=its.tier.amount_fen,
            granted_by=its.staffed.operator.person,
            granted_at=clock.now(),
        )
        for one in found
    ]


def run_sql(statement: str, *values: Any) -> None:
    """One statement as the application's role, undone alone when it fails."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def commit(*deeds: Callable[[], Any]) -> None:
    """Deeds and then what the database checks at the end of a transaction, undone together."""
    with transaction.atomic():
        for deed in deeds:
            deed()
        run_sql("SET CONSTRAINTS ALL IMMEDIATE")
        run_sql("SET CONSTRAINTS ALL DEFERRED")
