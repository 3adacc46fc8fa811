"""The codes on the letters to a class's families."""

import secrets

from django.db import IntegrityError, transaction

from applications import queue
from applications.models import AccessCode, Round
from applications.rules import family as rules
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from privacy.sealing import blind
from schools import clock
from schools.models import Appointment
from schools.roles import Role
from students.models import SchoolClass


def blind_code(code: str) -> bytes:
    """Blind index of an access code as typed by `rules.family.typed_code`."""
    return blind("family_code", code)


@transaction.atomic
def issue_code(*, round_: Round, school_class: SchoolClass, by: Appointment) -> AccessCode:
    """A new code for a class's families in a recognition round; the class's older one is void.

    Raises `Refused` when the round is closed or a programme's, or the class is not one's own.
    """
    round_ = moves.lock(round_)
    refuse_if(_why_not(round_, school_class, by))
    now = clock.now()
    older = AccessCode.objects.filter(
        school_id=round_.school_id, round=round_, school_class=school_class, voided_at=None
    )
    replaced = older.update(voided_at=now)
    code = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))
    issued = AccessCode(
        school_id=round_.school_id,
        round=round_,
        school_class=school_class,
        code_blind=blind_code(code),
        issued_by=by.person,
        issued_at=now,
    )
    issued.code = code
    try:
        with transaction.atomic():
            issued.save()
    except IntegrityError as error:
        raise Refused([Reason("这个班刚刚发了新编码", "刷新页面，打印新的信")]) from error
    record(
        by=by,
        verb="access_code.issue",
        label="重发家长填报码" if replaced else "发家长填报码",
        subject=issued,
        at=now,
        facts={"round": round_.pk, "class": school_class.pk, "voided": replaced},
    )
    return issued


@transaction.atomic
def issue_missing_codes(*, round_: Round, by: Appointment) -> list[AccessCode]:
    """A first code for each of one's classes that has none."""
    round_ = moves.lock(round_)
    there = AccessCode.objects.filter(
        school_id=round_.school_id, round=round_, voided_at=None
    ).values("school_class_id")
    classes = queue.classes_of(by).exclude(pk__in=there)
    return [issue_code(round_=round_, school_class=c, by=by) for c in classes]


@transaction.atomic
def read_codes(*, round_: Round, classes: list[SchoolClass], by: Appointment) -> dict[int, str]:
    """The live codes in clear text by class, to print the letters; recorded.

    Raises `Refused` when none of the classes has one, or a class is not one's own.
    """
    refuse_if(r for c in classes for r in _why_not(round_, c, by))
    live = AccessCode.objects.filter(
        school_id=round_.school_id, round=round_, school_class__in=classes, voided_at=None
    )
    found = {c.school_class_id: c.code.reveal() for c in live}
    if not found:
        raise Refused([Reason("还没有填报码", "先生成填报码")])
    record(
        by=by,
        verb="round.print_letters",
        label="打印致家长的信",
        subject=round_,
        at=clock.now(),
        facts={"classes": sorted(found)},
    )
    return found


def _why_not(round_: Round, school_class: SchoolClass, by: Appointment) -> list[Reason]:
    return rules.why_not_issue(
        round_,
        leads=school_class.pk in queue.led_class_ids(by),
        names_class=school_class.school_id == round_.school_id == by.organisation_id,
        operator=by.role == Role.OPERATOR,
    )
