"""What a rule table can say: negative points, outright recognition, provinces' styles (§C.1).

The figures expected here are added up by hand from the published tables.
"""

from copy import deepcopy
from typing import Any

import pytest
from django.urls import reverse

from applications.models import HouseholdMember, HouseholdSurvey
from review import actions, governing
from review.fact_reading import facts_of
from review.facts import FACTS, UNKNOWN
from review.models import Case, ScoringScheme
from review.reference import RULES, load
from review.scoring import score
from review.soundness import why_unsound
from review.styles import CHONGQING, JIANGSU, STYLES
from review.trial import trial
from schools import clock
from schools.tenancy import set_scope
from students.models import SpecialGroup, SpecialGroupTag, Student
from tests.cast import Cast
from tests.review import cases

NOTHING: dict[str, Any] = {
    "household": [],
    "groups": [],
    "single_parent": False,
    "father_work": "",
    "mother_work": "",
    "income_per_head_yuan": 60_000,
    "unwell": 0,
    "students_in_family": 1,
    **dict.fromkeys(
        (
            "seriously_ill",
            "unemployment",
            "weak_labour",
            "natural_disaster",
            "sudden_accident",
            "debt",
        ),
        "",
    ),
}


def told(**changes: object) -> dict[str, Any]:
    return {**NOTHING, **changes}


def test_the_tables_that_are_loaded_are_sound_and_ask_what_is_recorded() -> None:
    for table in (RULES, *(table for *_, table in STYLES)):
        assert why_unsound(table) == []
        asked = {row["field"] for row in (*table["items"], *table["direct"])}
        assert asked <= set(FACTS)


@pytest.mark.parametrize(
    ("facts", "points", "grade"),
    [
        # 城乡 1–3, 本人健康 30, 单亲（离异）20.
        ({"household": ["rural"]}, 3, "none"),
        ({"household": ["urban"]}, 1, "none"),
        ({"household": ["rural"], "groups": ["disabled"]}, 33, "general"),
        ({"household": ["urban"], "single_parent": True}, 21, "none"),
        ({"household": ["rural"], "groups": ["disabled"], "single_parent": True}, 53, "general"),
        # Parents' work from −2 to 8, each parent for himself.
        ({"father_work": "务农", "mother_work": "无业"}, 16, "none"),
        ({"father_work": "务农", "mother_work": "示范市样例小学 教师"}, 6, "none"),
        # Families of special kinds: 100 at most, whatever adds up.
        ({"groups": ["dibao"]}, 100, "special"),
        ({"groups": ["dibao", "orphan"], "single_parent": True}, 100, "special"),
        ({"groups": ["dibao", "disabled"], "household": ["rural"]}, 133, "special"),
    ],
)
def test_the_style_of_jiangsu(facts: dict[str, Any], points: int, grade: str) -> None:
    made = score(told(**facts), JIANGSU)
    assert (made.points, made.grade) == (points, grade)
    assert sum(line.points for line in made.lines) == points


def test_a_sum_is_not_below_zero_unless_the_scheme_says_so() -> None:
    both = told(father_work="公务员", mother_work="国企职工")
    made = score(both, JIANGSU)
    assert [(x.label, x.points) for x in made.lines] == [
        ("父亲职业：机关、事业单位、国企在职", -2),
        ("母亲职业：机关、事业单位、国企在职", -2),
        ("合计不低于0分", 4),
    ]
    assert score(both, {**JIANGSU, "below_zero": True}).points == -4
    assert score({**both, "household": ["rural"]}, {**JIANGSU, "below_zero": True}).points == -1


@pytest.mark.parametrize(
    ("facts", "points", "grade"),
    [
        # 工作收入 50 at most: 50 + 10 for unemployment stay 50.
        ({"income_per_head_yuan": 3_999, "unemployment": "父亲下岗"}, 50, "hard"),
        ({"income_per_head_yuan": 4_000, "unemployment": "父亲下岗"}, 50, "hard"),
        ({"income_per_head_yuan": 4_000}, 40, "general"),
        # 医疗 10 at most: 10 + 5 stay 10.
        ({"seriously_ill": True, "unwell": 2}, 10, "none"),
        # 家庭状况 40 at most: 15 + 15 + 10 + 10 stay 40.
        (
            {
                "single_parent": True,
                "weak_labour": "祖父年迈",
                "debt": "有",
                "students_in_family": 3,
            },
            40,
            "general",
        ),
        # All three together make a hundred.
        (
            {
                "income_per_head_yuan": 0,
                "seriously_ill": True,
                "single_parent": True,
                "weak_labour": "有",
                "natural_disaster": "水灾",
            },
            100,
            "special",
        ),
        ({}, 0, "none"),
    ],
)
def test_the_style_of_chongqing(facts: dict[str, Any], points: int, grade: str) -> None:
    made = score(told(**facts), CHONGQING)
    assert (made.points, made.grade) == (points, grade)


