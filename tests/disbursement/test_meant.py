"""Whom a programme is for is asked again when awards are decided, frozen and sent."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Tier
from audit.refusal import Refused
from disbursement import actions, queue
from disbursement.actions.awards import Granted, sort_cases
from disbursement.models import Award, PaymentLine
from disbursement.standings import standings_of
from schools.models import Stage
from students.models import SchoolClass, SpecialGroupTag, Student
from tests.applications.scenes import tagged
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.pages import get, plain


def limited(its: Aid, **facts: Any) -> None:
    """Say in the round's programme whom it is for."""
    for name, value in facts.items():
        setattr(its.programme, name, value)
    its.programme.save()


def grant(its: Aid) -> Granted:
    its.round.refresh_from_db()
    return actions.grant_awards(round_=its.round, by=its.staffed.operator)


def reasons(granted: Granted) -> dict[int, list[str]]:
    return {held.case.student_id: [h.text for h in held.holds] for held in granted.held}


def frozen_reasons(its: Aid) -> dict[int, list[str]]:
    """By award, why a frozen batch leaves it out."""
    batch = actions.freeze(batch=cases.draft(its), by=its.staffed.finance)
    return {entry["award"]: [r["text"] for r in entry["reasons"]] for entry in batch.held}


def test_a_day_pupil_in_none_of_the_groups_is_held(all_ready: Aid) -> None:
    limited(all_ready, day_groups=["disabled"])
    boarder, listed, other = all_ready.staffed.students
    Student.objects.filter(pk=boarder.pk).update(boarding="boarder")
    tagged(listed, "disabled")
    found = grant(all_ready)
    assert found.count == 2
    assert reasons(found) == {other.pk: ["国家助学金的非寄宿生标准只给限定的特殊群体"]}
    mend = found.held[0].holds[0].mend
    assert mend.startswith("核对名册里的就读方式")
    assert mend.endswith("不列入名单，已列入的取消资助")
    # The roster is mended: held no longer.
    Student.objects.filter(pk=other.pk).update(boarding="boarder")
    assert grant(all_ready).count == 1


def test_a_boarder_corrected_to_day_pupil_gets_no_boarders_tier(all_ready: Aid) -> None:
    Student.objects.update(boarding="boarder")
    Tier.objects.filter(pk=all_ready.tier.pk).update(boarding="boarder")
    first, second, third = all_ready.staffed.students
    Student.objects.filter(pk=first.pk).update(boarding="day")
    found = grant(all_ready)
    text = "名册里是走读，审定的是寄宿生的档次"
    assert (found.count, reasons(found)) == (2, {first.pk: [text]})
    Student.objects.filter(pk=second.pk).update(boarding="day")
    cases.fund(all_ready)
    assert frozen_reasons(all_ready) == {cases.award_of(second).pk: [text]}
    assert [line.student_id for line in PaymentLine.objects.all()] == [third.pk]


def test_who_is_on_the_departments_list_no_longer_is_held(all_ready: Aid) -> None:
    limited(all_ready, only_groups=["lifted_out", "dibao"], rural_groups=["dibao"])
    first, second, third = all_ready.staffed.students
    Student.objects.update(household="rural")
    tags = {s.pk: tagged(s, "lifted_out") for s in (first, second)}
    tagged(third, "dibao")

    def withdraw(someone: Student) -> None:
        SpecialGroupTag.objects.filter(pk=tags[someone.pk].pk).update(valid_to=date(2026, 11, 1))

    withdraw(first)
    outside = "不在国家助学金限定的特殊群体里"
    found = grant(all_ready)
    assert (found.count, reasons(found)) == (2, {first.pk: [outside]})
    withdraw(second)
    Student.objects.filter(pk=third.pk).update(household="urban")
    cases.fund(all_ready)
    batch = cases.draft(all_ready)
    with pytest.raises(Refused) as caught:
        actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert [r.count for r in caught.value.reasons if outside in r.text] == [2]
    tagged(second, "lifted_out")
    batch = actions.freeze(batch=batch, by=all_ready.staffed.finance)
    assert batch.line_count == 1


def test_withdrawn_from_the_list_after_the_freezing_is_not_sent(all_ready: Aid) -> None:
    limited(all_ready, only_groups=["lifted_out"])
    tags = [tagged(someone, "lifted_out") for someone in all_ready.staffed.students]
    batch = cases.approved(all_ready)
    SpecialGroupTag.objects.filter(pk=tags[0].pk).update(valid_to=date(2026, 11, 1))
    with pytest.raises(Refused, match=r"不在国家助学金限定的特殊群体里"):
        actions.send(batch=batch, by=all_ready.staffed.finance)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"stage": Stage.JUNIOR}, "国家助学金只发给初中学生"),
        ({"years": [3]}, "国家助学金只发给三年级学生"),
    ],
)
def test_stage_and_class_year(all_ready: Aid, facts: dict[str, Any], text: str) -> None:
    SchoolClass.objects.update(grade=1)
    limited(all_ready, **facts)
    assert list(reasons(grant(all_ready)).values()) == [[text]] * 3


def test_what_is_owed_for_a_term_is_owed_when_the_class_has_moved_up(all_ready: Aid) -> None:
    SchoolClass.objects.update(grade=1)
    limited(all_ready, years=[1])
    assert grant(all_ready).count == 3
    SchoolClass.objects.update(grade=2)
    students = list(Student.objects.select_related("school_class"))

    def held(on: date) -> list[int]:
        found = standings_of(students, all_ready.programme, all_ready.term, on)
        return [len(found[s.pk].not_meant) for s in all_ready.staffed.students]

    assert held(all_ready.term.ends_on) == [1, 1, 1]
    assert held(date(2027, 9, 10)) == [0, 0, 0]


def test_the_page_before_granting_says_so(all_ready: Aid, sign_in: Any) -> None:
    limited(all_ready, day_groups=["disabled"])
    client = sign_in(all_ready.staffed.finance)
    page = plain(get(client, "grant", all_ready.round.pk))
    assert "非寄宿生标准只给限定的特殊群体" in page
    assert not Award.objects.exists()


def test_asking_costs_the_same_for_one_and_for_thirty(all_ready: Aid) -> None:
    limited(all_ready, day_groups=["disabled"], only_groups=["disabled"])
    for someone in cases.add_students(all_ready.staffed, 30):
        cases.case(all_ready, someone)
        tagged(someone, "disabled")
    waiting = list(queue.cases_waiting(all_ready.round))
    asked = {}
    for n in (1, 30):
        with CaptureQueriesContext(connection) as seen:
            sort_cases(waiting[:n], all_ready.programme, all_ready.term)
        asked[n] = len(seen)
    assert asked[1] == asked[30]
