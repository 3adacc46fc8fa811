"""困中之困: by rule, by one person's word, off by two; on the list, in the export, in counts."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.scope import acting_for
from students.actions import (
    change_enrolment,
    list_protected,
    propose_lowering,
    refuse_lowering,
    sign_lowering,
    withdraw_lowering,
)
from students.models import (
    ProtectionWord,
    SpecialGroup,
    SpecialGroupTag,
    Student,
    protected_among,
)
from students.navigation import todos
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.students.pages import page, tag

WHY = "父亲重病，家里没有收入"


def first(cast: Cast) -> Student:
    return Student.objects.get(pk=cast.a.students[0].pk)


def names(cast: Cast) -> set[int]:
    rows = protected_among(Student.objects.for_school(cast.school), clock.today())
    return set(rows.values_list("pk", flat=True))


def poor(cast: Cast, *codes: str) -> Student:
    row = first(cast)
    for code in codes:
        tag(cast, row, code)
    return row


@pytest.mark.parametrize(
    ("codes", "disability", "found"),
    [
        (("dibao",), None, False),
        (("dibao", "disabled_parent"), None, True),
        (("dibao",), "肢体残疾", True),
        (("disabled",), "肢体残疾", False),
        (("disabled", "dibao"), None, True),
        ((), "肢体残疾", False),
    ],
)
def test_the_rule(cast: Cast, codes: tuple[str, ...], disability: str | None, found: bool) -> None:
    row = poor(cast, *codes)
    row.disability = disability
    row.save()
    assert names(cast) == ({row.pk} if found else set())


def test_the_same_group_twice_and_one_that_ended_are_one_hardship(cast: Cast) -> None:
    row = poor(cast, "dibao")
    SpecialGroupTag.objects.filter(student=row).update(valid_to=date(2027, 1, 1))
    tag(cast, row, "dibao")
    tag(cast, row, "orphan")
    SpecialGroupTag.objects.filter(group__code="orphan").update(valid_to=date(2026, 8, 20))
    assert names(cast) == set()


def test_a_group_may_be_enough_alone(cast: Cast) -> None:
    row = poor(cast, "destitute")
    assert names(cast) == set()
    SpecialGroup.objects.filter(code="destitute").update(key_alone=True)
    assert names(cast) == {row.pk}


def test_a_person_lists_and_two_take_off(cast: Cast) -> None:
    row = first(cast)
    list_protected(student=row, reason=WHY, by=cast.operator)
    assert names(cast) == {row.pk}
    asked = propose_lowering(student=row, reason="父亲已经痊愈上班", by=cast.operator)
    assert names(cast) == {row.pk}
    assert [t.title for t in todos(cast.reviewer) if "重点保障" in t.title] == [
        "审核1名学生不再列为重点保障"
    ]
    sign_lowering(word=asked, by=cast.reviewer)
    assert names(cast) == set()
    told = list(ProtectionWord.objects.order_by("pk").values_list("listed", "status"))
    assert told == [(True, "ended"), (False, "force")]
    events = Event.objects.filter(verb__startswith="protectionword").values_list("verb", flat=True)
    assert list(events.order_by("pk")) == [
        "protectionword.list",
        "protectionword.propose",
        "protectionword.end",
        "protectionword.sign",
    ]


def test_taken_off_until_a_new_hardship_comes(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    asked = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    assert asked.held == ["dibao", "orphan"]
    sign_lowering(word=asked, by=cast.a.leader)
    assert names(cast) == set()
    tag(cast, row, "disabled_parent")
    assert names(cast) == {row.pk}
    SpecialGroupTag.objects.filter(group__code="disabled_parent").delete()
    assert names(cast) == set()
    list_protected(student=row, reason=WHY, by=cast.operator)
    assert names(cast) == {row.pk}


def test_one_hardship_ended_and_another_begun_is_a_new_one(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    asked = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    sign_lowering(word=asked, by=cast.reviewer)
    SpecialGroupTag.objects.filter(group__code="orphan").update(valid_to=date(2026, 8, 20))
    assert names(cast) == set()
    tag(cast, row, "disabled_parent")
    assert names(cast) == {row.pk}
    SpecialGroupTag.objects.filter(group__code="disabled_parent").delete()
    row.disability = "肢体残疾"
    row.save()
    assert names(cast) == {row.pk}


def test_refused_and_withdrawn_change_nothing(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    asked = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    with pytest.raises(Refused, match="没有写明退回的原因"):
        refuse_lowering(word=asked, reason=" ", by=cast.reviewer)
    refuse_lowering(word=asked, reason="民政没有更正", by=cast.reviewer)
    again = propose_lowering(student=row, reason="民政已来函更正", by=cast.operator)
    withdraw_lowering(word=again, by=cast.operator)
    assert names(cast) == {row.pk}
    with pytest.raises(Refused, match="现在是“已撤回”"):
        sign_lowering(word=again, by=cast.reviewer)


def test_all_reasons_at_once(cast: Cast) -> None:
    row = first(cast)
    with pytest.raises(Refused) as refused:
        propose_lowering(student=row, reason="", by=cast.reviewer)
    assert len(refused.value.reasons) == 3
    list_protected(student=row, reason=WHY, by=cast.operator)
    with pytest.raises(Refused) as refused:
        list_protected(student=row, reason="", by=cast.b.operator)
    assert len(refused.value.reasons) == 3
    propose_lowering(student=row, reason="已经好转", by=cast.operator)
    with pytest.raises(Refused, match="正在办理"):
        propose_lowering(student=row, reason="已经好转", by=cast.operator)


def test_nobody_signs_his_own(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    asked = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    with pytest.raises(Refused, match="审核人或分管领导审核"):
        sign_lowering(word=asked, by=cast.operator)
    with pytest.raises(IntegrityError, match="protection_second_person"), transaction.atomic():
        ProtectionWord.objects.filter(pk=asked.pk).update(
            status="force", sign_by=asked.proposed_by_id, sign_at=clock.now()
        )
    with (
        pytest.raises(IntegrityError, match="protection_lowering_signed"),
        transaction.atomic(),
    ):
        ProtectionWord.objects.filter(pk=asked.pk).update(status="force")


@pytest.mark.parametrize("who", ["reviewer", "head_teacher", "bureau_operator", "b"])
def test_only_the_officer_of_the_school_takes_it_back(cast: Cast, who: str) -> None:
    row = poor(cast, "dibao", "orphan")
    asked = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    by = cast.b.operator if who == "b" else getattr(cast, who)
    with pytest.raises(Refused, match="请经办登录后办理"):
        withdraw_lowering(word=asked, by=by)
    asked.refresh_from_db()
    assert asked.status == "proposed"


NOW = "2026-09-01T09:00:00+08:00"


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        (False, "status = 'refused'"),
        (False, "status = 'refused', refuse_by_id = {other}, refuse_at = '{now}'"),
        (False, "status = 'refused', refuse_by_id = {other}, answer = '没有核实'"),
        (False, "refuse_by_id = {other}, refuse_at = '{now}', answer = '没有核实'"),
        (False, "answer = '没有核实'"),
        (False, "end_by_id = {other}, end_at = '{now}'"),
        (False, "sign_at = '{now}'"),
        (True, "status = 'ended'"),
        (True, "status = 'ended', end_at = '{now}'"),
        (True, "end_by_id = {other}, end_at = '{now}'"),
        (True, "sign_at = '{now}'"),
    ],
)
def test_the_database_keeps_status_and_stamps_together(cast: Cast, listed: bool, told: str) -> None:
    if listed:
        word = list_protected(student=first(cast), reason=WHY, by=cast.operator)
    else:
        row = poor(cast, "dibao", "orphan")
        word = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    changes = told.format(other=cast.reviewer.person_id, now=NOW)
    with (
        pytest.raises(IntegrityError, match="protection_stamps"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE students_protectionword SET {changes} WHERE id = %s", [word.pk])


def test_who_left_is_not_counted(cast: Cast) -> None:
    row = poor(cast, "dibao", "orphan")
    change_enrolment(
        student=row, kind="withdraw", on=date(2026, 9, 1), reason="退学", by=cast.operator
    )
    assert names(cast) == set()
    with pytest.raises(Refused, match="已离校"):
        list_protected(student=row, reason=WHY, by=cast.operator)


def test_the_way_through_the_pages(cast: Cast, sign_in: Any) -> None:
    row = first(cast)
    client = sign_in(cast.operator)
    assert "现在没有重点保障学生" in page(client, "protection")
    url = reverse("students:protect", kwargs={"student_id": row.pk})
    assert "还没有写明原因" in client.post(url, {"act": "list"}).content.decode()
    assert client.post(url, {"act": "list", "reason": WHY}).status_code == 302
    assert "重点保障" in page(client, "student", student_id=row.pk)
    assert WHY in page(client, "protection")
    assert client.post(url, {"act": "lower", "reason": "已经好转"}).status_code == 302
    word = ProtectionWord.objects.get(status="proposed")
    reviewer = sign_in(cast.reviewer)
    assert "同意不列入" in page(reviewer, "protection")
    reviewer.post(reverse("students:lowering_sign"), {"word": word.pk})
    assert names(cast) == set()
    page(reviewer, "protection")
    assert "重点保障" not in page(sign_in(cast.a.finance), "student", student_id=row.pk)


def test_another_schools_word_is_not_found(cast: Cast, sign_in: Any) -> None:
    row = poor(cast, "dibao", "orphan")
    word = propose_lowering(student=row, reason="名单有误，已核实", by=cast.operator)
    with acting_for(cast.b.school):
        client = sign_in(cast.b.reviewer)
        client.post(reverse("students:lowering_sign"), {"word": word.pk})
    word.refresh_from_db()
    assert word.status == "proposed"


def test_the_list_and_the_export_tell(cast: Cast, sign_in: Any) -> None:
    row = poor(cast, "dibao", "orphan")
    client = sign_in(cast.operator)
    second = cast.a.students[1].name
    shown = page(client, "roster", query={"about": "protected"})
    assert (row.name in shown, second in shown) == (True, False)
    answer = client.post(reverse("students:export"), {})
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    head, *rows = [list(line) for line in sheet.iter_rows(values_only=True)]
    told = {r[0]: r[head.index("重点保障")] for r in rows}
    assert (told[row.name], told[second]) == ("是", None)


def test_a_bureau_counts_its_schools(cast: Cast, sign_in: Any) -> None:
    row = poor(cast, "dibao", "orphan")
    with acting_for(cast.district):
        client = sign_in(cast.bureau_operator)
        shown = client.get(reverse("students:protection_schools")).content.decode()
    assert str(cast.school) in shown
    assert row.name not in shown
    with acting_for(cast.other_district):
        client = sign_in(cast.other_bureau_operator)
        shown = client.get(reverse("students:protection_schools")).content.decode()
    assert str(cast.school) not in shown


def test_the_page_asks_as_often_for_many(
    cast: Cast, sign_in: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    list_protected(student=first(cast), reason=WHY, by=cast.operator)
    client = sign_in(cast.operator)
    url = reverse("students:protection")
    client.get(url)
    with django_assert_max_num_queries(60) as few:
        client.get(url)
    for row in cast.a.students[1:]:
        list_protected(student=row, reason=WHY, by=cast.operator)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(url)


# --- races ---


@pytest.mark.race
def test_of_many_who_list_one_does(committed: Cast) -> None:
    row = committed.a.students[0]
    won = race(
        lambda _: list_protected(student=row, reason=WHY, by=committed.operator),
        organisation=committed.school,
    )
    assert won["won"] == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_guards_many_list(committed: Cast) -> None:
    row = committed.a.students[0]
    with without("students_protectionword", "protection_in_force_once"):
        won = unguarded(
            lambda _: list_protected(student=row, reason=WHY, by=committed.operator),
            organisation=committed.school,
        )
        assert won > 1
        with acting_for(committed.school):
            assert ProtectionWord.objects.filter(status="force").count() > 1


@pytest.mark.race
def test_of_many_who_ask_one_does(committed: Cast) -> None:
    row = _listed(committed)
    won = race(
        lambda _: propose_lowering(student=row, reason="已经好转", by=committed.operator),
        organisation=committed.school,
    )
    assert won["won"] == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_guards_many_ask(committed: Cast) -> None:
    row = _listed(committed)
    with without("students_protectionword", "protection_proposed_once"):
        won = unguarded(
            lambda _: propose_lowering(student=row, reason="已经好转", by=committed.operator),
            organisation=committed.school,
        )
        assert won > 1
        with acting_for(committed.school):
            assert ProtectionWord.objects.filter(status="proposed").count() > 1


def _listed(cast: Cast) -> Student:
    with acting_for(cast.school):
        row = first(cast)
        list_protected(student=row, reason=WHY, by=cast.operator)
        return row


def answering(cast: Cast) -> Any:
    """Three answers to one proposal, by turns."""
    row = _listed(cast)
    with acting_for(cast.school):
        word = propose_lowering(student=row, reason="已经好转", by=cast.operator)

    def act(i: int) -> object:
        if i % 3 == 0:
            return sign_lowering(word=word, by=cast.reviewer)
        if i % 3 == 1:
            return refuse_lowering(word=word, reason="没有核实", by=cast.a.leader)
        return withdraw_lowering(word=word, by=cast.operator)

    return act


@pytest.mark.race
def test_of_many_answers_one_counts(committed: Cast) -> None:
    won = race(answering(committed), organisation=committed.school)
    assert won["won"] == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_locks_many_answers_count(committed: Cast) -> None:
    act = answering(committed)
    guards = ("protection_lowering_signed", "protection_stamps")
    with without("students_protectionword", *guards):
        assert unguarded(act, organisation=committed.school) > 1
