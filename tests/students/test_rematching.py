"""Lists are matched again by themselves: nobody who came later is missed."""

import re
from contextvars import Context
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet

from aidadmin import settings as product
from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_id
from schools import clock
from schools.models import ClockShift
from schools.scope import acting_for
from students import tasks
from students.actions import (
    approve_ending,
    change_enrolment,
    confirm_candidate,
    match_again,
    match_list,
    match_newcomers,
    propose_ending,
    rematching,
    withdraw_list,
)
from students.models import (
    DepartmentList,
    MatchCandidate,
    SpecialGroup,
    SpecialGroupTag,
    Student,
)
from students.queue import dropped, lists_in_force
from tests.cast import Cast, next_id
from tests.cast import student as new_student
from tests.students.test_actions_lists import list_file, people_of, upload

NUMBER = next_id(date(2010, 2, 3))


@pytest.fixture
def listed(cast: Cast) -> DepartmentList:
    """Matched before the last one of its people came to a school."""
    with acting_for(cast.district):
        row = upload(cast, list_file([*people_of(cast), ("新示生", NUMBER)]))
        return match_list(listed=row, by=cast.bureau_operator)


def _tagged(cast: Cast, who: Student) -> bool:
    with acting_for(cast.a.school):
        return SpecialGroupTag.objects.filter(student=who, valid_to=None).exists()


def _again(cast: Cast) -> QuerySet[Event]:
    events: QuerySet[Event] = Event.objects.for_organisation(cast.district.pk)
    return events.filter(verb="departmentlist.again")


def _enters(cast: Cast) -> Student:
    with acting_for(cast.a.school):
        return new_student(cast.a.school_class, "新示生", id_number=NUMBER)


def test_a_new_student_is_tagged_by_the_next_beat(cast: Cast, listed: DepartmentList) -> None:
    who = _enters(cast)
    tasks.match_newcomers()
    assert _tagged(cast, who)
    with acting_for(cast.district):
        after = DepartmentList.objects.get(pk=listed.pk)
        event = _again(cast).get()
    assert (after.counts["tagged"], after.counts["matched"], after.counts["unmatched"]) == (4, 4, 3)
    assert after.counts["later"] == 1
    # Who matched it stays: a second person withdraws it.
    assert (after.match_by_id, after.match_at) == (listed.match_by_id, listed.match_at)
    assert (event.person_id, event.facts["tagged"]) == (None, 1)
    told = Event.objects.for_organisation(cast.school.pk).filter(verb="students.tag")
    assert [e.facts["students"] for e in told.order_by("pk")] == [2, 1]


def test_what_was_tagged_later_adds_up(cast: Cast, listed: DepartmentList) -> None:
    _enters(cast)
    tasks.match_newcomers()
    with acting_for(cast.b.school):
        # Enrolled at another school as well, by mistake or not.
        new_student(cast.b.school_class, "新示生", id_number=NUMBER)
    tasks.match_newcomers()
    with acting_for(cast.district):
        assert DepartmentList.objects.get(pk=listed.pk).counts["later"] == 2


