"""The same grant at two schools: held at every step, and nothing else told across the wall."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from applications.models import Programme
from audit.refusal import Refused
from disbursement import actions
from disbursement.models import Award
from schools import clock
from schools.models import School
from schools.scope import acting_for
from students.models import Student
from tests.applications.terms import next_autumn
from tests.cast import Cast, student
from tests.disbursement import cases
from tests.disbursement.cases import Aid

TEXT = "本学期已在其他学校享受同一项目"
ONCE = "已在其他学校享受过同一项目，只发一次"


def award_at_b(its: Aid, cast: Cast, term_code: str = "2026-1", **facts: Any) -> Award:
    """The first student was awarded the same programme at school B, then left it."""
    number = its.staffed.students[0].id_number.reveal()
    with acting_for(cast.b.school):
        theirs = cases.aid(cast.b, its.programme, term_code)
        someone = student(cast.b.school_class, "同一人", id_number=number)
        everybody = [cases.case(theirs, one) for one in (someone, *cast.b.students)]
        award = cases.award_all(theirs, everybody)[0]
        Award.objects.filter(pk=award.pk).update(**facts)
        Student.objects.filter(pk=someone.pk).update(status="left", left_on=date(2026, 10, 9))
    return award


def _asked(its: Aid, cast: Cast, *, acting: School | None = None) -> int:
    """How many of everybody's identities the function says yes to."""
    blinds = [bytes(s.id_blind) for s in its.staffed.students]
    with acting_for(cast.b.school):
        blinds += [bytes(s.id_blind) for s in Student.objects.for_school(cast.b.school)]
    with acting_for(acting or its.school), connection.cursor() as cursor:
        cursor.execute(
            "SELECT aid_awarded_elsewhere(%s, %s, %s, %s::bytea[])",
            [its.school.pk, its.programme.pk, its.term.pk, blinds],
        )
        return len(cursor.fetchall())


def test_granting_holds_who_has_it_elsewhere(all_ready: Aid, cast: Cast) -> None:
    award_at_b(all_ready, cast)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert granted.count == 2
    assert [(h.text, h.mend) for h in granted.held[0].holds] == [(TEXT, "请向区资助中心核实")]


def test_freezing_holds_who_has_it_elsewhere(all_ready: Aid, cast: Cast) -> None:
    cases.fund(all_ready)
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    award_at_b(all_ready, cast)
    batch = actions.freeze(batch=cases.draft(all_ready), by=all_ready.staffed.finance)
    assert batch.line_count == 2
    assert [r["text"] for r in batch.held[0]["reasons"]] == [TEXT]


def test_sending_refuses_who_has_it_elsewhere(all_ready: Aid, cast: Cast) -> None:
    batch = cases.approved(all_ready)
    award_at_b(all_ready, cast)
    with pytest.raises(Refused, match=TEXT):
        actions.send(batch=batch, by=all_ready.staffed.finance)


def test_a_revoked_award_elsewhere_holds_nobody(all_ready: Aid, cast: Cast) -> None:
    by = cast.b.operator.person
    award_at_b(all_ready, cast, status="revoked", revoke_at=clock.now(), revoke_by=by)
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, granted.held) == (3, [])


@pytest.mark.parametrize(
    ("cadence", "told"), [("per_year", "本学年已在其他学校享受同一项目"), ("once", ONCE)]
)
def test_the_other_term_counts_for_yearly_programmes_alone(
    all_ready: Aid, cast: Cast, cadence: str, told: str
) -> None:
    award_at_b(all_ready, cast, "2026-2")
    assert _asked(all_ready, cast) == 0
    _paid(all_ready, cadence)
    assert _asked(all_ready, cast) == 1
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert [h.text for h in granted.held[0].holds] == [told]


def _paid(its: Aid, cadence: str) -> None:
    Programme.objects.filter(pk=its.programme.pk).update(money_cadence=cadence)
    its.round.refresh_from_db()


def test_what_is_given_once_is_not_given_in_another_year_elsewhere(
    all_ready: Aid, cast: Cast
) -> None:
    award_at_b(all_ready, cast, next_autumn().code)
    _paid(all_ready, "per_year")
    assert _asked(all_ready, cast) == 0
    _paid(all_ready, "once")
    granted = actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert (granted.count, [h.text for h in granted.held[0].holds]) == (2, [ONCE])


@pytest.mark.parametrize("later", ["here", "there"])
def test_another_version_elsewhere_is_the_same_programme(
    all_ready: Aid, cast: Cast, later: str
) -> None:
    """One school already stands at the next version; who moves between them gets it once."""
    older, other = all_ready.programme, cases.programme("beside")
    newer = cases.programme("next", follows=older)
    here, there = (newer, older) if later == "here" else (older, newer)
    award_at_b(replace(all_ready, programme=there), cast)
    assert _asked(replace(all_ready, programme=here), cast) == 1
    assert _asked(replace(all_ready, programme=other), cast) == 0


@pytest.mark.parametrize("later", ["here", "there"])
def test_a_version_two_steps_away_is_the_same_programme(
    all_ready: Aid, cast: Cast, later: str
) -> None:
    """The version between was given to nobody at either school."""
    first = all_ready.programme
    third = cases.programme("third", follows=cases.programme("second", follows=first))
    here, there = (third, first) if later == "here" else (first, third)
    award_at_b(replace(all_ready, programme=there), cast)
    assert _asked(replace(all_ready, programme=here), cast) == 1


def test_how_often_is_what_the_asked_version_says(all_ready: Aid, cast: Cast) -> None:
    """By the old version it was paid by the term; the new one is given once."""
    newer = cases.programme("next", follows=all_ready.programme, money_cadence="once")
    award_at_b(all_ready, cast, "2026-2")
    assert _asked(replace(all_ready, programme=newer), cast) == 1
    assert _asked(all_ready, cast) == 0


def test_only_our_own_identities_are_answered(all_ready: Aid, cast: Cast) -> None:
    assert _asked(all_ready, cast) == 0
    award_at_b(all_ready, cast)
    assert _asked(all_ready, cast) == 1
    # What we gave ourselves was not given elsewhere.
    actions.grant_awards(round_=all_ready.round, by=all_ready.staffed.operator)
    assert Award.objects.for_school(all_ready.school).count() == 2
    assert _asked(all_ready, cast) == 1
    # Asked in the name of a school that we do not reach: no answer at all.
    assert _asked(all_ready, cast, acting=cast.c.school) == 0


def test_after_the_question_the_wall_stands(all_ready: Aid, cast: Cast) -> None:
    award = award_at_b(all_ready, cast)
    assert _asked(all_ready, cast) == 1
    cases.run_sql("SELECT set_config('aid.asking', 'award', true)")
    assert not Award.objects.filter(pk=award.pk).exists()
    cases.run_sql("SELECT set_config('aid.asking', '', true)")
