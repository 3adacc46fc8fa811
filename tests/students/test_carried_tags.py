"""Whose tag a newer list carries on, and whose it leaves as it was."""

from datetime import date, timedelta

from schools import clock
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    change_enrolment,
    confirm_candidate,
    match_list,
    propose_ending,
    withdraw_list,
)
from students.models import SpecialGroup, SpecialGroupTag, Student, live_tag
from tests.cast import Cast
from tests.students.test_actions_lists import matched, people_of, upload
from tests.students.test_candidates import NUMBER, SEEN, listing, person, questions

EARLY, AUTUMN = date(2026, 8, 1), date(2026, 9, 1)
LAST, NEXT = date(2027, 8, 31), date(2027, 9, 1)


def spells(student: Student) -> list[tuple[date, date | None]]:
    """From when to when the student is tagged as 低保, as recorded."""
    rows = SpecialGroupTag.objects.filter(student=student, group__code="dibao")
    return list(rows.order_by("valid_from", "pk").values_list("valid_from", "valid_to"))


def tag(student: Student, code: str, first: date, last: date | None) -> None:
    """A tag that no list left."""
    SpecialGroupTag.objects.create(
        school_id=student.school_id, student=student, source="学校", strength="school",
        group=SpecialGroup.objects.get(code=code), valid_from=first, valid_to=last,
        recorded_at=clock.now(),
    )  # fmt: skip


def test_who_is_named_no_more_is_not_carried_on(cast: Cast) -> None:
    one, two, *_ = people_of(cast)
    with acting_for(cast.district):
        matched(cast, [one, two], valid_to=LAST)
        counts = matched(cast, [one], valid_from=NEXT).counts
        assert (counts["carried"], counts["tagged"]) == (1, 0)
        assert spells(cast.a.students[0]) == [(AUTUMN, None)]
        assert spells(cast.a.students[1]) == [(AUTUMN, LAST)]


def test_one_carried_on_and_a_classmate_tagged_anew_are_counted_apart(cast: Cast) -> None:
    one, two, *_ = people_of(cast)
    with acting_for(cast.district):
        matched(cast, [one], valid_to=LAST)
        counts = matched(cast, [one, two], valid_from=NEXT).counts
        assert (counts["carried"], counts["tagged"]) == (1, 1)
        assert spells(cast.a.students[1]) == [(NEXT, None)]


def test_classmates_of_lists_that_end_on_other_days_are_both_carried_on(cast: Cast) -> None:
    one, two, *_ = people_of(cast)
    with acting_for(cast.district):
        matched(cast, [one], valid_to=LAST)
        matched(cast, [two], valid_to=date(2027, 12, 31))
        counts = matched(cast, [one, two], valid_from=NEXT).counts
        assert (counts["carried"], counts["tagged"]) == (2, 0)


def test_another_groups_tag_does_not_keep_it_from_being_carried_on(cast: Cast) -> None:
    tag(cast.a.students[0], "orphan", AUTUMN, None)
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:1], valid_to=LAST)
        counts = matched(cast, people_of(cast)[:1], valid_from=NEXT).counts
        assert (counts["carried"], counts["tagged"]) == (1, 0)


def test_beside_a_tag_without_end_nothing_is_carried_on(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:1], valid_to=LAST)
    tag(cast.a.students[0], "dibao", AUTUMN, None)
    with acting_for(cast.district):
        counts = matched(cast, people_of(cast)[:1], valid_from=NEXT).counts
        assert (counts["carried"], counts["tagged"]) == (0, 0)
        assert spells(cast.a.students[0]) == [(AUTUMN, LAST), (AUTUMN, None)]


def test_a_version_of_the_same_first_day_prolongs_the_one_tag(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:1], valid_to=LAST)
        counts = matched(cast, people_of(cast)[:1], valid_to=date(2028, 8, 31)).counts
        assert (counts["carried"], counts["tagged"]) == (1, 0)
        assert spells(cast.a.students[0]) == [(AUTUMN, date(2028, 8, 31))]


