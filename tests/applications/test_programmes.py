"""资助项目 of an authority: drafted, enacted by another, followed or ended, never changed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction

from applications import actions, queue
from applications.actions.programmes import copied
from applications.models import PaperRule, Programme, Round, Tier
from applications.rules.programmes import PaperFacts, TierFacts
from audit.models import Event
from audit.refusal import Refused
from schools import clock
from schools.models import Stage
from schools.tenancy import set_scope
from tests.applications.policy import AUTUMN, enacted, facts, seen
from tests.cast import Cast

NEXT_YEAR = date(2027, 9, 1)


@pytest.fixture
def bureau(cast: Cast) -> Cast:
    """Acting for the district."""
    set_scope(cast.district.pk)
    return cast


def refusal(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.text for r in error.value.reasons]


def of_district(cast: Cast, **changes: Any) -> Programme:
    return enacted(cast.bureau_operator, cast.bureau_reviewer, **changes)


def opened(cast: Cast, programme: Programme) -> Round:
    set_scope(cast.school.pk)
    return actions.open_programme_round(
        school=cast.school, term=cast.term, programme=programme, by=cast.operator
    )


def test_what_is_drafted_is_what_it_says(bureau: Cast) -> None:
    told = facts(
        years=(1, 2),
        only_groups=("dibao", "orphan"),
        open_groups=("dibao",),
        exclusive=(Programme.objects.get(code="senior_grant").pk,),
        tiers=(
            TierFacts("一档", 125_050, suggested_for="special"),
            TierFacts("二档", 62_500, valid_to=date(2027, 1, 31)),
        ),
        papers=(PaperFacts("低保证", "allowance", "must", exempt=False),),
        quotas=((bureau.school.pk, 12),),
    )
    draft = actions.draft_programme(facts=told, by=bureau.bureau_operator)
    assert queue.facts_of(draft) == told
    assert (draft.status, draft.managed_by_id) == ("draft", bureau.district.pk)
    changed = replace(told, years=(), quotas=(), tiers=told.tiers[:1])
    draft = actions.edit_programme(
        programme=draft, facts=changed, seen=seen(draft), by=bureau.bureau_operator
    )
    assert queue.facts_of(draft) == changed
    verbs = Event.objects.filter(verb__startswith="programme.").values_list("verb", flat=True)
    assert list(verbs.order_by("pk")) == ["programme.draft", "programme.edit"]


def test_everything_that_makes_no_sense_is_told_at_once(bureau: Cast) -> None:
    wrong = facts(
        name=" ",
        source="heaven",
        years=(4,),
        valid_to=date(2026, 8, 1),
        only_groups=("nobody",),
        exclusive=(10**9,),
        tiers=(
            TierFacts("", 0),
            TierFacts("一档", 10_000_001, suggested_for="special"),
            TierFacts("一档", 5, suggested_for="special", valid_from=date(2025, 1, 1)),
        ),
        papers=(PaperFacts("", "id_card"),),
        quotas=((bureau.c.school.pk, -1),),
    )
    with pytest.raises(Refused) as error:
        actions.draft_programme(facts=wrong, by=bureau.bureau_operator)
    assert set(refusal(error)) >= {
        "没有项目名称",
        "没有选择资助来源",
        "普通高中只有3个年级",
        "项目的截止日期早于开始日期",
        "有一档没有名称",
        "一档的金额不对",
        "有一项材料没有名称",
        "有学校的名额不对",
        "有不认识的特殊群体",
        "有不能同时享受的项目不在本单位的项目里",
        "有名额分给了不归本单位管的学校",
    }
    assert not Programme.objects.exclude(managed_by=None).exists()


@pytest.mark.parametrize(
    ("tiers", "text"),
    [
        ((TierFacts("甲", 1), TierFacts("甲", 2)), "有两个“甲”同时有效"),
        (
            (TierFacts("甲", 1, "", "hard"), TierFacts("乙", 2, "boarder", "hard")),
            "甲和乙给的是同一类学生",
        ),
        ((TierFacts("甲", 1, valid_to=date(2026, 1, 1)),), "甲的截止日期早于开始日期"),
        ((), "没有档次和金额"),
    ],
)
def test_tiers_that_contradict_each_other(
    bureau: Cast, tiers: tuple[TierFacts, ...], text: str
) -> None:
    with pytest.raises(Refused) as error:
        actions.draft_programme(facts=facts(tiers=tiers), by=bureau.bureau_operator)
    assert refusal(error) == [text]


def test_standards_one_after_the_other_may_share_a_name(bureau: Cast) -> None:
    tiers = (
        TierFacts("甲", 1, valid_to=date(2027, 2, 28)),
        TierFacts("甲", 2, valid_from=date(2027, 3, 1)),
    )
    draft = actions.draft_programme(facts=facts(tiers=tiers), by=bureau.bureau_operator)
    assert queue.facts_of(draft).tiers == tiers


def test_two_persons_put_it_in_force(bureau: Cast) -> None:
    draft = actions.draft_programme(facts=facts(), by=bureau.bureau_operator)
    with pytest.raises(Refused) as error:
        actions.enact_programme(
            programme=draft, valid_from=date(2026, 8, 1), seen="", by=bureau.bureau_operator
        )
    assert refusal(error) == [
        "启用由审核人办理",
        "起草的人不能自己启用",
        "草稿刚刚被改过，和页面上的不一样",
        "启用日期早于本学期",
    ]
    day = date(2026, 9, 20)
    done = actions.enact_programme(
        programme=draft, valid_from=day, seen=seen(draft), by=bureau.bureau_reviewer
    )
    assert (done.status, done.valid_from) == ("enacted", day)
    assert set(done.tiers.values_list("valid_from", flat=True)) == {day}


def test_the_database_takes_nothing_of_one_person(bureau: Cast) -> None:
    draft = actions.draft_programme(facts=facts(), by=bureau.bureau_operator)
    for stamps, name in (
        ({"status": "enacted"}, "programme_second_person"),
        (
            {"status": "enacted", "enact_by": draft.drafted_by, "enact_at": clock.now()},
            "programme_second_person",
        ),
        ({"managed_by": None}, "programme_drafted"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Programme.objects.filter(pk=draft.pk).update(**stamps)


RAW = (
    "UPDATE applications_programme SET name = '别的' WHERE id = {id}",
    "UPDATE applications_programme SET valid_from = '2026-10-01' WHERE id = {id}",
    "UPDATE applications_programme SET valid_to = '2026-10-01' WHERE id = {id}",
    "UPDATE applications_programme SET status = 'draft' WHERE id = {id}",
    "UPDATE applications_programme SET managed_by_id = NULL, status = 'enacted' WHERE id = {id}",
    "DELETE FROM applications_programme WHERE id = {id}",
    "UPDATE applications_tier SET amount_fen = 1 WHERE programme_id = {id}",
    "DELETE FROM applications_tier WHERE programme_id = {id}",
    "INSERT INTO applications_tier (programme_id, code, label, rank, amount_fen, boarding,"
    " suggested_for, valid_from) VALUES ({id}, 'x', '多', 9, 9, '', '', '2026-09-01')",
    "UPDATE applications_tier SET programme_id = {id} WHERE programme_id <> {id}",
    "DELETE FROM applications_paperrule WHERE programme_id = {id}",
    "UPDATE applications_programmequota SET heads = 99 WHERE programme_id = {id}",
    "DELETE FROM applications_programme_open_groups WHERE programme_id = {id}",
    "DELETE FROM applications_programme_exclusive_with WHERE from_programme_id = {id}",
    "DELETE FROM applications_programme_exclusive_with WHERE to_programme_id = {id}",
)


@pytest.mark.parametrize("statement", RAW)
def test_what_is_enacted_is_not_changed_by_raw_sql(bureau: Cast, statement: str) -> None:
    programme = of_district(
        bureau,
        papers=(PaperFacts("低保证", "allowance"),),
        quotas=((bureau.school.pk, 3),),
        open_groups=("dibao",),
        exclusive=(Programme.objects.get(code="senior_grant").pk,),
    )
    with (
        pytest.raises(Error, match=r"enacted|stays"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(id=programme.pk))
    assert Programme.objects.filter(pk=programme.pk, name="东区高中助学金").exists()


def test_what_is_enacted_is_not_edited_or_discarded(bureau: Cast) -> None:
    programme = of_district(bureau)
    with pytest.raises(Refused, match="已启用，不能再改（起草新版，或定期终止）"):
        actions.edit_programme(
            programme=programme, facts=facts(), seen=seen(programme), by=bureau.bureau_operator
        )
    with pytest.raises(Refused, match="现在是“已启用”，不能作废草稿"):
        actions.discard_programme(programme=programme, by=bureau.bureau_operator)


def test_the_nations_and_anothers_are_read_only_but_may_be_copied(bureau: Cast) -> None:
    national = Programme.objects.get(code="senior_grant")
    other, of_another = bureau.other_bureau_operator, of_district(bureau)
    set_scope(bureau.other_district.pk)
    for programme in (national, of_another):
        with pytest.raises(Refused, match="这不是本单位的资助项目"):
            actions.edit_programme(
                programme=programme, facts=facts(), seen=seen(programme), by=other
            )
        with pytest.raises(Refused, match="这不是本单位的资助项目"):
            actions.draft_programme(facts=facts(), by=other, follows=programme)
        with pytest.raises(Refused, match="这不是本单位的资助项目"):
            actions.ask_end(programme=programme, last_day=NEXT_YEAR, reason="停办", by=other)
    told = copied(national, AUTUMN, bureau.district)
    assert [t.amount_fen for t in told.tiers] == [160_000, 115_000, 70_000]
    assert (told.valid_from, {t.valid_from for t in told.tiers}) == (AUTUMN, {None})
    draft = actions.draft_programme(facts=told, by=other)
    assert (draft.follows, draft.managed_by_id) == (None, other.organisation_id)


def test_only_the_authoritys_own_drafters_draft(cast: Cast) -> None:
    for by in (cast.reviewer, cast.head_teacher, cast.a.finance):
        with pytest.raises(Refused, match="不起草资助项目"):
            actions.draft_programme(facts=facts(source="school"), by=by)


def test_a_school_defines_its_own_money_and_no_other(cast: Cast) -> None:
    with pytest.raises(Refused, match="学校只能设学校资助和社会资助的项目"):
        actions.draft_programme(facts=facts(source="local"), by=cast.operator)
    own = enacted(cast.operator, cast.reviewer, source="school", name="校内助学金")
    assert opened(cast, own).programme == own
    assert own in queue.offered(cast.school)
    assert own in queue.visible(cast.district)
    assert own not in queue.visible(cast.other_district)
    assert own not in queue.visible(cast.c.school)


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
