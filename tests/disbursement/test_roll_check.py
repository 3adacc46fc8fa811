"""受助学生与学籍核对 (row 3-15): which of the aided a 学籍 file lacks or tells otherwise."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from audit.refusal import Refused
from disbursement.actions import check_roll, look_at_roll, revoke
from disbursement.models import Award
from disbursement.roll_check import Checked, Result
from office import files
from office.models import StoredFile
from office.spreadsheets.cells import Cell
from office.spreadsheets.reading import read_sheets
from schools.scope import acting_for
from students.models import SchoolClass, Student
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.students.rosters import workbook

HEADERS = ("姓名", "身份证件号码", "性别", "年级", "班级", "学籍号", "就读方式")
PAGE = reverse("disbursement:roll_check")


def aided(cast: Cast, count: int = 3) -> list[Student]:
    """The school's first students, each with an award of the term."""
    its = cases.aid(cast.a)
    found = cast.a.students[:count]
    cases.award_all(its, [cases.case(its, one) for one in found])
    return found


def line(one: Student, **changed: Cell) -> list[Cell]:
    """The student as the 学籍 system has him, or otherwise in some columns."""
    one.refresh_from_db()
    cells: dict[str, Cell] = {
        "姓名": one.name,
        "身份证件号码": one.id_number.reveal(),
        "性别": one.get_sex_display(),
        "年级": "高一",
        "班级": f"{one.school_class.number}班",
        "学籍号": one.enrolment_no.reveal(),
        "就读方式": one.get_boarding_display(),
    }
    cells |= changed
    return [cells[h] for h in HEADERS]


def looked(cast: Cast, rows: list[list[Cell]]) -> dict[str, Checked]:
    content = workbook(rows, HEADERS)
    found = look_at_roll(school=cast.school, term=cast.term, content=content, filename="学籍.xlsx")
    return {one.student.name: one for one in found}


def results(found: dict[str, Checked]) -> dict[str, Result]:
    return {name: one.result for name, one in found.items()}


def test_who_is_missing_or_otherwise_is_told_in_words(cast: Cast) -> None:
    with acting_for(cast.school):
        same, other, gone = aided(cast)
        found = looked(cast, [line(same), line(other, 就读方式="住校", 姓名="改样名")])
    assert results(found) == {
        same.name: Result.SAME,
        other.name: Result.DIFFERENT,
        gone.name: Result.ABSENT,
    }
    assert f"姓名：名册{other.name}，学籍改样名" in found[other.name].words
    assert any(words.startswith("就读方式：") for words in found[other.name].words)
    assert [c.student.name for c in found.values()] == [gone.name, other.name, same.name]
    assert found[gone.name].amount_fen > 0
    assert found[gone.name].aid == Award.objects.first().programme.name  # type: ignore[union-attr]


def test_who_has_no_aid_is_not_asked_about(cast: Cast) -> None:
    with acting_for(cast.school):
        first, second, third = aided(cast)
        revoke(award=cases.award_of(second), reason="不符合", by=cast.operator)
        found = looked(cast, [line(first)])
    assert set(found) == {first.name, third.name}


def test_a_file_of_one_class_says_nothing_of_the_others(cast: Cast) -> None:
    with acting_for(cast.school):
        here, there, _ = aided(cast)
        its = SchoolClass.objects.create(
            school=cast.school, stage="senior", grade=1, number=7, name="高一（7）班"
        )
        Student.objects.filter(pk=there.pk).update(school_class=its)
        found = looked(cast, [line(here)])
        assert found[there.name].result == Result.UNTOLD
        mate = student(its, "同班样")
        found = looked(cast, [line(here), line(mate)])
    assert found[there.name].result == Result.ABSENT


def test_a_row_that_can_not_be_read_is_not_called_missing(cast: Cast) -> None:
    with acting_for(cast.school):
        first, second, third = aided(cast)
        found = looked(
            cast,
            [line(first, 身份证件号码="99010120100101001"), line(second, 性别="？"), line(third)],
        )
    assert found[first.name].result == Result.UNSURE
    assert "同名学生" in found[first.name].words[0]
    assert found[second.name].result == Result.UNSURE
    assert "第3行" in found[second.name].words[0]
    assert found[third.name].result == Result.SAME


def test_who_left_the_roster_and_stands_in_the_file_is_told(cast: Cast) -> None:
    with acting_for(cast.school):
        left, rested, third = aided(cast)
        rows = [line(one) for one in (left, rested, third)]
        Student.objects.filter(pk=left.pk).update(status="left", left_on="2026-10-10")
        Student.objects.filter(pk=rested.pk).update(status="suspended")
        found = looked(cast, rows)
        assert results(found) == {
            left.name: Result.LEFT,
            rested.name: Result.LEFT,
            third.name: Result.SAME,
        }
        found = looked(cast, rows[2:])
    assert results(found)[left.name] == Result.SAME, "neither here nor there"


