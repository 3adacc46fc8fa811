"""A child under 14 does not sign by itself, however the form comes; the consent is kept."""

from datetime import date
from typing import Any

import pytest

from applications import actions
from applications.actions.form_sheets import look_at
from applications.models import Application, HouseholdSurvey, Round
from applications.rules.family_facts import Signed
from audit.refusal import Refused
from schools import clock
from schools.tenancy import set_scope
from students.models import SpecialGroup, Student
from tests.applications import family, scenes, sheets
from tests.applications.test_views import form
from tests.cast import Cast

SIGNED = {"committed_by": "张样泽", "committed_relation": "father", "consents": True}


@pytest.fixture
def child(cast: Cast) -> Student:
    """Thirteen until the day after the window opens."""
    student = cast.a.students[0]
    student.birth_date, student.student_no = date(2013, 5, 6), "202600"
    student.save(update_fields=["birth_date", "student_no"])
    return student


def draft(cast: Cast, round_: Round, student: Student, **told: Any) -> Application:
    return actions.draft_application(
        round_=round_,
        student=student,
        by=cast.head_teacher,
        survey=scenes.FAMILY,
        reason="父母务工，收入低",
        committed_on=date(2026, 9, 1),
        identity_paper="hukou",
        **{**SIGNED, **told},
    )


@pytest.mark.parametrize("told", [{"committed_by": "itself"}, {"committed_relation": "student"}])
def test_its_own_name_is_no_commitment(
    cast: Cast, round_: Round, child: Student, told: dict[str, str]
) -> None:
    if "committed_by" in told:
        told = {"committed_by": child.name}
    with pytest.raises(Refused, match="不能自己承诺"):
        draft(cast, round_, child, **told)
    assert not Application.objects.exists()


def test_without_a_guardians_consent_it_is_not_handed_in(
    cast: Cast, round_: Round, child: Student
) -> None:
    bare = draft(cast, round_, child, committed_relation="", consents=False)
    with pytest.raises(Refused) as caught:
        actions.submit(application=bare, by=cast.head_teacher)
    assert [r.text for r in caught.value.reasons] == [
        "没有填承诺人与学生的关系",
        "没有监护人同意处理个人信息的记录",
    ]
    whole = actions.revise(
        application=bare,
        by=cast.head_teacher,
        survey=scenes.FAMILY,
        reason="父母务工，收入低",
        committed_on=date(2026, 9, 1),
        identity_paper="hukou",
        **SIGNED,  # type: ignore[arg-type]
    )
    submitted = actions.submit(application=whole, by=cast.head_teacher)
    assert (submitted.committed_relation, submitted.consents) == ("father", True)


def test_from_14_on_a_student_signs_by_itself(cast: Cast, round_: Round) -> None:
    student = cast.a.students[0]
    grown = draft(cast, round_, student, committed_by=student.name, committed_relation="student")
    assert actions.submit(application=grown, by=cast.head_teacher).status == "submitted"


def test_on_the_phone_the_guardian_signs_as_well(cast: Cast, round_: Round, child: Student) -> None:
    phone = family.visit(round_, child, cast.head_teacher)
    family.fill(phone)
    own = Signed("收入低", child.name)
    actions.save_signed(visit=phone, told=own, mark=family.mark(phone, "papers"))
    with pytest.raises(Refused, match="不能自己承诺"):
        actions.hand_over(visit=phone)
    actions.save_signed(visit=phone, told=family.SIGNED, mark=family.mark(phone, "papers"))
    assert family.accept(actions.hand_over(visit=phone), cast.head_teacher).status == "submitted"


def test_a_consent_withdrawn_on_the_phone_does_not_count_for_a_new_beginning(
    cast: Cast, round_: Round, child: Student
) -> None:
    phone = family.visit(round_, child, cast.head_teacher)
    family.fill(phone)
    actions.save_signed(visit=phone, told=family.SIGNED, mark=family.mark(phone, "papers"))
    handed = family.accept(actions.hand_over(visit=phone), cast.head_teacher)
    actions.withdraw(application=handed, by=cast.head_teacher)
    with clock.at(date(2026, 9, 3)):
        anew = draft(cast, round_, child, committed_relation="", consents=False)
        with pytest.raises(Refused) as caught:
            actions.submit(application=anew, by=cast.head_teacher)
        assert [r.text for r in caught.value.reasons] == [
            "没有填承诺人与学生的关系",
            "没有监护人同意处理个人信息的记录",
        ]
        who = family.WHO
        actions.save_who(visit=phone, told=who, consents=True, mark=family.mark(phone, "who"))
        assert actions.submit(application=anew, by=cast.head_teacher).status == "submitted"


