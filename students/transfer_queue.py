"""更正转出日期: which corrections there are, and which changes of either school they are about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Case, Q, QuerySet, When

from audit.models import Event
from schools.models import School
from students.models import EnrolmentChange, Transfer, TransferDay
from students.rules.enrolment import VERBS, money_words, paid_here, words_of
from students.rules.transfer_days import Back

Kind = EnrolmentChange.Kind


def days_of(school: School) -> QuerySet[TransferDay]:
    """Corrections that this school proposed or answers: what waits first, then the newest."""
    rows: QuerySet[TransferDay] = TransferDay.objects.filter(
        Q(school_id=school.pk) | Q(to_school_id=school.pk)
    )
    told = rows.select_related("transfer", "school", "to_school", "proposed_by", "sign_by")
    waits = Case(When(status__in=TransferDay.OPEN, then=0), default=1)
    return told.defer("transfer__papers").order_by(waits, "-proposed_at", "-pk")


def gone_by(transfer: Transfer) -> EnrolmentChange:
    """The sender's change by which the student left. Raises `DoesNotExist` for all but a sender."""
    changes = EnrolmentChange.objects.filter(
        school_id=transfer.school_id,
        student_id=transfer.student_id,
        kind=Kind.TRANSFER_OUT,
        on=transfer.on,
        recorded_at__lte=transfer.sign_at,
    )
    found: EnrolmentChange = changes.latest("pk")
    return found


def handed_by(change: EnrolmentChange) -> Transfer | None:
    """The transfer by which the student left with this change, signed and not sent back."""
    if change.kind != Kind.TRANSFER_OUT:
        return None
    rows = Transfer.objects.filter(
        school_id=change.school_id,
        student_id=change.student_id,
        on=change.on,
        status__in=(Transfer.Status.SIGNED, Transfer.Status.ACCEPTED),
    )
    found = rows.defer("papers").order_by("pk")
    return next((one for one in found if gone_by(one).pk == change.pk), None)


def away_before(change: EnrolmentChange) -> date | None:
    """Since when the student was suspended, if he was, when this change was made."""
    moved = EnrolmentChange.objects.filter(
        school_id=change.school_id,
        student_id=change.student_id,
        kind__in=list(VERBS),
        pk__lt=change.pk,
    )
    last: tuple[str, date] | None = moved.order_by("-pk").values_list("kind", "on").first()
    return last[1] if last and last[0] == Kind.SUSPEND else None


def came_by(transfers: Iterable[Transfer], school: School) -> dict[int, EnrolmentChange]:
    """By transfer, the receiver's change by which the student came; two queries.

    Which student it was says the receiver's own trail: his number may have been put right since.
    """
    accepted = {t.pk: t for t in transfers if t.to_school_id == school.pk and t.accept_at}
    if not accepted:
        return {}
    events = Event.objects.filter(
        organisation_id=school.pk,
        subject=Transfer._meta.label,
        subject_id__in=list(accepted),
        verb="transfer.accept",
    )
    came: dict[int | None, list[Transfer]] = {}
    for transfer_id, student_id in events.values_list("subject_id", "about_id"):
        if transfer_id in accepted:
            came.setdefault(student_id, []).append(accepted[transfer_id])
    changes = EnrolmentChange.objects.for_school(school).filter(
        student_id__in=list(came), kind=Kind.TRANSFER_IN
    )
    found: dict[int, EnrolmentChange] = {}
    # Of one who came several times, each by the last that was recorded when it was accepted.
    for change in changes.order_by("pk"):
        for transfer in came[change.student_id]:
            if change.recorded_at <= transfer.accept_at:
                found[transfer.pk] = change
    return found


