"""The code on the letter: one live per class, void when a newer one comes, printed with its QR."""

import io
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from applications import actions
from applications.letters import address_of, dotted, letters, policy_of
from applications.models import AccessCode, Round
from applications.rules import family as rules
from audit.models import Event
from audit.refusal import Refused
from schools.models import School
from schools.scope import acting_for
from schools.tenancy import set_scope
from tests.applications import family
from tests.applications.policy import enacted
from tests.cast import Cast, school_class
from tests.review.cases import office_phones


def test_a_code_is_long_enough_and_never_looks_alike(cast: Cast, round_: Round) -> None:
    issued = actions.issue_code(round_=round_, school_class=cast.a.school_class, by=cast.operator)
    code = issued.code.reveal()
    assert len(rules.ALPHABET) ** len(code) > 2**50
    assert not set(code) & set("01OIL")
    # The database keeps neither the code nor a plain digest of it.
    assert code not in str(AccessCode.objects.values().get())


def test_a_class_that_graduated_gets_no_letter(cast: Cast, round_: Round) -> None:
    own = cast.a.school_class
    type(own).objects.filter(pk=own.pk).update(closed_on=cast.term.starts_on)
    issued = actions.issue_missing_codes(round_=round_, by=cast.operator)
    assert own.pk not in {code.school_class_id for code in issued}
    type(own).objects.filter(pk=own.pk).update(closed_on=None)
    issued = actions.issue_missing_codes(round_=round_, by=cast.operator)
    assert own.pk in {code.school_class_id for code in issued}


def test_a_newer_code_voids_the_older_and_its_visits(cast: Cast, round_: Round) -> None:
    student = cast.a.students[0]
    token = family.token(round_, student, cast.head_teacher)
    assert actions.visit_of(token) is not None
    older = AccessCode.objects.get()
    newer = actions.issue_code(
        round_=round_, school_class=cast.a.school_class, by=cast.head_teacher
    )
    assert actions.visit_of(token) is None
    tail = student.id_number.reveal()[-6:]
    entered = [
        actions.enter(code=c.code.reveal(), name=student.name, tail=tail, address="::1")
        for c in (older, newer)
    ]
    assert entered[0] is None
    assert entered[1] is not None
    labels = Event.objects.filter(verb="access_code.issue").values_list("label", flat=True)
    assert list(labels.order_by("seq")) == ["发家长填报码", "重发家长填报码"]


def test_only_ones_own_class_and_only_a_recognition_round(cast: Cast, round_: Round) -> None:
    with acting_for(cast.b.school):
        foreign = cast.b.school_class
    with pytest.raises(Refused, match="没有这个班"):
        actions.issue_code(round_=round_, school_class=foreign, by=cast.operator)
    other = school_class(cast.school, cast.a.operator, 2)
    with pytest.raises(Refused, match="只能给本班发信"):
        actions.issue_code(round_=round_, school_class=other, by=cast.head_teacher)
    Round.objects.filter(pk=round_.pk).update(status="closed")
    with pytest.raises(Refused, match="已办结"):
        actions.issue_code(round_=round_, school_class=cast.a.school_class, by=cast.operator)


def test_each_class_without_a_code_gets_one(cast: Cast, round_: Round) -> None:
    school_class(cast.school, cast.a.operator, 2)
    assert len(actions.issue_missing_codes(round_=round_, by=cast.operator)) == 2
    assert actions.issue_missing_codes(round_=round_, by=cast.operator) == []


def test_the_letter_carries_the_code_and_prints_one_page_per_class(
    cast: Cast, round_: Round
) -> None:
    classes = [cast.a.school_class, school_class(cast.school, cast.a.operator, 2)]
    actions.issue_missing_codes(round_=round_, by=cast.operator)
    codes = actions.read_codes(round_=round_, classes=classes, by=cast.operator)
    pages = PdfReader(io.BytesIO(letters(cast.school, round_, classes, codes))).pages
    assert len(pages) == 2
    for page, one in zip(pages, classes, strict=True):
        text = page.extract_text().replace("\n", "")
        assert rules.grouped(codes[one.pk]) in text
        assert one.name in text.replace(" ", "")
        assert "普通高中国家助学金（家庭经济困难学生，按学期1,600、1,150、700元）" in text.replace(
            " ", ""
        )
        assert "监督权" in text
        assert codes[classes[0].pk if one is classes[1] else classes[1].pk] not in text
    assert Event.objects.filter(verb="round.print_letters").count() == 1


FOUR = "脱贫、脱贫不稳定、边缘易致贫、突发严重困难、农村低保家庭学生、农村特困救助供养学生"


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("senior", f"普通高中免学杂费（{FOUR}、家庭经济困难的残疾学生，按核定的收费标准）"),
        ("senior", "普通高中国家助学金（家庭经济困难学生，按学期1,600、1,150、700元）"),
        ("vocational", "中等职业学校国家助学金（涉农专业学生、家庭经济困难学生，"),
        ("vocational", "中等职业学校免学费（农村户籍学生、涉农专业学生、家庭经济困难学生，"),
        ("vocational", "国家奖学金（二年级、三年级品学兼优的学生，"),
        ("vocational", "（脱贫、脱贫不稳定、边缘易致贫、突发严重困难家庭学生，"),
        (
            "primary",
            f"（小学）（家庭经济困难学生，其中非寄宿生限{FOUR}、残疾学生，按学期625、312.50元",
        ),
    ],
)
def test_whom_a_programme_is_for_comes_from_its_data(cast: Cast, stage: str, told: str) -> None:
    assert told in policy_of(cast.school, stage, cast.term.starts_on)


