"""量化评估: points, caps, thresholds and direct recognition; the score is advice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.facts import FACTS, UNKNOWN, shown
from review.reference import RULES
from review.scoring import SEVERITY, Line, score

NOTHING: dict[str, Any] = {
    "income_per_head_yuan": 50_000,
    "groups": [],
    "seriously_ill": False,
    "natural_disaster": "",
    "sudden_accident": "",
    "weak_labour": "",
    "unemployment": "",
    "debt": "",
    "single_parent": False,
    "students_in_family": 1,
}


def facts(**changes: object) -> dict[str, Any]:
    return {**NOTHING, **changes}


def test_a_family_without_burdens_scores_nothing() -> None:
    made = score(NOTHING, RULES)
    assert (made.points, made.grade, made.lines) == (0, "none", ())


@pytest.mark.parametrize(
    ("income", "points", "grade"),
    [
        (0, 40, "hard"),
        (3_999, 40, "hard"),
        (4_000, 30, "general"),
        (8_000, 20, "general"),
        (12_000, 10, "none"),
        (17_999, 10, "none"),
        (18_000, 0, "none"),
    ],
)
def test_income_counts_once_by_its_bracket(income: int, points: int, grade: str) -> None:
    made = score(facts(income_per_head_yuan=income), RULES)
    assert (made.points, made.grade) == (points, grade)


@pytest.mark.parametrize(
    ("ill", "income", "grade"), [(True, 3_000, "special"), (True, 9_000, "hard")]
)
def test_thresholds_are_included(ill: bool, income: int, grade: str) -> None:
    assert score(facts(seriously_ill=ill, income_per_head_yuan=income), RULES).grade == grade


def test_groups_add_up_to_a_hundred_at_most() -> None:
    made = score(facts(groups=["orphan", "destitute", "dibao"]), RULES)
    assert made.points == 100
    assert Line("此类合计不超过100分", -70) in made.lines


def test_every_line_that_made_the_score_is_kept() -> None:
    made = score(facts(seriously_ill=True, students_in_family=3), RULES)
    assert made.lines == (
        Line("家中有重病患者：有", 20, ("medical",)),
        Line("在读子女：3人及以上", 10, ("hukou",)),
    )
    assert made.points == sum(line.points for line in made.lines)


def test_burdens_are_capped() -> None:
    everything = dict.fromkeys(
        ("natural_disaster", "sudden_accident", "weak_labour", "unemployment", "debt"), "有"
    )
    made = score(facts(**everything, seriously_ill=True, single_parent=True), RULES)
    assert made.points == 60


@pytest.mark.parametrize(
    ("group", "least"),
    [
        ("orphan", "special"),
        ("destitute", "special"),
        ("lifted_out", "hard"),
        ("dibao", "hard"),
        ("disabled", "hard"),
        ("martyr_child", "hard"),
        ("dibao_margin", "general"),
    ],
)
def test_special_groups_lift_the_grade(group: str, least: str) -> None:
    assert score(facts(groups=[group]), RULES).grade == least


def test_direct_recognition_never_lowers_a_grade() -> None:
    made = score(facts(groups=["dibao"], income_per_head_yuan=0), RULES)
    assert (made.points, made.grade) == (90, "special")


def test_a_missing_fact_is_an_error_not_a_zero() -> None:
    with pytest.raises(KeyError, match="groups"):
        score({k: v for k, v in NOTHING.items() if k != "groups"}, RULES)


@given(
    income=st.integers(0, 200_000),
    less=st.integers(0, 200_000),
    ill=st.booleans(),
    groups=st.lists(st.sampled_from(["orphan", "dibao", "disabled_parent"]), unique=True),
)
def test_a_poorer_family_is_never_graded_better_off(
    income: int, less: int, ill: bool, groups: list[str]
) -> None:
    poorer, richer = sorted((income, less))
    given = {"seriously_ill": ill, "groups": groups}
    worse = score(facts(income_per_head_yuan=poorer, **given), RULES)
    better = score(facts(income_per_head_yuan=richer, **given), RULES)
    assert SEVERITY.index(worse.grade) >= SEVERITY.index(better.grade)


def test_who_is_on_a_list_scores_no_less_than_without_it() -> None:
    listed = {"field": "groups", "label": "低保", "grade": "hard", "points": 40}
    table = {**RULES, "direct": [{**listed, "when": {"has": ["dibao"]}}]}
    poor = {"income_per_head_yuan": 0, "seriously_ill": True, "debt": "治病欠债"}
    without, made = score(facts(**poor), table), score(facts(**poor, groups=["dibao"]), table)
    assert without.points > 40
    assert (made.points >= without.points, made.grade) == (True, without.grade)


@pytest.mark.parametrize(("known", "points"), [(True, 5), (False, -5), (UNKNOWN, 0)])
def test_what_nobody_knows_is_neither_yes_nor_no(known: object, points: int) -> None:
    options = [
        {"label": "是", "points": 5, "when": {"yes": True}},
        {"label": "否", "points": -5, "when": {"yes": False}},
    ]
    item = {"field": "left_behind", "label": "留守", "options": options}
    table = {**RULES, "items": [item], "below_zero": True}
    assert score(facts(left_behind=known), table).points == points


def test_what_nobody_asked_is_said_and_gives_no_points() -> None:
    made = score(facts(seriously_ill=UNKNOWN, income_per_head_yuan=UNKNOWN), RULES)
    assert made.unknown == ("家庭人均年收入", "家中有重病患者")
    assert [(x.label, x.points) for x in made.lines] == [
        ("家庭人均年收入：未调查", 0),
        ("家中有重病患者：未调查", 0),
    ]
    assert (made.points, made.grade) == (0, "none")
    assert score(facts(), RULES).unknown == ()


@pytest.mark.parametrize("when", [{"says": ["务农"]}, {"has": ["rural"]}])
def test_words_and_codes_may_be_unknown_too(when: dict[str, Any]) -> None:
    field = "father_work" if "says" in when else "household"
    item = {"field": field, "label": "项", "options": [{"label": "是", "points": 5, "when": when}]}
    made = score(facts(**{field: UNKNOWN}), {**RULES, "items": [item]})
    assert (made.points, made.unknown) == (0, ("项",))


def test_a_panel_is_told_what_nobody_asked() -> None:
    nobody = dict.fromkeys(FACTS, UNKNOWN)
    assert shown(nobody) == [
        ("在读子女", "未调查"),
        ("人均年收入", "未调查"),
        ("重大支出", "未调查"),
        ("突发状况", "未调查"),
        ("劳动力", "未调查"),
        ("负债", "未调查"),
    ]
    told = {**NOTHING, "students_in_family": 2, "unemployment": "父亲失业", "weak_labour": "母亲病"}
    assert shown(told) == [
        ("在读子女", "2人"),
        ("人均年收入", "50,000元"),
        ("劳动力", "有失业，劳动能力弱"),
    ]
