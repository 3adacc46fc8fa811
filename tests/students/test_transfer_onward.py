"""更正转出日期 of one who has gone on to a third school since, or back to the first."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    agree_transfer_day,
    change_enrolment,
    correct_change_day,
    propose_transfer,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer,
    sign_transfer_day,
)
from students.models import EnrolmentChange, Student, Transfer, TransferDay
from students.rules.enrolment import away_words, last_words, stay_words
from students.transfer_queue import with_words
from tests.cast import Cast, Staffed
from tests.students.transfer_days import (
    CAME,
    EARLIER,
    IN,
    LATER,
    LEFT,
    OUT,
    TODAY,
    accepted,
    agreed,
    proposed,
    refused,
    there,
    why,
)

# He left the second school, and came to the third, or again to the first.
ON, BACK = date(2026, 11, 18), date(2026, 11, 20)
LIST = reverse("students:transfers")


@pytest.fixture(autouse=True)
def november(cast: Cast) -> Iterator[None]:
    with clock.at(clock.office_opens(TODAY)):
        yield


def signed_on(cast: Cast, to: Staffed) -> Transfer:
    """From B on to another school since 18 November, and not there yet."""
    with acting_for(cast.b.school):
        row = propose_transfer(
            student=Student.objects.get(pk=there(cast).student_id), to_school=to.school, on=ON,
            reason="再次迁居", by=cast.b.operator,
        )  # fmt: skip
        made: Transfer = sign_transfer(transfer=row, by=cast.b.reviewer)
    return made


def went(cast: Cast, to: Staffed) -> Transfer:
    """Accepted there, since 20 November."""
    made = signed_on(cast, to)
    with acting_for(to.school):
        accept_transfer(
            transfer=made, school=to.school, to_class=to.school_class, by=to.operator, on=BACK
        )
    return made


def records(cast: Cast, whose: Staffed) -> tuple[Any, ...]:
    """What a school has of him: his changes with their days, and how he stands."""
    with acting_for(whose.school):
        row = Student.objects.get(id_blind=cast.a.students[0].id_blind)
        changes = EnrolmentChange.objects.filter(student=row).order_by("pk")
        return (
            [(c.kind, c.on, c.left_other_on) for c in changes],
            (row.status, row.entered_on, row.left_on),
        )


def first_of(cast: Cast) -> Transfer:
    made: Transfer = Transfer.objects.filter(school=cast.school).order_by("pk")[0]
    return made


@pytest.mark.parametrize("on", [EARLIER, LATER, CAME])
@pytest.mark.parametrize("where", ["c", "a"])
def test_the_day_is_put_right_and_nothing_else(cast: Cast, where: str, on: date) -> None:
    accepted(cast)
    to = getattr(cast, where)
    went(cast, to)
    here, second, third = records(cast, cast.a), records(cast, cast.b), records(cast, to)
    sign_transfer_day(day=agreed(cast, on), by=cast.reviewer)
    assert first_of(cast).on == on
    changes, state = here
    assert changes[0] == (OUT, LEFT, None)
    gone = (*state[:2], on if where == "c" else None)
    assert records(cast, cast.a) == ([(OUT, on, None), *changes[1:]], gone)
    assert second == (
        [(IN, CAME, LEFT), (OUT, ON, None)], ("left", CAME, ON),
    )  # fmt: skip
    assert records(cast, cast.b) == ([(IN, CAME, on), (OUT, ON, None)], second[1])
    if where == "c":
        assert records(cast, to) == third == ([(IN, BACK, ON)], ("enrolled", BACK, None))
    else:
        assert state[0] == "enrolled"
        assert changes[1] == (IN, BACK, ON)


@pytest.mark.parametrize("where", ["c", "a"])
def test_also_while_he_is_on_the_way(cast: Cast, where: str) -> None:
    accepted(cast)
    signed_on(cast, getattr(cast, where))
    sign_transfer_day(day=agreed(cast), by=cast.reviewer)
    assert first_of(cast).on == EARLIER
    assert Student.objects.get(pk=cast.a.students[0].pk).left_on == EARLIER


def test_he_goes_back_while_it_is_put_right(cast: Cast) -> None:
    made = agreed(cast)
    went(cast, cast.a)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert [c[:2] for c in records(cast, cast.a)[0]] == [(OUT, EARLIER), (IN, BACK)]
    assert records(cast, cast.a)[1] == ("enrolled", date(2026, 9, 1), None)


@pytest.mark.parametrize("where", ["c", "a"])
def test_refused_nothing_is_left_of_it(cast: Cast, where: str) -> None:
    accepted(cast)
    went(cast, getattr(cast, where))
    before = [records(cast, s) for s in (cast.a, cast.b)]
    made = refused(cast)
    with acting_for(cast.b.school):
        restore_transfer_day(day=made, by=cast.b.operator)
    assert [records(cast, s) for s in (cast.a, cast.b)] == before


def test_he_left_before_he_was_back(cast: Cast) -> None:
    accepted(cast)
    went(cast, cast.a)
    text = "转出日期晚于后一次异动的日期2026年11月20日"
    assert why(proposed, cast=cast, on=date(2026, 11, 21)) == [text]
    # On that day itself he may have; when he came to the other school is for that one to say.
    made = proposed(cast, BACK)
    with acting_for(cast.b.school):
        text = "更正后的转出日期2026年11月20日晚于到校日期2026年11月10日"
        assert why(agree_transfer_day, day=made, by=cast.b.operator) == [text]


def test_the_day_of_coming_is_put_right_before_he_went_on(cast: Cast) -> None:
    accepted(cast)
    went(cast, cast.c)
    made = proposed(cast, date(2026, 11, 12))
    with acting_for(cast.b.school):
        its = EnrolmentChange.objects.get(kind=IN)
        to: dict[str, Any] = {
            "change": its, "seen": CAME, "reason": "那天才到校", "by": cast.b.operator,
        }  # fmt: skip
        text = "异动日期晚于后一次异动的日期2026年11月18日"
        assert why(correct_change_day, on=date(2026, 11, 19), **to) == [text]
        correct_change_day(on=date(2026, 11, 12), **to)
        made = agree_transfer_day(day=made, by=cast.b.operator)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert records(cast, cast.a)[0] == [(OUT, date(2026, 11, 12), None)]


def test_who_came_back_by_himself_is_dated_too(cast: Cast) -> None:
    """Entered again at the first school, while the second one still has him."""
    accepted(cast)
    row = Student.objects.get(pk=cast.a.students[0].pk)
    back = change_enrolment(student=row, kind="enter", on=LATER, reason="回校", by=cast.operator)
    made = agreed(cast, date(2026, 11, 2))
    told: dict[str, Any] = {"change": back, "reason": "写错了", "by": cast.operator}
    correct_change_day(on=date(2026, 11, 1), seen=LATER, **told)
    # What was recorded since is what the signature goes by.
    text = "转出日期晚于后一次异动的日期2026年11月1日"
    assert why(sign_transfer_day, day=made, by=cast.reviewer) == [text]
    correct_change_day(on=LATER, seen=date(2026, 11, 1), **told)
    sign_transfer_day(day=made, by=cast.reviewer)
    assert [c[:2] for c in records(cast, cast.a)[0]] == [(OUT, date(2026, 11, 2)), ("enter", LATER)]


def test_each_of_two_transfers_has_a_correction_of_its_own(cast: Cast) -> None:
    """There and back again: both days are being put right at once."""
    accepted(cast)
    back = went(cast, cast.a)
    first = proposed(cast)
    with acting_for(cast.b.school):
        first = agree_transfer_day(day=first, by=cast.b.operator)
        second = proposed_by_b(cast, back, date(2026, 11, 16))
    second = agree_transfer_day(day=second, by=cast.operator)
    sign_transfer_day(day=first, by=cast.reviewer)
    assert records(cast, cast.a)[0] == [(OUT, EARLIER, None), (IN, BACK, date(2026, 11, 16))]
    with acting_for(cast.b.school):
        refuse_transfer_day(day=second, reason="证明没有盖章", by=cast.b.reviewer)
    restore_transfer_day(day=second, by=cast.operator)
    assert records(cast, cast.a)[0] == [(OUT, EARLIER, None), (IN, BACK, ON)]
    assert records(cast, cast.b)[0] == [(IN, CAME, EARLIER), (OUT, ON, None)]


def proposed_by_b(cast: Cast, transfer: Transfer, on: date) -> TransferDay:
    return propose_transfer_day(
        transfer=transfer, on=on, seen=ON, reason="转学证明上是另一天", by=cast.b.operator
    )


# --- which months are told


@pytest.mark.parametrize(
    ("left", "rested", "said"),
    [
        # In November he was here before he was there: here it is paid.
        (date(2026, 11, 3), None, "从2026年11月起续发"),
        (date(2026, 11, 3), date(2026, 11, 2), "从2026年11月起续发"),
        (date(2026, 11, 3), date(2026, 11, 1), "2026年11月由转出学校发，本校从2026年12月起续发"),
        (date(2026, 11, 1), None, "2026年11月由转出学校发，本校从2026年12月起续发"),
        (LEFT, None, "2026年11月由转出学校发，本校从2026年12月起续发"),
    ],
)
def test_who_is_back_in_the_month_in_which_he_left(
    cast: Cast, left: date, rested: date | None, said: str
) -> None:
    row = Student.objects.get(pk=cast.a.students[0].pk)
    if rested:
        change_enrolment(student=row, kind="suspend", on=rested, reason="因病", by=cast.operator)
    made = propose_transfer(
        student=Student.objects.get(pk=row.pk), to_school=cast.b.school, on=left, reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    sign_transfer(transfer=made, by=cast.reviewer)
    with acting_for(cast.b.school):
        accept_transfer(
            transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator,
            on=CAME,
        )  # fmt: skip
    went(cast, cast.a)
    back = EnrolmentChange.objects.get(kind=IN)
    with_those_before = with_words(row.changes.order_by("-pk"), cast.school)
    assert with_those_before[0] == (back, f"按月发放的资助{said}")
    assert with_words([back], cast.school) == [(back, f"按月发放的资助{said}")]


@pytest.mark.parametrize(
    ("gone", "back", "left", "said"),
    [
        (LEFT, BACK, None, "不停发"),
        (LEFT, BACK, ON, "从2026年11月起停发，从2026年12月起续发"),
        (EARLIER, BACK, None, "从2026年10月起停发，从2026年11月起续发"),
        # The month of his return is the other school's.
        (EARLIER, BACK, ON, "从2026年10月起停发，从2026年12月起续发"),
        (EARLIER, BACK, date(2026, 10, 30), "从2026年10月起停发，从2026年11月起续发"),
        # He was here in the month in which he came back.
        (LATER, BACK, None, "不停发"),
        (LATER, BACK, ON, "不停发"),
    ],
)
def test_from_when_to_when_who_is_back_is_not_paid(
    gone: date, back: date, left: date | None, said: str
) -> None:
    assert away_words(gone, back, left) == f"按月发放的资助{said}"


@pytest.mark.parametrize(
    ("came", "left", "gone", "said"),
    [
        (CAME, LEFT, ON, "从2026年11月起续发，从2026年12月起停发"),
        (CAME, None, ON, "从2026年11月起续发，从2026年12月起停发"),
        (CAME, LATER, ON, "本校没有要发的月份"),
        (CAME, LATER, date(2026, 12, 1), "本校没有要发的月份"),
        (CAME, LATER, date(2026, 12, 2),
         "2026年11月由转出学校发，本校从2026年12月起续发，从2027年1月起停发"),
    ],
)  # fmt: skip
def test_which_months_of_a_stay_are_paid(
    came: date, left: date | None, gone: date, said: str
) -> None:
    assert stay_words(came, left, gone) == f"按月发放的资助{said}"


@pytest.mark.parametrize(
    ("gone", "said"),
    [(LATER, "2026年11月"), (date(2026, 11, 1), "2026年10月"), (date(2027, 1, 1), "2026年12月")],
)
def test_until_when_the_other_school_pays(gone: date, said: str) -> None:
    assert last_words(gone) == f"按月发放的资助发到{said}"


def plain(text: str) -> str:
    return text.replace('<span class="nb">', "").replace("</span>", "")


def page(client: Client, address: str) -> str:
    return plain(client.get(address).content.decode())


def post(client: Client, verb: str, made: TransferDay) -> str:
    address = reverse(f"students:transfer_day_{verb}")
    return plain(client.post(address, {"day": made.pk}, follow=True).content.decode())


def test_the_pages_of_one_who_is_back(cast: Cast, sign_in: Any) -> None:
    first = accepted(cast)
    went(cast, cast.a)
    client = sign_in(cast.operator)
    address = reverse("students:transfer_day", args=[first.pk])
    form = page(client, address)
    assert (
        "登记的日期是2026年10月20日，按月发放的资助从2026年11月起停发，从2026年12月起续发" in form
    )
    assert "不晚于学生到示范职业高中的那天，也不晚于又回到本校的2026年11月20日；" in form
    made = proposed(cast, LATER)
    listed = page(client, LIST)
    for words in ("2026年11月20日又回到本校", "本校不停发", "其余的月份由转入学校发，不重复"):
        assert words in listed
    other = sign_in(cast.b.operator)
    listed = page(other, LIST)
    for words in ("2026年11月18日离开本校", "转出学校发到2026年11月", "本校没有要发的月份"):
        assert words in listed
    assert "审核之后，按月发放的资助本校没有要发的月份；已经发放的" in post(other, "agree", made)
    second = sign_in(cast.reviewer)
    assert "更正为2026年11月3日。按月发放的资助不停发；已经发放的" in post(second, "sign", made)


def test_who_rests_there_has_not_left(cast: Cast, sign_in: Any) -> None:
    accepted(cast)
    with acting_for(cast.b.school):
        its = Student.objects.get(pk=there(cast).student_id)
        change_enrolment(student=its, kind="suspend", on=ON, reason="因病", by=cast.b.operator)
    proposed(cast)
    listed = page(sign_in(cast.b.operator), LIST)
    assert "离开本校" not in listed
    assert "转出学校从2026年10月起停发" in listed


def test_the_month_in_which_he_left_is_told_when_he_is_taken_back(cast: Cast, sign_in: Any) -> None:
    sign_transfer_day(day=agreed(cast, LATER), by=cast.reviewer)
    made = signed_on(cast, cast.a)
    told = {"transfer": made.pk, "to_class": cast.a.school_class.pk, "on": BACK.isoformat()}
    client = sign_in(cast.operator)
    done = client.post(reverse("students:transfer_accept"), told, follow=True)
    assert "按月发放的资助从2026年11月起续发。" in plain(done.content.decode())


def test_the_pages_of_one_who_went_on(cast: Cast, sign_in: Any) -> None:
    first = accepted(cast)
    went(cast, cast.c)
    client = sign_in(cast.operator)
    form = page(client, reverse("students:transfer_day", args=[first.pk]))
    assert "按月发放的资助从2026年11月起停发<" in form
    assert "又回到本校" not in form
    made = proposed(cast)
    listed = page(sign_in(cast.b.operator), LIST)
    for words in (
        "2026年11月18日离开本校", "转出学校发到2026年9月",
        "本校从2026年11月起续发，从2026年12月起停发",
    ):  # fmt: skip
        assert words in listed
    assert made.transfer.name not in page(sign_in(cast.c.operator), LIST).split("转入本校")[0]
