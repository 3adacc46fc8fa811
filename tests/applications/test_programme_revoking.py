"""A version enacted wrongly for a day to come: taken back by two, and what it ended goes on."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications import actions, navigation, queue
from applications.models import Programme, Round
from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.models import Term
from schools.tenancy import set_scope
from tests.applications.policy import AUTUMN, enacted, facts, seen
from tests.cast import Cast

NEXT_YEAR = date(2027, 9, 1)
LAST = date(2028, 8, 31)


def followed(cast: Cast, **changes: Any) -> tuple[Programme, Programme]:
    """A version to the end of August 2028, and its follower from September 2027."""
    first = enacted(cast.bureau_operator, cast.bureau_reviewer, valid_to=LAST)
    told = replace(facts(), valid_from=NEXT_YEAR, **changes)
    draft = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    second = actions.enact_programme(
        programme=draft, valid_from=NEXT_YEAR, seen=seen(draft), by=cast.bureau_reviewer
    )
    first.refresh_from_db()
    return first, second


def plain(programme: Programme) -> dict[str, Any]:
    programme.refresh_from_db()
    return {f.attname: getattr(programme, f.attname) for f in Programme._meta.concrete_fields}


def asked(cast: Cast, programme: Programme) -> Programme:
    return actions.ask_revoke(programme=programme, reason="金额写错", by=cast.bureau_operator)


def why(act: Any, **told: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(**told)
    return [r.text for r in caught.value.reasons]


def test_what_it_ended_is_again_exactly_as_it_was(cast: Cast) -> None:
    first = enacted(cast.bureau_operator, cast.bureau_reviewer, valid_to=LAST)
    was = plain(first)
    told = replace(facts(), valid_from=NEXT_YEAR)
    draft = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    second = actions.enact_programme(
        programme=draft, valid_from=NEXT_YEAR, seen=seen(draft), by=cast.bureau_reviewer
    )
    assert plain(first)["valid_to"] == date(2027, 8, 31)
    asked(cast, second)
    revoked = actions.confirm_revoke(programme=second, by=cast.bureau_reviewer)
    assert plain(first) == was
    assert (revoked.status, revoked.revoke_by) == ("revoked", cast.bureau_reviewer.person)
    verbs = ["programme.ask_revoke", "programme.revoke", "programme.restore"]
    found = Event.objects.filter(verb__in=verbs).order_by("seq")
    assert [(e.verb, e.reason) for e in found] == [(verb, "金额写错") for verb in verbs]


def test_a_right_version_follows_instead(cast: Cast) -> None:
    first, second = followed(cast)
    asked(cast, second)
    actions.confirm_revoke(programme=second, by=cast.bureau_reviewer)
    told = replace(facts(), valid_from=NEXT_YEAR, name="改正的")
    draft = actions.draft_programme(
        facts=told, by=cast.bureau_operator, follows=Programme.objects.get(pk=first.pk)
    )
    third = actions.enact_programme(
        programme=draft, valid_from=NEXT_YEAR, seen=seen(draft), by=cast.bureau_reviewer
    )
    first.refresh_from_db()
    assert (first.superseded_by, first.valid_to) == (third, date(2027, 8, 31))
    assert queue.version_on(first, NEXT_YEAR) == third


def test_an_end_that_two_agreed_to_before_stays(cast: Cast) -> None:
    first = enacted(cast.bureau_operator, cast.bureau_reviewer)
    last = date(2027, 1, 31)
    actions.ask_end(programme=first, last_day=last, reason="停办", by=cast.bureau_operator)
    actions.confirm_end(programme=first, by=cast.bureau_reviewer)
    told = replace(facts(), valid_from=NEXT_YEAR)
    draft = actions.draft_programme(
        facts=told, by=cast.bureau_operator, follows=Programme.objects.get(pk=first.pk)
    )
    second = actions.enact_programme(
        programme=draft, valid_from=NEXT_YEAR, seen=seen(draft), by=cast.bureau_reviewer
    )
    was = plain(first)
    asked(cast, second)
    actions.confirm_revoke(programme=second, by=cast.bureau_reviewer)
    assert plain(first) == was


def test_a_first_version_too(cast: Cast) -> None:
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    asked(cast, only)
    assert actions.confirm_revoke(programme=only, by=cast.bureau_reviewer).status == "revoked"
    set_scope(cast.school.pk)
    assert only not in queue.visible(cast.school)


def test_whoever_asked_does_not_sign(cast: Cast) -> None:
    _, second = followed(cast)
    asked(cast, second)
    found = why(actions.confirm_revoke, programme=second, by=cast.bureau_operator)
    assert found == ["确认撤回由审核人办理", "起草的人不能自己确认撤回"]
    found = why(actions.confirm_revoke, programme=second, by=cast.reviewer)
    assert "这不是本单位的资助项目" in found


def test_what_has_begun_stays(cast: Cast) -> None:
    begun = enacted(cast.bureau_operator, cast.bureau_reviewer)
    told = {"programme": begun, "reason": " ", "by": cast.bureau_operator}
    assert why(actions.ask_revoke, **told) == [
        "2026年9月1日已经开始执行",
        "没有写撤回的原因",
    ]
    _, second = followed(cast, name="另一项")
    asked(cast, second)
    with clock.at(NEXT_YEAR):
        found = why(actions.confirm_revoke, programme=second, by=cast.bureau_reviewer)
    assert found == ["2027年9月1日已经开始执行"]


def test_quotas_that_nobody_used_end_with_it(cast: Cast) -> None:
    first, second = followed(cast, quotas=((cast.school.pk, 20),))
    asked(cast, second)
    assert actions.confirm_revoke(programme=second, by=cast.bureau_reviewer).status == "revoked"
    event = Event.objects.get(verb="programme.revoke")
    assert event.facts["quotas"] == {"schools": 1, "heads": 20}
    first.refresh_from_db()
    assert first.status == "enacted"
    # The right version is told its quotas anew.
    told = replace(facts(), valid_from=NEXT_YEAR, quotas=((cast.school.pk, 30),))
    draft = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    third = actions.enact_programme(
        programme=draft, valid_from=NEXT_YEAR, seen=seen(draft), by=cast.bureau_reviewer
    )
    term = Term(code="2027-1", year=2027, half=1)
    round_ = Round(school=cast.school, programme=third, term=term)
    set_scope(cast.school.pk)
    assert queue.quota_of(round_) == 30


def test_both_persons_see_which_quotas_end(cast: Cast, sign_in: Any) -> None:
    _, second = followed(cast, quotas=((cast.school.pk, 20),))
    url = reverse("applications:programme", args=[second.pk])
    page = sign_in(cast.bureau_operator).get(url).text
    assert "已下达的1所学校共20人的名额一并作废" in page
    set_scope(cast.district.pk)
    asked(cast, second)
    checker = sign_in(cast.bureau_reviewer)
    assert "的名额一并作废，都没有用过" in checker.get(url).text
    done = checker.post(reverse("applications:confirm_revoke", args=[second.pk]), follow=True).text
    assert "各校名额一并作废" in done
    assert "已随项目作废" in done


def test_a_round_or_a_draft_holds_it(cast: Cast) -> None:
    told = {"reason": "写错", "by": cast.bureau_operator}
    spring = Term.objects.get(code="2026-2")
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, date(2027, 1, 1), name="另一项")
    set_scope(cast.school.pk)
    actions.open_programme_round(school=cast.school, term=spring, programme=only, by=cast.operator)
    set_scope(cast.district.pk)
    assert why(actions.ask_revoke, programme=only, **told) == ["学校已按这个版本开了1个批次"]

    third = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR, name="第三项")
    actions.draft_programme(
        facts=facts(valid_from=date(2028, 9, 1)), by=cast.bureau_operator, follows=third
    )
    assert why(actions.ask_revoke, programme=third, **told) == ["这个版本已有新版或新版的草稿"]


def test_no_round_is_opened_while_two_decide(cast: Cast) -> None:
    spring = Term.objects.get(code="2026-2")
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, date(2027, 1, 1))
    asked(cast, only)
    set_scope(cast.school.pk)
    opening: dict[str, Any] = {
        "school": cast.school,
        "term": spring,
        "programme": only,
        "by": cast.operator,
    }
    assert "不是本校可以开的项目" in "".join(why(actions.open_programme_round, **opening))
    set_scope(cast.district.pk)
    actions.retain_programme(programme=only, reason="核对过，没有错", by=cast.bureau_reviewer)
    only.refresh_from_db()
    assert (only.status, only.revoke_reason, only.ask_revoke_by) == ("enacted", "", None)
    set_scope(cast.school.pk)
    assert actions.open_programme_round(**opening).programme_id == only.pk


def test_who_asked_may_give_it_up_with_a_reason(cast: Cast) -> None:
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    asked(cast, only)
    by = cast.bureau_operator
    assert why(actions.retain_programme, programme=only, reason="", by=by) == ["没有写不撤回的原因"]
    assert actions.retain_programme(programme=only, reason="没有错", by=by).status == "enacted"


def test_the_checker_is_told(cast: Cast) -> None:
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, NEXT_YEAR)
    asked(cast, only)
    (todo,) = navigation.todos(cast.bureau_reviewer)
    assert (todo.title, todo.text) == ("确认东区高中助学金的撤回", "金额写错")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE applications_programme SET status = 'revoked', revoke_by_id = drafted_by_id,"
         " revoke_at = now() WHERE id = {second}", "programme_revoked_by_two"),
        ("UPDATE applications_programme SET status = 'revoked' WHERE id = {second}",
         "programme_revoked_by_two"),
        ("UPDATE applications_programme SET status = 'enacted', revoke_reason = '',"
         " valid_to = '2030-01-01' WHERE id = {second}", "is enacted"),
        ("UPDATE applications_programme SET status = 'enacted', valid_to = valid_to_before"
         " WHERE id = {first}", "has ended"),
        ("UPDATE applications_programme SET valid_to_before = '2030-01-01' WHERE id = {first}",
         "is enacted"),
    ],
)  # fmt: skip
def test_the_database_refuses(cast: Cast, change: str, message: str) -> None:
    first, second = followed(cast)
    asked(cast, second)
    sql = change.format(first=first.pk, second=second.pk)
    with (
        pytest.raises(IntegrityError, match=message),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_the_database_refuses_without_a_request_or_with_a_round(cast: Cast) -> None:
    by_two = (
        "UPDATE applications_programme SET status = 'revoked', revoke_at = now(),"
        f" revoke_by_id = {cast.bureau_reviewer.person_id} WHERE id = %s"
    )
    only = enacted(cast.bureau_operator, cast.bureau_reviewer, date(2027, 1, 1))
    for message in ("is enacted", "is counted on"):
        if message == "is counted on":
            opened_and_asked(cast, only)
        with (
            pytest.raises(IntegrityError, match=message),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(by_two, [only.pk])


def opened_and_asked(cast: Cast, only: Programme) -> None:
    """A round first, then, past the rules, the request."""
    set_scope(cast.school.pk)
    spring = Term.objects.get(code="2026-2")
    actions.open_programme_round(school=cast.school, term=spring, programme=only, by=cast.operator)
    assert Round.objects.filter(programme=only).exists()
    set_scope(cast.district.pk)
    Programme.objects.filter(pk=only.pk).update(
        status="revoking",
        revoke_reason="写错",
        ask_revoke_by=cast.bureau_operator.person,
        ask_revoke_at=clock.now(),
    )


def test_the_pages_of_two_persons(cast: Cast, sign_in: Any) -> None:
    first, second = followed(cast)
    at = {
        name: reverse(f"applications:{name}", args=[second.pk])
        for name in ("programme", "ask_revoke", "confirm_revoke", "retain_programme")
    }
    maker = sign_in(cast.bureau_operator)
    assert "启用错了可以撤回" in maker.get(at["programme"]).text
    assert maker.post(at["ask_revoke"], {"reason": ""}).status_code == 409
    page = maker.post(at["ask_revoke"], {"reason": "金额写错"}, follow=True).text
    assert "已提出撤回" in page
    assert "仍执行到2028年8月31日" in page
    assert maker.post(at["ask_revoke"], {"reason": "再点一次"}).status_code == 409
    assert maker.post(at["confirm_revoke"]).status_code == 403
    stranger = sign_in(cast.other_bureau_operator)
    assert stranger.post(at["ask_revoke"], {"reason": "别人的"}).status_code == 404
    checker = sign_in(cast.bureau_reviewer)
    assert "原版本继续执行" in checker.post(at["confirm_revoke"], follow=True).text
    assert "已撤回，没有执行过" in checker.get(at["programme"]).text
    assert checker.post(at["confirm_revoke"]).status_code == 409
    first.refresh_from_db()
    assert (first.status, first.valid_to) == ("enacted", LAST)
    listed = sign_in(cast.bureau_operator).get(reverse("applications:programmes")).text
    assert f"{AUTUMN.year}年9月1日起" in listed
    assert at["programme"] not in listed
