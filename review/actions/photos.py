"""Photographs of something posted: drawn anew, stored, and put aside; what every kind shares."""

import hashlib
from collections.abc import Sequence
from typing import Any

from applications.pictures import Paper, paper_from
from audit.events import record
from audit.refusal import Reason, Refused
from office import files
from review.models.photos import Photo
from schools import clock
from schools.models import Appointment

MOST_PHOTOS = 6


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


def why_not_among(
    kept: Sequence[Photo], photos: int, pictures: Sequence[Paper], broken: Sequence[Reason]
) -> list[Reason]:
    """One at least, six at most with those kept, every one a picture, none of them kept already.

    `photos` is how many were chosen; `pictures` and `broken` are what `pictures_of` said of them.
    """
    return [
        *_why_too_many(len(kept), photos),
        *broken,
        *_why_again(pictures, {photo.file.sha256 for photo in kept}),
    ]


def _why_too_many(kept: int, more: int) -> list[Reason]:
    if not more:
        return [Reason("没有选择照片", "一次选1至6张")]
    if kept + more > MOST_PHOTOS:
        return [Reason(f"已有{kept}张，再加{more}张超过{MOST_PHOTOS}张", "留下看得清日期和名单的")]
    return []


def _why_again(pictures: Sequence[Paper], there: set[str]) -> list[Reason]:
    seen = set(there)
    again = 0
    for picture in pictures:
        digest = hashlib.sha256(picture.content).hexdigest()
        again += digest in seen
        seen.add(digest)
    return [Reason(f"有{again}张照片已经上传过", "不必再传")] if again else []


def stored(
    pictures: Sequence[Paper], *, purpose: str, after: int, by: Appointment
) -> list[dict[str, Any]]:
    """Store the pictures under `purpose`, numbered on from `after`; what a row of each says."""
    return [
        {
            "file": files.keep(
                organisation=by.organisation,
                name=f"{purpose}{serial}.{picture.suffix}",
                content=picture.content,
                media_type=picture.media_type,
                purpose=purpose,
                created_by=by.person,
            ),
            "added_by": by.person,
            "added_at": clock.now(),
        }
        for serial, picture in enumerate(pictures, start=after + 1)
    ]


def why_not_remove(photo: Photo, reason: str) -> list[Reason]:
    """Once, and with a reason."""
    return [
        *([Reason("这张影像已经撤下", "请刷新页面")] if photo.removed_at else []),
        *([] if reason.strip() else [Reason("没有写撤下原因", "请写明原因")]),
    ]


def put_aside(
    photo: Photo, *, reason: str, verb: str, label: str, subject: Any, by: Appointment
) -> None:
    """Put a locked photograph aside; it stays in the store with the reason."""
    photo.removed_by, photo.removed_at = by.person, clock.now()
    photo.removal_reason = reason.strip()[:200]
    photo.save(update_fields=["removed_by", "removed_at", "removal_reason"])
    record(
        by=by,
        verb=verb,
        label=label,
        subject=subject,
        at=clock.now(),
        reason=photo.removal_reason,
        facts={"photo": photo.pk},
    )
