"""The quick look at a sheet's tags finds what a slow and plain pattern finds."""

import random
import re

import pytest

from office.spreadsheets.extents import IRREGULAR, Measure

PLAIN = re.compile(rb'<c(?! r="[A-Z]{1,3}[0-9]{1,7}"(?=[\s/>])(?![^>]*?[\s"\']r\s*=)|[A-Za-z:])')
PIECES = (
    ' r="', "A", "BH", "BI", "1", "100020", "100021", '"', " ", "r", "=", "r=", "r =", "'", ">",
    "/>", 's="1"', 't="str"', "\t", "\n", "<", 'ref="', "x:r=", 'br="1"', "c",
)  # fmt: skip


def tag(chance: random.Random) -> bytes:
    """Something like the tag of a cell, said once, twice, or not quite."""
    start = f'<c r="{chance.choice(["A1", "BH7", "BI7", "ZZ100020", "A100021"])}"'
    rest = "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))
    return f"{chance.choice([start, start, '<c'])}{rest}{chance.choice(['>', '/>', ''])}".encode()


def test_a_second_reference_is_found_wherever_the_plain_pattern_finds_one() -> None:
    chance = random.Random(7)
    found = 0
    for _ in range(20_000):
        text = tag(chance) + tag(chance)
        quick, slow = IRREGULAR.search(text), PLAIN.search(text)
        assert (quick and quick.span()) == (slow and slow.span()), text
        found += quick is not None
    assert 2_000 < found < 19_000


@pytest.mark.parametrize(
    ("cell", "irregular"),
    [
        (b'<c r="A3" s="1" t="str"><v>1</v></c>', False),
        (b'<c r="A3" ref="B4" br="1"><v>1</v></c>', False),
        (b'<c r="A3" ref="B4" r="XFD1"><v>1</v></c>', True),
        (b"<c r=\"A3\" r='XFD1'><v>1</v></c>", True),
        (b'<c r="A3" rr r\n="XFD1"><v>1</v></c>', True),
        (b'<c r="A3"><v> r="XFD1"</v></c>', False),
        (b'<c r="A3" ' + b"r " * 50_000 + b'r="XFD1">', True),
    ],
)
def test_a_cell_that_stands_in_two_places_is_looked_at_closely(
    cell: bytes, irregular: bool
) -> None:
    measure = Measure(200)
    measure.look_at(cell)
    assert measure.irregular is irregular
