"""学籍异动: every status × every kind, refusals, approvals."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from students.actions import add_class, approve_roster, change_enrolment, reveal
from students.models import EnrolmentChange, SchoolClass, Student
from students.queue import standings
from tests.cast import Cast, student

K = EnrolmentChange.Kind
TODAY = date(2026, 9, 1)
LEAVING = (K.WITHDRAW, K.CANCEL, K.DEATH, K.GRADUATE, K.TRANSFER_OUT)
MOVING = (K.CLASS_CHANGED, K.HELD_BACK)
ALLOWED = {
    "enrolled": {K.SUSPEND: "suspended", **dict.fromkeys(LEAVING, "left")},
    "suspended": {K.RESUME: "enrolled", **dict.fromkeys(LEAVING, "left")},
    "left": {K.ENTER: "enrolled", K.TRANSFER_IN: "enrolled"},
}
for _kept in (K.CLASS_CHANGED, K.HELD_BACK, K.MAJOR_CHANGED, K.BOARDS, K.BY_DAY):
    ALLOWED["enrolled"][_kept] = "enrolled"
    ALLOWED["suspended"][_kept] = "suspended"


@pytest.fixture
def other_class(cast: Cast) -> SchoolClass:
    return add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )


def in_status(cast: Cast, status: str) -> Student:
    row = student(cast.a.school_class, "试示生")
    if status == "suspended":
        change_enrolment(student=row, kind=K.SUSPEND, on=TODAY, reason="因病", by=cast.operator)
    if status == "left":
        change_enrolment(student=row, kind=K.GRADUATE, on=TODAY, reason="", by=cast.operator)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("status", sorted(ALLOWED))
@pytest.mark.parametrize("kind", K.values)
def test_every_status_and_every_kind(
    cast: Cast, other_class: SchoolClass, status: str, kind: str
) -> None:
    row = in_status(cast, status)
    before = EnrolmentChange.objects.count()
    to_class = other_class if kind in MOVING else None
    target = ALLOWED[status].get(K(kind))
    if target is None:
        with pytest.raises(Refused, match="不能登记"):
            change_enrolment(
                student=row, kind=kind, on=TODAY, reason="因故", by=cast.operator, to_class=to_class
            )
        assert EnrolmentChange.objects.count() == before
        return
    made = change_enrolment(
        student=row, kind=kind, on=TODAY, reason="因故", by=cast.operator, to_class=to_class
    )
    row.refresh_from_db()
    assert row.status == target
    assert (row.left_on == TODAY) is (target == "left")
    if to_class:
        assert row.school_class == other_class
        assert (made.from_class, made.to_class) == (cast.a.school_class, other_class)
    event = Event.objects.filter(about_id=row.pk).order_by("-seq").first()
    assert event is not None
    assert (event.facts["kind"], event.reason) == (kind, "因故")


def reasons(cast: Cast, **facts: object) -> list[str]:
    chosen: dict[str, object] = {
        "student": cast.a.students[0],
        "kind": K.SUSPEND,
        "on": TODAY,
        "reason": "因病",
        "by": cast.operator,
    }
    with pytest.raises(Refused) as refused:
        change_enrolment(**(chosen | facts))  # type: ignore[arg-type]
    return [r.text for r in refused.value.reasons]


def test_every_reason_is_told_at_once(cast: Cast, other_class: SchoolClass) -> None:
    row = cast.a.students[0]
    assert reasons(cast, on=date(2026, 9, 2), reason=" ") == [
        "异动日期晚于今天",
        "登记休学要写明原因",
    ]
    Student.objects.filter(pk=row.pk).update(entered_on=date(2026, 9, 1))
    assert reasons(cast, on=date(2026, 8, 31)) == ["异动日期早于入学日期2026年9月1日"]
    assert reasons(cast, kind=K.CLASS_CHANGED) == ["登记调班要选择新班级"]
    assert reasons(cast, kind=K.CLASS_CHANGED, to_class=cast.a.school_class) == [
        "张示远已经在高一（1）班"
    ]
    assert reasons(cast, to_class=other_class) == ["登记休学不换班级"]
    assert not EnrolmentChange.objects.exists()


def test_returning_while_enrolled_under_another_record_is_refused(cast: Cast) -> None:
    row = in_status(cast, "left")
    student(cast.a.school_class, "试示生", id_number=row.id_number.reveal())
    with pytest.raises(Refused, match="另有一条试示生的在籍记录"):
        change_enrolment(student=row, kind=K.ENTER, on=TODAY, reason="", by=cast.operator)
    row.refresh_from_db()
    assert row.status == "left"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE students_student SET status = 'left'", "student_left_stamp"),
        ("UPDATE students_student SET left_on = '2026-09-01'", "student_left_stamp"),
        (
            'INSERT INTO students_enrolmentchange (school_id, student_id, kind, "on", reason,'
            " recorded_by_id, recorded_at) SELECT school_id, id, 'class_changed', '2026-09-01',"
            " '', (SELECT min(id) FROM schools_person), now() FROM students_student",
            "change_to_class",
        ),
        (
            "UPDATE students_student SET id_blind = (SELECT min(id_blind) FROM students_student)",
            "student_once_in_school",
        ),
        (
            "UPDATE students_student SET enrolment_blind = '\\x01'",
            "enrolment_no_once",
        ),
    ],
)
def test_the_database_refuses_impossible_rows(cast: Cast, statement: str, constraint: str) -> None:
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# --- approvals


def test_approval_becomes_stale_with_any_fact_shown(cast: Cast) -> None:
    row = cast.a.school_class
    approve_roster(school_class=row, term=cast.term, by=cast.head_teacher)
    assert standings([row])[0].approved
    for name, value in (
        ("name", "改示名"),
        ("sex", "f"),
        ("boarding", "boarder"),
        ("household", "urban"),
        ("status", "suspended"),
    ):
        before = getattr(cast.a.students[1], name)
        Student.objects.filter(pk=cast.a.students[1].pk).update(**{name: value})
        (standing,) = standings([row])
        assert standing.stale, name
        assert standing.waiting
        assert standing.label == "有变动，待核对"
        Student.objects.filter(pk=cast.a.students[1].pk).update(**{name: before})
        assert standings([row])[0].approved


def test_a_new_term_asks_again(cast: Cast) -> None:
    row = cast.a.school_class
    approve_roster(school_class=row, term=cast.term, by=cast.head_teacher)
    with clock.at(date(2027, 3, 2)):
        assert standings([row])[0].waiting


def test_who_may_approve_what(cast: Cast) -> None:
    empty = add_class(
        school=cast.school, stage="senior", grade=1, number=2, name="高一（2）班", by=cast.operator
    )
    for school_class, by, said in (
        (cast.a.school_class, cast.operator, "由班主任本人核对"),
        (cast.a.school_class, cast.b.head_teacher, "由班主任本人核对"),
        (empty, cast.head_teacher, "没有在校学生"),
    ):
        with pytest.raises(Refused, match=said):
            approve_roster(school_class=school_class, term=cast.term, by=by)
    approve_roster(school_class=cast.a.school_class, term=cast.term, by=cast.head_teacher)
    with pytest.raises(Refused, match="本学期已经核对过"):
        approve_roster(school_class=cast.a.school_class, term=cast.term, by=cast.head_teacher)


# --- revealing


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("operator", True),
        ("reviewer", True),
        ("leader", True),
        ("finance", True),
        ("head_teacher", True),
        ("committee", False),
    ],
)
def test_who_may_reveal(cast: Cast, role: str, may: bool) -> None:
    by = getattr(cast.a, role)
    row = cast.a.students[0]
    if may:
        shown = reveal(student=row, field="enrolment_no", reason="核对学籍", by=by)
        assert shown == f"G{row.id_number.reveal()}"
        return
    with pytest.raises(Refused, match="您的职责不能查看完整内容"):
        reveal(student=row, field="enrolment_no", reason="核对学籍", by=by)
    assert not Event.objects.filter(verb="student.reveal").exists()


def test_a_head_teacher_of_another_class_reveals_nothing(
    cast: Cast, other_class: SchoolClass
) -> None:
    row = student(other_class, "外示生")
    with pytest.raises(Refused, match="您的职责不能查看完整内容"):
        reveal(student=row, field="id_number", reason="核对学籍", by=cast.head_teacher)


def test_revealing_names_every_reason(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        reveal(student=cast.a.students[0], field="name", reason=" ", by=cast.a.committee)
    assert [r.text for r in refused.value.reasons] == [
        "没有这一项内容",
        "您的职责不能查看完整内容",
        "没有写明理由",
    ]
