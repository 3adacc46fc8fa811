"""The bank's answer: whole or not at all; follow-ups; settled only when everyone was paid."""

from datetime import date

import pytest

from audit.refusal import Refused
from disbursement import actions, agreement, bank_files, content, ledger
from disbursement.models import BankReturn, PaymentBatch, PaymentLine
from office.spreadsheets.writing import write_rows
from tests.disbursement import cases
from tests.disbursement.cases import PAY_DAY, Aid

HEADERS = ("付款编号", "金额", "处理结果", "原因")


def _apply(its: Aid, batch: PaymentBatch, uploaded: bytes) -> BankReturn:
    return actions.apply_return(
        batch=batch, content=uploaded, filename="回盘.xlsx", by=its.staffed.finance
    )


def test_lines_are_settled(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    found = _apply(all_ready, batch, cases.answer(batch, {2: "账户已挂失"}))
    assert (found.paid_count, found.paid_fen) == (2, 2 * cases.AMOUNT)
    assert (found.failed_count, found.failed_fen) == (1, cases.AMOUNT)
    batch.refresh_from_db()
    assert batch.status == "returned"
    first, second, _ = content.lines_of(batch)
    assert (first.status, first.settled_on) == ("paid", PAY_DAY)
    assert (second.status, second.bank_note) == ("failed", "账户已挂失")
    cases.commit()


def test_a_line_is_settled_on_the_banks_day_or_else_today(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    rows = [[n[0], "1150.00", "成功", "", "2026-11-20"], [n[1], "1150.00", "成功", "", ""]]
    rows += [[n[2], "1150.00", "失败", "户名不符", "2026-11-20"]]
    _apply(all_ready, batch, write_rows(None, (*HEADERS, "到账日期"), rows))
    settled = [line.settled_on for line in content.lines_of(batch)]
    assert settled == [date(2026, 11, 20), PAY_DAY, None]


def test_a_booking_stamp_tells_its_day_and_a_dash_tells_none(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    days = ("20261120102311", "--", "20261119")
    rows = [[f"{batch.number}-{i:04d}", "1150.00", "成功", "", on] for i, on in enumerate(days, 1)]
    _apply(all_ready, batch, write_rows(None, (*HEADERS, "到账日期"), rows))
    settled = [line.settled_on for line in content.lines_of(batch)]
    assert settled == [date(2026, 11, 20), PAY_DAY, date(2026, 11, 19)]


def test_every_disagreement_at_once_and_nothing_written(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    rows = [
        [n[0], "1150.00", "成功", ""],
        [n[0], "1150.00", "成功", ""],
        [n[1], "1.00", "怪了", ""],
        ["FF-9", "5.00", "成功", ""],
        ["合计", "9.00", "9笔", ""],
    ]
    with pytest.raises(Refused) as refused:
        _apply(all_ready, batch, write_rows(None, HEADERS, rows))
    assert [r.text for r in refused.value.reasons] == [
        "回盘明细为4笔2,306.00元，本批次为3笔3,450.00元",
        "回盘合计为9笔9.00元，本批次为3笔3,450.00元",
        "回盘里有本批次没有的付款编号：FF-9",
        f"回盘里缺少付款编号：{n[2]}",
        f"回盘里重复的付款编号：{n[0]}",
        f"金额与我方不同：第4行{n[1]}",
        "处理结果看不懂：第4行“怪了”",
    ]
    batch.refresh_from_db()
    assert batch.status == "sent"
    assert not PaymentLine.objects.exclude(status="pending").exists()
    assert not BankReturn.objects.exists()


def test_two_amounts_swapped_keep_the_sum_but_not_the_peace(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    rows = [[n[0], "1151.00", "成功", ""], [n[1], "1149.00", "成功", ""]]
    rows += [[n[2], "1150.00", "成功", ""]]
    with pytest.raises(Refused, match="金额与我方不同"):
        _apply(all_ready, batch, write_rows(None, HEADERS, rows))


def test_money_does_not_arrive_tomorrow(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    # The clock stands at the 24th of November.
    days = (("成功", "2026-11-24"), ("成功", "2026-11-25"), ("失败", "2026-11-26"))
    rows = [
        [number, "1150.00", result, "", on] for number, (result, on) in zip(n, days, strict=True)
    ]
    with pytest.raises(Refused) as refused:
        _apply(all_ready, batch, write_rows(None, (*HEADERS, "到账日期"), rows))
    (reason,) = refused.value.reasons
    assert reason.text == "到账日期在今天之后：第3行2026-11-25"
    assert reason.mend == "请向银行核实后重新上传"
    assert not PaymentLine.objects.exclude(status="pending").exists()
    assert not BankReturn.objects.exists()


def test_a_day_that_nobody_can_read_is_not_today(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    days = (("成功", ""), ("成功", "下周一"), ("失败", "未到账"))
    rows = [
        [number, "1150.00", result, "", on] for number, (result, on) in zip(n, days, strict=True)
    ]
    with pytest.raises(Refused) as refused:
        _apply(all_ready, batch, write_rows(None, (*HEADERS, "到账日期"), rows))
    assert [r.text for r in refused.value.reasons] == ["到账日期看不懂：第3行“下周一”"]
    assert not PaymentLine.objects.exclude(status="pending").exists()


@pytest.mark.parametrize(
    ("sums", "wrong"),
    [
        (
            (("小计", "1笔", "1150.00"), ("小计", "2笔", "2300.00"), ("合计", "3笔", "3450.00")),
            False,
        ),
        ((("小计", "3笔", "3450.00"),), False),
        ((("小计", "1笔", "1150.00"), ("小计", "2笔", "2300.00")), False),
        ((("小计", "2笔", "2300.00"),), True),
        ((("小计", "3笔", "3450.00"), ("合计", "2笔", "2300.00")), True),
    ],
)
def test_pages_of_a_file_are_not_the_whole(
    all_ready: Aid, sums: tuple[tuple[str, str, str], ...], wrong: bool
) -> None:
    batch = cases.sent(all_ready)
    n = [f"{batch.number}-{i:04d}" for i in (1, 2, 3)]
    rows = [[number, "1150.00", "成功", ""] for number in n]
    rows += [[word, amount, count, ""] for word, count, amount in sums]
    content = write_rows(None, HEADERS, rows)
    if wrong:
        with pytest.raises(Refused, match="回盘合计为2笔"):
            _apply(all_ready, batch, content)
    else:
        assert _apply(all_ready, batch, content).paid_count == 3


def test_the_same_file_twice_is_said_kindly(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    uploaded = cases.answer(batch)
    _apply(all_ready, batch, uploaded)
    with pytest.raises(Refused, match="这份回盘已经登记过"):
        _apply(all_ready, batch, uploaded)
    with pytest.raises(Refused, match="现在是“已回盘”，不能回盘"):
        _apply(all_ready, batch, cases.answer(batch, {1: "账户未激活"}))


def test_a_file_of_another_kind(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    with pytest.raises(Refused, match="没有“付款编号”“金额”“处理结果”这一列"):
        _apply(all_ready, batch, write_rows(None, ("姓名", "班级"), [["张示远", "高一"]]))
    with pytest.raises(Refused):
        _apply(all_ready, batch, b"\x89PNG\r\n\x1a\n")
    with pytest.raises(Refused, match="您的职责不能登记回盘"):
        actions.apply_return(batch=batch, content=b"", filename="x", by=all_ready.staffed.operator)


def test_our_own_file_is_not_an_answer(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    payments = content.payments(content.lines_of(batch))
    with pytest.raises(Refused, match="没有“处理结果”这一列"):
        _apply(all_ready, batch, bank_files.write("xlsx", batch.number, payments))


def test_a_failure_without_reason_gets_one(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    _apply(all_ready, batch, cases.answer(batch, {1: ""}))
    assert content.lines_of(batch)[0].bank_note == "银行没有说明原因"


def test_a_long_reason_does_not_keep_an_answer_out(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    _apply(all_ready, batch, cases.answer(batch, {1: "户名不符" * 30}))
    assert content.lines_of(batch)[0].bank_note == "户名不符" * 24


def test_a_follow_up_pays_the_failed_ones_alone(all_ready: Aid) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活", 3: "户名不符"})
    again = actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    assert (again.follows_id, again.number) == (batch.pk, "FF-2026-1-002")
    with pytest.raises(Refused, match="已有编制中的批次"):
        actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    again = actions.freeze(batch=again, by=all_ready.staffed.finance)
    failed = {ln.pk: ln.award_id for ln in content.lines_of(batch) if ln.status == "failed"}
    assert {ln.retries_id: ln.award_id for ln in content.lines_of(again)} == failed
    before = [(ln.pk, ln.status, ln.bank_note) for ln in content.lines_of(batch)]
    with pytest.raises(Refused, match="没有要补发的退汇"):
        actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    assert [(ln.pk, ln.status, ln.bank_note) for ln in content.lines_of(batch)] == before


def test_an_ordinary_batch_leaves_failed_awards_to_the_follow_up(all_ready: Aid) -> None:
    cases.returned(all_ready, {1: "账户未激活"})
    with pytest.raises(Refused, match="没有等待发放的资助"):
        actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)


def test_a_corrected_card_waits_for_its_second_person(all_ready: Aid) -> None:
    batch = cases.returned(all_ready, {1: "户名不符"})
    someone = content.lines_of(batch)[0].student
    actions.replace_card(
        card=someone.cards.get(),
        number=cases.card_number(),
        bank="示范银行",
        holder=someone.name,
        reason="更正户名",
        activated_on=PAY_DAY,
        by=all_ready.staffed.operator,
    )
    again = actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    with pytest.raises(Refused, match="资助卡没有经第二人核对"):
        actions.freeze(batch=again, by=all_ready.staffed.finance)


def test_closed_only_when_everybody_was_paid_or_revoked(all_ready: Aid) -> None:
    batch = cases.returned(all_ready, {1: "账户未激活", 2: "户名不符"})
    finance = all_ready.staffed.finance
    with pytest.raises(Refused, match="2笔退汇还没有补发"):
        actions.close(batch=batch, by=finance)
    first, second, _ = content.lines_of(batch)
    actions.revoke(award=second.award, reason="学生已转出", by=all_ready.staffed.operator)
    again = actions.follow_up(batch=batch, by=all_ready.staffed.operator)
    again = actions.freeze(batch=again, by=finance)
    with pytest.raises(Refused) as refused:
        actions.close(batch=batch, by=finance)
    assert [r.text for r in refused.value.reasons] == ["1笔退汇补发尚未到账"]
    actions.approve(batch=again, content_hash=again.content_hash, by=all_ready.staffed.reviewer)
    again = actions.send(batch=again, by=finance)
    _apply(all_ready, again, cases.answer(again))
    assert actions.close(batch=batch, by=finance).status == "closed"
    assert first.award.lines.filter(status="paid").count() == 1


def test_what_came_back_of_another_batch_keeps_none_open(all_ready: Aid) -> None:
    first = cases.returned(all_ready)
    cases.ready(all_ready, cases.add_students(all_ready.staffed, 1)[0])
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    second = cases.pay(all_ready, cases.draft(all_ready), {1: "户名不符"})
    with pytest.raises(Refused, match="1笔退汇还没有补发"):
        actions.close(batch=second, by=all_ready.staffed.finance)
    assert actions.close(batch=first, by=all_ready.staffed.finance).status == "closed"


def test_a_follow_up_may_fail_too(all_ready: Aid) -> None:
    first = batch = cases.returned(all_ready, {1: "账户未激活"})
    finance = all_ready.staffed.finance
    for _ in range(2):
        batch = actions.follow_up(batch=batch, by=all_ready.staffed.operator)
        batch = actions.freeze(batch=batch, by=finance)
        actions.approve(batch=batch, content_hash=batch.content_hash, by=all_ready.staffed.reviewer)
        batch = actions.send(batch=batch, by=finance)
        _apply(all_ready, batch, cases.answer(batch, {1: "账户未激活"}))
        batch.refresh_from_db()
    assert PaymentLine.objects.filter(status="failed").count() == 3
    assert PaymentLine.objects.filter(retries__isnull=False).count() == 2
    # It is followed up where it came back last.
    with pytest.raises(Refused) as refused:
        actions.follow_up(batch=first, by=all_ready.staffed.operator)
    assert [r.text for r in refused.value.reasons] == [f"补发批次{batch.number}又被退汇"]


def test_what_came_back_twice_is_followed_up_where_it_last_came_back(all_ready: Aid) -> None:
    by = all_ready.staffed.operator
    batch = cases.returned(all_ready, {1: "账户未激活", 2: "户名不符"})
    held = content.lines_of(batch)[1].student
    actions.report_lost(card=held.cards.get(), by=by)
    again = cases.pay(all_ready, actions.follow_up(batch=batch, by=by), {1: "账户未激活"})
    assert again.line_count == 1
    # One of the two was never tried again, so the first batch is still followed up, for that one.
    cases.card(all_ready, held)
    other = cases.pay(all_ready, actions.follow_up(batch=batch, by=by))
    assert [ln.student_id for ln in content.lines_of(other)] == [held.pk]
    with pytest.raises(Refused) as refused:
        actions.follow_up(batch=batch, by=by)
    (reason,) = refused.value.reasons
    assert reason.text == f"补发批次{again.number}又被退汇"
    assert reason.url.endswith(f"/batches/{again.pk}/")
    third = cases.pay(all_ready, actions.follow_up(batch=again, by=by))
    for one in (batch, again, other, third):
        assert agreement.of(one).agrees
        assert actions.close(batch=one, by=by).status == "closed"
    assert ledger.disagreements(all_ready.school) == []


def test_a_draft_is_not_paid_again(all_ready: Aid) -> None:
    with pytest.raises(Refused) as refused:
        actions.follow_up(batch=cases.draft(all_ready), by=all_ready.staffed.operator)
    assert [r.text for r in refused.value.reasons] == [
        "现在是“编制”，不能补发",
        "没有要补发的退汇",
    ]
