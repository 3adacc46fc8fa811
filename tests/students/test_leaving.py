"""Who is not in a new file has left only when a person says so."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from students.actions import apply_roster, stage_roster
from students.actions.leaving import record_leavings
from students.models import EnrolmentChange, RosterImport, Student
from tests.cast import Cast
from tests.students.rosters import roster

TODAY = date(2026, 9, 1)


@pytest.fixture
def staged(cast: Cast) -> RosterImport:
    return stage_roster(school=cast.school, content=roster(60), filename="a.xlsx", by=cast.operator)


def leave(cast: Cast, staged: RosterImport, **changed: Any) -> int:
    wanted: dict[str, Any] = {
        "students": [s.pk for s in cast.a.students[:2]],
        "kind": "transfer_out",
        "on": TODAY,
        "reason": "转往外地",
    } | changed
    return record_leavings(staged=staged, by=cast.operator, **wanted)


def test_nobody_leaves_by_an_import(cast: Cast, staged: RosterImport) -> None:
    assert staged.counts["left"] == 3
    apply_roster(staged=staged, by=cast.operator)
    assert Student.objects.filter(status="enrolled").count() == 63


def test_those_said_to_have_left_get_their_change(cast: Cast, staged: RosterImport) -> None:
    assert leave(cast, staged) == 2
    assert Student.objects.filter(status="left", left_on=TODAY).count() == 2
    assert EnrolmentChange.objects.filter(kind="transfer_out", reason="转往外地").count() == 2
    # The preview is of others; it may still be written.
    apply_roster(staged=staged, by=cast.operator)
    assert Student.objects.filter(status="enrolled").count() == 61


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "suspend"}, "不是离校"),
        ({"students": []}, "没有选择学生"),
        ({"students": [10**9]}, "文件里有的人"),
        ({"on": date(2026, 9, 2)}, "晚于今天"),
        ({"reason": ""}, "写明原因"),
    ],
)
def test_all_or_none(cast: Cast, staged: RosterImport, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        leave(cast, staged, **changed)
    assert not Student.objects.filter(status="left").exists()


def test_on_the_page(cast: Cast, sign_in: Any, staged: RosterImport) -> None:
    client = sign_in(cast.operator)
    url = reverse("students:import", kwargs={"import_id": staged.pk})
    shown = client.get(url).content.decode()
    assert "没有人会因为这次导入而离校" in shown
    picked = [cast.a.students[0].pk]
    unsaid = client.post(url, {"pick": picked, "on": "2026-09-01", "kind": ""})
    assert unsaid.status_code == 200
    assert not Student.objects.filter(status="left").exists()
    answer = client.post(
        url, {"pick": picked, "on": "2026-09-01", "kind": "withdraw", "reason": "批准"}
    )
    assert answer.status_code == 302
    assert Student.objects.get(pk=picked[0]).status == "left"
    assert cast.a.students[0].name not in client.get(url).content.decode().split('id="missing"')[0]


def test_the_reason_is_asked_for_and_the_ticks_stay(
    cast: Cast, sign_in: Any, staged: RosterImport
) -> None:
    client = sign_in(cast.operator)
    url = reverse("students:import", kwargs={"import_id": staged.pk})
    shown = client.get(url).content.decode()
    assert "退学、转出、注销必须填写" in shown
    assert '原因<span class="optional">（可不填）' not in shown
    assert " checked" not in shown
    first, second, _ = cast.a.students
    for wrong, said in (
        ({"kind": "withdraw"}, "登记退学要写明原因"),
        ({"kind": "graduate", "on": "2026-09-02"}, "异动日期晚于今天"),
        ({"kind": "graduate", "on": "2026-08-31"}, "异动日期早于入学日期2026年9月1日"),
        ({"kind": ""}, "异动类别"),
    ):
        posted = {"pick": [first.pk, second.pk], "on": "2026-09-01", "reason": ""} | wrong
        answer = client.post(url, posted)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert said in text
        assert [f'value="{s.pk}" aria-label="选择{s.name}" checked' in text
                for s in cast.a.students] == [True, True, False]  # fmt: skip
    told = client.post(url, {"kind": "withdraw", "on": "2026-09-01"}).content.decode()
    assert "没有选择学生" in told
    assert "登记退学要写明原因" in told
    assert not Student.objects.filter(status="left").exists()


def test_everybody_held_back_is_told_together(
    cast: Cast, sign_in: Any, staged: RosterImport
) -> None:
    url = reverse("students:import", kwargs={"import_id": staged.pk})
    posted = {"pick": [s.pk for s in cast.a.students], "on": "2026-08-31", "kind": "death"}
    told = sign_in(cast.operator).post(url, posted).content.decode()
    names = "、".join(s.name for s in cast.a.students)
    assert f"{names}：异动日期早于入学日期2026年9月1日（请核对异动日期）" in told