def test_a_version_that_begins_earlier_leaves_no_day_without_a_tag(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:1], valid_from=date(2027, 1, 1), valid_to=date(2027, 6, 30))
        matched(cast, people_of(cast)[:1], valid_to=LAST)
        live = SpecialGroupTag.objects.filter(live_tag(AUTUMN))
        assert [t.student for t in live] == [cast.a.students[0]]


def test_the_same_period_again_leaves_the_tag_with_its_list(cast: Cast) -> None:
    with acting_for(cast.district):
        first = matched(cast, people_of(cast)[:1], valid_to=LAST)
        counts = matched(cast, people_of(cast)[:1], valid_to=LAST).counts
        assert (counts["carried"], counts["tagged"]) == (0, 0)
        assert SpecialGroupTag.objects.get().source_list_id == first.pk


def test_whom_a_withdrawn_list_did_not_name_is_tagged_by_the_list_in_force_again(
    cast: Cast,
) -> None:
    """Two people ended the tag because of that list alone; the older one, in force again, names."""
    one, two, *_ = people_of(cast)
    with acting_for(cast.district):
        matched(cast, [one, two], valid_from=EARLY, issued_on=EARLY, valid_to=LAST)
        newer = matched(cast, [one])
        assert newer.counts["carried"] == 1
        ending = propose_ending(listed=newer, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        done = withdraw_list(listed=newer, reason="名单有误", by=cast.bureau_reviewer)
        told = {name: done.counts[name] for name in ("ended", "kept", "stopped", "restored")}
        assert told == {"ended": 1, "kept": 1, "stopped": 1, "restored": 1}
        live = SpecialGroupTag.objects.filter(live_tag(clock.today()))
        assert {t.student for t in live} == set(cast.a.students[:2])


def test_within_a_tag_without_end_nothing_is_added(cast: Cast) -> None:
    with acting_for(cast.district):
        first = matched(cast, people_of(cast)[:1])
        assert first.counts["dropped"] == 0, "there is no older list"
        assert matched(cast, people_of(cast)[:1], valid_to=LAST).counts["tagged"] == 0
        # One that begins earlier holds until then, and is not doubled when it is matched again.
        earlier = matched(cast, people_of(cast)[:1], valid_from=EARLY)
        assert earlier.counts["tagged"] == 1
        before = (EARLY, AUTUMN - timedelta(days=1))
        assert spells(cast.a.students[0]) == [before, (AUTUMN, None)]
        again = match_list(listed=earlier, by=cast.bureau_operator)
        assert again.counts["tagged"] == 0
        assert spells(cast.a.students[0]) == [before, (AUTUMN, None)]


def test_a_number_counts_more_than_an_answer(cast: Cast) -> None:
    own = cast.a.students[0].id_number.reveal()
    with acting_for(cast.district):
        match_list(listed=upload(cast, listing(person(身份证号码=NUMBER))), by=cast.bureau_operator)
    confirm_candidate(candidate=questions(school=cast.school)[0], reason=SEEN, by=cast.operator)
    orphans = SpecialGroup.objects.get(code="orphan")
    rows = (person(身份证号码=NUMBER), person(身份证号码=own))
    with acting_for(cast.district):
        done = match_list(
            listed=upload(cast, listing(*rows), group=orphans, valid_to=LAST),
            by=cast.bureau_operator,
        )
    assert (done.counts["matched"], done.counts["tagged"]) == (2, 1)
    assert SpecialGroupTag.objects.get(group=orphans).strength == "id"


def test_who_was_found_to_be_the_person_and_left_is_tagged_no_more(cast: Cast) -> None:
    with acting_for(cast.district):
        match_list(listed=upload(cast, listing(person(身份证号码=NUMBER))), by=cast.bureau_operator)
    row = questions(school=cast.school)[0]
    confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)
    change_enrolment(
        student=row.student, kind="withdraw", on=clock.today(), reason="外出务工", by=cast.operator
    )
    with acting_for(cast.district):
        done = match_list(
            listed=upload(
                cast,
                listing(person(身份证号码=NUMBER)),
                group=SpecialGroup.objects.get(code="orphan"),
            ),
            by=cast.bureau_operator,
        )
        assert (done.counts["matched"], done.counts["tagged"]) == (0, 0)
