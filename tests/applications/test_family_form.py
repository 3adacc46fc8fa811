"""The five pages: kept one by one, told when two phones disagree, handed over with a number."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from applications import actions
from applications.actions import Changed
from applications.family_reading import read_form
from applications.models import (
    Application,
    Attachment,
    FamilyFiling,
    FamilyVisit,
    HouseholdMember,
    HouseholdSurvey,
    Round,
)
from applications.rules.family import CHECKLIST
from applications.rules.family_facts import Hardship
from audit.models import Event
from audit.refusal import Refused
from office.models import StoredFile
from schools import clock
from schools.models import Term
from tests.applications import family, scenes
from tests.cast import Cast, student

STATUS = Application.Status
LATE = date(2026, 9, 9)


@pytest.fixture
def phone(cast: Cast, round_: Round) -> FamilyVisit:
    return family.visit(round_, cast.a.students[0], cast.head_teacher)


def following(cast: Cast) -> Round:
    """Next year's round."""
    term = Term.objects.create(
        code="2027-1", year=2027, half=1, starts_on=date(2027, 9, 1), ends_on=date(2028, 1, 20)
    )
    return actions.open_recognition_round(school=cast.school, term=term, by=cast.operator)


def reasons_of(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in caught.value.reasons]


def test_nothing_is_kept_before_consent(phone: FamilyVisit) -> None:
    with pytest.raises(Refused, match="没有同意"):
        actions.save_who(visit=phone, told=family.WHO, consents=False, mark="")
    assert not Application.objects.exists()
    with pytest.raises(Refused, match="还没有填第一页"):
        actions.save_income(visit=phone, told=family.INCOME, mark="")


def test_a_child_under_14_is_spoken_for_by_its_guardian(cast: Cast, round_: Round) -> None:
    child = student(cast.a.school_class, "赵样小", birth_date=date(2013, 5, 6))
    visit = family.visit(round_, child, cast.head_teacher)
    alone = replace(family.WHO, relation="student")
    with pytest.raises(Refused, match="不满14周岁"):
        actions.save_who(visit=visit, told=alone, consents=True, mark=family.mark(visit, "who"))
    assert actions.save_who(
        visit=visit, told=family.WHO, consents=True, mark=family.mark(visit, "who")
    )


def test_each_page_is_kept_and_found_again_on_another_phone(
    cast: Cast, round_: Round, phone: FamilyVisit
) -> None:
    application = family.fill(phone)
    actions.leave(visit=phone)
    again = family.visit(round_, cast.a.students[0], cast.head_teacher)
    form = read_form(again)
    assert form.application == application
    assert set(form.pages) == {"who", "members", "income", "hardship", "papers"}
    assert form.household == (family.FATHER, family.MOTHER)
    assert form.income.annual_income_fen == 4_000_000
    assert form.income.family_size == 3
    survey = HouseholdSurvey.objects.get()
    assert survey.phone.reveal() == "13900000000"
    assert application.channel == "family"
    assert application.entered_by is None
    assert application.entered_by_name == "家长"


def test_handing_over_gives_a_number_and_waits_for_the_head_teacher(
    cast: Cast, phone: FamilyVisit
) -> None:
    family.fill(phone)
    handed = actions.hand_over(visit=phone)
    assert (handed.number, handed.status) == ("2026-RD-0001", STATUS.CHECKING)
    assert handed.hand_over_at == clock.now()
    event = Event.objects.get(verb="application.hand_over")
    assert (event.role, event.person_id, event.person_name) == ("family", None, "家长")
    with pytest.raises(Refused, match="申请已经提交"):
        actions.save_hardship(visit=phone, told=Hardship(), mark="")


def test_everything_missing_is_told_with_its_page(phone: FamilyVisit) -> None:
    actions.save_who(visit=phone, told=family.WHO, consents=True, mark=family.mark(phone, "who"))
    with pytest.raises(Refused) as caught:
        actions.hand_over(visit=phone)
    assert reasons_of(caught) == [
        "“家庭成员”还没有填",
        "“收入和负担”还没有填",
        "“特殊情况”还没有填",
        "“材料和承诺”还没有填",
        "没有写申请理由",
        "没有签个人承诺",
        "没有身份证或户口簿",
    ]
    assert [r.url for r in caught.value.reasons[:2]] == ["/f/form/members/", "/f/form/income/"]


