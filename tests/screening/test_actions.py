"""The way of a screening: opened, verified class by class, filled in, reviewed, signed."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from audit.models import Event
from audit.refusal import Refused
from office.models import Deadline, Message
from screening import actions
from screening.models import Screening, ScreeningRow
from students.models import Student
from tests.cast import Cast, school_class, student
from tests.screening import factories as make
from tests.screening.steps import MEND, at, opened, row_of, texts, verified


def test_a_term_from_opening_to_signature(cast: Cast) -> None:
    poor, waiting, _ = cast.a.students
    make.tag(poor, make.group(1))
    make.recognise(cast.a, waiting, cast.term, "hard")
    make.award(cast.a, waiting, cast.term, make.programme())
    screening = opened(cast)
    assert (screening.status, screening.due_on) == ("open", date(2026, 12, 15))
    assert screening.rows.count() == 3
    count = actions.verify_rest(
        screening=screening, school_class=cast.a.school_class, by=cast.head_teacher
    )
    assert count == 2
    actions.verify(row=row_of(screening, poor), result="unaided", by=cast.head_teacher, **MEND)
    actions.fill(screening=screening, full_coverage="", coverage_reason="", by=cast.operator)
    actions.review(screening=screening, by=cast.reviewer)
    signed = actions.sign(screening=screening, by=cast.a.leader)
    assert signed.status == "signed"
    assert signed.numbers["total"] == 2
    assert signed.numbers["cells"] == [1, 0, 0, 0, 0, 1]
    assert signed.numbers["unaided"] == 1
    assert signed.numbers["waiting"] == 1
    cells = dict(screening.rows.values_list("student_id", "cell"))
    assert (cells[poor.pk], cells[waiting.pk]) == (1, 6)
    verbs = set(Event.objects.filter(verb__startswith="screening").values_list("verb", flat=True))
    assert {
        "screening.open",
        "screening.verify",
        "screening.verify_rest",
        "screening.fill",
        "screening.review",
        "screening.sign",
    } <= verbs
    assert not Deadline.objects.filter(closed_at=None).exists()


def test_spring_is_due_in_june(cast: Cast) -> None:
    spring = make.earlier(2025, 2)
    screening = actions.open_screening(school=cast.school, term=spring, by=cast.operator)
    assert screening.due_on == date(2026, 6, 15)


def test_opening_again_takes_in_who_came_since_and_who_moved(cast: Cast) -> None:
    screening = opened(cast)
    events = Event.objects.count()
    opened(cast)
    assert Event.objects.count() == events, "nothing new, nothing written"
    other = school_class(cast.school, cast.head_teacher, 2)
    student(other, "赵示安")
    moved = cast.a.students[0]
    Student.objects.filter(pk=moved.pk).update(school_class=other)
    opened(cast)
    assert screening.rows.count() == 4
    assert row_of(screening, moved).school_class == other


def test_opening_is_the_operators_and_not_before_term(cast: Cast) -> None:
    future = make.earlier(2026, 2)
    with pytest.raises(Refused) as refused:
        actions.open_screening(school=cast.school, term=future, by=cast.reviewer)
    assert texts(refused) == ["开始排查应由资助专干（经办）办理", "2027年春季学期还没有开始"]


def test_filling_tells_class_by_class_what_is_missing(cast: Cast) -> None:
    second = school_class(cast.school, cast.head_teacher, 2)
    student(second, "赵示安")
    screening = verified(cast)
    make.tag(cast.a.students[0], make.group(1))
    student(second, "钱样心")
    with pytest.raises(Refused) as refused:
        actions.fill(screening=screening, full_coverage="no", coverage_reason="", by=cast.reviewer)
    assert texts(refused) == [
        "填报应由资助专干（经办）办理",
        "选“否”的，要写具体原因及整改措施",
        "高一（2）班还有1人没有核实",
        "高一（1）班有1人核实后情况有变化",
        "有1名在校生还不在排查名单中",
    ]
    with pytest.raises(Refused, match="请选择是、否，或留空"):
        actions.fill(screening=screening, full_coverage="?", coverage_reason="", by=cast.operator)


def test_filling_asks_for_the_household_that_decides_the_category(
    cast: Cast, sign_in: Callable[..., Client]
) -> None:
    graded, new, other = cast.a.students
    dibao = make.group(3, rural_only=True)
    make.tag(graded, dibao)
    make.tag(new, dibao)
    make.tag(other, make.group(5))
    make.recognise(cast.a, graded, cast.term, "hard")
    make.award(cast.a, graded, cast.term, make.programme())
    screening = verified(cast)
    with pytest.raises(Refused) as refused:
        actions.fill(screening=screening, full_coverage="", coverage_reason="", by=cast.operator)
    assert texts(refused)[0] == ("高一（1）班有2名低保、特困等学生没有填户口性质，不能确定困难类型")
    reason = refused.value.reasons[0]
    assert reason.count == 2
    office = sign_in(cast.operator)
    listed = office.get(reason.url)
    assert [tag.student for tag in listed.context["page"]] == [graded, new]
    page = office.get(f"/screening/{screening.pk}/fill/")
    assert reason.text in [found.text for found in page.context["reasons"]]
    Student.objects.exclude(pk=other.pk).update(household="urban")
    actions.verify(row=row_of(screening, other), result="unaided", by=cast.head_teacher, **MEND)
    filled = actions.fill(
        screening=screening, full_coverage="", coverage_reason="", by=cast.operator
    )
    assert filled.numbers["cells"] == [0, 0, 0, 0, 1, 1]


def test_frozen_numbers_do_not_follow_later_changes(cast: Cast) -> None:
    screening = at(cast, "filled")
    make.tag(cast.a.students[0], make.group(1))
    assert Screening.objects.get(pk=screening.pk).numbers["total"] == 0


def test_a_student_who_left_is_neither_asked_for_nor_counted(cast: Cast) -> None:
    screening = opened(cast)
    someone = cast.a.students[0]
    Student.objects.filter(pk=someone.pk).update(status="left", left_on=date(2026, 9, 1))
    actions.verify_rest(screening=screening, school_class=cast.a.school_class, by=cast.head_teacher)
    filled = actions.fill(
        screening=screening, full_coverage="yes", coverage_reason="", by=cast.operator
    )
    assert filled.numbers["students"] == 2


VERBS = ("fill", "review", "sign", "send_back")


ALLOWED = {
    ("open", "fill"),
    ("filled", "review"),
    ("reviewed", "sign"),
    ("filled", "send_back"),
    ("reviewed", "send_back"),
    ("signed", "send_back"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", ["open", "filled", "reviewed", "signed"])
def test_every_status_and_every_move(cast: Cast, status: str, verb: str) -> None:
    screening = at(cast, status)
    by = {
        "fill": cast.operator,
        "review": cast.reviewer,
        "sign": cast.a.leader,
        "send_back": cast.bureau_operator if status == "signed" else cast.reviewer,
    }[verb]
    extra = {
        "fill": {"full_coverage": "", "coverage_reason": ""},
        "send_back": {"reason": "人数不对"},
    }.get(verb, {})
    act = getattr(actions, verb)
    if (status, verb) in ALLOWED:
        moved = act(screening=screening, by=by, **extra)
        assert moved.status != status
        return
    with pytest.raises(Refused, match="不能"):
        act(screening=screening, by=by, **extra)
    assert Screening.objects.get(pk=screening.pk).status == status


def test_three_different_people(cast: Cast) -> None:
    screening = at(cast, "filled")
    with pytest.raises(Refused, match="审核应由审核人办理"):
        actions.review(screening=screening, by=cast.a.leader)
    Screening.objects.filter(pk=screening.pk).update(fill_by=cast.reviewer.person)
    with pytest.raises(Refused, match="填报的人不能再审核或签字"):
        actions.review(screening=screening, by=cast.reviewer)
    Screening.objects.filter(pk=screening.pk).update(fill_by=cast.operator.person)
    actions.review(screening=screening, by=cast.reviewer)
    Screening.objects.filter(pk=screening.pk).update(review_by=cast.a.leader.person)
    with pytest.raises(Refused, match="审核的人不能再签字"):
        actions.sign(screening=screening, by=cast.a.leader)


def test_who_verified_rows_neither_reviews_nor_signs(cast: Cast) -> None:
    screening = at(cast, "filled")
    row = screening.rows.order_by("pk")[:1].get()
    rows = ScreeningRow.objects.filter(pk=row.pk)
    rows.update(checked_by=cast.reviewer.person)
    with pytest.raises(Refused) as refused:
        actions.review(screening=screening, by=cast.reviewer)
    assert texts(refused) == ["您作为班主任核实过1名学生，不能再审核或签字"]
    assert refused.value.reasons[0].mend
    rows.update(checked_by=cast.a.leader.person)
    actions.review(screening=screening, by=cast.reviewer)
    Screening.objects.filter(pk=screening.pk).update(fill_by=cast.a.leader.person)
    with pytest.raises(Refused) as refused:
        actions.sign(screening=screening, by=cast.a.leader)
    assert texts(refused) == [
        "填报的人不能再审核或签字",
        "您作为班主任核实过1名学生，不能再审核或签字",
    ]
    Screening.objects.filter(pk=screening.pk).update(fill_by=cast.operator.person)
    rows.update(checked_by=cast.head_teacher.person)
    assert actions.sign(screening=screening, by=cast.a.leader).status == "signed"


def test_sending_back_clears_the_signatures_and_tells_who_filled_in(cast: Cast) -> None:
    screening = at(cast, "signed")
    with pytest.raises(Refused, match="现在只有区教育局资助中心能退回"):
        actions.send_back(screening=screening, reason="", by=cast.reviewer)
    back = actions.send_back(screening=screening, reason="人数不对", by=cast.bureau_operator)
    assert (back.status, back.fill_by_id, back.review_at, back.sign_at) == (
        "open",
        None,
        None,
        None,
    )
    message = Message.objects.get(person=cast.operator.person)
    assert message.body == "人数不对"
    assert Deadline.objects.filter(closed_at=None).count() == 4


def test_an_export_needs_role_and_reason_and_leaves_a_line(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.want_table(
            form="school", organisation=cast.school, term=cast.term, reason=" ", by=cast.reviewer
        )
    assert texts(refused) == ["你的职责不能导出含完整身份证号的表", "没有写导出理由"]
    job = actions.want_table(
        form="school", organisation=cast.school, term=cast.term, reason="报送", by=cast.operator
    )
    assert job.params == {"form": "school", "organisation": cast.school.pk, "term": "2026-1"}
    assert Event.objects.get(verb="screening.export").reason == "报送"
