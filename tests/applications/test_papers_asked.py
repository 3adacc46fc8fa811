"""Which papers are asked of whom, as the data say: reminded of, insisted on, or needless."""

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from applications import actions, queue, reference
from applications.models import Application, PaperRule, Programme, Round
from applications.rules.family import CHECKLIST
from applications.rules.family_facts import Hardship
from audit.refusal import Refused
from schools import clock
from students.models import SpecialGroup, SpecialGroupTag
from tests.applications import family, scenes, sheets
from tests.applications.test_form_sheets import SignIn
from tests.applications.test_races import programme_of
from tests.cast import Cast

ILL = replace(scenes.FAMILY, seriously_ill=True)


def insist(code: str) -> None:
    PaperRule.objects.filter(code=code).update(level=PaperRule.Level.MUST)


def list_as(cast: Cast, code: str) -> None:
    """The first student stands on a department's list."""
    SpecialGroupTag.objects.create(
        school=cast.school,
        student=cast.a.students[0],
        group=SpecialGroup.objects.get(code=code),
        valid_from=date(2026, 1, 1),
        source="list",
        recorded_at=clock.now(),
    )


def absent(application: Application) -> list[str]:
    survey = application.surveys.first()
    return [r.code for r in queue.papers_absent(application, survey, clock.today())]


def test_loading_twice_changes_nothing(db: None) -> None:
    before = list(PaperRule.objects.order_by("pk").values())
    PaperRule.objects.filter(code="medical").update(level="must")
    reference.load()
    assert len(before) == PaperRule.objects.count() == len(reference.PAPERS)
    assert PaperRule.objects.get(code="medical").level == "must"


def test_the_told_household_decides_what_is_asked(cast: Cast, round_: Round) -> None:
    first, second, third = cast.a.students
    assert absent(scenes.entered(round_, first, cast.head_teacher)) == []
    assert absent(scenes.entered(round_, second, cast.head_teacher, ILL)) == ["medical"]
    hit = replace(scenes.FAMILY, natural_disaster="房屋被淹")
    assert absent(scenes.entered(round_, third, cast.head_teacher, hit)) == ["disaster"]


def test_what_is_only_reminded_of_stops_nobody(cast: Cast, round_: Round, sign_in: SignIn) -> None:
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher, ILL)
    page = sign_in(cast.head_teacher).get(reverse("applications:check", args=[application.pk]))
    assert "没有病历或诊断证明" in page.text
    assert "提交申请" in page.text


def test_what_is_insisted_on_stops_until_it_came(cast: Cast, round_: Round) -> None:
    insist("medical")
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher, ILL)
    with pytest.raises(Refused, match="没有病历或诊断证明"):
        actions.submit(application=application, by=cast.head_teacher)
    actions.revise(
        application=application,
        by=cast.head_teacher,
        survey=ILL,
        reason="父母务工，收入低",
        committed_on=date(2026, 9, 1),
        committed_by="张样泽",
        identity_paper="id_card",
        papers_received=["medical", "home_visit", "nonsense"],
    )
    application.refresh_from_db()
    assert application.papers_received == ["medical"]
    assert actions.submit(application=application, by=cast.head_teacher).status == "submitted"


def test_a_list_proves_what_the_paper_would(cast: Cast, round_: Round) -> None:
    insist("allowance")
    phone = family.visit(round_, cast.a.students[0], cast.head_teacher)
    family.fill(phone)
    told = Hardship(claims=("dibao",))
    actions.save_hardship(visit=phone, told=told, mark=family.mark(phone, "hardship"))
    with pytest.raises(Refused, match="没有低保、特困等证件"):
        actions.hand_over(visit=phone)
    list_as(cast, "disabled")
    with pytest.raises(Refused, match="没有低保、特困等证件"):
        actions.hand_over(visit=phone)
    list_as(cast, "dibao")
    assert actions.hand_over(visit=phone).status == "checking"


def test_a_photograph_or_paper_brought_to_school_will_do(cast: Cast, round_: Round) -> None:
    insist("medical")
    for n, student in enumerate(cast.a.students[:2]):
        phone = family.visit(round_, student, cast.head_teacher)
        family.fill(phone)
        told = replace(family.INCOME, seriously_ill=True)
        actions.save_income(visit=phone, told=told, mark=family.mark(phone, "income"))
        if n:
            actions.add_paper(visit=phone, kind="medical", content=family.picture())
        else:
            signed = replace(family.SIGNED, brings_paper=True)
            actions.save_signed(visit=phone, told=signed, mark=family.mark(phone, "papers"))
        handed = actions.hand_over(visit=phone)
        assert absent(handed) == ([] if n else ["medical"])
    waiting = Application.objects.get(student=cast.a.students[0])
    with pytest.raises(Refused, match="没有病历或诊断证明"):
        family.accept(waiting, cast.head_teacher)
    done = actions.accept(
        application=waiting,
        checks=frozenset(key for key, _ in CHECKLIST),
        identity_paper="hukou",
        papers_received=["medical"],
        by=cast.head_teacher,
    )
    assert (done.status, done.papers_received) == ("submitted", ["medical"])


def test_the_head_teacher_sees_what_is_not_there(
    cast: Cast, round_: Round, sign_in: SignIn
) -> None:
    phone = family.visit(round_, cast.a.students[0], cast.head_teacher)
    family.fill(phone)
    told = replace(family.INCOME, seriously_ill=True)
    actions.save_income(visit=phone, told=told, mark=family.mark(phone, "income"))
    row = actions.hand_over(visit=phone)
    page = sign_in(cast.head_teacher).get(reverse("applications:application", args=[row.pk]))
    assert '<input type="checkbox" name="papers_received" value="medical">' in page.text


def test_a_workbook_is_told_too(cast: Cast, round_: Round) -> None:
    insist("medical")
    first, second = cast.a.students[:2]
    for n, student in enumerate((first, second)):
        student.student_no = f"20260{n}"
        student.save(update_fields=["student_no"])
    rows = [sheets.row(first, seriously_ill="是"), sheets.row(second)]
    sheet = actions.stage_form_sheet(
        round_=round_, content=sheets.filled(rows), filename="表.xlsx", by=cast.head_teacher
    )
    done = actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.head_teacher)
    assert (done.entered, done.submitted) == (2, 1)


def test_rules_end_and_belong_to_one_programme(cast: Cast, round_: Round) -> None:
    insist("medical")
    PaperRule.objects.filter(code="medical").update(valid_to=date(2026, 8, 31))
    application = scenes.entered(round_, cast.a.students[0], cast.head_teacher, ILL)
    assert absent(application) == []


def test_many_are_held_for_what_a_programme_insists_on(cast: Cast) -> None:
    programme: Programme = programme_of(cast)
    PaperRule.objects.create(
        code="income",
        programme=programme,
        label="收入证明",
        kinds=["income"],
        level=PaperRule.Level.MUST,
        valid_from=date(2021, 9, 1),
    )
    round_ = actions.open_programme_round(
        school=cast.school, term=cast.term, programme=programme, by=cast.operator
    )
    list_as(cast, "dibao")
    found = actions.apply_for_many(round_=round_, students=cast.a.students, by=cast.operator)
    assert (found.count, [(r.text, r.count) for r in found.held]) == (1, [("没有收入证明", 2)])
