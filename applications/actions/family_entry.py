"""A family's phone names a child: code, name and last six of the ID number; nothing is told away.

Every failure does the same work and gets the same answer. Tries are counted before anything is
looked up, by address, by code and by the child that was named, so that many at once don't slip by.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Replace

from applications.actions.codes import blind_code
from applications.models import AccessCode, EntryTry, FamilyVisit
from applications.rules import family as rules
from audit.events import SystemActor, record
from audit.refusal import Reason, Refused
from privacy.sealing import blind, seal, unseal
from schools import clock
from schools.scope import acting_for, shown_by
from students.models import Student

IDLE = timedelta(minutes=30)
TOUCH = timedelta(minutes=1)
TOKEN_BYTES = 32
KEPT = timedelta(days=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Kind = EntryTry.Kind
# A class's families share a code and may share an address; one child is tried by one family.
LIMITS: dict[str, tuple[timedelta, int]] = {
    Kind.ADDRESS: (HOUR, 300),
    Kind.CODE: (HOUR, 200),
    Kind.CHILD: (HOUR, 6),
    Kind.CHILD_DAY: (DAY, 20),
}
LOCKED = Reason("试的次数太多", "请一小时后再试，或请班主任代为录入")
# A name of the roster is no longer; longer texts are cut before they are compared.
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Named:
    """What was typed at the entry, in the form in which it is compared."""

    code: str
    name: str
    tail: str

    @property
    def child(self) -> str:
        """Whom the tries are counted for, whether it exists or not."""
        return f"{self.code}\x00{self.name}"


def family_of(school_id: int) -> SystemActor:
    """The family as the one who acts: no account, so no person of the staff."""
    return SystemActor(school_id, role="family", actor_name="家长")


def enter(*, code: str, name: str, tail: str, address: str) -> str | None:
    """A token for one child's application, or None when code, name and tail don't fit together.

    `address` is where the request came from. Raises `Refused` when tried too often.
    """
    named = Named(
        rules.typed_code(code)[:LONGEST], rules.typed_name(name)[:LONGEST], rules.typed_tail(tail)
    )
    code_blind = blind_code(named.code)
    access = _code_of(code_blind)
    if over := _count(named, address):
        kind, first = over
        # Once per limit and span: a flood of tries must not become a flood of the school's record.
        if first:
            _record_locked(access, kind)
        raise Refused([LOCKED])
    student = _child_of(access, named)
    if access is None or student is None:
        return None
    return _begin(access, student, named, address)


def _code_of(code_blind: bytes) -> AccessCode | None:
    with shown_by("aid.family", code_blind.hex()):
        return AccessCode.objects.filter(code_blind=code_blind, voided_at=None).first()


def _child_of(access: AccessCode | None, named: Named) -> Student | None:
    # Without a code the same question is asked of nobody's rows, and one seal is opened as well.
    with acting_for(access.school_id if access else None):
        rows = Student.objects.annotate(
            undotted=Replace(Replace("name_key", Value("·")), Value("."))
        ).filter(
            school_id=access.school_id if access else 0,
            school_class_id=access.school_class_id if access else 0,
            undotted=named.name,
        )
        students = [s for s in rows.present()[:4] if _fits(s.id_number.reveal(), named.tail)]
    _fits(unseal(_nobody(), "nobody").decode(), named.tail)
    return students[0] if len(students) == 1 else None


def _fits(id_number: str, tail: str) -> bool:
    wanted = id_number[-rules.TAIL :].upper().encode()
    return len(tail) == rules.TAIL and hmac.compare_digest(wanted, tail.encode())


@cache
def _nobody() -> bytes:
    return seal(b"0" * 18, "nobody")


def _count(named: Named, address: str) -> tuple[str, bool] | None:
    """The limit that this try passes and whether it is the first to pass it; None within all."""
    for kind, key in _keys(named, address).items():
        span, most = LIMITS[kind]
        count = one_more_try(kind, key, span)
        # What is refused here does not use up the wider limits.
        if count > most:
            return kind, count == most + 1
    return None


def _keys(named: Named, address: str) -> dict[str, bytes]:
    tried = {
        Kind.ADDRESS: address,
        Kind.CODE: named.code,
        Kind.CHILD: named.child,
        Kind.CHILD_DAY: named.child,
    }
    return {kind: blind(f"try_{kind}", text) for kind, text in tried.items()}


def one_more_try(kind: str, key: bytes, span: timedelta) -> int:
    """Count one try under a blind key; returns how many there were in this hour or day."""
    # One statement: two tries at once never read the same count.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO applications_entrytry (kind, key, since, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (kind, key, since) DO UPDATE"
            " SET count = applications_entrytry.count + 1 RETURNING count",
            [kind, key, _since(span)],
        )
        (count,) = cursor.fetchone()
    return int(count)


def _since(span: timedelta) -> datetime:
    now = clock.real_now()
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if span == DAY else now.replace(minute=0, second=0, microsecond=0)


def _record_locked(access: AccessCode | None, kind: str) -> None:
    if access is None:
        return
    with acting_for(access.school_id), transaction.atomic():
        record(
            by=family_of(access.school_id),
            verb="access_code.locked",
            label="家长填报试错过多，锁定",
            subject=access,
            at=clock.now(),
            facts={"limit": kind},
        )


def _begin(access: AccessCode, student: Student, named: Named, address: str) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = clock.real_now()
    with acting_for(access.school_id), transaction.atomic():
        visit = FamilyVisit.objects.create(
            school_id=access.school_id,
            code=access,
            student=student,
            token_blind=blind_token(token),
            begun_at=now,
            seen_at=now,
        )
        record(
            by=family_of(access.school_id),
            verb="family_visit.begin",
            label="家长进入填报",
            subject=visit,
            at=clock.now(),
            about_id=student.pk,
        )
        EntryTry.objects.filter(since__lt=now - KEPT).delete()
        _take_back(named, address)
    return token


def _take_back(named: Named, address: str) -> None:
    # Whoever knows the child is not guessing: a whole class may come in at once, and come back.
    for kind, key in _keys(named, address).items():
        EntryTry.objects.filter(kind=kind, key=key, count__gt=0).update(count=F("count") - 1)


def blind_token(token: str) -> bytes:
    """Blind index of the cookie of a visit."""
    return blind("family_visit", token)


def visit_of(token: str) -> FamilyVisit | None:
    """The visit that a cookie stands for, while it is not idle for half an hour nor its code void.

    Notes that it was seen, at most once a minute.
    """
    key = blind_token(token)
    with shown_by("aid.family", key.hex()):
        found = FamilyVisit.objects.filter(token_blind=key, ended_at=None).first()
    now = clock.real_now()
    if found is None or now - found.seen_at > IDLE:
        return None
    with acting_for(found.school_id):
        live = (
            FamilyVisit.objects.filter(pk=found.pk, code__voided_at=None)
            .select_related("code__round__term", "student__school_class", "school")
            .first()
        )
        if live is not None and now - live.seen_at > TOUCH:
            FamilyVisit.objects.filter(pk=live.pk).update(seen_at=now)
    return live


@transaction.atomic
def leave(*, visit: FamilyVisit) -> None:
    """End a visit: the phone may be somebody else's."""
    FamilyVisit.objects.filter(pk=visit.pk).update(ended_at=clock.real_now())
