"""The bank's list of cards: every fault by its cell, nothing written before all is well."""

import io
from collections.abc import Sequence
from datetime import date

import openpyxl
import pytest

from audit.refusal import Refused
from disbursement import actions
from disbursement.card_files import CardSheet
from disbursement.models import AidCard
from office.spreadsheets.writing import write_rows
from tests.disbursement import cases
from tests.disbursement.cases import Aid

HEADERS = ("序号", "班级", "姓名", "学号", "卡号", "开户行")
GOOD = "6222000011112222334"


@pytest.fixture
def numbered(its: Aid) -> Aid:
    """Students with school numbers."""
    for n, someone in enumerate(its.staffed.students, 1):
        someone.student_no = f"26000{n}"
        someone.save()
    return its


def _file(rows: Sequence[Sequence[str]], headers: Sequence[str] = HEADERS) -> bytes:
    return write_rows(None, headers, rows)


def _row(its: Aid, n: int, card: str, bank: str = "示范银行") -> list[str]:
    someone = its.staffed.students[n - 1]
    return [str(n), "高一（1）班", someone.name, f"26000{n}", card, bank]


def _look(its: Aid, content: bytes) -> CardSheet:
    return actions.look_at_cards(school=its.school, content=content, filename="卡.xlsx")


def _import(its: Aid, content: bytes) -> list[AidCard]:
    return actions.import_cards(
        school=its.school, content=content, filename="卡.xlsx", by=its.staffed.operator
    )


def test_all_are_registered_in_the_students_own_name(numbered: Aid) -> None:
    rows = [_row(numbered, n, cases.card_number()) for n in (1, 2, 3)]
    cards = _import(numbered, _file(rows))
    assert [c.holder for c in cards] == [s.name for s in numbered.staffed.students]
    assert {c.status for c in AidCard.objects.all()} == {"issued"}
    assert [c.number.reveal() for c in cards] == [r[4] for r in rows]


def test_the_same_file_again_changes_nothing(numbered: Aid) -> None:
    content = _file([_row(numbered, 1, GOOD)])
    _import(numbered, content)
    assert (_look(numbered, content).unchanged, _look(numbered, content).rows) == (1, [])
    with pytest.raises(Refused, match="没有新的资助卡"):
        _import(numbered, content)


def test_every_fault_by_its_cell_and_nothing_written(numbered: Aid) -> None:
    cases.card(numbered, numbered.staffed.students[2], number=cases.card_number())
    taken = AidCard.objects.get().number.reveal()
    rows = [
        ["1", "高一（1）班", "错名", "260001", taken, "示范银行"],
        ["2", "高一（1）班", "不存在", "999999", "62220000", ""],
        _row(numbered, 2, GOOD),
        _row(numbered, 2, "6222 0000 1111 2222 334"),
        _row(numbered, 3, cases.card_number()),
    ]
    found = _look(numbered, _file(rows))
    assert [(w.place, w.reason.split("，")[0]) for w in found.wrong] == [
        ("C2", "名册里这个学号是“张示远”"),
        ("D3", "在籍学生里没有这个学号"),
        ("F3", "没有开户行"),
        ("E3", "银行卡号应为 16 至 19 位数字"),
        ("E5", "与第4行的卡号相同"),
        ("D5", "与第4行是同一名学生"),
        ("E6", f"该生已有{AidCard.objects.get().number}的卡"),
    ]
    assert len(found.marks) == len(found.wrong)
    assert not any(taken in w.value or GOOD in w.value for w in found.wrong)
    with pytest.raises(Refused) as refused:
        _import(numbered, _file(rows))
    assert len(refused.value.reasons) == 7
    assert AidCard.objects.count() == 1


def test_a_card_of_another_student(numbered: Aid) -> None:
    cases.card(numbered, numbered.staffed.students[2], number=GOOD)
    (wrong,) = _look(numbered, _file([_row(numbered, 1, GOOD)])).wrong
    assert (wrong.place, wrong.reason) == ("E2", "这个卡号已登记在另一名学生名下，请核对卡面")


def test_a_lost_card_makes_room_for_the_banks_new_one(numbered: Aid) -> None:
    lost = cases.card(numbered, numbered.staffed.students[0], number=GOOD)
    actions.report_lost(card=lost, by=numbered.staffed.operator)
    fresh = cases.card_number()
    (card,) = _import(numbered, _file([_row(numbered, 1, fresh)]))
    assert (card.student_id, card.number.reveal()) == (lost.student_id, fresh)


