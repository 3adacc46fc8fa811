"""The pages: what they show, to whom, in how many queries, and what their buttons do."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from disbursement import actions
from disbursement.models import AidCard, Award, Fund, PaymentBatch
from office.spreadsheets.writing import write_rows
from schools.models import Appointment
from schools.scope import current
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid


def _get(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = _ask(client.get, reverse(f"disbursement:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def _post(client: Client, name: str, *args: Any, **values: Any) -> Any:
    return _ask(client.post, reverse(f"disbursement:{name}", args=args), values)


def _ask(method: Callable[..., Any], url: str, values: dict[str, Any] | None = None) -> Any:
    """A request ends with nobody acting; the test goes on for the school it acted for."""
    before = current()
    answer = method(url, values or {})
    set_scope(before)
    return answer


def test_the_whole_way_through_the_pages(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed

    def enter(by: Appointment) -> Client:
        found: Client = sign_in(by)
        return found

    finance = enter(people.finance)
    paid_in = {
        "programme": all_ready.programme.pk,
        "term": all_ready.term.pk,
        "document_no": "示财教〔2026〕18号",
        "amount": "5000.00",
        "received_on": "2026-11-20",
    }
    assert _post(finance, "fund_new", **paid_in).status_code == 302
    assert Fund.objects.get().amount_fen == 500_000

    operator = enter(people.operator)
    assert "将确定3人的资助，金额3,450.00元" in _plain(_get(operator, "grant", all_ready.round.pk))
    assert _post(operator, "grant", all_ready.round.pk).status_code == 302
    assert "待发份数" in _get(operator, "batches")
    wanted = {"programme": all_ready.programme.pk, "term": "2026-1"}
    url = _post(operator, "draft", **wanted).url
    batch = PaymentBatch.objects.get()
    assert url == reverse("disbursement:batch", args=[batch.pk])
    assert "由财务冻结" in _get(operator, "batch", batch.pk)

    finance = enter(people.finance)
    assert "将冻结3笔，3,450.00元" in _plain(_get(finance, "batch", batch.pk))
    assert _post(finance, "freeze", batch.pk).status_code == 302
    batch.refresh_from_db()
    page = _plain(_get(enter(people.reviewer), "batch", batch.pk))
    assert "两个数一致" in page
    assert "将审批3笔，3,450.00元" in page
    reviewer = enter(people.reviewer)
    approved = _post(reviewer, "approve", batch.pk, content_hash=batch.content_hash)
    assert approved.status_code == 302
    finance = enter(people.finance)
    assert _post(finance, "send", batch.pk, profile="xlsx").status_code == 302
    batch.refresh_from_db()
    assert "三个数一致" in _get(finance, "batch", batch.pk)
    taken = _post(finance, "bank_file", batch.pk, reason="交银行代发")
    assert taken.content[:2] == b"PK"
    assert taken.headers["Cache-Control"] == "no-store"
    uploaded = SimpleUploadedFile("回盘.xlsx", cases.answer(batch, {1: "账户未激活"}))
    assert _post(finance, "bank_return", batch.pk, file=uploaded).status_code == 302
    page = _plain(_get(finance, "batch", batch.pk))
    assert "到账2笔2,300.00元，退汇1笔1,150.00元，合计3,450.00元" in page
    assert "为1名退汇学生补发" in page
    assert _post(finance, "close", batch.pk).status_code == 409
    assert _post(finance, "follow_up", batch.pk).status_code == 302
    assert "三个数一致" in _get(finance, "ledger")


def _plain(page: str) -> str:
    return page.replace('<span class="nb">', "").replace("</span>", "").replace("<em>", "")


def test_held_students_are_listed_with_links(all_ready: Aid, sign_in: Any) -> None:
    first, second, _ = all_ready.staffed.students
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    card = first.cards.get()
    AidCard.objects.filter(pk=card.pk).update(holder="林可")
    actions.report_lost(card=second.cards.get(), by=all_ready.staffed.operator)
    cases.fund(all_ready)
    batch = cases.draft(all_ready)
    client = sign_in(all_ready.staffed.finance)
    for _ in range(2):
        page = _get(client, "batch", batch.pk)
        assert "户名“林可”与学生姓名不一致" in page
        assert reverse("disbursement:card", args=[card.pk]) in page
        assert reverse("disbursement:card_new", args=[second.pk]) in page
        if batch.status == "draft":
            batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert "暂缓2人" in _plain(page).replace("<h2>", "")


def test_refusals_are_pages_with_every_reason(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    answer = _post(sign_in(all_ready.staffed.finance), "freeze", cases.draft(all_ready).pk)
    assert answer.status_code == 409
    assert "可用资金0.00元" in _plain(answer.content.decode())


@pytest.mark.parametrize("name", ["cards", "awards", "batches", "ledger"])
def test_lists_ask_as_often_for_thirty_as_for_one(all_ready: Aid, sign_in: Any, name: str) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    client = sign_in(all_ready.staffed.finance)
    _get(client, name)
    with CaptureQueriesContext(connection) as few:
        _get(client, name)
    for someone in cases.add_students(all_ready.staffed, 27):
        cases.ready(all_ready, someone)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    with CaptureQueriesContext(connection) as many:
        _get(client, name)
    assert len(many) == len(few)


def test_the_batch_asks_as_often_for_thirty_as_for_one(all_ready: Aid, sign_in: Any) -> None:
    client = sign_in(all_ready.staffed.finance)
    counts = []
    for more in (0, 27):
        for someone in cases.add_students(all_ready.staffed, more):
            cases.ready(all_ready, someone)
        actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
        cases.fund(all_ready)
        batch = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
        _get(client, "batch", batch.pk)
        with CaptureQueriesContext(connection) as seen:
            _get(client, "batch", batch.pk)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_look_changes_nothing(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活"})
    award = Award.objects.first()
    card = AidCard.objects.first()
    client = sign_in(all_ready.staffed.finance)
    before = Event.objects.count()
    assert award is not None
    assert card is not None
    for name, args in (
        ("cards", []),
        ("card", [card.pk]),
        ("card_reveal", [card.pk]),
        ("card_student", []),
        ("card_import", []),
        ("awards", []),
        ("award", [award.pk]),
        ("batches", []),
        ("batch", [batch.pk]),
        ("roll", [batch.pk]),
        ("ledger", []),
        ("fund_new", []),
    ):
        _get(client, name, *args)
    assert Event.objects.count() == before


def test_no_page_shows_a_card_number(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活"})
    number = all_ready.staffed.students[0].cards.get().number.reveal()
    client = sign_in(all_ready.staffed.finance)
    for page in (
        _get(client, "cards"),
        _get(client, "batch", batch.pk),
        _get(client, "roll", batch.pk),
        _get(client, "awards"),
    ):
        assert number not in page
        assert number[:12] not in page


def test_the_roll_adds_up_in_capitals(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.sent(all_ready)
    client = sign_in(all_ready.staffed.reviewer)
    assert "叁仟肆佰伍拾元整" in _get(client, "roll", batch.pk)
    content = _post(client, "roll_export", batch.pk).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert (len(rows), rows[-1][7]) == (5, 3450)
    assert Event.objects.get(verb="disbursement.export").facts == {"rows": 3}


def test_a_number_is_revealed_for_a_reason(its: Aid, sign_in: Any) -> None:
    card = cases.card(its, its.staffed.students[0], number="6222000011112222334")
    client = sign_in(its.staffed.operator)
    assert _post(client, "card_reveal", card.pk, reason="other").status_code == 400
    answer = _post(client, "card_reveal", card.pk, reason="核对银行卡")
    assert answer.content.decode() == "6222000011112222334"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_cards_are_checked_and_activated_in_bulk(its: Aid, sign_in: Any) -> None:
    for someone in its.staffed.students:
        cases.card(its, someone, ready=False)
    picks = list(AidCard.objects.values_list("pk", flat=True))
    client = sign_in(its.staffed.reviewer)
    assert "待核对" in _get(client, "cards", view="unchecked")
    assert _post(client, "cards_check", pick=picks[:1]).status_code == 302
    assert AidCard.objects.exclude(checked_by=None).count() == 1
    assert _post(client, "cards_check", all="1", view="unchecked").status_code == 302
    assert not AidCard.objects.filter(checked_by=None).exists()
    client = sign_in(its.staffed.operator)
    assert _post(client, "cards_activate", all="1", view="inactive").status_code == 302
    assert AidCard.objects.filter(status="active").count() == 3


def test_register_correct_lose_and_close_a_card(its: Aid, sign_in: Any) -> None:
    someone = its.staffed.students[0]
    client = sign_in(its.staffed.operator)
    facts = {"number": "62220000", "bank": "示范银行", "holder": someone.name}
    answer = _post(client, "card_new", someone.pk, **facts)
    assert answer.status_code == 400
    assert "16 至 19 位数字" in _plain(answer.content.decode())
    facts["number"] = cases.card_number()
    assert _post(client, "card_new", someone.pk, **facts).status_code == 302
    card = AidCard.objects.get()
    assert someone.name in _get(client, "card_student", q=someone.name)
    assert _post(client, "card_activate", card.pk, on="没有").status_code == 409
    assert _post(client, "card_activate", card.pk, on="2026-11-20").status_code == 302
    facts |= {"number": cases.card_number(), "reason": "补办"}
    assert _post(client, "card_replace", card.pk, **facts).status_code == 302
    fresh = AidCard.objects.get(replaces=card)
    assert _post(client, "card_lost", fresh.pk).status_code == 302
    assert _post(client, "card_close", fresh.pk, reason="").status_code == 409
    assert _post(client, "card_close", fresh.pk, reason="已补办").status_code == 302


def test_import_shows_first_and_writes_after(its: Aid, sign_in: Any) -> None:
    someone = its.staffed.students[0]
    someone.student_no = "260001"
    someone.save()
    client = sign_in(its.staffed.operator)
    headers = ("姓名", "学号", "卡号", "开户行")
    bad = write_rows(None, headers, [["错名", "260001", cases.card_number(), "示范银行"]])
    answer = _post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", bad))
    page = _ask(client.get, answer.url).content.decode()
    assert "有1处要改" in _plain(page)
    marked = _ask(client.get, answer.url.replace("import/", "import/marked/"))
    assert marked.content[:2] == b"PK"
    good = write_rows(None, headers, [[someone.name, "260001", cases.card_number(), "示范银行"]])
    answer = _post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", good))
    assert "将登记1张资助卡" in _plain(_ask(client.get, answer.url).content.decode())
    assert not AidCard.objects.exists()
    stage = answer.url.rpartition("=")[2]
    assert _post(client, "card_import", stage=stage).status_code == 302
    assert AidCard.objects.count() == 1
    nothing = _post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", b"\x00"))
    assert nothing.status_code == 409


def test_somebody_elses_upload_is_not_there(its: Aid, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.b.operator)
    assert client.get(reverse("disbursement:card_import"), {"stage": "1"}).status_code == 404


def test_an_award_is_revoked_from_its_page(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    award = cases.award_of(all_ready.staffed.students[0])
    client = sign_in(all_ready.staffed.operator)
    assert "取消资助" in _get(client, "award", award.pk)
    assert _post(client, "award_revoke", award.pk, reason="学生已转出").status_code == 302
    assert "已取消" in _get(client, "awards", state="revoked")
    assert "取消资助" not in _get(client, "award", award.pk)


def test_the_export_is_what_is_shown(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    client = sign_in(all_ready.staffed.operator)
    content = _post(client, "awards_export", q=all_ready.staffed.students[0].name).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.max_row == 2


def test_students_without_a_card(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    someone = all_ready.staffed.students[0]
    actions.report_lost(card=someone.cards.get(), by=all_ready.staffed.operator)
    page = _get(sign_in(all_ready.staffed.operator), "cards", view="missing")
    assert reverse("disbursement:card_new", args=[someone.pk]) in page
    assert "挂失停用1" in page


def test_a_draft_is_discarded_on_its_page(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.draft(all_ready)
    client = sign_in(all_ready.staffed.operator)
    assert reverse("disbursement:discard", args=[batch.pk]) in _get(client, "batch", batch.pk)
    assert _post(client, "discard", batch.pk).status_code == 302
    text = _get(client, "batch", batch.pk)
    assert "这个批次已作废" in text
    assert reverse("disbursement:discard", args=[batch.pk]) not in text
    assert "已作废" in _get(client, "batches")
