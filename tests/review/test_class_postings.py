"""班内公示 (`domain.md` §D.3): the sheet says no more than it may, and that it hung is recorded."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.refusal import Refused
from review import actions
from review.actions.class_postings import posting_of
from review.models import Appraisal, Case, ClassPosting
from review.views.class_postings import sheet
from review.views.panels import _values
from schools import clock
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases

DAY = date(2026, 9, 1)


def finished(cast: Cast) -> Appraisal:
    cases.appraise(cases.taken_up(cast), cast.a)
    return Appraisal.objects.get()


def post(appraisal: Appraisal, cast: Cast, **told: Any) -> ClassPosting:
    given = {"naming": "names", "starts_on": DAY, "place": "教室公告栏", **told}
    return actions.post_in_class(appraisal=appraisal, by=cast.head_teacher, **given)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_it_hangs_for_three_working_days_after_the_day(cast: Cast) -> None:
    made = post(finished(cast), cast)
    # 1 September 2026 is a Tuesday: Wednesday, Thursday, Friday.
    assert (made.starts_on, made.ends_on) == (DAY, date(2026, 9, 4))
    assert made.posted_by == cast.head_teacher.person


def test_everything_wrong_with_a_posting_is_told_at_once(cast: Cast) -> None:
    appraisal = finished(cast)
    with pytest.raises(Refused) as error:
        actions.post_in_class(
            appraisal=appraisal,
            naming="photos",
            starts_on=date(2026, 9, 2),
            place=" ",
            by=cast.operator,
        )
    assert refusal(error) == [
        "班级评议由本班班主任主持",
        "没有选择列姓名还是编号",
        "没有写张贴地点，或超过48个字",
        "张贴日期还没有到",
    ]
    with pytest.raises(Refused) as error:
        post(appraisal, cast, starts_on=date(2026, 8, 31))
    assert refusal(error) == ["张贴日期早于提交评议结果的日期"]
    post(appraisal, cast)
    with pytest.raises(Refused) as error:
        post(appraisal, cast)
    assert refusal(error) == ["这次评议结果已经登记过班内公示"]


def test_a_result_changed_later_hangs_anew(cast: Cast) -> None:
    appraisal = finished(cast)
    post(appraisal, cast)
    actions.reopen_appraisal(appraisal=appraisal, reason="票数记错", by=cast.head_teacher)
    appraisal.refresh_from_db()
    with pytest.raises(Refused) as error:
        post(appraisal, cast)
    assert refusal(error) == ["班级评议还没有提交"]
    with clock.at(date(2026, 9, 2)):
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
        appraisal.refresh_from_db()
        assert posting_of(appraisal) is None
        again = post(appraisal, cast, starts_on=date(2026, 9, 2))
    assert posting_of(appraisal) == again
    assert appraisal.postings.count() == 2


def test_the_sheet_says_no_more_than_it_may(cast: Cast) -> None:
    appraisal = finished(cast)
    first, second, _ = Case.objects.order_by("application__number")
    values = sheet(appraisal, codes=False)
    assert values["headings"] == ["序号", "姓名", "评议建议等级"]
    # The third was found not difficult and is not listed.
    assert values["rows"] == [
        ["1", first.student.name, "困难"],
        ["2", second.student.name, "一般困难"],
    ]
    assert "9月1日至2026年9月4日（3个工作日）" in values["note"]
    coded = sheet(appraisal, codes=True)
    assert [row[1] for row in coded["rows"]] == [first.code, second.code]
    assert first.student.name not in str(coded)


def test_the_form_to_be_signed_names_chair_and_posting(cast: Cast) -> None:
    appraisal = finished(cast)
    told = (appraisal.round, appraisal.school_class, appraisal)
    assert f"主持人：{cast.head_teacher.person.name}" in _values(*told)["note"]
    assert "班内公示3个工作日：＿＿月" in _values(*told)["note"]
    post(appraisal, cast)
    assert "班内公示3个工作日：9月1日至9月4日，教室公告栏" in _values(*told)["note"]


def test_it_is_printed_and_recorded_by_its_page(cast: Cast, sign_in: Any) -> None:
    appraisal = finished(cast)
    address = reverse("review:class_posting", args=[appraisal.pk])
    client = sign_in(cast.head_teacher)
    told = {"naming": "codes", "starts_on": "2026-09-01", "place": "教室公告栏"}
    assert client.post(address, {**told, "place": ""}).status_code == 422
    assert client.post(address, {**told, "starts_on": "2026-09-03"}).status_code == 409
    assert client.post(address, told).status_code == 302
    set_scope(cast.school.pk)
    assert ClassPosting.objects.get().naming == "codes"
    assert client.post(address, told).status_code == 409
    assert "已登记班内公示" in client.get(address).text
    of_class = reverse(
        "review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id]
    )
    assert "已在教室公告栏公示，9月1日至9月4日" in client.get(of_class).text
    for query in ("", "?list=codes"):
        answer = client.get(reverse("review:class_result", args=[appraisal.pk]) + query)
        assert answer.getvalue().startswith(b"%PDF")
    # The office looks on and does not record; another school's does not even look.
    office = sign_in(cast.operator)
    assert "登记张贴" not in office.get(address).text
    assert office.post(address, told).status_code == 409
    assert sign_in(cast.b.head_teacher).get(address).status_code == 404


def posting(cast: Cast) -> Callable[[int], object]:
    appraisal = finished(cast)
    return lambda _: post(appraisal, cast)


@pytest.mark.race
def test_a_result_is_posted_once(committed: Cast) -> None:
    act = posting(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    assert ClassPosting.objects.count() == 1


@pytest.mark.race
def test_without_lock_and_constraint_it_is_posted_often(committed: Cast, no_locks: None) -> None:
    act = posting(committed)
    with without("review_classposting", "class_posting_once"):
        assert unguarded(act, organisation=committed.school) > 1
        assert ClassPosting.objects.count() > 1
        ClassPosting.objects.all().delete()
