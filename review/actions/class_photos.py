"""A posting in class: photographs of the sheet, and one told wrongly that is told anew."""

from collections.abc import Sequence

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review.actions.appraisals import why_not_chair
from review.actions.photos import pictures_of, put_aside, stored, why_not_among, why_not_remove
from review.models import Case, ClassPhoto, ClassPosting, Objection
from schools import clock
from schools.models import Appointment

PURPOSE = "班内公示影像"


@transaction.atomic
def keep_class_photos(
    *, posting: ClassPosting, photos: Sequence[bytes], by: Appointment
) -> list[ClassPhoto]:
    """Keep up to six photographs of the sheet in class, drawn anew without place and camera.

    Raises `Refused` with everything that is wrong, photo by photo; then none is kept.
    """
    pictures, broken = pictures_of(photos)
    posting = moves.lock(posting)
    kept = list(posting.photos.filter(removed_at=None).select_related("file"))
    refuse_if(
        [
            *why_not_chair(posting.appraisal.school_class, by),
            *_why_withdrawn(posting),
            *why_not_among(kept, len(photos), pictures, broken),
        ]
    )
    made = [
        ClassPhoto.objects.create(school_id=posting.school_id, posting=posting, **row)
        for row in stored(pictures, purpose=PURPOSE, after=len(kept), by=by)
    ]
    record(
        by=by,
        verb="appraisal.keep_class_photos",
        label="上传班内公示影像",
        subject=posting.appraisal,
        at=clock.now(),
        facts={"photos": [p.file.sha256 for p in made]},
    )
    return made


@transaction.atomic
def remove_class_photo(*, photo: ClassPhoto, reason: str, by: Appointment) -> ClassPhoto:
    """Put a wrong photograph aside; it stays in the store with the reason."""
    posting, photo = moves.lock(photo.posting), moves.lock(photo)
    refuse_if(
        [
            *why_not_chair(posting.appraisal.school_class, by),
            *why_not_remove(photo, reason),
        ]
    )
    put_aside(
        photo,
        reason=reason,
        verb="appraisal.remove_class_photo",
        label="撤下班内公示影像",
        subject=posting.appraisal,
        by=by,
    )
    return photo


@transaction.atomic
def withdraw_posting(*, posting: ClassPosting, reason: str, by: Appointment) -> ClassPosting:
    """Take back a posting told wrongly (day, place, list), to tell it anew; the result stands.

    Not while somebody's objection against a student of this class and round is unanswered.
    """
    posting = moves.lock(posting)
    refuse_if(
        [
            *why_not_chair(posting.appraisal.school_class, by),
            *why_not_withdraw(posting),
            *([] if reason.strip() else [Reason("没有写撤回原因", "例如：张贴日期填错")]),
        ]
    )
    posting.withdrawn_by, posting.withdrawn_at = by.person, clock.now()
    posting.withdrawal_reason = reason.strip()[:200]
    posting.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawal_reason"])
    record(
        by=by,
        verb="appraisal.withdraw_posting",
        label="撤回班内公示登记",
        subject=posting.appraisal,
        at=clock.now(),
        reason=posting.withdrawal_reason,
        facts={"starts_on": posting.starts_on.isoformat(), "naming": posting.naming},
    )
    return posting


def why_not_withdraw(posting: ClassPosting) -> list[Reason]:
    """Why the posting stands; also for its page."""
    appraisal = posting.appraisal
    of_class = Case.objects.filter(
        school_id=posting.school_id,
        round_id=appraisal.round_id,
        school_class_id=appraisal.school_class_id,
    )
    waiting = Objection.objects.filter(
        school_id=posting.school_id,
        status=Objection.Status.OPEN,
        line__case__in=of_class,
    ).count()
    found = _why_withdrawn(posting)
    if waiting:
        text = f"有{waiting}条对本班学生的异议没有答复，公示的日期和地点要作依据"
        found.append(Reason(text, "答复之后再撤回"))
    return found


def _why_withdrawn(posting: ClassPosting) -> list[Reason]:
    if posting.withdrawn_at is None:
        return []
    return [Reason("这次班内公示的登记已经撤回", "请刷新页面")]
