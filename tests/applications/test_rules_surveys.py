"""What a household's facts may not be, and what only looks odd."""

from dataclasses import replace

import pytest

from applications.rules.surveys import (
    MemberFacts,
    SurveyFacts,
    doubts_about,
    stated,
    why_not_survey,
)
from tests.applications.scenes import FAMILY


def texts(facts: SurveyFacts) -> list[str]:
    return [r.text for r in why_not_survey(facts)]


def doubted(facts: SurveyFacts) -> list[str]:
    return [r.text for r in doubts_about(facts)]


def test_a_plausible_family_is_taken_and_computed() -> None:
    assert texts(FAMILY) == []
    assert doubted(FAMILY) == []
    assert (FAMILY.size, FAMILY.income_fen, FAMILY.income_per_head_fen) == (3, 4_000_000, 1_333_333)


def test_every_reason_comes_at_once() -> None:
    facts = SurveyFacts(
        members=(MemberFacts(" ", "", 130, annual_income_fen=-1),),
        family_size=0,
        annual_income_fen=-5,
        students_in_family=0,
        phone="12",
    )
    found = texts(facts)
    assert found[:6] == [
        "第1位家庭成员没有姓名",
        "没有填第1位家庭成员与学生的关系",
        "第1位家庭成员的年龄不对",
        "第1位家庭成员的年收入是负数",
        "家庭人口不对",
        "家庭年收入是负数",
    ]
    assert found[6] == "在读子女数不对"
    assert found[7].startswith("家长手机：")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family_size": 31}, "家庭人口不对"),
        ({"annual_income_fen": 10_000_000_001}, "家庭年收入大得不可能"),
        ({"students_in_family": 4}, "在读子女比家庭人口还多"),
    ],
)
def test_what_is_refused(changes: dict[str, object], reason: str) -> None:
    assert texts(replace(FAMILY, **changes)) == [reason]  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 30])
def test_the_bounds_of_a_family(size: int) -> None:
    assert texts(replace(FAMILY, family_size=size)) == []


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"family_size": 4}, "家庭人口填4人，成员加本人是3人"),
        ({"annual_income_fen": 100}, "各成员年收入之和比家庭年收入多"),
        ({"single_parent": True}, "填了单亲家庭，成员里却有父亲和母亲"),
    ],
)
def test_what_is_only_doubted(changes: dict[str, object], doubt: str) -> None:
    facts = replace(FAMILY, **changes)  # type: ignore[arg-type]
    assert doubted(facts) == [doubt]
    assert texts(facts) == []


def test_an_orphan_alone_is_taken_with_doubts() -> None:
    alone = SurveyFacts()
    assert texts(alone) == []
    assert doubted(alone) == ["家庭年收入为0", "没有填家庭成员"]


def test_sealed_facts_do_not_print() -> None:
    assert "13900000000" not in repr(FAMILY)
    assert "示范镇" not in repr(FAMILY)


@pytest.mark.parametrize(
    "text",
    ["", " ", "无", "无。", "（无）", "没有", "没有！", "否", "无此情况", "不详", "暂无", "—", "-",
     "－－", "/", "／", "0", "０", "空", "None", "无欠债", "未失业"],
)  # fmt: skip
def test_a_word_that_says_nothing_is_nothing(text: str) -> None:
    assert stated(text) == ""


@pytest.mark.parametrize(
    "text", ["无业", "父亲无劳动能力", "欠10万元", "无房，欠债5万元", "不详，火灾", "没有收入"]
)
def test_a_hardship_in_words_stays_as_it_was_told(text: str) -> None:
    assert stated(f" {text} ") == text