@pytest.mark.parametrize(
    "group",
    ["lifted_out", "dibao", "destitute", "orphan", "disabled", "disabled_parent", "martyr_child"],
)
def test_seven_classes_have_a_hundred_outright_and_nothing_besides(group: str) -> None:
    made = score(told(groups=[group], income_per_head_yuan=0, debt="有"), CHONGQING)
    assert (made.points, made.grade, len(made.lines)) == (100, "special", 1)


def test_what_is_unknown_lies_in_no_range() -> None:
    table = deepcopy(CHONGQING)
    item = table["items"][0]
    item["options"] = [{"when": {"from": 100_000}, "points": -20, "label": "100,000元以上"}]
    assert score(told(income_per_head_yuan=100_000, debt="有"), table).points == 0
    assert score(told(income_per_head_yuan=UNKNOWN, debt="有"), table).points == 10


def test_everything_wrong_with_a_table_is_told_at_once() -> None:
    table = deepcopy(CHONGQING)
    income, unemployment, ill, unwell = table["items"][:4]
    income["options"][0]["when"] = {"from": 5000, "under": 4000}
    unemployment["field"] = "savings"
    ill["options"][0]["when"] = {"has": ["dibao"]}
    unwell["evidence"] = ["hearsay"]
    table["items"][4]["options"] = []
    table["items"][5]["code"] = "debt"
    table["direct"][0] |= {"label": " ", "grade": "none", "points": -1}
    assert why_unsound(table) == [
        "家庭人均年收入：4,000元以下的下限应小于上限",
        "失业问的内容系统没有记录",
        "家中有重病患者：有没有写明什么情况得分",
        "患病或残疾的家庭成员的凭据不在材料种类里",
        "单亲家庭应有1至30个选项",
        "两个项目的代号都是debt",
        "有一条直接认定没有名称",
        "没有名称的直接认定没有写明认定为哪一等",
        "没有名称的直接认定的直接计分应在0至2000之间",
    ]
    assert why_unsound({**table, "items": []})[0] == "没有一个评分项目"


def test_facts_are_those_of_form_roster_and_lists(cast: Cast) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    student = cast.a.students[0]
    application = cases.hand_in(
        round_, student, cast.head_teacher.person, income_yuan=12_000, other="有"
    )
    survey = HouseholdSurvey.objects.get()
    for relation, age, income, health, work in (
        ("父亲", 45, 900_000, "患病", "务农"),
        ("祖母", 71, 0, "残疾", ""),
    ):
        HouseholdMember.objects.create(
            school_id=survey.school_id,
            survey=survey,
            name="张样",
            age=age,
            relation=relation,
            occupation=work,
            annual_income_fen=income,
            health=health,
        )
    Student.objects.filter(pk=student.pk).update(household="rural", left_behind=True)
    found = facts_of([application], clock.today())[application.pk]
    assert set(found) == set(FACTS)
    assert found | {"groups": []} == {
        "income_per_head_yuan": 3_000,
        "annual_income_yuan": 12_000,
        "family_size": 4,
        "students_in_family": 1,
        "earners": 1,
        "unwell": 2,
        "elders": 1,
        "father_work": "务农",
        "mother_work": "",
        "father_health": ["患病"],
        "mother_health": [],
        "groups": [],
        "household": ["rural"],
        "boarding": [student.boarding],
        "left_behind": True,
        "migrant": UNKNOWN,
        "natural_disaster": "",
        "sudden_accident": "",
        "weak_labour": "",
        "unemployment": "",
        "debt": "",
        "other": "有",
        "seriously_ill": False,
        "single_parent": False,
    }


