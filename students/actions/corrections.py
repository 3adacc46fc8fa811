"""更正证件: the aid officer proposes, a second person of the school signs, the roster follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db import IntegrityError, transaction
from django.db.models import Q

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if, why_not_said
from privacy.fields import blind_id
from privacy.identity import name_key
from schools import clock
from schools.models import Appointment
from students.actions.settling import (
    end_tags_by_number,
    exchange_tags,
    held_questions,
    settle_questions,
)
from students.models import IdentityCorrection, Student, blind_enrolment
from students.rules.corrections import (
    Identity,
    answers,
    checked,
    proposes,
    why_left,
    why_not_propose,
    words_of,
)
from students.rules.names import pinyin_of
from students.rules.roster.difference import enrolled_elsewhere
from students.rules.sight import why_not_reveal

FIELDS: Mapping[str, str] = {"id_number": "更正后的证件号码", "enrolment_no": "更正后的学籍号"}
DERIVED = ("name_key", "pinyin", "initials", "id_blind", "enrolment_blind")


@transaction.atomic
def propose_correction(
    *, student: Student, told: Identity, reason: str, by: Appointment
) -> IdentityCorrection:
    """Ask that a student's document, numbers, name, birth date or sex be put right.

    An empty number stays as it is. Raises `Refused` with everything that is wrong: a false check
    digit, a birth date or sex that the number contradicts, a number that another student has here
    or who is enrolled elsewhere, or a correction under way.
    """
    row = moves.lock(student)
    now = Identity.of(row)
    fair = checked(now, told, today=clock.today())
    refuse_if(
        [
            *why_not_propose(student=row, reason=reason, by=by),
            *fair.reasons,
            *_taken(row, now, fair.told),
        ]
    )
    changed = now.differs(fair.told)
    made = IdentityCorrection(
        school_id=row.school_id,
        student=row,
        fields=changed,
        reason=reason.strip()[:120],
        proposed_by=by.person,
        proposed_at=clock.now(),
    )
    made.before, made.after = now.packed(), fair.told.packed()
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "correction_open_once" not in str(error):
            raise
        mend = "请先在“更正证件”中审核或撤回"
        raise Refused([Reason(f"{row.name}已有待审核的更正", mend)]) from None
    record(
        by=by,
        verb="identitycorrection.propose",
        label="提请更正证件",
        subject=made,
        at=clock.now(),
        about_id=row.pk,
        facts={"fields": changed},
        reason=made.reason,
    )
    return made


@transaction.atomic
def sign_correction(*, correction: IdentityCorrection, by: Appointment) -> IdentityCorrection:
    """Put it right on the roster; what stood there stays in the correction, sealed.

    Both halves of an exchange are signed at once. Tags that lists left by the number end, or go on
    with who has it now; questions of lists that the new number answers are answered. Raises
    `Refused` for the person who proposed it, when the roster has changed since, for numbers that
    somebody else has meanwhile, and while a list is being matched.
    """
    halves = [_Half.of(row) for row in _locked(correction)]
    refuse_if(_why_not_sign(halves, by))
    _write(halves)
    students = [half.student for half in halves]
    renumbered = any("id_number" in half.row.fields for half in halves)
    questions = held_questions(students, renumbered=renumbered)
    told = _settle_tags(halves)
    settle_questions(questions=questions, students=students, by=by)
    for half in halves:
        facts = {"fields": half.row.fields, "exchange": len(halves) == 2} | told[half.student.pk]
        moves.make(half.row, "sign", by=by, at=clock.now(), about_id=half.student.pk, facts=facts)
    return next(half.row for half in halves if half.row.pk == correction.pk)


@transaction.atomic
def refuse_correction(
    *, correction: IdentityCorrection, reason: str, by: Appointment
) -> IdentityCorrection:
    """The second person is not convinced, and says why; the roster stays as it is."""
    rows = _locked(correction)
    found = [
        reason
        for row in rows
        for reason in (
            *moves.why_not(row, "refuse"),
            *answers(row, by),
        )
    ]
    found += why_not_said(reason, "没有写明退回的原因", "请填写，经办会看到")
    refuse_if(list(dict.fromkeys(found)))
    answer = reason.strip()[:120]
    for row in rows:
        moves.make(
            row,
            "refuse",
            by=by,
            at=clock.now(),
            about_id=row.student_id,
            reason=answer,
            answer=answer,
        )
    return next(row for row in rows if row.pk == correction.pk)


@transaction.atomic
def withdraw_correction(*, correction: IdentityCorrection, by: Appointment) -> IdentityCorrection:
    """Take back what is not signed yet. Raises `Refused` for all but the school's officer."""
    rows = _locked(correction)
    found = [*proposes(correction.school_id, by)]
    refuse_if([*found, *(why for row in rows for why in moves.why_not(row, "withdraw"))])
    for row in rows:
        moves.make(row, "withdraw", by=by, at=clock.now(), about_id=row.student_id)
    return next(row for row in rows if row.pk == correction.pk)


