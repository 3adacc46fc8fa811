"""Two students with each other's numbers: one proposal, one signature; lists follow the number."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_id
from privacy.identity import make_id
from schools import clock
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    confirm_candidate,
    propose_correction,
    propose_exchange,
    refuse_correction,
    reject_candidate,
    sign_correction,
    withdraw_correction,
)
from students.models import (
    IdentityCorrection,
    MatchCandidate,
    SpecialGroup,
    SpecialGroupTag,
    Student,
    blind_enrolment,
    live_tag,
)
from students.rules.corrections import Identity
from tests.cast import Cast
from tests.cast import student as new_student
from tests.database import without
from tests.racing import race, unguarded
from tests.students.pages import page
from tests.students.test_candidates import SEEN, match, person, questions

BORN, OTHER = date(2009, 5, 6), date(2009, 7, 8)
FIRST, SECOND = make_id("990101", BORN, 101), make_id("990102", OTHER, 202)
REASON = "对照户口簿，两行填反"


def two(cast: Cast) -> tuple[Student, Student]:
    """A boy and a girl, each with the other's number."""
    row = cast.a.school_class
    first = new_student(row, "甲示例", birth_date=OTHER, id_number=SECOND)
    second = new_student(row, "乙示例", birth_date=BORN, id_number=FIRST)
    for student, number, sex in ((first, SECOND, "f"), (second, FIRST, "m")):
        student.enrolment_no, student.sex = f"G{number}", sex
        student.enrolment_blind = blind_enrolment(f"G{number}")
        student.save()
    return first, second


def proposed(cast: Cast, both: tuple[Student, Student] | None = None) -> list[IdentityCorrection]:
    first, second = both or two(cast)
    return propose_exchange(first=first, second=second, reason=REASON, by=cast.operator)


def identity(student: Student) -> tuple[str, str, date, str, bytes]:
    row = Student.objects.get(pk=student.pk)
    return (
        row.id_number.reveal(),
        row.enrolment_no.reveal(),
        row.birth_date,
        row.sex,
        bytes(row.id_blind),
    )


def test_both_get_what_is_theirs_by_one_signature(cast: Cast) -> None:
    first, second = two(cast)
    made = proposed(cast, (first, second))
    assert identity(first)[0] == SECOND
    sign_correction(correction=made[1], by=cast.reviewer)
    assert identity(first) == (FIRST, f"G{FIRST}", BORN, "m", blind_id(FIRST))
    assert identity(second) == (SECOND, f"G{SECOND}", OTHER, "f", blind_id(SECOND))
    kept = list(IdentityCorrection.objects.order_by("pk"))
    assert [row.status for row in kept] == ["signed", "signed"]
    assert Identity.unpacked(kept[0].before.reveal()).id_number == SECOND
    events = Event.objects.filter(verb="identitycorrection.sign")
    assert [event.facts["exchange"] for event in events] == [True, True]
    assert {event.about_id for event in events} == {first.pk, second.pk}


def test_the_enrolment_number_may_stay(cast: Cast) -> None:
    first, second = two(cast)
    (half, _) = propose_exchange(
        first=second, second=first, reason=REASON, by=cast.operator, enrolment=False
    )
    sign_correction(correction=half, by=cast.a.leader)
    assert identity(first)[:2] == (FIRST, f"G{SECOND}")


@pytest.mark.parametrize("half", [0, 1])
def test_sent_back_or_taken_back_together(cast: Cast, half: int) -> None:
    both = two(cast)
    refuse_correction(correction=proposed(cast, both)[half], reason="再核对", by=cast.reviewer)
    withdraw_correction(correction=proposed(cast, both)[half], by=cast.operator)
    told = IdentityCorrection.objects.order_by("pk").values_list("status", flat=True)
    assert list(told) == ["refused", "refused", "withdrawn", "withdrawn"]
    assert identity(both[0])[0] == SECOND


def test_who_can_not_exchange_is_told_why(cast: Cast) -> None:
    first, second = two(cast)
    with pytest.raises(Refused, match="同一名学生"):
        propose_exchange(first=first, second=first, reason=REASON, by=cast.operator)
    with pytest.raises(Refused) as refused:
        propose_exchange(first=first, second=second, reason="", by=cast.reviewer)
    assert len(refused.value.reasons) == 2
    Student.objects.filter(pk=first.pk).update(id_kind="none")
    with pytest.raises(Refused, match="甲示例没有证件"):
        proposed(cast, (first, second))
    Student.objects.filter(pk=first.pk).update(id_kind="resident")
    proposed(cast, (first, second))
    with pytest.raises(Refused, match="甲示例已有待审核的更正"):
        proposed(cast, (second, first))


