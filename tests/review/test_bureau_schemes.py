"""A bureau's 量化评估表: whom it governs, who puts it in force, what schools may do."""

import re
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.refusal import Refused
from review import actions, governing
from review.models import Case, ScoringScheme
from review.trial import SchoolChange, trial_of_schools
from schools import clock
from schools.models import Appointment, Organisation
from schools.roles import Role
from schools.tenancy import set_scope
from tests import cast as people
from tests.cast import Cast
from tests.database import without
from tests.racing import race, unguarded
from tests.review import cases

TOMORROW = date(2026, 9, 2)


def enacted(
    organisation: Organisation,
    maker: Appointment,
    checker: Appointment,
    *,
    binding: str = "may",
    **starts: int,
) -> ScoringScheme:
    """A version with other thresholds, in force from tomorrow."""
    set_scope(organisation.pk)
    draft = actions.copy_scheme(organisation=organisation, by=maker)
    table = deepcopy(draft.rules)
    for threshold in table["thresholds"]:
        threshold["from"] = starts.get(threshold["grade"], threshold["from"])
    actions.edit_scheme(scheme=draft, table=table, by=maker, binding=binding)
    return actions.enact_scheme(scheme=draft, valid_from=TOMORROW, by=checker)


def of_district(cast: Cast, binding: str = "may") -> ScoringScheme:
    return enacted(
        cast.district, cast.bureau_operator, cast.bureau_reviewer, binding=binding, hard=45
    )


def test_a_school_without_its_own_is_scored_by_its_bureau(cast: Cast) -> None:
    district = of_district(cast)
    set_scope(cast.school.pk)
    round_ = cases.open_round(cast.a, cast.term)
    round_.opens_on = TOMORROW
    round_.save()
    with clock.at(TOMORROW):
        cases.hand_in(round_, cast.a.students[0], cast.head_teacher.person, income_yuan=12_000)
        actions.take_up(round_=round_, by=cast.operator)
    # The record of the case says by which figures: 40 points are no longer 困难 here.
    case = Case.objects.get()
    assert (case.scheme, case.points, case.advised_grade) == (district, 40, "general")
    assert str(case.scheme) == "东区教育局量化评估表 第1版"


def test_another_district_goes_on_with_the_national_one(cast: Cast) -> None:
    of_district(cast)
    found = governing.scheme_on(cast.c.school.pk, TOMORROW)
    assert found == ScoringScheme.objects.get(code="national")
    # And until the day it counts from, so does everyone.
    assert governing.scheme_on(cast.school.pk, date(2026, 9, 1)) == found


def test_a_school_may_score_otherwise_unless_it_must_not(cast: Cast) -> None:
    own = enacted(cast.school, cast.operator, cast.reviewer, hard=42)
    district = of_district(cast)
    assert governing.scheme_on(cast.school.pk, TOMORROW) == own
    assert governing.scheme_on(cast.b.school.pk, TOMORROW) == district
    with clock.at(TOMORROW):
        set_scope(cast.district.pk)
        draft = actions.copy_scheme(organisation=cast.district, by=cast.bureau_operator)
        actions.edit_scheme(
            scheme=draft, table=draft.rules, by=cast.bureau_operator, binding="must"
        )
        must = actions.enact_scheme(
            scheme=draft, valid_from=date(2026, 9, 3), by=cast.bureau_reviewer
        )
    assert governing.scheme_on(cast.school.pk, TOMORROW) == own
    assert governing.scheme_on(cast.school.pk, date(2026, 9, 3)) == must


def test_what_is_compulsory_higher_up_comes_first(cast: Cast) -> None:
    set_scope(cast.city.pk)
    reviewer = people.appoint("市审核", cast.city, Role.BUREAU_REVIEWER, "city-reviewer")
    of_district(cast, "must")
    city = enacted(cast.city, cast.city_operator, reviewer, binding="must")
    assert governing.scheme_on(cast.school.pk, TOMORROW) == city


def test_a_school_that_must_use_it_begins_none_and_enacts_none(cast: Cast) -> None:
    set_scope(cast.school.pk)
    begun = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    of_district(cast, "must")
    set_scope(cast.school.pk)
    with pytest.raises(Refused) as error:
        actions.enact_scheme(scheme=begun, valid_from=TOMORROW, by=cast.reviewer)
    told = "主管部门规定使用东区教育局量化评估表 第1版"
    assert [r.text for r in error.value.reasons] == [told]
    actions.discard_scheme(scheme=begun, by=cast.operator)
    with clock.at(TOMORROW), pytest.raises(Refused) as error:
        actions.copy_scheme(organisation=cast.school, by=cast.operator)
    assert [r.text for r in error.value.reasons] == [told]


def test_a_school_binds_nobody(cast: Cast) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    with pytest.raises(Refused) as error:
        actions.edit_scheme(scheme=draft, table=draft.rules, by=cast.operator, binding="must")
    assert [r.text for r in error.value.reasons] == ["学校的评估表只用于本校"]


