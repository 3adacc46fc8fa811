"""更正证件: the aid officer proposes, a second person signs, what stood there stays sealed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from privacy.fields import blind_id
from privacy.identity import make_id
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    propose_correction,
    refuse_correction,
    reveal_correction,
    sign_correction,
    stage_roster,
    withdraw_correction,
)
from students.models import IdentityCorrection, Student, blind_enrolment
from students.navigation import todos
from students.rules.corrections import Identity
from tests import cast as people
from tests import database
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.students import rosters

BIRTH = date(2012, 3, 4)
PROVISIONAL = "L990101201203040011"
NUMBER = make_id("990101", BIRTH, 101)
OTHER = make_id("990102", BIRTH, 103)
TOLD = Identity("甲示例", "resident", NUMBER, f"G{NUMBER}", "m", BIRTH)


def numberless(cast: Cast, provisional: str = PROVISIONAL, name: str = "甲示例") -> Student:
    """A child enrolled for the time being, without a document."""
    row = people.student(
        cast.a.school_class, name, birth_date=BIRTH, id_number=provisional, id_kind="none"
    )
    row.enrolment_no, row.enrolment_blind = provisional, blind_enrolment(provisional)
    row.save()
    return row


def proposed(cast: Cast, row: Student | None = None, **changed: Any) -> IdentityCorrection:
    row = row or numberless(cast)
    return propose_correction(
        student=row, told=replace(TOLD, **changed), reason="已办身份证", by=cast.operator
    )


def test_a_provisional_number_becomes_the_document_and_stays_on_record(cast: Cast) -> None:
    made = proposed(cast)
    row = made.student
    row.refresh_from_db()
    assert row.id_kind == "none"
    sign_correction(correction=made, by=cast.reviewer)
    row = Student.objects.get(pk=row.pk)
    assert (row.id_kind, row.id_number.reveal(), row.enrolment_no.reveal()) == (
        "resident", NUMBER, f"G{NUMBER}",
    )  # fmt: skip
    assert (row.id_blind, row.enrolment_blind) == (
        blind_id(NUMBER), blind_enrolment(f"G{NUMBER}"),
    )  # fmt: skip
    kept = IdentityCorrection.objects.get()
    assert kept.fields == ["id_kind", "id_number", "enrolment_no"]
    assert Identity.unpacked(kept.before.reveal()).id_number == PROVISIONAL
    events = Event.objects.filter(verb__startswith="identitycorrection")
    assert [e.facts["fields"] for e in events] == [kept.fields] * 2
    assert NUMBER not in str([e.facts for e in events])


def test_both_states_are_sealed_in_the_database(cast: Cast) -> None:
    made = proposed(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT before || after FROM students_identitycorrection WHERE id = %s", [made.pk]
        )
        stored = bytes(cursor.fetchone()[0])
    assert NUMBER.encode() not in stored
    assert PROVISIONAL.encode() not in stored


def test_a_name_follows_with_what_it_is_searched_by(cast: Cast) -> None:
    made = proposed(cast, name="曾 样宁")
    sign_correction(correction=made, by=cast.reviewer)
    row = Student.objects.get(pk=made.student_id)
    assert (row.name, row.name_key, row.initials) == ("曾样宁", "曾样宁", "zyn")


def test_a_wrong_birth_date_goes_with_its_number(cast: Cast) -> None:
    born = date(2012, 4, 3)
    right = make_id("990101", born, 102)
    made = proposed(cast, id_number=right, enrolment_no="", birth_date=born, sex="f")
    sign_correction(correction=made, by=cast.a.leader)
    row = Student.objects.get(pk=made.student_id)
    assert (row.birth_date, row.sex, row.enrolment_no.reveal()) == (born, "f", PROVISIONAL)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id_number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "校验码"),
        ({"birth_date": date(2012, 3, 5)}, "出生日期是2012年3月4日"),
        ({"sex": "f"}, "性别不同"),
        ({"id_kind": "residence"}, "证件类型与号码不符"),
        ({"id_kind": "passport", "id_number": "12"}, "护照号码"),
        ({"id_number": ""}, "没有填证件号码"),
        ({"id_kind": "none", "enrolment_no": f"G{NUMBER}"}, "J或L开头"),
        ({"enrolment_no": "学籍"}, "4至24位"),
        ({"name": "1"}, "姓名"),
        ({"birth_date": date(2027, 1, 1)}, "今天之前"),
        ({"id_kind": "none", "id_number": "", "enrolment_no": ""}, "没有要更正的内容"),
    ],
)
def test_what_can_not_be_is_refused(cast: Cast, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        proposed(cast, **changed)


def test_all_reasons_are_told_at_once(cast: Cast) -> None:
    row = numberless(cast)
    change_enrolment(
        student=row, kind="withdraw", on=date(2026, 9, 1), reason="退学", by=cast.operator
    )
    with pytest.raises(Refused) as refused:
        propose_correction(
            student=row, told=replace(TOLD, sex="f", name="?"), reason=" ", by=cast.reviewer
        )
    assert len(refused.value.reasons) >= 5


def test_a_number_that_another_has_is_refused_here_and_elsewhere(cast: Cast) -> None:
    people.student(cast.a.school_class, "乙示例", birth_date=BIRTH, id_number=NUMBER)
    with acting_for(cast.b.school):
        people.student(cast.b.school_class, "丙示例", birth_date=BIRTH, id_number=NUMBER)
    with pytest.raises(Refused) as refused:
        proposed(cast)
    said = str(refused.value)
    assert "乙示例已用这个证件号码" in said
    assert "别的学校有在籍学籍" in said
    assert cast.b.school.name not in said


def test_an_enrolment_number_that_another_has_is_refused(cast: Cast) -> None:
    numberless(cast, f"J{OTHER}", "乙示例")
    with pytest.raises(Refused, match="乙示例已用这个学籍号"):
        proposed(cast, enrolment_no=f"J{OTHER}")


def test_two_people_and_only_of_this_school(cast: Cast) -> None:
    made = proposed(cast)
    for by in (cast.operator, cast.b.reviewer, cast.head_teacher):
        with pytest.raises(Refused):
            sign_correction(correction=made, by=by)
    with pytest.raises(Error, match="second_person"), transaction.atomic():
        IdentityCorrection.objects.filter(pk=made.pk).update(
            status="signed", sign_at="2026-09-01T09:00+08:00", sign_by=cast.operator.person
        )


def test_what_changed_meanwhile_is_not_overwritten(cast: Cast) -> None:
    made = proposed(cast)
    Student.objects.filter(pk=made.student_id).update(name="甲示新", name_key="甲示新")
    with pytest.raises(Refused, match="姓名有变动"):
        sign_correction(correction=made, by=cast.reviewer)
    refuse_correction(correction=made, reason="请重新提请", by=cast.reviewer)


def test_someone_who_got_the_number_meanwhile_keeps_it(cast: Cast) -> None:
    made = proposed(cast)
    people.student(cast.a.school_class, "乙示例", birth_date=BIRTH, id_number=NUMBER)
    with pytest.raises(Refused, match="乙示例已用"):
        sign_correction(correction=made, by=cast.reviewer)
    assert Student.objects.get(pk=made.student_id).id_kind == "none"


def test_refused_and_withdrawn_leave_the_roster_alone(cast: Cast) -> None:
    made = proposed(cast)
    with pytest.raises(Refused, match="已有待审核的更正"):
        proposed(cast, made.student)
    with pytest.raises(Refused, match="退回的原因"):
        refuse_correction(correction=made, reason=" ", by=cast.reviewer)
    refuse_correction(correction=made, reason="没有附户口簿", by=cast.reviewer)
    again = withdraw_correction(correction=proposed(cast, made.student), by=cast.operator)
    with pytest.raises(Refused):
        sign_correction(correction=again, by=cast.reviewer)
    assert Student.objects.get(pk=made.student_id).id_number.reveal() == PROVISIONAL
    assert set(IdentityCorrection.objects.values_list("status", flat=True)) == {
        "refused", "withdrawn",
    }  # fmt: skip


def test_only_the_officer_of_the_school_takes_it_back(cast: Cast) -> None:
    made = proposed(cast)
    for by in (cast.reviewer, cast.head_teacher, cast.bureau_operator, cast.b.operator):
        with pytest.raises(Refused, match="请经办登录后办理"):
            withdraw_correction(correction=made, by=by)
    made.refresh_from_db()
    assert made.status == "proposed"


def test_the_new_number_is_shown_for_a_reason_alone(cast: Cast) -> None:
    made = proposed(cast)
    with pytest.raises(Refused):
        reveal_correction(correction=made, field="id_number", reason=" ", by=cast.reviewer)
    with pytest.raises(Refused):
        reveal_correction(correction=made, field="id_number", reason="核对", by=cast.a.committee)
    shown = reveal_correction(
        correction=made, field="id_number", reason="对照证件", by=cast.reviewer
    )
    assert shown == NUMBER
    assert Event.objects.get(verb="identitycorrection.reveal").reason == "对照证件"


def test_a_file_with_the_new_number_asks_for_the_correction_first(cast: Cast) -> None:
    row = numberless(cast)
    line = rosters.row(0, 姓名="甲示例", 身份证件号码=NUMBER, 班级="1班")

    def staged() -> Any:
        return stage_roster(
            school=cast.school,
            content=rosters.workbook([line]),
            filename="名册.xlsx",
            by=cast.operator,
        )

    first = staged()
    assert (first.counts["added"], first.counts["bad"]) == (0, 1)
    assert "更正证件" in str(first.errors[0])
    sign_correction(correction=proposed(cast, row), by=cast.reviewer)
    after = staged()
    assert (after.counts["added"], after.counts["bad"], after.counts["changed"]) == (0, 0, 1)


def test_two_children_of_one_name_and_day_both_in_the_file_are_two(cast: Cast) -> None:
    numberless(cast)
    new = rosters.row(0, 姓名="甲示例", 身份证件号码=NUMBER, 班级="1班")
    old = rosters.row(1, 姓名="甲示例", 身份证件号码="", 班级="1班", 学籍号=PROVISIONAL)
    lines = [[*one, "2012-03-04"] for one in (new, old)]
    staged = stage_roster(
        school=cast.school,
        content=rosters.workbook(lines, (*rosters.HEADERS, "出生日期")),
        filename="名册.xlsx",
        by=cast.operator,
    )
    assert (staged.counts["added"], staged.counts["bad"]) == (1, 0)


def test_the_way_through_the_pages(cast: Cast, sign_in: Any) -> None:
    row = numberless(cast)
    address = reverse("students:correction", kwargs={"student_id": row.pk})
    listing = reverse("students:corrections")
    client = sign_in(cast.operator)
    assert NUMBER not in client.get(address).content.decode()
    told = {
        "name": "甲示例",
        "id_kind": "resident",
        "id_number": NUMBER[:-1] + "0" * (NUMBER[-1] != "0") + "1" * (NUMBER[-1] == "0"),
        "enrolment_no": "",
        "sex": "m",
        "birth_date": "2012-03-04",
        "reason": "已办身份证",
    }
    assert "校验码" in client.post(address, told).content.decode()
    client.post(address, told | {"id_number": NUMBER})
    made = IdentityCorrection.objects.get()
    listed = client.get(listing).content.decode()
    assert "撤回" in listed
    assert "同意更正</button>" not in listed
    assert NUMBER not in listed
    assert any("证件更正" in t.title for t in todos(cast.reviewer))
    client = sign_in(cast.reviewer)
    assert "同意更正</button>" in client.get(listing).content.decode()
    eye = reverse("students:correction_reveal_id_number", kwargs={"correction_id": made.pk})
    assert NUMBER in client.post(eye, {"reason": "对照证件"}).content.decode()
    client.post(reverse("students:correction_sign"), {"correction": made.pk})
    page = client.get(reverse("students:student", kwargs={"student_id": row.pk}))
    assert "证件更正" in page.content.decode()
    assert Student.objects.get(pk=row.pk).id_number.reveal() == NUMBER
    assert not any("证件更正" in t.title for t in todos(cast.reviewer))


def test_other_schools_and_other_offices_see_nothing(cast: Cast, sign_in: Any) -> None:
    made = proposed(cast)
    address = reverse("students:correction", kwargs={"student_id": made.student_id})
    with acting_for(cast.b.school):
        client = sign_in(cast.b.operator)
        assert client.get(address).status_code == 404
        client.post(reverse("students:correction_withdraw"), {"correction": made.pk})
    assert IdentityCorrection.objects.get().status == "proposed"
    assert sign_in(cast.a.finance).get(reverse("students:corrections")).status_code == 403
    assert sign_in(cast.head_teacher).get(address).status_code == 403


def test_the_page_asks_the_same_for_one_and_thirty(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    client = sign_in(cast.reviewer)
    listing = reverse("students:corrections")
    proposed(cast)
    client.get(listing)
    with CaptureQueriesContext(connection) as one:
        client.get(listing)
    for i in range(1, 30):
        number = make_id(f"9902{i:02d}", BIRTH, 105)
        proposed(
            cast,
            numberless(cast, f"J{number}", "乙示例"),
            id_number=number,
            enrolment_no=f"G{number}",
        )
    with django_assert_num_queries(len(one)):
        client.get(listing)


@pytest.mark.race
def test_one_proposal_wins(committed: Cast) -> None:
    row = numberless(committed)
    outcome = race(lambda _: proposed(committed, row), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_lock_and_key_a_correction_is_proposed_often(
    committed: Cast, no_locks: None
) -> None:
    row = numberless(committed)
    with database.without("students_identitycorrection", "correction_open_once"):
        won = unguarded(lambda _: proposed(committed, row), organisation=committed.school)
        assert won > 1
        assert IdentityCorrection.objects.count() == won


def _answers(cast: Cast, made: IdentityCorrection) -> dict[str, Callable[[int], object]]:
    return {
        "sign": lambda _: sign_correction(correction=made, by=cast.reviewer),
        "refuse": lambda _: refuse_correction(correction=made, reason="退回", by=cast.reviewer),
        "withdraw": lambda _: withdraw_correction(correction=made, by=cast.operator),
    }


@pytest.mark.race
@pytest.mark.parametrize("verb", ["sign", "refuse", "withdraw"])
def test_one_answer_wins(committed: Cast, verb: str) -> None:
    made = proposed(committed)
    outcome = race(_answers(committed, made)[verb], organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.parametrize("verb", ["sign", "refuse", "withdraw"])
def test_without_the_lock_several_answer(committed: Cast, no_locks: None, verb: str) -> None:
    made = proposed(committed)
    assert unguarded(_answers(committed, made)[verb], organisation=committed.school) > 1


def _two(cast: Cast) -> list[IdentityCorrection]:
    """Two children asked to get the same number."""
    rows = [numberless(cast), numberless(cast, f"J{OTHER}", "乙示例")]
    return [proposed(cast, row, name=row.name) for row in rows]


@pytest.mark.race
def test_two_children_do_not_get_one_number(committed: Cast) -> None:
    both = _two(committed)
    outcome = race(
        lambda i: sign_correction(correction=both[i % 2], by=committed.reviewer),
        organisation=committed.school,
    )
    assert outcome == {"won": 1, "Refused": 63}
    assert Student.objects.filter(id_blind=blind_id(NUMBER)).count() == 1


@pytest.mark.race
def test_without_the_keys_two_children_get_one_number(committed: Cast, no_locks: None) -> None:
    both = _two(committed)
    with database.without("students_student", "student_once_in_school", "enrolment_no_once"):
        won = unguarded(
            lambda i: sign_correction(correction=both[i % 2], by=committed.reviewer),
            organisation=committed.school,
            threads=2,
        )
        assert won == 2
        assert Student.objects.filter(id_blind=blind_id(NUMBER)).count() == 2
