"""Facts that are changed after they were judged: held back, scored anew, judged anew."""

from datetime import date

import pytest

from aidadmin.overview import rounds
from applications.models import Application, HouseholdMember, HouseholdSurvey, Round
from audit.models import Event
from audit.refusal import Refused
from review import actions, navigation
from review.models import Case, Tally
from schools import clock
from schools.official import calendar
from tests.cast import Cast
from tests.review import cases

CHANGED = "材料在评议后有改动，须重新评议"


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def swapped(cast: Cast) -> Case:
    """The first student's survey tells of another income now: 50,000 yuan a head."""
    case = Case.objects.get(student=cast.a.students[0])
    HouseholdSurvey.objects.filter(application_id=case.application_id).update(
        annual_income_fen=20_000_000
    )
    return case


def test_a_case_goes_back_to_the_beginning_when_its_facts_are_changed(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    case = swapped(cast)
    assert (case.advised_grade, case.status) == ("hard", "proposed")
    assert actions.take_up(round_=round_, by=cast.operator) == 1
    case.refresh_from_db()
    assert (case.status, case.points, case.advised_grade) == ("open", 0, "none")
    assert (case.appraised_grade, case.appraise_by, case.proposed_grade) == ("", None, "")
    assert not Tally.objects.filter(case=case).exists()
    event = Event.objects.get(verb="case.take_anew")
    assert event.facts["points_before"] == 40
    assert actions.take_up(round_=round_, by=cast.operator) == 0


@pytest.mark.parametrize("stage", [cases.taken_up, cases.proposed])
def test_what_was_sent_back_waits_until_it_is_handed_in_again(cast: Cast, stage: object) -> None:
    round_: Round = stage(cast)  # type: ignore[operator]
    case = swapped(cast)
    Application.objects.filter(pk=case.application_id).update(status="returned")
    assert actions.take_up(round_=round_, by=cast.operator) == 0
    Application.objects.filter(pk=case.application_id).update(status="submitted")
    assert actions.take_up(round_=round_, by=cast.operator) == 1


def test_the_same_facts_handed_in_again_change_nothing(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    Application.objects.update(submit_at=clock.now(), identity_paper="hukou")
    HouseholdSurvey.objects.update(debt="无")
    assert actions.take_up(round_=round_, by=cast.operator) == 0


def test_another_household_or_reason_is_a_change(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    first, second = Case.objects.order_by("pk")[:2]
    Application.objects.filter(pk=first.application_id).update(reason="改写的理由")
    HouseholdMember.objects.create(
        school=cast.school,
        survey=HouseholdSurvey.objects.get(application_id=second.application_id),
        name="张样泽",
        age=43,
        relation="父亲",
    )
    assert actions.take_up(round_=round_, by=cast.operator) == 2


def test_a_group_that_the_family_now_names_is_a_change(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    case = Case.objects.order_by("pk")[0]
    survey = HouseholdSurvey.objects.filter(application_id=case.application_id)
    survey.update(claims=["dibao", "orphan"])
    assert actions.take_up(round_=round_, by=cast.operator) == 1
    survey.update(claims=["orphan", "dibao"])
    assert actions.take_up(round_=round_, by=cast.operator) == 0
    survey.update(claims=[])
    assert actions.take_up(round_=round_, by=cast.operator) == 1


def test_changed_facts_are_not_proposed(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    swapped(cast)
    made = actions.propose(round_=round_, by=cast.operator)
    assert (made.proposed, [r.text for r in made.held]) == (2, [f"{CHANGED}：高一（1）班1人"])


def test_changed_facts_are_not_decided(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    case = swapped(cast)
    cases.decided(cast, round_)
    case.refresh_from_db()
    assert (case.status, case.decided_grade) == ("appraised", "")
    assert Case.objects.filter(status="decided").count() == 2


def test_a_meeting_about_changed_facts_alone_decides_nothing(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    HouseholdSurvey.objects.update(annual_income_fen=1)
    with pytest.raises(Refused) as error:
        cases.decided(cast, round_)
    assert refusal(error) == ["没有可以审定的申请", f"{CHANGED}：高一（1）班3人"]


def test_changed_facts_are_not_confirmed_but_judged_anew(cast: Cast) -> None:
    notice = cases.published(cast)
    case = swapped(cast)
    with clock.at(date(2026, 9, 9)):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert (made.confirmed, [r.text for r in made.held]) == (2, [f"{CHANGED}：高一（1）班1人"])
        assert actions.take_up(round_=notice.round, by=cast.operator) == 1
    case.refresh_from_db()
    assert (case.status, case.advised_grade) == ("open", "none")


def test_a_meeting_that_nobody_confirmed_keeps_its_cases(cast: Cast) -> None:
    meeting = cases.decided(cast)
    swapped(cast)
    assert actions.take_up(round_=meeting.round, by=cast.operator) == 0


def test_cases_without_a_digest_are_let_be(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    Case.objects.update(evidence="")
    swapped(cast)
    assert actions.take_up(round_=round_, by=cast.operator) == 0


def test_the_round_asks_to_take_the_changed_application(cast: Cast, sign_in: object) -> None:
    round_ = cases.proposed(cast)
    swapped(cast)
    page = sign_in(cast.operator).get(f"/review/rounds/{round_.pk}/")  # type: ignore[operator]
    assert "接收1份申请" in page.content.decode()


def test_the_desk_says_whose_facts_changed_after_the_judgment(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 10)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)

    def told() -> list[str]:
        return [t.title for t in navigation.todos(cast.operator) if "改动" in t.title]

    case = swapped(cast)
    # The family has not handed it in again.
    assert told() == []
    again = Application.objects.filter(pk=case.application_id)
    with clock.at(date(2026, 11, 20)):
        again.update(submit_at=clock.now())
        assert told() == ["家庭经济困难认定：1份申请有改动，要重新评议"]
        (running,) = rounds.running(cast.school, calendar(), clock.today())
        assert "可以办结" not in running.owed
        assert running.owed.startswith("1人已提交")
        assert actions.take_up(round_=notice.round, by=cast.operator) == 1
        assert told() == []


def test_what_was_handed_in_again_unchanged_is_not_on_the_desk(cast: Cast) -> None:
    cases.proposed(cast)
    with clock.at(date(2026, 9, 20)):
        Application.objects.update(submit_at=clock.now())
        assert not [t for t in navigation.todos(cast.operator) if "改动" in t.title]
        swapped(cast)
        assert [t for t in navigation.todos(cast.operator) if "改动" in t.title]
