"""Pages of opening: filled in from last year, by itself or by hand, taken back."""

from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from applications import actions
from applications.models import Programme, ProgrammeQuota, Round
from applications.tasks import open_rounds
from schools import clock
from schools.tenancy import set_scope
from tests.applications.policy import enacted, facts
from tests.applications.terms import AUTUMN, last_year, next_autumn
from tests.cast import Cast


def at(name: str, *args: int) -> str:
    return reverse(f"applications:{name}", args=args)


def post(client: Client, name: str, *args: int, **data: Any) -> Any:
    return client.post(at(name, *args), data, follow=True)


def test_the_form_is_filled_in_from_last_year(cast: Cast, sign_in: Any) -> None:
    recognition = last_year(cast.operator)[0]
    Round.objects.filter(pk=recognition.pk).update(workdays=7)
    programme = Programme.objects.get(code="senior_grant")
    ProgrammeQuota.objects.create(school=cast.school, programme=programme, heads=25)
    next_autumn()
    client = sign_in(cast.operator)
    with clock.at(AUTUMN):
        page = client.get(at("open_round")).text
        assert 'value="2027-09-01"' in page
        assert 'name="workdays" value="7"' in page
        assert "已照去年同一批次" in page
        page = client.get(at("open_round"), {"programme": programme.pk}).text
    assert 'value="2027-09-28"' in page
    assert "开学后第19个工作日" in page
    assert "25人" in page


def test_the_office_may_choose_another_window(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    post(client, "open_round", opens_on="2026-09-02", workdays="10")
    set_scope(cast.school.pk)
    round_ = Round.objects.get()
    assert (round_.opens_on, round_.closes_on) == (date(2026, 9, 2), date(2026, 9, 16))


def test_what_makes_no_sense_comes_back_as_typed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    answer = post(client, "open_round", opens_on="", workdays="几天")
    assert (answer.status_code, 'value="几天"' in answer.text) == (422, True)
    answer = post(client, "open_round", opens_on="2026-08-01", workdays="99")
    assert answer.status_code == 409
    assert "申请开始早于开学" in answer.text
    assert 'value="99"' in answer.text
    set_scope(cast.school.pk)
    assert not Round.objects.exists()


def test_a_round_that_opened_by_itself_is_taken_back(cast: Cast, sign_in: Any) -> None:
    next_autumn()
    with clock.at(AUTUMN):
        open_rounds()
        set_scope(cast.school.pk)
        round_ = Round.objects.get()
        assert "开学时自动开" in sign_in(cast.reviewer).get(at("round", round_.pk)).text
        client = sign_in(cast.operator)
        assert "不办的可以撤销" in client.get(at("round", round_.pk)).text
        assert post(client, "take_back_round", round_.pk, reason="").status_code == 409
        page = post(client, "take_back_round", round_.pk, reason="推迟").text
        assert "本学期不再自动开" in page
        # The second click finds nothing any more.
        assert post(client, "take_back_round", round_.pk, reason="推迟").status_code == 404


def test_a_school_says_what_it_wants_by_hand(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert client.get(at("rounds")).text.count("自动开") > 2
    assert "不再自动开" in post(client, "pause_opening", kind="recognition").text
    assert post(client, "pause_opening", kind="recognition").status_code == 409
    assert "恢复自动开" in post(client, "resume_opening", kind="recognition").text
    assert post(client, "pause_opening", kind="?").status_code == 409
    for who in (cast.reviewer, cast.head_teacher, cast.a.finance):
        assert post(sign_in(who), "pause_opening", kind="recognition").status_code == 403


def test_another_schools_round_is_not_there(cast: Cast, sign_in: Any) -> None:
    next_autumn()
    with clock.at(AUTUMN):
        open_rounds()
        set_scope(cast.school.pk)
        round_ = Round.objects.get()
        stranger = sign_in(cast.c.operator)
        answer = post(stranger, "take_back_round", round_.pk, reason="推迟")
    assert answer.status_code == 404
    set_scope(cast.school.pk)
    assert Round.objects.filter(pk=round_.pk).exists()


def test_versions_of_other_times_stand_apart(cast: Cast, sign_in: Any) -> None:
    enacted(cast.bureau_operator, cast.bureau_reviewer, date(2027, 9, 1))
    page = sign_in(cast.operator).get(at("rounds")).text
    before, after = page.split("别的时间执行的项目", 1)
    assert "东区高中助学金" not in before
    assert "未到日期" in after
    assert "东区高中助学金" in after


def test_the_next_draft_begins_after_its_version(cast: Cast, sign_in: Any) -> None:
    ahead = enacted(cast.bureau_operator, cast.bureau_reviewer, date(2027, 9, 1))
    post(sign_in(cast.bureau_operator), "copy_programme", ahead.pk, **{"as": "next"})
    set_scope(cast.district.pk)
    assert ahead.followers.get().valid_from == date(2028, 9, 1)


def test_versions_of_one_name_are_told_apart_in_a_form(cast: Cast, sign_in: Any) -> None:
    for day in (date(2026, 9, 1), date(2027, 9, 1)):
        enacted(cast.bureau_operator, cast.bureau_reviewer, day)
    page = sign_in(cast.bureau_operator).get(at("new_programme")).text
    for year in (2026, 2027):
        assert f"东区高中助学金（{year}年9月1日起）" in page


def test_a_draft_of_last_year_is_enacted_from_this_term_on(cast: Cast, sign_in: Any) -> None:
    set_scope(cast.district.pk)
    draft = actions.draft_programme(facts=facts(), by=cast.bureau_operator)
    next_autumn()
    with clock.at(AUTUMN):
        page = sign_in(cast.bureau_reviewer).get(at("programme", draft.pk)).text
    assert 'name="valid_from" value="2027-09-01"' in page
