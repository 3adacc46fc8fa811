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
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.pages import ask, get, plain, post


def _money_comes(all_ready: Aid, enter: Callable[[Appointment], Client]) -> None:
    """Money is recorded by one and confirmed by another."""
    people = all_ready.staffed
    finance = enter(people.finance)
    paid_in = {
        "programme": all_ready.programme.pk,
        "term": all_ready.term.pk,
        "document_no": "示财教〔2026〕18号",
        "amount": "5000.00",
        "received_on": "2026-11-20",
    }
    assert post(finance, "fund_new", **paid_in).status_code == 302
    fund = Fund.objects.get()
    assert fund.amount_fen == 500_000
    assert "由审核人或分管领导办理，您的职责是财务" in get(finance, "fund", fund.pk)
    reviewer = enter(people.reviewer)
    assert "将确认到账5,000.00元" in plain(get(reviewer, "fund", fund.pk))
    assert post(reviewer, "fund_confirm", fund.pk).status_code == 302


def test_the_whole_way_through_the_pages(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed

    def enter(by: Appointment) -> Client:
        found: Client = sign_in(by)
        return found

    _money_comes(all_ready, enter)
    operator = enter(people.operator)
    assert "将确定3人的资助，金额3,450.00元" in plain(get(operator, "grant", all_ready.round.pk))
    assert post(operator, "grant", all_ready.round.pk).status_code == 302
    assert "待发份数" in get(operator, "batches")
    wanted = {"programme": all_ready.programme.pk, "term": "2026-1"}
    url = post(operator, "draft", **wanted).url
    batch = PaymentBatch.objects.get()
    assert url == reverse("disbursement:batch", args=[batch.pk])
    assert "由财务冻结" in get(operator, "batch", batch.pk)

    finance = enter(people.finance)
    assert "将冻结3笔，3,450.00元" in plain(get(finance, "batch", batch.pk))
    assert post(finance, "freeze", batch.pk).status_code == 302
    batch.refresh_from_db()
    page = plain(get(enter(people.reviewer), "batch", batch.pk))
    assert "两个数一致" in page
    assert "将审批3笔，3,450.00元" in page
    reviewer = enter(people.reviewer)
    approved = post(reviewer, "approve", batch.pk, content_hash=batch.content_hash)
    assert approved.status_code == 302
    finance = enter(people.finance)
    assert post(finance, "send", batch.pk, profile="xlsx").status_code == 302
    batch.refresh_from_db()
    assert "三个数一致" in get(finance, "batch", batch.pk)
    taken = post(finance, "bank_file", batch.pk, reason="交银行代发")
    assert taken.content[:2] == b"PK"
    assert taken.headers["Cache-Control"] == "no-store"
    uploaded = SimpleUploadedFile("回盘.xlsx", cases.answer(batch, {1: "账户未激活"}))
    assert post(finance, "bank_return", batch.pk, file=uploaded).status_code == 302
    page = plain(get(finance, "batch", batch.pk))
    assert "到账2笔2,300.00元，退汇1笔1,150.00元，合计3,450.00元" in page
    assert "为1名退汇学生补发" in page
    assert post(finance, "close", batch.pk).status_code == 409
    assert post(finance, "follow_up", batch.pk).status_code == 302
    assert "三个数一致" in get(finance, "ledger")


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
        page = get(client, "batch", batch.pk)
        assert "户名“林可”与学生姓名不一致" in page
        assert reverse("disbursement:card", args=[card.pk]) in page
        assert reverse("disbursement:card_new", args=[second.pk]) in page
        if batch.status == "draft":
            batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert "暂缓2人" in plain(page).replace("<h2>", "")


def test_refusals_are_pages_with_every_reason(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    answer = post(sign_in(all_ready.staffed.finance), "freeze", cases.draft(all_ready).pk)
    assert answer.status_code == 409
    assert "可用资金0.00元" in plain(answer.content.decode())


@pytest.mark.parametrize("name", ["cards", "awards", "batches", "ledger"])
def test_lists_ask_as_often_for_thirty_as_for_one(all_ready: Aid, sign_in: Any, name: str) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    client = sign_in(all_ready.staffed.finance)
    get(client, name)
    with CaptureQueriesContext(connection) as few:
        get(client, name)
    for someone in cases.add_students(all_ready.staffed, 27):
        cases.ready(all_ready, someone)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    with CaptureQueriesContext(connection) as many:
        get(client, name)
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
        get(client, "batch", batch.pk)
        with CaptureQueriesContext(connection) as seen:
            get(client, "batch", batch.pk)
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
        get(client, name, *args)
    assert Event.objects.count() == before


def test_no_page_shows_a_card_number(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活"})
    number = all_ready.staffed.students[0].cards.get().number.reveal()
    client = sign_in(all_ready.staffed.finance)
    for page in (
        get(client, "cards"),
        get(client, "batch", batch.pk),
        get(client, "roll", batch.pk),
        get(client, "awards"),
    ):
        assert number not in page
        assert number[:12] not in page


def test_the_roll_adds_up_in_capitals(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.sent(all_ready)
    client = sign_in(all_ready.staffed.reviewer)
    assert "叁仟肆佰伍拾元整" in get(client, "roll", batch.pk)
    content = post(client, "roll_export", batch.pk).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert (len(rows), rows[-1][7]) == (5, 3450)
    assert Event.objects.get(verb="disbursement.export").facts == {"rows": 3}


def test_a_number_is_revealed_for_a_reason(its: Aid, sign_in: Any) -> None:
    card = cases.card(its, its.staffed.students[0], number="6222000011112222334")
    client = sign_in(its.staffed.operator)
    assert post(client, "card_reveal", card.pk, reason="other").status_code == 400
    answer = post(client, "card_reveal", card.pk, reason="核对银行卡")
    assert answer.content.decode() == "6222000011112222334"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_cards_are_checked_and_activated_in_bulk(its: Aid, sign_in: Any) -> None:
    for someone in its.staffed.students:
        cases.card(its, someone, ready=False)
    picks = list(AidCard.objects.values_list("pk", flat=True))
    client = sign_in(its.staffed.reviewer)
    assert "待核对" in get(client, "cards", view="unchecked")
    assert post(client, "cards_check", pick=picks[:1]).status_code == 302
    assert AidCard.objects.exclude(checked_by=None).count() == 1
    assert post(client, "cards_check", all="1", view="unchecked").status_code == 302
    assert not AidCard.objects.filter(checked_by=None).exists()
    client = sign_in(its.staffed.operator)
    assert post(client, "cards_activate", all="1", view="inactive").status_code == 302
    assert AidCard.objects.filter(status="active").count() == 3


def test_register_correct_lose_and_close_a_card(its: Aid, sign_in: Any) -> None:
    someone = its.staffed.students[0]
    client = sign_in(its.staffed.operator)
    facts = {"number": "62220000", "bank": "示范银行", "holder": someone.name}
    answer = post(client, "card_new", someone.pk, **facts)
    assert answer.status_code == 400
    assert "16 至 19 位数字" in plain(answer.content.decode())
    facts["number"] = cases.card_number()
    assert post(client, "card_new", someone.pk, **facts).status_code == 302
    card = AidCard.objects.get()
    assert someone.name in get(client, "card_student", q=someone.name)
    assert post(client, "card_activate", card.pk, on="没有").status_code == 409
    assert post(client, "card_activate", card.pk, on="2026-11-20").status_code == 302
    facts |= {"number": cases.card_number(), "reason": "补办"}
    assert post(client, "card_replace", card.pk, **facts).status_code == 302
    fresh = AidCard.objects.get(replaces=card)
    assert post(client, "card_lost", fresh.pk).status_code == 302
    assert post(client, "card_close", fresh.pk, reason="").status_code == 409
    assert post(client, "card_close", fresh.pk, reason="已补办").status_code == 302


def test_import_shows_first_and_writes_after(its: Aid, sign_in: Any) -> None:
    someone = its.staffed.students[0]
    someone.student_no = "260001"
    someone.save()
    client = sign_in(its.staffed.operator)
    headers = ("姓名", "学号", "卡号", "开户行")
    bad = write_rows(None, headers, [["错名", "260001", cases.card_number(), "示范银行"]])
    answer = post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", bad))
    page = ask(client.get, answer.url).content.decode()
    assert "有1处要改" in plain(page)
    marked = ask(client.get, answer.url.replace("import/", "import/marked/"))
    assert marked.content[:2] == b"PK"
    good = write_rows(None, headers, [[someone.name, "260001", cases.card_number(), "示范银行"]])
    answer = post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", good))
    assert "将登记1张资助卡" in plain(ask(client.get, answer.url).content.decode())
    assert not AidCard.objects.exists()
    stage = answer.url.rpartition("=")[2]
    assert post(client, "card_import", stage=stage).status_code == 302
    assert AidCard.objects.count() == 1
    nothing = post(client, "card_import", file=SimpleUploadedFile("卡.xlsx", b"\x00"))
    assert nothing.status_code == 409


def test_somebody_elses_upload_is_not_there(its: Aid, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.b.operator)
    assert client.get(reverse("disbursement:card_import"), {"stage": "1"}).status_code == 404


def test_an_award_is_revoked_from_its_page(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    award = cases.award_of(all_ready.staffed.students[0])
    client = sign_in(all_ready.staffed.operator)
    assert "取消资助" in get(client, "award", award.pk)
    assert post(client, "award_revoke", award.pk, reason="学生已转出").status_code == 302
    assert "已取消" in get(client, "awards", state="revoked")
    assert "取消资助" not in get(client, "award", award.pk)
    assert "重新列入" in get(client, "award", award.pk)
    assert post(client, "award_again", award.pk, reason=" ").status_code == 409
    answer = post(client, "award_again", award.pk, reason="点错了人")
    fresh = Award.objects.get(student=award.student_id, status="granted")
    assert answer.url == reverse("disbursement:award", args=[fresh.pk])
    page = get(client, "award", award.pk)
    assert reverse("disbursement:award", args=[fresh.pk]) in page
    assert reverse("disbursement:award_again", args=[award.pk]) not in page


def test_who_may_not_be_awarded_now_is_not_granted_again(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    actions.grant_awards(round_=all_ready.round, by=people.operator)
    award = cases.award_of(people.students[0])
    actions.revoke(award=award, reason="点错了人", by=people.operator)
    cases.object_to(all_ready, people.students[0])
    answer = post(sign_in(people.operator), "award_again", award.pk, reason="取消有误")
    assert answer.status_code == 409
    assert "有异议尚未办结" in answer.content.decode()


def test_the_export_is_what_is_shown(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    client = sign_in(all_ready.staffed.operator)
    content = post(client, "awards_export", q=all_ready.staffed.students[0].name).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.max_row == 2


def test_students_without_a_card(all_ready: Aid, sign_in: Any) -> None:
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    someone = all_ready.staffed.students[0]
    actions.report_lost(card=someone.cards.get(), by=all_ready.staffed.operator)
    page = get(sign_in(all_ready.staffed.operator), "cards", view="missing")
    assert reverse("disbursement:card_new", args=[someone.pk]) in page
    assert "挂失停用1" in page


def test_a_draft_is_discarded_on_its_page(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.draft(all_ready)
    client = sign_in(all_ready.staffed.operator)
    assert reverse("disbursement:discard", args=[batch.pk]) in get(client, "batch", batch.pk)
    assert post(client, "discard", batch.pk).status_code == 302
    text = get(client, "batch", batch.pk)
    assert "这个批次已作废" in text
    assert reverse("disbursement:discard", args=[batch.pk]) not in text
    assert "已作废" in get(client, "batches")
