"""Beginning an installation, founding below, moving schools, appointing the first people."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from audit.models import Event
from audit.refusal import Refused
from audit.verify import broken_links
from schools import actions, clock, founding, hierarchy, marks
from schools.models import Account, Appointment, Bureau, Organisation, Reach, School, Stage
from schools.roles import Role
from schools.rules import NOT_CHOSEN
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.models import Student
from tests.cast import Cast, next_id
from tests.racing import race, unguarded

DAY = date(2026, 9, 1)


def begin(**facts: str) -> actions.Employed:
    wanted: dict[str, Any] = {
        "code": "990000",
        "name": "示范市教委",
        "kind": Organisation.Kind.CITY,
        "admin_name": "陈例清",
        "admin_id": next_id(),
        "username": "chen",
    }
    return founding.begin(**(wanted | facts))


def add_school(cast: Cast, by: Appointment | None = None, **facts: Any) -> School:
    wanted: dict[str, Any] = {
        "code": "3499000009",
        "name": "示范第九中学",
        "stage": Stage.SENIOR,
        "superior": cast.district,
        "territory": cast.district,
        "by": by or cast.bureau_reviewer,
    }
    return founding.add_school(**(wanted | facts))


def appoint_first(organisation: Organisation, by: Appointment, **facts: Any) -> actions.Employed:
    wanted: dict[str, Any] = {
        "name": "何例宁",
        "id_number": next_id(),
        "role": Role.LEADER,
        "since": DAY,
    }
    return founding.appoint_first(organisation=organisation, by=by, **(wanted | facts))


def reached_by(school: School) -> set[int]:
    return set(Reach.objects.filter(school=school).values_list("organisation_id", flat=True))


def texts(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.text for reason in refused.value.reasons]


def trail(organisation: Organisation) -> list[str]:
    with acting_for(organisation):
        found = Event.objects.for_organisation(organisation.pk).order_by("seq")
        return list(found.values_list("verb", flat=True))


# --- the first bureau -----------------------------------------------------------------------------


@pytest.mark.usefixtures("db", "start_of_term")
def test_an_installation_begins_with_a_bureau_and_its_administrator() -> None:
    set_scope(None)
    first = begin()
    bureau = Bureau.objects.get()
    assert (bureau.code, bureau.region_code, bureau.kind) == ("990000", "990000", "city")
    assert first.appointment.role == Role.ADMIN
    account = Account.objects.get(username="chen")
    assert account.check_password(first.password)
    assert account.password_changed_on == NOT_CHOSEN
    assert trail(bureau) == ["appointment.appoint", "organisation.found", "account.open"]
    with pytest.raises(Refused) as refused:
        begin(code="990001", username="other")
    assert texts(refused) == ["已经有教育局，不能再建立第一个"]


@pytest.mark.usefixtures("db", "start_of_term")
def test_a_bad_beginning_is_told_all_at_once_and_leaves_nothing() -> None:
    with pytest.raises(Refused) as refused:
        begin(code="99", name=" ", admin_name="9", admin_id="990101198503041234", username="X")
    found = texts(refused)
    assert found[:3] == [
        "行政区划代码应为6位数字",
        "单位名称应为1至64个字",
        "账号应以小写字母开头，3至32个字符",
    ]
    assert any("姓名" in text for text in found)
    assert any("校验码" in text for text in found)
    assert not Organisation.objects.exists()


# --- organisations below --------------------------------------------------------------------------


def test_a_new_school_is_reached_by_itself_its_superiors_and_its_territory(cast: Cast) -> None:
    own = add_school(cast)
    assert reached_by(own) == {own.pk, cast.district.pk, cast.city.pk}
    citys = add_school(
        cast,
        cast.admin,
        code="3499000010",
        name="市直属中学",
        superior=cast.city,
        territory=cast.other_district,
    )
    assert reached_by(citys) == {citys.pk, cast.other_district.pk, cast.city.pk}
    assert trail(own) == ["organisation.found"]


def test_a_district_founds_only_in_its_own_place(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        add_school(
            cast,
            code="12",
            name="",
            superior=cast.city,
            territory=cast.other_district,
        )
    assert texts(refused) == [
        "学校标识码应为10位数字",
        "单位名称应为1至64个字",
        "主管部门不在本单位之下",
        "属地不在本单位之下",
    ]


def test_a_school_is_not_founded_twice(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        add_school(cast, code=cast.school.code, name=cast.school.name)
    assert texts(refused) == [f"代码{cast.school.code}已经有单位在用", "同一辖区已经有同名的单位"]
    # The same name in another district is another school.
    there = add_school(
        cast,
        cast.admin,
        name=cast.school.name,
        superior=cast.other_district,
        territory=cast.other_district,
    )
    assert there.name == cast.school.name


def test_the_city_adds_a_district(cast: Cast) -> None:
    district = founding.add_district(code="990103", name="南区教育局", by=cast.admin)
    assert (district.region_code, district.superior) == ("990103", cast.city)
    assert [b.pk for b in hierarchy.below(cast.city)] == [
        cast.city.pk,
        cast.district.pk,
        district.pk,
        cast.other_district.pk,
    ]
    assert trail(district) == ["organisation.found"]
    with pytest.raises(Refused) as again:
        founding.add_district(code="990103", name="南区教育局", by=cast.admin)
    assert texts(again) == ["代码990103已经有单位在用", "同一辖区已经有同名的单位"]
    with pytest.raises(Refused) as refused:
        founding.add_district(code="110101", name="北区教育局", by=cast.admin)
    assert texts(refused) == ["行政区划代码应以99开头"]
    with pytest.raises(Refused) as lower:
        founding.add_district(code="990104", name="北区教育局", by=cast.bureau_reviewer)
    assert "区教育局由市教委建立" in texts(lower)


@pytest.mark.race
def test_of_many_founding_one_school_at_once_one_wins(committed: Cast) -> None:
    found = race(lambda _: add_school(committed), organisation=committed.district)
    assert found == {"won": 1, "Refused": 63}


# --- changing -------------------------------------------------------------------------------------


def test_contacts_are_changed_and_written_down(cast: Cast) -> None:
    same: dict[str, Any] = {"name": cast.school.name, "superior": cast.district}
    same["territory"] = cast.district
    done = founding.change(
        organisation=cast.school, by=cast.bureau_reviewer, contact_phone="0571-87654321", **same
    )
    assert done == ["contact_phone"]
    assert School.objects.get(pk=cast.school.pk).contact_phone == "0571-87654321"
    event = Event.objects.for_organisation(cast.school.pk).get(verb="organisation.change")
    assert event.facts == {
        "before": {"contact_phone": ""},
        "after": {"contact_phone": "0571-87654321"},
    }
    again = founding.change(organisation=cast.school, by=cast.bureau_reviewer, **same)
    assert again == []


def test_a_stale_page_takes_nothing_back(cast: Cast) -> None:
    organisation, by = cast.school, cast.bureau_reviewer
    known = marks.of_organisation(School.objects.get(pk=organisation.pk))
    founding.change(organisation=organisation, by=by, mark=known, contact_phone="0571-87654321")
    with pytest.raises(Refused) as refused:
        founding.change(
            organisation=organisation, by=by, mark=known, contact_phone="", address="样例路1号"
        )
    assert [r.text for r in refused.value.reasons] == ["资料刚刚被别人改过，这次没有保存"]
    row = School.objects.get(pk=organisation.pk)
    assert (row.contact_phone, row.address) == ("0571-87654321", "")
    # The same words sent twice undo nothing, and who has looked again may save.
    same = {"contact_phone": "0571-87654321"}
    assert founding.change(organisation=organisation, by=by, mark=known, **same) == []
    anew = marks.of_organisation(row)
    done = founding.change(organisation=organisation, by=by, mark=anew, address="样例路1号")
    assert done == ["address"]


def test_a_moved_school_is_reached_from_its_new_place_only(cast: Cast) -> None:
    number = cast.a.students[0].pk

    def seen_by(bureau: Bureau) -> bool:
        with acting_for(bureau):
            return bool(Student.objects.filter(pk=number).exists())

    assert (seen_by(cast.district), seen_by(cast.other_district)) == (True, False)
    founding.change(
        organisation=cast.school,
        by=cast.admin,
        superior=cast.other_district,
        territory=cast.other_district,
    )
    assert reached_by(cast.school) == {cast.school.pk, cast.other_district.pk, cast.city.pk}
    assert (seen_by(cast.district), seen_by(cast.other_district)) == (False, True)
    founding.change(organisation=cast.school, by=cast.admin, territory=cast.district)
    assert (seen_by(cast.district), seen_by(cast.other_district)) == (True, True)
    with acting_for(cast.school):
        assert list(broken_links(cast.school.pk)) == []


def test_a_district_moves_no_school_away_or_to_itself(cast: Cast) -> None:
    with pytest.raises(Refused) as away:
        founding.change(
            organisation=cast.school, by=cast.bureau_reviewer, superior=cast.other_district
        )
    assert texts(away) == ["主管部门不在本单位之下"]
    citys = add_school(cast, cast.admin, superior=cast.city)
    with pytest.raises(Refused) as taking:
        founding.change(organisation=citys, by=cast.bureau_reviewer, superior=cast.district)
    assert texts(taking) == ["主管部门和属地由共同的上级来改"]
    with pytest.raises(Refused) as foreign:
        founding.change(organisation=cast.c.school, by=cast.bureau_reviewer, contact_name="甲")
    assert texts(foreign) == ["这个单位不在本单位之下"]


def test_code_and_stage_are_mended_until_someone_is_appointed(cast: Cast) -> None:
    fresh = add_school(cast)
    founding.change(
        organisation=fresh, by=cast.bureau_reviewer, code="2199000009", stage=Stage.PRIMARY
    )
    fresh.refresh_from_db()
    assert (fresh.code, fresh.stage) == ("2199000009", Stage.PRIMARY)
    with pytest.raises(Refused) as taken:
        founding.change(organisation=fresh, by=cast.bureau_reviewer, code=cast.school.code)
    assert texts(taken) == [f"代码{cast.school.code}已经有单位在用"]
    appoint_first(fresh, cast.bureau_reviewer)
    with pytest.raises(Refused) as late:
        founding.change(organisation=fresh, by=cast.bureau_reviewer, stage=Stage.JUNIOR)
    assert texts(late) == ["已经任命过人，代码和学段不能再改"]


def test_a_districts_code_is_its_region(cast: Cast) -> None:
    district = founding.add_district(code="990103", name="南区教育局", by=cast.admin)
    assert founding.change(organisation=district, by=cast.admin, code="990104") == ["code"]
    district.refresh_from_db()
    assert (district.code, district.region_code) == ("990104", "990104")


# --- the first people -----------------------------------------------------------------------------


def test_the_superior_appoints_a_new_schools_leader_in_that_schools_trail(cast: Cast) -> None:
    school = add_school(cast)
    set_scope(cast.district.pk)
    first = appoint_first(school, cast.bureau_reviewer)
    assert Account.objects.get(username=first.username).check_password(first.password)
    assert trail(school) == ["organisation.found", "appointment.appoint", "account.open"]
    with pytest.raises(Refused) as refused:
        appoint_first(school, cast.bureau_reviewer, name="王样宁", role=Role.LEADER)
    assert texts(refused) == ["示范第九中学已有何例宁（分管领导）在任"]
    with pytest.raises(Refused, match="上级只能任命分管领导、资助专干（经办）、财务"):
        appoint_first(school, cast.bureau_reviewer, name="王样宁", role=Role.AUDITOR)
    # From here on the school's leader appoints, but never those whose work he approves.
    with acting_for(school):
        facts: dict[str, Any] = {"organisation": school, "since": DAY, "by": first.appointment}
        actions.employ(name="王样宁", id_number=next_id(), role=Role.COMMITTEE, **facts)
        with pytest.raises(Refused, match="不能由本单位的审核人开设"):
            actions.employ(name="李样宁", id_number=next_id(), role=Role.OPERATOR, **facts)
    set_scope(cast.district.pk)
    made = appoint_first(school, cast.bureau_reviewer, name="李样宁", role=Role.OPERATOR)
    assert made.appointment.role == Role.OPERATOR


def test_a_new_district_gets_its_operator_and_its_reviewer_from_the_city(cast: Cast) -> None:
    district = founding.add_district(code="990103", name="南区教育局", by=cast.admin)
    set_scope(cast.city.pk)
    appoint_first(district, cast.admin, role=Role.BUREAU_OPERATOR)
    appoint_first(district, cast.admin, name="王样宁", role=Role.BUREAU_REVIEWER)
    with pytest.raises(Refused) as refused:
        appoint_first(district, cast.admin, name="周样泽", role=Role.BUREAU_REVIEWER)
    assert texts(refused) == ["南区教育局已有王样宁（资助中心审核）在任"]
    assert trail(district).count("appointment.appoint") == 2
    with acting_for(district):
        assert list(broken_links(district.pk)) == []


def test_nobody_appoints_beyond_the_reach_or_oneself(cast: Cast) -> None:
    school = add_school(
        cast, cast.admin, superior=cast.other_district, territory=cast.other_district
    )
    with pytest.raises(Refused) as refused:
        appoint_first(school, cast.bureau_reviewer)
    assert texts(refused) == ["这个单位不在本单位之下"]
    own = add_school(cast, code="3499000010", name="示范第十中学")
    number = cast.bureau_reviewer.person.id_number.reveal()
    with pytest.raises(Refused) as oneself:
        appoint_first(own, cast.bureau_reviewer, name="区审核", id_number=number)
    assert texts(oneself) == ["不能任命自己"]


def test_when_the_last_manager_is_gone_the_superior_appoints_again(cast: Cast) -> None:
    school = add_school(cast)
    appoint_first(school, cast.bureau_reviewer, last_day=DAY + timedelta(days=30))
    with clock.at(date(2026, 10, 2)):
        again = appoint_first(school, cast.bureau_reviewer, name="王样宁", since=date(2026, 10, 2))
    assert again.appointment.person.name == "王样宁"


@pytest.mark.race
def test_of_many_appointing_the_first_leader_at_once_one_wins(committed: Cast) -> None:
    school = add_school(committed)
    numbers = [next_id() for _ in range(16)]
    found = race(
        lambda i: appoint_first(school, committed.bureau_reviewer, id_number=numbers[i]),
        organisation=committed.district,
        threads=16,
    )
    assert found == {"won": 1, "Refused": 15}


@pytest.mark.race
def test_without_the_lock_several_first_leaders_appear(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = add_school(committed)
    numbers = [next_id() for _ in range(16)]
    locking = QuerySet.select_for_update

    def unlocked(rows: Any, **options: Any) -> Any:
        return rows if rows.model is Organisation else locking(rows, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    won = unguarded(
        lambda i: appoint_first(school, committed.bureau_reviewer, id_number=numbers[i]),
        organisation=committed.district,
    )
    assert won > 1


# --- a lost one-time password ---------------------------------------------------------------------


def test_a_lost_one_time_password_is_given_again_until_the_first_sign_in(cast: Cast) -> None:
    school = add_school(cast)
    set_scope(cast.district.pk)
    first = appoint_first(school, cast.bureau_reviewer)
    second = founding.give_first_password(appointment=first.appointment, by=cast.bureau_reviewer)
    account = Account.objects.get(username=first.username)
    assert account.check_password(second.password)
    assert not account.check_password(first.password)
    assert trail(school)[-1] == "account.reset_password"
    with acting_for(school):
        actions.choose_password(account=account, password="own-choice-2026", by=first.appointment)
    with pytest.raises(Refused) as refused:
        founding.give_first_password(appointment=first.appointment, by=cast.bureau_reviewer)
    assert texts(refused) == ["本人已经换成自己的密码"]


def test_nobody_elses_password_is_given_from_above(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        founding.give_first_password(appointment=cast.c.leader, by=cast.bureau_reviewer)
    assert texts(refused) == ["这个单位不在本单位之下", "本人已经换成自己的密码"]
