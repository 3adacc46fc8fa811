"""A withdrawal, an ending, a corrected number: each touches its own tags and questions alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    confirm_candidate,
    propose_ending,
    refuse_ending,
    reject_candidate,
    sign_correction,
    withdraw_list,
)
from students.models import Guardian, SpecialGroup, SpecialGroupTag, live_tag
from students.rules.endings import newer_of
from students.rules.lists import why_not_upload
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.test_actions_lists import matched, people_of, upload
from tests.students.test_candidates import BORN, NUMBER, SEEN, listing, match, person, questions
from tests.students.test_carried_tags import EARLY, LAST, tag
from tests.students.test_endings import newer
from tests.students.test_exchanges import LISTED, OTHER, SECOND, asked, corrected, proposed, two

TODAY = date(2026, 9, 1)
YESTERDAY = TODAY - timedelta(days=1)


def withdraw(cast: Cast, listed: Any) -> Any:
    with acting_for(cast.district):
        return withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)


# --- a list withdrawn


def test_withdrawing_leaves_what_ended_before_and_what_other_lists_left(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast), valid_from=EARLY)
        orphans = matched(
            cast, people_of(cast), valid_from=EARLY, group=SpecialGroup.objects.get(code="orphan")
        )
        ended = SpecialGroupTag.objects.filter(source_list_id=listed.pk).order_by("pk")[0]
        ended.valid_to = date(2026, 8, 10)
        ended.save()
    assert withdraw(cast, listed).counts["ended"] == 2
    with acting_for(cast.district):
        ended.refresh_from_db()
        assert ended.valid_to == date(2026, 8, 10)
        assert SpecialGroupTag.objects.filter(source_list_id=orphans.pk, valid_to=None).count() == 3


def test_withdrawing_ends_a_tag_of_today_alone(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = matched(cast, people_of(cast)[:1], valid_from=TODAY, valid_to=TODAY)
    assert withdraw(cast, listed).counts["ended"] == 1
    with acting_for(cast.district):
        assert not SpecialGroupTag.objects.filter(live_tag(TODAY)).exists()


def test_withdrawing_takes_back_its_own_open_questions_alone(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, "张示远")
    mine = cast.a.students[0]
    listed = match(cast, person(身份证号码=NUMBER))
    reject_candidate(candidate=questions(student=twin)[0], reason=SEEN, by=cast.operator)
    match(cast, person(身份证号码=LISTED), group=SpecialGroup.objects.get(code="orphan"))
    withdraw(cast, listed)
    told = {(q.student_id, q.group.code): q.status for q in questions(school=cast.school)}
    assert told == {
        (mine.pk, "dibao"): "moot",
        (twin.pk, "dibao"): "different",
        (mine.pk, "orphan"): "waiting",
        (twin.pk, "orphan"): "waiting",
    }


def test_an_upload_is_on_record_with_its_counts(cast: Cast) -> None:
    with acting_for(cast.district):
        upload(cast, listing(person(身份证号码=NUMBER)))
        told = Event.objects.for_organisation(cast.district.pk).get(verb="departmentlist.upload")
    assert told.facts == {"group": "dibao", "rows": 1, "people": 1, "repeated": 0, "errors": 0}


@pytest.mark.parametrize(
    ("dates", "group_dates", "said"),
    [
        ((TODAY, TODAY, TODAY), (EARLY, None), []),
        ((TODAY, TODAY, YESTERDAY), (EARLY, None), ["有效期止早于有效期起"]),
        ((TODAY, TODAY, None), (TODAY, TODAY), []),
        ((TODAY, TODAY, None), (EARLY, YESTERDAY), ["“类型”这一类型已停用"]),
        ((YESTERDAY, EARLY, None), (TODAY, None), ["“类型”这一类型2026年9月1日起才有"]),
        ((TODAY + timedelta(days=1), TODAY, None), (EARLY, None), ["名单日期晚于今天"]),
        # A slip in the year: tags that hold since a century ago, not yet, or for ever.
        ((TODAY, date(1926, 9, 1), None), (EARLY, None), ["有效期起早于这一类型开始的日期"]),
        ((TODAY, date(2062, 9, 1), None), (EARLY, None), ["有效期起比名单日期晚三年以上"]),
        ((TODAY, date(2027, 9, 1), None), (EARLY, None), []),
        ((TODAY, TODAY, date(2206, 8, 31)), (EARLY, None), ["有效期超过20年"]),
        ((TODAY, TODAY, date(2046, 8, 31)), (EARLY, None), []),
    ],
)
def test_which_dates_a_list_may_have(
    dates: tuple[date, date, date | None], group_dates: tuple[date, date | None], said: list[str]
) -> None:
    issued_on, first, last = dates
    group = SpecialGroup(name="类型", valid_from=group_dates[0], valid_to=group_dates[1])
    found = why_not_upload(
        group=group, issued_on=issued_on, valid_from=first, valid_to=last, today=TODAY
    )
    assert [r.text for r in found] == said


# --- an ending


def test_what_was_sent_back_is_proposed_again(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        for reason in ("再核", "再核实"):
            ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
            with pytest.raises(Refused, match="退回的原因写得太短，只有1个字"):
                refuse_ending(ending=ending, reason="核", by=cast.bureau_reviewer)
            refuse_ending(ending=ending, reason=reason, by=cast.bureau_reviewer)


def test_a_tag_of_today_that_is_ended_held_on_no_day(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast), valid_from=TODAY, issued_on=EARLY)
        listed = matched(cast, people_of(cast)[:1])
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        assert approve_ending(ending=ending, by=cast.bureau_reviewer).ended == 2
        live = SpecialGroupTag.objects.filter(live_tag(TODAY))
        assert [t.student for t in live] == [cast.a.students[0]]


def test_which_list_is_the_newest(cast: Cast) -> None:
    with acting_for(cast.district):
        first, second, third = (
            matched(cast, people_of(cast)[:1], issued_on=day)
            for day in (date(2026, 8, 20), date(2026, 8, 20), date(2026, 8, 10))
        )
        upload(cast, listing(person()), issued_on=date(2026, 8, 30))
        assert newer_of(first) == second, "of one day it is the later upload"
        assert newer_of(second) is None, "what is not matched yet decides nothing"
        assert newer_of(third) == second
        fourth = matched(cast, people_of(cast)[:1], issued_on=date(2026, 8, 15))
        assert newer_of(third) == second
        assert newer_of(fourth) == second


# --- a corrected number


def test_anothers_question_stays_as_it_is(cast: Cast) -> None:
    other = new_student(cast.a.school_class, "钱示远", birth_date=OTHER)
    match(cast, {"姓名": "钱示远", "出生日期": OTHER.isoformat()})
    asked(cast, LISTED)
    corrected(cast, cast.a.students[0], id_number=NUMBER, sex="m")
    assert [(q.status, q.differs) for q in questions(student=other)] == [("waiting", "")]


def test_a_classmate_asked_about_is_not_he_whose_number_it_is(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, cast.a.students[0].name, birth_date=BORN)
    asked(cast, LISTED)
    corrected(cast, cast.a.students[0], id_number=LISTED, sex="m")
    (question,) = questions(student=twin)
    assert (question.status, question.decided_by) == ("different", cast.reviewer.person)
    assert [t.student for t in SpecialGroupTag.objects.all()] == [cast.a.students[0]]


def test_an_answer_about_another_person_listed_stays(cast: Cast) -> None:
    question = asked(cast, LISTED)
    reject_candidate(candidate=question, reason=SEEN, by=cast.operator)
    corrected(cast, cast.a.students[0], id_number=SECOND, birth_date=OTHER, sex="f")
    question.refresh_from_db()
    assert (question.status, question.how) == ("different", SEEN)


def test_who_is_asked_about_by_the_guardian_is_asked_whatever_his_birth_date(cast: Cast) -> None:
    row = cast.a.students[0]
    Guardian.objects.create(school=cast.school, student=row, name="张样泽", relation="父亲")
    match(cast, {"姓名": row.name, "户主姓名": "张样泽"})
    corrected(cast, row, id_number=SECOND, birth_date=OTHER, sex="f")
    assert [q.status for q in questions(student=row)] == ["waiting"]


def test_exchanged_numbers_take_along_what_lists_left_by_them_and_holds(cast: Cast) -> None:
    first, second = two(cast)
    third = cast.a.students[1]
    rows = [person(姓名="甲示例", 身份证号码=SECOND)]
    rows.append(person(姓名="李样宁", 身份证号码=third.id_number.reveal()))
    match(cast, *rows, valid_from=EARLY)
    # Over since July; and one that the school itself recorded.
    match(cast, *rows, valid_from=date(2026, 3, 1), valid_to=date(2026, 7, 31),
          group=SpecialGroup.objects.get(code="orphan"))  # fmt: skip
    tag(first, "martyr_child", EARLY, None)
    SpecialGroupTag.objects.filter(student=first, source_list_id=None).update(strength="id")
    tag(second, "dibao", EARLY, None)
    (half, _) = proposed(cast, (first, second))
    sign_correction(correction=half, by=cast.reviewer)

    def held(student: Any) -> list[tuple[str, date, date | None]]:
        rows = SpecialGroupTag.objects.filter(student=student).order_by("group__code")
        return list(rows.values_list("group__code", "valid_from", "valid_to"))

    over = ("orphan", date(2026, 3, 1), date(2026, 7, 31))
    assert held(first) == [
        ("dibao", EARLY, YESTERDAY), ("martyr_child", EARLY, None), over,
    ]  # fmt: skip
    assert held(second) == [("dibao", EARLY, None)], "one without end is there already"
    assert held(third) == [("dibao", EARLY, None), over]


def test_a_yes_for_one_list_is_not_asked_of_the_last_one_alone(cast: Cast) -> None:
    """Who was found to be the person listed stays tagged by each list that names him."""
    match(cast, person(身份证号码=NUMBER), valid_to=LAST)
    row = questions(student=cast.a.students[0])[0]
    confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)
    listed = match(cast, person(身份证号码=NUMBER), valid_from=EARLY)
    withdraw(cast, listed)
    live = SpecialGroupTag.objects.filter(live_tag(TODAY))
    assert [(t.student, t.strength) for t in live] == [(row.student, "name_birth")]
