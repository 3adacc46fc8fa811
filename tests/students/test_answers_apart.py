"""An answer about a person listed touches him alone; whom it tags, and from when to when."""

from datetime import date

import pytest

from audit.models import Event
from audit.refusal import Refused
from privacy.identity import make_id
from schools import clock
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    confirm_candidate,
    propose_ending,
    reject_candidate,
    reopen_candidate,
)
from students.models import Guardian, SpecialGroup, SpecialGroupTag, live_tag
from students.rules.candidates import places_that_differ, why_not_decide
from tests.cast import REGION, Cast
from tests.cast import student as new_student
from tests.students.test_actions_lists import matched, people_of
from tests.students.test_candidates import BORN, NUMBER, SEEN, match, person, questions
from tests.students.test_carried_tags import AUTUMN, EARLY, LAST, NEXT, spells, tag
from tests.students.test_endings import newer

OTHER = make_id(REGION, BORN, 503)


def orphans() -> SpecialGroup:
    return SpecialGroup.objects.get(code="orphan")


def test_who_left_is_not_asked_about(cast: Cast) -> None:
    first, second, _ = cast.a.students
    Guardian.objects.create(school=cast.school, student=second, name="李样明", relation="父亲")
    for row in (first, second):
        change_enrolment(
            student=row, kind="withdraw", on=clock.today(), reason="外出务工", by=cast.operator
        )
    match(cast, person(), {"姓名": second.name, "户主姓名": "李样明"})
    assert questions(school=cast.school) == []


def test_birth_date_and_guardian_together_ask_once_by_the_stronger(cast: Cast) -> None:
    Guardian.objects.create(
        school=cast.school, student=cast.a.students[0], name="张样泽", relation="父亲"
    )
    match(cast, person(户主姓名="张样泽"))
    (question,) = questions(school=cast.school)
    assert question.strength == "name_birth"


def test_thirty_years_are_not_too_old(cast: Cast) -> None:
    for born in (date(1996, 9, 1), date(1996, 8, 31)):
        new_student(cast.a.school_class, "老示生", birth_date=born)
        match(cast, {"姓名": "老示生", "出生日期": born.isoformat()})
    assert [q.listed_birth for q in questions()] == [date(1996, 9, 1)]


def test_somebody_found_leaves_the_questions_about_others(cast: Cast) -> None:
    match(cast, person(身份证号码=NUMBER))
    own = cast.a.students[1].id_number.reveal()
    match(cast, person("李样宁", 身份证号码=own), group=orphans())
    assert [q.status for q in questions(school=cast.school)] == ["waiting"]


def test_an_answer_stays_when_the_person_listed_is_found_elsewhere(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, "张示远")
    match(cast, person(身份证号码=NUMBER))
    mine = cast.a.students[0]
    reject_candidate(candidate=questions(student=mine)[0], reason=SEEN, by=cast.operator)
    with acting_for(cast.b.school):
        new_student(cast.b.school_class, "张示远", id_number=NUMBER)
    match(cast, person(身份证号码=NUMBER))
    assert [q.status for q in questions(student__in=[mine, twin])] == ["different", "moot"]


def test_anothers_guardian_asks_about_nobody(cast: Cast) -> None:
    first, second, _ = cast.a.students
    Guardian.objects.create(school=cast.school, student=second, name="张样泽", relation="父亲")
    match(cast, {"姓名": first.name, "户主姓名": "张样泽"})
    assert questions() == []


def test_a_question_takes_the_period_of_the_list_that_asks_last(cast: Cast) -> None:
    match(cast, person(), valid_to=LAST)
    again = match(cast, person(), valid_from=EARLY)
    assert again.counts["asked"] == 0, "it waits already"
    assert match(cast, person(), group=orphans()).counts["asked"] == 1
    row = questions(student=cast.a.students[0], group__code="dibao")[0]
    assert (row.valid_from, row.valid_to, row.source_list_id) == (EARLY, None, again.pk)


def test_a_no_settles_the_same_question_of_other_groups_and_nobody_else(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, "张示远")
    match(cast, person(身份证号码=NUMBER))
    match(cast, person(身份证号码=NUMBER), group=orphans())
    match(cast, person(身份证号码=OTHER))
    mine = cast.a.students[0]
    reject_candidate(candidate=questions(student=mine)[0], reason=SEEN, by=cast.operator)
    told = [(q.listed_id.reveal(), q.status) for q in questions(student=mine)]
    assert sorted(told) == sorted(
        [(NUMBER, "different"), (NUMBER, "different"), (OTHER, "waiting")]
    )
    assert {q.status for q in questions(student=twin)} == {"waiting"}


