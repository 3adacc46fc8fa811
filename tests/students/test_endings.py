"""A newer list no longer names some: their tags end after a second person has looked."""

from datetime import date, timedelta
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
    endings,
    propose_ending,
    refuse_ending,
    withdraw_list,
)
from students.models import DepartmentList, SpecialGroupTag, TagEnding, live_tag
from students.navigation import todos
from students.queue import dropped
from tests import database
from tests.cast import Cast
from tests.cast import student as new_student
from tests.racing import race, unguarded
from tests.students.test_actions_lists import matched, people_of
from tests.students.test_navigation import fresh

PAST = date(2026, 8, 1)


def newer(cast: Cast, keep: int = 1, **facts: object) -> DepartmentList:
    """The next version, which names only the first `keep` of three tagged students."""
    matched(cast, people_of(cast), valid_from=PAST, issued_on=PAST)
    return matched(cast, people_of(cast)[:keep], **facts)


def live() -> set[str]:
    tags = SpecialGroupTag.objects.filter(live_tag(clock.today()))
    return set(tags.values_list("student__name", flat=True))


def test_two_people_end_the_tags_of_those_who_dropped_out(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        assert listed.counts["dropped"] == 2
        ending = propose_ending(listed=listed, note=" 已核对 ", by=cast.bureau_operator)
        assert (ending.students, ending.schools, ending.note) == (2, 2, "已核对")
        assert dropped(listed).count() == 2, "nothing ends before the review"
        done = approve_ending(ending=ending, by=cast.bureau_reviewer)
        yesterday = clock.today() - timedelta(days=1)
        assert (done.status, done.ended, done.ends_on) == ("approved", 2, yesterday)
        ended = SpecialGroupTag.objects.filter(valid_to=yesterday)
        assert {t.student.name for t in ended} == {"李样宁", "张示远"}
        assert live() == {"张示远"}, "who stays keeps the one tag"
        assert SpecialGroupTag.objects.count() == 3
        assert not dropped(listed).exists()
    told = Event.objects.for_organisation(cast.school.pk).filter(verb="students.untag")
    assert [e.facts["students"] for e in told] == [1]


def test_a_list_that_begins_later_ends_them_the_day_before(cast: Cast) -> None:
    begins = clock.today() + timedelta(days=30)
    with acting_for(cast.district):
        listed = newer(cast, valid_from=begins)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        done = approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert done.ends_on == begins - timedelta(days=1)
        assert live() == {"张示远", "李样宁"}


def test_only_those_chosen_are_ended(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        first = dropped(listed).order_by("pk")[0]
        ending = propose_ending(listed=listed, note="", tags=[first.pk, 0], by=cast.bureau_operator)
        assert ending.tags == [first.pk]
        approve_ending(ending=ending, by=cast.bureau_reviewer)
        assert dropped(listed).count() == 1


def test_who_is_named_again_meanwhile_keeps_the_tag(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        matched(cast, people_of(cast)[1:2], issued_on=date(2026, 8, 10), valid_to=None)
        SpecialGroupTag.objects.filter(pk=ending.tags[0]).update(source_list_id=listed.pk)
        assert approve_ending(ending=ending, by=cast.bureau_reviewer).ended == 1


def test_proposing_is_refused_with_all_reasons(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        propose_ending(listed=listed, note="", by=cast.bureau_operator)
        latest = matched(cast, people_of(cast)[:1], issued_on=date(2026, 8, 30))
        with pytest.raises(Refused) as refused:
            propose_ending(listed=listed, note="", tags=[], by=cast.bureau_reviewer)
        assert [r.text for r in refused.value.reasons] == [
            "停止标记由资助中心经办提请",
            "已有2026年8月30日的新名单",
            "没有要停止的标记",
            "这份名单已有一批停止在等审核",
        ]
        withdraw_list(listed=latest, reason="名单有误", by=cast.bureau_reviewer)
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        with pytest.raises(Refused, match="现在是“已撤销”"):
            propose_ending(listed=listed, note="", by=cast.bureau_operator)


def test_reviewing_is_refused_with_all_reasons(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        with pytest.raises(Refused) as refused:
            refuse_ending(ending=ending, reason="", by=cast.bureau_operator)
        assert [r.text for r in refused.value.reasons] == [
            "停止标记由资助中心审核审核",
            "提请的人不能审核",
            "没有写退回的原因",
        ]
        back = refuse_ending(ending=ending, reason="再核", by=cast.bureau_reviewer)
        assert (back.status, back.refuse_reason) == ("refused", "再核")
        with pytest.raises(Refused, match="现在是“已退回”"):
            approve_ending(ending=ending, by=cast.bureau_reviewer)


def test_with_its_list_a_proposal_goes_from_the_desk_and_is_not_approved(
    cast: Cast, sign_in: Any
) -> None:
    reviewer = fresh(cast.bureau_reviewer)
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        assert len(todos(reviewer)) == 1
    client = sign_in(cast.bureau_reviewer)
    url = reverse("students:list_dropped", kwargs={"list_id": listed.pk})
    withdraw = reverse("students:list_withdraw", kwargs={"list_id": listed.pk})
    words = client.get(reverse("students:list", kwargs={"list_id": listed.pk})).content.decode()
    assert "等审核的停止标记随名单一起撤下" in words
    assert client.post(withdraw, {"reason": "名单有误"}).status_code == 302
    with acting_for(cast.district):
        assert todos(reviewer) == []
        ending.refresh_from_db()
        assert (ending.status, ending.drop_by) == ("dropped", cast.bureau_reviewer.person)
        with pytest.raises(Refused, match="现在是“已随名单撤下”，不能审核停止标记"):
            approve_ending(ending=ending, by=cast.bureau_reviewer)
        with pytest.raises(Refused, match="现在是“已随名单撤下”，不能退回停止标记"):
            refuse_ending(ending=ending, reason="名单已撤销", by=cast.bureau_reviewer)
        told = Event.objects.get(verb="tagending.drop")
        assert told.facts == {"from": "proposed", "to": "dropped", "list": listed.pk}
    # The page that was open before: the button says what happened.
    end = reverse("students:list_end", kwargs={"list_id": listed.pk})
    late = client.post(end, {"ending": ending.pk})
    assert late.status_code == 409
    assert "已随名单撤下" in late.content.decode()
    shown = client.get(url).content.decode()
    assert end not in shown
    assert "已随名单撤下" in shown


def test_who_proposed_hears_that_it_was_sent_back_or_went_with_its_list(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        refuse_ending(ending=ending, reason="李样宁还在领低保", by=cast.bureau_reviewer)
        propose_ending(listed=listed, note="", by=cast.bureau_operator)
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        told = Message.objects.filter(person=cast.bureau_operator.person).order_by("pk")
        assert [m.title for m in told] == [
            "停止低保家庭学生标记已退回：李样宁还在领低保",
            "停止低保家庭学生标记已随名单撤下：名单有误",
        ]
        assert {m.url for m in told} == {
            reverse("students:list_dropped", kwargs={"list_id": listed.pk})
        }


def test_what_was_decided_stays_when_the_list_is_withdrawn(cast: Cast) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        first = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        refuse_ending(ending=first, reason="再核", by=cast.bureau_reviewer)
        second = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        approve_ending(ending=second, by=cast.bureau_reviewer)
        withdraw_list(listed=listed, reason="名单有误", by=cast.bureau_reviewer)
        found = TagEnding.objects.order_by("pk").values_list("status", flat=True)
        assert list(found) == ["refused", "approved"]


def test_a_proposal_that_a_newer_list_overtook_can_be_sent_back(cast: Cast, sign_in: Any) -> None:
    """Else it stands on the desk until the newer list is withdrawn."""
    with acting_for(cast.district):
        listed = newer(cast)
        ending = propose_ending(listed=listed, note="", by=cast.bureau_operator)
        matched(cast, people_of(cast)[:1], issued_on=date(2026, 8, 30))
    client = sign_in(cast.bureau_reviewer)
    url = reverse("students:list_dropped", kwargs={"list_id": listed.pk})
    shown = client.get(url).content.decode()
    assert "已有" in shown
    assert reverse("students:list_end", kwargs={"list_id": listed.pk}) not in shown
    assert 'data-opens="keep"' in shown
    keep = reverse("students:list_keep", kwargs={"list_id": listed.pk})
    client.post(keep, {"ending": ending.pk, "reason": "已有新名单"})
    with acting_for(cast.district):
        assert todos(fresh(cast.bureau_reviewer)) == []


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("ending_second_person", "approve_by_id = proposed_by_id"),
        ("ending_stamps", "status = 'approved'"),
        ("ending_stamps", "status = 'refused', refuse_by_id = proposed_by_id"),
        ("ending_stamps", "status = 'dropped'"),
        ("ending_stamps", "status = 'dropped', drop_by_id = proposed_by_id"),
        ("ending_stamps", "drop_at = now()"),
    ],
)
def test_the_database_refuses_half_a_review(cast: Cast, constraint: str, change: str) -> None:
    with acting_for(cast.district):
        propose_ending(listed=newer(cast), note="", by=cast.bureau_operator)
        with (
            pytest.raises(IntegrityError, match=constraint),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE students_tagending SET {change}")


def test_the_desks_of_both(cast: Cast) -> None:
    operator, reviewer = fresh(cast.bureau_operator), fresh(cast.bureau_reviewer)
    with acting_for(cast.district):
        listed = newer(cast)
        assert [t.title for t in todos(operator)] == ["核对低保家庭学生名单不再列名的2人"]
        assert todos(reviewer) == []
        propose_ending(listed=listed, note="", by=cast.bureau_operator)
        assert todos(operator) == []
        assert [t.title for t in todos(reviewer)] == ["审核停止低保家庭学生标记2人"]


def test_the_pages_propose_and_end(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.district):
        listed = newer(cast)
        pk = listed.pk
    operator = sign_in(cast.bureau_operator)
    url = reverse("students:list_dropped", kwargs={"list_id": pk})
    assert url in operator.get(reverse("students:list", kwargs={"list_id": pk})).content.decode()
    shown = operator.get(url, {"school": cast.school.pk}).content.decode()
    assert "李样宁" in shown
    propose = reverse("students:list_propose", kwargs={"list_id": pk})
    assert operator.post(propose, {"pick": ["x"]}).status_code == 409
    answer = operator.post(propose, {"all": "1", "school": cast.school.pk}, follow=True)
    assert "已提请停止1人的标记" in answer.content.decode()
    with acting_for(cast.district):
        ending = TagEnding.objects.get()
    end = reverse("students:list_end", kwargs={"list_id": pk})
    assert operator.post(end, {"ending": ending.pk}).status_code == 403
    reviewer = sign_in(cast.bureau_reviewer)
    assert end in reviewer.get(url).content.decode()
    assert reviewer.post(end).status_code == 404
    answer = reviewer.post(end, {"ending": ending.pk}, follow=True)
    assert "已停止1条标记" in answer.content.decode()
    assert reviewer.post(end, {"ending": ending.pk}).status_code == 409
    keep = reverse("students:list_keep", kwargs={"list_id": pk})
    assert reviewer.post(keep, {"ending": ending.pk}).status_code == 409


def test_queries_do_not_grow_with_the_students(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    people = [(s.name, s.id_number.reveal()) for s in cast.a.students[:2]]
    with acting_for(cast.school):
        more = [new_student(cast.a.school_class, "多示生") for _ in range(28)]
        many = people + [(s.name, s.id_number.reveal()) for s in more]
    counts = []
    for tagged in (people, many):
        with acting_for(cast.district):
            matched(cast, tagged, valid_from=PAST, issued_on=PAST)
            listed = matched(cast, tagged[:1], issued_on=date(2026, 8, 30))
        client = sign_in(cast.bureau_operator)
        url = reverse("students:list_dropped", kwargs={"list_id": listed.pk})
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def _proposed(cast: Cast) -> TagEnding:
    with acting_for(cast.district):
        return propose_ending(listed=newer(cast), note="", by=cast.bureau_operator)


@pytest.mark.race
def test_a_proposal_is_reviewed_once(committed: Cast) -> None:
    ending = _proposed(committed)
    acts: list[Any] = [
        lambda: approve_ending(ending=ending, by=committed.bureau_reviewer),
        lambda: refuse_ending(ending=ending, reason="再核", by=committed.bureau_reviewer),
    ]
    outcome = race(lambda i: acts[i % 2](), organisation=committed.district)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_locks_a_proposal_is_reviewed_often(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "lock_group", lambda listed: None)
    ending = _proposed(committed)
    won = unguarded(
        lambda _: approve_ending(ending=ending, by=committed.bureau_reviewer),
        organisation=committed.district,
    )
    assert won > 1


@pytest.mark.race
def test_one_proposal_waits(committed: Cast) -> None:
    with acting_for(committed.district):
        listed = newer(committed)
    outcome = race(
        lambda _: propose_ending(listed=listed, note="", by=committed.bureau_operator),
        organisation=committed.district,
    )
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_index_several_proposals_wait(
    committed: Cast, no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "lock_group", lambda listed: None)
    with acting_for(committed.district):
        listed = newer(committed)
    with database.without("students_tagending", "ending_one_open"):
        won = unguarded(
            lambda _: propose_ending(listed=listed, note="", by=committed.bureau_operator),
            organisation=committed.district,
        )
        assert won > 1
