"""A posting in class is pictured, and one told wrongly is told anew while the result stands."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit.models import Event
from audit.refusal import Refused
from office.files import content_of
from review import actions
from review.actions.class_postings import posting_of
from review.models import Appraisal, ClassPhoto, NoticeLine
from schools.tenancy import set_scope
from tests.applications.pdfs import PLAIN
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases
from tests.review.test_class_postings import finished, post
from tests.review.test_postings import picture


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_it_is_told_anew_and_the_result_stands(cast: Cast, sign_in: Any) -> None:
    appraisal = finished(cast)
    first = post(appraisal, cast, place="三楼走廊")
    client = sign_in(cast.head_teacher)
    page = reverse("review:class_posting", args=[appraisal.pk])
    assert "登记错了，撤回重新登记" in client.get(page).text
    address = reverse("review:withdraw_posting", args=[appraisal.pk])
    assert client.post(address, {"reason": " "}).status_code == 409
    assert client.post(address, {"reason": "地点填错"})["Location"] == page
    assert client.post(address, {"reason": "地点填错"}).status_code == 409
    shown = client.get(page).text
    assert "登记张贴" in shown
    assert "地点填错" in shown
    set_scope(cast.school.pk)
    again = post(appraisal, cast)
    assert posting_of(appraisal) == again
    assert Appraisal.objects.get().status == "finished"
    first.refresh_from_db()
    assert first.withdrawal_reason == "地点填错"
    assert Event.objects.get(verb="appraisal.withdraw_posting").reason == "地点填错"
    assert sign_in(cast.b.head_teacher).post(address, {"reason": "x"}).status_code == 404
    assert sign_in(cast.operator).post(address, {"reason": "x"}).status_code == 403


def test_it_stands_while_an_objection_hangs_on_it(cast: Cast) -> None:
    notice = cases.published(cast)
    appraisal = Appraisal.objects.get()
    posting = post(appraisal, cast)
    line = NoticeLine.objects.filter(notice=notice).order_by("pk")[0]
    raised = actions.object_to(
        notice=notice, text="与实际情况不符", contact="0000-6601000", line=line
    )
    with pytest.raises(Refused) as error:
        actions.withdraw_posting(posting=posting, reason="填错", by=cast.head_teacher)
    assert refusal(error) == ["有1条对本班学生的异议没有答复，公示的日期和地点要作依据"]
    actions.answer(objection=raised, upheld=False, conclusion="核实无误", by=cast.reviewer)
    actions.withdraw_posting(posting=posting, reason="填错", by=cast.head_teacher)


def test_only_the_head_teacher_takes_it_back(cast: Cast) -> None:
    posting = post(finished(cast), cast)
    with pytest.raises(Refused) as error:
        actions.withdraw_posting(posting=posting, reason="填错", by=cast.operator)
    assert refusal(error) == ["班级评议由本班班主任主持"]


def test_what_is_kept_is_a_picture_and_nothing_else(cast: Cast) -> None:
    posting = post(finished(cast), cast)
    [kept] = actions.keep_class_photos(posting=posting, photos=[picture()], by=cast.head_teacher)
    stored = content_of(kept.file)
    assert b"SecretCam" not in stored
    with Image.open(io.BytesIO(stored)) as opened:
        assert (opened.format, dict(opened.getexif())) == ("JPEG", {})
    with pytest.raises(Refused) as error:
        actions.keep_class_photos(posting=posting, photos=[picture(), PLAIN], by=cast.operator)
    assert refusal(error) == [
        "班级评议由本班班主任主持",
        "第2张：不是照片",
        "有1张照片已经上传过",
    ]


def test_it_is_uploaded_seen_and_put_aside_by_its_page(cast: Cast, sign_in: Any) -> None:
    appraisal = finished(cast)
    client = sign_in(cast.head_teacher)
    address = reverse("review:keep_class_photos", args=[appraisal.pk])
    file = SimpleUploadedFile("1.jpg", picture(), "image/jpeg")
    assert client.post(address, {"photos": [file]}).status_code == 409
    set_scope(cast.school.pk)
    post(appraisal, cast)
    assert client.post(address).status_code == 409
    file.seek(0)
    assert client.post(address, {"photos": [file]}).status_code == 302
    set_scope(cast.school.pk)
    photo = ClassPhoto.objects.get()
    shown = reverse("review:class_photo", args=[photo.pk])
    page = reverse("review:class_posting", args=[appraisal.pk])
    assert shown in client.get(page).text
    for reader in (cast.head_teacher, cast.operator):
        answer = sign_in(reader).get(shown)
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "no-store")
    assert sign_in(cast.b.operator).get(shown).status_code == 404
    assert sign_in(cast.b.head_teacher).get(shown).status_code == 404
    remove = reverse("review:remove_class_photo", args=[photo.pk])
    assert sign_in(cast.operator).post(remove, {"reason": "x"}).status_code == 403
    client = sign_in(cast.head_teacher)
    assert client.post(remove, {"reason": ""}).status_code == 409
    assert client.post(remove, {"reason": "拍到了学生"}).status_code == 302
    assert client.get(shown).status_code == 404
    set_scope(cast.school.pk)
    photo.refresh_from_db()
    assert photo.removal_reason == "拍到了学生"


# ------------------------------------------------------------------------------------- races


def withdrawn(cast: Cast) -> Callable[[int], object]:
    posting = post(finished(cast), cast)
    return lambda i: actions.withdraw_posting(
        posting=posting, reason=f"填错{i}", by=cast.head_teacher
    )


@pytest.mark.race
def test_a_posting_is_taken_back_once(committed: Cast) -> None:
    act = withdrawn(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_taken_back_often(committed: Cast, no_locks: None) -> None:
    act = withdrawn(committed)
    assert unguarded(act, organisation=committed.school) > 1
    assert Event.objects.filter(verb="appraisal.withdraw_posting").count() > 1


def kept(cast: Cast, photos: int) -> Callable[[int], object]:
    posting = post(finished(cast), cast)
    many = [picture(i) for i in range(photos)]
    return lambda i: actions.keep_class_photos(
        posting=posting, photos=[many[i]], by=cast.head_teacher
    )


@pytest.mark.race
def test_no_more_than_six_are_kept(committed: Cast) -> None:
    found = race(kept(committed, 64), organisation=committed.school)
    assert found == {"won": 6, "Refused": 58}


@pytest.mark.race
def test_without_the_lock_more_are_kept(committed: Cast, no_locks: None) -> None:
    assert unguarded(kept(committed, 16), organisation=committed.school) > 6
    assert ClassPhoto.objects.count() > 6


def removed(cast: Cast) -> Callable[[int], object]:
    posting = post(finished(cast), cast)
    [photo] = actions.keep_class_photos(posting=posting, photos=[picture()], by=cast.head_teacher)
    return lambda i: actions.remove_class_photo(
        photo=photo, reason=f"拍错{i}", by=cast.head_teacher
    )


@pytest.mark.race
def test_a_photograph_is_put_aside_once(committed: Cast) -> None:
    act = removed(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_put_aside_often(committed: Cast, no_locks: None) -> None:
    act = removed(committed)
    assert unguarded(act, organisation=committed.school) > 1
    assert Event.objects.filter(verb="appraisal.remove_class_photo").count() > 1
