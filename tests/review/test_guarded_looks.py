"""Guards of the review that no other test would miss: whose photographs, whom aid is meant for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Programme, Round
from audit.refusal import Refused
from review import actions
from review.models import Appraisal, BallotDevice, Case
from schools import clock
from schools.roles import Role
from students.models import Student
from tests.applications.scenes import tagged
from tests.cast import Cast, appoint, school_class
from tests.review import ballots, cases
from tests.review.test_class_postings import finished, post
from tests.review.test_postings import picture
from tests.review.test_recusals_taken_back import aside_and_voted
from tests.review.test_thin_votes import referred, thin


def test_a_class_photograph_is_for_its_own_head_teacher(cast: Cast, sign_in: Any) -> None:
    """Children stand beside the sheet: another class's teacher of the school sees none of it."""
    [photo] = actions.keep_class_photos(
        posting=post(finished(cast), cast), photos=[picture()], by=cast.head_teacher
    )
    colleague = appoint("邻班", cast.school, Role.HEAD_TEACHER, "teacher-next-door")
    school_class(cast.school, colleague, 2)
    client = sign_in(colleague)
    assert client.get(reverse("review:class_photo", args=[photo.pk])).status_code == 404
    remove = reverse("review:remove_class_photo", args=[photo.pk])
    assert client.post(remove, {"reason": "看看"}).status_code == 404


def test_nobody_outside_a_programmes_groups_is_proposed(cast: Cast) -> None:
    """Whom lists and roster name no longer when the cases are proposed waits, the others go on."""
    grant = Programme.objects.get(code="senior_grant")
    Programme.objects.filter(pk=grant.pk).update(
        needs_recognition=False, only_groups=["dibao"], rural_groups=["dibao"]
    )
    round_ = cases.open_round(cast.a, cast.term, grant)
    for student in cast.a.students:
        cases.hand_in(round_, student, cast.head_teacher.person)
    inside, moved, never = cast.a.students
    for student, household in ((inside, "rural"), (moved, "urban"), (never, "rural")):
        Student.objects.filter(pk=student.pk).update(household=household)
    tagged(inside, "dibao")
    tagged(moved, "dibao")
    actions.take_up(round_=round_, by=cast.operator)
    made = actions.propose(round_=round_, by=cast.operator)
    assert (made.proposed, made.held_cases) == (1, 2)
    assert [reason.text for reason in made.held] == ["不在项目限定的特殊群体里：高一（1）班2人"]
    assert Case.objects.get(status="proposed").student_id == inside.pk


def refused(act: Callable[..., object], **told: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(**told)
    return [reason.text for reason in caught.value.reasons]


def ways(cast: Cast) -> list[Callable[[], list[str]]]:
    """All that a class does about a case with too few votes, each as what it is refused with."""
    ballot, case = thin(cast)
    told = {"appraisal": ballot.appraisal, "case": case, "by": cast.head_teacher}
    more = {
        "school_class": ballot.appraisal.school_class,
        "others": [("teacher", "周样师")],
        "reason": "人数不足",
        "by": cast.head_teacher,
    }
    return [
        lambda: refused(actions.refer, **told),
        lambda: refused(actions.judge_after_all, **told),
        lambda: refused(actions.add_members, round_=Round.objects.get(), **more),
    ]


def test_nothing_is_done_about_a_thin_vote_in_a_closed_round(cast: Cast) -> None:
    acts = ways(cast)
    Round.objects.update(status="closed", close_at=clock.now(), close_by=cast.operator.person)
    for act in acts:
        assert "批次已办结" in act()


def test_nor_once_the_class_has_handed_its_result_in(cast: Cast) -> None:
    acts = ways(cast)
    Appraisal.objects.update(
        status="finished", finish_at=clock.now(), finish_by=cast.head_teacher.person
    )
    for act in acts:
        assert "本班评议已提交" in act()


def test_nor_while_members_vote_on_it_again(cast: Cast) -> None:
    refer, _, add = ways(cast)
    ballots.opened(cast, Appraisal.objects.get())
    assert refer() == ["正在手机投票"]
    assert add() == ["正在手机投票"]


def test_the_chair_takes_no_recusal_back_from_a_counted_vote(cast: Cast) -> None:
    """The figures would tell otherwise who voted on the case."""
    recusal, _, _ = aside_and_voted(cast)
    ballot = recusal.slip.ballot
    for name, secret in ballots.handed_out(cast, ballot).items():
        assert name != ballots.PARENT
        ballots.vote(secret, ballots.all_say(ballot, "hard"))
    actions.count_ballot(ballot=ballot, by=cast.head_teacher)
    told = {"recusal": recusal, "said": "登记错了", "by": cast.head_teacher}
    assert refused(actions.take_back_recusal, **told) == ["已经收票，投票结束了"]


def test_the_office_takes_no_case_back_from_the_leading_group(cast: Cast) -> None:
    appraisal, case = referred(cast)
    told = {"appraisal": appraisal, "case": case, "by": cast.operator}
    assert refused(actions.judge_after_all, **told) == ["班级评议由本班班主任主持"]


def test_a_withdrawn_posting_takes_no_photograph_and_another_teacher_puts_none_aside(
    cast: Cast,
) -> None:
    posting = post(finished(cast), cast)
    [photo] = actions.keep_class_photos(posting=posting, photos=[picture()], by=cast.head_teacher)
    told = {"photo": photo, "reason": "拍错了"}
    for by in (cast.operator, cast.b.head_teacher):
        assert refused(actions.remove_class_photo, **told, by=by) == ["班级评议由本班班主任主持"]
    actions.withdraw_posting(posting=posting, reason="日期填错", by=cast.head_teacher)
    more = {"posting": posting, "photos": [picture(1)], "by": cast.head_teacher}
    assert refused(actions.keep_class_photos, **more) == ["这次班内公示的登记已经撤回"]


def test_who_is_added_to_a_panel_is_named_new_and_let_in_by_its_chair(cast: Cast) -> None:
    appraisal = ballots.held(cast)
    told: dict[str, Any] = {
        "round_": appraisal.round,
        "school_class": appraisal.school_class,
        "reason": "人数不足",
    }
    seated = Student.objects.get(name=ballots.STUDENTS[0])
    for who, by, words in (
        ({"others": [("teacher", "周样师")]}, cast.operator, "班级评议由本班班主任主持"),
        ({"others": [("teacher", " ")]}, cast.head_teacher, "家长和教师代表要写姓名和身份"),
        ({"others": [("cook", "周样师")]}, cast.head_teacher, "家长和教师代表要写姓名和身份"),
        ({"students": {seated.pk}}, cast.head_teacher, "有1名学生不能参加评议小组"),
    ):
        assert refused(actions.add_members, **told, **who, by=by) == [words]


@pytest.mark.parametrize(
    ("marks", "key"), [(["一部", "一部"], "ballotdevice_once"), ([""], "ballotdevice_marked")]
)
def test_a_device_is_one_row_with_a_mark(cast: Cast, marks: list[str], key: str) -> None:
    """Two rows of one device would hide how many slips it voted."""
    ballot = ballots.opened(cast)
    devices = [BallotDevice(school_id=ballot.school_id, ballot=ballot, mark=mark) for mark in marks]
    with pytest.raises(IntegrityError, match=key), transaction.atomic():
        BallotDevice.objects.bulk_create(devices)
