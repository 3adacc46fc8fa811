"""系统录入: the officer notes that a list was entered, a second person checks it."""

from django.db import transaction
from django.db.models import Max

from applications.models import Programme
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from disbursement.conflicts import explained
from disbursement.models import SystemEntry
from disbursement.rules.entries import (
    why_not_check,
    why_not_enter,
    why_not_refuse,
    why_not_withdraw,
)
from disbursement.upkeep import Duty, duty_of
from schools import clock
from schools.models import Appointment, School, Term


@transaction.atomic
def note_entered(
    *, school: School, programme: Programme, term: Term, month: int, shown: str, by: Appointment
) -> SystemEntry:
    """Note that today's list was entered into the national system (rows 0-51 and 0-52).

    `month` counts the term's months from 1, or is 0 for the whole term; `shown` is the mark of the
    list that the officer had before him. Raises `Refused` when there is no such list, when it is
    another one by now, when it is entered already, or waits for its check.
    """
    duty = duty_of(school, programme.pk, term, month)
    if duty is None:
        raise Refused([Reason("没有要录入的名单", "资助名单确定之后，到月才需要录入")])
    refuse_if(why_not_enter(duty, by, shown))
    with explained():
        entry: SystemEntry = SystemEntry.objects.create(
            school=school,
            programme=programme,
            term=term,
            month=month,
            number=_next_number(duty),
            people=duty.people,
            amount_fen=duty.amount_fen,
            held={str(student): fen for student, fen in duty.held.items()},
            entered_by_id=by.person_id,
            entered_at=clock.now(),
        )
    record(
        by=by,
        verb="systementry.enter",
        label="登记系统录入",
        subject=entry,
        at=clock.now(),
        facts={
            "programme": programme.code,
            "term": term.code,
            "month": month,
            "people": entry.people,
            "amount_fen": entry.amount_fen,
        },
    )
    return entry


@transaction.atomic
def check_entry(*, entry: SystemEntry, by: Appointment) -> SystemEntry:
    """A second person compared the national system with the list.

    Raises `Refused` for who entered it, and when the list has changed since.
    """
    entry = moves.lock(entry)
    duty = duty_of(entry.school, entry.programme_id, entry.term, entry.month)
    refuse_if(why_not_check(entry, duty, by))
    with explained():
        return moves.make(entry, "check", by=by, at=clock.now(), facts=_facts(entry))


@transaction.atomic
def refuse_entry(*, entry: SystemEntry, answer: str, by: Appointment) -> SystemEntry:
    """What was entered is not what the list says: the officer enters it again."""
    entry = moves.lock(entry)
    refuse_if(why_not_refuse(entry, by, answer))
    with explained():
        return moves.make(
            entry,
            "refuse",
            by=by,
            at=clock.now(),
            reason=answer.strip(),
            facts=_facts(entry),
            answer=answer.strip()[:120],
        )


@transaction.atomic
def withdraw_entry(*, entry: SystemEntry, by: Appointment) -> SystemEntry:
    """What was noted by mistake: as if it had not been, but for the record of it.

    Raises `Refused` for anyone but the school's officer, and once it is checked or sent back.
    """
    entry = moves.lock(entry)
    refuse_if(why_not_withdraw(entry, by))
    with explained():
        return moves.make(entry, "withdraw", by=by, at=clock.now(), facts=_facts(entry))


def _next_number(duty: Duty) -> int:
    """Those taken back keep theirs."""
    noted = SystemEntry.objects.filter(
        school_id=duty.school_id, programme=duty.programme, term=duty.term, month=duty.month
    )
    return int(noted.aggregate(last=Max("number"))["last"] or 0) + 1


def _facts(entry: SystemEntry) -> dict[str, object]:
    return {"people": entry.people, "amount_fen": entry.amount_fen, "month": entry.month}