def test_the_commitment_is_signed_by_hand(phone: FamilyVisit) -> None:
    family.fill(phone)
    FamilyFiling.objects.update(signature=None)
    with pytest.raises(Refused, match="没有手写签名"):
        actions.hand_over(visit=phone)
    actions.add_paper(visit=phone, kind="commitment", content=family.picture())
    assert actions.hand_over(visit=phone).status == STATUS.CHECKING


def test_two_phones_on_one_page_are_told_of_each_other(
    cast: Cast, round_: Round, phone: FamilyVisit
) -> None:
    family.fill(phone)
    opened = family.mark(phone, "income")
    actions.save_income(visit=phone, told=replace(family.INCOME, income_source="务农"), mark=opened)
    other = replace(family.INCOME, income_source="做小生意")
    with pytest.raises(Changed):
        actions.save_income(visit=phone, told=other, mark=opened)
    assert HouseholdSurvey.objects.get().income_source == "务农"
    # Having seen both, the family decides.
    actions.save_income(visit=phone, told=other, mark=family.mark(phone, "income"))
    assert HouseholdSurvey.objects.get().income_source == "做小生意"


def test_the_same_page_sent_twice_is_kept_once(phone: FamilyVisit) -> None:
    marks = {}
    marks["who"] = family.mark(phone, "who")
    for _ in range(2):
        actions.save_who(visit=phone, told=family.WHO, consents=True, mark=marks["who"])
    empty = family.mark(phone, "members")
    for _ in range(2):
        actions.save_member(visit=phone, told=family.FATHER, mark=empty)
    for _ in range(2):
        actions.add_paper(visit=phone, kind="id_card", content=family.picture())
    assert Application.objects.count() == 1
    assert HouseholdMember.objects.count() == 1
    assert Attachment.objects.count() == StoredFile.objects.count() == 1


def test_a_member_is_mended_and_taken_out(phone: FamilyVisit) -> None:
    family.fill(phone)
    father = HouseholdMember.objects.get(name="张样泽")
    older = replace(family.FATHER, age=44, annual_income_fen=0)
    actions.save_member(
        visit=phone, told=older, mark=family.mark(phone, "members"), member_id=father.pk
    )
    survey = HouseholdSurvey.objects.get()
    assert (survey.family_size, survey.annual_income_fen) == (3, 800_000)
    actions.drop_member(visit=phone, member_id=father.pk)
    actions.drop_member(visit=phone, member_id=father.pk)
    assert HouseholdSurvey.objects.get().family_size == 2


def test_last_years_answers_are_there_to_be_gone_through(cast: Cast, round_: Round) -> None:
    who = cast.a.students[0]
    scenes.handed_in(round_, who, cast.head_teacher)
    with clock.at(date(2027, 9, 1)):
        next_round = following(cast)
        visit = family.visit(next_round, who, cast.head_teacher)
        told = replace(family.WHO, phone=None, address=None)
        actions.save_who(visit=visit, told=told, consents=True, mark=family.mark(visit, "who"))
    form = read_form(visit)
    assert [m.name for m in form.members] == ["张样泽", "刘样可"]
    assert form.survey is not None
    assert form.survey.phone.reveal() == "13900000000"
    assert set(form.pages) == {"who"}


def test_the_window_closes_by_itself(phone: FamilyVisit, cast: Cast) -> None:
    family.fill(phone)
    with clock.at(LATE):
        with pytest.raises(Refused, match="申请期已过"):
            actions.hand_over(visit=phone)
        handed = actions.hand_over(visit=phone, late_reason="外出务工，刚收到信")
        with pytest.raises(Refused, match="没有审核人同意"):
            family.accept(handed, cast.head_teacher)
        actions.allow_late(application=handed, by=cast.reviewer)
        assert family.accept(handed, cast.head_teacher).status == STATUS.SUBMITTED


