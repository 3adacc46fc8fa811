"""The pages of what goes back: mistyped funds, refused files, payments that came back twice."""

from typing import Any

from disbursement import actions
from disbursement.models import AidCard, Award, PaymentBatch
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.pages import get, plain, post


def test_a_mistyped_fund_goes_back_through_the_pages(its: Aid, sign_in: Any) -> None:
    fund = cases.fund(its)
    finance = sign_in(its.staffed.finance)
    assert "申请冲销" in get(finance, "fund", fund.pk)
    assert post(finance, "fund_doubt", fund.pk, reason="多写一位").status_code == 302
    assert "您的职责是财务" in get(finance, "fund", fund.pk)
    assert post(finance, "fund_reverse", fund.pk).status_code == 403
    reviewer = sign_in(its.staffed.reviewer)
    assert "原因：多写一位" in plain(get(reviewer, "fund", fund.pk))
    assert post(reviewer, "fund_keep", fund.pk, reason="无误").status_code == 302
    assert post(sign_in(its.staffed.finance), "fund_doubt", fund.pk, reason="错").status_code == 302
    assert post(sign_in(its.staffed.reviewer), "fund_reverse", fund.pk).status_code == 302
    wrong = cases.recorded(its)
    finance = sign_in(its.staffed.finance)
    assert post(finance, "fund_discard", wrong.pk, reason="填错").status_code == 302
    assert "已作废" in get(finance, "fund", wrong.pk)
    page = get(finance, "ledger")
    assert "已冲销" in page
    assert "已作废" in page


def test_a_refused_file_goes_back_through_the_pages(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    batch = cases.sent(all_ready)
    finance = sign_in(people.finance)
    assert "登记整批退回" in get(finance, "batch", batch.pk)
    assert post(finance, "reject", batch.pk, reason="格式不符").status_code == 302
    page = get(finance, "batch", batch.pk)
    assert "由审核人或分管领导办理，您的职责是财务" in page
    assert "登记银行回盘" not in page
    rejection = batch.rejections.get()
    assert post(finance, "rejection_confirm", rejection.pk).status_code == 403
    assert post(finance, "rejection_dismiss", rejection.pk, reason="受理了").status_code == 302
    assert post(finance, "reject", batch.pk, reason="格式不符").status_code == 302
    rejection = batch.rejections.get(status="reported")
    reviewer = sign_in(people.reviewer)
    assert "确认银行一笔都没有付" in get(reviewer, "batch", batch.pk)
    assert post(reviewer, "rejection_confirm", rejection.pk).status_code == 302
    page = get(sign_in(people.finance), "batch", batch.pk)
    assert "生成银行文件" in page
    assert "受理了" in page


def test_the_page_says_why_nobody_here_may_approve(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    batch = cases.frozen(all_ready)
    page = get(sign_in(people.finance), "batch", batch.pk)
    assert "由审核人或分管领导办理，您的职责是财务" in page
    award = Award.objects.order_by("pk")[0]
    Award.objects.filter(pk=award.pk).update(granted_by=people.reviewer.person)
    page = get(sign_in(people.reviewer), "batch", batch.pk)
    assert "您确定了其中的资助名单，须由另一位审核人或分管领导办理" in page
    assert "将审批3笔" in plain(get(sign_in(people.leader), "batch", batch.pk))


def test_a_chain_of_follow_ups_is_shown(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    first = cases.returned(all_ready, {1: "账户未激活"})
    client = sign_in(people.operator)
    assert "为1名退汇学生补发" in get(client, "batch", first.pk)
    draft = actions.follow_up(batch=first, by=people.operator)
    assert "继续编制补发批次" in get(client, "batch", first.pk)
    draft = actions.freeze(batch=draft, by=people.finance)
    page = get(client, "batch", first.pk)
    assert "1笔退汇补发尚未到账" in plain(page)
    assert 'aria-describedby="why-settle">结清' in page
    draft = actions.thaw(batch=draft, reason="再核对", by=people.finance)
    second = cases.pay(all_ready, draft, {1: "户名不符"})
    page = get(client, "batch", first.pk)
    assert "补发又被退汇" in page
    assert "名退汇学生补发" not in page
    assert '<button class="btn primary">结清' not in page
    assert post(client, "follow_up", second.pk).status_code == 302
    third = cases.pay(all_ready, PaymentBatch.objects.get(follows=second))
    page = get(client, "batch", first.pk)
    assert f"{second.number}补发" in page
    assert f"{third.number}补发" in page
    assert '<button class="btn primary">结清' in page


def test_the_checklist_of_frozen_lines_is_met(all_ready: Aid, sign_in: Any) -> None:
    people = all_ready.staffed
    actions.report_lost(card=people.students[0].cards.get(), by=people.operator)
    page = get(sign_in(people.finance), "batch", cases.frozen(all_ready).pk)
    assert "暂缓1人，不在本批" in plain(page)
    assert "未通过" not in page


def test_who_registered_a_card_reads_why_they_do_not_check_it(its: Aid, sign_in: Any) -> None:
    card = cases.card(its, its.staffed.students[0], ready=False)
    page = get(sign_in(its.staffed.operator), "card", card.pk)
    assert "还没有核对：由审核人或分管领导办理，您的职责是资助专干（经办）" in page
    AidCard.objects.update(registered_by=its.staffed.reviewer.person)
    page = get(sign_in(its.staffed.reviewer), "card", card.pk)
    assert "您登记了这张卡，须由另一位审核人或分管领导办理" in page
