"""转学: one school proposes and signs, the other takes the student into a class."""

import json
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from privacy.fields import blind_id
from privacy.identity import name_key
from schools import clock
from schools.models import Appointment, School
from students.actions.enrolment import change_enrolment, left_there
from students.models import (
    EnrolmentChange,
    Guardian,
    SchoolClass,
    Student,
    Transfer,
    blind_enrolment,
)
from students.rules.proposals import by_operator, by_second
from students.rules.transfer import (
    PLAIN,
    SEALED,
    packed,
    why_not_accept,
    why_not_arrive,
    why_not_propose,
    why_not_there,
)
from students.stages import stages_of
from students.transfer_queue import away_before


@transaction.atomic
def propose_transfer(
    *, student: Student, to_school: School, on: date, reason: str, by: Appointment
) -> Transfer:
    """Ask that the student be handed to another school; nothing goes there before it is signed.

    Raises `Refused` for someone who left, a school without classes of his stage, a day to come,
    no reason, or a transfer under way.
    """
    row = moves.lock(student)
    refuse_if(
        why_not_propose(student=row, to_school=to_school, on=on, reason=reason, today=clock.today())
        + why_not_there(student=row, to_school=to_school, stages=stages_of(to_school))
    )
    try:
        with transaction.atomic():
            made: Transfer = Transfer.objects.create(
                school_id=row.school_id,
                student=row,
                to_school=to_school,
                name=row.name,
                on=on,
                reason=reason.strip(),
                proposed_by=by.person,
                proposed_at=clock.now(),
            )
    except IntegrityError as error:
        if "transfer_open_once" not in str(error):
            raise
        raise Refused([Reason(f"{row.name}已在办理转学", "请在“转学”中查看")]) from None
    record(
        by=by,
        verb="transfer.propose",
        label="提请转出",
        subject=made,
        at=clock.now(),
        about_id=row.pk,
        facts={"to_school": to_school.pk, "on": on.isoformat()},
        reason=reason.strip(),
    )
    return made


@transaction.atomic
def sign_transfer(*, transfer: Transfer, by: Appointment) -> Transfer:
    """Let the student go: he leaves here, and his facts go along, sealed.

    Raises `Refused` for the person who proposed it, or when it is no longer open.
    """
    row = moves.lock(transfer)
    second = by_second("转出", proposed_by_id=row.proposed_by_id, school_id=row.school_id, by=by)
    refuse_if([*moves.why_not(row, "sign"), *second])
    gone = change_enrolment(
        student=Student.objects.get(pk=row.student_id),
        kind=EnrolmentChange.Kind.TRANSFER_OUT,
        on=row.on,
        reason=f"转往{row.to_school}，{row.reason}"[:200],
        by=by,
    )
    # Under the student's lock: what is put right of him meanwhile goes along.
    student = Student.objects.get(pk=row.student_id)
    guardians = Guardian.objects.filter(school_id=row.school_id, student=student).order_by("pk")
    return moves.make(
        row,
        "sign",
        by=by,
        at=clock.now(),
        about_id=student.pk,
        papers=packed(student, list(guardians)),
        away_since=away_before(gone),
    )


@transaction.atomic
def withdraw_transfer(*, transfer: Transfer, by: Appointment) -> Transfer:
    """Take back what is not signed yet; raises `Refused` for anyone but the school's officer."""
    row = moves.lock(transfer)
    refuse_if(by_operator("转学", "撤回", school_id=row.school_id, by=by))
    return moves.make(row, "withdraw", by=by, at=clock.now(), about_id=row.student_id)


@transaction.atomic
def accept_transfer(
    *,
    transfer: Transfer,
    school: School,
    to_class: SchoolClass,
    by: Appointment,
    on: date | None = None,
) -> Student:
    """Take the student into a class of this school; one who was here before is the same row.

    `on` is the day on which he came, else the one on which he left the other school: however late
    the transfer is answered, no month is lost. Raises `Refused` for anyone but the school's
    officer, when it is answered already, for a class that is not here or of another stage, a day
    on which he can't have come, and when the student is on the roster.
    """
    row = _answered(transfer, "accept")
    came_on = on or row.on
    facts: dict[str, Any] = json.loads(row.papers.reveal() or "{}")
    blind = blind_id(facts["id_number"])
    before = Student.objects.for_school(school).filter(id_blind=blind).order_by("pk")
    known = list(before.select_for_update(of=("self",), no_key=True))
    present = any(s.status != Student.Status.LEFT for s in known)
    refuse_if(
        by_operator("转入", "接收", school_id=school.pk, by=by)
        + why_not_accept(transfer=row, school=school, to_class=to_class, present=present)
        + why_not_arrive(
            transfer=row,
            on=came_on,
            today=clock.today(),
            stage=facts.get("stage", ""),
            to_class=to_class,
        )
    )
    student: Student
    if known:
        student = known[-1]
        _renew(student, facts)
        change_enrolment(
            student=student,
            kind=EnrolmentChange.Kind.TRANSFER_IN,
            on=came_on,
            reason=f"自{row.school}转回",
            to_class=to_class,
            transfer=row,
            by=by,
        )
    else:
        student = _enter(facts, blind, row, came_on, to_class, by)
    _answer(row, "accept", by=by, organisation=school, about=student)
    return student


