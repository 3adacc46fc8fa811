"""公示影像: photographs of the posted notice are kept with it for the archive (row 0-60)."""

import hashlib
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from applications.pictures import Paper, paper_from
from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from office import files
from review.models import Notice, PostingPhoto
from schools import clock
from schools.models import Appointment

MOST_PHOTOS = 6
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
    there = {photo.file.sha256 for photo in kept}
    refuse_if(
        [
            *why_not_keep(notice),
            *_why_not_posted(notice, posted_on, place),
            *why_too_many(len(kept), len(photos)),
            *broken,
            *why_again(pictures, there),
        ]
    )
    made = [
        PostingPhoto.objects.create(
            school_id=notice.school_id,
            notice=notice,
            file=files.keep(
                organisation=by.organisation,
                name=f"公示影像{serial}.{picture.suffix}",
                content=picture.content,
                media_type=picture.media_type,
                purpose=PURPOSE,
                created_by=by.person,
            ),
            posted_on=posted_on,
            place=place.strip(),
            added_by=by.person,
            added_at=clock.now(),
        )
        for serial, picture in enumerate(pictures, start=len(kept) + 1)
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


def pictures_of(photos: Sequence[bytes]) -> tuple[list[Paper], list[Reason]]:
    """The photographs drawn anew, and what is wrong with others, one by one."""
    found, broken = [], []
    for serial, content in enumerate(photos[:MOST_PHOTOS], start=1):
        try:
            paper = paper_from(content)
        except Refused as refused:
            broken += [Reason(f"第{serial}张：{r.text}", r.mend) for r in refused.reasons]
            continue
        if paper.media_type == "image/jpeg":
            found.append(paper)
        else:
            broken.append(Reason(f"第{serial}张：不是照片", "请上传JPG、PNG或WebP照片"))
    return found, broken


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


def _within(notice: Notice, day: date) -> bool:
    return bool(notice.starts_on and notice.ends_on and notice.starts_on <= day <= notice.ends_on)


def why_too_many(kept: int, more: int) -> list[Reason]:
    """One photograph at least, six at most with those kept."""
    if not more:
        return [Reason("没有选择照片", "一次选1至6张")]
    if kept + more > MOST_PHOTOS:
        return [Reason(f"已有{kept}张，再加{more}张超过{MOST_PHOTOS}张", "留下看得清日期和名单的")]
    return []


def why_again(pictures: Sequence[Paper], there: set[str]) -> list[Reason]:
    """No photograph is kept twice; `there` are the digests of those kept."""
    seen = set(there)
    again = 0
    for picture in pictures:
        digest = hashlib.sha256(picture.content).hexdigest()
        again += digest in seen
        seen.add(digest)
    return [Reason(f"有{again}张照片已经上传过", "不必再传")] if again else []


@transaction.atomic
def remove_photo(*, photo: PostingPhoto, reason: str, by: Appointment) -> PostingPhoto:
    """Put a wrong photograph aside; it stays in the store with the reason."""
    moves.lock(photo.notice)
    photo = moves.lock(photo)
    refuse_if(
        [
            *([Reason("这张影像已经撤下", "请刷新页面")] if photo.removed_at else []),
            *([] if reason.strip() else [Reason("没有写撤下原因", "请写明原因")]),
        ]
    )
    photo.removed_by, photo.removed_at = by.person, clock.now()
    photo.removal_reason = reason.strip()[:200]
    photo.save(update_fields=["removed_by", "removed_at", "removal_reason"])
    record(
        by=by,
        verb="notice.remove_photo",
        label="撤下公示影像",
        subject=photo.notice,
        at=clock.now(),
        reason=photo.removal_reason,
        facts={"photo": photo.pk},
    )
    return photo
