"""Sending: everything is checked again, and no batch is sent without its file."""

from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from disbursement import actions, bank_files, content
from office import files
from office.models import StoredFile
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid


def test_the_file_is_what_was_frozen(all_ready: Aid) -> None:
    batch = cases.sent(all_ready)
    assert batch.bank_file is not None
    kept = files.content_of(batch.bank_file)
    payments = content.payments(content.lines_of(batch))
    assert kept == bank_files.write("xlsx", batch.number, payments)
    assert batch.bank_file.name == f"{batch.number}.xlsx"
    event = Event.objects.get(verb="paymentbatch.send")
    assert event.facts["sha256"] == batch.bank_file.sha256
    assert event.facts["total_fen"] == 3 * AMOUNT


def test_what_changed_since_freezing_is_refused_all_at_once(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    first, second, third = all_ready.staffed.students
    cases.object_to(all_ready, first)
    second.status = "suspended"
    second.save()
    actions.replace_card(
        card=third.cards.get(),
        number=cases.card_number(),
        bank="示范银行",
        holder=third.name,
        reason="补办",
        by=all_ready.staffed.operator,
    )
    with pytest.raises(Refused) as refused:
        actions.send(batch=batch, by=all_ready.staffed.finance)
    assert sorted(r.text for r in refused.value.reasons) == sorted(
        [
            f"{first.name}：有异议尚未办结",
            f"{second.name}：休学中",
            f"{third.name}：资助卡没有激活",
            f"{third.name}：资助卡没有经第二人核对",
            f"{third.name}：冻结之后换了卡",
            "冻结之后情况有变",
        ]
    )
    assert refused.value.reasons[-1].mend == "请退回编制，处理后重新冻结"
    batch.refresh_from_db()
    assert (batch.status, batch.bank_file_id) == ("approved", None)
    assert not StoredFile.objects.filter(purpose="bank_file").exists()


def test_characters_that_the_format_can_not_hold_are_named(its: Aid) -> None:
    someone = its.staffed.students[0]
    someone.name = "张𬭊"
    someone.save()
    cases.ready(its, someone)
    batch = cases.approved(its)
    with pytest.raises(Refused, match="第1笔户名“张𬭊”里的“𬭊”写不进文本（竖线分隔，GBK）"):
        actions.send(batch=batch, by=its.staffed.finance, profile="txt_gbk")
    assert actions.send(batch=batch, by=its.staffed.finance, profile="txt").status == "sent"


def test_an_unknown_format(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    with pytest.raises(Refused, match="没有这种银行格式"):
        actions.send(batch=batch, by=all_ready.staffed.finance, profile="doc")


def test_a_failed_transaction_sends_nothing(
    all_ready: Aid, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = cases.approved(all_ready)

    def broken(**_: Any) -> None:
        raise OSError("disk")

    monkeypatch.setattr(files, "keep", broken)
    with pytest.raises(OSError, match="disk"):
        actions.send(batch=batch, by=all_ready.staffed.finance)
    batch.refresh_from_db()
    assert batch.status == "approved"


def test_the_file_is_taken_for_a_reason(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    with pytest.raises(Refused) as refused:
        actions.take_bank_file(batch=batch, reason="", by=all_ready.staffed.operator)
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能下载银行文件",
        "没有写明理由",
        "还没有银行文件",
    ]
    batch = actions.send(batch=batch, by=all_ready.staffed.finance)
    taken = actions.take_bank_file(batch=batch, reason="交银行代发", by=all_ready.staffed.finance)
    assert taken[:2] == b"PK"
    assert Event.objects.get(verb="paymentbatch.take_file").reason == "交银行代发"
