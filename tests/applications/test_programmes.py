"""资助项目 of an authority: drafted, enacted by another, followed or ended, never changed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction

from applications import actions, queue
from applications.actions.programmes import copied
from applications.models import Programme, Round
from applications.rules.programmes import PaperFacts, TierFacts
from audit.models import Event
from audit.refusal import Refused
from schools import clock
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
    # Nobody is given the nation's and the copy of it.
    assert told.exclusive == (national.pk,)
    draft = actions.draft_programme(facts=told, by=other)
    assert list(draft.exclusive_with.all()) == [national]
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