@transaction.atomic
def decline_transfer(
    *, transfer: Transfer, school: School, reason: str, by: Appointment
) -> Transfer:
    """Send the student back, with the reason; the other school enrols him again."""
    row = _answered(transfer, "decline")
    reasons = by_operator("转入", "退回", school_id=school.pk, by=by)
    if row.to_school_id != school.pk:
        reasons.append(Reason("这名学生不是转到本校的", "请核对转学单"))
    if not reason.strip():
        reasons.append(Reason("没有写明退回的原因", "请填写，对方学校会看到"))
    refuse_if(reasons)
    row.answer = reason.strip()[:120]
    _answer(row, "decline", by=by, organisation=school)
    return row


def _answered(transfer: Transfer, verb: str) -> Transfer:
    # Once answered the row can't be locked any more: for this school it is read only.
    fresh = Transfer.objects.get(pk=transfer.pk)
    refuse_if(moves.why_not(fresh, verb))
    try:
        return moves.lock(fresh)
    except Transfer.DoesNotExist:
        raise Refused([Reason("已经答复过", "请刷新页面，查看最新状态")]) from None


def _answer(
    row: Transfer,
    verb: str,
    *,
    by: Appointment,
    organisation: School,
    about: Student | None = None,
) -> None:
    """The receiver's move: its own chain takes the event, since it can't write the other's."""
    chosen = next(m for m in Transfer.MOVES if m.verb == verb)
    row.status = chosen.target
    setattr(row, f"{verb}_at", clock.now())
    setattr(row, f"{verb}_by_id", by.person_id)
    row.save(update_fields=["status", "answer", f"{verb}_at", f"{verb}_by_id"])
    record(
        by=by,
        verb=f"transfer.{verb}",
        label=chosen.label,
        subject=row,
        at=clock.now(),
        organisation_id=organisation.pk,
        about_id=about.pk if about else None,
        facts={"from_school": row.school_id},
        reason=row.answer,
    )


def _renew(student: Student, facts: dict[str, Any]) -> None:
    """What the other school knew is newer than what was known when the student left.

    就读方式 is this school's own: it is stated again, with its day.
    """
    plain = {n: facts[n] for n in PLAIN if n in facts and n != "boarding"}
    told = plain | {n: facts[n] for n in SEALED if facts.get(n) and n != "id_number"}
    # A passport's number says nothing of it, so it may have been put right there.
    told["birth_date"] = date.fromisoformat(facts["birth_date"])
    for name, value in told.items():
        setattr(student, name, value)
    if facts["enrolment_no"]:
        student.enrolment_blind = blind_enrolment(facts["enrolment_no"])
    student.save(update_fields=[*told, "enrolment_blind", "phone_blind"])
    known = {g.name_key: g for g in student.guardians.all()}
    for guardian in facts["guardians"]:
        now = known.get(name_key(guardian["name"]))
        if now is None:
            Guardian.objects.create(school=student.school, student=student, **guardian)
            continue
        for name, value in guardian.items():
            if value:
                setattr(now, name, value)
        now.save()


def _enter(
    facts: dict[str, Any],
    blind: bytes,
    row: Transfer,
    came_on: date,
    to_class: SchoolClass,
    by: Appointment,
) -> Student:
    school = to_class.school
    student = Student(
        school=school,
        school_class=to_class,
        id_blind=blind,
        birth_date=date.fromisoformat(facts["birth_date"]),
        entered_on=came_on,
        # One signed before a fact was recorded tells nothing of it.
        **{name: facts[name] for name in PLAIN if name in facts},
    )
    for name in SEALED:
        setattr(student, name, facts.get(name) or None)
    if facts["enrolment_no"]:
        student.enrolment_blind = blind_enrolment(facts["enrolment_no"])
    try:
        with transaction.atomic():
            student.save()
    except IntegrityError as error:
        if "once" not in str(error):
            raise
        raise Refused([Reason(f"本校名册中已有{row.name}的在籍记录", "请刷新页面")]) from None
    for guardian in facts["guardians"]:
        Guardian.objects.create(school=school, student=student, **guardian)
    EnrolmentChange.objects.create(
        school=school,
        student=student,
        kind=EnrolmentChange.Kind.TRANSFER_IN,
        on=came_on,
        reason=f"自{row.school}转入",
        to_class=to_class,
        **left_there(row),
        recorded_by=by.person,
        recorded_at=clock.now(),
    )
    return student
