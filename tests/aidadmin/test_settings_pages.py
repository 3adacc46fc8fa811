"""设置: people and terms of office, the calendar, the audit trail."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aidadmin.forms import read_days
from aidadmin.views import trail
from audit.verify import Break
from office.models import Message
from schools import actions, clock
from schools.models import Account, Appointment, CalendarDay, Term
from schools.roles import Role
from schools.rules import FIXED_HOLIDAYS, Special
from schools.scope import acting_for
from tests.cast import Cast, appoint, next_id

PEOPLE = "/settings/people/"
CALENDAR = "/settings/calendar/"
TRAIL = "/settings/audit/"


def wanted(**facts: str) -> dict[str, str]:
    return {
        "name": "陈例清",
        "id_number": next_id(),
        "role": "committee",
        "since": "2026-09-01",
        "last_day": "",
    } | facts


# --- people ---------------------------------------------------------------------------------------


def test_an_appointment_shows_its_password_once(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)
    posted = wanted()
    answer = client.post(PEOPLE, posted)
    text = answer.content.decode()
    assert "密码只显示这一次" in text
    assert answer["Cache-Control"] == "no-store"
    employed = answer.context["employed"]
    assert Account.objects.get(username="chenliqing").check_password(employed.password)
    assert employed.password in text
    listed = client.get(PEOPLE).content.decode()
    assert "陈例清" in listed
    assert employed.password not in listed
    assert posted["id_number"] not in text + listed
    # The same again, as the browser's reload sends it.
    again = client.post(PEOPLE, posted)
    assert again.status_code == 409
    assert "已经担任领导小组成员" in again.content.decode()


def test_the_exclusion_is_told_in_chinese_and_the_form_is_kept(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)
    posted = wanted(role="reviewer")
    actions.employ(
        name=posted["name"],
        id_number=posted["id_number"],
        organisation=cast.school,
        role=Role.OPERATOR,
        since=date(2026, 9, 1),
        by=cast.admin,
    )
    answer = client.post(PEOPLE, posted)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "不能同时担任审核人" in text
    assert "经办和审核不能是同一人" in text
    assert 'value="陈例清"' in text


def test_mistakes_are_named_by_field(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.a.leader).post(
        PEOPLE, {"name": "9", "id_number": "990101198503041234", "role": "", "since": "gestern"}
    )
    assert set(answer.context["form"].errors) == {"name", "id_number", "role", "since"}
    assert "处</span>需要改" in answer.content.decode()
    roles = dict(answer.context["form"].fields["role"].choices)
    assert "bureau_operator" not in roles


def test_a_term_of_office_ends_and_stays_in_the_list_of_the_past(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)
    url = f"{PEOPLE}{cast.a.finance.pk}/end/"
    assert "请填最后一天" in client.post(url, {}, follow=True).content.decode()
    done = client.post(url, {"last_day": "2026-09-01"}, follow=True)
    assert "财务a的任期到9月1日结束" in done.content.decode()
    assert "即将离任" in done.content.decode()
    with clock.at(date(2026, 9, 2)):
        page = client.get(PEOPLE)
    assert [one["person"].name for one in page.context["left"]] == ["财务a"]
    assert "财务a" not in {one["person"].name for one in page.context["rows"]}


def test_the_last_manager_is_told_to_appoint_a_successor(cast: Cast, sign_in: Any) -> None:
    url = f"{PEOPLE}{cast.a.leader.pk}/end/"
    answer = sign_in(cast.a.leader).post(url, {"last_day": "2026-09-01"})
    assert answer.status_code == 409
    assert "请先任命接任的人" in answer.content.decode()


def test_a_reset_password_is_shown_once_and_told_to_its_owner(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.a.leader).post(f"{PEOPLE}{cast.a.committee.pk}/password/")
    password = answer.context["employed"].password
    assert Account.objects.get(username="committee-a").check_password(password)
    with acting_for(cast.school):
        [told] = Message.objects.filter(person=cast.a.committee.person)
    assert password not in told.title + told.body


def test_other_organisations_people_do_not_exist(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)
    for path in ("end", "password"):
        url = f"{PEOPLE}{cast.b.finance.pk}/{path}/"
        assert client.post(url, {"last_day": "2026-09-01"}).status_code == 404
    assert Appointment.objects.get(pk=cast.b.finance.pk).period.upper is None


def test_the_administrator_appoints_the_bureaus_own(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.admin).post(PEOPLE, wanted(role="bureau_operator"))
    assert answer.status_code == 200
    assert answer.context["employed"].appointment.role == Role.BUREAU_OPERATOR


def test_who_checks_at_a_bureau_is_not_offered_its_makers(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    offered = dict(client.get(PEOPLE).context["form"].fields["role"].choices)
    assert "bureau_operator" not in offered
    assert "auditor" in offered
    answer = client.post(PEOPLE, wanted(role="bureau_operator"))
    assert "employed" not in answer.context


def test_people_are_filtered_and_queries_stay_few(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PEOPLE)
        return len(queries)

    client.get(PEOPLE)
    few = count()
    with acting_for(cast.school):
        for n in range(30):
            appoint(f"老师{n}", cast.school, Role.HEAD_TEACHER, f"more-{n}")
    assert count() == few
    rows = client.get(PEOPLE, {"role": "leader"}).context["rows"]
    assert [one["person"].name for one in rows] == ["校长a"]
    assert len(client.get(PEOPLE, {"q": "老师2"}).context["rows"]) == 11


# --- the calendar ---------------------------------------------------------------------------------


def test_everyone_reads_the_year(cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.head_teacher).get(CALENDAR)
    assert len(page.context["months"]) == 12
    september = page.context["months"][8]
    days = {c["day"]: c for week in september["weeks"] for c in week if c}
    assert (days[20]["kind"], days[25]["kind"], days[26]["kind"]) == ("worked", "off", "")
    assert september["working"] == 22
    text = page.content.decode()
    assert "装入一年的放假安排" not in text
    assert sign_in(cast.head_teacher).get(CALENDAR, {"year": "x"}).status_code == 200
    assert "还没有公布" in sign_in(cast.head_teacher).get(CALENDAR, {"year": 2027}).content.decode()


def test_from_november_the_missing_year_is_missed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.operator)
    assert "的放假安排还没有装入" not in client.get(CALENDAR).content.decode()
    with clock.at(date(2026, 11, 2)):
        page = client.get(CALENDAR)
    assert "的放假安排还没有装入" in page.content.decode()
    assert page.context["next_year"] == 2027


def year_text() -> str:
    lines = [f"2027-{m:02d}-{d:02d} 休 节日" for m, d in FIXED_HOLIDAYS]
    return "\n".join([*lines, "2027年2月20日 班 春节调休", "", "# 注"])


def test_an_administrator_loads_a_year_from_pasted_text(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.admin)
    facts = {"year": "2027", "source": "国办通知", "text": year_text()}
    answer = client.post(f"{CALENDAR}load/", facts, follow=True)
    assert answer.redirect_chain == [(f"{CALENDAR}?year=2027", 302)]
    assert "2027年已装入，3天与平常不同" in answer.content.decode()
    assert CalendarDay.objects.get(day=date(2027, 2, 20)).working
    again = client.post(f"{CALENDAR}load/", facts)
    assert again.status_code == 409
    assert [reason.text for reason in again.context["reasons"]] == ["2027年已经装入"]


def test_lines_that_cannot_be_read_are_quoted(cast: Cast, sign_in: Any) -> None:
    text = "2027-01-01 休\n2027-02-30 休\n春节放假七天"
    answer = sign_in(cast.admin).post(
        f"{CALENDAR}load/", {"year": "2027", "source": "通知", "text": text}
    )
    page = answer.content.decode()
    assert "第2行读不懂：“2027-02-30 休”" in page
    assert "第3行读不懂：“春节放假七天”" in page
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_days_are_read_in_the_ways_people_write_them() -> None:
    days, wrong = read_days("日期,安排\n2027/2/5，放假，春节\n2027年2月20日\t上班\n2027.10.1 休")
    assert days == [Special(date(2027, 2, 5), False, "春节"), Special(date(2027, 10, 1), False)]
    assert wrong == [(3, "2027年2月20日\t上班")]


def test_only_an_administrator_changes_the_calendar(cast: Cast, sign_in: Any) -> None:
    for appointment in (cast.a.leader, cast.bureau_reviewer):
        client = sign_in(appointment)
        assert client.post(f"{CALENDAR}load/", {}).status_code == 403
        assert client.post(f"{CALENDAR}terms/2026-2/", {}).status_code == 403


def test_terms_are_corrected(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.admin)
    url = f"{CALENDAR}terms/2026-2/"
    facts = {"starts_on": "2027-02-22", "ends_on": "2027-07-09"}
    assert "日期已更正" in client.post(url, facts, follow=True).content.decode()
    assert Term.objects.get(code="2026-2").starts_on == date(2027, 2, 22)
    assert "请填开学和结束" in client.post(url, {}, follow=True).content.decode()
    assert client.post(f"{CALENDAR}terms/2099-1/", facts).status_code == 404
    facts["ends_on"] = "2027-01-01"
    assert client.post(url, facts).status_code == 409


def test_the_next_term_is_added(cast: Cast, sign_in: Any) -> None:
    url = f"{CALENDAR}terms/"
    facts = {"starts_on": "2027-09-01", "ends_on": "2028-01-28"}
    for appointment in (cast.a.leader, cast.bureau_reviewer):
        assert sign_in(appointment).post(url, facts).status_code == 403
    client = sign_in(cast.admin)
    assert "添加2027—2028学年第一学期" in client.get(CALENDAR).content.decode()
    assert "请填开学和结束" in client.post(url, {}, follow=True).content.decode()
    assert "第一学期已添加" in client.post(url, facts, follow=True).content.decode()
    # The second click means the same term, not the one after it.
    assert client.post(url, facts).status_code == 409
    assert Term.objects.filter(year=2027).count() == 1


# --- the trail ------------------------------------------------------------------------------------


def test_the_trail_is_searched_and_holds(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.a.leader)
    client.post(PEOPLE, wanted())
    page = client.get(TRAIL)
    assert [line.event.label for line in page.context["lines"]][:2] == ["开通账号", "任命"]
    found = client.get(TRAIL, {"q": "开通"}).context["lines"]
    assert [line.event.verb for line in found] == ["account.open"]
    assert client.get(TRAIL, {"role": "operator"}).context["page"].paginator.count == 1
    assert client.get(TRAIL, {"since": "2026-09-02"}).context["page"].paginator.count == 0
    assert client.get(TRAIL, {"until": "2026-09-01", "since": "x"}).status_code == 200
    assert client.get(TRAIL, {"q": "\x00#3"}).status_code == 200
    checked = client.get(TRAIL, {"verify": "1"}).content.decode()
    assert "核验完成，没有被改动" in checked


def test_a_break_in_the_chain_is_told(
    cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [Break(cast.school.pk, 2, "内容与指纹不符")]
    monkeypatch.setattr(trail, "broken_links", lambda organisation_id: iter(broken))
    text = sign_in(cast.a.leader).get(TRAIL, {"verify": "1"}).content.decode()
    assert "审计链断开" in text
    assert "第2条：内容与指纹不符。" in text


def test_the_trail_of_another_organisation_is_not_shown(cast: Cast, sign_in: Any) -> None:
    # The district reaches school A, yet its own trail is what it reads here.
    sign_in(cast.a.leader).post(PEOPLE, wanted())
    lines = sign_in(cast.bureau_reviewer).get(TRAIL).context["lines"]
    assert {line.event.organisation_id for line in lines} == {cast.district.pk}
    assert sign_in(cast.operator).get(TRAIL).status_code == 403