def test_nobody_signs_his_own_and_nothing_that_changed_since(cast: Cast) -> None:
    first, second = two(cast)
    (half, _) = proposed(cast, (first, second))
    with pytest.raises(Refused) as refused:
        sign_correction(correction=half, by=cast.operator)
    assert len(refused.value.reasons) == 2
    Student.objects.filter(pk=second.pk).update(sex="f")
    with pytest.raises(Refused, match="提请之后性别有变动"):
        sign_correction(correction=half, by=cast.reviewer)
    Student.objects.filter(pk=second.pk).update(sex="m")
    change_enrolment(
        student=second, kind="withdraw", on=date(2026, 9, 1), reason="退学", by=cast.operator
    )
    with pytest.raises(Refused, match="乙示例已离校"):
        sign_correction(correction=half, by=cast.reviewer)
    assert identity(first)[0] == SECOND


def test_what_lists_said_of_a_number_goes_with_it(cast: Cast) -> None:
    first, second = two(cast)
    match(cast, person(姓名="乙示例", 身份证号码=FIRST), valid_from=date(2026, 8, 1))
    (tag,) = SpecialGroupTag.objects.filter(student=second)
    (half, _) = proposed(cast, (first, second))
    sign_correction(correction=half, by=cast.reviewer)
    tag.refresh_from_db()
    moved = SpecialGroupTag.objects.get(student=first)
    assert (tag.valid_to, moved.valid_from, moved.valid_to) == (
        date(2026, 8, 31),
        date(2026, 9, 1),
        None,
    )
    assert (moved.strength, moved.source_list_id) == ("id", tag.source_list_id)


def test_a_tag_that_begins_later_goes_with_the_number_and_keeps_its_day(cast: Cast) -> None:
    first, second = two(cast)
    later = date(2026, 10, 1)
    match(cast, person(姓名="乙示例", 身份证号码=FIRST), valid_from=later)
    (half, _) = proposed(cast, (first, second))
    sign_correction(correction=half, by=cast.reviewer)
    assert SpecialGroupTag.objects.get(student=first).valid_from == later
    assert not SpecialGroupTag.objects.get(student=second).held
    told = {e.about_id: e.facts for e in Event.objects.filter(verb="identitycorrection.sign")}
    groups = [told[s.pk][key] for s in (first, second) for key in ("tags_ended", "tags_moved_here")]
    assert groups == [[], ["dibao"], ["dibao"], []]


def test_what_lists_said_of_a_number_that_was_never_his_ends(cast: Cast) -> None:
    wrong = new_student(cast.a.school_class, "乙示例", birth_date=BORN, id_number=FIRST)
    match(cast, person(姓名="甲示例", 身份证号码=FIRST), valid_from=date(2026, 8, 1))
    tag = SpecialGroupTag.objects.get(student=wrong)
    SpecialGroupTag.objects.create(
        school=cast.school,
        student=wrong,
        group=SpecialGroup.objects.get(code="orphan"),
        source="学校登记",
        strength="school",
        valid_from=date(2026, 8, 1),
        recorded_at=tag.recorded_at,
    )
    corrected(cast, wrong, name="乙示范")
    assert SpecialGroupTag.objects.get(pk=tag.pk).valid_to is None
    corrected(cast, wrong, id_number=LISTED, sex="m")
    held = SpecialGroupTag.objects.filter(live_tag(clock.today()), student=wrong)
    assert [one.group.code for one in held] == ["orphan"]
    tag.refresh_from_db()
    assert tag.valid_to == date(2026, 8, 31)
    events = Event.objects.filter(verb="identitycorrection.sign").order_by("pk")
    assert [event.facts["tags_ended"] for event in events] == [[], ["dibao"]]


# --- questions of lists, after any correction ---


def corrected(cast: Cast, student: Student, **changed: Any) -> None:
    student = Student.objects.get(pk=student.pk)
    told = Identity.of(student)
    values = {name: getattr(told, name) for name in Identity.__slots__} | changed
    made = propose_correction(
        student=student, told=Identity(**values), reason="凭户口簿", by=cast.operator
    )
    sign_correction(correction=made, by=cast.reviewer)


def asked(cast: Cast, number: str) -> MatchCandidate:
    one = cast.a.students[0]
    match(cast, person(姓名=one.name, 身份证号码=number))
    return questions(student=one)[0]


LISTED = make_id("990105", BORN, 303)


def test_the_right_number_answers_the_question(cast: Cast) -> None:
    question = asked(cast, LISTED)
    corrected(cast, cast.a.students[0], id_number=LISTED, sex="m")
    question.refresh_from_db()
    assert (question.status, question.decided_by) == ("same", cast.reviewer.person)
    assert SpecialGroupTag.objects.get().student_id == cast.a.students[0].pk


def test_a_no_that_the_number_contradicts_is_answered_anew(cast: Cast) -> None:
    question = asked(cast, LISTED)
    reject_candidate(candidate=question, reason=SEEN, by=cast.operator)
    corrected(cast, cast.a.students[0], id_number=LISTED, sex="m")
    question.refresh_from_db()
    assert question.status == "same"


def test_another_wrong_number_is_compared_anew(cast: Cast) -> None:
    question = asked(cast, LISTED)
    before = question.differs
    corrected(cast, cast.a.students[0], id_number=make_id("990105", BORN, 305), sex="m")
    question.refresh_from_db()
    assert question.status == "waiting"
    assert (question.differs != before, question.differs[:1]) == (True, "第")


