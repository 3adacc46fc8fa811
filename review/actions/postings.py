"""公示影像: photographs of the posted notice are kept with it for the archive (row 0-60)."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review.actions.photos import pictures_of, put_aside, stored, why_not_among, why_not_remove
from review.models import Notice, PostingPhoto
from schools import clock
from schools.models import Appointment

PURPOSE = "公示影像"


@transaction.atomic
def keep_photos(
    *, notice: Notice, photos: Sequence[bytes], posted_on: date, place: str, by: Appointment
) -> list[PostingPhoto]:
    """Keep photographs of the notice on the board, drawn anew without place and camera.

    Up to six for a notice. Raises `Refused` with everything that is wrong, photo by photo; then
    none is kept.
    """
    pictures, broken = pictures_of(photos)
    notice = moves.lock(notice)
    kept = list(notice.photos.filter(removed_at=None).select_related("file"))
    refuse_if(
        [
            *why_not_keep(notice),
            *_why_not_posted(notice, posted_on, place),
            *why_not_among(kept, len(photos), pictures, broken),
        ]
    )
    made = [
        PostingPhoto.objects.create(
            school_id=notice.school_id,
            notice=notice,
            posted_on=posted_on,
            place=place.strip(),
            **row,
        )
        for row in stored(pictures, purpose=PURPOSE, after=len(kept), by=by)
    ]
    record(
        by=by,
        verb="notice.keep_photos",
        label="上传公示影像",
        subject=notice,
        at=clock.now(),
        facts={"photos": [p.file.sha256 for p in made], "posted_on": posted_on.isoformat()},
    )
    return made


def why_not_keep(notice: Notice) -> list[Reason]:
    """Why the notice takes no photographs; also for its page."""
    if notice.status in (Notice.Status.PUBLISHED, Notice.Status.CONFIRMED):
        return []
    return [Reason(f"这份公示现在是“{notice.get_status_display()}”，没有张贴影像", "发布后上传")]


def _why_not_posted(notice: Notice, posted_on: date, place: str) -> list[Reason]:
    found = []
    if not place.strip() or len(place.strip()) > 48:
        found.append(Reason("没有写张贴地点，或超过48个字", "例如：教学楼一楼公示栏"))
    if posted_on > clock.today():
        found.append(Reason("张贴日期还没有到", "填写实际张贴的日期"))
    elif (
        notice.starts_on and notice.ends_on and not notice.starts_on <= posted_on <= notice.ends_on
    ):
        found.append(
            Reason(
                f"张贴日期{posted_on.month}月{posted_on.day}日不在公示期内",
                f"公示期{notice.starts_on:%-m月%-d日}至{notice.ends_on:%-m月%-d日}",
            )
        )
    return found


@transaction.atomic
def remove_photo(*, photo: PostingPhoto, reason: str, by: Appointment) -> PostingPhoto:
    """Put a wrong photograph aside; it stays in the store with the reason."""
    moves.lock(photo.notice)
    photo = moves.lock(photo)
    refuse_if(why_not_remove(photo, reason))
    put_aside(
        photo,
        reason=reason,
        verb="notice.remove_photo",
        label="撤下公示影像",
        subject=photo.notice,
        by=by,
    )
    return photo