def test_the_bureaus_trial_counts_by_school_at_one_price(cast: Cast) -> None:
    cases.taken_up(cast)
    set_scope(cast.district.pk)
    draft = actions.copy_scheme(organisation=cast.district, by=cast.bureau_operator)
    table = deepcopy(draft.rules)
    table["thresholds"] = [
        {**t, "from": 45} if t["grade"] == "hard" else t for t in table["thresholds"]
    ]
    actions.edit_scheme(scheme=draft, table=table, by=cast.bureau_operator)
    draft = ScoringScheme.objects.select_related("base").get(pk=draft.pk)
    with CaptureQueriesContext(connection) as few:
        [one] = trial_of_schools(draft, cast.district)
    assert one == SchoolChange("示范第一高级中学", 3, 0, 1)
    set_scope(cast.b.school.pk)
    cases.taken_up(cast, cast.b)
    set_scope(cast.district.pk)
    with CaptureQueriesContext(connection) as more:
        assert len(trial_of_schools(draft, cast.district)) == 2
    assert len(more) == len(few)
    set_scope(cast.other_district.pk)
    assert trial_of_schools(draft, cast.other_district) == []


def test_a_bureau_makes_one_compulsory_by_its_pages(cast: Cast, sign_in: Any) -> None:
    cases.taken_up(cast)
    client = sign_in(cast.bureau_operator)
    client.post(reverse("review:copy_scheme"))
    draft = ScoringScheme.objects.get(status="draft")
    address = reverse("review:scheme", args=[draft.pk])
    page = client.get(address).text
    # Numbers by school, and no student's code.
    assert "示范第一高级中学" in page
    boxes = dict(re.findall(r'<input[^>]* name="(\w+_\w+)"[^>]* value="([^"]*)"', page))
    boxes |= {"grade_hard": "45", "binding": "must"}
    edit = reverse("review:edit_scheme", args=[draft.pk])
    assert client.post(edit, boxes).status_code == 302
    # Until it is in force it is nobody else's to see.
    assert sign_in(cast.operator).get(address).status_code == 404
    checker = sign_in(cast.bureau_reviewer)
    assert "核对东区教育局量化评估表" in checker.get(reverse("desk")).text
    assert "所有所辖学校必须使用" in checker.get(address).text
    enact = reverse("review:enact_scheme", args=[draft.pk])
    assert checker.post(enact, {"valid_from": "2026-09-02"}).status_code == 302
    with clock.at(TOMORROW):
        text = sign_in(cast.operator).get(reverse("review:schemes")).text
    assert "主管部门规定使用东区教育局量化评估表" in text
    assert "复制一份修改" not in text


def bound_draft(cast: Cast) -> ScoringScheme:
    set_scope(cast.district.pk)
    return actions.copy_scheme(organisation=cast.district, by=cast.bureau_operator)


@pytest.mark.race
def test_a_bureaus_draft_is_enacted_once(committed: Cast) -> None:
    draft = bound_draft(committed)
    count = race(
        lambda i: actions.enact_scheme(
            scheme=draft, valid_from=TOMORROW, by=committed.bureau_reviewer
        ),
        organisation=committed.district,
    )
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_enacted_often(committed: Cast, no_locks: None) -> None:
    draft = bound_draft(committed)
    won = unguarded(
        lambda i: actions.enact_scheme(
            scheme=draft, valid_from=TOMORROW, by=committed.bureau_reviewer
        ),
        organisation=committed.district,
    )
    assert won > 1


@pytest.mark.race
def test_a_draft_is_discarded_once(committed: Cast) -> None:
    draft = bound_draft(committed)
    count = race(
        lambda i: actions.discard_scheme(scheme=draft, by=committed.bureau_operator),
        organisation=committed.district,
    )
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_lock_it_is_discarded_often(committed: Cast, no_locks: None) -> None:
    draft = bound_draft(committed)
    won = unguarded(
        lambda i: actions.discard_scheme(scheme=draft, by=committed.bureau_operator),
        organisation=committed.district,
    )
    assert won > 1


@pytest.mark.race
def test_a_bureau_begins_one_draft(committed: Cast) -> None:
    count = race(
        lambda i: actions.copy_scheme(
            organisation=committed.district, by=committed.bureau_operator
        ),
        organisation=committed.district,
    )
    assert count == {"won": 1, "Refused": 63}


@pytest.mark.race
def test_without_the_constraint_a_bureau_begins_several(committed: Cast) -> None:
    with without("review_scoringscheme", "scheme_draft_once", "scheme_once"):
        won = unguarded(
            lambda i: actions.copy_scheme(
                organisation=committed.district, by=committed.bureau_operator
            ),
            organisation=committed.district,
        )
        assert won > 1