def test_a_junior_schools_letter_tells_of_the_next_stage_on_its_one_page(
    cast: Cast, round_: Round
) -> None:
    actions.issue_missing_codes(round_=round_, by=cast.operator)
    own = cast.a.school_class
    codes = actions.read_codes(round_=round_, classes=[own], by=cast.operator)
    for stage in ("junior", "senior"):
        own.stage = stage
        (page,) = PdfReader(io.BytesIO(letters(cast.school, round_, [own], codes))).pages
        text = "".join(page.extract_text().split())
        told = [
            part in text
            for part in (
                "普通高中有普通高中国家助学金",
                "中等职业学校国家助学金",
                "中等职业学校免学费",
            )
        ]
        assert told == [stage == "junior"] * 3
        assert "家长签名" in text


def test_the_letter_names_the_superiors_telephone(cast: Cast, round_: Round, sign_in: Any) -> None:
    actions.issue_missing_codes(round_=round_, by=cast.operator)

    def letter() -> str:
        codes = actions.read_codes(round_=round_, classes=[cast.a.school_class], by=cast.operator)
        school = School.objects.select_related("superior").get(pk=cast.school.pk)
        content = letters(school, round_, [cast.a.school_class], codes)
        (page,) = PdfReader(io.BytesIO(content)).pages
        return page.extract_text().replace("\n", "").replace(" ", "")

    page = f"/applications/rounds/{round_.pk}/codes/"
    told = sign_in(cast.operator).get(page).text
    assert "信上没有学校资助办电话" in told
    assert f"信上没有上级监督电话（{cast.district}）" in told
    set_scope(cast.school.pk)
    assert "监督电话" not in letter()
    office_phones(cast)
    assert f"或{cast.district}反映，上级监督电话0000-6600012" in letter()
    assert "学校资助办电话0000-6601301" in letter()
    assert "信上没有" not in sign_in(cast.operator).get(page).text


def test_many_programmes_leave_the_letter_on_one_page(cast: Cast, round_: Round) -> None:
    for n in range(6):
        enacted(
            cast.bureau_operator, cast.bureau_reviewer, name=f"示范市东区家庭经济困难学生补助之{n}"
        )
    set_scope(cast.school.pk)
    classes = [cast.a.school_class]
    actions.issue_missing_codes(round_=round_, by=cast.operator)
    codes = actions.read_codes(round_=round_, classes=classes, by=cast.operator)
    content = letters(cast.school, round_, classes, codes)
    (page,) = PdfReader(io.BytesIO(content)).pages
    assert "家长签名" in page.extract_text()


def test_a_phone_reads_the_printed_letter(cast: Cast, round_: Round) -> None:
    classes = [cast.a.school_class, school_class(cast.school, cast.a.operator, 2)]
    for one in classes:
        actions.issue_code(round_=round_, school_class=one, by=cast.operator)
    codes = actions.read_codes(round_=round_, classes=classes, by=cast.operator)
    printed = pypdfium2.PdfDocument(letters(cast.school, round_, classes, codes))
    read = []
    for page in printed:
        # As sharp as a cheap printer and a phone held over the letter make it.
        image = page.render(scale=100 / 72, grayscale=True).to_pil()
        read += [found.text for found in zxingcpp.read_barcodes(image)]
    assert read == [address_of(codes[one.pk]) for one in classes]


def test_the_qr_leads_to_the_entry_with_the_code(cast: Cast) -> None:
    address = address_of("ABCDEFGHJKMN")
    assert address.endswith("/f/ABCDEFGHJKMN/")
    rows = dotted(address)
    assert len({len(row) for row in rows} | {len(rows)}) == 1
    # Three finder patterns: the corners are dark, the ring inside them is light.
    assert rows[0].startswith("11111110")
    assert rows[-1].startswith("11111110")
    assert rows[0].endswith("01111111")


def test_the_page_of_codes_costs_the_same_for_many_classes(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    client, url = sign_in(cast.operator), f"/applications/rounds/{round_.pk}/codes/"
    asked = []
    for numbers in (range(2, 3), range(3, 32)):
        set_scope(cast.school.pk)
        for number in numbers:
            school_class(cast.school, cast.a.operator, number)
        actions.issue_missing_codes(round_=round_, by=cast.operator)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url)
        assert page.status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert page.content.decode().count("换新码") >= 31


def test_letters_are_downloaded_and_codes_made_by_the_buttons(
    cast: Cast, round_: Round, sign_in: Any
) -> None:
    client = sign_in(cast.head_teacher)
    made = client.post(f"/applications/rounds/{round_.pk}/codes/issue/", follow=True)
    assert "已为1个班生成填报码" in made.content.decode()
    letter = client.post(f"/applications/rounds/{round_.pk}/letters/")
    assert letter["Content-Type"] == "application/pdf"
    assert "no-store" in letter["Cache-Control"]
