"""Names as they are stored: too long ones are refused, spellings of one person are one person."""

import pytest
from django.db import IntegrityError, transaction

from audit.refusal import Refused
from privacy.identity import MIDDLE_DOTS, name_key
from students.actions import apply_roster, save_guardian, stage_roster
from students.models import Guardian, RosterImport, Student
from students.rules.guardians import Told
from students.rules.names import spelled
from tests.cast import Cast
from tests.students.rosters import name, row, workbook

SPACED = " ".join("赵" * 50)


def stage(cast: Cast, **changed: str) -> RosterImport:
    content = workbook([row(0, **changed), row(1)])
    return stage_roster(school=cast.school, content=content, filename="a.xlsx", by=cast.operator)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("张 示　远", "张示远"),
        ("阿依•古丽", "阿依·古丽"),
        ("阿依 ・ 古丽", "阿依·古丽"),
        ("Anna  Maria Sample", "Anna Maria Sample"),
        ("Jose\u0301 A\u202e Sample", "José A Sample"),
        ("赵𠮷", "赵𠮷"),
        (SPACED, "赵" * 50),
    ],
)
def test_as_it_is_stored(written: str, stored: str) -> None:
    assert spelled(written) == (stored, [])


@pytest.mark.parametrize("written", [" ".join("AB" * 30), "A" * 61, "赵" * 61])
def test_too_long_with_its_spaces(written: str) -> None:
    assert spelled(written)[1]


@pytest.mark.parametrize(("heading", "cell"), [("姓名", "A2"), ("监护人姓名", "L2")])
def test_a_long_name_is_refused_in_its_cell_and_not_cut(
    cast: Cast, heading: str, cell: str
) -> None:
    staged = stage(cast, **{heading: " ".join("AB" * 30)})
    (error,) = staged.errors
    assert error["cell"] == cell
    assert "最多64个字，现有119个字" in error["reason"]


def test_a_name_typed_with_spaces_stays_the_same_when_it_comes_again(cast: Cast) -> None:
    apply_roster(staged=stage(cast, 监护人姓名=SPACED), by=cast.operator)
    again = stage(cast, 监护人姓名=SPACED)
    assert (again.counts["changed"], again.counts["unchanged"]) == (0, 2)


def test_three_dots_are_one_guardian(cast: Cast) -> None:
    apply_roster(staged=stage(cast, 监护人姓名="阿依·古丽"), by=cast.operator)
    for written in ("阿依•古丽", "阿依・古丽", " 阿依‧古丽 "):
        again = stage(cast, 监护人姓名=written)
        assert (again.counts["changed"], again.counts["unchanged"]) == (0, 2)
    guardian = Guardian.objects.get(student__name=name(0))
    with pytest.raises(Refused, match="已登记名为"):
        save_guardian(student=guardian.student, told=Told("阿依•古丽", "母亲"), by=cast.operator)


def test_the_database_knows_every_dot(cast: Cast) -> None:
    student = Student.objects.first()
    assert student is not None
    for dot in map(chr, MIDDLE_DOTS):
        with transaction.atomic():
            row = Guardian.objects.create(
                school=cast.school, student=student, name=f"阿依{dot}古丽 Ａ", relation="母亲"
            )
            row.refresh_from_db()
            assert row.name_key == name_key(row.name) == "阿依·古丽A"
            with pytest.raises(IntegrityError, match="guardian_once"), transaction.atomic():
                Guardian.objects.create(
                    school=cast.school, student=student, name="阿依·古丽a", relation="母亲"
                )
            row.delete()
