"""Rounds that open by themselves when a term begins, and what a school wants otherwise."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from applications import actions, navigation, queue
from applications.models import AutoOpening, OpeningPause, Programme, Round
from applications.rules import windows
from applications.tasks import open_rounds
from audit.models import Event
from audit.refusal import Refused
from office.models import Deadline, Message
from schools import clock
from schools.models import CalendarDay, Term
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.models import SchoolClass
from tests.applications import scenes
from tests.applications.policy import enacted, facts, seen
from tests.applications.terms import AUTUMN, last_year, next_autumn
from tests.cast import Cast


def opened(cast: Cast) -> list[str]:
    set_scope(cast.school.pk)
    rounds = Round.objects.filter(school=cast.school, term__code="2027-1")
    return sorted(str(one) for one in rounds)


BOTH = ["家庭经济困难认定 2027—2028学年", "普通高中国家助学金 2027年秋季学期"]


def on(day: date) -> None:
    with clock.at(day):
        open_rounds()


def test_a_term_opens_what_the_year_before_had(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    on(date(2027, 8, 31))
    assert opened(cast) == []
    on(AUTUMN)
    assert opened(cast) == BOTH
    recognition = Round.objects.get(term__code="2027-1", kind="recognition")
    assert (recognition.opens_on, recognition.closes_on) == (AUTUMN, date(2027, 9, 8))
    assert (recognition.opened_by, recognition.provisional) == (None, True)
    # A grade comes first: as a year ago on the nineteenth working day, and not late.
    grant = Round.objects.get(term__code="2027-1", kind="programme")
    assert (grant.opens_on, grant.opened_late) == (date(2027, 9, 28), False)


def test_the_system_signs_and_the_office_is_told(cast: Cast) -> None:
    next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    round_ = Round.objects.get(term__code="2027-1")
    event = Event.objects.get(verb="round.open", subject_id=round_.pk)
    assert (event.person_id, event.person_name, event.role) == (None, "系统", "system")
    message = Message.objects.get(person=cast.operator.person)
    assert message.title == "已自动开批次：家庭经济困难认定 2027—2028学年"
    assert "暂定" in message.body
    roles = Deadline.objects.filter(closed_at=None, key__startswith=f"round:{round_.pk}:")
    assert sorted(roles.values_list("role", flat=True)) == ["head_teacher", "operator"]


def test_every_school_with_classes_and_no_other(cast: Cast) -> None:
    next_autumn()
    with acting_for(cast.b.school):
        SchoolClass.objects.filter(school=cast.b.school).update(stage="")
        for student in cast.b.students:
            student.delete()
        SchoolClass.objects.filter(school=cast.b.school).delete()
    on(AUTUMN)
    for staffed, n in ((cast.a, 1), (cast.b, 0), (cast.c, 1)):
        with acting_for(staffed.school), clock.at(AUTUMN):
            assert Round.objects.filter(school=staffed.school).count() == n
            titles = [t.text for t in navigation.todos(staffed.operator)]
            assert titles == ([] if n else ["没有自动开：学校还没有班级。"])


def test_one_school_in_trouble_keeps_no_other_waiting(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_autumn()
    whole = actions.open_due

    def broken(*, school: object) -> int:
        if school == cast.school:
            raise KeyError(school)
        return whole(school=school)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "open_due", broken)
    on(AUTUMN)
    assert opened(cast) == []
    with acting_for(cast.c.school):
        assert Round.objects.filter(school=cast.c.school).exists()


def test_twice_opens_nothing_twice(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    for day in (AUTUMN, AUTUMN, date(2027, 9, 2)):
        on(day)
    assert opened(cast) == BOTH
    assert Message.objects.filter(person=cast.operator.person).count() == 2


@pytest.mark.parametrize(
    ("day", "window"),
    [
        # The lawful days began or went by: as many from today on.
        (date(2027, 9, 2), (date(2027, 9, 2), date(2027, 9, 9))),
        (date(2027, 9, 8), (date(2027, 9, 8), date(2027, 9, 15))),
        (date(2027, 9, 10), (date(2027, 9, 10), date(2027, 9, 17))),
        (date(2027, 9, 15), (date(2027, 9, 15), date(2027, 9, 22))),
        (date(2027, 9, 16), None),
    ],
)
def test_days_without_the_beat_are_caught_up_with(
    cast: Cast, day: date, window: tuple[date, date] | None
) -> None:
    next_autumn()
    on(day)
    set_scope(cast.school.pk)
    found = Round.objects.filter(term__code="2027-1").values_list("opens_on", "closes_on").first()
    assert found == window
    if window is None:
        with clock.at(day):
            (todo,) = navigation.todos(cast.operator)
        assert todo.text == "没有自动开：不在开学后的10个工作日内，不自动开。"


def test_who_opened_by_hand_keeps_the_round(cast: Cast) -> None:
    last_year(cast.operator)
    term = next_autumn()
    with clock.at(AUTUMN):
        actions.open_recognition_round(school=cast.school, term=term, by=cast.operator)
    on(AUTUMN)
    assert opened(cast) == BOTH
    by_hand = Round.objects.get(term=term, kind="recognition")
    assert by_hand.opened_by == cast.operator.person


def test_in_spring_a_year_that_has_its_recognition_opens_none(cast: Cast) -> None:
    last_year(cast.operator)
    spring = Term.objects.get(code="2026-2")
    on(spring.starts_on)
    set_scope(cast.school.pk)
    assert not Round.objects.filter(term=spring).exists()
    with acting_for(cast.c.school):
        assert Round.objects.get(term=spring).school_id == cast.c.school.pk


def test_the_version_of_the_new_year_is_opened(cast: Cast) -> None:
    first = enacted(cast.bureau_operator, cast.bureau_reviewer)
    set_scope(cast.school.pk)
    actions.open_programme_round(
        school=cast.school, term=cast.term, programme=first, by=cast.operator
    )
    set_scope(cast.district.pk)
    told = replace(facts(), valid_from=date(2027, 1, 1))
    draft = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    second = actions.enact_programme(
        programme=draft, valid_from=date(2027, 3, 1), seen=seen(draft), by=cast.bureau_reviewer
    )
    next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    again = Round.objects.get(term__code="2027-1", kind="programme")
    assert again.programme_id == second.pk
    # No grade is needed: it begins with the term, whenever it began a year ago.
    assert again.opens_on == AUTUMN


def test_what_has_ended_is_not_opened_and_not_owed(cast: Cast) -> None:
    last_year(cast.operator)
    term = next_autumn()
    Programme.objects.filter(code="senior_grant").update(valid_to=date(2027, 7, 1))
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        assert queue.owed_openings(cast.school, term) == []


def test_what_lacks_its_amounts_is_owed_with_the_reason(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    Programme.objects.get(code="senior_grant").tiers.update(valid_to=date(2027, 7, 1))
    on(AUTUMN)
    assert opened(cast) == BOTH[:1]
    with clock.at(AUTUMN):
        (todo,) = navigation.todos(cast.operator)
    assert todo.title == "普通高中国家助学金2027年秋季学期还没有开"
    assert "没有2027年秋季学期的金额标准" in todo.text


def test_a_school_without_next_years_calendar_is_told(cast: Cast) -> None:
    with clock.at(date(2027, 8, 1)):
        (todo,) = navigation.todos(cast.operator)
        open_rounds()
    assert todo.title == "批次不能自动开：没有下学期的校历"
    assert "2026—2027学年第二学期" in todo.text


def test_a_school_may_want_one_kind_by_hand(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    recognition = Round.Kind.RECOGNITION
    actions.pause_opening(school=cast.school, kind=recognition, by=cast.operator)
    with pytest.raises(Refused, match="已经设为不自动开"):
        actions.pause_opening(school=cast.school, kind=recognition, by=cast.operator)
    on(AUTUMN)
    assert opened(cast) == BOTH[1:]
    with clock.at(AUTUMN):
        (todo,) = navigation.todos(cast.operator)
    assert "学校已设为不自动开" in todo.text
    actions.resume_opening(school=cast.school, kind=recognition, by=cast.operator)
    with pytest.raises(Refused, match="没有设为不自动开"):
        actions.resume_opening(school=cast.school, kind=recognition, by=cast.operator)
    on(date(2027, 9, 2))
    assert opened(cast) == BOTH
    verbs = Event.objects.filter(verb__startswith="opening.").order_by("seq")
    assert list(verbs.values_list("verb", flat=True)) == ["opening.pause", "opening.resume"]


def test_what_is_taken_back_stays_so(cast: Cast) -> None:
    term = next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    round_ = Round.objects.get(term=term)
    with clock.at(AUTUMN):
        with pytest.raises(Refused, match="没有写撤销的原因"):
            actions.take_back_round(round_=round_, reason=" ", by=cast.operator)
        kept = actions.take_back_round(round_=round_, reason="校庆，推迟", by=cast.operator)
    assert (kept.take_back_by, kept.take_back_reason) == (cast.operator.person, "校庆，推迟")
    assert not Deadline.objects.filter(closed_at=None).exists()
    assert Event.objects.get(verb="round.take_back").reason == "校庆，推迟"
    on(date(2027, 9, 2))
    assert opened(cast) == []
    with clock.at(date(2027, 9, 2)):
        (todo,) = navigation.todos(cast.operator)
        assert "本学期已经自动开过" in todo.text
        actions.open_recognition_round(school=cast.school, term=term, by=cast.operator)
    assert opened(cast) == BOTH[:1]


def test_what_is_in_use_is_not_taken_back(cast: Cast) -> None:
    term = next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    round_ = Round.objects.get(term=term)
    with clock.at(AUTUMN):
        scenes.entered(round_, cast.a.students[0], cast.head_teacher, signed=AUTUMN)
        actions.issue_code(round_=round_, school_class=cast.a.school_class, by=cast.operator)
        with pytest.raises(Refused) as caught:
            actions.take_back_round(round_=round_, reason="推迟", by=cast.operator)
    texts = [r.text for r in caught.value.reasons]
    assert texts == ["已经有1份申请", "已经给1个班发了家长填报码"]
    by_hand = last_year(cast.operator)[0]
    with pytest.raises(Refused, match="这个批次是经办开的"):
        actions.take_back_round(round_=by_hand, reason="推迟", by=cast.operator)


def test_last_years_length_is_kept_within_the_rules(cast: Cast) -> None:
    recognition, _ = last_year(cast.operator)
    term = next_autumn()
    for length, days in ((10, 10), (3, 5), (60, 20)):
        Round.objects.filter(pk=recognition.pk).update(workdays=length)
        before = queue.round_before(cast.school, term, None)
        assert windows.window(term, AUTUMN, windows.shape_of(before)).workdays == days


@pytest.mark.parametrize(
    ("opens_on", "length", "why"),
    [
        (date(2026, 8, 31), 5, "申请开始早于开学"),
        (date(2026, 9, 1), 4, "申请期是4个工作日"),
        (date(2026, 9, 1), 21, "申请期是21个工作日"),
        (date(2027, 2, 1), 5, "申请开始在学期结束以后"),
    ],
)
def test_a_window_that_cant_be_is_refused(
    cast: Cast, opens_on: date, length: int, why: str
) -> None:
    window = windows.asked(opens_on, length, term=cast.term, today=clock.today())
    with pytest.raises(Refused, match=why):
        actions.open_recognition_round(
            school=cast.school, term=cast.term, by=cast.operator, window=window
        )


def test_days_gone_by_are_no_window(cast: Cast) -> None:
    with clock.at(date(2026, 9, 20)):
        window = windows.asked(date(2026, 9, 1), 5, term=cast.term, today=clock.today())
        with pytest.raises(Refused, match="这个申请期已经过去"):
            actions.open_recognition_round(
                school=cast.school, term=cast.term, by=cast.operator, window=window
            )


def published(*days: date) -> None:
    """The holidays of 2027 are known now."""
    CalendarDay.objects.bulk_create(CalendarDay(day=d, working=False, name="国庆") for d in days)


def test_a_provisional_window_is_settled_when_its_holidays_are_published(cast: Cast) -> None:
    last_year(cast.operator)
    next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    grant = Round.objects.get(term__code="2027-1", kind="programme")
    assert (grant.closes_on, grant.provisional) == (date(2027, 10, 5), True)
    with pytest.raises(Refused, match="还没有公布"):
        actions.settle_window(round_=grant)
    published(*(date(2027, 10, n) for n in range(1, 8)))
    on(date(2027, 9, 2))
    set_scope(cast.school.pk)
    grant.refresh_from_db()
    assert (grant.closes_on, grant.provisional) == (date(2027, 10, 12), False)
    deadlines = Deadline.objects.filter(key=f"round:{grant.pk}:apply")
    assert {(d.due_on, d.provisional) for d in deadlines} == {(date(2027, 10, 12), False)}
    told = Message.objects.filter(title__startswith="申请截止日期核定")
    # The recognition's days did not change, so nobody is told.
    assert [m.body for m in told] == ["放假安排公布了，申请到10月12日截止，不再是暂定。"]
    assert not Round.objects.filter(provisional=True).exists()
    with pytest.raises(Refused, match="不是暂定"):
        actions.settle_window(round_=grant)


def test_a_last_day_that_was_told_never_comes_earlier(cast: Cast) -> None:
    next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    Round.objects.update(closes_on=date(2027, 9, 30))
    published(date(2027, 10, 1))
    actions.settle_due(school=cast.school)
    assert Round.objects.get().closes_on == date(2027, 9, 30)


RAW = (
    "INSERT INTO applications_round (school_id, term_id, kind, opens_on, closes_on, workdays,"
    " provisional, status, opened_at) SELECT school_id, (SELECT id FROM schools_term WHERE"
    " code = %s), kind, opens_on, closes_on, workdays, provisional, status, opened_at"
    " FROM applications_round"
)


def test_the_database_keeps_one_recognition_a_year(cast: Cast) -> None:
    actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    with (
        pytest.raises(IntegrityError, match="round_of_year_once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(RAW, ["2026-2"])
    with connection.cursor() as cursor:
        cursor.execute(RAW, ["2025-1"])
    assert Round.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("INSERT INTO applications_openingpause (school_id, kind, paused_by_id, paused_at)"
         " SELECT school_id, kind, paused_by_id, paused_at FROM applications_openingpause",
         "opening_pause_once"),
        ("INSERT INTO applications_autoopening (school_id, kind, term_id, starts_on,"
         " opened_at, take_back_reason) SELECT school_id, kind, term_id, starts_on, opened_at, ''"
         " FROM applications_autoopening", "auto_opening_once"),
        ("UPDATE applications_autoopening SET take_back_reason = '推迟'",
         "auto_opening_taken_back"),
    ],
)  # fmt: skip
def test_the_database_refuses(cast: Cast, change: str, name: str) -> None:
    next_autumn()
    on(AUTUMN)
    set_scope(cast.school.pk)
    actions.pause_opening(school=cast.school, kind=Round.Kind.PROGRAMME, by=cast.operator)
    assert AutoOpening.objects.exists()
    assert OpeningPause.objects.exists()
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
