"""收回升班: two persons take a mistaken one back, while nothing was built on it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from students.actions import (
    add_class,
    apply_roster,
    ask_recall,
    change_enrolment,
    correct_graduation,
    keep_rollover,
    roll_over,
    sign_recall,
    stage_roster,
)
from students.graduation import planned
from students.models import EnrolmentChange, SchoolClass, Student, YearRollover
from students.navigation import todos
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students.rosters import roster
from tests.students.test_rollover import AUGUST, JULY, a_class, pupil, roll

LATER = date(2026, 8, 24)


@pytest.fixture
def made(cast: Cast) -> Iterator[YearRollover]:
    """Three classes rose on 20 August; it is the 24th."""
    a_class(cast, 2)
    third = a_class(cast, 3)
    for name in ("赵示", "钱示"):
        pupil(third, name)
    with clock.at(clock.office_opens(AUGUST)):
        done = roll(cast)
    with clock.at(clock.office_opens(LATER)):
        yield done


def ask(cast: Cast, made: YearRollover, **changed: Any) -> YearRollover:
    facts: dict[str, Any] = {"reason": "名册已经是新年级", "by": cast.operator}
    return ask_recall(rollover=made, **facts | changed)


def sign(cast: Cast, made: YearRollover, **changed: Any) -> YearRollover:
    return sign_recall(rollover=made, **{"by": cast.reviewer} | changed)


def standing() -> dict[str, tuple[int, bool]]:
    return {c.name: (c.grade, c.closed_on is None) for c in SchoolClass.objects.all()}


def test_everything_is_as_it_was(cast: Cast, made: YearRollover) -> None:
    ask(cast, made)
    assert Student.objects.filter(status="left").count() == 2, "nothing before the second person"
    sign(cast, made)
    assert standing() == {
        "高一（1）班": (1, True), "高二（1）班": (2, True), "高三（1）班": (3, True),
    }  # fmt: skip
    assert not Student.objects.exclude(status="enrolled").exists()
    assert not Student.objects.exclude(left_on=None).exists()
    assert not EnrolmentChange.objects.exists()
    assert not YearRollover.objects.exists()
    kept = YearRollover.ever.get()
    assert (kept.status, kept.ask_by, kept.recall_by) == (
        "recalled", cast.operator.person, cast.reviewer.person,
    )  # fmt: skip
    told = Event.objects.get(verb="yearrollover.recall")
    assert (told.reason, len(told.facts["students"])) == ("名册已经是新年级", 2)
    assert Event.objects.filter(verb="class.unrise").count() == 3
    assert planned(cast.school)[2] is None
    again = roll_over(school=cast.school, year=2026, left_on=JULY, names={}, by=cast.operator)
    assert (again.classes, again.graduated) == (2, 2)


def test_after_the_day_was_corrected_too(cast: Cast, made: YearRollover) -> None:
    correct_graduation(rollover=made, left_on=date(2026, 6, 25), reason="写错了", by=cast.operator)
    ask(cast, made)
    sign(cast, made)
    assert Student.objects.filter(status="enrolled", name="赵示", left_on=None).exists()
    assert not EnrolmentChange.objects.exists()


def test_who_may_do_what(cast: Cast, made: YearRollover) -> None:
    for someone in (cast.reviewer, cast.head_teacher, cast.b.operator):
        with pytest.raises(Refused, match="升班由本校"):
            ask(cast, made, by=someone)
    with pytest.raises(Refused, match="不能收回升班"):
        sign(cast, made)
    ask(cast, made)
    for someone in (cast.operator, cast.a.finance, cast.b.reviewer):
        with pytest.raises(Refused, match="审核"):
            sign(cast, made, by=someone)
    for other in (cast.a.finance, cast.b.reviewer):
        with pytest.raises(Refused, match="由本校"):
            keep_rollover(rollover=made, by=other)
    with pytest.raises(Refused, match="不能提请收回"):
        ask(cast, made)


@pytest.mark.parametrize("who", ["operator", "reviewer", "leader"])
def test_it_may_stand_after_all(cast: Cast, made: YearRollover, who: str) -> None:
    with pytest.raises(Refused, match="不能不收回"):
        keep_rollover(rollover=made, by=cast.operator)
    ask(cast, made)
    keep_rollover(rollover=made, by=getattr(cast.a, who))
    row = YearRollover.objects.get()
    assert (row.status, row.ask_by, row.ask_at) == ("done", None, None)
    ask(cast, made)
    assert sign(cast, made).status == "recalled"


def refusals(cast: Cast, made: YearRollover, **changed: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        ask(cast, made, **changed)
    assert all(r.mend for r in refused.value.reasons)
    return [r.text for r in refused.value.reasons]


def test_a_reason_is_needed(cast: Cast, made: YearRollover) -> None:
    assert refusals(cast, made, reason=" ") == ["没有写明收回的原因"]


def test_what_was_built_on_it_holds_it(cast: Cast, made: YearRollover) -> None:
    row = Student.objects.get(name="赵示")
    home = SchoolClass.objects.get(name="高二（1）班")
    change_enrolment(
        student=row, kind="enter", on=LATER, reason="复读", to_class=home, by=cast.operator
    )
    with clock.at(clock.office_opens(date(2026, 8, 25))):
        staged = stage_roster(
            school=cast.school, content=roster(5), filename="a.xlsx", by=cast.operator
        )
        apply_roster(staged=staged, by=cast.operator)
        SchoolClass.objects.filter(pk=home.pk).update(name="高二实验班")
        found = refusals(cast, made)
    assert found == [
        "高二（1）班升班之后又更正过",
        "升班之后又登记了1条学籍异动，涉及换班或已毕业的学生",
        "升班之后又写入了1次名册",
    ]
    assert YearRollover.objects.get().status == "done"


def test_whoever_left_otherwise_does_not_hold_it(cast: Cast, made: YearRollover) -> None:
    change_enrolment(
        student=Student.objects.get(pk=older(cast)), kind="suspend", on=LATER, reason="因病",
        by=cast.operator,
    )  # fmt: skip
    ask(cast, made)
    sign(cast, made)
    assert EnrolmentChange.objects.get().kind == "suspend"


def older(cast: Cast) -> int:
    row = cast.a.students[0]
    Student.objects.filter(pk=row.pk).update(entered_on=date(2025, 9, 1))
    return int(row.pk)


def test_what_is_built_between_asking_and_agreeing_holds_it_too(
    cast: Cast, made: YearRollover
) -> None:
    ask(cast, made)
    change_enrolment(
        student=Student.objects.get(name="赵示"), kind="enter", on=LATER, reason="复读",
        to_class=SchoolClass.objects.get(name="高二（1）班"), by=cast.operator,
    )  # fmt: skip
    with pytest.raises(Refused, match="1条学籍异动"):
        sign(cast, made)
    assert YearRollover.objects.get().status == "asked"


def test_a_new_class_in_the_old_ones_place_holds_it(cast: Cast, made: YearRollover) -> None:
    add_class(
        school=cast.school, stage="senior", grade=1, number=1, name="新一班", by=cast.operator
    )
    ask(cast, made)
    with pytest.raises(Refused, match="占用了原来的名称或班号"):
        sign(cast, made)
    assert Student.objects.filter(status="left").count() == 2
    assert EnrolmentChange.objects.count() == 2


def test_only_until_the_new_year_begins(cast: Cast, made: YearRollover) -> None:
    with clock.at(clock.office_opens(date(2026, 8, 31))):
        keep_rollover(rollover=ask(cast, made), by=cast.operator)
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        (text,) = refusals(cast, made)
    assert text == "新学年已经开始，2026年8月31日之后不能收回"


def test_who_turned_the_year_late_has_seven_days(cast: Cast) -> None:
    with clock.at(clock.office_opens(date(2026, 9, 10))):
        made = roll(cast)
    with clock.at(clock.office_opens(date(2026, 9, 17))):
        keep_rollover(rollover=ask(cast, made), by=cast.operator)
    with clock.at(clock.office_opens(date(2026, 9, 18))):
        assert refusals(cast, made) == ["新学年已经开始，2026年9月17日之后不能收回"]


def test_one_of_before_the_old_names_were_kept_stays(cast: Cast, made: YearRollover) -> None:
    YearRollover.objects.update(before=[])
    assert refusals(cast, made) == ["这次升班没有留下各班原来的年级和名称"]


def test_the_database_wants_two_persons(cast: Cast, made: YearRollover) -> None:
    ask(cast, made)
    moment = made.done_at
    rows = YearRollover.objects.filter(pk=made.pk)
    with pytest.raises(IntegrityError, match="rollover_second_person"), transaction.atomic():
        rows.update(status="recalled", recall_by=cast.operator.person, recall_at=moment)
    for changed in (
        {"recall_by": cast.reviewer.person},
        {"status": "done"},
        {"ask_by": None},
        {"recall_reason": ""},
        {"status": "recalled"},
    ):
        with pytest.raises(IntegrityError, match="rollover_stamps"), transaction.atomic():
            rows.update(**changed)


def test_the_way_through_the_pages(cast: Cast, sign_in: Any, made: YearRollover) -> None:
    page = reverse("students:rollover")

    def post(name: str, **posted: Any) -> int:
        return int(client.post(reverse(f"students:rollover_{name}"), posted).status_code)

    client = sign_in(cast.operator)
    assert "整个升班是误操作" in client.get(page).content.decode()
    assert post("ask") == 409
    assert post("ask", reason="误操作") == 302
    assert "撤回提请" in client.get(page).content.decode()
    assert post("recall") == 403
    (owed,) = (t for t in todos(cast.reviewer) if "收回" in t.title)
    assert owed.url == page
    client = sign_in(cast.reviewer)
    shown = client.get(page).content.decode()
    assert "同意收回" in shown
    assert "误操作" in shown
    assert "确认升班" not in shown
    assert client.post(page, {"year": 2026}).status_code == 409
    assert post("recall") == 302
    assert YearRollover.ever.get().status == "recalled"
    assert not any("收回" in t.title for t in todos(cast.reviewer))
    assert post("keep") == 409


# --- many at once


def rolled(cast: Cast) -> YearRollover:
    with clock.at(clock.office_opens(AUGUST)):
        return roll(cast)


def asked(cast: Cast) -> YearRollover:
    made = rolled(cast)
    with clock.at(clock.office_opens(LATER)):
        return ask(cast, made)


def asking(cast: Cast) -> Callable[[int], object]:
    made = rolled(cast)
    return lambda _: ask_recall(rollover=made, reason="误操作", by=cast.operator)


def keeping(cast: Cast) -> Callable[[int], object]:
    made = asked(cast)
    return lambda _: keep_rollover(rollover=made, by=cast.reviewer)


def signing(cast: Cast) -> Callable[[int], object]:
    made = asked(cast)
    return lambda _: sign_recall(rollover=made, by=cast.reviewer)


DEEDS = (asking, keeping, signing)


@pytest.mark.race
@pytest.mark.parametrize("arrange", DEEDS)
def test_one_of_many(committed: Cast, arrange: Callable[[Cast], Callable[[int], object]]) -> None:
    act = arrange(committed)
    outcome = race(act, organisation=committed.school, on=LATER)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.parametrize("arrange", DEEDS)
def test_without_the_locks_several(
    committed: Cast,
    no_locks: None,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Cast], Callable[[int], object]],
) -> None:
    act = arrange(committed)
    monkeypatch.setattr("students.actions.recall.lock_school", lambda school: None)
    assert unguarded(act, organisation=committed.school, on=LATER) > 1
