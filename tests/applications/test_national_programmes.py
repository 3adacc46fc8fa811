"""The seeded set against `domain.md` §C.3, and who its data let in."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applications import actions, queue, reference
from applications.letters import policy_of
from applications.models import FundingSource, Programme, Tier
from applications.queue.programmes import open_students
from applications.rules.eligibility import within
from audit.refusal import Refused
from schools import clock
from schools.models import Stage
from students.models import Student
from tests.applications import scenes
from tests.applications.policy import enacted
from tests.cast import Cast

AUTUMN = date(2026, 9, 1)

# Yuan of a year as the policy tells it: (code, tier, from) and the instalments of a year.
YEARLY = {
    ("primary_subsidy", "boarder", date(2021, 9, 1)): (1000, 2),
    ("primary_subsidy", "day", date(2021, 9, 1)): (500, 2),
    ("primary_subsidy", "boarder", date(2024, 3, 1)): (1250, 2),
    ("primary_subsidy", "day", date(2024, 3, 1)): (625, 2),
    ("junior_subsidy", "boarder", date(2021, 9, 1)): (1250, 2),
    ("junior_subsidy", "day", date(2021, 9, 1)): (625, 2),
    ("junior_subsidy", "boarder", date(2024, 3, 1)): (1500, 2),
    ("junior_subsidy", "day", date(2024, 3, 1)): (750, 2),
    ("vocational_scholarship", "award", date(2021, 9, 1)): (6000, 1),
    ("vocational_rain", "aid", date(2021, 9, 1)): (3000, 2),
}


def test_every_amount_is_the_one_of_the_policy(db: None) -> None:
    told = {
        (t.programme.code, t.code, t.valid_from): t.amount_fen
        for t in Tier.objects.filter(programme__managed_by=None).select_related("programme")
    }
    for key, (yuan, times) in YEARLY.items():
        assert told.pop(key) * times == yuan * 100
    # What is left are the three tiers of the two grants, around the nation's average.
    assert {code for code, _, _ in told} == {"senior_grant", "vocational_grant"}
    for code in ("senior_grant", "vocational_grant"):
        for since, average in ((date(2021, 9, 1), 2000), (date(2025, 3, 1), 2300)):
            amounts = [told[code, rank, since] for rank in ("first", "second", "third")]
            assert sum(amounts) * 2 == 3 * average * 100
            assert amounts[1] * 2 == average * 100


def test_the_older_standard_ends_the_day_before_the_newer_begins(db: None) -> None:
    tiers = Tier.objects.filter(programme__managed_by=None).order_by("programme", "code", "-rank")
    for tier in tiers.exclude(valid_to=None):
        after = tiers.get(programme=tier.programme, code=tier.code, valid_to=None)
        assert tier.valid_to is not None
        assert (after.valid_from - tier.valid_to).days == 1


def test_all_four_sources_and_every_stage(db: None) -> None:
    rows = Programme.objects.filter(managed_by=None)
    assert {p.source for p in rows} == set(FundingSource.values)
    assert {p.stage for p in rows} == set(Stage.values)
    assert all(p.note for p in rows)
    shares = {p.code: p.share for p in rows if p.share}
    assert shares == {
        "preschool_school_aid": "3%—5%",
        "senior_school_aid": "3%—5%",
        "vocational_school_aid": "5%",
    }


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("vocational_rain", "由户籍所在县乡村振兴部门受理和发放"),
        ("preschool_free", "人人享受，不用申请"),
        ("primary_free", "人人享受，不用申请"),
        ("junior_meals", "人人享受，不用申请"),
    ],
)
def test_what_the_school_does_not_pay_has_no_rounds(cast: Cast, code: str, reason: str) -> None:
    programme = Programme.objects.get(code=code)
    cast.a.school_class.stage = programme.stage
    cast.a.school_class.save()
    with pytest.raises(Refused, match=reason):
        actions.open_programme_round(
            school=cast.school, term=cast.term, programme=programme, by=cast.operator
        )


def test_what_schools_fill_in_themselves_is_copied_first(cast: Cast) -> None:
    own = Programme.objects.get(code="senior_school_aid")
    with pytest.raises(Refused, match="复制为本校的项目，写上金额后启用"):
        actions.open_programme_round(
            school=cast.school, term=cast.term, programme=own, by=cast.operator
        )
    told = actions.programmes.copied(own, AUTUMN, cast.school)
    assert (told.share, told.source, told.note) == ((300, 500), "school", "")


def test_the_kindergartens_last_year_is_called_as_people_call_it(db: None) -> None:
    free = Programme.objects.get(code="preschool_free")
    assert (free.in_years, free.valid_from) == ("大班", date(2025, 9, 1))


# ------------------------------------------------------------------- 普高免学杂费: the four groups


@pytest.mark.parametrize(
    ("groups", "household", "inside"),
    [
        ({"lifted_out"}, "urban", True),
        ({"marginal"}, "", True),
        ({"disabled"}, "urban", True),
        ({"dibao"}, "rural", True),
        ({"dibao"}, "urban", False),
        # Unknown is neither yes nor no.
        ({"dibao"}, "", False),
        ({"destitute"}, "rural", True),
        ({"destitute"}, "urban", False),
        ({"destitute", "disabled"}, "urban", True),
        ({"orphan"}, "rural", False),
        (set(), "rural", False),
    ],
)
def test_whom_the_waiver_is_for(db: None, groups: set[str], household: str, inside: bool) -> None:
    waiver = Programme.objects.get(code="senior_waiver")
    assert within(waiver, groups, household=household, boarding="day") is inside


def test_outside_the_four_groups_is_refused_with_what_to_do(cast: Cast) -> None:
    waiver = Programme.objects.get(code="senior_waiver")
    waiver.tiers.create(code="one", label="免收", rank=1, amount_fen=1, valid_from=AUTUMN)
    round_ = actions.open_programme_round(
        school=cast.school, term=cast.term, programme=waiver, by=cast.operator
    )
    town, unknown, country = cast.a.students
    for someone, household in ((town, "urban"), (unknown, ""), (country, "rural")):
        Student.objects.filter(pk=someone.pk).update(household=household)
        someone.refresh_from_db()
        scenes.tagged(someone, "dibao")
    for someone, mend in ((town, "先补登记特殊群体"), (unknown, "名册里没有户口性质，先补上")):
        with pytest.raises(Refused, match="不在普通高中免学杂费限定的特殊群体里") as caught:
            actions.draft_application(round_=round_, student=someone, by=cast.operator)
        assert mend in caught.value.reasons[0].mend
    applied = actions.apply_for_many(
        round_=round_, students=[town, unknown, country], by=cast.operator
    )
    assert (applied.count, [r.count for r in applied.held]) == (1, [1, 1])


def test_a_disabled_student_is_recognised_first(cast: Cast) -> None:
    waiver = Programme.objects.get(code="senior_waiver")
    disabled, poor, _ = cast.a.students
    scenes.tagged(disabled, "disabled")
    scenes.tagged(poor, "lifted_out")
    ids = [disabled.pk, poor.pk]
    assert waiver.needs_recognition
    assert queue.outsiders(waiver, cast.school.pk, ids, AUTUMN) == set()
    assert open_students(waiver, cast.school.pk, ids, AUTUMN) == {poor.pk}


def test_lists_beside_a_round_name_only_whom_it_is_for(cast: Cast) -> None:
    waiver = Programme.objects.get(code="senior_waiver")
    waiver.tiers.create(code="one", label="免收", rank=1, amount_fen=1, valid_from=AUTUMN)
    round_ = actions.open_programme_round(
        school=cast.school, term=cast.term, programme=waiver, by=cast.operator
    )
    for someone, (group, household) in zip(
        cast.a.students,
        (("dibao", "urban"), ("dibao", "rural"), ("disabled", "urban")),
        strict=True,
    ):
        Student.objects.filter(pk=someone.pk).update(household=household)
        scenes.tagged(someone, group)
    missed = queue.missed_students(round_, AUTUMN)
    assert {s.pk for s in missed} == {s.pk for s in cast.a.students[1:]}


# --------------------------------------------------- 中职: rural and 涉农 students need no grade


@pytest.mark.parametrize(
    ("code", "agri", "household", "open_"),
    [
        ("vocational_waiver", False, "rural", True),
        ("vocational_waiver", True, "urban", True),
        ("vocational_waiver", False, "urban", False),
        ("vocational_grant", True, "urban", True),
        ("vocational_grant", False, "rural", False),
    ],
)
def test_whose_grade_is_not_asked_for(
    cast: Cast, code: str, agri: bool, household: str, open_: bool
) -> None:
    someone, school_class = cast.a.students[0], cast.a.school_class
    school_class.agri_major, school_class.major = agri, "园艺技术"
    school_class.save()
    Student.objects.filter(pk=someone.pk).update(household=household)
    programme = Programme.objects.get(code=code)
    found = open_students(programme, cast.school.pk, [someone.pk], AUTUMN)
    assert (found == {someone.pk}) is open_


@pytest.mark.parametrize(("household", "open_"), [("rural", True), ("urban", False), ("", False)])
def test_a_towns_minimum_living_is_recognised_first(
    cast: Cast, household: str, open_: bool
) -> None:
    poor, lifted, _ = cast.a.students
    Student.objects.update(household=household, boarding="boarder")
    scenes.tagged(poor, "dibao")
    scenes.tagged(lifted, "lifted_out")
    subsidy = Programme.objects.get(code="primary_subsidy")
    found = open_students(subsidy, cast.school.pk, [poor.pk, lifted.pk], AUTUMN)
    assert found == ({poor.pk, lifted.pk} if open_ else {lifted.pk})


def test_a_day_pupils_half_is_for_the_four_groups(db: None) -> None:
    subsidy = Programme.objects.get(code="junior_subsidy")

    def inside(groups: set[str], boarding: str) -> bool:
        return within(subsidy, groups, household="rural", boarding=boarding)

    assert inside(set(), "boarder")
    assert not inside(set(), "day")
    assert not inside({"orphan"}, "day")
    assert inside({"disabled"}, "day")


# ----------------------------------------------------------------------------- rows, pages, letters


def test_a_row_of_an_earlier_version_learns_what_it_could_not_say(db: None) -> None:
    blank: dict[str, Any] = {"note": "", "only_groups": [], "needs_recognition": False}
    Programme.objects.filter(code="senior_waiver").update(name="本地名称", **blank)
    Programme.objects.filter(code="senior_grant").update(note="本地说明", years=[1])
    reference.load()
    waiver = Programme.objects.get(code="senior_waiver")
    assert (waiver.name, waiver.needs_recognition) == ("本地名称", True)
    assert set(waiver.only_groups) == set(reference.FOUR_GROUPS)
    assert not waiver.open_groups.filter(code="disabled").exists()
    grant = Programme.objects.get(code="senior_grant")
    assert (grant.note, grant.years) == ("本地说明", [1])


def test_the_four_sources_are_on_the_page(cast: Cast, sign_in: Any) -> None:
    client: Client = sign_in(cast.operator)
    page = client.get(reverse("applications:programmes")).content.decode()
    for label in FundingSource.labels:
        assert f"{label}，" in page
    assert "其他部门发放" in page
    rain = Programme.objects.get(code="vocational_rain")
    told = client.get(reverse("applications:programme", args=[rain.pk])).content.decode()
    assert "户籍所在县乡村振兴部门受理和发放" in told
    own = Programme.objects.get(code="senior_school_aid")
    told = client.get(reverse("applications:programme", args=[own.pk])).content.decode()
    assert "提取学校事业收入的3%—5%" in told


def test_an_authoritys_own_says_all_of_it_too(cast: Cast) -> None:
    changes: dict[str, Any] = {
        "only_groups": ("dibao", "orphan"),
        "rural_groups": ("dibao",),
        "day_groups": ("dibao",),
        "open_to": ("rural",),
        "share": (300, 450),
        "note": "按区里的文件",
    }
    own = enacted(cast.operator, cast.reviewer, source="school", **changes)
    facts = queue.facts_of(own)
    assert {name: getattr(facts, name) for name in changes} == changes
    assert own.share == "3%—4.5%"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"rural_groups": ("dibao",)}, "只限农村的群体不在限定的群体里"),
        ({"open_to": ("tall",)}, "有不认识的免认定条件"),
        ({"handling": "elsewhere"}, "受理部门与由谁受理不一致"),
        ({"paid_by": "某局"}, "受理部门与由谁受理不一致"),
        ({"handling": "nobody"}, "没有选择由谁受理"),
        ({"share": (500, 300)}, "提取事业收入的比例不对"),
    ],
)
def test_what_makes_no_sense(cast: Cast, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused, match=text):
        enacted(cast.operator, cast.reviewer, source="school", **changes)


def test_the_letter_tells_what_families_may_ask_for(cast: Cast) -> None:
    with clock.at(AUTUMN):
        told = policy_of(cast.b.school, Stage.VOCATIONAL, AUTUMN)
    whom = "脱贫、脱贫不稳定、边缘易致贫、突发严重困难家庭学生"
    asked = "按学期1,500元，向户籍所在县乡村振兴部门申请"
    assert f"雨露计划职业教育补助（中职）（{whom}，{asked}）" in told
    assert "校内资助" not in told
    assert "社会资助" not in told
