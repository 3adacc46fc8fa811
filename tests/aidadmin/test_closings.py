"""Rounds that close by themselves once every application has come to its end."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from aidadmin import closings
from aidadmin.tasks import close_rounds
from applications import actions
from applications.models import Application, Round
from audit.models import Event
from audit.refusal import Refused
from office.models import Message
from review.models import Case, Notice
from schools import clock
from schools.models import Appointment
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.models import SpecialGroup, Student
from tests.aidadmin import scenes
from tests.cast import Cast
from tests.disbursement import cases as money
from tests.racing import race, unguarded

LATER = date(2026, 11, 2)


def ended(cast: Cast, progress: int = scenes.NOTICED) -> Round:
    """A recognition round whose two applications are confirmed; the scope is its school's."""
    placed = scenes.school(cast.district, cast.district, 77, progress=progress)
    set_scope(placed.school.pk)
    found: Round = Round.objects.select_related("term", "programme", "school").get(
        kind="recognition"
    )
    return found


def why(round_: Round) -> list[str]:
    return [r.text for r in closings.why_not_ended(round_)]


def on(day: date) -> None:
    with clock.at(day):
        close_rounds()


def test_what_has_ended_is_closed_by_the_system(cast: Cast) -> None:
    round_ = ended(cast)
    on(date(2026, 9, 8))
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert round_.status == "open"
    on(LATER)
    on(LATER)
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert (round_.status, round_.close_by) == ("closed", None)
    event = Event.objects.get(verb="round.close")
    assert (event.person_name, event.role) == ("系统", "system")
    assert Message.objects.get().title == "已自动办结：家庭经济困难认定 2026—2027学年"


def test_what_is_under_way_stays_open_with_its_reasons(cast: Cast) -> None:
    round_ = ended(cast, scenes.APPRAISED)
    on(LATER)
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert round_.status == "open"
    assert why(round_) == ["2人还没有确认结果"]
    one = Case.objects.first()
    assert one is not None
    Application.objects.filter(pk=one.application_id).update(status="returned")
    assert why(round_)[0] == "1份申请没有提交"


def test_what_nobody_took_up_or_confirmed_stays_open(cast: Cast) -> None:
    assert why(ended(cast, scenes.APPLIED)) == ["2份申请还没有接收"]


def test_a_notice_that_is_still_shown_keeps_it_open(cast: Cast) -> None:
    round_ = ended(cast)
    Notice.objects.update(status="published", confirm_by=None, confirm_at=None)
    assert why(round_) == ["公示还没有确认"]


def test_a_programmes_round_waits_for_the_money(cast: Cast) -> None:
    its = money.aid(cast.a, money.programme("closing"))
    someone = cast.a.students[0]
    money.ready(its, someone)
    assert why(its.round) == ["还没有确定资助名单"]
    with clock.at(LATER):
        closings.close_ended(school=cast.school)
    its.round.refresh_from_db()
    assert its.round.status == "open"
    money.award_all(its, [Case.objects.get(round=its.round)])
    assert why(its.round) == ["还有1笔没有发放"]


PAID = date(2026, 12, 1)


def paid(cast: Cast) -> money.Aid:
    """A programme's round whose only student has the money; the scope is the school's."""
    set_scope(cast.school.pk)
    with clock.at(money.PAY_DAY):
        its = money.aid(cast.a, money.programme("closing"))
        money.ready(its, cast.a.students[0])
        money.returned(its)
    return its


def left_open(its: money.Aid) -> bool:
    with clock.at(PAID):
        closings.close_ended(school=its.school)
    its.round.refresh_from_db()
    return bool(its.round.status == "open")


def test_a_programmes_round_that_is_paid_closes(cast: Cast) -> None:
    its = paid(cast)
    assert why(its.round) == []
    assert not left_open(its)


def test_who_is_held_back_keeps_it_open(cast: Cast) -> None:
    its = paid(cast)
    # Confirmed, but without a recognition and a card: granting leaves this student aside.
    money.case(its, cast.a.students[1])
    assert why(its.round) == ["1人还没有列入资助名单"]
    assert left_open(its)


