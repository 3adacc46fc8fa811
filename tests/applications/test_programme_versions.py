"""资助项目 in force: who may open it, what follows it, how it ends, what it excludes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications import actions, queue
from applications.actions.programmes import copied
from applications.models import PaperRule, Programme, Round, Tier
from applications.rules.programmes import TierFacts
from audit.refusal import Refused
from schools import clock
from schools.models import Stage
from schools.tenancy import set_scope
from tests.applications.policy import AUTUMN, enacted, facts, seen
from tests.applications.test_programmes import of_district, opened, refusal
from tests.cast import Cast

NEXT_YEAR = date(2027, 9, 1)


# --------------------------------------------------------------------------------- who opens it


def test_schools_under_the_bureau_open_it_and_no_others(cast: Cast) -> None:
    programme = of_district(cast)
    assert programme in queue.offered(cast.school)
    for stranger in (cast.c.school, cast.other_district):
        assert programme not in queue.visible(stranger)
    set_scope(cast.c.school.pk)
    with pytest.raises(Refused, match="不是本校可以开的项目"):
        actions.open_programme_round(
            school=cast.c.school, term=cast.term, programme=programme, by=cast.c.operator
        )
    assert opened(cast, programme).number_prefix == "2026-1-GZTK"


def test_a_draft_is_opened_by_nobody(cast: Cast) -> None:
    set_scope(cast.district.pk)
    draft = actions.draft_programme(facts=facts(), by=cast.bureau_operator)
    assert draft not in queue.visible(cast.school)
    with pytest.raises(Refused, match="不是本校可以开的项目"):
        opened(cast, draft)


def raw_round(cast: Cast, programme: Programme, staffed: Any) -> Round:
    set_scope(staffed.school.pk)
    with transaction.atomic():
        made: Round = Round.objects.create(
            school=staffed.school,
            kind="programme",
            term=cast.term,
            programme=programme,
            opens_on=AUTUMN,
            closes_on=date(2026, 9, 8),
            opened_by=staffed.operator.person,
            opened_at=clock.now(),
        )
    return made


def test_the_database_opens_no_round_of_what_is_not_meant_for_the_school(cast: Cast) -> None:
    programme = of_district(cast)
    set_scope(cast.district.pk)
    draft = actions.draft_programme(facts=facts(), by=cast.bureau_operator)
    for what, where in ((programme, cast.c), (draft, cast.a)):
        with pytest.raises(IntegrityError, match="is not for school"):
            raw_round(cast, what, where)
    assert raw_round(cast, programme, cast.a).pk


def test_only_its_class_years_and_groups_apply(cast: Cast) -> None:
    programme = of_district(cast, years=(2, 3), only_groups=("dibao",))
    round_ = opened(cast, programme)
    with pytest.raises(Refused) as error:
        actions.draft_application(
            round_=round_, student=cast.a.students[0], by=cast.head_teacher, reason="家庭困难"
        )
    assert refusal(error) == [
        "东区高中助学金只发给二年级、三年级学生",
        "不在东区高中助学金限定的特殊群体里",
    ]


# --------------------------------------------------------------------------- versions and endings


def test_the_next_version_follows_on_its_day(cast: Cast) -> None:
    first = of_district(cast)
    opened(cast, first)
    set_scope(cast.district.pk)
    told = replace(copied(first, NEXT_YEAR, cast.district), tiers=(TierFacts("一档", 100_000),))
    second = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    with pytest.raises(Refused, match="这个项目已有新版或新版的草稿"):
        actions.draft_programme(facts=told, by=cast.bureau_operator, follows=first)
    with pytest.raises(Refused) as error:
        actions.enact_programme(
            programme=second, valid_from=AUTUMN, seen=seen(second), by=cast.bureau_reviewer
        )
    assert refusal(error) == [
        "新版的启用日期应在今天以后",
        "新版要在原版本开始之后启用",
        "已有1个批次按这个版本开在这一天以后",
    ]
    actions.enact_programme(
        programme=second, valid_from=NEXT_YEAR, seen=seen(second), by=cast.bureau_reviewer
    )
    first.refresh_from_db()
    assert (first.status, first.valid_to) == ("ended", date(2027, 8, 31))
    assert (first.ask_end_by, first.end_by) == (
        cast.bureau_operator.person,
        cast.bureau_reviewer.person,
    )
    # Until then the first holds.
    assert [p.tiers.count() for p in (first, second)] == [2, 1]


def test_what_is_given_once_a_year_is_not_followed_within_the_year(cast: Cast) -> None:
    first = of_district(cast, money_cadence="per_year")
    opened(cast, first)
    set_scope(cast.district.pk)
    second = actions.draft_programme(
        facts=copied(first, date(2027, 2, 1), cast.district), by=cast.bureau_operator, follows=first
    )
    with pytest.raises(Refused, match="已有1个批次按这个版本开在这一天以后"):
        actions.enact_programme(
            programme=second,
            valid_from=date(2027, 2, 1),
            seen=seen(second),
            by=cast.bureau_reviewer,
        )


def test_it_ends_on_a_day_that_two_persons_agree_on(cast: Cast) -> None:
    programme = of_district(cast)
    set_scope(cast.district.pk)
    with pytest.raises(Refused) as error:
        actions.ask_end(
            programme=programme, last_day=date(2026, 8, 31), reason=" ", by=cast.bureau_operator
        )
    assert refusal(error) == ["终止日期已经过去", "没有写终止的原因"]
    last = date(2026, 12, 31)
    asked = actions.ask_end(
        programme=programme, last_day=last, reason="经费用完", by=cast.bureau_operator
    )
    assert (asked.status, asked.valid_to) == ("ending", None)
    with pytest.raises(Refused, match="起草的人不能自己确认终止"):
        actions.confirm_end(programme=programme, by=cast.bureau_operator)
    ended = actions.confirm_end(programme=programme, by=cast.bureau_reviewer)
    assert (ended.status, ended.valid_to) == ("ended", last)
    # This term began before the day, so its rounds are still opened.
    assert opened(cast, programme).programme == programme


def test_an_end_may_be_refused_or_taken_back(cast: Cast) -> None:
    programme = of_district(cast)
    set_scope(cast.district.pk)
    for by in (cast.bureau_reviewer, cast.bureau_operator):
        actions.ask_end(
            programme=programme, last_day=NEXT_YEAR, reason="停办", by=cast.bureau_operator
        )
        kept = actions.keep_programme(programme=programme, reason="再办一年", by=by)
        assert (kept.status, kept.end_on, kept.ask_end_by) == ("enacted", None, None)


def test_the_day_of_an_end_may_not_pass_before_it_is_agreed(cast: Cast) -> None:
    programme = of_district(cast)
    set_scope(cast.district.pk)
    actions.ask_end(programme=programme, last_day=AUTUMN, reason="停办", by=cast.bureau_operator)
    with clock.at(date(2026, 9, 2)), pytest.raises(Refused, match="终止日期已经过去"):
        actions.confirm_end(programme=programme, by=cast.bureau_reviewer)


def test_the_database_ends_nothing_by_one_person(cast: Cast) -> None:
    programme = of_district(cast)
    set_scope(cast.district.pk)
    actions.ask_end(programme=programme, last_day=NEXT_YEAR, reason="停办", by=cast.bureau_operator)
    one = cast.bureau_operator.person
    with pytest.raises(IntegrityError, match="programme_ended_by_two"), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(
            status="ended", valid_to=NEXT_YEAR, end_by=one, end_at=clock.now()
        )


def test_the_seeds_stay_the_nations(cast: Cast) -> None:
    assert not Programme.objects.exclude(managed_by=None, status="enacted").exists()
    assert Tier.objects.filter(programme__managed_by=None).exists()
    assert PaperRule.objects.filter(programme=None).exists()


def test_every_kind_at_every_stage_numbers_its_applications() -> None:
    stages, kinds = Stage.values, Programme.Kind.values
    found = {Programme(stage=s, kind=k).initials for s in stages for k in kinds}
    assert len(found) == len(stages) * len(kinds)
    assert {len(initials) for initials in found} == {4}


def test_work_study_is_applied_for(cast: Cast) -> None:
    round_ = opened(cast, of_district(cast, kind="work_study"))
    application = actions.draft_application(
        round_=round_, student=cast.a.students[0], by=cast.operator
    )
    assert "GZQG" in application.number


def test_what_a_school_excludes_stops_no_version_or_copy_of_those_above(cast: Cast) -> None:
    district = of_district(cast)
    national = Programme.objects.get(code="senior_grant")
    before = seen(district)
    set_scope(cast.school.pk)
    told = facts(source="school", exclusive=(district.pk, national.pk))
    draft = actions.draft_programme(facts=told, by=cast.operator)
    assert queue.facts_of(draft).exclusive == tuple(sorted(told.exclusive))
    assert seen(district) == before
    actions.discard_programme(programme=draft, by=cast.operator)
    kept = enacted(cast.operator, cast.reviewer, source="school", exclusive=told.exclusive)
    set_scope(cast.b.school.pk)
    assert copied(district, NEXT_YEAR, cast.b.school).exclusive == ()
    set_scope(cast.district.pk)
    assert queue.facts_of(national).exclusive == ()
    following = copied(district, NEXT_YEAR, cast.district)
    assert following.exclusive == (kept.pk,)
    copy = copied(national, NEXT_YEAR, cast.district)
    for told, follows in ((following, district), (copy, None)):
        made = actions.draft_programme(facts=told, by=cast.bureau_operator, follows=follows)
        assert made.status == "draft"


def test_a_schools_exclusion_holds_its_own_money_only(cast: Cast) -> None:
    district = of_district(cast, stage="senior")
    own = enacted(cast.operator, cast.reviewer, source="school", exclusive=(district.pk,))
    assert list(queue.offer_of(own, AUTUMN).exclusive) == [district.pk]
    assert not queue.offer_of(district, AUTUMN).exclusive
    student = cast.a.students[0]
    first, second = opened(cast, own), opened(cast, district)
    actions.draft_application(round_=first, student=student, by=cast.operator)
    waiting = actions.draft_application(round_=second, student=student, by=cast.operator)
    assert waiting.status == "draft"
