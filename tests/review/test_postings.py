"""公示影像: harmless pictures, at most six, in time, for the office alone."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit.models import Event
from audit.refusal import Refused
from office.files import content_of
from review import actions, navigation
from review.models import Notice, PostingPhoto
from schools import clock
from schools.tenancy import set_scope
from tests.applications.pdfs import PLAIN
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases

AFTER = date(2026, 9, 9)


def picture(shade: int = 0, kind: str = "JPEG") -> bytes:
    """A photograph with a camera's name in it."""
    image = Image.new("RGB", (640, 480), (shade, shade, shade))
    exif = image.getexif()
    exif[0x010F] = "SecretCam"
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def keep(notice: Notice, by: Any, *photos: bytes, **more: Any) -> list[PostingPhoto]:
    facts = {"posted_on": date(2026, 9, 1), "place": "教学楼一楼公示栏", **more}
    return actions.keep_photos(notice=notice, photos=photos, by=by, **facts)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_what_is_kept_is_a_picture_and_nothing_else(cast: Cast) -> None:
    notice = cases.published(cast)
    sent = picture()
    assert b"SecretCam" in sent
    [kept] = keep(notice, cast.operator, sent)
    stored = content_of(kept.file)
    assert b"SecretCam" not in stored
    with Image.open(io.BytesIO(stored)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == ("JPEG", (640, 480), {})
    assert Event.objects.get(verb="notice.keep_photos").facts["photos"] == [kept.file.sha256]


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(cast: Cast) -> None:
    notice = cases.published(cast)
    good = picture()
    with pytest.raises(Refused) as error:
        keep(
            notice,
            cast.operator,
            good,
            b"MZ\x90 a program called photo.jpg",
            PLAIN,
            good,
            place=" ",
            posted_on=date(2026, 8, 31),
        )
    assert refusal(error) == [
        "没有写张贴地点，或超过48个字",
        "张贴日期8月31日不在公示期内",
        "第2张：这不是照片或PDF",
        "第3张：不是照片",
        "有1张照片已经上传过",
    ]
    assert not PostingPhoto.objects.exists()


def test_six_are_enough_and_one_put_aside_makes_room(cast: Cast) -> None:
    notice = cases.published(cast)
    kept = keep(notice, cast.operator, *[picture(i) for i in range(0, 240, 40)])
    with pytest.raises(Refused) as error:
        keep(notice, cast.operator, picture(250))
    assert refusal(error) == ["已有6张，再加1张超过6张"]
    with pytest.raises(Refused):
        actions.remove_photo(photo=kept[0], reason=" ", by=cast.reviewer)
    actions.remove_photo(photo=kept[0], reason="拍到了学生", by=cast.reviewer)
    with pytest.raises(Refused) as error:
        actions.remove_photo(photo=kept[0], reason="再撤", by=cast.reviewer)
    assert refusal(error) == ["这张影像已经撤下"]
    assert len(keep(notice, cast.operator, picture(250))) == 1
    assert PostingPhoto.objects.count() == 7


def test_a_draft_hangs_nowhere(cast: Cast) -> None:
    with pytest.raises(Refused) as error:
        keep(cases.drafted(cast), cast.operator, picture())
    assert refusal(error)[0] == "这份公示现在是“起草”，没有张贴影像"


def test_the_desk_reminds_when_the_period_is_over(cast: Cast) -> None:
    notice = cases.published(cast)

    def missing() -> int:
        return navigation.anomalies(cast.operator)[1].count

    assert missing() == 0
    with clock.at(AFTER):
        assert missing() == 1
        [kept] = keep(notice, cast.operator, picture())
        assert missing() == 0
        actions.remove_photo(photo=kept, reason="拍错了", by=cast.operator)
        assert missing() == 1


def test_it_is_uploaded_and_seen_by_the_office_alone(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    address = reverse("review:keep_photos", args=[notice.pk])
    client = sign_in(cast.operator)

    def upload(*photos: bytes) -> Any:
        files = [SimpleUploadedFile(f"{i}.jpg", p, "image/jpeg") for i, p in enumerate(photos)]
        sent = {"posted_on": "2026-09-01", "place": "一楼公示栏", "photos": files}
        return client.post(address, sent)

    assert upload().status_code == 422
    refused = upload(b"no picture")
    assert refused.status_code == 409
    assert "这不是照片或PDF" in refused.text
    assert upload(picture(1), picture(2)).status_code == 302
    set_scope(cast.school.pk)
    first = PostingPhoto.objects.order_by("pk")[0]
    shown = reverse("review:photo", args=[first.pk])
    assert shown in client.get(reverse("review:notice", args=[notice.pk])).text
    answer = client.get(shown)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "no-store")
    assert "一楼公示栏" not in sign_in(cast.operator).get(f"/review/notices/{notice.token}/").text
    assert sign_in(cast.head_teacher).get(shown).status_code == 403
    assert sign_in(cast.b.operator).get(shown).status_code == 404


def test_the_list_shows_those_without(cast: Cast, sign_in: Any) -> None:
    notice = cases.published(cast)
    address = reverse("review:notices") + "?photos=none"
    with clock.at(AFTER):
        assert list(sign_in(cast.operator).get(address).context["page"]) == [notice]
        set_scope(cast.school.pk)
        keep(notice, cast.operator, picture())
        assert list(sign_in(cast.operator).get(address).context["page"]) == []


@pytest.mark.race
def test_no_more_than_six_are_kept(committed: Cast) -> None:
    notice = cases.published(committed)
    photos = [picture(i) for i in range(64)]
    count = race(
        lambda i: keep(notice, committed.operator, photos[i]), organisation=committed.school
    )
    assert count == {"won": 6, "Refused": 58}


@pytest.mark.race
def test_without_the_lock_more_are_kept(committed: Cast, no_locks: None) -> None:
    notice = cases.published(committed)
    photos = [picture(i) for i in range(16)]
    won = unguarded(
        lambda i: keep(notice, committed.operator, photos[i]), organisation=committed.school
    )
    assert won > 6


def removing(cast: Cast) -> Callable[[int], object]:
    photo = keep(cases.published(cast), cast.operator, picture())[0]
    return lambda _: actions.remove_photo(photo=photo, reason="拍错了", by=cast.operator)


@pytest.mark.race
def test_a_photograph_is_put_aside_once(committed: Cast) -> None:
    outcome = race(removing(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_put_aside_several_times(committed: Cast, no_locks: None) -> None:
    assert unguarded(removing(committed), organisation=committed.school) > 1