def test_a_list_withdrawn_since_it_was_looked_up_keeps_no_other_waiting(
    cast: Cast, listed: DepartmentList, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_for(cast.district):
        gone = upload(cast, list_file([("新示生", NUMBER)]))
        match_list(listed=gone, by=cast.bureau_operator)
        withdraw_list(listed=gone, reason="发错了", by=cast.bureau_reviewer)
        monkeypatch.setattr(rematching, "unaware", lambda bureau: [gone, listed])
        assert match_newcomers(bureau=cast.district) == 1


def test_nothing_is_compared_where_nothing_is_new(cast: Cast, listed: DepartmentList) -> None:
    with acting_for(cast.district):
        assert match_newcomers(bureau=cast.district) == 0
        with clock.at(clock.now() + timedelta(days=1)):
            assert match_newcomers(bureau=cast.district) == 1
            assert match_newcomers(bureau=cast.district) == 0
        assert not _again(cast)


def test_the_first_student_of_all_is_found_on_the_same_day(cast: Cast) -> None:
    for staffed in (cast.a, cast.b):
        with acting_for(staffed.school):
            Student.objects.for_school(staffed.school).delete()
    with acting_for(cast.district):
        row = upload(cast, list_file([("新示生", NUMBER)]))
        row = match_list(listed=row, by=cast.bureau_operator)
        assert row.newest_student is None
    who = _enters(cast)
    tasks.match_newcomers()
    assert _tagged(cast, who)


def test_a_corrected_number_is_found_the_next_day(cast: Cast, listed: DepartmentList) -> None:
    with acting_for(cast.a.school):
        who = cast.a.students[-1]
        who.id_number, who.id_blind = NUMBER, blind_id(NUMBER)
        who.save()
    with clock.at(clock.now() + timedelta(days=1)):
        tasks.match_newcomers()
    assert _tagged(cast, who)


def test_a_newcomer_of_that_name_and_birth_is_asked_about(cast: Cast) -> None:
    with acting_for(cast.district):
        row = upload(cast, list_file([("新示生", NUMBER)]))
        match_list(listed=row, by=cast.bureau_operator)
    with acting_for(cast.a.school):
        new_student(
            cast.a.school_class,
            "新示生",
            id_number=next_id(date(2010, 2, 3)),
            birth_date=date(2010, 2, 3),
        )
    tasks.match_newcomers()
    with acting_for(cast.a.school):
        assert MatchCandidate.objects.filter(status="waiting").count() == 1


@pytest.mark.parametrize("later", [0, 10])
def test_a_list_that_its_next_version_replaced_tags_nobody(
    cast: Cast, listed: DepartmentList, later: int
) -> None:
    issued = listed.issued_on + timedelta(days=later)
    with acting_for(cast.district):
        new = upload(cast, list_file(people_of(cast)[:1]), issued_on=issued)
        match_list(listed=new, by=cast.bureau_operator)
        # Until the tags of those dropped are stopped, it may be a supplement.
        assert [row.pk for row in lists_in_force(cast.district.pk)] == [listed.pk, new.pk]
        tags = list(dropped(new).values_list("pk", flat=True))
        ending = propose_ending(listed=new, tags=tags, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert [row.pk for row in lists_in_force(cast.district.pk)] == [new.pk]
        with pytest.raises(Refused, match="接替"):
            match_again(listed=listed)
    who = _enters(cast)
    tasks.match_newcomers()
    assert not _tagged(cast, who)


def test_a_withdrawn_version_and_one_of_another_group_replace_nothing(
    cast: Cast, listed: DepartmentList
) -> None:
    with acting_for(cast.district):
        new = upload(cast, list_file(people_of(cast)[:1]), issued_on=date(2026, 8, 30))
        match_list(listed=new, by=cast.bureau_operator)
        tags = list(dropped(new).values_list("pk", flat=True))
        ending = propose_ending(listed=new, tags=tags, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert listed not in lists_in_force(cast.district.pk)
        other = SpecialGroup.objects.exclude(pk=new.group_id)[0]
        with transaction.atomic():
            DepartmentList.objects.filter(pk=new.pk).update(group=other)
            assert listed in lists_in_force(cast.district.pk)
            transaction.set_rollback(True)
        withdraw_list(listed=new, reason="发错了", by=cast.bureau_reviewer)
        assert listed in lists_in_force(cast.district.pk)


def test_a_list_that_ran_out_or_was_withdrawn_tags_nobody(
    cast: Cast, listed: DepartmentList
) -> None:
    with acting_for(cast.district):
        short = upload(cast, list_file([("新示生", NUMBER)]), valid_to=date(2026, 9, 30))
        match_list(listed=short, by=cast.bureau_operator)
        withdraw_list(listed=listed, reason="发错了", by=cast.bureau_reviewer)
    who = _enters(cast)
    with clock.at(clock.office_opens(date(2026, 10, 9))):
        tasks.match_newcomers()
        with acting_for(cast.district), pytest.raises(Refused):
            match_again(listed=short)
    with acting_for(cast.a.school):
        assert not SpecialGroupTag.objects.filter(student=who)


def test_who_was_said_to_be_the_same_person_and_left_is_tagged_no_more(cast: Cast) -> None:
    with acting_for(cast.district):
        row = upload(cast, list_file([("新示生", NUMBER)]))
        match_list(listed=row, by=cast.bureau_operator)
    with acting_for(cast.a.school):
        who = new_student(cast.a.school_class, "新示生", birth_date=date(2010, 2, 3))
    tasks.match_newcomers()
    with acting_for(cast.a.school):
        question = MatchCandidate.objects.get()
        confirm_candidate(candidate=question, reason="查看户口簿", by=cast.operator)
        change_enrolment(
            student=who,
            kind="transfer_out",
            on=clock.today(),
            reason="随父母迁居",
            by=cast.operator,
        )
    other = SpecialGroup.objects.get(code="orphan")
    with acting_for(cast.district):
        row = upload(cast, list_file([("新示生", NUMBER)]), group=other)
        done = match_list(listed=row, by=cast.bureau_operator)
        assert (done.counts["matched"], done.counts["tagged"]) == (0, 0)


def test_the_beat_counts_the_demonstrations_days(
    cast: Cast, listed: DepartmentList, settings: Any
) -> None:
    settings.REPLAY = True
    day = clock.now() + timedelta(days=40)
    ClockShift.objects.create(pk=1, seconds=int((day - clock.real_now()).total_seconds()))
    # A worker knows of no clock that a test holds.
    Context().run(tasks.match_newcomers)
    with acting_for(cast.district):
        assert DepartmentList.objects.get(pk=listed.pk).compared_on == day.date()


def test_one_bureaus_trouble_is_not_anothers(
    cast: Cast, listed: DepartmentList, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rematching.match_newcomers
    asked = []

    def broken(*, bureau: object) -> int:
        asked.append(bureau)
        if len(asked) == 1:
            raise ValueError("broken")
        return whole(bureau=bureau)  # type: ignore[arg-type]

    monkeypatch.setattr(rematching, "match_newcomers", broken)
    tasks.match_newcomers()
    assert len(asked) > 1


def test_it_runs_by_the_clock() -> None:
    assert "students.tasks.match_newcomers" in {
        entry["task"] for entry in product.CELERY_BEAT_SCHEDULE.values()
    }


def test_the_page_tells_what_the_system_added(
    cast: Cast, listed: DepartmentList, sign_in: Any
) -> None:
    page = f"/students/lists/{listed.pk}/"
    client = sign_in(cast.bureau_operator)
    assert "后来自动比对" not in client.get(page).content.decode()
    _enters(cast)
    with clock.at(clock.now() + timedelta(days=1)):
        tasks.match_newcomers()
        seen = re.sub(r"<[^>]+>| ", "", client.get(page).content.decode())
        assert "2026年9月2日又自动比对" in seen
        assert "其中1人次由系统后来自动比对" in seen
        # Matched by a person once more, it is that person's result.
        client.post(f"{page}match/")
        assert "后来自动比对" not in client.get(page).content.decode()