def test_sealed_values_are_shown_as_masks(cast: Cast) -> None:
    with acting_for(cast.school):
        first, *_ = aided(cast)
        before = first.enrolment_no.reveal()
        found = looked(cast, [line(first, 学籍号=f"G{before[1:-1]}0")])
    told = "".join(found[first.name].words)
    assert "学籍号" in told
    assert before not in told


def test_nothing_is_touched_and_the_check_is_on_the_record(cast: Cast) -> None:
    with acting_for(cast.school):
        first, second, _ = aided(cast)
        content = workbook([line(first), line(second, 姓名="改样名")], HEADERS)
        kept = check_roll(
            school=cast.school,
            term=cast.term,
            content=content,
            filename="学籍.xlsx",
            by=cast.operator,
        )
        assert files.content_of(kept) == content
        event = Event.objects.get(verb="award.check_roll")
        assert event.facts["students"] == 3
        assert (event.facts["absent"], event.facts["different"], event.facts["same"]) == (1, 1, 1)
        assert event.facts["sha256"] == kept.sha256
        second.refresh_from_db()
        assert second.name != "改样名"


def test_refusals(cast: Cast) -> None:
    def ask(content: bytes, by: Any) -> str:
        with pytest.raises(Refused) as refused:
            check_roll(
                school=cast.school, term=cast.term, content=content, filename="a.xlsx", by=by
            )
        return "".join(reason.text for reason in refused.value.reasons)

    with acting_for(cast.school):
        rows = workbook([line(cast.a.students[0])], HEADERS)
        assert "没有资助名单" in ask(rows, cast.operator)
        aided(cast)
        assert "核对学籍" in ask(rows, cast.a.finance)
        assert ask(b"%PDF-1.4", cast.operator)
        assert not StoredFile.objects.filter(purpose="roll_check").exists()
        assert not Event.objects.filter(verb="award.check_roll").exists()


# --- the pages


def upload(client: Client, content: bytes) -> str:
    answer = client.post(
        PAGE, {"file": SimpleUploadedFile("学籍 13800000001.xlsx", content), "term": "2026-1"}
    )
    assert answer.status_code == 302, answer.content[:300]
    return str(answer["Location"])


def stage_of(cast: Cast) -> int:
    with acting_for(cast.school):
        return int(StoredFile.objects.get(purpose="roll_check").pk)


def test_the_page_lists_what_differs_and_hands_it_out(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.school):
        same, other, gone = aided(cast)
        content = workbook([line(same), line(other, 就读方式="住校")], HEADERS)
    client = sign_in(cast.operator)
    assert (
        reverse("disbursement:roll_check")
        in client.get(reverse("disbursement:awards")).content.decode()
    )
    url = upload(client, content)
    text = client.get(url).content.decode()
    assert gone.name in text
    assert other.name in text
    assert f">{same.name}</a>" not in text
    assert "13800000001" not in text
    only = client.get(f"{url}&result=same").content.decode()
    assert f">{same.name}</a>" in only
    assert f">{gone.name}</a>" not in only
    assert client.get(f"{url}&result=nonsense").content.decode().count(gone.name) > 0
    stage = stage_of(cast)
    answer = client.post(
        reverse("disbursement:roll_check_export"), {"stage": stage, "term": "2026-1"}
    )
    rows = read_sheets(b"".join(answer), "a.xlsx").sheets[0].rows
    assert [row[1] for row in rows[1:]] == [gone.name, other.name, same.name]
    with acting_for(cast.school):
        assert Event.objects.get(verb="disbursement.export").facts == {"rows": 3}


def test_another_schools_file_is_not_there(cast: Cast, sign_in: Any) -> None:
    with acting_for(cast.school):
        first, *_ = aided(cast)
        content = workbook([line(first)], HEADERS)
    url = upload(sign_in(cast.operator), content)
    stage = stage_of(cast)
    other = sign_in(cast.b.operator)
    assert other.get(url).status_code == 404
    answer = other.post(reverse("disbursement:roll_check_export"), {"stage": stage})
    assert answer.status_code == 404
    assert other.get(f"{PAGE}?term=2031-1").status_code == 404
    assert sign_in(cast.a.finance).get(PAGE).status_code == 403


def test_as_many_queries_for_thirty_as_for_three(cast: Cast) -> None:
    def count() -> int:
        rows = [line(one) for one in Student.objects.for_school(cast.school)]
        with CaptureQueriesContext(connection) as queries:
            looked(cast, rows)
        return len(queries)

    with acting_for(cast.school):
        aided(cast)
        few = count()
        its = cases.aid(cast.a)
        more = cases.add_students(cast.a, 30)
        cases.award_all(its, [cases.case(its, one) for one in more])
        assert count() == few