def test_an_objection_that_waits_for_an_answer_keeps_it_open(cast: Cast) -> None:
    its = paid(cast)
    money.object_to(its, cast.a.students[0])
    assert why(its.round) == ["1件异议还没有答复"]
    assert left_open(its)


def test_listed_students_whom_nobody_asked_keep_it_open(cast: Cast) -> None:
    round_ = ended(cast)
    someone = Student.objects.exclude(applications__round=round_).first()
    assert someone is not None
    someone.tags.create(
        school=round_.school,
        group=SpecialGroup.objects.get(code="dibao"),
        valid_from=date(2026, 9, 1),
        source="民政",
        recorded_at=clock.now(),
    )
    assert why(round_) == ["1名名单内学生没有申请"]
    on(LATER)
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert round_.status == "open"


def test_a_round_without_applications_waits_for_a_person(cast: Cast) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    on(LATER)
    set_scope(cast.school.pk)
    round_.refresh_from_db()
    assert (round_.status, why(round_)) == ("open", ["没有一份申请"])
    with clock.at(LATER):
        (todo,) = closings.todos(cast.operator)
        assert closings.todos(cast.reviewer) == []
    assert todo.title == "家庭经济困难认定 2026—2027学年：还没有办结"
    assert todo.text == "没有一份申请。"


def test_what_people_opened_again_is_theirs(cast: Cast) -> None:
    round_ = ended(cast)
    by = cast.operator
    with clock.at(LATER):
        closed = closings.close_if_ended(round_=round_)
        actions.reopen_round(round_=closed, reason="补办转入学生", by=by)
        with pytest.raises(Refused, match="重新打开过"):
            closings.close_if_ended(round_=round_)
    on(LATER)
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert round_.status == "open"


def test_what_is_left_of_an_earlier_term_is_told(cast: Cast) -> None:
    round_ = ended(cast, scenes.APPRAISED)
    operator = Appointment.objects.get(organisation=round_.school_id, role="operator")
    with clock.at(LATER):
        assert closings.todos(operator) == []
    with clock.at(date(2027, 3, 1)):
        (todo,) = closings.todos(operator)
    assert todo.text == "2人还没有确认结果。"


def test_the_page_says_what_is_left(cast: Cast, sign_in: Any) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    client = sign_in(cast.operator)
    page = reverse("applications:round", args=[round_.pk])
    with clock.at(LATER):
        text = client.get(page).text
        assert "没有一份申请" in text
        client.post(reverse("applications:close_round", args=[round_.pk]))
        client.post(reverse("applications:reopen_round", args=[round_.pk]), {"reason": "补办"})
        assert "重新打开过的批次由经办办结" in client.get(page).text


def test_one_school_in_trouble_keeps_no_other_waiting(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = ended(cast)
    whole = closings.close_ended

    def broken(*, school: Any) -> int:
        if school.pk == cast.school.pk:
            raise KeyError(school)
        return whole(school=school)

    monkeypatch.setattr(closings, "close_ended", broken)
    on(LATER)
    set_scope(round_.school_id)
    round_.refresh_from_db()
    assert round_.status == "closed"


@pytest.mark.race
def test_one_of_many_closes_it(committed: Cast) -> None:
    round_ = ended(committed)
    found = race(
        lambda _: closings.close_if_ended(round_=round_), organisation=round_.school, on=LATER
    )
    assert found == {"won": 1, "Refused": 63}
    assert Event.objects.filter(verb="round.close").count() == 1


@pytest.mark.race
def test_without_the_lock_it_is_closed_twice(committed: Cast, no_locks: None) -> None:
    round_ = ended(committed)
    won = unguarded(
        lambda _: closings.close_if_ended(round_=round_), organisation=round_.school, on=LATER
    )
    assert won > 1
    with acting_for(round_.school):
        assert Event.objects.filter(verb="round.close").count() > 1
