"""Answer whether the person on a department's list is our student; the answer is remembered."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Greatest

from audit import moves
from audit.refusal import Reason, Refused, refuse_if
from schools import clock
from schools.models import Appointment
from students.actions.holding import briefly, locked_questions
from students.models import MatchCandidate, SpecialGroupTag, live_tag
from students.models.groups import DAY_BEFORE
from students.queue import replaced
from students.rules.candidates import LONGEST_REASON, why_not_decide, why_not_reopen

OTHER_IS = "已确认本校另一名学生是名单上的人"
TAKEN = Reason("本校已有另一名学生确认为名单上的这个人", "请刷新页面，查看最新状态")

SETTLED = Reason(
    "这个人不用再确认了：名单已撤销、已由新的一版接替，或者名册已经改正",
    "不用再办理；这次没有保存，标记没有改变",
)
# The trigger of the database that looks once more at what two persons ended.
STAYS_ENDED = "tag_stays_ended"


@transaction.atomic
def confirm_candidate(*, candidate: MatchCandidate, reason: str, by: Appointment) -> MatchCandidate:
    """It is the same person: he is tagged, and the next list finds him without asking.

    The same question for other groups is answered with it; other students of the school who
    answered to the person listed are not he. Raises `Refused` when another is already confirmed.
    """
    row, beside = _locked(candidate)
    refuse_if([*_why_not_open(row, "confirm"), *why_not_decide(reason, by)])
    try:
        with transaction.atomic():
            mine = [row, *(x for x in beside if x.student_id == row.student_id)]
            for one in mine:
                tag_by_question(one)
            for one in mine:
                answer_question(one, "confirm", reason, by)
    except IntegrityError as error:
        raise Refused([TAKEN]) from error
    for one in beside:
        if one.student_id != row.student_id:
            answer_question(one, "reject", OTHER_IS, by)
    return row


@transaction.atomic
def reject_candidate(*, candidate: MatchCandidate, reason: str, by: Appointment) -> MatchCandidate:
    """It is somebody else; the same question for other groups is answered with it."""
    row, beside = _locked(candidate)
    refuse_if([*_why_not_open(row, "reject"), *why_not_decide(reason, by)])
    for one in [row, *(x for x in beside if x.student_id == row.student_id)]:
        answer_question(one, "reject", reason, by)
    return row


@transaction.atomic
def reopen_candidate(*, candidate: MatchCandidate, reason: str, by: Appointment) -> MatchCandidate:
    """Whoever checks sends an answer back; the tag that came of it ends yesterday."""
    with briefly():
        row = moves.lock(candidate)
    refuse_if([*moves.why_not(row, "reopen"), *why_not_reopen(row, reason, by)])
    return reopened(row, reason.strip(), by)


def reopened(row: MatchCandidate, reason: str, by: Appointment) -> MatchCandidate:
    """A locked question is open again; the tag that came of a yes ends yesterday."""
    end_tags_of(row)
    return moves.make(
        row,
        "reopen",
        by=by,
        at=clock.now(),
        about_id=row.student_id,
        reason=reason,
        decided_by=None,
        decided_at=None,
    )


def end_tags_of(row: MatchCandidate) -> None:
    """End what came of a yes, if that is the answer."""
    if row.status == MatchCandidate.Status.SAME:
        end_tags(
            SpecialGroupTag.objects.filter(
                school_id=row.school_id,
                student_id=row.student_id,
                group_id=row.group_id,
                strength=row.strength,
            )
        )


def end_tags(tags: QuerySet[SpecialGroupTag]) -> None:
    """These tags hold no longer than yesterday; one that began today or later holds no day."""
    yesterday = clock.today() - timedelta(days=1)
    held = tags.filter(Q(valid_to=None) | Q(valid_to__gt=yesterday))
    held.update(valid_to=Greatest(DAY_BEFORE, Value(yesterday)))


def _why_not_open(row: MatchCandidate, verb: str) -> list[Reason]:
    return [SETTLED] if row.status == MatchCandidate.Status.MOOT else moves.why_not(row, verb)


def _locked(candidate: MatchCandidate) -> tuple[MatchCandidate, list[MatchCandidate]]:
    """The question under a lock, and those still open about the same person, in one order."""
    open_too = Q(
        school_id=candidate.school_id,
        listed_blind=candidate.listed_blind,
        status=MatchCandidate.Status.WAITING,
    )
    with briefly():
        rows = locked_questions(MatchCandidate.objects.filter(Q(pk=candidate.pk) | open_too))
        row = rows.pop(candidate.pk, None) or moves.lock(candidate)
    return row, [x for x in rows.values() if x.status == MatchCandidate.Status.WAITING]


def answer_question(row: MatchCandidate, verb: str, reason: str, by: Appointment) -> None:
    """Move a locked question to its answer, with who and how."""
    now = clock.now()
    facts: dict[str, Any] = {"group": row.group.code, "strength": row.strength}
    told = reason.strip()[:LONGEST_REASON]
    moves.make(
        row,
        verb,
        by=by,
        at=now,
        about_id=row.student_id,
        facts=facts,
        reason=told,
        how=told,
        decided_by=by.person,
        decided_at=now,
    )


def tag_by_question(row: MatchCandidate) -> None:
    """The tag of the list that asked, unless one holds all that time already.

    A list that a newer one replaced tags nobody any more; the answer is kept for the lists to come.
    """
    if replaced(row.source_list_id):
        return
    covering = live_tag(row.valid_from)
    if row.valid_to is not None:
        covering &= Q(valid_to=None) | Q(valid_to__gte=row.valid_to)
    else:
        covering &= Q(valid_to=None)
    known = SpecialGroupTag.objects.filter(
        covering, school_id=row.school_id, student_id=row.student_id, group_id=row.group_id
    )
    if known.exists():
        return
    last = row.valid_to or _before_the_endless(row)
    tag = SpecialGroupTag(
        school_id=row.school_id,
        student_id=row.student_id,
        group_id=row.group_id,
        source_list_id=row.source_list_id,
        source=row.source,
        strength=row.strength,
        detail=row.detail,
        valid_from=row.valid_from,
        valid_to=last,
        recorded_at=clock.now(),
    )
    _add_unless_ended(tag)


def _add_unless_ended(tag: SpecialGroupTag) -> None:
    try:
        with transaction.atomic():
            SpecialGroupTag.objects.bulk_create([tag], ignore_conflicts=True)
    except IntegrityError as error:
        # The list was replaced since we looked.
        if STAYS_ENDED not in str(error):
            raise


def _before_the_endless(row: MatchCandidate) -> date | None:
    """The day before the student's tag without end begins; None where there is none."""
    endless = SpecialGroupTag.objects.filter(
        school_id=row.school_id, student_id=row.student_id, group_id=row.group_id, valid_to=None
    )
    begins: date | None = endless.values_list("valid_from", flat=True).first()
    return begins - timedelta(days=1) if begins else None