def test_another_birth_date_ends_the_question(cast: Cast) -> None:
    question = asked(cast, LISTED)
    corrected(
        cast,
        cast.a.students[0],
        id_number=make_id("990105", OTHER, 307),
        birth_date=OTHER,
        sex="m",
    )
    question.refresh_from_db()
    assert question.status == "moot"


def test_who_was_taken_for_him_is_asked_about_anew(cast: Cast) -> None:
    twin = new_student(cast.a.school_class, cast.a.students[0].name, birth_date=BORN)
    asked(cast, LISTED)
    (question,) = questions(student=twin)
    confirm_candidate(candidate=question, reason=SEEN, by=cast.operator)
    corrected(cast, cast.a.students[0], id_number=LISTED, sex="m")
    question.refresh_from_db()
    assert question.status == "waiting"
    (mine,) = questions(student=cast.a.students[0])
    assert mine.status == "same"
    assert SpecialGroupTag.objects.get(student=twin).valid_to is not None
    assert SpecialGroupTag.objects.get(student=cast.a.students[0]).valid_to is None


# --- pages ---


def test_the_way_through_the_pages(cast: Cast, sign_in: Any) -> None:
    first, second = two(cast)
    client = sign_in(cast.operator)
    assert "交换证件号码" in page(client, "correction", student_id=first.pk)
    url = reverse("students:exchange", kwargs={"student_id": first.pk})
    wrong = client.post(url, {"second": "没有这人", "reason": REASON}).content.decode()
    assert "名册中没有这名学生" in wrong
    new_student(cast.a.school_class, "乙示例")
    assert "同名" in client.post(url, {"second": "乙示例", "reason": REASON}).content.decode()
    Student.objects.filter(pk=second.pk).update(student_no="2026009")
    told = {"second": "2026009", "reason": REASON, "enrolment": "on"}
    assert client.post(url, told).status_code == 302
    reviewer = sign_in(cast.reviewer)
    shown = page(reviewer, "corrections")
    assert ("与乙示例交换" in shown, "同意，两人一起改" in shown) == (True, True)
    row = IdentityCorrection.objects.latest("pk")
    reviewer.post(reverse("students:correction_sign"), {"correction": row.pk})
    assert identity(first)[0] == FIRST


def test_another_schools_student_is_not_offered(cast: Cast, sign_in: Any) -> None:
    first, _ = two(cast)
    with acting_for(cast.b.school):
        stranger = new_student(cast.b.school_class, "丙示例")
    url = reverse("students:exchange", kwargs={"student_id": first.pk})
    client = sign_in(cast.operator)
    told = client.post(url, {"second": stranger.name, "reason": REASON}).content.decode()
    assert "名册中没有这名学生" in told


@pytest.mark.parametrize("moved", [0, 1])
@pytest.mark.parametrize("half", [0, 1])
def test_both_halves_are_locked_in_one_order(cast: Cast, half: int, moved: int) -> None:
    """Whichever is signed and whichever the table has last: two who sign don't wait for each other.

    Neither lock keeps anybody from writing a row that points at a half or a student.
    """
    halves = proposed(cast)
    # Written again it is the last of the table.
    IdentityCorrection.objects.filter(pk=halves[moved].pk).update(reason=REASON)
    locks: list[tuple[str, int]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if " FOR " in sql and "UPDATE OF" in sql:
            assert " FOR NO KEY UPDATE OF " in sql
            locks.append((sql.rpartition(" OF ")[2].strip('"'), params[0]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        sign_correction(correction=halves[half], by=cast.reviewer)
    assert locks == [
        *(("students_identitycorrection", row.pk) for row in halves),
        *(("students_student", row.student_id) for row in halves),
    ]


# --- races ---


@pytest.mark.race
def test_of_many_proposals_one_wins(committed: Cast) -> None:
    first, second = two(committed)
    ways = ((first, second), (second, first))
    outcome = race(lambda i: proposed(committed, ways[i % 2]), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_lock_and_key_many_propose(committed: Cast) -> None:
    both = two(committed)
    with without("students_identitycorrection", "correction_open_once"):
        assert unguarded(lambda _: proposed(committed, both), organisation=committed.school) > 1
        assert IdentityCorrection.objects.filter(status="proposed").count() > 2


@pytest.mark.race
def test_whichever_half_is_signed_they_exchange_once(committed: Cast) -> None:
    first, second = two(committed)
    halves = proposed(committed, (first, second))
    outcome = race(
        lambda i: sign_correction(correction=halves[i % 2], by=committed.reviewer),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}
    assert (identity(first)[0], identity(second)[0]) == (FIRST, SECOND)


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_locks_they_exchange_often(committed: Cast) -> None:
    halves = proposed(committed)
    with without("students_student", "student_once_in_school", "enrolment_no_once"):
        won = unguarded(
            lambda i: sign_correction(correction=halves[i % 2], by=committed.reviewer),
            organisation=committed.school,
        )
        assert won > 1
        signed = Event.objects.for_organisation(committed.school.pk)
        assert signed.filter(verb="identitycorrection.sign").count() > 2
