"""更正证件: what each step writes down and asks about, one condition at a time."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from audit.models import Event
from audit.refusal import Refused
from privacy.identity import EARLIEST_BIRTH
from privacy.masks import mask_id
from schools import clock
from schools.scope import acting_for
from students.actions import (
    propose_correction,
    propose_exchange,
    refuse_correction,
    reveal_correction,
    sign_correction,
    withdraw_correction,
)
from students.models import IdentityCorrection, Student, blind_enrolment
from students.rules.corrections import Identity, checked, exchanged, lines_of
from tests.cast import Cast
from tests.cast import student as new_student
from tests.students.test_corrections import (
    BIRTH,
    NUMBER,
    OTHER,
    PROVISIONAL,
    TOLD,
    numberless,
    proposed,
)
from tests.students.test_exchanges import two

LONG = "凭" * 130
LEFT: dict[str, Any] = {"status": "left", "left_on": date(2026, 9, 1), "birth_date": BIRTH}
# Told with empty numbers: the name alone is put right.
RENAMED = Identity("甲示新", "none", "", "", "m", BIRTH)


def told_of(verb: str) -> list[tuple[int | None, str, dict[str, Any]]]:
    rows = Event.objects.filter(verb=f"identitycorrection.{verb}").order_by("seq")
    return [(e.about_id, e.reason, e.facts) for e in rows]


def why(act: Any, **told: Any) -> list[str]:
    with pytest.raises(Refused) as refused:
        act(**told)
    assert all(r.mend for r in refused.value.reasons)
    return [r.text for r in refused.value.reasons]


def test_every_step_tells_of_whom_and_why(cast: Cast) -> None:
    row = numberless(cast)
    whose = row.pk
    told: dict[str, Any] = {"student": row, "told": TOLD, "by": cast.operator}
    made = propose_correction(**told, reason=" 凭户口簿更正 ")
    assert made.reason == "凭户口簿更正"
    assert (made.proposed_by, made.proposed_at) == (cast.operator.person, clock.now())
    fields = {"fields": ["id_kind", "id_number", "enrolment_no"]}
    assert told_of("propose") == [(whose, "凭户口簿更正", fields)]
    for field in ("id_number", "enrolment_no"):
        reveal_correction(correction=made, field=field, reason=" 对照证件 ", by=cast.reviewer)
    assert told_of("reveal") == [
        (whose, "对照证件", {"field": "id_number"}), (whose, "对照证件", {"field": "enrolment_no"}),
    ]  # fmt: skip
    sent_back = refuse_correction(correction=made, reason=" 没有附件 ", by=cast.reviewer)
    assert (sent_back.status, sent_back.answer) == ("refused", "没有附件")
    taken_back = withdraw_correction(correction=proposed(cast, row), by=cast.operator)
    assert taken_back.status == "withdrawn"
    signed = sign_correction(correction=proposed(cast, row), by=cast.reviewer)
    assert signed.status == "signed"
    for verb, reason in (("refuse", "没有附件"), ("withdraw", ""), ("sign", "")):
        ((about, why_not, _),) = told_of(verb)
        assert (about, why_not) == (whose, reason)


def test_a_long_reason_is_kept_as_far_as_there_is_room(cast: Cast) -> None:
    told: dict[str, Any] = {"student": numberless(cast), "told": TOLD, "by": cast.operator}
    made = propose_correction(**told, reason=LONG)
    made = refuse_correction(correction=made, reason=LONG, by=cast.reviewer)
    assert (made.reason, made.answer) == (LONG[:120], LONG[:120])
    first, second = two(cast)
    halves = propose_exchange(first=first, second=second, reason=LONG, by=cast.operator)
    assert {half.reason for half in halves} == {LONG[:120]}


def test_both_halves_of_an_exchange_are_written_down(cast: Cast) -> None:
    first, second = two(cast)
    told: dict[str, Any] = {"first": first, "second": second, "by": cast.operator}
    propose_exchange(**told, reason=" 两行填反 ")
    fields = ["id_number", "enrolment_no", "sex", "birth_date"]
    facts = {"fields": fields, "exchange": True}
    assert told_of("propose") == [(row.pk, "两行填反", facts) for row in (first, second)]
    assert set(IdentityCorrection.objects.values_list("reason", flat=True)) == {"两行填反"}


@pytest.mark.parametrize("half", [0, 1])
def test_the_half_that_was_answered_comes_back(cast: Cast, half: int) -> None:
    first, second = two(cast)
    told: dict[str, Any] = {"first": first, "second": second, "by": cast.operator}
    made = propose_exchange(**told, reason="两行填反")[half]
    assert refuse_correction(correction=made, reason="再核对", by=cast.reviewer).pk == made.pk
    made = propose_exchange(**told, reason="两行填反")[half]
    assert withdraw_correction(correction=made, by=cast.operator).pk == made.pk
    made = propose_exchange(**told, reason="两行填反")[half]
    assert sign_correction(correction=made, by=cast.reviewer).pk == made.pk


def test_what_is_answered_is_refused_with_this_reason_among_all(cast: Cast) -> None:
    made = sign_correction(correction=proposed(cast), by=cast.reviewer)
    told: dict[str, Any] = {"correction": made}
    # Not that the roster has changed since, which it has by the signature.
    assert why(sign_correction, **told, by=cast.reviewer) == ["现在是“已更正”，不能同意更正"]
    assert why(refuse_correction, **told, reason=" ", by=cast.reviewer) == [
        "现在是“已更正”，不能退回", "没有写明退回的原因",
    ]  # fmt: skip
    assert why(withdraw_correction, **told, by=cast.reviewer) == [
        "更正由本校资助专干（经办）提请和撤回", "现在是“已更正”，不能撤回",
    ]  # fmt: skip


def test_who_had_the_number_is_named_three_at_most(cast: Cast) -> None:
    rows = [
        new_student(cast.a.school_class, f"{c}示例", id_number=NUMBER, **LEFT) for c in "乙丙丁戊"
    ]
    # Written again, it lies behind the others.
    Student.objects.filter(pk=rows[0].pk).update(pinyin="yishili")
    with pytest.raises(Refused) as refused:
        proposed(cast)
    assert [(r.text, r.mend) for r in refused.value.reasons] == [
        (f"本校已离校的{c}示例已用这个证件号码", "如是同一人，请在那一条上登记转入")
        for c in "乙丙丁"
    ]


def test_whose_number_it_is_is_held_against_the_document(cast: Cast) -> None:
    new_student(cast.a.school_class, "乙示例", birth_date=BIRTH, id_number=NUMBER)
    with pytest.raises(Refused) as refused:
        proposed(cast)
    assert [(r.text, r.mend) for r in refused.value.reasons] == [
        (
            "本校在籍在校的乙示例已用这个证件号码",
            "请对照证件核对；如是同一人重复登记，请先注销多余的一条",
        )
    ]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_numbers_that_stay_are_not_asked_about(cast: Cast, elsewhere: bool) -> None:
    """An older record of the child, or one at another school, does not hold his name back."""
    row = numberless(cast)
    if elsewhere:
        with acting_for(cast.b.school):
            new_student(cast.b.school_class, "甲示例", birth_date=BIRTH, id_number=PROVISIONAL)
    else:
        enrolled = blind_enrolment(PROVISIONAL)
        new_student(
            cast.a.school_class, "甲示例", id_number=OTHER, enrolment_blind=enrolled, **LEFT
        )
        new_student(cast.a.school_class, "甲示例", id_number=PROVISIONAL, **LEFT)
    told: dict[str, Any] = {"student": row, "told": RENAMED, "by": cast.operator}
    made = propose_correction(**told, reason="凭户口簿更正")
    assert made.fields == ["name"]
    sign_correction(correction=made, by=cast.reviewer)
    assert Student.objects.get(pk=row.pk).name == "甲示新"


def test_children_without_enrolment_numbers_are_no_doubles(cast: Cast) -> None:
    for name, number in (("丁示例", NUMBER), ("戊示例", OTHER)):
        row = new_student(cast.a.school_class, name, birth_date=BIRTH, id_number=number)
        row.enrolment_no = ""
        row.save()
        told = Identity(f"{name[0]}示新", "resident", "", "", "m", BIRTH)
        made = propose_correction(student=row, told=told, reason="凭户口簿", by=cast.operator)
        assert made.fields == ["name"]
        sign_correction(correction=made, by=cast.reviewer)
        assert Student.objects.get(pk=row.pk).enrolment_blind is None


def test_a_page_shows_what_changes_with_numbers_masked(cast: Cast) -> None:
    made = proposed(cast, enrolment_no="")
    lines = [(one.name, one.label, one.before, one.after, one.sealed) for one in lines_of(made)]
    assert lines == [
        ("id_kind", "证件类型", "无证件", "居民身份证", False),
        ("id_number", "证件号码", mask_id(PROVISIONAL), mask_id(NUMBER), True),
    ]
    first, second = two(cast)
    told: dict[str, Any] = {"first": first, "second": second, "by": cast.operator}
    half = propose_exchange(**told, reason="两行填反", enrolment=False)[0]
    assert [(one.label, one.before, one.after) for one in lines_of(half)][1:] == [
        ("性别", "女", "男"), ("出生日期", "2009年7月8日", "2009年5月6日"),
    ]  # fmt: skip
    row = numberless(cast, f"J{OTHER}", "乙示例")
    renamed = replace(RENAMED, name="乙示新", enrolment_no=f"J{NUMBER}")
    told = {"student": row, "told": renamed, "reason": "凭户口簿", "by": cast.operator}
    assert [(one.label, one.before, one.after) for one in lines_of(propose_correction(**told))] == [
        ("姓名", "乙示例", "乙示新"),
        ("证件号码", mask_id(f"J{OTHER}"), mask_id(f"J{NUMBER}")),
        ("学籍号", mask_id(f"J{OTHER}"), mask_id(f"J{NUMBER}")),
    ]


CARD = Identity("甲示例", "resident", NUMBER, "G1234", "m", BIRTH)


@pytest.mark.parametrize(
    ("kind", "number", "goes"),
    [
        ("resident", OTHER, True),
        ("residence", OTHER[:17] + "X", True),
        # Eight figures, or as many letters as a card has figures, tell no birth.
        ("permit", "12345678", False),
        ("passport", "AB1234567890123456", False),
    ],
)
def test_birth_and_sex_go_with_a_number_that_tells_them(kind: str, number: str, goes: bool) -> None:
    born = date(2010, 1, 2)
    other = Identity("乙示例", kind, number, "G5678", "f", born)
    facts: dict[str, Any] = {"id_kind": kind, "id_number": number}
    if goes:
        facts |= {"sex": "f", "birth_date": born}
    assert exchanged(CARD, other, False) == replace(CARD, **facts)
    assert exchanged(CARD, other, True) == replace(CARD, **facts, enrolment_no="G5678")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"birth_date": EARLIEST_BIRTH}, []),
        ({"birth_date": date(2026, 9, 1)}, []),
        ({"birth_date": EARLIEST_BIRTH - timedelta(1)}, ["出生日期应在1900年之后、今天之前"]),
        ({"birth_date": date(2026, 9, 2)}, ["出生日期应在1900年之后、今天之前"]),
        ({}, ["没有要更正的内容"]),
        # What is wrong with what stands there is told, not that nothing is to be put right.
        ({"enrolment_no": "一"}, ["学籍号应为4至24位字母和数字"]),
        ({"enrolment_no": " g 5678 "}, []),
    ],
)
def test_what_is_told_is_held_against_what_stands(changed: dict[str, Any], said: list[str]) -> None:
    now = replace(CARD, id_kind="passport", id_number="E12345678", enrolment_no="")
    if changed.get("enrolment_no") == "一":
        now = replace(now, enrolment_no="一")
    found = checked(now, replace(now, id_number="", **changed), today=date(2026, 9, 1))
    assert [r.text for r in found.reasons] == said
    assert found.told.id_number == "E12345678"
    if "g" in changed.get("enrolment_no", ""):
        assert found.told.enrolment_no == "G5678"


def test_who_left_is_not_put_right(cast: Cast) -> None:
    row = new_student(cast.a.school_class, "甲示例", id_number=NUMBER, **LEFT)
    told: dict[str, Any] = {"student": row, "told": replace(TOLD, name="甲示新")}
    assert why(propose_correction, **told, reason="凭户口簿", by=cast.operator) == [
        "甲示例已离校，档案不再更改"
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("resident", f" {OTHER[:6]} {OTHER[6:]} ", OTHER),
        ("permit", "h 12345678", "H12345678"),
        ("passport", "e-1234 5678", "E12345678"),
    ],
)
def test_a_number_is_kept_without_its_accidents(kind: str, typed: str, kept: str) -> None:
    told = replace(CARD, id_kind=kind, id_number=typed, sex="f" if kind == "resident" else "m")
    found = checked(CARD, told, today=date(2026, 9, 1))
    assert (found.told.id_number, found.told.id_kind) == (kept, kind)
