"""Fewer than three votes on a case, or too few members to vote again: how a class goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from review import actions, ballot_reading, balloting
from review.minutes import minutes
from review.models import Appraisal, Ballot, Case, Panel, PanelMember, Tally
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.cast import student as pupil
from tests.database import without
from tests.racing import race, unguarded
from tests.review import ballots, cases

NEW = "钱样丁"


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def thin(cast: Cast) -> tuple[Ballot, Case]:
    """Of four members two withdraw from the first case with their vote; counted."""
    ballot = ballots.opened(cast)
    first, *rest = ballots.rows(ballot)
    for i, secret in enumerate(ballots.handed_out(cast, ballot).values()):
        choices = {row.pk: "hard" for row in rest}
        if i < 2:
            ballots.vote(secret, choices, {first.pk: "表哥"})
        else:
            ballots.vote(secret, choices | {first.pk: "hard"})
    done = actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert [r.text for r in done.held] == [f"编号{first.case.code}有效票2张，不足3张"]
    assert done.cases == 2
    return done.ballot, Case.objects.get(pk=first.case_id)


def referred(cast: Cast) -> tuple[Appraisal, Case]:
    """The thin case is left to the leading group."""
    ballot, case = thin(cast)
    return ballot.appraisal, actions.refer(
        appraisal=ballot.appraisal, case=case, by=cast.head_teacher
    )


def test_two_votes_are_no_result_and_nobody_sees_them(cast: Cast, sign_in: Any) -> None:
    ballot, case = thin(cast)
    assert not Tally.objects.filter(case=case).exists()
    page = sign_in(cast.head_teacher).get(reverse("review:ballot", args=[ballot.appraisal_id]))
    assert "有效票" in page.text
    assert "没有登记票数" in page.text
    set_scope(cast.school.pk)
    with pytest.raises(Refused) as error:
        actions.tally(
            appraisal=ballot.appraisal,
            case=case,
            by=cast.head_teacher,
            special=0,
            hard=4,
            general=0,
            none=0,
        )
    assert refusal(error) == ["这一件有效票2张，不足3张"]
    with pytest.raises(Refused) as error:
        actions.finish_appraisal(appraisal=ballot.appraisal, by=cast.head_teacher)
    assert "还有1人没有表决" in refusal(error)[0]


def test_nor_does_anybody_once_it_is_voided(cast: Cast, sign_in: Any) -> None:
    ballot, case = thin(cast)
    actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)
    for reader in (cast.head_teacher, cast.reviewer):
        page = sign_in(reader).get(reverse("review:ballot", args=[ballot.appraisal_id]))
        [voided] = page.context["cancelled"]
        told = {row["case"].pk: row["text"] for row in voided["voided"]}
        assert told.pop(case.pk) == "有效票2张，不足3张"
        assert set(told.values()) == {"困难4票"}


def test_the_leading_group_decides_it_by_the_score(cast: Cast) -> None:
    appraisal, case = referred(cast)
    assert (case.status, case.unjudged) == ("appraised", "手机投票有效票2张，不足3张")
    ballots.explained(cast, Ballot.objects.get())
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    actions.propose(round_=appraisal.round, by=cast.operator)
    case.refresh_from_db()
    assert (case.proposed_grade, case.appraised_grade) == (case.advised_grade, "")
    meeting = cases.decided(cast, appraisal.round)
    case.refresh_from_db()
    assert case.decided_grade == case.advised_grade
    assert case.decision_reason == (
        "班级没有评议结论（手机投票有效票2张，不足3张），由领导小组审定"
    )
    found = list(Case.objects.filter(meeting=meeting).order_by("pk"))
    told = minutes(meeting, list(meeting.attendances.select_related("person")), found)
    assert any(f"编号{case.code}（手机投票有效票2张，不足3张）" in text for text in told)
    assert case.appraise_by_id == cast.head_teacher.person_id


def test_it_is_taken_back_when_others_may_vote_on_it(cast: Cast) -> None:
    appraisal, case = referred(cast)
    taken = actions.judge_after_all(appraisal=appraisal, case=case, by=cast.head_teacher)
    assert (taken.status, taken.unjudged) == ("open", "")
    with pytest.raises(Refused) as error:
        actions.judge_after_all(appraisal=appraisal, case=case, by=cast.head_teacher)
    assert "这一件没有提交领导小组" in refusal(error)


def test_only_a_case_with_too_few_votes_is_left_to_it(cast: Cast) -> None:
    ballot, case = thin(cast)
    other = Case.objects.exclude(pk=case.pk).order_by("pk")[0]
    for one, by, words in (
        (other, cast.head_teacher, ["这一件不是有效票不足的"]),
        (case, cast.operator, ["班级评议由本班班主任主持"]),
    ):
        with pytest.raises(Refused) as error:
            actions.refer(appraisal=ballot.appraisal, case=one, by=by)
        assert refusal(error) == words


def test_members_are_added_and_vote_on_it_again(cast: Cast) -> None:
    ballot, case = thin(cast)
    appraisal = ballot.appraisal
    new = pupil(cast.a.school_class, NEW)
    with pytest.raises(Refused) as error:
        actions.add_members(
            round_=appraisal.round,
            school_class=appraisal.school_class,
            by=cast.head_teacher,
            reason=" ",
        )
    assert refusal(error) == ["没有写补选的原因", "没有补选的人"]
    actions.add_members(
        round_=appraisal.round,
        school_class=appraisal.school_class,
        by=cast.head_teacher,
        students={new.pk},
        others=[("parent", "李样源")],
        reason="两名成员回避",
    )
    assert PanelMember.objects.count() == 6
    appraisal.refresh_from_db()
    # Four came to the first vote and stay what they were.
    assert (appraisal.expected, appraisal.present) == (4, 4)
    here = {*ballots.STUDENTS[2:], ballots.PARENT, NEW, "李样源"}
    again = actions.open_ballot(appraisal=appraisal, here=here, by=cast.head_teacher)
    assert [row.case_id for row in ballots.rows(again)] == [case.pk]
    for secret in ballots.handed_out(cast, again).values():
        ballots.vote(secret, ballots.all_say(again, "general"))
    assert actions.count_ballot(ballot=again, by=cast.head_teacher).cases == 1
    assert Tally.objects.get(case=case).general == 4
    ballots.explained(cast, ballot)
    ballots.explained(cast, again)
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)


def test_thin_figures_counted_before_are_not_proposed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(balloting, "FEWEST", 2)
        ballot = ballots.opened(cast)
        first, *rest = ballots.rows(ballot)
        for i, secret in enumerate(ballots.handed_out(cast, ballot).values()):
            away = {first.pk: "表哥"} if i < 2 else {}
            choices = {row.pk: "hard" for row in (rest if away else [first, *rest])}
            ballots.vote(secret, choices, away)
        assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 3
    ballots.explained(cast, ballot)
    actions.finish_appraisal(appraisal=ballot.appraisal, by=cast.head_teacher)
    proposal = actions.propose(round_=ballot.appraisal.round, by=cast.operator)
    assert proposal.proposed == 2
    assert "有效票不足3张" in proposal.held[0].text


def voided(cast: Cast) -> Ballot:
    """Counted, and voided by the head teacher after it."""
    ballot = ballots.counted(cast)
    return actions.cancel_ballot(ballot=ballot, reason="发错了票", by=cast.head_teacher)


def on_paper(cast: Cast, appraisal: Appraisal) -> Tally:
    case = Case.objects.order_by("pk")[0]
    return actions.tally(
        appraisal=appraisal,
        case=case,
        by=cast.head_teacher,
        special=0,
        hard=2,
        general=0,
        none=0,
    )


def test_with_two_members_a_checker_lets_them_vote_on_paper(cast: Cast, sign_in: Any) -> None:
    ballot = voided(cast)
    appraisal = actions.hold_appraisal(
        round_=ballot.appraisal.round,
        school_class=cast.a.school_class,
        held_on=ballot.appraisal.held_on,
        expected=4,
        present=2,
        by=cast.head_teacher,
    )
    with pytest.raises(Refused) as error:
        on_paper(cast, appraisal)
    assert refusal(error) == ["这一件的手机投票收票后作废了"]
    page = reverse("review:ballot", args=[appraisal.pk])
    assert "补选成员" in sign_in(cast.head_teacher).get(page).text
    client = sign_in(cast.reviewer)
    assert "同意改用纸质评议" in client.get(page).text
    address = reverse("review:allow_paper", args=[ballot.pk])
    assert client.post(address, {"reason": " "}).status_code == 409
    assert client.post(address, {"reason": "只有2人能到会"}).status_code == 302
    assert client.post(address, {"reason": "再来"}).status_code == 409
    assert "同意改用纸质评议：只有2人能到会" in client.get(page).text
    set_scope(cast.school.pk)
    assert on_paper(cast, appraisal).hard == 2
    assert Event.objects.get(verb="ballot.allow_paper").reason == "只有2人能到会"


def test_nobody_else_lets_them_and_not_without_need(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    with pytest.raises(Refused) as error:
        actions.allow_paper(ballot=ballot, reason="人少", by=cast.operator)
    assert refusal(error) == [
        "同意纸质评议由审核人或分管领导办理",
        "这次投票没有在收票后作废",
    ]
    assert Ballot.objects.get().paper_at is None


def test_more_members_make_up_a_panel_that_is_too_small(cast: Cast, sign_in: Any) -> None:
    appraisal = voided(cast).appraisal
    pupil(cast.a.school_class, NEW)
    client = sign_in(cast.head_teacher)
    of_class = (appraisal.round_id, appraisal.school_class_id)
    address = reverse("review:add_members", args=of_class)
    page = reverse("review:panel", args=of_class)
    assert "补选成员" in client.get(page).text
    assert client.post(address, {"draw": "1"}).status_code == 422
    assert client.post(address, {"draw": "9", "reason": "有人来不了"}).status_code == 409
    told = {"draw": "1", "others": "家长 李样源", "reason": "有人来不了"}
    assert client.post(address, told)["Location"] == page
    assert NEW in client.get(page).text
    set_scope(cast.school.pk)
    appraisal.refresh_from_db()
    # Nothing of the voided vote is left, so the panel is now expected as it is.
    assert appraisal.expected == 6
    event = Event.objects.get(verb="panel.add")
    assert (event.reason, event.facts["others"]) == ("有人来不了", 1)
    assert sign_in(cast.b.head_teacher).post(address, told).status_code == 404
    assert sign_in(cast.operator).post(address, told).status_code == 403


def test_the_class_page_offers_both_ways(cast: Cast, sign_in: Any) -> None:
    ballot, case = thin(cast)
    client = sign_in(cast.head_teacher)
    appraisal = ballot.appraisal
    page = reverse("review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id])
    shown = client.get(page)
    assert "提交领导小组审定" in shown.text
    # No box for figures: entered by hand they would be a choice of result.
    assert shown.context["current"] is None
    assert client.get(f"{page}?case={case.pk}").context["current"] is None
    refer = reverse("review:refer", args=[appraisal.pk, case.pk])
    assert client.post(refer).status_code == 302
    assert client.post(refer).status_code == 409
    assert "由领导小组审定" in client.get(page).text
    back = reverse("review:judge_after_all", args=[appraisal.pk, case.pk])
    assert client.post(back).status_code == 302
    set_scope(cast.school.pk)
    assert ballot_reading.thin_of(appraisal) == {case.pk: 2}
    assert sign_in(cast.b.head_teacher).post(refer).status_code == 404


# ------------------------------------------------------------------------------------- races


def refer(cast: Cast) -> Callable[[int], object]:
    ballot, case = thin(cast)
    return lambda _: actions.refer(appraisal=ballot.appraisal, case=case, by=cast.head_teacher)


@pytest.mark.race
def test_a_case_is_left_to_the_leading_group_once(committed: Cast) -> None:
    act = refer(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_locks_it_is_left_often(committed: Cast, no_locks: None) -> None:
    act = refer(committed)
    assert unguarded(act, organisation=committed.school) > 1
    assert Event.objects.filter(verb="case.refer").count() > 1


def take_back(cast: Cast) -> Callable[[int], object]:
    appraisal, case = referred(cast)
    return lambda _: actions.judge_after_all(appraisal=appraisal, case=case, by=cast.head_teacher)


@pytest.mark.race
def test_a_case_is_taken_back_once(committed: Cast) -> None:
    act = take_back(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_locks_it_is_taken_back_often(committed: Cast, no_locks: None) -> None:
    act = take_back(committed)
    assert unguarded(act, organisation=committed.school) > 1
    assert Event.objects.filter(verb="case.judge_after_all").count() > 1


def allow(cast: Cast) -> Callable[[int], object]:
    ballot = voided(cast)
    return lambda i: actions.allow_paper(ballot=ballot, reason=f"原因{i}", by=cast.reviewer)


@pytest.mark.race
def test_paper_is_allowed_once(committed: Cast) -> None:
    act = allow(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_paper_is_allowed_often(committed: Cast, no_locks: None) -> None:
    act = allow(committed)
    with without("review_ballot", triggers=True):
        assert unguarded(act, organisation=committed.school) > 1
        assert Event.objects.filter(verb="ballot.allow_paper").count() > 1


def add(cast: Cast) -> Callable[[int], object]:
    round_ = ballots.held(cast).round
    new = pupil(cast.a.school_class, NEW)
    return lambda _: actions.add_members(
        round_=round_,
        school_class=cast.a.school_class,
        by=cast.head_teacher,
        students={new.pk},
        reason="有人来不了",
    )


@pytest.mark.race
def test_a_member_is_added_once(committed: Cast) -> None:
    act = add(committed)
    assert race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    assert Panel.objects.get().members.count() == 5


@pytest.mark.race
def test_without_lock_and_key_a_member_is_added_often(committed: Cast, no_locks: None) -> None:
    act = add(committed)
    with without("review_panelmember", "panel_member_student"):
        assert unguarded(act, organisation=committed.school) > 1
        assert Panel.objects.get().members.count() > 5
        PanelMember.objects.filter(name=NEW).delete()