def test_a_yes_leaves_the_questions_about_another_person_listed(cast: Cast) -> None:
    new_student(cast.a.school_class, "张示远")
    match(cast, person(身份证号码=NUMBER), person(身份证号码=OTHER))
    row = questions(student=cast.a.students[0])[0]
    confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)
    others = [q.status for q in questions(school=cast.school) if q.listed_blind != row.listed_blind]
    assert others == ["waiting", "waiting"]


def test_sent_back_ends_no_other_tag(cast: Cast) -> None:
    mine, second, _ = cast.a.students
    match(cast, person(), person("李样宁"), valid_from=EARLY)
    match(cast, person(), valid_from=EARLY, group=orphans())
    for row in (mine, second):
        confirm_candidate(candidate=questions(student=row)[0], reason=SEEN, by=cast.operator)
    tag(mine, "dibao_margin", EARLY, None)
    SpecialGroupTag.objects.create(
        school=cast.school, student=mine, group=SpecialGroup.objects.get(code="dibao"),
        source="学校", strength="school", valid_from=EARLY, valid_to=LAST,
        recorded_at=clock.now(),
    )  # fmt: skip
    asked = questions(student=mine, group__code="dibao")[0]
    reopen_candidate(candidate=asked, reason="户口簿是同名的人", by=cast.a.leader)
    live = SpecialGroupTag.objects.filter(live_tag(clock.today()))
    assert sorted(live.values_list("student__name", "group__code", "strength")) == sorted(
        [
            ("张示远", "dibao", "school"),
            ("张示远", "dibao_margin", "school"),
            ("张示远", "orphan", "name_birth"),
            ("李样宁", "dibao", "name_birth"),
        ]
    )


@pytest.mark.parametrize(
    ("held", "asked_to", "tagged"),
    [
        ((AUTUMN, None), LAST, False),
        ((AUTUMN, LAST), LAST, False),
        ((AUTUMN, date(2027, 8, 30)), LAST, True),
        ((AUTUMN, LAST), None, True),
        ((AUTUMN, None), None, False),
        ((NEXT, None), LAST, True),
    ],
)
def test_a_yes_adds_no_tag_where_one_holds_all_that_time(
    cast: Cast, held: tuple[date, date | None], asked_to: date | None, tagged: bool
) -> None:
    mine = cast.a.students[0]
    tag(mine, "dibao", *held)
    tag(cast.a.students[1], "dibao", AUTUMN, None)
    match(cast, person(), valid_to=asked_to)
    confirm_candidate(candidate=questions(student=mine)[0], reason=SEEN, by=cast.operator)
    added = [(AUTUMN, asked_to)] if tagged else []
    assert sorted(spells(mine), key=str) == sorted([held, *added], key=str)


def test_a_yes_holds_until_a_tag_without_end_begins(cast: Cast) -> None:
    """A list of next year was there first: the months until then were lost."""
    mine = cast.a.students[0]
    tag(mine, "dibao", NEXT, None)
    match(cast, person())
    confirm_candidate(candidate=questions(student=mine)[0], reason=SEEN, by=cast.operator)
    assert spells(mine) == [(AUTUMN, LAST), (NEXT, None)]


def test_anothers_tag_does_not_stand_for_his(cast: Cast) -> None:
    tag(cast.a.students[1], "dibao", AUTUMN, None)
    match(cast, person())
    mine = cast.a.students[0]
    confirm_candidate(candidate=questions(student=mine)[0], reason=SEEN, by=cast.operator)
    assert spells(mine) == [(AUTUMN, None)]


def test_two_signs_say_how_it_was_checked_and_one_does_not(cast: Cast) -> None:
    assert why_not_decide("来电", cast.operator) == []
    assert [r.text for r in why_not_decide("电 ", cast.operator)] == [
        "怎样核实的写得太短，只有1个字"
    ]
    match(cast, person())
    row = reject_candidate(candidate=questions()[0], reason="来电", by=cast.operator)
    with pytest.raises(Refused, match="退回的原因写得太短，只有1个字"):
        reopen_candidate(candidate=row, reason="错", by=cast.reviewer)
    assert reopen_candidate(candidate=row, reason="错了", by=cast.reviewer).status == "waiting"


def test_numbers_of_other_lengths_are_not_compared(cast: Cast) -> None:
    assert places_that_differ("E12345678", NUMBER) == ""
    assert places_that_differ("", "") == ""


def test_a_newer_list_of_another_group_keeps_nobody_from_proposing(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        matched(cast, people_of(cast), group=orphans(), issued_on=date(2026, 8, 30))
        ending = propose_ending(listed=listed, note="已核对", by=cast.bureau_operator)
        told = Event.objects.get(verb="tagending.propose")
        assert (told.facts, told.reason) == ({"list": listed.pk, "students": 2}, "已核对")
        assert ending.students == 2
