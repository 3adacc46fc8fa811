"""The family's pages as a phone sees them, used badly too."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application, Attachment, HouseholdSurvey, Round
from applications.rules.family import CHECKLIST
from audit.models import Event
from schools.tenancy import set_scope
from tests.applications import family
from tests.cast import Cast

WHO = {
    "name": "张样泽",
    "relation": "father",
    "phone": "13900000000",
    "address": "示范省示范县示范镇样例村1号",
    "consents": "on",
}
FATHER = {
    "name": "张样泽",
    "relation": "父亲",
    "age": "43",
    "occupation": "务工",
    "annual_income": "32000",
    "health": "健康",
}
SIGNED = {"reason": "收入低", "committed_by": "张样泽", "agrees": "on"}


@pytest.fixture
def phone(cast: Cast, round_: Round) -> Client:
    return named(cast, round_, 0)


def named(cast: Cast, round_: Round, n: int) -> Client:
    set_scope(cast.school.pk)
    client = Client()
    client.cookies["family"] = family.token(round_, cast.a.students[n], cast.head_teacher)
    return client


def mark(client: Client, page: str) -> str:
    body = client.get(f"/f/form/{page}/").content.decode()
    return body.split('name="mark" value="')[1].split('"')[0]


def send(client: Client, page: str, typed: dict[str, Any]) -> Any:
    return client.post(f"/f/form/{page}/", {**typed, "mark": mark(client, page)})


def fill(client: Client) -> None:
    assert send(client, "who", WHO)["Location"] == "/f/form/members/"
    assert send(client, "members", {**FATHER, "add": "1"})["Location"] == "/f/form/members/"
    assert send(client, "members", {"health": "健康"})["Location"] == "/f/form/income/"
    income = {"students_in_family": "1", "income_source": "务工"}
    assert send(client, "income", income)["Location"] == "/f/form/hardship/"
    assert send(client, "hardship", {"debt": "看病欠三万"})["Location"] == "/f/form/papers/"
    upload(client)
    signed = {**SIGNED, "drawn": family.drawn()}
    assert send(client, "papers", signed)["Location"] == "/f/form/check/"


def upload(client: Client, content: bytes | None = None, name: str = "a.jpg") -> Any:
    file = SimpleUploadedFile(name, family.picture() if content is None else content)
    return client.post("/f/form/papers/add/", {"kind": "id_card", "file": file})


def test_from_the_letter_to_the_receipt_and_the_head_teacher(
    cast: Cast, phone: Client, sign_in: Any
) -> None:
    fill(phone)
    check = phone.get("/f/form/check/").content.decode()
    assert "看病欠三万" in check
    assert "138" not in check
    for _ in range(2):
        assert phone.post("/f/form/check/")["Location"] == "/f/form/receipt/"
    assert "2026-RD-0001" in phone.get("/f/form/receipt/").content.decode()

    client = sign_in(cast.head_teacher)
    assert "核对1份家长填报" in client.get("/").content.decode()
    set_scope(cast.school.pk)
    row = Application.objects.get()
    page = client.get(f"/applications/entries/{row.pk}/").content.decode()
    assert "核对家长填报" in page
    assert "张样泽（父亲）" in page
    accepted = client.post(
        f"/applications/entries/{row.pk}/accept/",
        {"checks": [key for key, _ in CHECKLIST], "identity_paper": "hukou"},
    )
    assert accepted.status_code == 302
    set_scope(cast.school.pk)
    row.refresh_from_db()
    assert row.status == "submitted"
    assert "进入评审" in phone.get("/f/form/receipt/").content.decode()


def test_what_the_teacher_ticked_stays_when_something_is_missing(
    cast: Cast, phone: Client, sign_in: Any
) -> None:
    fill(phone)
    phone.post("/f/form/check/")
    set_scope(cast.school.pk)
    url = f"/applications/entries/{Application.objects.get().pk}/accept/"
    some = [key for key, _ in CHECKLIST][1:]
    answer = sign_in(cast.head_teacher).post(url, {"checks": some, "identity_paper": ""})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "没有选择身份证明" in body
    assert [f'value="{key}" checked' in body for key, _ in CHECKLIST] == [
        False,
        *[True] * len(some),
    ]


def test_the_way_back_after_handing_over_leads_to_the_receipt(phone: Client) -> None:
    fill(phone)
    phone.post("/f/form/check/")
    for page in ("who", "members", "income", "hardship", "papers", "check"):
        assert phone.get(f"/f/form/{page}/")["Location"] == "/f/form/receipt/"


def test_going_on_leads_to_the_first_page_not_gone_through(phone: Client) -> None:
    assert phone.get("/f/form/")["Location"] == "/f/form/who/"
    assert phone.get("/f/form/papers/")["Location"] == "/f/form/who/"
    send(phone, "who", WHO)
    send(phone, "members", FATHER)
    assert phone.get("/f/form/")["Location"] == "/f/form/income/"


def test_no_page_is_kept_in_a_cache(phone: Client) -> None:
    fill(phone)
    for page in ("who", "members", "papers", "check"):
        answer = phone.get(f"/f/form/{page}/")
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]


def test_what_is_wrong_stays_typed_and_says_how_to_mend(phone: Client) -> None:
    send(phone, "who", WHO)
    answer = send(phone, "members", {**FATHER, "annual_income": "不知道"})
    assert answer.status_code == 422
    assert "请填数字，例如8000" in answer.content.decode()
    assert 'value="不知道"' in answer.content.decode()


def test_a_wrong_telephone_is_told_beside_its_field(phone: Client) -> None:
    answer = send(phone, "who", {**WHO, "phone": "123", "name": "张1"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_phone"' in body
    assert 'id="id_phone-error"' in body
    assert 'id="id_name-error"' in body
    assert "。：" not in body
    assert 'value="123"' in body


def test_thousands_set_apart_are_an_amount(cast: Cast, phone: Client) -> None:
    send(phone, "who", WHO)
    assert send(phone, "members", {**FATHER, "annual_income": "30，000"}).status_code == 302
    set_scope(cast.school.pk)
    assert HouseholdSurvey.objects.get().annual_income_fen == 3_000_000


def test_alone_in_the_household_is_asked_twice(phone: Client) -> None:
    send(phone, "who", WHO)
    asked = send(phone, "members", {"health": "健康"})
    assert asked.status_code == 422
    assert "家里只有学生一人" in asked.content.decode()
    assert send(phone, "members", {"health": "健康", "alone": "1"}).status_code == 302


def test_two_phones_see_both_versions(cast: Cast, phone: Client) -> None:
    fill(phone)
    opened = mark(phone, "income")
    other = {"students_in_family": "1", "income_source": "做小生意", "annual_income": "9000"}
    send(phone, "income", other)
    mine = {"students_in_family": "1", "income_source": "务农", "mark": opened}
    answer = phone.post("/f/form/income/", mine)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "刚在别处改过" in body
    assert "做小生意" in body
    assert "务农" in body
    again = body.split('name="mark" value="')[1].split('"')[0]
    assert phone.post("/f/form/income/", {**mine, "mark": again}).status_code == 302
    set_scope(cast.school.pk)
    assert HouseholdSurvey.objects.get().income_source == "务农"


def test_another_childs_papers_do_not_exist(cast: Cast, round_: Round, phone: Client) -> None:
    fill(phone)
    set_scope(cast.school.pk)
    paper = Attachment.objects.get()
    assert phone.get(f"/f/form/papers/{paper.pk}/").status_code == 200
    # A new code ended the first visit; the classmate has one of its own.
    classmate = named(cast, round_, 1)
    send(classmate, "who", WHO)
    assert classmate.get(f"/f/form/papers/{paper.pk}/").status_code == 404
    assert classmate.post(f"/f/form/papers/{paper.pk}/drop/").status_code == 302
    assert classmate.get("/f/form/signature/").status_code == 404
    set_scope(cast.school.pk)
    assert Attachment.objects.filter(pk=paper.pk).exists()
    assert phone.get(f"/f/form/papers/{paper.pk}/").status_code == 302


def test_a_paper_is_shown_without_any_right(cast: Cast, phone: Client) -> None:
    fill(phone)
    set_scope(cast.school.pk)
    answer = phone.get(f"/f/form/papers/{Attachment.objects.get().pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"MZ\x90", "id.jpg", "不是照片或PDF"),
        (b"%PDF-1.4 /JavaScript %%EOF", "id.jpg", "PDF打不开或不完整"),
        (b"", "id.jpg", "空"),
    ],
)
def test_a_wrong_file_is_told_beside_its_field(
    phone: Client, content: bytes, name: str, told: str
) -> None:
    send(phone, "who", WHO)
    answer = upload(phone, content, name)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_without_a_visit_every_page_leads_to_the_entry(cast: Cast) -> None:
    for page in ("", "who/", "members/", "papers/", "check/", "receipt/", "papers/1/"):
        assert Client().get(f"/f/form/{page}")["Location"] == "/f/"
    forged = Client()
    forged.cookies["family"] = "x" * 43
    answer = forged.get("/f/form/who/")
    assert answer["Location"] == "/f/?left=1"
    assert answer.cookies["family"]["max-age"] == 0


def test_papers_open_to_whoever_said_why(cast: Cast, phone: Client, sign_in: Any) -> None:
    fill(phone)
    phone.post("/f/form/check/")
    set_scope(cast.school.pk)
    row, paper = Application.objects.get(), Attachment.objects.get()
    client = sign_in(cast.reviewer)
    bare = f"/applications/entries/{row.pk}/papers/{paper.pk}/"
    assert client.get(bare)["Location"] == f"/applications/entries/{row.pk}/survey/"
    shown = client.post(f"/applications/entries/{row.pk}/survey/", {"reason": "核实"})
    url = shown.content.decode().split(bare)[1].split('"')[0]
    assert client.get(bare + url)["Content-Type"] == "image/jpeg"
    assert client.get(bare + url + "x").status_code == 302
    # The word was given to one person about one application.
    other = sign_in(cast.a.leader)
    assert other.get(bare + url).status_code == 302
    set_scope(cast.school.pk)
    assert Event.objects.filter(verb="application.read_household").count() == 1


def test_the_head_teacher_sends_back_what_waits_and_the_family_reads_why(
    cast: Cast, round_: Round, phone: Client, sign_in: Any
) -> None:
    fill(phone)
    phone.post("/f/form/check/")
    set_scope(cast.school.pk)
    row = Application.objects.get()
    answer = sign_in(cast.head_teacher).post(
        f"/applications/entries/{row.pk}/send-back/", {"reason": "收入请写清楚"}, follow=True
    )
    assert "家长再进入时会看到原因" in answer.content.decode()
    page = phone.get("/f/form/check/").content.decode()
    assert "收入请写清楚" in page
    assert phone.post("/f/form/check/")["Location"] == "/f/form/receipt/"
