"""设置·机构 and `manage.py found`: who sees what, adding, changing, the first people."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from schools import founding
from schools.models import Account, Appointment, Bureau, Organisation, Reach, School, Stage
from schools.roles import Role
from schools.scope import acting_for
from schools.tenancy import set_scope
from tests.cast import Cast, appoint, next_id

URL = "/settings/organisations/"
NEW_SCHOOL = f"{URL}schools/new/"
NEW_DISTRICT = f"{URL}bureaus/new/"


def school_facts(cast: Cast, **facts: str) -> dict[str, str]:
    return {
        "code": "3499000009",
        "name": "示范第九中学",
        "stage": "senior",
        "superior": str(cast.district.pk),
        "territory": str(cast.district.pk),
        "has_boarding": "on",
        "contact_phone": "0571-87654321",
    } | facts


def leader_facts(**facts: str) -> dict[str, str]:
    return {
        "name": "何例宁",
        "id_number": next_id(),
        "role": "leader",
        "since": "2026-09-01",
    } | facts


def found_school(cast: Cast, number: int = 9, by: Appointment | None = None) -> School:
    return founding.add_school(
        code=f"34990001{number:02d}",
        name=f"示范新校{number}",
        stage=Stage.SENIOR,
        superior=cast.district,
        territory=cast.district,
        by=by or cast.bureau_reviewer,
    )


# --- the command ----------------------------------------------------------------------------------


def found(*more: str, code: str = "990000") -> str:
    out = StringIO()
    person = ["--admin-name", "陈例清", "--username", "chen", "--admin-id", next_id()]
    call_command("found", code, "示范市教委", *person, *more, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("db", "start_of_term")
def test_the_command_founds_once_and_its_password_opens_only_the_change_page(
    client: Client,
) -> None:
    set_scope(None)
    told = found()
    password = told.split("一次性密码")[1].split()[0]
    entered = client.post("/accounts/login/", {"username": "chen", "password": password})
    assert entered.status_code == 302
    assert client.get(URL).headers["Location"].startswith("/accounts/password/")
    with pytest.raises(CommandError) as refused:
        found()
    assert "已经有教育局，不能再建立第一个" in str(refused.value)
    assert Organisation.objects.count() == 1


@pytest.mark.usefixtures("db", "start_of_term")
def test_a_single_district_can_begin_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    set_scope(None)
    asked = next_id()
    monkeypatch.setattr("getpass.getpass", lambda _: asked)
    names = ["--admin-name", "陈例清", "--username", "chen"]
    out = StringIO()
    call_command("found", "990101", "东区教育局", *names, "--district", stdout=out)
    assert Bureau.objects.get().kind == Organisation.Kind.DISTRICT
    assert asked not in out.getvalue()


@pytest.mark.usefixtures("db", "start_of_term")
def test_the_command_tells_every_reason() -> None:
    person = ["--admin-name", "9", "--username", "X", "--admin-id", "123"]
    with pytest.raises(CommandError) as refused:
        call_command("found", "99", " ", *person)
    for part in ("6位数字", "1至64个字", "小写字母开头", "姓名", "18 位"):
        assert part in str(refused.value)
    assert not Organisation.objects.exists()


# --- the list -------------------------------------------------------------------------------------


def test_each_bureau_sees_its_own_part(cast: Cast, sign_in: Any) -> None:
    fresh = found_school(cast)
    page = sign_in(cast.bureau_reviewer).get(URL)
    text = page.content.decode()
    assert [one["row"].name for one in page.context["bureaus"]] == ["东区教育局"]
    assert [one["row"].name for one in page.context["rows"]] == [
        "示范新校9",
        "示范第一高级中学",
        "示范职业高中",
    ]
    assert "西区第二中学" not in text
    assert "添加区教育局" not in text
    assert "校长a" in text
    assert page.context["waiting"] == 1
    waiting = sign_in(cast.admin).get(URL, {"state": "none"})
    assert [one["row"].pk for one in waiting.context["rows"]] == [fresh.pk]
    assert "添加区教育局" in waiting.content.decode()


def test_the_list_is_filtered(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.admin)

    def names(**asked: str) -> list[str]:
        return [one["row"].name for one in client.get(URL, asked).context["rows"]]

    assert names(q="职业") == ["示范职业高中"]
    assert names(q="3499000003") == ["西区第二中学"]
    assert names(stage="vocational") == ["示范职业高中"]
    assert names(place=str(cast.other_district.pk)) == ["西区第二中学"]
    assert names(q="\x00没有") == []
    assert len(names(place="x", stage="x", state="x")) == 3


def test_only_bureaus_in_charge_enter(cast: Cast, sign_in: Any) -> None:
    for appointment in (cast.a.leader, cast.bureau_operator, cast.a.operator):
        assert sign_in(appointment).get(URL).status_code == 403
    assert sign_in(cast.bureau_reviewer).get(NEW_DISTRICT).status_code == 403
    with acting_for(cast.district):
        local = appoint("区管理员", cast.district, Role.ADMIN, "admin-dong")
    assert sign_in(local).get(NEW_DISTRICT).status_code == 404
    assert sign_in(local).get(NEW_SCHOOL).status_code == 200


def test_the_list_asks_as_often_for_many_as_for_one(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL).status_code == 200
        return len(asked)

    few = queries()
    for n in range(25):
        found_school(cast, n + 10)
    assert queries() == few


def test_with_whom_a_school_is_run_jointly_is_told(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    partner = "示范职业技术学院"
    client.post(NEW_SCHOOL, school_facts(cast, joint_with=partner))
    school = School.objects.get(code="3499000009")
    assert school.joint_with == partner
    own = f"{URL}{school.pk}/"
    for page in (own, f"/overview/{school.pk}/"):
        assert f"与{partner}联合办学" in client.get(page).content.decode()
    assert "联合办学" in client.get(URL).content.decode()
    mark = client.get(own).context["mark"]
    client.post(own, school_facts(cast, joint_with="", mark=mark))
    school.refresh_from_db()
    assert school.joint_with == ""


# --- adding ---------------------------------------------------------------------------------------


def test_a_school_is_added_and_its_leader_comes_next(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    assert client.get(NEW_SCHOOL).status_code == 200
    answer = client.post(NEW_SCHOOL, school_facts(cast), follow=True)
    school = School.objects.get(code="3499000009")
    text = answer.content.decode()
    assert "已建立示范第九中学。接着任命分管领导。" in text
    assert "任命分管领导" in text
    assert (school.has_boarding, school.is_private) == (True, False)
    reached = set(Reach.objects.filter(school=school).values_list("organisation_id", flat=True))
    assert reached == {school.pk, cast.district.pk, cast.city.pk}
    # A second click.
    again = client.post(NEW_SCHOOL, school_facts(cast)).content.decode()
    assert "代码3499000009已经有单位在用" in again
    assert "同一辖区已经有同名的单位" in again


def test_mistakes_are_told_at_once_and_what_was_typed_stays(cast: Cast, sign_in: Any) -> None:
    wrong = school_facts(
        cast,
        code="34",
        name=cast.school.name,
        stage="",
        superior=str(cast.city.pk),
        contact_phone="12",
        contact_email="x",
    )
    answer = sign_in(cast.bureau_reviewer).post(NEW_SCHOOL, wrong)
    assert set(answer.context["form"].errors) == {
        "code", "name", "stage", "superior", "contact_phone", "contact_email",
    }  # fmt: skip
    text = answer.content.decode()
    assert "学校标识码应为10位数字" in text
    assert "同一辖区已经有同名的单位" in text
    assert f'value="{cast.school.name}"' in text
    assert not School.objects.filter(code="34").exists()


def test_the_city_adds_a_district(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.admin)
    wrong = client.post(NEW_DISTRICT, {"code": "110101", "name": "南区教育局"})
    assert "行政区划代码应以99开头" in wrong.content.decode()
    done = client.post(NEW_DISTRICT, {"code": "990103", "name": "南区教育局"}, follow=True)
    assert "已建立南区教育局。接着任命资助中心的审核人。" in done.content.decode()
    assert Bureau.objects.get(code="990103").superior_id == cast.city.pk


# --- changing -------------------------------------------------------------------------------------


def test_contacts_are_changed(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    url = f"{URL}{cast.school.pk}/"
    form = client.get(url).context["form"]
    assert "code" not in form.fields
    facts = {
        "name": cast.school.name,
        "superior": str(cast.district.pk),
        "territory": str(cast.district.pk),
        "contact_phone": "0571-87654321",
    }
    done = client.post(url, facts, follow=True)
    assert "资料已更正" in done.content.decode()
    assert School.objects.get(pk=cast.school.pk).contact_phone == "0571-87654321"
    assert "内容没有变化" in client.post(url, facts, follow=True).content.decode()
    set_scope(cast.school.pk)
    verbs = Event.objects.for_organisation(cast.school.pk).values_list("verb", flat=True)
    assert list(verbs).count("organisation.change") == 1
    again = client.post(url, facts | {"name": "", "contact_phone": "1"})
    assert set(again.context["form"].errors) == {"name", "contact_phone"}


def test_two_who_change_at_once_keep_each_others_words(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    url = f"{URL}{cast.district.pk}/"
    facts = {"name": cast.district.name, "mark": client.get(url).context["mark"]}
    client.post(url, facts | {"contact_phone": "0571-87654321"})
    for _ in range(2):
        late = client.post(url, facts | {"contact_name": "资助科"})
        assert late.status_code == 409
        assert "刚刚被别人改过" in late.content.decode()
        # What is typed again over the same old page is refused again.
        assert f'value="{facts["mark"]}"' in late.content.decode()
    kept = Bureau.objects.get(pk=cast.district.pk)
    assert (kept.contact_phone, kept.contact_name) == ("0571-87654321", "")


def test_a_bureau_changes_its_own_contacts(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    url = f"{URL}{cast.district.pk}/"
    text = client.get(url).content.decode()
    assert "人员与任期" in text
    assert "任命并开通账号" not in text
    facts = {"name": cast.district.name, "contact_phone": "0571-87654321"}
    client.post(url, facts)
    assert Bureau.objects.get(pk=cast.district.pk).contact_phone == "0571-87654321"


def test_the_city_moves_a_school_and_the_district_has_no_such_field(
    cast: Cast, sign_in: Any
) -> None:
    url = f"{URL}{cast.school.pk}/"
    facts = {
        "name": cast.school.name,
        "superior": str(cast.city.pk),
        "territory": str(cast.district.pk),
    }
    sign_in(cast.admin).post(url, facts)
    assert School.objects.get(pk=cast.school.pk).superior_id == cast.city.pk
    client = sign_in(cast.bureau_reviewer)
    assert "superior" not in client.get(url).context["form"].fields
    client.post(url, facts | {"superior": str(cast.district.pk)})
    assert School.objects.get(pk=cast.school.pk).superior_id == cast.city.pk
    sign_in(cast.admin).post(url, facts | {"territory": str(cast.other_district.pk)})
    assert sign_in(cast.bureau_reviewer).get(url).status_code == 404


def test_organisations_beyond_the_reach_do_not_exist(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.bureau_reviewer)
    for key in (cast.c.school.pk, cast.other_district.pk, cast.city.pk, 10**6):
        assert client.get(f"{URL}{key}/").status_code == 404
        assert client.post(f"{URL}{key}/", {"name": "甲"}).status_code == 404
        assert client.post(f"{URL}{key}/appoint/", leader_facts()).status_code == 404
        assert client.post(f"{URL}{key}/password/", {}).status_code == 404


# --- the first people -----------------------------------------------------------------------------


def test_the_first_leader_gets_a_password_shown_once(cast: Cast, sign_in: Any) -> None:
    school = found_school(cast)
    client = sign_in(cast.bureau_reviewer)
    facts = leader_facts()
    answer = client.post(f"{URL}{school.pk}/appoint/", facts)
    text = answer.content.decode()
    employed = answer.context["employed"]
    assert answer["Cache-Control"] == "no-store"
    assert employed.password in text
    assert facts["id_number"] not in text
    page = client.get(f"{URL}{school.pk}/").content.decode()
    assert "还没启用" in page
    assert employed.password not in page
    # 经办 and 财务 are appointed from above at any time.
    assert "任命并开通账号" in page
    # A reload of the answer.
    again = client.post(f"{URL}{school.pk}/appoint/", facts)
    assert again.status_code == 409
    assert "示范新校9已有何例宁（分管领导）在任" in again.content.decode()
    # The leader enters with it and must choose an own one.
    own = Client()
    own.post("/accounts/login/", {"username": employed.username, "password": employed.password})
    assert own.get("/settings/people/").headers["Location"].startswith("/accounts/password/")


def test_mistakes_in_the_first_appointment_stay_with_their_fields(cast: Cast, sign_in: Any) -> None:
    school = found_school(cast)
    answer = sign_in(cast.bureau_reviewer).post(
        f"{URL}{school.pk}/appoint/", leader_facts(name="9", id_number="1", role="auditor")
    )
    assert set(answer.context["first"].errors) == {"name", "id_number", "role"}
    assert 'href="#first_name"' in answer.content.decode()
    assert not Appointment.objects.filter(organisation_id=school.pk).exists()


def test_a_lost_password_is_given_again_only_before_the_first_use(cast: Cast, sign_in: Any) -> None:
    school = found_school(cast)
    client = sign_in(cast.bureau_reviewer)
    first = client.post(f"{URL}{school.pk}/appoint/", leader_facts()).context["employed"]
    url = f"{URL}{school.pk}/password/"
    answer = client.post(url, {"appointment": first.appointment.pk})
    second = answer.context["employed"]
    assert answer["Cache-Control"] == "no-store"
    assert Account.objects.get(username=first.username).check_password(second.password)
    assert client.post(url, {"appointment": cast.a.leader.pk}).status_code == 404
    assert client.post(url, {"appointment": "x"}).status_code == 404
    used = client.post(f"{URL}{cast.school.pk}/password/", {"appointment": cast.a.leader.pk})
    assert used.status_code == 409
    assert "本人已经换成自己的密码" in used.content.decode()