def test_without_a_survey_nothing_of_the_family_is_known(cast: Cast, sign_in: Any) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    application = cases.hand_in(round_, cast.a.students[0], cast.head_teacher.person)
    application.surveys.all().delete()
    found = facts_of([application], clock.today())[application.pk]
    known = {name for name, value in found.items() if value != UNKNOWN}
    # What the roster and the lists say is known all the same.
    assert known <= {"groups", "boarding", "household", "left_behind", "migrant"}
    actions.take_up(round_=round_, by=cast.operator)
    case = Case.objects.get()
    assert (case.points, case.advised_grade) == (0, "none")
    assert {"label": "家庭人均年收入：未调查", "points": 0} in case.score_lines
    page = sign_in(cast.operator).post(reverse("review:case", args=[case.pk]))
    assert "家中有重病患者：未调查" in page.text


def test_the_facts_of_many_cost_as_much_as_of_one(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    round_ = cases.taken_up(cast)
    applications = [c.application for c in Case.objects.filter(round=round_)]
    for some in (applications[:1], applications):
        with django_assert_num_queries(4):
            facts_of(some, clock.today())


def test_styles_hold_for_nobody_and_are_copied(cast: Cast, sign_in: Any) -> None:
    load()
    assert ScoringScheme.objects.filter(owner=None).count() == 3
    style = ScoringScheme.objects.get(code="jiangsu", version=1)
    national = ScoringScheme.objects.get(code="national")
    assert governing.scheme_on(cast.school.pk, clock.today()) == national
    round_ = cases.taken_up(cast)
    client = sign_in(cast.operator)
    page = client.get(reverse("review:scheme", args=[style.pk])).text
    assert "生源地域5、7、10、15分" in page
    assert "复制这一份修改" in page
    copy = reverse("review:copy_scheme")
    assert client.post(copy, {"base": "x"}).status_code == 404
    assert client.post(copy, {"base": style.pk}).status_code == 302
    set_scope(cast.school.pk)
    draft = ScoringScheme.objects.get(status="draft")
    assert (draft.rules, draft.base) == (style.rules, style)
    # What holds today is compared with, not the style: three of three lose the income's points.
    assert governing.before(draft) == national
    found = trial(draft, round_)
    tried, changed = found.tried, found.changes
    assert (tried, [(c.points_before, c.points_after) for c in changed]) == (3, [(40, 0), (20, 0)])
    assert "复制这一份修改" not in client.get(reverse("review:scheme", args=[style.pk])).text
    set_scope(cast.school.pk)
    assert actions.discard_scheme(scheme=draft, by=cast.operator).status == "discarded"


def test_another_schools_draft_is_no_base(cast: Cast, sign_in: Any) -> None:
    set_scope(cast.b.school.pk)
    theirs = actions.copy_scheme(organisation=cast.b.school, by=cast.b.operator)
    client = sign_in(cast.operator)
    refused = client.post(reverse("review:copy_scheme"), {"base": theirs.pk})
    assert refused.status_code == 404


def test_a_line_says_what_proves_it_and_whether_it_came(cast: Cast, sign_in: Any) -> None:
    round_ = cases.open_round(cast.a, cast.term)
    student = cast.a.students[0]
    tag = SpecialGroupTag.objects.create(
        school_id=cast.school.pk,
        student=student,
        group=SpecialGroup.objects.get(code="dibao"),
        source="学校登记",
        strength="school",
        valid_from=clock.today(),
        recorded_at=clock.now(),
    )
    application = cases.hand_in(
        round_, student, cast.head_teacher.person, income_yuan=200_000, seriously_ill=True
    )
    actions.take_up(round_=round_, by=cast.operator)
    address = reverse("review:case", args=[Case.objects.get().pk])
    client = sign_in(cast.operator)

    def shown() -> list[tuple[str, str, str]]:
        lines = client.post(address).context["score_lines"]
        return [(x.label, x.wanted, x.had) for x in lines]

    asked = "部门名单或低保、特困等证件或残疾证"
    assert shown() == [
        ("特殊群体：最低生活保障", asked, ""),
        ("家中有重病患者：有", "病历或诊断证明", ""),
    ]
    assert "还缺" in client.post(address).text
    set_scope(cast.school.pk)
    application.papers_received = ["medical"]
    application.save(update_fields=["papers_received"])
    tag.source_list_id = 7
    tag.save(update_fields=["source_list_id"])
    assert [had for *_, had in shown()] == ["部门名单", "病历或诊断证明"]
    assert "还缺" not in client.post(address).text
