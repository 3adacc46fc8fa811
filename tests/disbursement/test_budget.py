"""年度经费: what a year's students need, worked out from data; what came and was paid."""

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Programme, ProgrammeQuota
from applications.queue.programmes import open_students
from audit.models import Event
from disbursement.budget import Line, budget
from schools import clock
from schools.tenancy import set_scope
from students.models import SchoolClass, SpecialGroup, Student
from tests.applications.scenes import tagged
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import AMOUNT, Aid
from tests.disbursement.pages import get, plain, post


def line(its: Aid, code: str = "") -> Line:
    found = {n.programme.code: n for n in budget(its.school, its.term.year, clock.today())}
    return found[code or its.programme.code]


def test_needed_is_who_is_recognised_times_the_standards_of_both_terms(all_ready: Aid) -> None:
    its = line(all_ready)
    assert (its.heads, its.needed_fen) == (3, 3 * AMOUNT * 2)
    # The nation's: everybody here is 困难, 二档 of 1,150 yuan a term.
    grant = line(all_ready, "senior_grant")
    assert (grant.heads, grant.needed_fen) == (3, 3 * 115_000 * 2)


def test_each_gets_the_tier_of_the_grade_and_who_is_not_difficult_none(its: Aid) -> None:
    for someone, grade in zip(its.staffed.students, ("special", "general", "none"), strict=True):
        cases.recognise(its, someone, grade=grade)
    grant = line(its, "senior_grant")
    assert (grant.heads, grant.needed_fen) == (2, (160_000 + 70_000) * 2)


def test_who_is_not_at_school_or_not_recognised_needs_nothing(all_ready: Aid) -> None:
    student(all_ready.staffed.school_class, "新生")
    assert line(all_ready).heads == 3
    Student.objects.filter(pk=all_ready.staffed.students[0].pk).update(status="suspended")
    assert line(all_ready).heads == 2


def test_open_groups_need_no_grade_and_the_limited_are_counted_apart(all_ready: Aid) -> None:
    new = student(all_ready.staffed.school_class, "新生", household="rural")
    tagged(new, "dibao")
    waiver = Programme.objects.get(code="senior_waiver")
    waiver.tiers.create(
        code="one", label="免收", rank=1, amount_fen=80_000, valid_from="2026-01-01"
    )
    found = line(all_ready, "senior_waiver")
    assert (found.heads, found.needed_fen) == (1, 80_000 * 2)
    Student.objects.filter(pk=new.pk).update(household="urban")
    assert line(all_ready, "senior_waiver").heads == 0


def test_the_budget_asks_for_a_grade_of_whom_the_awards_ask_it(all_ready: Aid) -> None:
    its, day = all_ready, clock.today()
    its.programme.rural_groups = ["dibao"]
    its.programme.open_to = ["agri_major"]
    its.programme.save()
    its.programme.open_groups.add(SpecialGroup.objects.get(code="dibao"))
    homes = ("rural", "urban", "")
    new = [student(its.staffed.school_class, f"新生{home}", household=home) for home in homes]
    for someone in new:
        tagged(someone, "dibao")
    keys = [someone.pk for someone in new]
    assert open_students(its.programme, its.school.pk, keys, day) == {keys[0]}
    assert line(its).heads == 3 + 1
    SchoolClass.objects.update(agri_major=True, major="园艺技术")
    assert open_students(its.programme, its.school.pk, keys, day) == set(keys)
    assert line(its).heads == 3 + 3


def test_once_a_year_counts_once_and_selection_needs_a_quota(all_ready: Aid) -> None:
    prize = cases.programme(
        "prize", kind="scholarship", money_cadence="per_year", needs_recognition=False
    )
    prize.tiers.create(code="one", label="奖", rank=1, amount_fen=600_000, valid_from="2020-09-01")
    assert (line(all_ready, prize.code).heads, line(all_ready, prize.code).needed_fen) == (
        None,
        None,
    )
    ProgrammeQuota.objects.create(school=all_ready.school, programme=prize, heads=2)
    found = line(all_ready, prize.code)
    assert (found.heads, found.needed_fen) == (2, 1_200_000)


def test_money_is_the_ledgers(all_ready: Aid) -> None:
    cases.fund(all_ready)
    cases.award_all(all_ready, list(all_ready.round.cases.all()))
    before = line(all_ready)
    assert before.granted_fen == 3 * AMOUNT
    assert before.received_fen > 0
    assert before.lacking_fen == max(0, 6 * AMOUNT - before.received_fen)
    assert before.paid_fen == 0
    cases.pay(all_ready, cases.draft(all_ready))
    assert line(all_ready).paid_fen == 3 * AMOUNT


def test_nothing_for_what_the_school_does_not_handle(all_ready: Aid) -> None:
    rows = budget(all_ready.school, all_ready.term.year, clock.today())
    assert {row.programme.handling for row in rows} == {"school"}
    assert {row.programme.stage for row in rows} == {"senior"}


def test_the_page_and_its_export(all_ready: Aid, sign_in: Any) -> None:
    client = sign_in(all_ready.staffed.finance)
    page = plain(get(client, "budget"))
    assert "2026—2027学年" in page
    assert "6,900.00" in page
    answer = post(client, "budget_export", year="2026")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["普通高中国家助学金"][3:5] == (3, 6900)
    set_scope(all_ready.school.pk)
    assert Event.objects.filter(label="导出年度经费").count() == 1


@pytest.mark.parametrize("year", ["", "abc", "1066", "2026", "²", "9" * 5_000])
def test_any_year_asked_for_is_answered(all_ready: Aid, sign_in: Any, year: str) -> None:
    client = sign_in(all_ready.staffed.finance)
    assert client.get(f"/disbursement/ledger/budget/?year={year}").status_code == 200


def test_many_students_cost_the_same_queries(all_ready: Aid) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            budget(all_ready.school, all_ready.term.year, clock.today())
        return len(queries)

    few = asked()
    for n in range(30):
        tagged(student(all_ready.staffed.school_class, f"新生{n}"), "dibao")
    assert asked() == few


def test_another_schools_money_stays_there(all_ready: Aid, cast: Cast, sign_in: Any) -> None:
    page = plain(get(sign_in(cast.c.finance), "budget"))
    assert "6,900.00" not in page
