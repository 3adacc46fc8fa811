"""Guardians in a roster file: two of them, with documents; what is wrong is told in its cell."""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from office.spreadsheets.cells import Cell
from office.spreadsheets.headers import find_header
from privacy.fields import blind_id
from students.actions import apply_roster, stage_roster
from students.models import Guardian, RosterImport, Student
from students.rules.roster.columns import KNOWN, LABELS
from tests.cast import Cast, next_id
from tests.students.rosters import HEADERS, row, workbook

MORE = ("监护人身份证件号码", "监护人2姓名", "监护人2关系", "监护人2电话", "监护人2身份证件号码")


def stage(cast: Cast, *more: Cell, **changed: Cell) -> RosterImport:
    content = workbook([[*row(0, **changed), *more]], headers=(*HEADERS, *MORE))
    return stage_roster(school=cast.school, content=content, filename="a.xlsx", by=cast.operator)


def applied(cast: Cast, *more: Cell, **changed: Cell) -> dict[str, Guardian]:
    apply_roster(staged=stage(cast, *more, **changed), by=cast.operator)
    student = Student.objects.get(name=row(0)[0])
    return {g.relation: g for g in Guardian.objects.filter(student=student)}


def test_both_guardians_come_with_their_documents(cast: Cast) -> None:
    father, mother = next_id(), "E12345678"
    found = applied(cast, father, "乙示例", "母亲", "13900000002", mother)
    assert found["父亲"].id_number.reveal() == father
    assert found["父亲"].id_kind == "resident"
    assert bytes(found["父亲"].id_blind or b"") == blind_id(father)
    assert found["母亲"].id_number.reveal() == mother
    assert (found["母亲"].id_kind, found["母亲"].phone.reveal()) == ("passport", "13900000002")


def test_what_a_later_file_says_otherwise_is_changed_and_nothing_else(cast: Cast) -> None:
    father, mother = next_id(), next_id()
    applied(cast, father, "乙示例", "母亲", "13900000002", mother)
    staged = stage(cast, "", "乙示例", "母亲", "13900000003", "")
    assert staged.counts["changed"] == 1
    (sample,) = staged.counts["samples"]["changed"]
    assert [f["label"] for f in sample["fields"]] == ["第二监护人电话"]
    assert "13900000002" not in str(staged.counts)
    apply_roster(staged=staged, by=cast.operator)
    found = {g.relation: g for g in Guardian.objects.all()}
    assert found["母亲"].phone.reveal() == "13900000003"
    assert found["母亲"].id_number.reveal() == mother
    assert found["父亲"].id_number.reveal() == father


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    told: tuple[Any, ...] = (next_id(), "乙示例", "母亲", "13900000002", next_id())
    applied(cast, *told)
    assert stage(cast, *told).counts["unchanged"] == 1


def test_wrong_numbers_are_told_in_their_cells_without_showing_them(cast: Cast) -> None:
    child = str(row(0)[1])
    staged = stage(cast, child, "乙示例", "母亲", "12", next_id()[:-1])
    assert {e["column"] for e in staged.errors} == {
        "监护人身份证号",
        "第二监护人电话",
        "第二监护人身份证号",
    }
    assert child not in str(staged.errors)


def test_the_template_is_understood_whole(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.operator).get("/students/roster/import/template/")
    book = load_workbook(BytesIO(answer.content))
    (headings,) = book.worksheets[0].values
    header = find_header([[str(cell) for cell in headings]], KNOWN)
    assert header is not None
    assert set(header.columns) == set(LABELS)
    assert not header.unknown


def test_one_person_is_not_both_guardians(cast: Cast) -> None:
    staged = stage(cast, "", row(0)[HEADERS.index("监护人姓名")], "母亲", "", "")
    assert [e["column"] for e in staged.errors] == ["第二监护人姓名"]


def test_a_number_without_a_name_is_told(cast: Cast) -> None:
    staged = stage(cast, "", "", "", "", next_id())
    assert any("没有填姓名" in str(w) for w in staged.warnings)
    apply_roster(staged=staged, by=cast.operator)
    assert Guardian.objects.count() == 1
