"""The grants' own forms as PDF and Word: blank, from the year's recognition, a whole class."""

from typing import Any

import pytest

from applications import actions
from applications.grant_forms import TITLES, filled_grant
from applications.models import Application, FundingSource, Programme, Round
from audit.models import Event
from office.files import content_of
from schools.models import Stage
from schools.tenancy import set_scope
from students.models import Guardian
from tests.applications import scenes
from tests.applications.scenes import written
from tests.applications.test_paper_forms import texts, words
from tests.cast import Cast, Staffed

BLANKS = {
    "senior_grant": (
        "政治面貌",
        "户籍所在地",
        "困难等级",
        "脱贫年份",
        "监护人",
        "银行卡号",
        "备注",
    ),
    "vocational_grant": ("学生电话", "邮政编码", "户籍性质"),
}


def granting(staffed: Staffed, cast: Cast, code: str) -> Round:
    """A grant's round for which the class has applied, after its recognition."""
    scenes.recognition(staffed, cast.term)
    round_ = actions.open_programme_round(
        school=staffed.school,
        term=cast.term,
        programme=Programme.objects.get(code=code),
        by=staffed.operator,
    )
    actions.apply_for_many(
        round_=round_, students=staffed.students, by=staffed.operator, reason="收入低"
    )
    return round_


@pytest.mark.parametrize(
    ("code", "title", "only"),
    [
        ("senior_grant", "普通高中国家助学金申请表", "学籍号"),
        ("vocational_grant", "中等职业学校国家助学金申请表", "专业"),
    ],
)
def test_blank_for_each_stage(cast: Cast, sign_in: Any, code: str, title: str, only: str) -> None:
    staffed = cast.a if code == "senior_grant" else cast.b
    set_scope(staffed.school.pk)
    round_ = granting(staffed, cast, code)
    blank = sign_in(staffed.operator).get(f"/applications/rounds/{round_.pk}/form/?as=word")
    told = words(blank.content)
    assert title in told
    assert only in told
    assert "学校审核意见及公示结果" in told
    assert "示范镇" not in told


