"""异议 and 公示确认: who is held, who goes back, who is recognised."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from audit.models import Event
from audit.refusal import Refused
from review import actions
from review.models import Case, Notice, Objection, Recognition
from schools import clock
from tests.cast import Cast
from tests.cast import student as pupil
from tests.review import cases

AFTER = date(2026, 9, 9)


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


# ------------------------------------------------------------------------------ objections


def objected(notice: Notice, serial: int | None = 1) -> Objection:
    line = notice.lines.get(serial=serial) if serial else None
    return actions.object_to(notice=notice, text="家里有商铺", contact="", line=line)


def test_an_objection_is_answered_within_three_working_days(cast: Cast) -> None:
    objection = objected(cases.published(cast))
    assert objection.reply_by == date(2026, 9, 4)
    assert Event.objects.get(verb="objection.lodge").person_name == "公众"


def test_objections_end_with_the_period(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        objected(notice)
    assert refusal(error) == ["公示期已结束，网上不再受理异议"]


def test_twenty_open_objections_are_enough(cast: Cast) -> None:
    notice = cases.published(cast)
    for _ in range(20):
        objected(notice, None)
    with pytest.raises(Refused) as error:
        objected(notice)
    assert refusal(error) == ["网上待处理的异议已满"]


def test_an_open_objection_holds_its_student_and_nobody_else(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = objected(notice)
    with clock.at(AFTER):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert made.confirmed == 2
        assert [(r.text, r.count) for r in made.held] == [
            ("异议尚未答复，应于9月4日前答复：高一（1）班1人", 1)
        ]
        actions.answer(objection=objection, upheld=False, conclusion="已核实", by=cast.operator)
        rest = actions.confirm_notice(notice=notice, by=cast.reviewer)
        assert (rest.confirmed, rest.held) == (1, [])
        with pytest.raises(Refused) as error:
            actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["名单里没有待确认的学生"]
    assert Recognition.objects.count() == 3


def test_an_upheld_objection_goes_back_to_the_leading_group(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = objected(notice)
    assert objection.line is not None
    actions.answer(objection=objection, upheld=True, conclusion="收入不实", by=cast.reviewer)
    case = Case.objects.get(pk=objection.line.case_id)
    assert case.status == "proposed"
    with clock.at(AFTER):
        assert actions.confirm_notice(notice=notice, by=cast.reviewer).confirmed == 2
        meeting = cases.convened(notice.round, cast.a)
        actions.decide(
            meeting=meeting,
            votes_for=4,
            votes_against=0,
            votes_abstain=0,
            resolution="",
            by=cast.operator,
            changes={case.pk: ("general", "按核实的收入改定")},
        )
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
        # Decided anew: the old notice no longer stands for it, a new one must.
        with pytest.raises(Refused):
            actions.confirm_notice(notice=notice, by=cast.reviewer)
        again = actions.draft_notice(round_=notice.round, by=cast.operator)
        assert list(again.lines.values_list("case_id", flat=True)) == [case.pk]


def test_an_objection_against_nobody_in_particular_holds_everybody(cast: Cast) -> None:
    notice = cases.published(cast)
    objected(notice, None)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["有1条异议没有指明学生，尚未答复"]


def test_an_answer_is_given_once_and_in_words(cast: Cast) -> None:
    objection = objected(cases.published(cast))
    with pytest.raises(Refused) as error:
        actions.answer(objection=objection, upheld=False, conclusion=" ", by=cast.operator)
    assert refusal(error) == ["没有写答复"]
    actions.answer(objection=objection, upheld=False, conclusion="已核实", by=cast.operator)
    with pytest.raises(Refused) as error:
        actions.answer(objection=objection, upheld=True, conclusion="改", by=cast.operator)
    assert refusal(error) == ["现在是“异议不成立”，不能认定异议成立"]


def test_upheld_about_nobody_in_particular_takes_the_notice_down_first(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = objected(notice, None)
    with pytest.raises(Refused) as error:
        actions.answer(objection=objection, upheld=True, conclusion="不实", by=cast.operator)
    assert refusal(error) == ["异议成立，但没有指明学生"]
    actions.withdraw_notice(notice=notice, reason="名单有误", by=cast.reviewer)
    told = actions.answer(objection=objection, upheld=True, conclusion="不实", by=cast.operator)
    assert told.status == "upheld"


def test_an_answer_locks_as_the_confirmation_does(cast: Cast) -> None:
    """Notice, case, audit chain: in another order the two would wait for each other for ever."""
    objection = objected(cases.published(cast))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        actions.answer(objection=objection, upheld=True, conclusion="不实", by=cast.operator)
    locks = [q["sql"] for q in asked.captured_queries if "FOR NO KEY UPDATE" in q["sql"]]
    tables = [sql.partition(' FROM "')[2].partition('"')[0] for sql in locks]
    assert tables == ["review_notice", "review_case", "review_objection"]
    statements = [q["sql"] for q in asked.captured_queries]
    chain = next(i for i, sql in enumerate(statements) if "audit_chain" in sql)
    assert chain > statements.index(locks[-1])


def test_a_contact_is_shown_against_a_recorded_reason(cast: Cast) -> None:
    notice = cases.published(cast)
    objection = actions.object_to(notice=notice, text="不实", contact="热心家长", line=None)
    with pytest.raises(Refused):
        actions.reveal_contact(objection=objection, reason=" ", by=cast.operator)
    clear = actions.reveal_contact(objection=objection, reason="答复核查", by=cast.operator)
    assert clear == "热心家长"
    assert Event.objects.get(verb="objection.reveal_contact").reason == "答复核查"


# ---------------------------------------------------------------------------- confirmation


def test_the_last_day_is_still_the_publics(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 8)), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["公示期到2026年9月8日结束，现在还不能确认"]


def test_makers_do_not_confirm(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.operator)
    assert refusal(error)[0] == "公示确认由审核人或分管领导办理"


def test_who_recorded_the_decision_does_not_confirm_it(cast: Cast) -> None:
    notice = cases.published(cast)
    Case.objects.update(decide_by=cast.reviewer.person)
    with clock.at(AFTER), pytest.raises(Refused) as error:
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert refusal(error) == ["由本人登记审定：高一（1）班3人"]
    with clock.at(AFTER):
        assert actions.confirm_notice(notice=notice, by=cast.a.leader).confirmed == 3


def test_an_application_withdrawn_meanwhile_is_held(cast: Cast) -> None:
    notice = cases.published(cast)
    first = Case.objects.order_by("pk")[0]
    Application.objects.filter(pk=first.application_id).update(status="withdrawn")
    with clock.at(AFTER):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert (made.confirmed, [r.text for r in made.held]) == (2, ["申请已撤回：高一（1）班1人"])


def test_a_new_grade_ends_the_old_one_and_overwrites_nothing(cast: Cast) -> None:
    notice = cases.published(cast)
    student = cast.a.students[0]
    case = Case.objects.get(student=student)
    old = Recognition.objects.create(
        school=cast.school,
        student=student,
        year=2026,
        grade="special",
        case=case,
        decided_by=cast.operator.person,
        confirmed_by=cast.reviewer.person,
        valid_from=date(2026, 9, 1),
    )
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    old.refresh_from_db()
    assert (old.grade, old.valid_to) == ("special", date(2026, 9, 8))
    new = Recognition.objects.get(student=student, valid_to=None)
    assert (new.grade, new.valid_from) == ("hard", AFTER)


def test_a_grade_changed_on_its_first_day_ends_on_it(cast: Cast) -> None:
    """Ended the day before it began, it would never have been; two in force would both count."""
    notice = cases.published(cast)
    student = cast.a.students[0]
    old = Recognition.objects.create(
        school=cast.school,
        student=student,
        year=2026,
        grade="special",
        case=Case.objects.get(student=student),
        decided_by=cast.operator.person,
        confirmed_by=cast.reviewer.person,
        valid_from=AFTER,
    )
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    old.refresh_from_db()
    new = Recognition.objects.get(student=student, valid_to=None)
    assert (old.valid_from, old.valid_to) == (AFTER, AFTER)
    assert (new.grade, new.valid_from) == ("hard", date(2026, 9, 10))
    with pytest.raises(IntegrityError, match="recognition_period"), transaction.atomic():
        Recognition.objects.filter(pk=new.pk).update(valid_to=date(2026, 9, 8))


def test_late_cases_get_a_notice_of_their_own(cast: Cast) -> None:
    notice = cases.published(cast)
    round_ = notice.round
    with clock.at(AFTER):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        late = pupil(cast.a.school_class, "赵样雨")
        cases.hand_in(round_, late, cast.head_teacher.person, income_yuan=10_000)
        actions.take_up(round_=round_, by=cast.operator)
        actions.reopen_appraisal(appraisal=round_.appraisals.get(), reason="补评", by=cast.operator)
        appraisal = round_.appraisals.get()
        case = Case.objects.get(student=late)
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=0,
            hard=9,
            general=0,
            none=0,
        )
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
        actions.propose(round_=round_, by=cast.operator)
        meeting = cases.decided(cast, round_)
        actions.confirm_meeting(meeting=meeting, by=cast.reviewer)
        second = actions.draft_notice(round_=round_, by=cast.operator)
    assert list(second.lines.values_list("name", flat=True)) == ["赵样雨"]
