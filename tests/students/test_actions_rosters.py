"""Staging and applying a roster."""

import pytest

from audit.models import Event
from audit.refusal import Refused
from office.models import StoredFile
from students.actions import apply_roster, discard_roster, stage_roster
from students.models import Guardian, RosterImport, SchoolClass, Student
from tests.cast import Cast
from tests.students.rosters import name, number, roster, row, workbook


def stage(cast: Cast, content: bytes, filename: str = "名册.xlsx") -> RosterImport:
    return stage_roster(school=cast.school, content=content, filename=filename, by=cast.operator)


def test_staging_writes_no_student(cast: Cast) -> None:
    staged = stage(cast, roster(60))
    assert Student.objects.count() == 3
    assert SchoolClass.objects.count() == 1
    counts = staged.counts
    assert (counts["rows"], counts["added"], counts["changed"], counts["unchanged"]) == (
        60,
        60,
        0,
        0,
    )
    assert (counts["left"], counts["bad"], counts["classes"]) == (3, 0, ["高一（2）班"])
    assert staged.status == "staged"


def test_applying_writes_students_classes_and_guardians(cast: Cast) -> None:
    done = apply_roster(staged=stage(cast, roster(60)), by=cast.operator)
    assert done.status == "applied"
    assert Student.objects.count() == 63
    student = Student.objects.get(name=name(55))
    assert student.school_class.name == "高一（2）班"
    assert student.id_number.reveal() == number(55)
    assert str(student.id_number) == f"990****{number(55)[-2:]}"
    assert (student.household, student.boarding, str(student.entered_on)) == (
        "rural", "boarder", "2026-09-01",
    )  # fmt: skip
    guardian = Guardian.objects.get(student=student)
    assert (guardian.relation, guardian.phone.reveal()) == ("父亲", "13900000055")
    assert Event.objects.filter(verb="rosterimport.apply").get().facts["added"] == 60


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    apply_roster(staged=stage(cast, roster(60)), by=cast.operator)
    again = stage(cast, roster(60))
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 60)
    before = list(Student.objects.order_by("pk").values())
    with pytest.raises(Refused, match="这份文件没有变化"):
        apply_roster(staged=again, by=cast.operator)
    assert list(Student.objects.order_by("pk").values()) == before


def test_only_what_differs_is_changed(cast: Cast) -> None:
    apply_roster(staged=stage(cast, roster(5)), by=cast.operator)
    rows = [row(i) for i in range(4)]
    rows[1] = row(1, 班级="2班", 监护人电话="13811112222", 现住址="示范区新镇9号")
    staged = stage(cast, workbook(rows))
    counts = staged.counts
    assert (counts["added"], counts["changed"], counts["unchanged"], counts["left"]) == (0, 1, 3, 4)
    assert counts["fields"] == {"班级": 1, "监护人电话": 1, "现住址": 1}
    apply_roster(staged=staged, by=cast.operator)
    student = Student.objects.get(name=name(1))
    assert (student.school_class.name, student.address.reveal()) == ("高一（2）班", "示范区新镇9号")
    assert Guardian.objects.get(student=student).phone.reveal() == "13811112222"
    assert Student.objects.filter(status="enrolled").count() == 8


def test_errors_hold_the_file_back_or_only_their_rows(cast: Cast) -> None:
    rows = [row(i) for i in range(5)]
    rows[2] = row(2, 身份证件号码=number(2)[:-1] + "?", 学籍号="")
    staged = stage(cast, workbook(rows))
    assert [(e["cell"], e["column"]) for e in staged.errors] == [("B4", "身份证号")]
    with pytest.raises(Refused, match="有1行有错误"):
        apply_roster(staged=staged, by=cast.operator)
    assert Student.objects.count() == 3
    apply_roster(staged=staged, by=cast.operator, good_rows=True)
    assert Student.objects.count() == 7


def test_a_roster_that_changed_since_the_preview_is_not_written(cast: Cast) -> None:
    first, second = stage(cast, roster(5)), stage(cast, roster(5))
    apply_roster(staged=first, by=cast.operator)
    with pytest.raises(Refused, match="名册在预览之后有变动"):
        apply_roster(staged=second, by=cast.operator)
    assert Student.objects.count() == 8


def test_applied_or_discarded_twice_is_refused(cast: Cast) -> None:
    staged = apply_roster(staged=stage(cast, roster(5)), by=cast.operator)
    with pytest.raises(Refused, match="现在是“已导入”，不能导入"):
        apply_roster(staged=staged, by=cast.operator)
    with pytest.raises(Refused, match="现在是“已导入”，不能放弃"):
        discard_roster(staged=staged, by=cast.operator)
    other = discard_roster(staged=stage(cast, roster(6)), by=cast.operator)
    with pytest.raises(Refused, match="现在是“已放弃”，不能导入"):
        apply_roster(staged=other, by=cast.operator)
    assert Student.objects.count() == 8


def protected() -> bytes:
    """A workbook that says it is encrypted."""
    content = bytearray(roster(1))
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def too_long() -> bytes:
    """100,001 rows of a list."""
    return "\n".join(["姓名,身份证号,班级", *["张示远,,高一3班"] * 100_001]).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (protected(), "文件有密码"),
        (too_long(), "100,000"),
        (b"%PDF-1.7 sample", "这是 PDF 文件，不是表格"),
        (workbook([["甲", "乙"]], ("一", "二")), "表格里没有找到表头"),
        (workbook([], ("姓名", "身份证号", "班级")), "表头下面没有学生"),
    ],
)
def test_what_is_no_roster_leaves_nothing_behind(cast: Cast, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        stage(cast, content)
    assert not RosterImport.objects.exists()
    assert not StoredFile.objects.exists()
