"""A newer list does not name some, and all of them keep their tags: one says so, with a reason."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from office.models import Message
from schools import clock
from schools.scope import acting_for
from students.actions import (
    approve_ending,
    propose_ending,
    refuse_ending,
    retain_tags,
    retaining,
    revoke_retention,
    withdraw_list,
)
from students.dropped_queue import undecided
from students.models import (
    DepartmentList,
    SpecialGroupTag,
    TagEnding,
    TagRetention,
    live_tag,
)
from students.navigation import todos
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students.test_actions_lists import matched, people_of
from tests.students.test_endings import PAST, newer
from tests.students.test_navigation import fresh

WHY = "补充名单"
OWED = ["核对低保家庭学生名单不再列名的2人"]


def retain(cast: Cast, listed: DepartmentList, reason: str = WHY) -> TagRetention:
    return retain_tags(listed=listed, reason=reason, by=cast.bureau_operator)


def propose(cast: Cast, listed: DepartmentList) -> TagEnding:
    return propose_ending(listed=listed, note="", by=cast.bureau_operator)


def owed(cast: Cast) -> list[str]:
    return [t.title for t in todos(fresh(cast.bureau_operator))]


def test_whom_all_keep_are_on_the_desk_no_more_and_keep_their_tags(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        assert owed(cast) == OWED
        made = retain(cast, listed, f" {WHY} ")
        assert (made.students, made.schools, made.reason) == (2, 2, WHY)
        assert (made.status, made.retained_by) == ("holds", cast.bureau_operator.person)
        with CaptureQueriesContext(connection) as asked:
            assert owed(cast) == []
        # The tags of a district are many, and the desk is opened often.
        assert not [q for q in asked if "students_specialgrouptag" in q["sql"]]
        assert SpecialGroupTag.objects.filter(live_tag(clock.today())).count() == 3
        event = Event.objects.get(verb="tagretention.retain")
        assert event.organisation_id == cast.district.pk
        assert (event.reason, event.facts["students"]) == (WHY, 2)


def test_taken_back_they_wait_again_and_who_said_it_hears_why(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        made = retain(cast, listed)
        done = revoke_retention(retention=made, reason="民政说是新的一版", by=cast.bureau_reviewer)
        assert (done.status, done.revoke_by) == ("revoked", cast.bureau_reviewer.person)
        assert owed(cast) == OWED
        (told,) = Message.objects.filter(person=cast.bureau_operator.person)
        assert told.title == "保留低保家庭学生标记已撤回：民政说是新的一版"
        assert told.url == reverse("students:list_dropped", kwargs={"list_id": listed.pk})
        assert Event.objects.get(verb="tagretention.revoke").reason == "民政说是新的一版"
        retain(cast, listed)
        assert owed(cast) == []
        again = TagRetention.objects.get(status="holds")
        revoke_retention(retention=again, reason="再核", by=cast.bureau_operator)
        assert Message.objects.count() == 1, "nobody is told of what he did himself"


def test_a_proposal_sent_back_is_on_the_desk_again_with_why(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose(cast, listed)
        assert owed(cast) == []
        refuse_ending(ending=ending, reason="李样宁还在领低保", by=cast.bureau_reviewer)
        (todo,) = todos(fresh(cast.bureau_operator))
        assert [todo.title] == OWED
        assert "提请停止标记已被退回：李样宁还在领低保" in todo.text
        propose(cast, listed)
        assert owed(cast) == []


def test_of_whom_a_part_was_ended_the_others_wait_until_they_are_said_to_stay(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        one = undecided(listed).order_by("pk")[0]
        ending = propose_ending(listed=listed, note="", tags=[one.pk], by=cast.bureau_operator)
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert owed(cast) == ["核对低保家庭学生名单不再列名的1人"]
        assert retain(cast, listed).students == 1
        assert owed(cast) == []


def test_when_all_were_ended_nobody_waits(cast: Cast) -> None:
    with acting_for(cast.district):
        approve_ending(ending=propose(cast, newer(cast)), by=cast.bureau_reviewer)
        assert owed(cast) == []


def test_the_newest_list_of_a_group_alone_is_on_the_desk(cast: Cast) -> None:
    """On one that another followed nothing can be done any more."""
    with acting_for(cast.district):
        newer(cast)
        assert owed(cast) == OWED
        matched(cast, people_of(cast), issued_on=date(2026, 8, 30))
        assert owed(cast) == []


def test_whom_an_older_list_that_comes_later_tags_waits(cast: Cast) -> None:
    with acting_for(cast.district):
        a, _, b = people_of(cast)[:3]
        matched(cast, [a, b], valid_from=PAST, issued_on=PAST)
        listed = matched(cast, [a])
        first = retain(cast, listed)
        # A list of July, found late.
        older = matched(cast, people_of(cast)[:3], issued_on=date(2026, 7, 1))
        assert owed(cast) == ["核对低保家庭学生名单不再列名的1人"]
        second = retain(cast, listed)
        assert owed(cast) == []
        first.refresh_from_db()
        assert (first.status, second.status, second.students) == ("revoked", "holds", 1)
        assert older.pk in second.older


def test_saying_so_is_refused_with_all_reasons(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose(cast, listed)
        latest = matched(cast, people_of(cast), issued_on=date(2026, 8, 30))
        with pytest.raises(Refused) as refused:
            retain_tags(listed=listed, reason=" ", by=cast.bureau_reviewer)
        assert [r.text for r in refused.value.reasons] == [
            "保留标记由资助中心经办记下",
            "已有2026年8月30日的新名单",
            "没有写保留的原因",
            "这份名单已有一批停止在等审核",
        ]
        with pytest.raises(Refused) as refused:
            retain(cast, latest, "补")
        assert [r.text for r in refused.value.reasons] == [
            "没有等着核对的学生",
            "保留的原因写得太短，只有1个字",
        ]
        refuse_ending(ending=ending, reason="再核", by=cast.bureau_reviewer)
        withdraw_list(listed=latest, reason="名单有误", by=cast.bureau_reviewer)
        made = retain(cast, listed)
        with pytest.raises(Refused, match="没有等着核对的学生"):
            retain(cast, listed)
        with pytest.raises(Refused, match="已记下不再列名的学生都保留标记"):
            propose(cast, listed)
        with pytest.raises(Refused, match="没有写撤回的原因"):
            revoke_retention(retention=made, reason="", by=cast.bureau_operator)
    with (
        acting_for(cast.district),
        pytest.raises(Refused, match="保留标记由资助中心经办或审核撤回"),
    ):
        revoke_retention(retention=made, reason="再核", by=cast.operator)


def test_it_goes_with_its_list(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        made = retain(cast, listed)
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        made.refresh_from_db()
        assert (made.status, made.drop_by) == ("dropped", cast.bureau_reviewer.person)
        (told,) = Message.objects.filter(person=cast.bureau_operator.person)
        assert told.title == "保留低保家庭学生标记已随名单撤下：名单有误"
        with pytest.raises(Refused, match="现在是“已随名单撤下”"):
            revoke_retention(retention=made, reason="再核", by=cast.bureau_operator)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("retention_said_why", "reason = ''"),
        ("retention_stamps", "status = 'revoked'"),
        (
            "retention_stamps",
            "status = 'revoked', revoke_by_id = retained_by_id, revoke_at = now()",
        ),
        ("retention_stamps", "revoke_reason = '再核'"),
        ("retention_stamps", "status = 'dropped'"),
        ("retention_stamps", "drop_at = now()"),
    ],
)
def test_the_database_refuses_half_a_word(cast: Cast, constraint: str, change: str) -> None:
    with acting_for(cast.district):
        retain(cast, newer(cast))
        with (
            pytest.raises(IntegrityError, match=constraint),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE students_tagretention SET {change}")


def test_the_pages_say_who_why_and_how_to_take_it_back(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
    url, keep, back, whole = (
        reverse(f"students:{name}", kwargs={"list_id": listed.pk})
        for name in ("list_dropped", "list_retain", "list_unretain", "list")
    )
    operator = sign_in(cast.bureau_operator)
    # Of all of them, whatever school the page shows.
    shown = words(operator.get(url, {"school": cast.school.pk}))
    assert "2人都保留标记？" in shown
    assert operator.post(keep, {"reason": ""}).status_code == 409
    assert "已记下2人都保留标记" in words(operator.post(keep, {"reason": WHY}, follow=True))
    page = operator.get(url)
    assert "data-batch" not in page.content.decode(), "nobody is to be proposed"
    shown = words(page)
    assert f"这份名单没有列名的2人（2所学校），已核对，都继续按以前的名单标记。原因：{WHY}" in shown
    assert cast.bureau_operator.person.name in shown
    assert "李样宁" in shown, "who they are is still told"
    assert f"记下：2人都保留标记（{WHY}）" in words(operator.get(whole))
    reviewer = sign_in(cast.bureau_reviewer)
    assert reviewer.post(keep, {"reason": WHY}).status_code == 403
    assert reviewer.post(back, {"reason": "再核"}).status_code == 404
    with acting_for(cast.district):
        made = TagRetention.objects.get()
    data = {"retention": made.pk, "reason": "民政说是新的一版"}
    answer = words(reviewer.post(back, data, follow=True))
    assert "已撤回，不再列名的学生重新等着核对" in answer
    assert "撤回过的保留" in answer
    assert "民政说是新的一版" in answer
    assert reviewer.post(back, data).status_code == 409


def words(answer: Any) -> str:
    return re.sub(r"\s*<[^>]+>\s*|[\u00a0\u2060]", "", answer.content.decode())


def listed_of(cast: Cast) -> DepartmentList:
    with acting_for(cast.district):
        return newer(cast)


@pytest.mark.race
def test_it_is_said_once_and_nobody_proposes_meanwhile(committed: Cast) -> None:
    listed = listed_of(committed)
    acts: list[Any] = [lambda: retain(committed, listed), lambda: propose(committed, listed)]
    outcome = race(lambda i: acts[i % 2](), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_index_it_is_said_often(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "lock_group", lambda listed: None)
    listed = listed_of(committed)
    with database.without("students_tagretention", "retention_one_holds"):
        won = unguarded(
            lambda _: retain_tags(listed=listed, reason=WHY, by=committed.bureau_operator),
            organisation=committed.district,
        )
        assert won > 1


@pytest.mark.race
def test_the_index_alone_lets_one_say_it(committed: Cast, no_locks: None) -> None:
    listed = listed_of(committed)
    outcome = race(lambda _: retain(committed, listed), organisation=committed.district)
    with acting_for(committed.district):
        assert TagRetention.objects.filter(status="holds").count() == 1
    assert outcome["won"] + outcome["Refused"] == 64


def _said(cast: Cast) -> TagRetention:
    with acting_for(cast.district):
        return retain(cast, newer(cast))


def _revoke(cast: Cast, made: TagRetention) -> TagRetention:
    return revoke_retention(retention=made, reason="再核", by=cast.bureau_reviewer)


@pytest.mark.race
def test_it_is_taken_back_once(committed: Cast) -> None:
    made = _said(committed)
    outcome = race(lambda _: _revoke(committed, made), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_taken_back_often(committed: Cast, no_locks: None) -> None:
    made = _said(committed)
    won = unguarded(lambda _: _revoke(committed, made), organisation=committed.district)
    assert won > 1
