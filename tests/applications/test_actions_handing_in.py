"""Handing in, late, returning, withdrawing; every status against every move."""

from datetime import date

import pytest

from applications import actions
from applications.models import Application, Round
from audit import moves
from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.models import Appointment
from tests.applications import family, scenes
from tests.cast import Cast

IN_TIME, TOO_LATE = date(2026, 9, 8), date(2026, 9, 9)
STATUS = Application.Status


@pytest.fixture
def entered(cast: Cast, round_: Round) -> Application:
    return scenes.entered(round_, cast.a.students[0], cast.head_teacher)


def reasons_of(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in caught.value.reasons]


def in_status(application: Application, status: str, cast: Cast) -> Application:
    if status in (STATUS.SUBMITTED, STATUS.RETURNED):
        actions.submit(application=application, by=cast.head_teacher)
    if status == STATUS.RETURNED:
        actions.send_back(application=application, reason="补签", by=cast.reviewer)
    if status == STATUS.CHECKING:
        family.hand_over_drafted(application, cast.head_teacher)
    if status == STATUS.WITHDRAWN:
        actions.withdraw(application=application, by=cast.head_teacher)
    application.refresh_from_db()
    assert application.status == status
    return application


def move(application: Application, verb: str, cast: Cast) -> Application:
    if verb == "hand_over":
        return family.hand_over_drafted(application, cast.head_teacher)
    if verb == "submit" and application.status == STATUS.CHECKING:
        return family.accept(application, cast.head_teacher)
    if verb == "submit":
        return actions.submit(application=application, by=cast.head_teacher)
    if verb == "send_back":
        return actions.send_back(application=application, reason="补签", by=cast.operator)
    if verb == "withdraw":
        return actions.withdraw(application=application, by=cast.operator)
    return scenes.entered(application.round, application.student, cast.operator)


@pytest.mark.parametrize("status", STATUS.values)
@pytest.mark.parametrize("verb", [m.verb for m in Application.MOVES])
def test_every_status_and_every_move(
    cast: Cast, entered: Application, status: str, verb: str
) -> None:
    application = in_status(entered, status, cast)
    allowed = moves.allowed(application, verb)
    if allowed:
        assert move(application, verb, cast).status == allowed.target
    else:
        with pytest.raises(Refused):
            move(application, verb, cast)
        application.refresh_from_db()
        assert application.status == status


def test_what_is_missing_is_told_at_once(cast: Cast, round_: Round) -> None:
    bare = actions.draft_application(
        round_=round_, student=cast.a.students[0], by=cast.head_teacher
    )
    with pytest.raises(Refused) as caught:
        actions.submit(application=bare, by=cast.head_teacher)
    assert reasons_of(caught) == [
        "没有填家庭情况",
        "没有写申请理由",
        "个人承诺缺签字人或日期",
        "没有收到身份证或户口簿复印件",
    ]


def test_a_student_who_left_hands_in_nothing(cast: Cast, entered: Application) -> None:
    student = cast.a.students[0]
    student.status = "suspended"
    student.save()
    with pytest.raises(Refused, match="学籍状态是休学"):
        actions.submit(application=entered, by=cast.head_teacher)


def test_the_last_day_is_in_time(cast: Cast, entered: Application) -> None:
    with clock.at(IN_TIME):
        submitted = actions.submit(application=entered, by=cast.head_teacher)
    assert (submitted.status, submitted.late_reason) == ("submitted", "")


def test_late_needs_a_reason_and_a_second_person(cast: Cast, entered: Application) -> None:
    def submit(late_by: Appointment | None = None, reason: str = "住院") -> Application:
        return actions.submit(
            application=entered, by=cast.operator, late_reason=reason, late_by=late_by
        )

    with clock.at(TOO_LATE):
        with pytest.raises(Refused) as caught:
            submit(reason="")
        assert reasons_of(caught) == ["申请期已过", "逾期提交还没有审核人同意"]
        with pytest.raises(Refused) as caught:
            submit(cast.operator)
        assert reasons_of(caught) == ["同意逾期的应是本校审核人", "录入和同意逾期不能是同一人"]
        with pytest.raises(Refused, match="同意逾期的应是本校审核人"):
            submit(cast.b.reviewer)
        late = submit(cast.reviewer)
    assert (late.late_reason, late.late_by) == ("住院", cast.reviewer.person)
    assert Event.objects.get(verb="application.submit").reason == "住院"


