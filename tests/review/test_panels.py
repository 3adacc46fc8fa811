"""评议小组: a tenth of the class, by lot that can be drawn again, and nobody who applied."""

import io
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from applications.models import Round
from audit.models import Event
from audit.refusal import Refused
from review import actions, queue
from review.actions.panels import drawn, share
from review.models import Panel, PanelMember
from schools.tenancy import set_scope
from students.models import Student
from tests.cast import Cast
from tests.cast import student as pupil
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases


def crowded(cast: Cast) -> Round:
    """Three applied, twenty-seven did not: thirty in the class."""
    round_ = cases.taken_up(cast)
    for i in range(27):
        pupil(cast.a.school_class, f"赵样{i}")
    return round_


def form(round_: Round, cast: Cast, **more: Any) -> Panel:
    return actions.form_panel(
        round_=round_, school_class=cast.a.school_class, by=cast.head_teacher, **more
    )


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


@pytest.mark.parametrize(
    ("size", "seats"), [(3, (1, 1)), (10, (1, 1)), (30, (3, 4)), (45, (5, 6)), (60, (6, 9))]
)
def test_a_tenth_to_three_twentieths(size: int, seats: tuple[int, int]) -> None:
    assert share(size) == seats


def test_the_lot_falls_on_who_did_not_apply_and_can_be_drawn_again(cast: Cast) -> None:
    round_ = crowded(cast)
    eligible = list(queue.seatable(round_, cast.a.school_class))
    assert len(eligible) == 27
    panel = form(round_, cast, draw=4, others=[("parent", "张样泽"), ("teacher", "刘样可")])
    seated = list(panel.members.exclude(student=None).order_by("pk").values_list("student_id"))
    assert seated == [(s.pk,) for s in drawn(eligible, panel.seed, 4)]
    assert not {pk for (pk,) in seated} & {s.pk for s in cast.a.students}
    assert panel.members.count() == 6
    assert Event.objects.get(verb="panel.form").facts["seed"] == panel.seed


def test_a_panel_is_not_drawn_until_it_pleases(cast: Cast) -> None:
    round_ = crowded(cast)
    form(round_, cast, draw=3)
    with pytest.raises(Refused) as error:
        form(round_, cast, draw=3)
    assert refusal(error) == ["评议小组已经组成"]
    form(round_, cast, draw=3, replaces="两名学生请假")
    assert Panel.objects.count() == 1
    assert Event.objects.filter(verb="panel.form").latest("pk").reason == "两名学生请假"


def test_everything_wrong_is_told_at_once(cast: Cast) -> None:
    round_ = crowded(cast)
    applicant = cast.a.students[0].pk
    with pytest.raises(Refused) as error:
        form(round_, cast, students={applicant}, others=[("", "张样泽")])
    assert refusal(error) == [
        "有1名学生不能参加评议小组",
        "家长和教师代表要写姓名和身份",
        "学生代表1人，班级30人，不在10%至15%之间",
    ]
    others = Student.objects.exclude(pk__in=[s.pk for s in cast.a.students])
    named = form(
        round_, cast, students=set(others.values_list("pk", flat=True)[:2]), size_reason="走读班"
    )
    assert (named.seed, named.class_size, named.size_reason) == ("", 30, "走读班")


def test_only_the_head_teacher_forms_it(cast: Cast) -> None:
    round_ = crowded(cast)
    with pytest.raises(Refused) as error:
        actions.form_panel(
            round_=round_, school_class=cast.a.school_class, by=cast.operator, draw=3
        )
    assert refusal(error) == ["班级评议由本班班主任主持"]


def test_who_applies_afterwards_gives_up_the_seat(cast: Cast) -> None:
    round_ = crowded(cast)
    panel = form(round_, cast, draw=3)
    member = panel.members.exclude(student=None)[0]
    cases.hand_in(round_, member.student, cast.head_teacher.person)
    with pytest.raises(Refused) as error:
        cases.appraise(round_, cast.a)
    assert refusal(error) == ["评议小组有1名学生后来申请或离开了本班"]


def test_after_the_first_vote_it_stays(cast: Cast) -> None:
    round_ = crowded(cast)
    form(round_, cast, draw=3)
    cases.appraise(round_, cast.a)
    with pytest.raises(Refused) as error:
        form(round_, cast, draw=3, replaces="换人")
    assert refusal(error) == ["已经登记了表决，不能再改评议小组"]


def test_it_is_formed_on_a_phone_and_fills_the_next_page(cast: Cast, sign_in: Any) -> None:
    round_ = crowded(cast)
    args = [round_.pk, cast.a.school_class.pk]
    client = sign_in(cast.head_teacher)
    address = reverse("review:panel", args=args)
    assert client.post(address, {"way": "lot", "draw": "20"}).status_code == 409
    assert client.post(address, {"way": "tea"}).status_code == 422
    sent = {"way": "lot", "draw": "3", "others": "家长 张样泽\n教师：刘样可"}
    assert client.post(address, sent).status_code == 302
    set_scope(cast.school.pk)
    assert PanelMember.objects.filter(kind="teacher").get().name == "刘样可"
    seed = Panel.objects.get().seed
    # How it was drawn is kept for who doubts it, not told to everybody.
    told, _, kept = client.get(address).text.partition("<summary>抽取记录</summary>")
    assert "种子" not in told
    assert seed in kept
    set_scope(cast.school.pk)
    page = client.get(reverse("review:class_appraisal", args=args))
    assert page.context["hold"]["expected"].value() == 5
    assert "张样泽" in page.context["hold"]["members"].value()
    assert sign_in(cast.b.head_teacher).get(address).status_code == 404


def test_the_form_to_sign_has_codes_and_no_names_of_applicants(cast: Cast, sign_in: Any) -> None:
    round_ = cases.taken_up(cast)
    args = [round_.pk, cast.a.school_class.pk]
    address = reverse("review:appraisal_form", args=args)
    empty = sign_in(cast.head_teacher).get(address).content
    set_scope(cast.school.pk)
    cases.appraise(round_, cast.a)
    filled = sign_in(cast.operator).get(address)
    assert filled["Content-Type"] == "application/pdf"
    assert filled.content.startswith(b"%PDF")
    assert filled.content != empty
    lines = [
        "".join(PdfReader(io.BytesIO(c)).pages[0].extract_text().split())
        for c in (empty, filled.content)
    ]
    # Nine were there: nine sign.
    assert [text.count("成员：") for text in lines] == [4, 9]


@pytest.mark.race
def test_one_panel_is_formed(committed: Cast) -> None:
    round_ = crowded(committed)
    count = race(lambda i: form(round_, committed, draw=3), organisation=committed.school)
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_constraint_several_are(committed: Cast, no_locks: None) -> None:
    round_ = crowded(committed)
    with without("review_panel", "panel_once"):
        won = unguarded(lambda i: form(round_, committed, draw=3), organisation=committed.school)
        assert won > 1
