"""手机投票: opened by the head teacher, voted once by each member, counted into tallies."""

from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from review import actions, ballot_reading, balloting
from review.models import Appraisal, Ballot, BallotCase, BallotSlip, Case, Tally
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import ballots, cases


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def test_a_vote_of_the_panel_becomes_its_tallies(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    first, second, third = (row.pk for row in ballots.rows(ballot))
    votes = [("hard", "general", "none"), ("hard", "abstain", "none"), ("special", "hard", "none")]
    for secret, said in zip(list(secrets.values())[:3], votes, strict=True):
        ballots.vote(secret, dict(zip((first, second, third), said, strict=True)))
    # The fourth was here and did not vote: an abstention.
    found = actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert (found.cases, found.held) == (3, [])
    kept = Tally.objects.order_by("case__application__number").values_list(
        "special", "hard", "general", "none", "abstain"
    )
    assert list(kept) == [(1, 2, 0, 0, 1), (0, 1, 1, 0, 2), (0, 0, 0, 3, 1)]
    assert set(Tally.objects.values_list("ballot_id", flat=True)) == {ballot.pk}
    actions.finish_appraisal(appraisal=ballot.appraisal, by=cast.head_teacher)
    grades = Case.objects.order_by("application__number").values_list("appraised_grade", flat=True)
    assert list(grades) == ["hard", "general", "none"]


def test_a_slip_votes_once(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    ballots.vote(secret, ballots.all_say(ballot, "hard"))
    with pytest.raises(Refused) as error:
        ballots.vote(secret, ballots.all_say(ballot, "none"))
    assert refusal(error) == ["这张票已经投过"]
    assert ballot_reading.turnout(ballot) == ballot_reading.Turnout(4, 1)


def test_nothing_that_is_kept_joins_a_slip_with_its_choices(cast: Cast) -> None:
    ballots.counted(cast)
    assert {f.name for f in BallotSlip._meta.get_fields() if f.concrete} == {
        "id",
        "school",
        "ballot",
        "name",
        "secret_blind",
        "voted",
    }
    told = Event.objects.filter(verb="ballot_slip.hand_in")
    assert told.count() == 4
    assert {str(e.facts) for e in told} == {"{'recused': 0}"}
    assert {e.person_id for e in told} == {None}
    # The secret itself stands nowhere, neither in the slip nor in the record.
    assert "hard" not in str(list(told.values()))


def test_who_withdraws_says_why_and_takes_no_vote_away(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    one, *others = ballots.rows(ballot)
    choices = {row.pk: "hard" for row in others}
    with pytest.raises(Refused) as error:
        ballots.vote(secrets[ballots.PARENT], choices, {one.pk: " "})
    assert refusal(error) == ["回避没有写原因"]
    ballots.vote(secrets[ballots.PARENT], choices, {one.pk: "表哥"})
    for name in ballots.STUDENTS:
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    tally = Tally.objects.get(case=one.case)
    assert (tally.hard, tally.abstain) == (3, 0)
    assert list(tally.recusals.values_list("name", "reason")) == [(ballots.PARENT, "表哥")]


def test_the_head_teacher_records_who_stays_away(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    one, *others = ballots.rows(ballot)
    slip = ballots.slip(secrets[ballots.PARENT])
    actions.set_aside(slip=slip, ballot_case=one, reason="叔叔", by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.set_aside(slip=slip, ballot_case=one, reason="叔叔", by=cast.head_teacher)
    assert refusal(error) == ["这一件的回避已经登记"]
    with pytest.raises(Refused) as error:
        ballots.vote(secrets[ballots.PARENT], ballots.all_say(ballot, "hard"))
    assert refusal(error) == ["选择和名单对不上"]
    ballots.vote(secrets[ballots.PARENT], {row.pk: "hard" for row in others})
    for name in ballots.STUDENTS[:2]:
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    # The third did not vote and abstains; on the case from which one stays away two are too few.
    done = actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert [r.text for r in done.held] == [f"编号{one.case.code}有效票2张，不足3张"]
    tally = Tally.objects.get(case=others[0].case)
    assert (tally.hard, tally.abstain) == (3, 1)


def test_three_are_left_to_vote_on_every_case(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    one, other, _ = ballots.rows(ballot)
    first, second, *_ = ballot_reading.slips_of(ballot)
    actions.set_aside(slip=first, ballot_case=one, reason="亲属", by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.set_aside(slip=second, ballot_case=one, reason="亲属", by=cast.head_teacher)
    assert refusal(error) == ["回避后这一件只有2人表决，不足3人，看得出各人的票"]
    # Each case by itself.
    actions.set_aside(slip=second, ballot_case=other, reason="亲属", by=cast.head_teacher)


def test_voting_opens_with_a_panel_and_three_members(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    for here, wanted in (
        ({"赵样甲"}, "到会1人，不足3人，投票无法不记名"),
        ({*ballots.STUDENTS, "路人"}, "勾选的人里有的不是评议小组成员"),
    ):
        with pytest.raises(Refused) as error:
            actions.open_ballot(appraisal=appraisal, here=here, by=cast.head_teacher)
        assert refusal(error) == [wanted]
    with pytest.raises(Refused) as error:
        actions.open_ballot(appraisal=appraisal, here=ballots.STUDENTS, by=cast.operator)
    assert refusal(error) == ["班级评议由本班班主任主持"]


def test_who_is_here_becomes_the_number_present(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    actions.open_ballot(appraisal=appraisal, here=ballots.STUDENTS, by=cast.head_teacher)
    appraisal.refresh_from_db()
    assert (appraisal.present, appraisal.expected) == (3, 4)


def test_a_ballot_beside_votes_on_paper_has_as_many_members(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    paper(cast, appraisal, Case.objects.order_by("pk")[0])
    with pytest.raises(Refused) as error:
        actions.open_ballot(appraisal=appraisal, here=ballots.STUDENTS, by=cast.head_teacher)
    assert refusal(error) == ["勾选3人，已按实到4人登记过表决"]
    assert len(ballots.rows(ballots.opened(cast, appraisal))) == 2


def paper(cast: Cast, appraisal: Appraisal, case: Case, **votes: Any) -> Tally:
    votes = {"special": 0, "hard": 4, "general": 0, "none": 0} | votes
    return actions.tally(appraisal=appraisal, case=case, by=cast.head_teacher, **votes)


def test_while_members_vote_the_rest_stands_still(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    case = Case.objects.order_by("pk")[0]
    appraisal = ballot.appraisal
    with pytest.raises(Refused) as error:
        ballots.opened(cast, appraisal)
    assert "手机投票已经开始" in refusal(error)
    with pytest.raises(Refused) as error:
        paper(cast, appraisal, case)
    assert refusal(error) == ["这一件正在手机投票"]
    with pytest.raises(Refused) as error:
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    assert "正在手机投票" in refusal(error)
    with pytest.raises(Refused) as error:
        actions.form_panel(
            round_=appraisal.round,
            school_class=appraisal.school_class,
            by=cast.head_teacher,
            draw=1,
            replaces="有人请假",
        )
    assert "正在手机投票" in refusal(error)


def test_counted_figures_are_not_corrected_but_explained(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    kept = Tally.objects.order_by("pk")[0]
    with pytest.raises(Refused) as error:
        paper(cast, ballot.appraisal, kept.case)
    assert refusal(error) == ["这一件是成员用手机投的票，票数不能改"]
    explained = actions.explain(kept=kept, reason="家中有重病患者", by=cast.head_teacher)
    assert (explained.reason, explained.hard) == ("家中有重病患者", 4)


def test_a_cancelled_vote_leaves_no_tally_and_another_follows(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    appraisal = ballot.appraisal
    with pytest.raises(Refused) as error:
        actions.cancel_ballot(ballot=ballot, reason=" ", by=cast.head_teacher)
    assert refusal(error) == ["没有写作废原因"]
    ballots.explained(cast, ballot)
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.cancel_ballot(ballot=ballot, reason="二维码发错了人", by=cast.head_teacher)
    assert refusal(error) == ["本班评议已提交"]
    actions.reopen_appraisal(appraisal=appraisal, reason="二维码发错了人", by=cast.head_teacher)
    actions.cancel_ballot(ballot=ballot, reason="二维码发错了人", by=cast.head_teacher)
    assert Tally.objects.count() == 0
    # What was suggested before holds no longer, so nobody proposes it.
    assert set(Case.objects.values_list("status", "appraised_grade")) == {("open", "")}
    # Who has seen the figures enters no others by hand.
    with pytest.raises(Refused) as error:
        paper(cast, appraisal, Case.objects.order_by("pk")[0])
    assert refusal(error) == ["这一件的手机投票收票后作废了"]
    again = ballots.opened(cast, appraisal)
    assert len(ballots.rows(again)) == 3
    assert [b.status for b in ballot_reading.ballots_of(appraisal)] == ["open", "cancelled"]


def test_a_vote_cancelled_before_counting_may_go_on_on_paper(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    actions.cancel_ballot(ballot=ballot, reason="手机不够", by=cast.head_teacher)
    assert paper(cast, ballot.appraisal, Case.objects.order_by("pk")[0]).hard == 4


def test_facts_changed_after_a_voided_vote_may_be_voted_on_paper(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    actions.cancel_ballot(ballot=ballot, reason="有误", by=cast.head_teacher)
    case = Case.objects.order_by("pk")[0]
    Case.objects.filter(pk=case.pk).update(evidence="0" * 64)
    case.refresh_from_db()
    assert paper(cast, ballot.appraisal, case).hard == 4


def test_what_was_proposed_is_not_cancelled(cast: Cast) -> None:
    ballot = ballots.counted(cast)
    appraisal = ballot.appraisal
    ballots.explained(cast, ballot)
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    actions.propose(round_=appraisal.round, by=cast.operator)
    actions.reopen_appraisal(appraisal=appraisal, reason="有误", by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.cancel_ballot(ballot=ballot, reason="有误", by=cast.head_teacher)
    assert "票数不能作废" in refusal(error)[0]


def test_what_came_since_waits_for_another_vote(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    newcomer = pupil(cast.a.school_class, "赵样丁")
    cases.hand_in(ballot.appraisal.round, newcomer, cast.head_teacher.person)
    actions.take_up(round_=ballot.appraisal.round, by=cast.operator)
    assert ballot_reading.unknown_to(ballot) == 1
    for secret in ballots.handed_out(cast, ballot).values():
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        actions.finish_appraisal(appraisal=ballot.appraisal, by=cast.head_teacher)
    assert refusal(error)[0].startswith("还有1人没有表决")
    assert len(ballots.rows(ballots.opened(cast, ballot.appraisal))) == 1


def test_facts_that_changed_meanwhile_are_voted_on_anew(cast: Cast) -> None:
    ballot = ballots.everybody_voted(cast)
    case = Case.objects.order_by("pk")[0]
    Case.objects.filter(pk=case.pk).update(evidence="0" * 64)
    found = actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert found.cases == 2
    assert [r.text for r in found.held] == [f"编号{case.code}的材料在投票开始后有改动"]
    # By hand it may be voted on.
    paper(cast, ballot.appraisal, case)


def test_too_few_slips_are_not_counted(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = list(ballots.handed_out(cast, ballot).values())
    for n, secret in enumerate(secrets[:3]):
        with pytest.raises(Refused) as error:
            actions.count_ballot(ballot=ballot, by=cast.head_teacher)
        assert refusal(error) == [f"已交{n}张，至少3张才能收票，否则看得出各人的票"]
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 3


@pytest.mark.parametrize(("slips", "enough"), [(3, 3), (4, 3), (5, 3), (6, 4), (20, 11), (21, 11)])
def test_three_slips_and_more_than_half_are_enough(slips: int, enough: int) -> None:
    assert balloting.why_not_count(slips, enough) == []
    (why,) = balloting.why_not_count(slips, enough - 1)
    assert f"至少{enough}张" in why.text


def test_a_slip_handed_out_again_kills_the_older_and_a_voted_one_is_not(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    slip = ballot_reading.slips_of(ballot)[0]
    older = actions.hand_out(slip=slip, by=cast.head_teacher)
    held = ballots.slip(older)
    newer = actions.hand_out(slip=slip, by=cast.head_teacher)
    assert actions.slip_of(older) is None
    with pytest.raises(Refused) as error:
        actions.hand_in(slip=held, choices=ballots.all_say(ballot, "hard"))
    assert refusal(error) == ["这张票已经重发"]
    ballots.vote(newer, ballots.all_say(ballot, "hard"))
    with pytest.raises(Refused) as error:
        actions.hand_out(slip=slip, by=cast.head_teacher)
    assert refusal(error) == ["这张票已经投过"]


def test_after_the_end_nothing_is_voted(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    *early, other = ballots.handed_out(cast, ballot).values()
    for one in early:
        ballots.vote(one, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    with pytest.raises(Refused) as error:
        ballots.vote(other, ballots.all_say(ballot, "hard"))
    assert refusal(error) == ["已经收票，投票结束了"]
    assert Ballot.objects.get().status == "counted"


def test_every_case_is_answered(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secret = ballots.handed_out(cast, ballot)[ballots.PARENT]
    one, *_ = ballots.rows(ballot)
    with pytest.raises(Refused) as error:
        ballots.vote(secret, {one.pk: "hard"})
    assert refusal(error) == ["还有2件没有选择"]
    with pytest.raises(Refused) as error:
        ballots.vote(secret, ballots.all_say(ballot, "recuse"))
    assert refusal(error) == ["选择和名单对不上"]
    assert BallotCase.objects.filter(hard=0).count() == 3
