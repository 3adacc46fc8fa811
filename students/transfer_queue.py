"""更正转出日期: which corrections there are, and which changes of either school they are about."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, Q, QuerySet, When

from audit.models import Event
from schools.models import School
from students.models import EnrolmentChange, Transfer, TransferDay
from students.rules.enrolment import VERBS

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


def handed_on(change: EnrolmentChange) -> date | None:
    """When the student who came by this change was transferred on to another school."""
    later = EnrolmentChange.objects.filter(
        school_id=change.school_id,
        student_id=change.student_id,
        kind=Kind.TRANSFER_OUT,
        pk__gt=change.pk,
    )
    gone: date | None = later.order_by("pk").values_list("on", flat=True).first()
    return gone
