"""Two grants that can't be had together, at two schools: held at every step of the money."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from applications.models import Programme
from audit.refusal import Refused
from disbursement import actions
from disbursement.models import Award
from schools import clock
from schools.scope import acting_for
from schools.tenancy import set_scope
from students.models import Student
from tests.applications.policy import AUTUMN, enacted
from tests.applications.terms import next_autumn
from tests.cast import Cast
from tests.disbursement import cases
from tests.disbursement.cases import Aid
from tests.disbursement.test_duplicates import award_at_b

TEXT = "同期已在其他学校享受“雨露计划”，两项不能兼得"


@pytest.fixture
def other(all_ready: Aid) -> Programme:
    """The programme that can't be had with the grant."""
    made = cases.programme("other", name="雨露计划")
    all_ready.programme.exclusive_with.add(made)
    return made


def _given_at_b(its: Aid, cast: Cast, other: Programme, *term: str, **facts: Any) -> Award:
    return award_at_b(replace(its, programme=other), cast, *term, **facts)


def _asked(its: Aid, identities: Iterable[bytes]) -> list[tuple[bytes, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity, other FROM aid_exclusive_elsewhere(%s, %s, %s, %s::bytea[])",
            [its.school.pk, its.programme.pk, its.term.pk, list(identities)],
        )
        return [(bytes(identity), programme) for identity, programme in cursor.fetchall()]


def _own(its: Aid) -> list[bytes]:
    return [bytes(s.id_blind) for s in its.staffed.students]


def test_granting_holds_who_has_the_other_elsewhere(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    # Excluded too, but given to nobody.
    all_ready.programme.exclusive_with.add(cases.programme("third", name="另一项"))
    _given_at_b(all_ready, cast, other)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert granted.count == 2
    told = [(h.check, h.text, h.mend) for h in granted.held[0].holds]
    assert told == [("exclusive", TEXT, "请向区资助中心核实，取消其中一项")]


def test_two_versions_of_one_programme_are_named_once(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    later = cases.programme("later", name=other.name, follows=other)
    all_ready.programme.exclusive_with.add(later)
    _given_at_b(all_ready, cast, other)
    here = cases.aid(all_ready.staffed, other), cases.aid(all_ready.staffed, later)
    for its in here:
        cases.award_all(its, [cases.case(its, all_ready.staffed.students[0])])
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == ["同期已享受“雨露计划”，两项不能兼得", TEXT]


def test_freezing_holds_who_has_the_other_elsewhere(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    _given_at_b(all_ready, cast, other)
    batch = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    assert batch.line_count == 2
    assert [r["text"] for r in batch.held[0]["reasons"]] == [TEXT]


def test_sending_refuses_who_has_the_other_elsewhere(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    batch = cases.approved(all_ready)
    _given_at_b(all_ready, cast, other)
    with pytest.raises(Refused, match=TEXT):
        actions.send(batch=batch, by=all_ready.staffed.finance)


def test_what_was_taken_back_elsewhere_holds_nobody(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    by = cast.b.operator.person
    _given_at_b(all_ready, cast, other, status="revoked", revoke_at=clock.now(), revoke_by=by)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, granted.held) == (3, [])


@pytest.mark.parametrize("yearly", ["own", "other"])
def test_what_is_given_for_a_year_excludes_in_both_of_its_terms(
    all_ready: Aid, cast: Cast, other: Programme, yearly: str
) -> None:
    _given_at_b(all_ready, cast, other, "2026-2")
    assert _asked(all_ready, _own(all_ready)) == []
    its = all_ready.programme if yearly == "own" else other
    Programme.objects.filter(pk=its.pk).update(money_cadence="per_year")
    assert _asked(all_ready, _own(all_ready)) == [(_own(all_ready)[0], other.pk)]


def test_what_was_given_for_another_year_excludes_nobody(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    _given_at_b(all_ready, cast, other, next_autumn().code)
    Programme.objects.update(money_cadence="per_year")
    assert _asked(all_ready, _own(all_ready)) == []


def test_a_programme_that_is_not_paired_is_not_told(
    all_ready: Aid, cast: Cast, other: Programme
) -> None:
    beside = cases.programme("beside")
    beside.exclusive_with.add(other)
    _given_at_b(all_ready, cast, beside)
    assert _asked(all_ready, _own(all_ready)) == []


def test_a_programme_does_not_exclude_itself(all_ready: Aid, cast: Cast, other: Programme) -> None:
    """That it was given elsewhere is another question's answer."""
    _given_at_b(all_ready, cast, all_ready.programme)
    assert _asked(all_ready, _own(all_ready)) == []


def test_what_a_district_pairs_holds_its_own_money_alone(all_ready: Aid, cast: Cast) -> None:
    """The nation's grant is not withheld for a pair that a lower authority made."""
    nations = all_ready.programme
    with clock.at(AUTUMN):
        paired = enacted(
            cast.bureau_operator, cast.bureau_reviewer, exclusive=(nations.pk,), kind="grant"
        )
    set_scope(all_ready.school.pk)
    _given_at_b(all_ready, cast, paired)
    assert _asked(all_ready, _own(all_ready)) == [(_own(all_ready)[0], paired.pk)]
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, granted.held) == (3, [])


def test_only_our_own_identities_are_answered(all_ready: Aid, cast: Cast, other: Programme) -> None:
    _given_at_b(all_ready, cast, other)
    with acting_for(cast.b.school):
        theirs = [bytes(s.id_blind) for s in Student.objects.for_school(cast.b.school)]
    everybody = {*_own(all_ready), *theirs}
    assert _asked(all_ready, everybody) == [(_own(all_ready)[0], other.pk)]
    assert _asked(all_ready, _own(all_ready)[1:]) == []
    # What we gave ourselves was not given elsewhere.
    ours = cases.aid(all_ready.staffed, other)
    cases.award_all(ours, [cases.case(ours, all_ready.staffed.students[1])])
    assert _asked(all_ready, everybody) == [(_own(all_ready)[0], other.pk)]
    # Asked in the name of a school that we do not reach: no answer at all.
    with acting_for(cast.c.school):
        assert _asked(all_ready, everybody) == []


def test_after_the_question_the_wall_stands(all_ready: Aid, cast: Cast, other: Programme) -> None:
    award = _given_at_b(all_ready, cast, other)
    assert _asked(all_ready, _own(all_ready)) != []
    cases.run_sql("SELECT set_config('aid.asking', 'award', true)")
    assert not Award.objects.filter(pk=award.pk).exists()
