"""Who shares a telephone with strangers: the same answers as by comparing everybody, for less."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random
from typing import Any

import pytest

from office.risks import digest
from privacy.fields import blind_phone
from students.risk_queue import NAMED, risks_of
from students.rules.risks import strangers
from tests.cast import Cast, student
from tests.students.test_risks import guardian

Answers = Iterator[tuple[list[int], int]]
PHONE = "13900000001"


def by_comparing(families: Sequence[frozenset[str]], most: int) -> Answers:
    """Everybody with everybody: what the answers must be."""
    for place, family in enumerate(families):
        others = [at for at, one in enumerate(families) if at != place and not one & family]
        yield others[:most], len(others)


def test_every_small_group_is_answered_as_by_comparing_everybody() -> None:
    possible = [frozenset(family) for family in ("", "甲", "乙", "甲乙", "丙")]
    for size in range(6):
        for families in product(possible, repeat=size):
            assert list(strangers(families, 2)) == list(by_comparing(families, 2))


def test_large_groups_are_answered_as_by_comparing_everybody() -> None:
    draw = Random(7)
    for names in ("甲乙", "甲乙丙丁戊", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"):
        families = [frozenset(draw.sample(names, draw.randint(0, 2))) for _ in range(120)]
        assert list(strangers(families, NAMED)) == list(by_comparing(families, NAMED))


class Counted(frozenset[str]):
    """A family that counts how often it is compared."""

    compared = 0

    def __and__(self, other: Any) -> "Counted":
        Counted.compared += 1
        return Counted(super().__and__(other))


def comparisons(find: Callable[..., Answers], families: Sequence[frozenset[str]]) -> int:
    """How many comparisons all answers take."""
    Counted.compared = 0
    assert len(list(find([Counted(family) for family in families], NAMED))) == len(families)
    return Counted.compared


CROWDS: dict[str, Callable[[int], set[str]]] = {
    "nobody named": lambda n: set(),
    "each his own": lambda n: {f"家长{n}"},
    "one for all": lambda n: {"甲示例"},
    "a placeholder beside his own": lambda n: {"不详", f"家长{n}"},
    "a placeholder beside a brother's": lambda n: {"不详", f"家长{n // 2}"},
    "strangers last": lambda n: {"不详", f"家长{n // 2}"} if n < 400 else {f"家长{n}"},
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_placeholders_holders_are_not_compared_with_each_other(crowd: str) -> None:
    families = [frozenset(CROWDS[crowd](n)) for n in range(500)]
    assert list(strangers(families, NAMED)) == list(by_comparing(families, NAMED))
    assert comparisons(strangers, families) <= 10 * len(families)


def test_comparing_everybody_would_be_noticed() -> None:
    # Negative control: the count sees work that grows with the square.
    families = [frozenset({f"家长{n}"}) for n in range(500)]
    assert comparisons(by_comparing, families) == 500 * 499


def test_three_are_named_and_the_rest_counted(cast: Cast) -> None:
    holders = [student(cast.a.school_class, f"例{n}") for n in "一二三四五六"]
    for one in holders:
        guardian(one, f"{one.name}家长", PHONE)
    found = {r.student_id: r for r in risks_of(cast.school) if r.kind.code == "phone"}
    assert set(found) == {one.pk for one in holders}
    room = str(cast.a.school_class)
    in_order = sorted(holders, key=lambda one: (one.pinyin, one.pk))
    for one in holders:
        others = [f"{room}{other.name}" for other in in_order if other != one]
        named = "、".join(others[:NAMED])
        assert found[one.pk].why == f"与{named}等5人留的是同一个电话，监护人不同"


def test_answers_to_shared_telephones_go_on_holding(cast: Cast) -> None:
    one, two, three = cast.a.students
    for of_whom, name in ((one, "甲示例"), (two, "乙示例"), (three, "乙示例")):
        guardian(of_whom, name, PHONE)
    blind = bytes(blind_phone(PHONE) or b"").hex()
    facts = digest(["phone", blind, *sorted([one.pk, two.pk, three.pk])])
    assert [r.facts for r in risks_of(cast.school)] == [facts] * 3
