"""How an action says that what somebody wrote is not enough."""

import pytest

from audit.refusal import why_not_said


@pytest.mark.parametrize(
    ("said", "least", "told"),
    [
        ("", 2, "没有写明原因（请填写）"),
        ("  ", 4, "没有写明原因（请填写）"),
        (" 病 ", 2, "原因写得太短，只有1个字（至少要写2个字，请填写）"),
        ("父重病", 4, "原因写得太短，只有3个字（至少要写4个字，请填写）"),
    ],
)
def test_nothing_and_too_little_are_told_apart(said: str, least: int, told: str) -> None:
    assert [str(r) for r in why_not_said(said, "没有写明原因", "请填写", least=least)] == [told]


@pytest.mark.parametrize(("said", "least"), [("搬家", 2), (" 父亲重病 ", 4)])
def test_enough_is_enough(said: str, least: int) -> None:
    assert why_not_said(said, "没有写明原因", least=least) == []


def test_what_was_asked_for_is_named_and_no_cure_made_up() -> None:
    (reason,) = why_not_said("看", "没有写怎样核实的", least=4)
    assert str(reason) == "怎样核实的写得太短，只有1个字（至少要写4个字）"