def sheet(cast: Cast, round_: Round, child: Student, **changes: Any) -> Any:
    content = sheets.filled([sheets.row(child, **changes)], [sheets.member(child)])
    staged = actions.stage_form_sheet(
        round_=round_, content=content, filename="填报表.xlsx", by=cast.head_teacher
    )
    return staged, look_at(staged, cast.head_teacher)


def test_a_workbook_is_held_to_the_same(cast: Cast, round_: Round, child: Student) -> None:
    _, seen = sheet(cast, round_, child, committed_by=child.name)
    (wrong,) = seen.errors
    assert wrong.label == "承诺人"
    assert wrong.text.startswith(f"{child.name}不满14周岁，不能自己承诺")
    _, seen = sheet(cast, round_, child)
    assert [r.text for r in seen.ready[0].missing] == [
        "没有填承诺人与学生的关系",
        "没有监护人同意处理个人信息的记录",
    ]
    staged, seen = sheet(cast, round_, child, committed_relation="父亲", consents="是")
    assert seen.ready[0].missing == []
    actions.apply_form_sheet(sheet=staged, hand_in=True, by=cast.head_teacher)
    entered = Application.objects.get()
    assert (entered.status, entered.committed_relation, entered.consents) == (
        "submitted",
        "father",
        True,
    )


def test_on_the_page_a_child_keeps_what_was_typed_and_is_told_what_is_missing(
    cast: Cast, round_: Round, child: Student, sign_in: Any
) -> None:
    client = sign_in(cast.head_teacher)
    url = f"/applications/rounds/{round_.pk}/students/{child.pk}/"
    own = client.post(url, form(committed_by=child.name, claims="orphan"))
    assert own.status_code == 422
    assert "不能自己承诺" in own.text
    bare = client.post(url, form(claims="orphan"), follow=True)
    for told in (
        "自报孤儿，部门名单里没有",
        "特殊群体类型：孤儿",
        "没有填承诺人与学生的关系",
        "没有监护人同意处理个人信息的记录",
    ):
        assert told in bare.text
    set_scope(cast.school.pk)
    edit = f"/applications/entries/{Application.objects.get().pk}/edit/"
    signed = form(committed_relation="mother", consents="on", claims="orphan")
    whole = client.post(edit, signed, follow=True)
    assert "承诺人已签字同意" in whole.text
    assert "张样泽（母亲）" in whole.text
    assert "提交申请" in whole.text


def test_groups_told_in_a_workbook_are_kept_and_a_wrong_one_is_told(
    cast: Cast, round_: Round, child: Student
) -> None:
    names = list(SpecialGroup.objects.order_by("pk").values_list("name", flat=True))
    _, seen = sheet(cast, round_, child, claims=f"{names[0]}、富裕家庭")
    assert [(e.label, e.text.split("，")[0]) for e in seen.errors] == [
        ("特殊群体类型", "没有“富裕家庭”这类特殊群体")
    ]
    staged, _ = sheet(cast, round_, child, claims=f"{names[0]}，{names[1]}")
    actions.apply_form_sheet(sheet=staged, hand_in=False, by=cast.head_teacher)
    codes = SpecialGroup.objects.filter(name__in=names[:2]).values_list("code", flat=True)
    assert HouseholdSurvey.objects.get().claims == sorted(codes)


def test_a_number_of_5000_digits_is_told_with_its_cell(
    cast: Cast, round_: Round, child: Student
) -> None:
    _, seen = sheet(cast, round_, child, family_size="9" * 5000, students_in_family="9" * 5000)
    assert [e.text for e in seen.errors] == ["应是1到30之间的整数", "应是1到15之间的整数"]
