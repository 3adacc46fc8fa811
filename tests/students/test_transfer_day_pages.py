"""更正转出日期 on the pages: proposed, answered and signed by clicking, and used badly."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools import clock
from schools.models import Appointment
from schools.scope import acting_for
from students.actions import correct_change_day, decline_transfer, propose_transfer_day
from students.models import Transfer, TransferDay
from students.navigation import todos
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.transfer_days import (
    CAME,
    EARLIER,
    LATER,
    LEFT,
    TODAY,
    accepted,
    agreed,
    here,
    proposed,
    signed,
    there,
)

LIST = reverse("students:transfers")
TOLD = {"on": EARLIER.isoformat(), "reason": "以转学证明为准", "seen": LEFT.isoformat()}


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def post(client: Client, verb: str, **told: Any) -> str:
    address = reverse(f"students:transfer_day_{verb}")
    told.setdefault("day", TransferDay.objects.order_by("-pk").values_list("pk", flat=True)[0])
    return client.post(address, told, follow=True).content.decode()


def owed(by: Appointment) -> list[str]:
    with acting_for(by.organisation):
        fresh = Appointment.objects.select_related("organisation__school").get(pk=by.pk)
        return [t.title for t in todos(fresh) if "转出日期" in t.title or "离开原校" in t.title]


def address_of(transfer: Transfer) -> str:
    return reverse("students:transfer_day", args=[transfer.pk])


def test_the_way_from_the_mistake_to_the_day(cast: Cast, sign_in: Any) -> None:
    made = accepted(cast)
    client = sign_in(cast.operator)
    student = reverse("students:student", args=[made.student_id])
    change = reverse("students:change_day", args=[made.student.changes.get().pk])
    assert change in page(client, student)
    form = client.get(change, follow=True)
    assert form.redirect_chain == [(address_of(made), 302)]
    assert "从2026年11月起停发" in form.content.decode().replace("</span>", "").replace(
        '<span class="nb">', ""
    )
    done = client.post(address_of(made), TOLD, follow=True).content.decode()
    assert "请示范职业高中同意" in done
    assert "等对方经办答复" not in done, "he may take it back"
    assert reverse("students:transfer_day_withdraw") in done
    assert owed(cast.b.operator) == ["答复1名转入学生的转出日期更正"]
    assert (owed(cast.reviewer), owed(cast.operator)) == ([], [])

    other = sign_in(cast.b.operator)
    listed = page(other, LIST)
    for words in ("2026年10月20日", "2026年9月28日", "2026年11月10日到本校", "同意更正"):
        assert words in listed
    assert "本校从2026年11月起续发" in listed.replace("</span>", "").replace(
        '<span class="nb">', ""
    )
    said = post(other, "agree")
    assert "等示范第一高级中学审核。审核之后，按月发放的资助从2026年11月起续发" in said
    assert owed(cast.b.operator) == []
    assert owed(cast.reviewer) == owed(cast.a.leader) == ["审核1名学生转出日期的更正"]

    second = sign_in(cast.reviewer)
    assert "审核同意" in page(second, LIST)
    assert "按月发放的资助从2026年10月起停发；已经发放的不会自动追回" in post(second, "sign")
    assert owed(cast.reviewer) == []
    assert here(cast) == (EARLIER, EARLIER, EARLIER)
    assert "已更正" in page(sign_in(cast.b.operator), LIST)


def test_a_double_click_and_the_back_button(cast: Cast, sign_in: Any) -> None:
    made = accepted(cast)
    client = sign_in(cast.operator)
    client.post(address_of(made), TOLD)
    again = client.post(address_of(made), TOLD).content.decode()
    assert "张示远的转出日期正在更正" in again
    assert "待转入学校同意" in page(client, address_of(made))
    assert TransferDay.objects.count() == 1
    for who, verb, said in (
        (cast.b.operator, "agree", "不能同意更正转出日期"),
        (cast.reviewer, "sign", "不能审核同意更正转出日期"),
    ):
        client = sign_in(who)
        assert "现在不能办理" not in post(client, verb)
        assert said in post(client, verb)
    client = sign_in(cast.operator)
    stale = client.post(address_of(made), TOLD | {"on": "2026-10-08"}).content.decode()
    assert "转出日期刚刚更正过" in stale
    assert "不能撤回转出日期的更正" in post(client, "withdraw")


def test_what_is_wrong_stands_beside_the_field(cast: Cast, sign_in: Any) -> None:
    made = accepted(cast)
    client = sign_in(cast.operator)
    wrong = client.post(address_of(made), TOLD | {"on": "2026-12-31", "reason": "错"})
    text = wrong.content.decode()
    assert "转出日期晚于今天" in text
    assert "更正的原因写得太短，只有1个字" in text
    assert set(wrong.context["form"].errors) == {"on", "reason"}
    assert "没有填正确的日期" in client.post(address_of(made), {"reason": "x"}).content.decode()
    assert not TransferDay.objects.exists()


def test_someone_elses_is_not_there(cast: Cast, sign_in: Any) -> None:
    made = accepted(cast)
    row = proposed(cast)
    assert sign_in(cast.b.operator).get(address_of(made)).status_code == 404
    third = sign_in(cast.c.operator)
    assert third.get(address_of(made)).status_code == 404
    for verb in ("agree", "decline", "withdraw", "restore"):
        assert "不是本校的" in post(third, verb, day=row.pk, reason="不同意")
    second = sign_in(cast.c.reviewer)
    for verb in ("sign", "refuse"):
        assert "不是本校的" in post(second, verb, day=row.pk, reason="不同意")
    sender = sign_in(cast.operator)
    assert "由转入学校同意" in post(sender, "agree")
    assert "不能恢复原来的转出日期" in post(sender, "restore")
    assert "没有指明是哪一次更正" in post(sender, "withdraw", day="")
    assert TransferDay.objects.get().status == "proposed"


def test_the_receiver_is_led_to_the_day_of_coming(cast: Cast, sign_in: Any) -> None:
    proposed(cast, date(2026, 11, 11))
    client = sign_in(cast.b.operator)
    with acting_for(cast.b.school):
        its = reverse("students:change_day", args=[there(cast).pk])
    listed = page(client, LIST)
    assert its in listed
    assert reverse("students:transfer_day_agree") not in listed
    said = post(client, "agree")
    assert "晚于到校日期" in said
    assert its in said
    with acting_for(cast.b.school):
        correct_change_day(
            change=there(cast), on=date(2026, 11, 12), seen=CAME, reason="那天到校",
            by=cast.b.operator,
        )  # fmt: skip
    assert "已同意" in post(client, "agree")
    assert "原校正在更正转出日期" in page(client, its)


def test_refused_and_taken_back_to_the_day_before(cast: Cast, sign_in: Any) -> None:
    agreed(cast)
    second = sign_in(cast.a.leader)
    assert "没有写明不同意的原因" in post(second, "refuse", reason="")
    assert "等示范职业高中恢复原来的日期" in post(second, "refuse", reason="证明没有盖章")
    assert owed(cast.b.operator) == ["恢复1名转入学生离开原校的日期"]
    client = sign_in(cast.b.operator)
    assert "证明没有盖章" in page(client, LIST)
    assert "仍为2026年10月20日" in post(client, "restore")
    assert owed(cast.b.operator) == []
    listed = page(sign_in(cast.operator), LIST)
    assert "审核未同意，已恢复" in listed
    assert "日期没有改" in listed


def test_sent_back_the_sender_sees_why_and_may_ask_again(cast: Cast, sign_in: Any) -> None:
    row = proposed(cast)
    client = sign_in(cast.b.operator)
    assert "没有写明退回的原因" in post(client, "decline", reason=" ")
    assert "会看到原因" in post(client, "decline", reason="证明上就是这一天")
    client = sign_in(cast.operator)
    assert "退回：证明上就是这一天" in page(client, LIST)
    assert address_of(row.transfer) in page(client, LIST)


def test_who_only_looks_is_offered_nothing(cast: Cast, sign_in: Any) -> None:
    agreed(cast)
    for who in (cast.a.finance, cast.b.reviewer, cast.operator):
        listed = page(sign_in(who), LIST)
        assert "待转出学校审核" in listed
        for verb in ("agree", "sign", "refuse", "withdraw"):
            assert reverse(f"students:transfer_day_{verb}") not in listed
    assert sign_in(cast.a.finance).get(address_of(Transfer.objects.get())).status_code == 403


def test_one_that_was_not_accepted_is_told_why(cast: Cast, sign_in: Any) -> None:
    made = signed(cast)
    client = sign_in(cast.operator)
    assert "对方学校还没有接收" in page(client, address_of(made))
    change = made.student.changes.get()
    told = page(client, reverse("students:change_day", args=[change.pk]))
    assert "不能单方更正" in told
    with acting_for(cast.b.school):
        decline_transfer(
            transfer=made, school=cast.b.school, reason="没有学位", by=cast.b.operator
        )  # fmt: skip
    # Its day is the school's own again, and may be another one by now.
    correct_change_day(change=change, on=LATER, seen=LEFT, reason="写错了", by=cast.operator)
    assert "这次转学已退回，没有转出日期可以更正" in page(client, address_of(made))
    wrong = client.post(address_of(made), TOLD).content.decode()
    assert "这次转学已退回" in wrong


@pytest.mark.parametrize("who", ["a", "b"])
def test_queries_do_not_grow_with_the_corrections(
    cast: Cast, sign_in: Any, who: str, django_assert_num_queries: Any
) -> None:
    proposed(cast)
    client = sign_in(getattr(cast, who).operator)
    page(client, LIST)
    with CaptureQueriesContext(connection) as one:
        assert page(client, LIST).count(" → ") == 1
    for n in range(3):
        whose = new_student(cast.a.school_class, f"又示{n}")
        propose_transfer_day(
            transfer=accepted(cast, whose), on=LATER, seen=LEFT, reason="写错了", by=cast.operator
        )
    with django_assert_num_queries(len(one)):
        assert page(client, LIST).count(" → ") == 4
