"""增减项目: items, options, common limits and direct rules come and go on a draft's own page."""

from typing import Any

from django.urls import reverse

from review import actions, parts
from review.models import ScoringScheme
from review.reference import RULES
from review.scoring import score
from review.soundness import why_unsound
from schools.tenancy import set_scope
from tests.cast import Cast


def rules_now(cast: Cast) -> dict[str, Any]:
    set_scope(cast.school.pk)
    found: dict[str, Any] = ScoringScheme.objects.get(status="draft").rules
    return found


def item_of(cast: Cast, code: str) -> dict[str, Any]:
    found = parts.item_of(rules_now(cast), code)
    assert found is not None
    return found


def begun(cast: Cast, sign_in: Any) -> tuple[Any, str]:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    return sign_in(cast.operator), reverse("review:scheme_parts", args=[draft.pk])


def test_the_parts_leave_the_table_that_was_given_alone() -> None:
    before = repr(RULES)
    made = parts.add_cap(RULES, "医疗", 10)
    made = parts.drop_item(parts.drop_cap(made, "burden"), "debt")
    made = parts.drop_direct(parts.drop_option(made, "students", 0), 0)
    assert repr(RULES) == before
    assert why_unsound(made) == []
    assert [i["code"] for i in made["items"] if i.get("cap_group") == "burden"] == []


def test_ranges_stand_in_the_order_in_which_they_are_asked() -> None:
    made = parts.add_option(
        RULES, "income", {"when": {"under": 6000}, "points": 35, "label": "6,000元以下"}
    )
    made = parts.add_option(
        made, "students", {"when": {"from": 4}, "points": 15, "label": "4人及以上"}
    )
    assert why_unsound(made) == []
    facts = dict.fromkeys([i["field"] for i in made["items"]], 0) | {
        "groups": [],
        "income_per_head_yuan": 5_000,
        "students_in_family": 4,
    }
    assert [(x.label, x.points) for x in score(facts, made).lines] == [
        ("家庭人均年收入：6,000元以下", 35),
        ("在读子女：4人及以上", 15),
    ]