def gone_there(changes: Sequence[EnrolmentChange], school: School) -> dict[int, date]:
    """Since when the other school counts no longer who came to `school` by these changes.

    By change, as it stands at the other school now: he left then, or had been suspended when he
    left. Four queries for whoever was transferred in, none for others.
    """
    coming = [change for change in changes if change.left_other_on]
    if not coming:
        return {}
    answers = Event.objects.filter(
        organisation_id=school.pk,
        subject=Transfer._meta.label,
        verb="transfer.accept",
        about_id__in={change.student_id for change in coming},
    )
    rows = Transfer.objects.filter(
        to_school_id=school.pk, pk__in=list(answers.values_list("subject_id", flat=True))
    )
    transfers = {row.pk: row for row in rows.defer("papers")}
    came = came_by(transfers.values(), school)
    away = {change.pk: transfers[pk].away_since for pk, change in came.items()}
    return {c.pk: away.get(c.pk) or c.left_other_on for c in coming if c.left_other_on}


def with_words(
    changes: Iterable[EnrolmentChange], school: School
) -> list[tuple[EnrolmentChange, str]]:
    """Each change with what it says of the months, as both schools have it now."""
    rows = list(changes)
    gone = gone_there(rows, school)
    ours = _ours([row for row in rows if row.pk in gone], school)
    return [
        (
            row,
            money_words(row.kind, row.on) if row.pk in ours else words_of(row, gone.get(row.pk)),
        )
        for row in rows
    ]


def _ours(comings: Sequence[EnrolmentChange], school: School) -> set[int]:
    """Those in whose month the student had been here before: it is not the other school's."""
    moved = _moved(school, {change.student_id for change in comings})
    found = set()
    for change in comings:
        before = [c for c in moved[change.student_id] if c.pk < change.pk]
        # Who was suspended when he left had gone then.
        rested = [c for c in before[-2:-1] if c.kind == Kind.SUSPEND]
        if any(paid_here(c.on, change.on) for c in rested or before[-1:]):
            found.add(change.pk)
    return found


def left_again(comings: Iterable[EnrolmentChange], school: School) -> dict[int, date]:
    """By change with which a student came to `school`, when he left it after that; one query."""
    told = list(comings)
    moved = _moved(school, {change.student_id for change in told})
    found = {}
    for change in told:
        later = (c for c in moved[change.student_id] if c.pk > change.pk)
        gone = next((c.on for c in later if VERBS[c.kind] == "leave"), None)
        if gone:
            found[change.pk] = gone
    return found


def came_back(transfers: Iterable[Transfer], school: School) -> dict[int, Back]:
    """By transfer out of `school`, since when the student is there again, if he is.

    One query, and those of `gone_there` where one came back from a school of the system.
    """
    ours = [t for t in transfers if t.school_id == school.pk and t.sign_at]
    moved = _moved(school, {t.student_id for t in ours})
    backs: dict[int, EnrolmentChange] = {}
    for transfer in ours:
        changes = moved[transfer.student_id]
        gone = [c.pk for c in changes if _is_leaving(c, transfer)]
        back = next((c for c in changes if gone and c.pk > gone[-1]), None)
        if back:
            backs[transfer.pk] = back
    left = gone_there(list(backs.values()), school)
    return {pk: Back(back.on, left.get(back.pk)) for pk, back in backs.items()}


def _is_leaving(change: EnrolmentChange, transfer: Transfer) -> bool:
    """What `gone_by` asks of a change."""
    signed = transfer.sign_at is not None and change.recorded_at <= transfer.sign_at
    return signed and (change.kind, change.on) == (Kind.TRANSFER_OUT, transfer.on)


def _moved(school: School, students: set[int]) -> dict[int, list[EnrolmentChange]]:
    """What moved the status of these students, in the order in which it was recorded."""
    found: dict[int, list[EnrolmentChange]] = defaultdict(list)
    if students:
        rows = EnrolmentChange.objects.for_school(school).filter(
            student_id__in=students, kind__in=list(VERBS)
        )
        for row in rows.order_by("pk"):
            found[row.student_id].append(row)
    return found