def test_what_came_in_time_is_in_time_however_late_it_is_compared(
    cast: Cast, phone: FamilyVisit
) -> None:
    family.fill(phone)
    handed = actions.hand_over(visit=phone)
    with clock.at(LATE):
        accepted = family.accept(handed, cast.head_teacher)
    assert (accepted.status, accepted.late_reason) == (STATUS.SUBMITTED, "")


def test_a_closed_round_takes_nothing(phone: FamilyVisit) -> None:
    family.fill(phone)
    Round.objects.update(status="closed")
    with pytest.raises(Refused, match="已办结"):
        actions.hand_over(visit=phone)


def test_the_head_teacher_ticks_everything_first(cast: Cast, phone: FamilyVisit) -> None:
    family.fill(phone)
    handed = actions.hand_over(visit=phone)
    with pytest.raises(Refused) as caught:
        actions.accept(
            application=handed, checks=frozenset(), identity_paper="", by=cast.head_teacher
        )
    assert len(caught.value.reasons) == len(CHECKLIST) + 1
    with pytest.raises(Refused, match="还没有核对"):
        actions.submit(application=handed, by=cast.head_teacher)
    accepted = family.accept(handed, cast.head_teacher)
    assert accepted.identity_paper == "id_card"
    assert accepted.submit_by == cast.head_teacher.person
    event = Event.objects.get(verb="application.submit")
    assert event.facts["checks"] == sorted(key for key, _ in CHECKLIST)


def test_what_is_sent_back_is_mended_by_the_family(
    cast: Cast, round_: Round, phone: FamilyVisit
) -> None:
    family.fill(phone)
    handed = actions.hand_over(visit=phone)
    actions.send_back(application=handed, reason="证件照片看不清", by=cast.head_teacher)
    with clock.at(LATE):
        again = family.visit(round_, cast.a.students[0], cast.head_teacher)
        actions.add_paper(visit=again, kind="hukou", content=family.picture(color="gray"))
        mended = actions.hand_over(visit=again)
        assert (mended.status, mended.return_reason) == (STATUS.CHECKING, "")
        accepted = family.accept(mended, cast.head_teacher)
    # It came in time for the first time, so that nobody has to let it in.
    assert accepted.late_by is None
    with pytest.raises(Refused, match="申请已经提交"):
        actions.send_back(application=accepted, reason="再看", by=cast.head_teacher)


def test_a_paper_taken_out_is_gone_for_good(phone: FamilyVisit) -> None:
    family.fill(phone)
    paper = Attachment.objects.get()
    file = paper.file
    actions.drop_paper(visit=phone, paper_id=paper.pk)
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    with pytest.raises(Refused, match="没有身份证或户口簿"):
        actions.hand_over(visit=phone)


def test_only_so_many_papers(phone: FamilyVisit) -> None:
    family.fill(phone)
    for n in range(11):
        actions.add_paper(visit=phone, kind="other", content=family.picture(size=(100 + n, 90)))
    with pytest.raises(Refused, match="最多上传12份"):
        actions.add_paper(visit=phone, kind="other", content=family.picture(size=(50, 50)))


@pytest.mark.parametrize("drawn", ["data:text/html;base64,PGI+", "data:image/png;base64,@@", "x"])
def test_what_is_no_drawing_is_no_signature(phone: FamilyVisit, drawn: str) -> None:
    family.fill(phone)
    with pytest.raises(Refused, match="签名没有收到"):
        actions.sign(visit=phone, drawn=drawn)


def test_a_colleague_begins_from_last_year_too(cast: Cast, round_: Round, sign_in: Any) -> None:
    who = cast.a.students[0]
    scenes.handed_in(round_, who, cast.head_teacher)
    with clock.at(date(2027, 9, 1)):
        next_round = following(cast)
        page = sign_in(cast.head_teacher).get(
            f"/applications/rounds/{next_round.pk}/students/{who.pk}/"
        )
    body = page.content.decode()
    assert "已带入去年填的家庭情况" in body
    assert 'value="张样泽"' in body
    assert "13900000000" not in body
