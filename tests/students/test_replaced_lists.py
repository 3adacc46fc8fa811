"""What two persons ended does not come back from a list that a newer one replaced."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    confirm_candidate,
    match_list,
    match_newcomers,
    propose_ending,
    reopen_candidate,
    sign_correction,
    withdraw_list,
)
from students.models import (
    DepartmentList,
    DepartmentListRow,
    MatchCandidate,
    SpecialGroupTag,
    TagEnding,
    live_tag,
)
from tests import database
from tests.cast import Cast
from tests.students.test_actions_lists import list_file, matched, people_of, upload
from tests.students.test_candidates import NUMBER, SEEN, match, person, questions
from tests.students.test_endings import PAST, live, newer
from tests.students.test_exchanges import proposed, two

TODAY = date(2026, 9, 1)
LATER = TODAY + timedelta(days=1)
AGAIN = "INSERT INTO students_specialgrouptag (school_id, student_id, group_id, source_list_id,"
AGAIN += " source, strength, detail, valid_from, recorded_at) SELECT school_id, student_id,"
AGAIN += " group_id, %s, source, strength, detail, valid_from, now()"
AGAIN += " FROM students_specialgrouptag WHERE valid_to < '2026-09-01'"


def replaced(cast: Cast) -> tuple[DepartmentList, DepartmentList]:
    """A list of three, and the next one, of the first alone; two persons ended the others."""
    with acting_for(cast.district):
        new = newer(cast)
        end(cast, new)
        return DepartmentList.objects.get(issued_on=PAST), new


def end(cast: Cast, listed: DepartmentList) -> None:
    ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
    approve_ending(ending=ending, by=cast.bureau_reviewer)


def match_again(cast: Cast, listed: DepartmentList) -> None:
    match_list(listed=listed, by=cast.bureau_operator)


def withdraw(cast: Cast, listed: DepartmentList) -> DepartmentList:
    return withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)


# --- matching


def test_a_replaced_list_is_not_matched_again(cast: Cast) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        with pytest.raises(Refused) as refused:
            match_again(cast, old)
        (reason,) = refused.value.reasons
        assert "已由2026年8月20日的新名单接替" in reason.text
        assert "补充名单" in reason.mend
        assert "撤销" in reason.mend
        assert live() == {"张示远"}
        match_again(cast, new)
        assert live() == {"张示远"}


def test_a_still_older_list_is_not_matched_for_the_first_time(cast: Cast) -> None:
    replaced(cast)
    with acting_for(cast.district):
        oldest = upload(cast, list_file(people_of(cast)), issued_on=PAST - timedelta(days=9))
        between = upload(cast, list_file(people_of(cast)), issued_on=PAST + timedelta(days=9))
        for listed in (oldest, between):
            with pytest.raises(Refused, match="接替"):
                match_again(cast, listed)
        assert live() == {"张示远"}


def test_a_newer_list_that_ended_nobody_is_a_supplement(cast: Cast) -> None:
    with acting_for(cast.district):
        newer(cast)
        old = DepartmentList.objects.get(issued_on=PAST)
        match_again(cast, old)
        assert live() == {"张示远", "李样宁"}


def test_a_supplement_that_names_them_brings_them_back(cast: Cast) -> None:
    replaced(cast)
    with acting_for(cast.district):
        matched(cast, people_of(cast)[1:2], issued_on=date(2026, 8, 30))
        assert live() == {"张示远", "李样宁"}


def test_nor_do_those_who_come_later_bring_them_back(cast: Cast) -> None:
    replaced(cast)
    with acting_for(cast.district), clock.at(clock.now() + timedelta(days=1)):
        match_newcomers(bureau=cast.district)
        assert live() == {"张示远"}


def test_the_pages_offer_no_match_and_show_the_newer_list(cast: Cast, sign_in: Any) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        staged = upload(cast, list_file(people_of(cast)), issued_on=PAST)
    client = sign_in(cast.bureau_operator)
    for listed in (old, staged):
        url = reverse("students:list", kwargs={"list_id": listed.pk})
        act = reverse("students:list_match", kwargs={"list_id": listed.pk})
        shown = client.get(url).content.decode()
        assert act not in shown
        assert "2026年8月20日的名单" in shown
        assert reverse("students:list", kwargs={"list_id": new.pk}) in shown
        assert "接替" in shown
        assert "系统每天自动再比对" not in shown
        assert client.post(act).status_code == 409
    shown = client.get(reverse("students:list", kwargs={"list_id": new.pk})).content.decode()
    assert reverse("students:list_match", kwargs={"list_id": new.pk}) in shown
    assert "更新的名单" not in shown


def test_all_lists_show_which_is_in_force(cast: Cast, sign_in: Any) -> None:
    replaced(cast)
    with acting_for(cast.district):
        matched(cast, people_of(cast)[:1], issued_on=TODAY, valid_to=TODAY)
    client = sign_in(cast.bureau_operator)
    with clock.at(clock.office_opens(LATER)):
        shown = client.get(reverse("students:lists")).content.decode()
    states = [
        re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'data-l="状态">(.*?)</td>', shown)
    ]
    assert states == ["已到期", "已比对", "已接替"]


def test_a_page_tells_of_a_newer_list_that_has_ended_nobody(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        new = newer(cast)
        old = DepartmentList.objects.get(issued_on=PAST)
    client = sign_in(cast.bureau_operator)
    shown = client.get(reverse("students:list", kwargs={"list_id": old.pk})).content.decode()
    assert "这一类型另有更新的名单" in shown
    assert reverse("students:list", kwargs={"list_id": new.pk}) in shown
    assert reverse("students:list_match", kwargs={"list_id": old.pk}) in shown


def test_the_message_of_an_ending_has_the_form_of_all_dates(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        new = newer(cast)
        ending = propose_ending(listed=new, note="", by=cast.bureau_operator)
    url = reverse("students:list_end", kwargs={"list_id": new.pk})
    answer = sign_in(cast.bureau_reviewer).post(url, {"ending": ending.pk}, follow=True)
    said = "已停止2条标记，有效期止于2026年8月31日；各学校"
    assert said in answer.content.decode()


# --- questions of a replaced list


def question(cast: Cast) -> MatchCandidate:
    """The older list asks about one whom the newer one does not name."""
    match(cast, person(身份证号码=NUMBER), issued_on=PAST, valid_from=PAST)
    return questions()[0]


def ended_by_newer(cast: Cast) -> None:
    with acting_for(cast.district):
        end(cast, matched(cast, people_of(cast)[1:2]))


def also_tagged(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast)[2:3], issued_on=PAST, valid_from=PAST)


def test_a_question_of_a_replaced_list_is_asked_no_more(cast: Cast) -> None:
    row = question(cast)
    also_tagged(cast)
    ended_by_newer(cast)
    row.refresh_from_db()
    assert row.status == "moot"


def test_a_question_of_a_list_in_force_stays(cast: Cast) -> None:
    also_tagged(cast)
    with acting_for(cast.district):
        new = matched(cast, people_of(cast)[1:2])
        match(cast, person(身份证号码=NUMBER), issued_on=date(2026, 8, 30))
        listed = DepartmentList.objects.latest("pk")
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
    assert new.pk
    assert [q.status for q in questions()] == ["waiting"]


def test_an_answer_given_anew_brings_no_tag_back(cast: Cast, sign_in: Any) -> None:
    row = confirm_candidate(candidate=question(cast), reason=SEEN, by=cast.operator)
    mine = SpecialGroupTag.objects.filter(student=row.student)
    assert mine.filter(live_tag(TODAY)).exists()
    ended_by_newer(cast)
    assert not mine.filter(live_tag(TODAY)).exists()
    reopen_candidate(candidate=row, reason="再看", by=cast.reviewer)
    url = reverse("students:question_answer", kwargs={"candidate_id": row.pk})
    answer = sign_in(cast.operator).post(url, {"do": "same", "way": SEEN}, follow=True)
    assert "这份名单已由新的一版接替，没有标记" in answer.content.decode()
    row.refresh_from_db()
    assert row.status == "same", "the answer holds for lists to come"
    assert not mine.filter(live_tag(TODAY)).exists()


# --- withdrawing


def test_a_withdrawn_list_brings_nobody_back_from_a_replaced_one(cast: Cast) -> None:
    replaced(cast)
    with acting_for(cast.district):
        third = matched(cast, people_of(cast)[:2], issued_on=date(2026, 8, 30))
        assert live() == {"张示远", "李样宁"}
        done = withdraw(cast, third)
        assert live() == {"张示远"}
        told = {name: done.counts[name] for name in ("ended", "kept", "stopped", "restored")}
        assert told == {"ended": 1, "kept": 0, "stopped": 0, "restored": 0}


def test_whom_the_withdrawn_list_ended_the_older_one_tags_again(cast: Cast, sign_in: Any) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        DepartmentList.objects.filter(pk=old.pk).update(compared_on=TODAY)
    url = reverse("students:list", kwargs={"list_id": new.pk})
    client = sign_in(cast.bureau_reviewer)
    words = re.sub(r"<[^>]+>", "", client.get(url).content.decode())
    assert "停止过标记的2人，在其他有效名单上的，同时恢复标记" in words
    act = reverse("students:list_withdraw", kwargs={"list_id": new.pk})
    shown = client.post(act, {"reason": "名单有误"}, follow=True).content.decode()
    assert "停止了0人次的标记" in shown
    assert "停止过标记的2人，2人在其他有效名单上，已恢复标记" in shown
    with acting_for(cast.district):
        new.refresh_from_db()
        old.refresh_from_db()
        assert live() == {"张示远", "李样宁"}
        assert SpecialGroupTag.objects.filter(live_tag(TODAY)).count() == 3
        assert (new.counts["stopped"], new.counts["restored"]) == (2, 2)
        assert (old.counts["tagged"], old.counts["later"]) == (5, 2)
        assert old.compared_on is None, "the whole of it is matched by itself soon"
        told = Event.objects.for_organisation(cast.district.pk).filter(verb="departmentlist.again")
        assert [e.facts for e in told] == [{"tagged": 2, "withdrawn": new.pk}]
        assert match_newcomers(bureau=cast.district) == 1
        assert SpecialGroupTag.objects.filter(live_tag(TODAY)).count() == 3
    school = Event.objects.for_organisation(cast.school.pk).filter(verb="students.tag")
    assert [e.facts["students"] for e in school.order_by("pk")] == [2, 1]


def test_who_is_on_no_list_in_force_stays_ended(cast: Cast) -> None:
    with acting_for(cast.district):
        matched(cast, people_of(cast), valid_from=PAST, issued_on=PAST, valid_to=TODAY)
        new = matched(cast, people_of(cast)[:1])
        end(cast, new)
        with clock.at(clock.office_opens(LATER)):
            done = withdraw(cast, new)
            assert (done.counts["stopped"], done.counts["restored"]) == (2, 0)
            assert live() == set()


# --- the database


def raw(listed: DepartmentList) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AGAIN, [listed.pk])
        return int(cursor.rowcount)


def test_the_database_refuses_a_tag_that_two_persons_ended(cast: Cast) -> None:
    old, _ = replaced(cast)
    with acting_for(cast.district):
        with pytest.raises(IntegrityError, match="tag_stays_ended"):
            raw(old)
        assert live() == {"张示远"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('aid.asking', true)")
            assert cursor.fetchone()[0] in ("", None)


def test_the_database_takes_what_nobody_ended(cast: Cast) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        # A list in force may name him again.
        assert raw(new) == 2
        SpecialGroupTag.objects.filter(source_list_id=new.pk).delete()
        TagEnding.objects.update(tags=[])
        assert raw(old) == 2


def test_the_database_takes_whom_a_list_in_force_names(cast: Cast) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        for row in DepartmentListRow.objects.filter(list=old):
            row.pk, row.list, row.row = None, new, row.row + 1000
            row.save()
        assert raw(old) == 2


def test_the_database_takes_it_once_the_newer_list_is_withdrawn(cast: Cast) -> None:
    old, new = replaced(cast)
    with acting_for(cast.district):
        DepartmentList.objects.filter(pk=new.pk).update(
            status="withdrawn",
            withdraw_reason="x",
            withdraw_at=clock.now(),
            withdraw_by=cast.bureau_reviewer.person,
        )
        assert raw(old) == 2


@pytest.mark.race
def test_without_the_trigger_the_database_takes_it(committed: Cast) -> None:
    old, _ = replaced(committed)
    with (
        acting_for(committed.district),
        database.without("students_specialgrouptag", triggers=True),
    ):
        assert raw(old) == 2


def test_exchanged_numbers_go_on_under_a_replaced_list(cast: Cast) -> None:
    """The tag of a replaced list that nobody ended goes with its number."""
    first, second = two(cast)
    listed = [(s.name, s.id_number.reveal()) for s in (first, second)]
    with acting_for(cast.district):
        matched(cast, listed, valid_from=PAST, issued_on=PAST)
        end(cast, matched(cast, listed[:1]))
    (half, _) = proposed(cast, (first, second))
    sign_correction(correction=half, by=cast.reviewer)
    held = SpecialGroupTag.objects.filter(live_tag(TODAY))
    assert [t.student for t in held] == [second]


def test_the_question_opens_no_list_to_a_school(cast: Cast) -> None:
    old, new = replaced(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_list_replaced(%s), aid_list_replaced(%s)", [old.pk, new.pk])
        assert cursor.fetchone() == (True, False)
        cursor.execute("SELECT set_config('aid.asking', 'lists', true)")
        assert not DepartmentList.objects.exists()
        assert not DepartmentListRow.objects.exists()
        assert not TagEnding.objects.exists()
        cursor.execute("SELECT set_config('aid.asking', '', true)")


# --- at the same moment