@transaction.atomic
def reveal_correction(
    *, correction: IdentityCorrection, field: str, reason: str, by: Appointment
) -> str:
    """The clear new number, once, for a reason: whoever signs holds it against the document.

    Raises `Refused` without a reason, or for someone who may not see it.
    """
    school_class = correction.student.school_class
    refuse_if(why_not_reveal(by, school_class, known=field in FIELDS, reason=reason))
    record(
        by=by,
        verb="identitycorrection.reveal",
        label=f"查看{FIELDS[field]}",
        subject=correction,
        at=clock.now(),
        about_id=correction.student_id,
        facts={"field": field},
        reason=reason.strip(),
    )
    return str(getattr(Identity.unpacked(correction.after.reveal()), field))


def _taken(student: Student, now: Identity, told: Identity) -> list[Reason]:
    """Who has the new numbers already, here or elsewhere; which school is never told."""
    blind = blind_id(told.id_number) if told.id_number != now.id_number else b""
    enrolled = blind_enrolment(told.enrolment_no) if told.enrolment_no != now.enrolment_no else b""
    others = Student.objects.for_school(student.school).exclude(pk=student.pk)
    held = others.filter(Q(id_blind=blind) | Q(enrolment_blind=enrolled)).order_by("pk")
    found = []
    for other in held[:3]:
        what = "证件号码" if other.id_blind == blind else "学籍号"
        found.append(
            Reason(
                f"本校{other.get_status_display()}的{other.name}已用这个{what}",
                "请对照证件核对；如是同一人重复登记，请先注销多余的一条"
                if other.status != Student.Status.LEFT
                else "如是同一人，请在那一条上登记转入",
            )
        )
    if blind and enrolled_elsewhere(student.school, [blind]):
        found.append(Reason("这个证件号码在别的学校有在籍学籍", "请与区教育局核对后再更正"))
    return found


def _locked(correction: IdentityCorrection) -> list[IdentityCorrection]:
    """The correction, or both halves of its exchange, each under a lock, in one order."""
    ids = [correction.pk]
    if correction.pair is not None:
        both = IdentityCorrection.objects.filter(
            school_id=correction.school_id, pair=correction.pair
        )
        ids = list(both.order_by("pk").values_list("pk", flat=True))
    return [moves.lock(IdentityCorrection(pk=pk, school_id=correction.school_id)) for pk in ids]


@dataclass(slots=True)
class _Half:
    """One student's part of a correction: what stood there, what shall stand there."""

    row: IdentityCorrection
    student: Student
    before: Identity
    after: Identity

    @classmethod
    def of(cls, row: IdentityCorrection) -> Self:
        """With the student under a lock."""
        before, after = (Identity.unpacked(s.reveal()) for s in (row.before, row.after))
        return cls(row, moves.lock(row.student), before, after)


def _why_not_sign(halves: Sequence[_Half], by: Appointment) -> list[Reason]:
    reasons: list[Reason] = []
    for half in halves:
        row, student = half.row, half.student
        found = [
            *moves.why_not(row, "sign"),
            *answers(row, by),
            *why_left(student),
        ]
        if not found:
            now = Identity.of(student)
            # Who exchange their numbers have each other's, and nobody else can have them.
            found += [] if row.pair else _taken(student, now, half.after)
            if now != half.before:
                changed = words_of(now.differs(half.before))
                found.append(Reason(f"提请之后{changed}有变动", "请退回，由经办核对后重新提请"))
        reasons += found
    return list(dict.fromkeys(reasons))


def _write(halves: Sequence[_Half]) -> None:
    try:
        with transaction.atomic():
            if len(halves) == 2:
                _set_aside(halves[0].student)
            for half in reversed(halves):
                _write_one(half.student, half.after, half.row.fields)
    except IntegrityError as error:
        if "once" not in str(error):
            raise
        raise Refused([Reason("名册中另有学生刚用了这个号码", "请核对后再审核")]) from None


def _settle_tags(halves: Sequence[_Half]) -> dict[int, dict[str, list[str]]]:
    """By student, the groups whose tags ended with the number and those that came with it."""
    if len(halves) == 2:
        first, second = (half.student for half in halves)
        went = exchange_tags(first, second)
        return {
            mine.pk: {"tags_ended": went[mine.pk], "tags_moved_here": went[other.pk]}
            for mine, other in ((first, second), (second, first))
        }
    (half,) = halves
    ended = end_tags_by_number(half.student) if "id_number" in half.row.fields else []
    return {half.student.pk: {"tags_ended": ended}}


def _set_aside(student: Student) -> None:
    """The first of two gives his numbers up before the second takes them: a key is never shared."""
    nobody = blind_id(f"exchange {student.pk}")
    Student.objects.filter(school_id=student.school_id, pk=student.pk).update(
        id_blind=nobody, enrolment_blind=None
    )


def _write_one(student: Student, told: Identity, changed: list[str]) -> None:
    for name in changed:
        setattr(student, name, getattr(told, name))
    student.name_key = name_key(told.name)
    if "name" in changed:
        student.pinyin, student.initials = pinyin_of(told.name)
    student.id_blind = blind_id(told.id_number)
    student.enrolment_blind = blind_enrolment(told.enrolment_no) if told.enrolment_no else None
    student.save(update_fields=[*changed, *DERIVED])
