"""Rows of the lower floors that the screening reads, made directly and within the constraints."""

from datetime import date
from itertools import count

from applications.models import Application, HouseholdSurvey, Programme, Round, Tier
from disbursement.models import Award, PaymentBatch, PaymentLine
from office.models import StoredFile
from review.models import Case, Meeting, Recognition
from schools import clock
from schools.models import Term
from students.models import SpecialGroup, SpecialGroupTag, Student
from tests.cast import Staffed

_numbers = count(1)
START = date(2026, 9, 1)


def group(
    cell: int, *, rural_only: bool = False, counts_ungraded: bool = True, code: str = ""
) -> SpecialGroup:
    """A special group that falls into one category."""
    code = code or f"t{cell}{'r' if rural_only else ''}{'u' if counts_ungraded else ''}"
    return SpecialGroup.objects.get_or_create(
        code=code,
        defaults={
            "name": f"群体{code}"[:32],
            "department": "民政",
            "order": 90,
            "cell": cell,
            "rural_only": rural_only,
            "counts_ungraded": counts_ungraded,
            "valid_from": date(2020, 1, 1),
        },
    )[0]


def tag(student: Student, of: SpecialGroup, **facts: object) -> SpecialGroupTag:
    """A live tag."""
    return SpecialGroupTag.objects.create(
        school_id=student.school_id,
        student=student,
        group=of,
        source="民政名单",
        recorded_at=clock.now(),
        **{"valid_from": date(2026, 1, 1), **facts},
    )


def round_of(staffed: Staffed, term: Term, programme: Programme | None = None) -> Round:
    """A recognition round, or a programme's."""
    return Round.objects.get_or_create(
        school=staffed.school,
        term=term,
        kind="programme" if programme else "recognition",
        programme=programme,
        defaults={
            "opens_on": term.starts_on,
            "closes_on": term.ends_on,
            "opened_by": staffed.operator.person,
            "opened_at": clock.now(),
        },
    )[0]


def meeting(staffed: Staffed, round_: Round) -> Meeting:
    """The round's one meeting."""
    return Meeting.objects.get_or_create(
        school=staffed.school,
        round=round_,
        defaults={
            "held_at": clock.now(),
            "place": "会议室",
            "topic": "审定",
            "chair": staffed.leader.person,
            "recorder": staffed.operator.person,
            "status": "confirmed",
            "decide_by": staffed.operator.person,
            "decide_at": clock.now(),
            "confirm_by": staffed.reviewer.person,
            "confirm_at": clock.now(),
        },
    )[0]


def case(staffed: Staffed, round_: Round, student: Student, grade: str = "") -> Case:
    """A confirmed case of a submitted application."""
    application = Application.objects.create(
        school=staffed.school,
        round=round_,
        student=student,
        number=f"N{next(_numbers):05d}",
        status="submitted",
        channel="office",
        entered_by=staffed.operator.person,
        entered_at=clock.now(),
        submit_by=staffed.operator.person,
        submit_at=clock.now(),
    )
    return Case.objects.create(
        school=staffed.school,
        application=application,
        round=round_,
        student=student,
        school_class_id=student.school_class_id,
        status="confirmed",
        points=66,
        advised_grade=grade,
        appraised_grade=grade,
        proposed_grade=grade,
        decided_grade=grade,
        meeting=meeting(staffed, round_),
        decide_by=staffed.operator.person,
        decide_at=clock.now(),
        confirm_by=staffed.reviewer.person,
        confirm_at=clock.now(),
    )


def recognise(staffed: Staffed, student: Student, term: Term, grade: str) -> Recognition:
    """A grade for the term's year."""
    its_case = Case.objects.filter(student=student, round__term__year=term.year).first() or case(
        staffed, round_of(staffed, term), student, grade
    )
    return Recognition.objects.create(
        school=staffed.school,
        student=student,
        year=term.year,
        grade=grade,
        case=its_case,
        decided_by=staffed.operator.person,
        confirmed_by=staffed.reviewer.person,
        valid_from=term.starts_on,
    )


