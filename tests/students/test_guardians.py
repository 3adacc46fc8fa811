"""A student's guardians: entered, changed, struck out; numbers sealed and shown for a reason."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from privacy.identity import make_id
from schools import clock
from schools.scope import acting_for
from students.actions import (
    accept_transfer,
    propose_transfer,
    remove_guardian,
    reveal_guardian,
    save_guardian,
    sign_transfer,
)
from students.models import Guardian, Student
from students.rules.guardians import MOST, Told, checked, kind_of
from tests.cast import Cast, next_id
from tests.racing import race, unguarded

PHONE = "13900000001"


def mother(cast: Cast, **told: str) -> Guardian:
    facts = {"name": "甲示例", "relation": "母亲", "phone": PHONE} | told
    return save_guardian(student=cast.a.students[0], told=Told(**facts), by=cast.operator)


def test_two_guardians_with_their_documents(cast: Cast) -> None:
    number = next_id()
    mother(cast, id_kind="resident", id_number=f" {number[:6]} {number[6:]} ")
    save_guardian(
        student=cast.a.students[0],
        told=Told("乙示例", "父亲", "", "passport", "e12345678"),
        by=cast.operator,
    )
    first, second = Guardian.objects.order_by("pk")
    assert first.id_number.reveal() == number
    assert first.id_blind is not None
    assert second.id_number.reveal() == "E12345678"
    assert second.phone_blind is None
    event = Event.objects.filter(verb="guardian.add").first()
    assert event is not None
    assert number not in str(event.facts)


def test_everything_wrong_is_told_at_once(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        mother(cast, name="1", relation=" ", phone="12", id_kind="", id_number=next_id())
    assert len(refused.value.reasons) == 5
    child = make_id("990111", date(2012, 1, 1), 101)
    with pytest.raises(Refused, match="是不是学生的"):
        mother(cast, id_kind="resident", id_number=child)
    with pytest.raises(Refused):
        mother(cast, id_kind="resident", id_number="99010119850304123")


def test_an_empty_number_stays_as_it_is(cast: Cast) -> None:
    number = next_id()
    row = mother(cast, id_kind="resident", id_number=number)
    save_guardian(
        student=cast.a.students[0], told=Told("甲示新", "母亲"), guardian=row, by=cast.operator
    )
    row.refresh_from_db()
    assert (row.name, row.phone.reveal(), row.id_number.reveal()) == ("甲示新", PHONE, number)
    event = Event.objects.get(verb="guardian.change")
    assert event.facts["fields"] == ["name"]


def test_who_may_and_how_many(cast: Cast) -> None:
    student = cast.a.students[0]
    for by in (cast.head_teacher, cast.b.operator, cast.reviewer):
        with pytest.raises(Refused):
            save_guardian(student=student, told=Told("甲示例", "母亲"), by=by)
    for c in "甲乙丙丁":
        save_guardian(student=student, told=Told(f"{c}示例", "亲属"), by=cast.operator)
    with pytest.raises(Refused, match=f"已登记{MOST}名"):
        save_guardian(student=student, told=Told("戊示例", "亲属"), by=cast.operator)


def test_the_same_name_twice_is_refused(cast: Cast) -> None:
    mother(cast)
    with pytest.raises(Refused, match="已登记名为"):
        mother(cast)


def test_one_is_struck_out_with_a_reason(cast: Cast) -> None:
    row = mother(cast)
    with pytest.raises(Refused):
        remove_guardian(guardian=row, reason="", by=cast.operator)
    remove_guardian(guardian=row, reason="登记错了", by=cast.operator)
    assert not Guardian.objects.exists()
    with pytest.raises(Refused, match="已经删去"):
        remove_guardian(guardian=row, reason="登记错了", by=cast.operator)


def test_a_number_is_shown_for_a_reason_and_recorded(cast: Cast, sign_in: Any) -> None:
    number = next_id()
    row = mother(cast, id_kind="resident", id_number=number)
    page = reverse("students:student", kwargs={"student_id": cast.a.students[0].pk})
    client = sign_in(cast.head_teacher)
    text = client.get(page).content.decode()
    assert number not in text
    assert PHONE not in text
    url = reverse("students:guardian_reveal_id_number", kwargs={"guardian_id": row.pk})
    plain = {"headers": {"accept": "text/plain"}}
    assert client.post(url, {"reason": ""}, **plain).status_code == 400
    shown = client.post(url, {"reason": "核对户口簿"}, **plain)
    assert shown.content.decode() == number
    assert shown["Cache-Control"] == "no-store"
    event = Event.objects.get(verb="guardian.reveal")
    assert (event.reason, event.facts) == ("核对户口簿", {"field": "id_number"})
    with pytest.raises(Refused):
        reveal_guardian(guardian=row, field="phone", reason="看看", by=cast.a.committee)


def test_the_pages_save_and_strike_out(cast: Cast, sign_in: Any) -> None:
    student = cast.a.students[0]
    client = sign_in(cast.operator)
    add = reverse("students:guardian_add", kwargs={"student_id": student.pk})
    assert client.get(add).status_code == 200
    wrong = client.post(add, {"name": "甲示例", "relation": "母亲", "phone": "12"})
    assert "11 位手机号" in wrong.content.decode()
    assert client.post(add, {"name": "甲示例", "relation": "母亲"}).status_code == 302
    row = Guardian.objects.get()
    edit = reverse("students:guardian", kwargs={"guardian_id": row.pk})
    assert "甲示例" in client.get(edit).content.decode()
    assert client.post(edit, {"name": "甲示例", "relation": "继母"}).status_code == 302
    gone = reverse("students:guardian_remove", kwargs={"guardian_id": row.pk})
    assert sign_in(cast.b.operator).post(gone, {"reason": "看看"}).status_code == 404
    assert sign_in(cast.operator).post(gone, {"reason": "登记错了"}).status_code == 302
    assert not Guardian.objects.exists()


def test_guardians_go_along_with_a_transfer(cast: Cast) -> None:
    number = next_id()
    mother(cast, id_kind="resident", id_number=number)
    made = propose_transfer(
        student=cast.a.students[0], to_school=cast.b.school, on=clock.today(), reason="迁居",
        by=cast.operator,
    )  # fmt: skip
    sign_transfer(transfer=made, by=cast.reviewer)
    with acting_for(cast.b.school):
        taken = accept_transfer(
            transfer=made, school=cast.b.school, to_class=cast.b.school_class, by=cast.b.operator
        )
        (row,) = Guardian.objects.filter(student=taken)
        assert row.id_number.reveal() == number
        assert row.id_kind == "resident"


def events(verb: str) -> list[tuple[int | None, str, Any]]:
    rows = Event.objects.filter(verb=f"guardian.{verb}").order_by("seq")
    return [(e.about_id, e.reason, e.facts) for e in rows]


def test_every_change_is_on_the_record_of_the_student(cast: Cast) -> None:
    whose, number, other = cast.a.students[0], next_id(), next_id()
    row = mother(cast, id_kind="resident", id_number=number)

    def change(phone: str, kind: str = "", of: str = "") -> None:
        told = Told("甲示例", "母亲", phone, kind, of)
        save_guardian(student=whose, told=told, guardian=row, by=cast.operator)

    # What is typed again as it stands is no change.
    change(PHONE, "resident", number)
    change("13900000002")
    change("", "resident", other)
    changes: list[list[str]] = [[], ["phone"], ["id_number"]]
    assert events("change") == [(whose.pk, "", {"fields": fields}) for fields in changes]
    assert events("add") == [(whose.pk, "", {"fields": ["name", "relation", "phone", "id_number"]})]
    reveal_guardian(guardian=row, field="phone", reason=" 核对户口簿 ", by=cast.operator)
    assert events("reveal") == [(whose.pk, "核对户口簿", {"field": "phone"})]
    remove_guardian(guardian=row, reason=f" 登记{'错' * 210} ", by=cast.operator)
    assert events("remove") == [(whose.pk, f"登记{'错' * 198}", {"fields": []})]


def test_of_several_the_chosen_one_is_changed_or_struck_out(cast: Cast) -> None:
    student, other = cast.a.students[:2]
    told = [Told(f"{c}示例", "亲属") for c in "甲乙丙丁"]
    rows = [save_guardian(student=student, told=one, by=cast.operator) for one in told]
    # What another has counts for nothing here, and is not reached from here.
    theirs = save_guardian(student=other, told=told[0], by=cast.operator)
    with pytest.raises(Refused, match="这名监护人已经删去") as refused:
        save_guardian(student=student, told=told[0], guardian=theirs, by=cast.operator)
    assert all(r.mend for r in refused.value.reasons)
    assert Guardian.objects.get(pk=theirs.pk).student_id == other.pk
    # As many as there may be, and each may still be put right.
    changed = Told("戊示例", "祖母")
    made = save_guardian(student=student, told=changed, guardian=rows[2], by=cast.operator)
    assert made.pk == rows[2].pk
    remove_guardian(guardian=rows[1], reason="登记错了", by=cast.operator)
    left = Guardian.objects.filter(student=student).order_by("pk")
    assert [row.name for row in left] == ["甲示例", "戊示例", "丁示例"]


def test_who_was_struck_out_meanwhile_does_not_come_back(cast: Cast) -> None:
    row = mother(cast)
    remove_guardian(guardian=Guardian.objects.get(), reason="登记错了", by=cast.operator)
    with pytest.raises(Refused, match="这名监护人已经删去"):
        save_guardian(
            student=cast.a.students[0], told=Told("甲示新", "母亲"), guardian=row, by=cast.operator
        )
    assert not Guardian.objects.exists()


def test_who_left_keeps_the_guardians_on_record(cast: Cast) -> None:
    row = mother(cast)
    Student.objects.filter(pk=row.student_id).update(status="left", left_on=clock.today())
    with pytest.raises(Refused) as refused:
        mother(cast, name="乙示例")
    with pytest.raises(Refused) as again:
        remove_guardian(guardian=row, reason="登记错了", by=cast.operator)
    for found in (refused, again):
        assert [(r.text, r.mend) for r in found.value.reasons] == [
            (f"{row.student.name}已离校", "档案不再更改")
        ]
    assert Guardian.objects.count() == 1


OF_AGE, YEAR = make_id("990111", date(2008, 9, 1), 101), date(2026, 9, 1)
YOUNGER = make_id("990111", date(2008, 9, 2), 101)


@pytest.mark.parametrize(
    ("kind", "number", "kept", "problems"),
    [
        ("resident", f" {OF_AGE} ", OF_AGE, 0),
        ("residence", OF_AGE, OF_AGE, 0),
        ("resident", YOUNGER, YOUNGER, 1),
        ("permit", " h12345678 ", "H12345678", 0),
        ("permit", "E12345678", "E12345678", 1),
        ("passport", " e12345678 ", "E12345678", 0),
        ("passport", "12345", "12345", 1),
        ("permanent", " abc990101850304 ", "ABC990101850304", 0),
        ("permanent", "AB990101850304", "AB990101850304", 1),
        ("none", "E12345678", "", 1),
        # A kind without a number says nothing.
        ("permit", " ", "", 0),
        ("", "", "", 0),
    ],
)
def test_a_document_is_checked_as_its_kind(
    kind: str, number: str, kept: str, problems: int
) -> None:
    told = Told(" 甲示例 ", f" {'祖' * 17} ", f" {PHONE} ", kind, number)
    found = checked(told, today=YEAR)
    assert found.told == Told("甲示例", "祖" * 16, PHONE, kind if kept else "", kept)
    assert len(found.reasons) == problems


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (OF_AGE, "resident"),
        ("990101850304123", "resident"),
        ("81000019850304123X", "residence"),
        ("8300001985 0304123x", "residence"),
        ("H12345678", "permit"),
        ("m 1234567890", "permit"),
        ("E12345678", "passport"),
        ("ABC990101850304", "permanent"),
    ],
)
def test_what_a_number_of_no_stated_kind_must_be(number: str, kind: str) -> None:
    assert kind_of(number) == kind


@pytest.mark.race
def test_one_guardian_of_a_name_wins(committed: Cast) -> None:
    outcome = race(lambda _: mother(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_one_more_than_the_most_is_refused_in_a_race(committed: Cast) -> None:
    names = [f"{c}示例" for c in "甲乙丙丁戊己庚辛"]
    outcome = race(lambda i: mother(committed, name=names[i % 8]), organisation=committed.school)
    assert outcome["won"] == MOST


@pytest.mark.race
def test_without_the_lock_there_are_more_than_the_most(committed: Cast, no_locks: None) -> None:
    names = [f"{c}示例" for c in "甲乙丙丁戊己庚辛"]
    won = unguarded(lambda i: mother(committed, name=names[i % 8]), organisation=committed.school)
    assert won > MOST
