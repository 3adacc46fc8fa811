"""Which lists follow which, which are in force, and whose tags a newer one drops."""

from datetime import date, timedelta

import pytest

from schools import clock
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    change_enrolment,
    confirm_candidate,
    match_list,
    propose_ending,
    reject_candidate,
    withdraw_list,
)
from students.models import SpecialGroup, SpecialGroupTag
from students.queue import dropped, lists_in_force, missing, older_than, unnamed
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.test_actions_lists import list_file, matched, people_of, upload
from tests.students.test_candidates import NUMBER, SEEN, match, person, questions
from tests.students.test_carried_tags import EARLY, tag

TODAY = date(2026, 9, 1)


def test_of_one_day_the_later_upload_follows(cast: Cast) -> None:
    people = people_of(cast)[:1]
    with acting_for(cast.district):
        first, second = matched(cast, people), matched(cast, people)
        upload(cast, list_file(people), issued_on=EARLY)
        matched(cast, people, group=SpecialGroup.objects.get(code="orphan"), issued_on=EARLY)
        assert list(older_than(second)) == [first]
        assert list(older_than(first)) == []


def test_what_was_uploaded_later_and_issued_before_replaces_nothing(cast: Cast) -> None:
    people = people_of(cast)
    with acting_for(cast.district):
        waiting = upload(cast, list_file(people[:1]), issued_on=date(2026, 8, 30))
        first = matched(cast, people, valid_from=EARLY, issued_on=EARLY)
        second = matched(cast, people[:1], issued_on=date(2026, 8, 20))
        ending = propose_ending(listed=second, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        newest = match_list(listed=waiting, by=cast.bureau_operator)
        assert set(lists_in_force(cast.district.pk)) == {second, newest}
        assert list(older_than(second)) == [first]
        assert set(older_than(newest)) == {first, second}


@pytest.mark.parametrize(("last", "kept"), [(TODAY, 1), (TODAY - timedelta(days=1), 0)])
def test_a_list_is_valid_on_its_last_day(cast: Cast, last: date, kept: int) -> None:
    people = people_of(cast)[:1]
    with acting_for(cast.district):
        other = matched(cast, people, valid_from=EARLY, valid_to=last)
        wrong = matched(cast, people, valid_from=EARLY)
        done = withdraw_list(listed=wrong, reason="名单有误", by=cast.bureau_reviewer)
        assert done.counts["kept"] == kept
        assert set(lists_in_force(cast.district.pk)) == ({other} if kept else set())


def test_who_is_dropped(cast: Cast) -> None:
    """Live tags of older lists of the group, of students whom this one neither names nor asks."""
    _, second, third = cast.a.students
    everybody = [(s.name, s.id_number.reveal()) for s in cast.a.students]
    with acting_for(cast.district):
        matched(cast, everybody, valid_from=EARLY, issued_on=EARLY)
        matched(cast, everybody, group=SpecialGroup.objects.get(code="orphan"),
                valid_from=EARLY, issued_on=EARLY)  # fmt: skip
    tag(second, "destitute", EARLY, None)
    with acting_for(cast.district):
        newer = matched(cast, [everybody[0]])
        rows = dropped(newer).values_list("student_id", "group__code")
        assert sorted(rows) == [(second.pk, "dibao"), (third.pk, "dibao")]
        assert unnamed(newer) == {cast.school.pk: 2}
    change_enrolment(student=third, kind="withdraw", on=TODAY, reason="退学", by=cast.operator)
    with acting_for(cast.district):
        assert [t.student_id for t in dropped(newer)] == [second.pk]
        # Two tags of one student are one student.
        SpecialGroupTag.objects.create(
            school_id=second.school_id, student=second, group=newer.group, source="名单",
            source_list_id=older_than(newer)[0].pk, valid_from=EARLY,
            valid_to=date(2026, 12, 31), recorded_at=clock.now(),
        )  # fmt: skip
        assert (dropped(newer).count(), unnamed(newer)) == (2, {cast.school.pk: 1})
        SpecialGroupTag.objects.filter(student=second).update(valid_to=TODAY - timedelta(days=1))
        assert not dropped(newer).exists()


def test_a_question_about_another_student_or_person_keeps_nobody(cast: Cast) -> None:
    first, second, _ = cast.a.students
    rows = [person(s.name, 身份证号码=s.id_number.reveal()) for s in (first, second)]
    match(cast, *rows, valid_from=EARLY, issued_on=EARLY)
    # The list after that asks about the first; the second's question is of another list's person.
    match(cast, person(second.name), group=SpecialGroup.objects.get(code="orphan"))
    newer = match(cast, person(身份证号码=NUMBER))
    with acting_for(cast.district):
        assert [t.student_id for t in dropped(newer)] == [second.pk]
    row = questions(student=first, group__code="dibao")[0]
    confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)
    with acting_for(cast.district):
        assert [t.student_id for t in dropped(newer)] == [second.pk], "who was found is named"


def test_who_is_missing_from_every_roster(cast: Cast) -> None:
    listed = match(cast, person(身份证号码=NUMBER), person("无示人"))
    with acting_for(cast.district):
        assert [(r.row, r.asked) for r in missing(listed)] == [(2, True), (3, False)]
    with acting_for(cast.b.school):
        new = new_student(cast.b.school_class, "别示名", id_number=NUMBER)
    with acting_for(cast.district):
        assert [r.row for r in missing(listed)] == [3]
    with acting_for(cast.b.school):
        change_enrolment(student=new, kind="withdraw", on=TODAY, reason="退学", by=cast.b.operator)
    with acting_for(cast.district):
        assert [r.row for r in missing(listed)] == [2, 3], "who left is on no roster"
    row = questions(student=cast.a.students[0])[0]
    confirm_candidate(candidate=row, reason=SEEN, by=cast.operator)
    with acting_for(cast.district):
        assert [(r.row, r.asked) for r in missing(listed)] == [(3, False)]


def test_who_is_nobody_of_any_school_is_not_being_asked_about(cast: Cast) -> None:
    listed = match(cast, person(身份证号码=NUMBER))
    for staffed in (cast.a, cast.b):
        with acting_for(staffed.school):
            (row,) = questions(school=staffed.school)
            reject_candidate(candidate=row, reason=SEEN, by=staffed.operator)
    with acting_for(cast.district):
        assert [r.asked for r in missing(listed)] == [False]
