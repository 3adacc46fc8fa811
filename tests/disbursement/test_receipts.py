"""签领表: class by class, in figures and in capitals, never a whole card number."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from audit.models import Event
from audit.refusal import Refused
from disbursement import actions, receipts
from disbursement.models import PaymentBatch
from office.files import content_of
from office.jobs import run
from office.models import Job
from tests.cast import school_class, student
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.pages import get, post


def _words(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "\f".join("".join(page.extract_text().split()) for page in pages)


def test_a_class_signs_for_what_was_not_returned(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.returned(all_ready, {2: "账户未激活"})
    first, second, third = all_ready.staffed.students
    client = sign_in(all_ready.staffed.operator)
    assert "打印签领表" in get(client, "batch", batch.pk)
    name = first.school_class.name
    answer = post(client, "receipts", batch.pk, **{"class": name})
    assert answer.headers["Content-Type"] == "application/pdf"
    words = _words(answer.content)
    assert all(someone.name in words for someone in (first, third))
    assert second.name not in words
    assert "合计2人，2,300.00元，大写：贰仟叁佰元整" in words
    assert "壹仟壹佰伍拾元整" in words
    assert "本人签名" in words
    assert not any(card.number.reveal() in words for card in first.cards.all())
    assert Event.objects.get(verb="paymentbatch.receipts").facts == {"rows": 2}


def test_every_class_has_its_own_sheet(all_ready: Aid) -> None:
    people = all_ready.staffed
    other = school_class(people.school, people.head_teacher, number=2)
    cases.ready(all_ready, student(other, "邻班学生"))
    batch = cases.sent(all_ready)
    sheets = receipts.values(batch, receipts.lines_of(batch))["sheets"]
    assert [(sheet["class_name"], sheet["count"]) for sheet in sheets] == [
        (people.school_class.name, 3),
        ("高一（2）班", 1),
    ]
    assert [row[0] for sheet in sheets for row in sheet["rows"]] == ["1", "2", "3", "1"]
    values = actions.print_receipts(batch=batch, class_name="高一（2）班", by=people.operator)
    assert [sheet["class_name"] for sheet in values["sheets"]] == ["高一（2）班"]


def test_a_whole_batch_is_a_job(all_ready: Aid, sign_in: Any) -> None:
    batch = cases.sent(all_ready)
    answer = post(sign_in(all_ready.staffed.finance), "receipts", batch.pk)
    job = Job.objects.get(kind="disbursement.receipts")
    assert answer.url.endswith(f"/jobs/{job.pk}/")
    run(job.pk, job.organisation_id)
    job.refresh_from_db()
    assert (job.status, job.note) == ("done", "已完成")
    assert job.result is not None
    assert "合计3人，3,450.00元" in _words(content_of(job.result))


def test_nobody_signs_before_the_money_was_sent(all_ready: Aid) -> None:
    batch = cases.approved(all_ready)
    with pytest.raises(Refused) as refused:
        actions.want_receipts(batch=batch, by=all_ready.staffed.committee)
    assert [r.text for r in refused.value.reasons] == [
        "您的职责不能打印签领表",
        "还没有送银行，没有签领表",
    ]
    with pytest.raises(Refused, match="没有要签领的学生"):
        actions.print_receipts(
            batch=_sent(all_ready, batch), class_name="没有这个班", by=all_ready.staffed.operator
        )


def _sent(its: Aid, batch: PaymentBatch) -> PaymentBatch:
    return actions.send(batch=batch, by=its.staffed.finance)