def test_filled_from_the_years_recognition_with_a_reason(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.select_related("student").order_by("pk")[0]
    client, url = sign_in(cast.head_teacher), f"/applications/entries/{row.pk}/form/"
    assert client.post(url, {"reason": " "}).status_code == 409
    told = words(client.post(url, {"reason": "存档", "as": "word"}).content)
    for part in (row.student.name, row.number, "样例村1号", "13,333.33元", "刘样可", "收入低"):
        assert part in told
    set_scope(cast.school.pk)
    read = Event.objects.filter(verb="application.read_household", about_id=row.student_id)
    assert [e.reason for e in read] == ["存档"]


POSTED = "公示2026年10月9日至2026年10月15日（5个工作日），期满无异议"


def known(round_: Round, students: Any) -> dict[int, dict[str, str]]:
    """A floor above, as `FORM_READINGS` names it."""
    assert round_.term.year == 2026
    told = {"grade": "特别困难", "bank": "示范银行", "card": "尾号3391", "holder": "持卡人"}
    ended = {"verdict": "同意资助（一档）", "posted": POSTED}
    told = {**told, "branch": "示范银行样例支行", "main": "是", **ended}
    return dict.fromkeys(students, told)


@pytest.mark.parametrize("as_", ["pdf", "word"])
def test_what_the_roster_and_the_floors_above_know_is_printed(
    cast: Cast, sign_in: Any, settings: Any, as_: str
) -> None:
    settings.FORM_READINGS = [f"{__name__}.known"]
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.select_related("student").order_by("pk")[0]
    someone = row.student
    someone.political_status, someone.lifted_year = "共青团员", 2019
    someone.household_address = "示范省示范县户籍村"
    someone.native_place, someone.postcode = "示范县", "990100"
    someone.save()
    recognition = someone.applications.get(round__kind=Round.Kind.RECOGNITION)
    read = words if as_ == "word" else lambda content: texts(content)[0]

    def printed(application: Application) -> str:
        url, data = f"/applications/entries/{application.pk}/form/", {"reason": "存档", "as": as_}
        return str(read(sign_in(cast.head_teacher).post(url, data).content))

    told = printed(row)
    for part in ("共青团员", "2019", "户籍村", "特别困难", "示范银行", "尾号3391", "持卡人"):
        assert part in told
    assert "示范银行样例支行" in told
    assert f"评审，同意资助（一档）。{POSTED}。" in told
    assert "□是" not in told
    told = printed(recognition)
    for part in ("示范县", "990100", "认定等级：特别困难", f"同意资助（一档）。{POSTED}。"):
        assert part in told


def test_without_a_notice_that_is_over_the_school_fills_it_in(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.order_by("pk")[0]
    url = f"/applications/entries/{row.pk}/form/"
    answer = sign_in(cast.head_teacher).post(url, {"reason": "存档"})
    (told,) = texts(answer.content)
    assert "公示年月日至年月日" in told
    assert "□是" in told


def test_a_class_in_one_file(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    client = sign_in(cast.head_teacher)
    assert "打印一个班的申请表" in client.get(f"/applications/rounds/{round_.pk}/").text
    client.post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档", "as": "word"},
    )
    result = written(cast.school)
    assert words(content_of(result)).count("普通高中国家助学金申请表") == 3


@pytest.mark.parametrize("code", ["senior_grant", "vocational_grant"])
def test_as_pdf_blank_and_filled_one_page_each(cast: Cast, sign_in: Any, code: str) -> None:
    staffed = cast.a if code == "senior_grant" else cast.b
    set_scope(staffed.school.pk)
    round_ = granting(staffed, cast, code)
    client = sign_in(staffed.operator)
    (blank,) = texts(client.get(f"/applications/rounds/{round_.pk}/form/").content)
    assert TITLES[Stage.SENIOR if code == "senior_grant" else Stage.VOCATIONAL] in blank
    for label in BLANKS[code]:
        assert label in blank
    assert "示范镇" not in blank
    set_scope(staffed.school.pk)
    row = round_.applications.select_related("student").order_by("pk")[0]
    answer = client.post(f"/applications/entries/{row.pk}/form/", {"reason": "存档"})
    (filled,) = texts(answer.content)
    for part in (row.student.name, row.number, "样例村1号", "13,333.33元", "刘样可", "收入低"):
        assert part in filled


def test_a_class_as_pdf_is_one_file(cast: Cast, sign_in: Any) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    sign_in(cast.head_teacher).post(
        f"/applications/rounds/{round_.pk}/forms/",
        {"class": cast.a.school_class.pk, "reason": "存档"},
    )
    result = written(cast.school)
    assert result.name.endswith(".pdf")
    pages = texts(content_of(result))
    assert ["普通高中国家助学金申请表" in page for page in pages] == [True] * 3


@pytest.mark.parametrize("as_", ["pdf", "word"])
def test_a_places_own_grant_is_not_called_the_nations(cast: Cast, sign_in: Any, as_: str) -> None:
    Programme.objects.filter(code="senior_grant").update(
        source=FundingSource.LOCAL, name="东区高中助学金"
    )
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.order_by("pk")[0]
    client = sign_in(cast.operator)
    made = (
        client.get(f"/applications/rounds/{round_.pk}/form/?as={as_}"),
        client.post(f"/applications/entries/{row.pk}/form/", {"reason": "存档", "as": as_}),
    )
    for answer in made:
        told = words(answer.content) if as_ == "word" else texts(answer.content)[0]
        assert "东区高中助学金申请表" in told
        assert "国家助学金" not in told


def test_the_guardian_is_told_of_as_the_family_did(cast: Cast) -> None:
    round_ = granting(cast.a, cast, "senior_grant")
    row = round_.applications.select_related("student__school_class").order_by("pk")[0]
    household = actions.read_household(application=row, reason="存档", by=cast.operator)
    assert [g[0] for g in filled_grant(row, household)["guardians"]] == ["张样泽", "刘样可"]
    Guardian.objects.create(
        school_id=row.school_id, student=row.student, name="刘样可", relation="母亲"
    )
    (guardian,) = filled_grant(row, household)["guardians"]
    assert guardian[:3] == ("刘样可", 41, "母亲")


def test_what_has_no_form_is_not_found(cast: Cast, sign_in: Any) -> None:
    programme = Programme.objects.get(code="senior_grant")
    programme.kind = Programme.Kind.RELIEF
    programme.save(update_fields=["kind"])
    assert programme.stage == Stage.SENIOR
    round_ = granting(cast.a, cast, "senior_grant")
    client = sign_in(cast.operator)
    assert client.get(f"/applications/rounds/{round_.pk}/form/").status_code == 404
    answer = client.post(f"/applications/rounds/{round_.pk}/forms/", {"class": "1"})
    assert answer.status_code == 404