def test_an_item_comes_with_its_first_option_and_goes(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    assert "不少于（人）" in client.get(address, {"fact": "elders"}).text
    told = {"do": "add_item", "fact": "elders", "new-label": "老人", "new-cap_group": "burden"}
    option = {"new-from": "2", "new-name": "2人及以上", "new-points": "6"}
    wrong = client.post(address, {**told, **option, "new-from": ""})
    assert (wrong.status_code, "不少于和不到至少填一个" in wrong.text) == (422, True)
    proofs = {"new-evidence": ["hukou"]}
    assert client.post(address, {**told, **option, **proofs}).status_code == 302
    assert rules_now(cast)["items"][-1] == {
        "label": "老人",
        "cap_group": "burden",
        "evidence": ["hukou"],
        "field": "elders",
        "options": [{"when": {"from": 2}, "points": 6, "label": "2人及以上"}],
        "code": "elders",
    }
    client.post(address, {**told, **option})
    assert rules_now(cast)["items"][-1]["code"] == "elders_2"
    for code in ("elders", "elders_2"):
        client.post(address, {"do": "drop_item", "item": code})
    assert rules_now(cast) == RULES


def test_options_of_each_kind_are_added_and_taken_out(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    told = {"do": "add_item", "fact": "father_work", "new-label": "父亲职业"}
    words = {"new-says": "公务员、机关", "new-name": "机关", "new-points": "-2"}
    assert client.post(address, {**told, **words}).status_code == 302
    more = {"do": "add_option", "item": "father_work", "option-says": "务农", "option-points": "8"}
    made = client.post(address, {**more, "option-name": "务农"})
    assert made.headers["Location"] == f"{address}?item=father_work#item"
    options = item_of(cast, "father_work")["options"]
    assert [(o["when"], o["points"]) for o in options] == [
        ({"says": ["公务员", "机关"]}, -2),
        ({"says": ["务农"]}, 8),
    ]
    page = client.get(address, {"item": "father_work"}).text
    assert "写有公务员、机关" in page
    drop = {"do": "drop_option", "item": "father_work", "place": "0"}
    client.post(address, drop)
    assert [o["label"] for o in item_of(cast, "father_work")["options"]] == ["务农"]
    # The last option goes with its item only.
    refused = client.post(address, drop)
    assert refused.status_code == 409
    assert [r.text for r in refused.context["reasons"]] == ["父亲职业应有1至30个选项"]


def test_an_option_gone_leaves_no_wrong_name_behind(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    drop = {"do": "drop_option", "item": "income", "place": "1"}
    refused = client.post(address, drop)
    assert refused.status_code == 409
    assert [r.text for r in refused.context["reasons"]] == [
        "家庭人均年收入：8,000—12,000元的范围改为不少于4,000、不到12,000，名称没有改"
    ]
    draft = ScoringScheme.objects.get(status="draft")
    set_scope(cast.school.pk)
    renamed = parts.change_item(draft.rules, "income", {})
    renamed["items"][0]["options"][2]["label"] = "4,000—12,000元"
    actions.edit_scheme(scheme=draft, table=renamed, by=cast.operator)
    assert client.post(address, drop).status_code == 302
    assert len(item_of(cast, "income")["options"]) == 3


def test_words_group_and_proofs_of_an_item_are_changed(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    page = client.get(address, {"item": "debt"})
    assert page.context["forms"]["item"]["evidence"].value() == ["other"]
    told = {"do": "change_item", "item": "debt", "item-label": "负债", "item-cap_group": ""}
    client.post(address, {**told, "item-evidence": ["other", "income"]})
    item = item_of(cast, "debt")
    assert (item["label"], item["cap_group"]) == ("负债", "")
    assert item["evidence"] == ["other", "income"]
    shown = client.get(address.replace("parts/", "")).text
    assert "凭：其他材料或收入证明" in shown or "凭：收入证明或其他材料" in shown
    gone = client.post(address, {**told, "item": "savings"})
    assert gone.status_code == 409


def test_limits_and_direct_rules_come_and_go(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    client.post(address, {"do": "add_cap", "cap-name": "医疗", "cap-most": "10"})
    rules = rules_now(cast)
    assert (rules["caps"]["group"], rules["cap_names"]["group"]) == (10, "医疗")
    client.post(address, {"do": "drop_cap", "cap": "group"})
    assert rules_now(cast)["caps"] == RULES["caps"]
    assert "低保家庭学生" in client.get(address, {"direct": "groups"}).text
    told = {
        "do": "add_direct",
        "direct": "groups",
        "direct-name": "直接认定：低保",
        "direct-has": ["dibao"],
        "direct-grade": "special",
        "direct-points": "100",
        "direct-evidence": ["list"],
    }
    assert client.post(address, told).status_code == 302
    assert rules_now(cast)["direct"][-1] == {
        "field": "groups",
        "when": {"has": ["dibao"]},
        "grade": "special",
        "label": "直接认定：低保",
        "evidence": ["list"],
        "points": 100,
    }
    assert client.post(address, {**told, "direct-has": ["nobody"]}).status_code == 422
    client.post(address, {"do": "drop_direct", "place": "2"})
    assert rules_now(cast)["direct"] == RULES["direct"]
    client.post(address, {"do": "note", "note-note": "家访另计", "note-below_zero": "on"})
    assert (rules_now(cast)["note"], rules_now(cast)["below_zero"]) == ("家访另计", True)


def test_what_somebody_else_changed_meanwhile_is_not_undone(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    mark = client.get(address).context["mark"]
    drop = {"do": "drop_direct", "place": "0", "mark": mark}
    assert client.post(address, drop).status_code == 302
    again = client.post(address, drop)
    assert (again.status_code, "刚刚被别人改过" in again.text) == (409, True)
    assert len(rules_now(cast)["direct"]) == 1


def test_only_a_draft_of_ones_own_has_parts_to_change(cast: Cast, sign_in: Any) -> None:
    client, address = begun(cast, sign_in)
    assert client.post(address, {"do": "burn"}).status_code == 409
    assert sign_in(cast.reviewer).get(address).status_code == 403
    assert sign_in(cast.b.operator).get(address).status_code == 404
    national = ScoringScheme.objects.get(code="national")
    theirs = reverse("review:scheme_parts", args=[national.pk])
    client = sign_in(cast.operator)
    assert client.get(theirs).status_code == 302
    refused = client.post(theirs, {"do": "drop_direct", "place": "0"})
    assert refused.status_code == 409
    assert "这不是本单位的评估表" in refused.text