def disaster(staffed: Staffed, student: Student, term: Term) -> HouseholdSurvey:
    """A survey that tells of a natural disaster."""
    its_case = case(staffed, round_of(staffed, term), student)
    return HouseholdSurvey.objects.create(
        school=staffed.school, application=its_case.application, natural_disaster="水灾"
    )


def programme(kind: str = "grant", source: str = "state", name: str = "国家助学金") -> Programme:
    """A programme with two tiers, the first the highest."""
    made = Programme.objects.create(
        code=f"p{next(_numbers)}",
        name=name,
        source=source,
        kind=kind,
        stage="senior",
        money_cadence="per_term",
        entry_cadence="per_term",
        valid_from=date(2020, 1, 1),
    )
    for rank, (label, fen) in enumerate((("一档", 150_000), ("二档", 115_000)), start=1):
        Tier.objects.create(
            programme=made,
            code=f"t{rank}",
            label=label,
            rank=rank,
            amount_fen=fen,
            valid_from=date(2020, 1, 1),
        )
    return made


def award(
    staffed: Staffed, student: Student, term: Term, of: Programme, *, rank: int = 1, **facts: object
) -> Award:
    """A standing award of the term."""
    round_ = round_of(staffed, term, of)
    tier = of.tiers.get(rank=rank)
    return Award.objects.create(
        school=staffed.school,
        student=student,
        programme=of,
        term=term,
        round=round_,
        case=case(staffed, round_, student),
        tier=tier,
        amount_fen=tier.amount_fen,
        granted_by=staffed.operator.person,
        granted_at=clock.now(),
        **facts,
    )


def batch(staffed: Staffed, of: Programme, term: Term) -> PaymentBatch:
    """A batch being drafted."""
    return PaymentBatch.objects.create(
        school=staffed.school,
        number=f"B{next(_numbers):05d}",
        programme=of,
        term=term,
        drafted_by=staffed.finance.person,
        drafted_at=clock.now(),
    )


def _send(staffed: Staffed, sent: PaymentBatch, total: int) -> None:
    person, moment = staffed.finance.person, clock.now()
    file = StoredFile.objects.create(
        organisation_id=staffed.school.pk,
        name="bank.xlsx",
        purpose="bank",
        media_type="x",
        size=1,
        sha256="0" * 64,
        path=f"none/{staffed.school.pk}/{sent.number}",
        created_at=moment,
    )
    frozen = {"line_count": 1, "total_fen": total, "content_hash": "a" * 64}
    steps = (
        {"status": "frozen", "freeze_by": person, "freeze_at": moment, **frozen},
        {
            "status": "approved",
            "approved_hash": "a" * 64,
            "approve_by": staffed.reviewer.person,
            "approve_at": moment,
        },
        {"status": "sent", "send_by": person, "send_at": moment, "bank_file": file},
    )
    for step in steps:
        PaymentBatch.objects.filter(pk=sent.pk).update(**step)


def pay(
    staffed: Staffed, of: Award, on: date = date(2026, 11, 20), status: str = "paid"
) -> PaymentLine:
    """The award's money arrived (or came back)."""
    sent = batch(staffed, of.programme, of.term)
    line = PaymentLine.objects.create(
        school=staffed.school,
        batch=sent,
        award=of,
        student=of.student,
        number=f"L{next(_numbers):06d}",
        serial=1,
        name=of.student.name,
        class_name="高一（1）班",
        bank="示范银行",
        card_number="6200000000000002046",
        amount_fen=of.amount_fen,
    )
    _send(staffed, sent, of.amount_fen)
    note = "账号不符" if status == "failed" else ""
    PaymentLine.objects.filter(pk=line.pk).update(status=status, settled_on=on, bank_note=note)
    return line


def earlier(year: int = 2025, half: int = 1) -> Term:
    """A term before the present one."""
    return Term.objects.get_or_create(
        code=f"{year}-{half}",
        defaults={
            "year": year,
            "half": half,
            "starts_on": date(year if half == 1 else year + 1, 9 if half == 1 else 3, 1),
            "ends_on": date(year + 1, 1 if half == 1 else 7, 20),
        },
    )[0]
