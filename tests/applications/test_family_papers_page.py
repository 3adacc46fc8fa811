"""The family's page of papers: what was typed stays, whatever happens to a picture."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application, Attachment, FamilyFiling, Round
from schools.tenancy import set_scope
from tests.applications import family
from tests.applications.test_family_views import SIGNED, WHO, fill, mark, named, send
from tests.cast import Cast

TYPED = {**SIGNED, "reason": "父亲生病，家里没有收入"}


@pytest.fixture
def phone(cast: Cast, round_: Round) -> Client:
    return named(cast, round_, 0)


def picture(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", family.picture() if content is None else content)


def press(client: Client, button: str, typed: dict[str, Any]) -> Any:
    return client.post(f"/f/form/papers/{button}", {**typed, "mark": mark(client, "papers")})


def page(client: Client) -> str:
    return client.get("/f/form/papers/").content.decode()


def ticked(body: str) -> bool:
    return "checked" in body.split('name="agrees"')[1].split(">")[0]


def test_a_good_picture_keeps_what_was_typed_beside_it(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    typed = {**TYPED, "drawn": family.drawn(), "kind": "id_card", "file": picture()}
    answer = press(phone, "add/", typed)
    assert answer.status_code == 302
    assert answer["Location"] == "/f/form/papers/#papers"
    body = page(phone)
    assert "父亲生病，家里没有收入" in body
    assert "已签名" in body
    assert ticked(body)
    set_scope(cast.school.pk)
    assert Attachment.objects.count() == 1
    # Kept, but not gone through: the family has not pressed the page's own button.
    assert "papers" not in FamilyFiling.objects.get().pages


def test_a_wrong_file_keeps_what_was_typed_beside_it(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    typed = {**TYPED, "drawn": family.drawn(), "kind": "id_card", "file": picture(b"MZ\x90")}
    answer = press(phone, "add/", typed)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "不是照片或PDF" in body
    assert "父亲生病，家里没有收入" in body
    assert "已签名" in body
    assert ticked(body)
    for asked in ("申请理由", "承诺人姓名"):
        assert f"{asked}</label>" in body
    # The page that was shown is pressed on as it stands.
    again = body.split('name="mark" value="')[1].split('"')[0]
    assert 'action="/f/form/papers/"' in body
    assert phone.post("/f/form/papers/", {**TYPED, "mark": again})["Location"] == "/f/form/check/"


def test_a_name_without_a_tick_is_no_commitment(cast: Cast, phone: Client) -> None:
    fill(phone)
    untold = {"reason": "收入低", "committed_by": "张样平"}
    assert press(phone, "add/", {**untold, "kind": "hukou", "file": picture()}).status_code == 302
    body = page(phone)
    assert "张样平" in body
    assert not ticked(body)
    assert "没有签个人承诺" in phone.get("/f/form/check/").content.decode()
    set_scope(cast.school.pk)
    assert Application.objects.get().committed_on is None


def test_taking_a_paper_out_keeps_what_was_typed(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    press(phone, "add/", {"kind": "id_card", "file": picture()})
    set_scope(cast.school.pk)
    paper = Attachment.objects.get().pk
    assert press(phone, f"{paper}/drop/", TYPED).status_code == 302
    body = page(phone)
    assert "父亲生病，家里没有收入" in body
    assert "已上传" not in body


def test_a_picture_chosen_but_not_uploaded_goes_with_the_page(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    answer = press(phone, "", {**TYPED, "kind": "id_card", "file": picture()})
    assert answer["Location"] == "/f/form/check/"
    set_scope(cast.school.pk)
    assert Attachment.objects.count() == 1
    answer = press(phone, "", {**TYPED, "reason": "改过的", "file": picture()})
    assert answer.status_code == 422
    assert "请选择是什么材料" in answer.content.decode()
    assert "改过的" in answer.content.decode()


def test_a_page_that_is_refused_keeps_the_drawn_signature(phone: Client) -> None:
    send(phone, "who", WHO)
    answer = press(phone, "", {"committed_by": "张样泽", "drawn": family.drawn()})
    assert answer.status_code == 422
    assert "请写几句申请理由" in answer.content.decode()
    assert "已签名" in answer.content.decode()


def test_too_long_a_reason_is_told_and_the_picture_is_kept(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    long = {**TYPED, "reason": "难" * 201}
    answer = press(phone, "add/", {**long, "kind": "id_card", "file": picture()})
    assert answer.status_code == 422
    assert "难" * 201 in answer.content.decode()
    assert "已上传" in answer.content.decode()


def test_another_phone_changed_the_words_meanwhile(cast: Cast, phone: Client) -> None:
    fill(phone)
    opened = mark(phone, "papers")
    send(phone, "papers", {**SIGNED, "reason": "别处写的"})
    typed = {**TYPED, "mark": opened, "kind": "hukou", "file": picture()}
    answer = phone.post("/f/form/papers/add/", typed)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "别处写的" in body
    assert "父亲生病，家里没有收入" in body
    assert "户口簿" in body
    set_scope(cast.school.pk)
    assert Application.objects.get().reason == "别处写的"


def test_enter_saves_and_never_takes_a_paper_out(phone: Client) -> None:
    fill(phone)
    first = page(phone).split('id="page"')[1].split("<button")[1].split(">")[0]
    assert "formaction" not in first


@pytest.mark.parametrize(
    ("address", "led"),
    [("papers/add/", "papers/"), ("papers/1/drop/", "papers/"), ("../leave/", "")],
)
def test_the_address_of_a_button_leads_to_its_page(phone: Client, address: str, led: str) -> None:
    send(phone, "who", WHO)
    url = f"/f/form/{address}".replace("form/../", "")
    assert phone.get(url)["Location"] == f"/f/form/{led}"
    assert phone.head(url).status_code == 302
    assert phone.put(url).status_code == 405
    # The way back ends nothing.
    assert phone.get("/f/form/papers/").status_code == 200
