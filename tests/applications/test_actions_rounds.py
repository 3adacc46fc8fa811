"""Opening and closing rounds."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from applications import actions
from applications.models import Application, Programme, Round
from audit.models import Event
from audit.refusal import Refused
from office.models import Deadline
from schools import clock
from schools.models import Term
from students.models import SchoolClass
from tests.applications import scenes
from tests.cast import Cast


def open_recognition(cast: Cast) -> Round:
    return actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)


def open_programme(cast: Cast, code: str = "senior_grant") -> Round:
    return actions.open_programme_round(
        school=cast.school,
        term=cast.term,
        programme=Programme.objects.get(code=code),
        by=cast.operator,
    )


def refused(act: object, *args: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(*args)  # type: ignore[operator]
    return [r.text for r in caught.value.reasons]


@pytest.mark.parametrize(
    ("opened_on", "window", "late"),
    [
        (date(2026, 8, 20), (date(2026, 9, 1), date(2026, 9, 8)), False),
        (date(2026, 9, 1), (date(2026, 9, 1), date(2026, 9, 8)), False),
        (date(2026, 9, 8), (date(2026, 9, 1), date(2026, 9, 8)), False),
        (date(2026, 9, 9), (date(2026, 9, 9), date(2026, 9, 16)), True),
        # Over the National Day week; Saturday the tenth is worked.
        (date(2026, 9, 28), (date(2026, 9, 28), date(2026, 10, 10)), True),
    ],
)
def test_the_window(cast: Cast, opened_on: date, window: tuple[date, date], late: bool) -> None:
    with clock.at(opened_on):
        round_ = open_recognition(cast)
    assert (round_.opens_on, round_.closes_on) == window
    assert round_.opened_late is late


def test_opening_tells_who_owes_until_when(cast: Cast) -> None:
    round_ = open_recognition(cast)
    deadlines = Deadline.objects.filter(key=f"round:{round_.pk}:apply").order_by("role")
    assert [(d.role, d.due_on) for d in deadlines] == [
        ("head_teacher", date(2026, 9, 8)),
        ("operator", date(2026, 9, 8)),
    ]
    event = Event.objects.get(verb="round.open", subject_id=round_.pk)
    assert event.facts["closes_on"] == "2026-09-08"


def test_a_year_has_one_recognition_round(cast: Cast) -> None:
    open_recognition(cast)
    assert refused(open_recognition, cast) == ["2026—2027学年的认定批次已经开了"]
    spring = Term.objects.get(code="2026-2")
    with clock.at(spring.starts_on), pytest.raises(Refused, match="已经开了"):
        actions.open_recognition_round(school=cast.school, term=spring, by=cast.operator)


def test_a_programme_round_is_refused_with_every_reason(cast: Cast) -> None:
    assert refused(open_programme, cast, "vocational_grant") == ["学校没有中等职业的班级"]
    assert refused(open_programme, cast, "senior_waiver") == [
        "普通高中免学杂费没有2026年秋季学期的金额标准"
    ]
    Programme.objects.filter(code="vocational_grant").update(valid_to=date(2026, 8, 31))
    with clock.at(date(2027, 2, 1)):
        assert refused(open_programme, cast, "vocational_grant") == [
            "2026年秋季学期已经结束",
            "学校没有中等职业的班级",
            "中等职业学校国家助学金在2026年秋季学期不执行",
        ]


def test_a_programme_round_opens_once(cast: Cast) -> None:
    assert str(open_programme(cast)) == "普通高中国家助学金 2026年秋季学期"
    assert refused(open_programme, cast) == ["普通高中国家助学金2026年秋季学期的批次已经开了"]


def test_a_school_without_classes_opens_nothing(cast: Cast) -> None:
    for student in cast.a.students:
        student.delete()
    SchoolClass.objects.filter(school=cast.school).delete()
    assert refused(open_recognition, cast) == ["学校还没有班级"]


def test_closing_waits_for_the_window_and_for_everybody(cast: Cast) -> None:
    round_ = open_recognition(cast)
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher)

    def close() -> Round:
        return actions.close_round(round_=round_, by=cast.operator)

    assert refused(close) == ["申请9月8日才截止", "1份申请没有提交"]
    actions.submit(application=application, by=cast.head_teacher)
    with clock.at(date(2026, 9, 9)):
        closed = close()
        assert (closed.status, closed.close_by) == ("closed", cast.operator.person)
        assert not Deadline.objects.filter(closed_at=None).exists()
        assert refused(close) == ["现在是“已办结”，不能办结"]


def test_a_closed_round_is_opened_again_with_a_reason(cast: Cast) -> None:
    round_ = open_recognition(cast)

    def reopen(reason: str) -> Round:
        return actions.reopen_round(round_=round_, reason=reason, by=cast.operator)

    assert refused(reopen, " ") == ["现在是“进行中”，不能重新打开", "没有写重新打开的原因"]
    with clock.at(date(2026, 9, 9)):
        actions.close_round(round_=round_, by=cast.operator)
        assert reopen("补办转入学生").status == "open"
    assert Event.objects.get(verb="round.reopen").reason == "补办转入学生"


def test_the_happy_path(cast: Cast) -> None:
    round_ = scenes.recognition(cast.a, cast.term)
    assert round_.applications.filter(status="submitted").count() == 3
    assert sorted(round_.applications.values_list("number", flat=True)) == [
        "2026-RD-0001",
        "2026-RD-0002",
        "2026-RD-0003",
    ]
    grants = open_programme(cast)
    applied = actions.apply_for_many(round_=grants, students=cast.a.students, by=cast.operator)
    assert (applied.count, applied.held) == (3, [])
    assert grants.applications.order_by("number")[0].number == "2026-1-GZZX-0001"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE applications_round SET closes_on = opens_on - 1",
        "UPDATE applications_round SET kind = 'programme'",
        "UPDATE applications_application SET status = 'submitted'",
        "UPDATE applications_application SET submit_by_id = 1, late_by_id = 1",
    ],
)
def test_the_database_refuses(cast: Cast, change: str) -> None:
    scenes.entered(open_recognition(cast), cast.a.students[0], cast.head_teacher)
    with (
        pytest.raises(IntegrityError, match="check constraint"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert Application.objects.get().status == "draft"