def test_a_school_number_of_two_students_names_neither(numbered: Aid) -> None:
    first, second, _ = numbered.staffed.students
    second.student_no, second.name = first.student_no, first.name
    second.save()
    (wrong,) = _look(numbered, _file([_row(numbered, 1, GOOD)])).wrong
    assert wrong.place == "D2"


def test_a_sheet_that_nobody_sees_is_not_read(numbered: Aid) -> None:
    fresh = cases.card_number()
    book = openpyxl.load_workbook(io.BytesIO(_file([_row(numbered, 1, fresh)])))
    old = book.create_sheet("旧卡", 0)
    for row in (HEADERS, _row(numbered, 1, GOOD)):
        old.append(list(row))
    old.sheet_state = "hidden"
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    assert [row.number for row in _look(numbered, out.getvalue()).rows] == [fresh]


def test_who_left_is_not_in_the_banks_list(numbered: Aid) -> None:
    someone = numbered.staffed.students[0]
    someone.status, someone.left_on = "left", date(2026, 11, 9)
    someone.save()
    (wrong,) = _look(numbered, _file([_row(numbered, 1, GOOD)])).wrong
    assert wrong.place == "D2"
    assert wrong.reason.startswith("在籍学生里没有这个学号，离校的学生也没有待发的资助")


def test_a_number_that_two_have_is_whose_name_stands_beside_it(numbered: Aid) -> None:
    one, two, _ = numbered.staffed.students
    two.student_no = one.student_no
    two.save()
    row = _row(numbered, 1, GOOD)
    assert [r.student for r in _look(numbered, _file([row])).rows] == [one]
    row[2] = two.name
    assert [r.student for r in _look(numbered, _file([row])).rows] == [two]
    row[2] = "另一名"
    (wrong,) = _look(numbered, _file([row])).wrong
    assert (wrong.place, wrong.reason[:11]) == ("D2", "有几名学生是这个学号，")
    two.name = one.name
    two.save()
    row[2] = one.name
    assert [w.place for w in _look(numbered, _file([row])).wrong] == ["D2"]


def test_a_holder_written_with_another_dot_is_kept_as_the_bank_has_it(numbered: Aid) -> None:
    someone = numbered.staffed.students[0]
    someone.name = "买买提·示例"
    someone.save()
    row = [*_row(numbered, 1, GOOD), "买买提•示例"]
    (card,) = _import(numbered, _file([row], (*HEADERS, "户名")))
    assert card.holder == "买买提•示例"


def test_a_number_that_lost_its_digits(numbered: Aid) -> None:
    row: list[object] = [*_row(numbered, 1, "")]
    row[4] = 6.222000011112222e18
    content = write_rows(None, HEADERS, [row], number_formats={4: "0"})  # type: ignore[list-item]
    (wrong,) = _look(numbered, content).wrong
    assert "末几位已丢失" in wrong.reason


def test_a_holder_who_is_not_the_student(numbered: Aid) -> None:
    headers = (*HEADERS, "户名")
    content = _file([[*_row(numbered, 1, GOOD), "林可"]], headers)
    (wrong,) = _look(numbered, content).wrong
    assert (wrong.place, wrong.value) == ("G2", "林可")


def test_what_is_no_list_of_cards(numbered: Aid) -> None:
    with pytest.raises(Refused, match="缺少“卡号”“开户行”这一列"):
        _look(numbered, _file([["张示远", "260001"]], ("姓名", "学号")))
    with pytest.raises(Refused, match="没有找到表头"):
        _look(numbered, _file([["1"]], ("甲",)))
    with pytest.raises(Refused, match="表里没有资助卡"):
        _look(numbered, _file([]))
    with pytest.raises(Refused):
        _look(numbered, b"\x00\x01")


def test_only_who_keeps_cards_imports(numbered: Aid) -> None:
    with pytest.raises(Refused, match="您的职责不能导入资助卡"):
        actions.import_cards(
            school=numbered.school,
            content=_file([_row(numbered, 1, GOOD)]),
            filename="x",
            by=numbered.staffed.reviewer,
        )
