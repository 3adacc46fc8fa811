"""A member of the class panel who applies after all votes on nobody any more (§C.1)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from audit.refusal import Refused
from review import actions, ballot_reading, queue
from review.apart import SITS_OUT
from review.models import Appraisal, Ballot, Case, Tally, TallyRecusal
from review.panel_forms import TallyForm
from schools.tenancy import set_scope
from students.models import Student
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import ballots, cases

LATE, *REST = ballots.STUDENTS
VOTES: dict[str, Any] = {"special": 0, "general": 0, "none": 0}


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def applies(cast: Cast, appraisal: Appraisal, name: str = LATE) -> Application:
    """The member hands in an application, which the office has not taken up."""
    student = Student.objects.get(panel_seats__name=name)
    return cases.hand_in(appraisal.round, student, cast.head_teacher.person)


def paper(cast: Cast, appraisal: Appraisal, case: Case, hard: int, **told: Any) -> Tally:
    return actions.tally(
        appraisal=appraisal, case=case, by=cast.head_teacher, hard=hard, **VOTES, **told
    )


def of_class() -> list[Case]:
    return list(Case.objects.select_related("application").order_by("pk"))


def test_on_paper_the_member_withdraws_from_every_case(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    first, second, _ = of_class()
    paper(cast, appraisal, first, 4)
    applies(cast, appraisal)
    with pytest.raises(Refused) as error:
        paper(cast, appraisal, second, 4)
    assert refusal(error) == ["评议小组有1名成员自己也提出了申请，不再参加评议"]
    kept = paper(cast, appraisal, second, 3, recused={LATE: SITS_OUT})
    assert list(kept.recusals.values_list("name", "counted")) == [(LATE, True)]
    # What was voted before the member applied was right then, and is corrected as it was.
    assert paper(cast, appraisal, first, 4).recusals.count() == 0
    # What has the recusal keeps it.
    with pytest.raises(Refused):
        paper(cast, appraisal, second, 4)


def test_who_stays_away_takes_no_vote_with_him(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    appraisal.expected = appraisal.present = 3
    appraisal.save()
    applies(cast, appraisal)
    kept = paper(cast, appraisal, of_class()[0], 3, recused={LATE: SITS_OUT}, absent={LATE})
    assert list(kept.recusals.values_list("counted", flat=True)) == [False]
    # Anybody else who is absent is one of those expected.
    told = {LATE: SITS_OUT, REST[0]: "表哥"}
    with pytest.raises(Refused) as error:
        paper(cast, appraisal, of_class()[1], 3, recused=told, absent=set(told))
    assert refusal(error) == ["没有到会的回避1人，评议小组只有0人没有到会"]


def test_an_application_that_was_withdrawn_gives_the_seat_back(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    late = applies(cast, appraisal)
    assert queue.applying_seats(appraisal) == {LATE}
    Application.objects.filter(pk=late.pk).update(status="withdrawn")
    assert queue.applying_seats(appraisal) == set()
    assert paper(cast, appraisal, of_class()[0], 4).recusals.count() == 0


def test_of_two_with_one_name_the_one_who_applied(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    namesake = pupil(cast.a.school_class, LATE)
    actions.add_members(
        round_=appraisal.round,
        school_class=appraisal.school_class,
        by=cast.head_teacher,
        students={namesake.pk},
        reason="人少",
    )
    cases.hand_in(appraisal.round, namesake, cast.head_teacher.person)
    assert queue.applying_seats(appraisal) == {f"{LATE}（2）"}


def test_the_head_teachers_form_says_so_without_a_name(cast: Cast, sign_in: Any) -> None:
    appraisal = ballots.held(cast)
    applies(cast, appraisal)
    case = of_class()[0]
    client = sign_in(cast.head_teacher)
    url = reverse("review:class_appraisal", args=[appraisal.round_id, appraisal.school_class_id])
    page = client.get(url)
    assert "成员自己也提出了申请，不再参加评议" in page.text
    form = page.context["form"]
    assert (form["recused_1"].value(), form["why_1"].value()) == (LATE, SITS_OUT)
    # The list is folded: whoever sits around the table sees no name.
    assert not form.recusing()
    told = {"hard": 3, "recused_1": LATE, "why_1": SITS_OUT, "reason": cases.WHY}
    client.post(reverse("review:tally", args=[appraisal.pk, case.pk]), told)
    set_scope(cast.school.pk)
    assert TallyRecusal.objects.get(tally__case=case).name == LATE


def test_the_form_has_room_for_them_beside_three_relatives(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    case = of_class()[0]
    seats = [*ballots.STUDENTS, ballots.PARENT]
    assert len(TallyForm.of(case, None, seats=seats, applying=[LATE]).recusal_rows()) == 4
    kept = paper(cast, appraisal, case, 4)
    TallyRecusal.objects.bulk_create(
        TallyRecusal(school=cast.school, tally=kept, name=f"成员{n}", reason="表哥", counted=False)
        for n in range(5)
    )
    # Who applied then may have withdrawn the application since: what is recorded stays in sight.
    rows = TallyForm.of(case, kept, seats=seats).recusal_rows()
    assert [who.value() for who, _, _ in rows] == [f"成员{n}" for n in range(5)]


def test_the_chair_is_led_past_a_void_slip(cast: Cast, sign_in: Any) -> None:
    ballot = ballots.opened(cast)
    applies(cast, ballot.appraisal)
    parent = next(s for s in ballot_reading.slips_of(ballot) if s.name == ballots.PARENT)
    page = sign_in(cast.head_teacher).post(reverse("review:show_slip", args=[parent.pk]))
    assert page.context["following"].name == REST[0]


def test_no_slip_is_written_for_the_member(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    applies(cast, appraisal)
    with pytest.raises(Refused) as error:
        ballots.opened(cast, appraisal)
    assert refusal(error) == ["勾选的人里有的不是评议小组成员"]
    ballot = actions.open_ballot(
        appraisal=appraisal, here={*REST, ballots.PARENT}, by=cast.head_teacher
    )
    assert {s.name for s in ballot_reading.slips_of(ballot)} == {*REST, ballots.PARENT}
    for secret in ballots.handed_out(cast, ballot).values():
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    appraisal.refresh_from_db()
    assert appraisal.present == 3
    assert set(Tally.objects.values_list("hard", "abstain")) == {(3, 0)}
    assert TallyRecusal.objects.count() == 0


def test_beside_votes_on_paper_the_member_was_there(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    first, *_ = of_class()
    paper(cast, appraisal, first, 4)
    applies(cast, appraisal)
    ballot = actions.open_ballot(
        appraisal=appraisal, here={*REST, ballots.PARENT}, by=cast.head_teacher
    )
    for secret in ballots.handed_out(cast, ballot).values():
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 2
    appraisal.refresh_from_db()
    assert appraisal.present == 4
    assert ballot_reading.turnout(Ballot.objects.get()) == ballot_reading.Turnout(3, 3)
    counted = TallyRecusal.objects.exclude(tally__case=first)
    assert set(counted.values_list("name", "counted")) == {(LATE, True)}


def test_fewer_members_than_that_are_too_few_beside_paper(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    paper(cast, appraisal, of_class()[0], 4)
    applies(cast, appraisal)
    applies(cast, appraisal, REST[0])
    pupil_ = pupil(cast.a.school_class, "赵样戊")
    actions.add_members(
        round_=appraisal.round,
        school_class=appraisal.school_class,
        by=cast.head_teacher,
        students={pupil_.pk},
        others=[("parent", "钱样己"), ("parent", "孙样庚")],
        reason="两人不再参加",
    )
    here = {REST[1], ballots.PARENT, "赵样戊", "钱样己", "孙样庚"}
    with pytest.raises(Refused) as error:
        actions.open_ballot(appraisal=appraisal, here=here, by=cast.head_teacher)
    assert "勾选5人，已按实到4人登记过表决" in refusal(error)
    for n in (3, 4):
        assert not ballot_reading.open_ballot_of(appraisal)
        ballot = actions.open_ballot(
            appraisal=appraisal, here=sorted(here)[:n], by=cast.head_teacher
        )
        actions.cancel_ballot(ballot=ballot, reason="换一种方式", by=cast.head_teacher)


def under_way(cast: Cast) -> tuple[Ballot, dict[str, str]]:
    """Voting is open, every slip is out, and then one of the members applies."""
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    applies(cast, ballot.appraisal)
    return ballot, secrets


def test_who_applies_while_voting_is_open_votes_no_more(cast: Cast) -> None:
    ballot, secrets = under_way(cast)
    choices = ballots.all_say(ballot, "hard")
    with pytest.raises(Refused) as error:
        ballots.vote(secrets[LATE], choices)
    assert refusal(error) == [f"{LATE}提出了申请，不再参加评议"]
    slip = next(s for s in ballot_reading.slips_of(ballot) if s.name == LATE)
    with pytest.raises(Refused) as error:
        actions.hand_out(slip=slip, by=cast.head_teacher)
    assert refusal(error) == [f"{LATE}提出了申请，不再参加评议"]
    assert set(actions.hand_out_rest(ballot=ballot, by=cast.head_teacher)) == {
        *REST,
        ballots.PARENT,
    }


def test_and_does_not_abstain_when_it_is_counted(cast: Cast) -> None:
    ballot, secrets = under_way(cast)
    for name in (*REST, ballots.PARENT):
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 3
    assert set(Tally.objects.values_list("hard", "abstain")) == {(3, 0)}
    assert set(TallyRecusal.objects.values_list("name", "counted")) == {(LATE, True)}
    assert ballot_reading.turnout(Ballot.objects.get()) == ballot_reading.Turnout(3, 3)


def test_a_recusal_recorded_before_is_not_recorded_twice(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    slip = ballots.slip(secrets[LATE])
    first, *_ = ballots.rows(ballot)
    actions.set_aside(slip=slip, ballot_case=first, reason="表哥", by=cast.head_teacher)
    applies(cast, ballot.appraisal)
    for name in (*REST, ballots.PARENT):
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 3
    said = TallyRecusal.objects.order_by("tally__case_id").values_list("reason", flat=True)
    assert list(said) == ["表哥", SITS_OUT, SITS_OUT]


def test_who_sits_out_is_none_of_the_three_that_are_left(cast: Cast) -> None:
    ballot, _ = under_way(cast)
    slip = next(s for s in ballot_reading.slips_of(ballot) if s.name == REST[0])
    with pytest.raises(Refused) as error:
        actions.set_aside(
            slip=slip, ballot_case=ballots.rows(ballot)[0], reason="亲属", by=cast.head_teacher
        )
    assert refusal(error) == ["回避后这一件只有2人表决，不足3人，看得出各人的票"]


def test_nor_one_of_those_of_whom_half_must_have_voted(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    more = ["钱样己", "孙样庚"]
    actions.add_members(
        round_=appraisal.round,
        school_class=appraisal.school_class,
        by=cast.head_teacher,
        others=[("parent", name) for name in more],
        reason="人少",
    )
    appraisal.refresh_from_db()
    here = {*ballots.STUDENTS, ballots.PARENT, *more}
    ballot = actions.open_ballot(appraisal=appraisal, here=here, by=cast.head_teacher)
    secrets = ballots.handed_out(cast, ballot)
    applies(cast, appraisal)
    for name in (*more, ballots.PARENT):
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    # Three of five; of six they would be no more than half.
    assert actions.count_ballot(ballot=ballot, by=cast.head_teacher).cases == 3


def test_a_vote_handed_in_before_stands(cast: Cast) -> None:
    ballot = ballots.opened(cast)
    secrets = ballots.handed_out(cast, ballot)
    first, *rest = ballots.rows(ballot)
    ballots.vote(secrets[LATE], {row.pk: "hard" for row in rest}, {first.pk: "表哥"})
    applies(cast, ballot.appraisal)
    # Nobody knows any more what it said; nothing is added to it.
    with pytest.raises(Refused) as error:
        actions.vote_after_all(
            slip=ballots.slip(secrets[LATE]), row=first, said="看错了", choice="hard"
        )
    assert refusal(error) == [f"{LATE}提出了申请，不再参加评议"]
    for name in (*REST, ballots.PARENT):
        ballots.vote(secrets[name], ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    assert sorted(Tally.objects.values_list("hard", flat=True)) == [3, 4, 4]


def test_the_phone_and_the_chairs_page_say_so(cast: Cast, sign_in: Any) -> None:
    ballot, secrets = under_way(cast)
    chair = sign_in(cast.head_teacher)
    board = chair.get(reverse("review:ballot", args=[ballot.appraisal_id]))
    assert "按规定不再参加评议，票作废" in board.text
    assert board.context["unvoted"] == [*REST, ballots.PARENT]
    phone = Client()
    set_scope(None)
    phone.get(reverse("ballot:enter", args=[secrets[LATE]]))
    page = phone.get(reverse("ballot:slip"))
    assert "不再参加评议" in page.text
    assert "编号" not in page.text