def test_a_checker_lets_in_what_comes_late(cast: Cast, entered: Application) -> None:
    with pytest.raises(Refused, match="申请没有逾期"):
        actions.explain_late(application=entered, reason="住院", by=cast.head_teacher)
    with pytest.raises(Refused) as caught:
        actions.allow_late(application=entered, by=cast.head_teacher)
    assert reasons_of(caught) == [
        "同意逾期的应是本校审核人",
        "录入和同意逾期不能是同一人",
        "申请没有逾期",
        "没有逾期原因",
    ]
    with clock.at(TOO_LATE):
        with pytest.raises(Refused, match="没有写逾期原因"):
            actions.explain_late(application=entered, reason="", by=cast.head_teacher)
        actions.explain_late(application=entered, reason="住院", by=cast.head_teacher)
        with pytest.raises(Refused, match="还没有审核人同意"):
            actions.submit(application=entered, by=cast.head_teacher)
        actions.allow_late(application=entered, by=cast.reviewer)
        late = actions.submit(application=entered, by=cast.head_teacher)
    assert (late.late_reason, late.late_by) == ("住院", cast.reviewer.person)


def test_another_reason_asks_for_consent_again(cast: Cast, entered: Application) -> None:
    with clock.at(TOO_LATE):
        actions.allow_late(application=entered, reason="住院", by=cast.reviewer)
        actions.explain_late(application=entered, reason="忘了", by=cast.head_teacher)
        with pytest.raises(Refused, match="还没有审核人同意"):
            actions.submit(application=entered, by=cast.head_teacher)


def test_what_was_returned_keeps_its_first_day(cast: Cast, entered: Application) -> None:
    actions.submit(application=entered, by=cast.head_teacher)
    with clock.at(TOO_LATE):
        returned = actions.send_back(application=entered, reason="补签", by=cast.reviewer)
        assert returned.return_reason == "补签"
        again = actions.submit(application=entered, by=cast.head_teacher)
    assert (again.status, again.return_reason, again.late_by) == ("submitted", "", None)


def test_returning_needs_a_reason(cast: Cast, entered: Application) -> None:
    actions.submit(application=entered, by=cast.head_teacher)
    with pytest.raises(Refused, match="没有写退回原因"):
        actions.send_back(application=entered, reason="  ", by=cast.reviewer)


def test_nothing_moves_in_a_closed_round(cast: Cast, entered: Application) -> None:
    actions.submit(application=entered, by=cast.head_teacher)
    with clock.at(TOO_LATE):
        actions.close_round(round_=entered.round, by=cast.operator)
        entered.round.refresh_from_db()
        with pytest.raises(Refused, match="已办结"):
            actions.send_back(application=entered, reason="补签", by=cast.reviewer)
        with pytest.raises(Refused, match="已办结"):
            actions.withdraw(application=entered, by=cast.operator)


def test_who_entered_it_does_not_let_it_in_late(cast: Cast, entered: Application) -> None:
    Application.objects.filter(pk=entered.pk).update(entered_by=cast.reviewer.person)
    with clock.at(TOO_LATE):
        with pytest.raises(Refused) as caught:
            actions.submit(
                application=entered, by=cast.operator, late_reason="住院", late_by=cast.reviewer
            )
        assert reasons_of(caught) == ["录入和同意逾期不能是同一人"]
        Application.objects.filter(pk=entered.pk).update(
            late_reason="住院", late_by=cast.reviewer.person
        )
        with pytest.raises(Refused) as caught:
            actions.submit(application=entered, by=cast.operator)
    assert reasons_of(caught) == ["录入和同意逾期不能是同一人"]
