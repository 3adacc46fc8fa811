"""A workbook of forms with what no screen shows and no database takes."""

from applications import actions
from applications.models import HouseholdSurvey
from applications.rules.sheets.cells import Line
from applications.rules.sheets.columns import FAMILY_COLUMNS
from tests.applications import sheets
from tests.cast import Cast

BY_NAME = {column.name: column for column in FAMILY_COLUMNS}


def test_a_number_longer_than_any_is_one_wrong_cell() -> None:
    line = Line("家庭情况", 1, ["9" * 5_000], {"family_size": 0}, BY_NAME)
    assert line.whole("family_size", 1, 30) is None
    assert [e.place for e in line.errors] == ["A2"]


def test_control_characters_never_come_into_a_form(cast: Cast) -> None:
    student = cast.a.students[0]
    student.student_no = "202600"
    student.save(update_fields=["student_no"])
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    told = sheets.row(
        student,
        debt="建房_x0000_欠3万元",
        reason="父母\u202e务工，_x0008_收入低",
        committed_by="张_x0000_样泽",
    )
    members = [sheets.member(student, name="张_x0000_样\u2067泽", occupation="务_x0000_工")]
    sheet = actions.stage_form_sheet(
        round_=round_,
        content=sheets.filled([told], members),
        filename="填报表.xlsx",
        by=cast.head_teacher,
    )
    done = actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.head_teacher)
    assert (done.entered, done.submitted) == (1, 1)
    survey = HouseholdSurvey.objects.get()
    member = survey.members.get()
    assert (survey.debt, member.name, member.occupation) == ("建房欠3万元", "张样泽", "务工")
