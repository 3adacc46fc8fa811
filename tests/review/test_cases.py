"""Taking up, appraising and proposing."""

from datetime import date
from typing import Any

import pytest

from applications.models import Application, Programme, Round
from audit.refusal import Refused
from review import actions
from review.models import Appraisal, Case
from schools import clock
from students.models import SpecialGroup, SpecialGroupTag, Student
from tests.cast import Cast
from tests.cast import school_class as another_class
from tests.cast import student as pupil
from tests.review import cases


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def held(cast: Cast, round_: Round, **facts: Any) -> Appraisal:
    given: dict[str, Any] = {"held_on": date(2026, 9, 1), "expected": 9, "present": 9}
    given["by"] = cast.head_teacher
    return actions.hold_appraisal(
        round_=round_, school_class=cast.a.school_class, **{**given, **facts}
    )


def test_taking_up_again_takes_only_what_came_since(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    assert actions.take_up(round_=round_, by=cast.operator) == 0
    late = pupil(cast.a.school_class, "赵样雨")
    cases.hand_in(round_, late, cast.head_teacher.person)
    assert actions.take_up(round_=round_, by=cast.operator) == 1
    assert Case.objects.count() == 4


def test_drafts_and_returned_applications_wait(cast: Cast) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    for student, status in zip(cast.a.students, ("draft", "returned", "withdrawn"), strict=True):
        made = cases.hand_in(round_, student, cast.head_teacher.person)
        unsent: Any = {"submit_at": None, "submit_by": None} if status == "draft" else {}
        Application.objects.filter(pk=made.pk).update(status=status, **unsent)
    assert actions.take_up(round_=round_, by=cast.operator) == 0


def test_the_score_counts_live_tags_and_keeps_its_lines(cast: Cast) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    student = cast.a.students[0]
    for code, ends in (("orphan", None), ("dibao", date(2026, 8, 31))):
        SpecialGroupTag.objects.create(
            school=cast.school,
            student=student,
            group=SpecialGroup.objects.get(code=code),
            source="民政部门名单",
            valid_from=date(2026, 1, 1),
            valid_to=ends,
            recorded_at="2026-01-01T00:00:00Z",
        )
    cases.hand_in(round_, student, cast.head_teacher.person, income_yuan=400_000)
    actions.take_up(round_=round_, by=cast.operator)
    case = Case.objects.get()
    assert (case.points, case.advised_grade) == (60, "special")
    assert case.score_lines[0] == {
        "label": "特殊群体：孤儿或事实无人抚养",
        "points": 60,
        "proofs": ["list", "allowance", "disability"],
        "groups": ["orphan", "de_facto_unattended"],
    }


def test_only_the_classes_head_teacher_chairs(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    for by in (cast.operator, cast.b.head_teacher, cast.reviewer):
        with pytest.raises(Refused) as error:
            held(cast, round_, by=by)
        assert refusal(error) == ["班级评议由本班班主任主持"]


def test_more_than_expected_cannot_come_and_not_tomorrow(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    with pytest.raises(Refused) as error:
        held(cast, round_, present=10, held_on=date(2026, 9, 2))
    assert refusal(error) == ["实到10人，应到9人，人数不对", "评议日期2026年9月2日不对"]


def test_attendance_may_be_corrected_until_somebody_voted(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    held(cast, round_)
    appraisal = held(cast, round_, present=8)
    assert appraisal.present == 8
    case = Case.objects.order_by("pk")[0]
    actions.tally(
        appraisal=appraisal, case=case, by=cast.head_teacher, special=0, hard=8, general=0, none=0
    )
    with pytest.raises(Refused) as error:
        held(cast, round_)
    assert refusal(error) == ["已经登记了表决，不能再改到会人数"]


def test_votes_add_up_to_those_present(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    appraisal, case = held(cast, round_), Case.objects.order_by("pk")[0]
    with pytest.raises(Refused) as error:
        actions.tally(
            appraisal=appraisal,
            case=case,
            by=cast.head_teacher,
            special=0,
            hard=8,
            general=2,
            none=0,
        )
    assert refusal(error) == ["共10票，实到9人，票数不一致"]


def test_finishing_waits_for_every_case_and_names_who_is_left(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    appraisal = held(cast, round_)
    first, *rest = Case.objects.order_by("pk")
    actions.tally(
        appraisal=appraisal, case=first, by=cast.head_teacher, special=9, hard=0, general=0, none=0
    )
    late = pupil(cast.a.school_class, "赵样雨")
    cases.hand_in(round_, late, cast.head_teacher.person)
    with pytest.raises(Refused) as error:
        actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    numbers = "、".join(c.application.number for c in rest)
    assert refusal(error) == [
        f"还有2人没有表决：{numbers}",
        "本班还有1份申请资助办没有接收",
        f"编号{first.code}的结果和评分建议不同，没有写理由",
    ]


def test_a_finished_panel_votes_no_more_until_reopened(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    appraisal, case = Appraisal.objects.get(), Case.objects.order_by("pk")[0]
    votes: dict[str, Any] = {"special": 9, "hard": 0, "general": 0, "none": 0}
    with pytest.raises(Refused) as error:
        actions.tally(appraisal=appraisal, case=case, by=cast.head_teacher, **votes)
    assert refusal(error) == ["本班评议已提交"]
    actions.reopen_appraisal(appraisal=appraisal, reason="票数登记有误", by=cast.head_teacher)
    actions.tally(appraisal=appraisal, case=case, by=cast.head_teacher, reason=cases.WHY, **votes)
    actions.finish_appraisal(appraisal=appraisal, by=cast.head_teacher)
    case.refresh_from_db()
    assert case.appraised_grade == "special"


def test_proposing_tells_every_reason_with_its_classes(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    cases.appraise(round_, cast.a)
    other = another_class(cast.school, cast.head_teacher, 2)
    for name in ("赵样雨", "孙例青"):
        cases.hand_in(round_, pupil(other, name), cast.head_teacher.person)
    actions.take_up(round_=round_, by=cast.operator)
    first = Case.objects.order_by("pk")[0]
    Application.objects.filter(pk=first.application_id).update(status="returned")
    Student.objects.filter(pk=first.student_id).update(status="left", left_on=date(2026, 9, 1))
    made = actions.propose(round_=round_, by=cast.operator)
    assert (made.proposed, made.held_cases) == (2, 3)
    assert {(r.text, r.count) for r in made.held} == {
        ("班级尚未评议：高一（2）班2人", 2),
        ("申请退回补正：高一（1）班1人", 1),
        ("学生已离校：高一（1）班1人", 1),
    }


def test_when_nobody_can_be_proposed_it_refuses_with_the_reasons(cast: Cast) -> None:
    round_ = cases.taken_up(cast)
    with pytest.raises(Refused) as error:
        actions.propose(round_=round_, by=cast.operator)
    assert refusal(error) == ["班级尚未评议：高一（1）班3人"]
    assert set(Case.objects.values_list("status", flat=True)) == {"open"}


def test_a_proposal_can_be_taken_back_with_a_reason(cast: Cast) -> None:
    round_ = cases.proposed(cast)
    with pytest.raises(Refused) as error:
        actions.take_back(round_=round_, reason="", by=cast.operator)
    assert refusal(error) == ["没有写撤回原因"]
    assert actions.take_back(round_=round_, reason="补评", by=cast.operator) == 3
    with pytest.raises(Refused) as error:
        actions.take_back(round_=round_, reason="补评", by=cast.operator)
    assert refusal(error) == ["没有可以撤回的建议"]


def programme_round(cast: Cast) -> Round:
    round_ = cases.open_round(cast.a, cast.term, Programme.objects.get(code="senior_grant"))
    for student in cast.a.students:
        cases.hand_in(round_, student, cast.head_teacher.person)
    actions.take_up(round_=round_, by=cast.operator)
    return round_


def test_aid_follows_recognition(cast: Cast) -> None:
    round_ = programme_round(cast)
    with pytest.raises(Refused) as error:
        actions.propose(round_=round_, by=cast.operator)
    assert refusal(error) == ["本学年没有认定结果：高一（1）班3人"]


def test_grades_choose_tiers_and_the_not_difficult_get_none(cast: Cast) -> None:
    notice = cases.published(cast)
    with clock.at(date(2026, 9, 9)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
        round_ = programme_round(cast)
        made = actions.propose(round_=round_, by=cast.operator)
    assert [r.text for r in made.held] == ["认定为不困难：高一（1）班1人"]
    tiers = Case.objects.filter(round=round_, status="proposed").order_by("pk")
    assert list(tiers.values_list("proposed_tier__code", "proposed_tier__amount_fen")) == [
        ("second", 115_000),
        ("third", 70_000),
    ]


def test_who_left_the_groups_that_the_programme_is_for_is_not_proposed(cast: Cast) -> None:
    round_ = programme_round(cast)
    assert round_.programme is not None
    Programme.objects.filter(pk=round_.programme.pk).update(
        needs_recognition=False, day_groups=["dibao"]
    )
    round_ = Round.objects.select_related("programme").get(pk=round_.pk)
    Student.objects.filter(pk=cast.a.students[0].pk).update(boarding="boarder")
    made = actions.propose(round_=round_, by=cast.operator)
    assert [r.text for r in made.held] == ["不在项目限定的特殊群体里：高一（1）班2人"]
    left = Case.objects.filter(round=round_, status="proposed").values_list("student_id", flat=True)
    assert list(left) == [cast.a.students[0].pk]


def test_programme_rounds_have_no_class_panel(cast: Cast) -> None:
    with pytest.raises(Refused) as error:
        held(cast, programme_round(cast))
    assert refusal(error) == ["资助项目批次不需要班级评议"]


def test_nothing_written_in_words_makes_nobody_poorer(cast: Cast) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    boxes = ("natural_disaster", "sudden_accident", "weak_labour", "unemployment", "debt")
    said = dict.fromkeys(boxes, "无")
    cases.hand_in(round_, cast.a.students[0], cast.head_teacher.person, income_yuan=200_000, **said)
    actions.take_up(round_=round_, by=cast.operator)
    case = Case.objects.get()
    assert (case.points, case.advised_grade, case.score_lines) == (0, "none", [])
