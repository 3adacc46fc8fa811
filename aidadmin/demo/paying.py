"""The second half of the demonstration's term: cards, awards, payment, and the screening."""

from datetime import date, timedelta

from django.db.models import Sum

from aidadmin.demo import files
from aidadmin.demo.days import on, programme_of, term
from aidadmin.demo.district import DemoSchool
from applications.models import Round
from disbursement import actions as disbursement
from disbursement.models import Award, PaymentBatch
from disbursement.upkeep import duties
from review.models import Case
from schools import clock
from screening import actions as screening
from screening.models import Screening
from screening.queue import rows_of_class
from students.models import SchoolClass, Student

# --- money ---


def issue_cards(demo: DemoSchool) -> None:
    """19 October: cards registered and checked by a second person; then activated by holders."""
    with on(date(2026, 10, 19), demo):
        waiting = Student.objects.filter(cases__status=Case.Status.CONFIRMED).distinct()
        # Two students have no card yet; their payments wait.
        cards = [
            disbursement.register_card(
                student=student,
                number=demo.invention.card(),
                bank="示范银行样例支行",
                holder=student.name,
                by=demo.finance,
            )
            for number, student in enumerate(waiting.order_by("pk"))
            if number not in (5, 9)
        ]
        disbursement.check_cards(cards=cards, by=demo.reviewer)
    # Holders go to the bank themselves, a few each day.
    with on(date(2026, 11, 6), demo):
        for number in range(10):
            disbursement.activate_cards(
                cards=cards[number::10],
                on=date(2026, 10, 26) + timedelta(days=number),
                by=demo.finance,
            )


def award(demo: DemoSchool, round_: Round) -> None:
    """26 October: awards are granted; 20 November: the money arrives and is confirmed."""
    with on(date(2026, 10, 26), demo):
        disbursement.grant_awards(round_=round_, by=demo.operator)
    with on(date(2026, 11, 20), demo):
        fund = disbursement.record_fund(
            school=demo.school,
            programme=programme_of(demo),
            term=round_.term,
            document_no="示财教〔2026〕18号",
            amount_fen=_needed(demo, round_),
            received_on=clock.today(),
            by=demo.finance,
        )
        disbursement.confirm_fund(fund=fund, by=demo.reviewer)


def enter_lists(demo: DemoSchool, round_: Round) -> None:
    """28 October: September and October entered into the national system, and checked."""
    with on(date(2026, 10, 28), demo):
        entries = [
            disbursement.note_entered(
                school=demo.school,
                programme=duty.programme,
                term=duty.term,
                month=duty.month,
                shown=duty.mark,
                by=demo.operator,
            )
            for duty in duties(demo.school, round_.term)
        ]
    with on(date(2026, 10, 29), demo):
        for entry in entries:
            disbursement.check_entry(entry=entry, by=demo.reviewer)


def _needed(demo: DemoSchool, round_: Round) -> int:
    awards = Award.objects.for_school(demo.school).filter(round=round_, status="granted")
    return int(awards.aggregate(total=Sum("amount_fen"))["total"] or 0) + 100_000


def pay(demo: DemoSchool, round_: Round) -> PaymentBatch:
    """23–25 November: drafted, frozen, approved by a second person, sent to the bank."""
    with on(date(2026, 11, 23), demo):
        batch = disbursement.draft_batch(
            school=demo.school, programme=programme_of(demo), term=round_.term, by=demo.operator
        )
    with on(date(2026, 11, 24), demo):
        batch = disbursement.freeze(batch=batch, by=demo.finance)
    with on(date(2026, 11, 25), demo):
        batch = disbursement.approve(batch=batch, content_hash=batch.content_hash, by=demo.reviewer)
        return disbursement.send(batch=batch, by=demo.finance, profile="xlsx")


def settle(demo: DemoSchool, batch: PaymentBatch, day: date, failures: int) -> PaymentBatch:
    """The bank's return: a few accounts fail."""
    with on(day, demo):
        content = files.bank_return(batch, failures=failures, on=day)
        disbursement.apply_return(
            batch=batch, content=content, filename=f"回盘.{batch.profile}", by=demo.finance
        )
        batch.refresh_from_db()
        return batch


def pay_again(demo: DemoSchool, batch: PaymentBatch) -> None:
    """30 November to 4 December: the returned payments are paid by a follow-up batch."""
    with on(date(2026, 11, 30), demo):
        again = disbursement.follow_up(batch=batch, by=demo.operator)
        again = disbursement.freeze(batch=again, by=demo.finance)
        again = disbursement.approve(batch=again, content_hash=again.content_hash, by=demo.reviewer)
        again = disbursement.send(batch=again, by=demo.finance, profile="txt")
    again = settle(demo, again, date(2026, 12, 2), failures=0)
    with on(date(2026, 12, 4), demo):
        disbursement.close(batch=again, by=demo.finance)
        disbursement.close(batch=batch, by=demo.finance)


# --- the screening ---


def screen(demo: DemoSchool) -> Screening:
    """1–14 December: verified student by student, filled in, reviewed, signed."""
    with on(date(2026, 12, 1), demo):
        opened = screening.open_screening(school=demo.school, term=term(), by=demo.operator)
    with on(date(2026, 12, 7), demo):
        for row in demo.classes:
            verify_class(demo, opened, row)
    with on(date(2026, 12, 10), demo):
        screening.fill(
            screening=opened,
            full_coverage="no",
            coverage_reason="个别学生尚未申请，已列入应助未助名单限期办理",
            by=demo.operator,
        )
    with on(date(2026, 12, 11), demo):
        screening.review(screening=opened, by=demo.reviewer)
    with on(date(2026, 12, 14), demo):
        screening.sign(screening=opened, by=demo.leader)
    return opened


def verify_class(demo: DemoSchool, opened: Screening, row: SchoolClass) -> None:
    """A head teacher confirms what the facts say, then explains each 应助未助."""
    teacher = demo.teachers[row.name]
    screening.verify_rest(screening=opened, school_class=row, by=teacher)
    for left in rows_of_class(opened, row).filter(result=""):
        screening.verify(
            row=left,
            result="unaided",
            reason="家长尚未提交助学金申请",
            measure="上门说明政策，帮助补办申请",
            measure_due_on=date(2026, 12, 31),
            by=teacher,
        )
