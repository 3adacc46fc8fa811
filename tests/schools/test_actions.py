"""Appointing and dismissing, passwords, the calendar's next year, terms."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from applications.rules.openings import opens_by_itself
from audit.models import Event
from audit.refusal import Refused
from schools import actions, almanac, clock, official, workdays
from schools.models import Account, Appointment, CalendarDay, Person, Term
from schools.roles import Role
from schools.rules import FIXED_HOLIDAYS, NOT_CHOSEN, Special
from schools.scope import acting_for
from tests import database
from tests.cast import Cast, next_id, person
from tests.racing import race, unguarded

DAY = date(2026, 9, 1)


def employ(cast: Cast, **facts: object) -> actions.Employed:
    wanted: dict[str, object] = {
        "name": "陈例清",
        "id_number": next_id(),
        "organisation": cast.school,
        "role": Role.COMMITTEE,
        "since": DAY,
        "by": cast.a.leader,
    }
    return actions.employ(**(wanted | facts))  # type: ignore[arg-type]


def texts(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.text for reason in refused.value.reasons]


# --- appointing ---------------------------------------------------------------------------------


def test_a_new_person_gets_an_account_with_a_one_time_password(cast: Cast) -> None:
    employed = employ(cast)
    account = Account.objects.get(username=employed.username)
    assert employed.username == "chenliqing"
    assert account.check_password(employed.password)
    assert account.password_changed_on == NOT_CHOSEN
    assert employed.appointment.role == Role.COMMITTEE
    verbs = Event.objects.for_organisation(cast.school.pk).values_list("verb", flat=True)
    assert list(verbs[:2]) == ["account.open", "appointment.appoint"]


def test_people_of_one_name_get_different_accounts(cast: Cast) -> None:
    first, second = employ(cast), employ(cast)
    assert (first.username, second.username) == ("chenliqing", "chenliqing2")
    assert first.password != second.password


def test_who_has_an_account_keeps_it(cast: Cast) -> None:
    number = next_id()
    first = employ(cast, id_number=number)
    again = employ(cast, id_number=number, role=Role.AUDITOR)
    assert (again.username, again.password) == (first.username, "")
    assert Account.objects.filter(person=first.appointment.person).count() == 1


def test_one_person_cannot_prepare_and_check_at_one_school(cast: Cast) -> None:
    number = next_id()
    # The bureau opens the account of who prepares.
    employ(cast, id_number=number, role=Role.OPERATOR, by=cast.admin)
    with pytest.raises(Refused) as refused:
        employ(cast, id_number=number, role=Role.REVIEWER)
    assert texts(refused) == [
        "陈例清2026年9月1日起担任资助专干（经办），不能同时担任审核人",
    ]
    # Elsewhere and afterwards they may.
    with acting_for(cast.b.school):
        other = employ(cast, id_number=number, role=Role.REVIEWER, organisation=cast.b.school)
    assert other.appointment.organisation_id == cast.b.school.pk


def test_the_same_office_is_not_given_twice(cast: Cast) -> None:
    number = next_id()
    employ(cast, id_number=number)
    with pytest.raises(Refused) as refused:
        employ(cast, id_number=number)
    assert texts(refused) == ["陈例清2026年9月1日起已经担任领导小组成员"]


def test_a_number_known_under_another_name_is_refused_without_telling_whose(cast: Cast) -> None:
    number = next_id()
    employ(cast, id_number=number)
    with pytest.raises(Refused) as refused:
        employ(cast, id_number=number, name="王样宁", role=Role.COMMITTEE)
    assert texts(refused) == ["这个身份证号已登记在另一个姓名下"]
    assert "陈例清" not in str(refused.value)


def test_a_school_has_no_bureau_roles_and_no_reversed_terms(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        employ(cast, role=Role.BUREAU_OPERATOR, last_day=DAY - timedelta(days=1))
    assert texts(refused) == [
        "示范第一高级中学没有“资助中心经办”这个职责",
        "任期结束早于开始",
    ]
    assert not Account.objects.filter(username="chenliqing").exists()


# --- ending -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE])
def test_who_approves_does_not_open_the_accounts_of_who_prepares(cast: Cast, role: Role) -> None:
    # With the first password in hand one person could prepare and approve alone.
    with pytest.raises(Refused, match="不能由本单位的审核人开设"):
        employ(cast, role=role)
    with pytest.raises(Refused, match="不能由本单位的审核人开设"):
        actions.reset_password(appointment=cast.a.finance, by=cast.a.leader)
    assert not Person.objects.filter(name="陈例清").exists()


def test_after_the_last_day_an_appointment_is_over(cast: Cast) -> None:
    actions.dismiss(appointment=cast.a.finance, last_day=DAY, by=cast.a.leader)
    assert Appointment.objects.valid_on(DAY).filter(pk=cast.a.finance.pk).exists()
    after = DAY + timedelta(days=1)
    assert not Appointment.objects.valid_on(after).filter(pk=cast.a.finance.pk).exists()


def test_the_only_manager_stays(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.dismiss(appointment=cast.a.leader, last_day=DAY, by=cast.a.leader)
    assert texts(refused) == ["这是本单位唯一能管理人员的任期，结束后没有人能任命"]
    employ(cast, role=Role.LEADER)
    actions.dismiss(appointment=cast.a.leader, last_day=DAY, by=cast.a.leader)


def test_a_term_of_office_does_not_end_before_its_work(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.dismiss(appointment=cast.a.finance, last_day=date(2025, 8, 1), by=cast.a.leader)
    assert texts(refused) == ["最后一天早于任期开始", "最后一天不能早于今天"]


def test_what_is_over_is_not_ended_again(cast: Cast) -> None:
    actions.dismiss(appointment=cast.a.finance, last_day=DAY, by=cast.a.leader)
    with pytest.raises(Refused) as refused:
        actions.dismiss(appointment=cast.a.finance, last_day=DAY, by=cast.a.leader)
    assert texts(refused) == ["这个任期已定在这一天结束"]
    with clock.at(date(2026, 9, 7)), pytest.raises(Refused) as later:
        actions.dismiss(appointment=cast.a.finance, last_day=date(2026, 9, 8), by=cast.a.leader)
    assert texts(later) == ["这个任期已经结束"]


# --- passwords ----------------------------------------------------------------------------------


def test_a_reset_password_is_for_one_use(cast: Cast) -> None:
    reset = actions.reset_password(appointment=cast.a.committee, by=cast.a.leader)
    account = Account.objects.get(username=reset.username)
    assert account.check_password(reset.password)
    assert account.password_changed_on == NOT_CHOSEN
    chosen = actions.choose_password(
        account=account, password="lovely-spring-9", by=cast.a.committee
    )
    assert chosen.password_changed_on == DAY


def test_nobody_resets_the_own_password_or_that_of_who_serves_elsewhere_too(cast: Cast) -> None:
    with pytest.raises(Refused) as own:
        actions.reset_password(appointment=cast.a.leader, by=cast.a.leader)
    assert texts(own) == ["不能给自己重设密码"]
    with acting_for(cast.b.school):
        actions.appoint(
            person=cast.a.committee.person,
            organisation=cast.b.school,
            role=Role.COMMITTEE,
            since=DAY,
            by=cast.b.leader,
        )
    with pytest.raises(Refused) as shared:
        actions.reset_password(appointment=cast.a.committee, by=cast.a.leader)
    assert texts(shared) == ["这个人还在其他单位任职，密码不归一个单位重设"]


# --- the calendar -------------------------------------------------------------------------------


@pytest.fixture
def city(cast: Cast) -> Iterator[Cast]:
    with acting_for(cast.city.pk):
        yield cast


def year(*extra: Special, y: int = 2027) -> list[Special]:
    fixed = [Special(date(y, m, d), working=False, name="节日") for m, d in FIXED_HOLIDAYS]
    return [*fixed, *extra]


def test_a_loaded_year_counts_at_once(city: Cast) -> None:
    before = official.last_day(date(2027, 2, 4), 1)
    # Friday 5 February 2027 is New Year's Eve.
    assert (before.last, before.provisional) == (date(2027, 2, 5), True)
    holiday = [Special(date(2027, 2, 5) + timedelta(days=n), False, "春节") for n in range(7)]
    worked = Special(date(2027, 2, 20), True, "春节调休上班")
    kept = almanac.load_year(year=2027, days=year(*holiday, worked), source="通知", by=city.admin)
    after = official.last_day(date(2027, 2, 4), 1)
    assert (after.last, after.provisional) == (date(2027, 2, 12), False)
    assert workdays.is_working(official.calendar(), date(2027, 2, 20))
    # The weekends among the holidays need no row: 1 May and 2 and 3 October are weekend days.
    assert kept == CalendarDay.objects.filter(day__year=2027).count() == 8


def test_a_list_that_cannot_be_a_whole_year_is_refused_with_every_reason(city: Cast) -> None:
    days = [
        Special(date(2027, 1, 1), False),
        Special(date(2027, 1, 1), False),
        Special(date(2028, 5, 1), False),
        Special(date(2027, 3, 3), True),
    ]
    with pytest.raises(Refused) as refused:
        almanac.load_year(year=2027, days=days, source="通知", by=city.admin)
    assert texts(refused) == [
        "有1天不在2027年，例如2028-05-01",
        "2027-01-01写了两次",
        "2027-03-03是平日，本来就上班",
        "缺法定假日5月1日、10月1日、10月2日、10月3日",
    ]
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_a_year_in_use_is_not_loaded_again(city: Cast) -> None:
    with pytest.raises(Refused) as refused:
        almanac.load_year(year=2026, days=year(y=2026), source="通知", by=city.admin)
    assert texts(refused) == ["2026年已经装入"]


def test_a_terms_dates_are_corrected_but_not_into_another(city: Cast) -> None:
    term = Term.objects.get(code="2026-2")
    moved = almanac.set_term(
        term=term, starts_on=date(2027, 2, 22), ends_on=date(2027, 7, 9), by=city.admin
    )
    assert (moved.starts_on, moved.ends_on) == (date(2027, 2, 22), date(2027, 7, 9))
    with pytest.raises(Refused) as refused:
        almanac.set_term(
            term=term, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1), by=city.admin
        )
    assert texts(refused) == [
        "结束日期应在开学日期之后",
        "2026—2027学年第二学期应在2027年开学",
        "与2026—2027学年第一学期重叠",
    ]
    with pytest.raises(Refused) as overlap:
        almanac.set_term(
            term=term, starts_on=date(2027, 1, 20), ends_on=date(2027, 7, 1), by=city.admin
        )
    assert texts(overlap) == ["与2026—2027学年第一学期重叠"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "why"),
    [
        (date(2027, 3, 1), date(2027, 4, 15), "这个学期只有46天"),
        (date(2027, 1, 5), date(2027, 7, 9), "开学日期2027-01-05不在今天以后"),
        (date(2027, 1, 10), date(2027, 7, 9), "开学日期2027-01-10不在今天以后"),
        (date(2027, 9, 20), date(2028, 1, 20), "与2027—2028学年第一学期的先后颠倒"),
    ],
)
def test_dates_that_would_open_rounds_wrongly_are_refused(
    city: Cast, starts_on: date, ends_on: date, why: str
) -> None:
    autumn, spring = Term.objects.get(code="2026-1"), Term.objects.get(code="2026-2")
    almanac.set_term(
        term=autumn, starts_on=autumn.starts_on, ends_on=date(2026, 12, 31), by=city.admin
    )
    Term.objects.create(
        code="2027-1", year=2027, half=1, starts_on=date(2027, 8, 16), ends_on=date(2027, 9, 15)
    )
    with clock.at(date(2027, 1, 10)):
        with pytest.raises(Refused) as refused:
            almanac.set_term(term=spring, starts_on=starts_on, ends_on=ends_on, by=city.admin)
        assert texts(refused) == [why]
        # The day after today is soon enough, and the last day of a term that runs may move.
        almanac.set_term(
            term=spring, starts_on=date(2027, 1, 11), ends_on=date(2027, 7, 9), by=city.admin
        )
    with clock.at(date(2027, 3, 1)):
        almanac.set_term(
            term=spring, starts_on=date(2027, 1, 11), ends_on=date(2027, 7, 2), by=city.admin
        )


def test_the_term_after_the_last_one_is_added(city: Cast) -> None:
    def add(starts_on: date, ends_on: date) -> Term:
        return almanac.add_term(starts_on=starts_on, ends_on=ends_on, by=city.admin)

    with pytest.raises(Refused) as refused:
        add(date(2026, 9, 1), date(2027, 3, 31))
    assert texts(refused) == [
        "2027—2028学年第一学期应在2027年开学",
        "与2026—2027学年第一学期重叠",
        "与2026—2027学年第二学期重叠",
    ]
    autumn = add(date(2027, 9, 1), date(2028, 1, 28))
    assert (autumn.code, str(autumn)) == ("2027-1", "2027—2028学年第一学期")
    assert add(date(2028, 2, 28), date(2028, 7, 14)).code == "2027-2"
    assert Event.objects.filter(verb="term.add").count() == 2


def test_a_term_that_has_begun_is_added_as_it_is_and_opens_nothing_by_itself(city: Cast) -> None:
    with clock.at(date(2027, 9, 10)):
        late = almanac.add_term(
            starts_on=date(2027, 9, 1), ends_on=date(2028, 1, 28), by=city.admin
        )
        assert late.entered_late
        assert not opens_by_itself(official.calendar(), late, clock.today())
        # Its first day was told wrongly: told again, before today or after it.
        moved = almanac.set_term(
            term=late, starts_on=date(2027, 8, 30), ends_on=late.ends_on, by=city.admin
        )
        assert moved.entered_late
        ahead = almanac.set_term(
            term=late, starts_on=date(2027, 9, 13), ends_on=late.ends_on, by=city.admin
        )
        assert not ahead.entered_late
        assert opens_by_itself(official.calendar(), ahead, date(2027, 9, 13))
    with clock.at(date(2027, 9, 14)), pytest.raises(Refused) as refused:
        almanac.set_term(term=late, starts_on=date(2027, 9, 1), ends_on=late.ends_on, by=city.admin)
    assert texts(refused) == ["开学日期2027-09-01不在今天以后"]


# --- races --------------------------------------------------------------------------------------


def _appoint_as(committed: Cast, someone: object, i: int) -> None:
    role = Role.OPERATOR if i % 2 else Role.REVIEWER
    actions.appoint(
        person=someone,  # type: ignore[arg-type]
        organisation=committed.school,
        role=role,
        since=DAY,
        by=committed.a.leader,
    )


@pytest.mark.race
def test_of_many_appointments_as_maker_or_checker_one_wins(committed: Cast) -> None:
    someone = person("陈例清")
    result = race(lambda i: _appoint_as(committed, someone, i), organisation=committed.school)
    assert result == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_constraint_one_person_prepares_and_checks(committed: Cast) -> None:
    someone = person("陈例清")
    with database.without("schools_appointment", "maker_is_not_checker"):
        won = unguarded(lambda i: _appoint_as(committed, someone, i), organisation=committed.school)
        # Twice the same role is forbidden by another key.
        assert won == 2


@pytest.mark.race
def test_of_managers_dismissing_each_other_one_stays(committed: Cast) -> None:
    second = actions.appoint(
        person=person("王样宁"),
        organisation=committed.school,
        role=Role.LEADER,
        since=DAY,
        by=committed.a.leader,
    )
    both = (committed.a.leader, second)

    def dismiss(i: int) -> None:
        actions.dismiss(appointment=both[i % 2], last_day=DAY, by=both[1 - i % 2])

    result = race(dismiss, organisation=committed.school)
    assert result == {"won": 1, "Refused": 63}
    tomorrow = DAY + timedelta(days=1)
    left = Appointment.objects.valid_on(tomorrow).filter(pk__in=[a.pk for a in both])
    assert left.count() == 1
