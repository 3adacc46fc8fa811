"""One cell as one value, or what is wrong with it; used by every column's reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from office.spreadsheets.cells import Cell, as_text
from students.rules.roster.dictionaries import CODE, NEITHER


@dataclass(frozen=True, slots=True)
class Odd:
    """What a cell says, when it is not simply a value: a mended value, a problem or a doubt."""

    value: Any = None
    problem: str = ""
    doubts: tuple[str, ...] = ()


Reader = Callable[[Cell], Any]


def plain(longest: int, raw: Cell) -> Any:
    """The text of a cell, up to a length."""
    return within(longest, as_text(raw))


def within(longest: int, text: str) -> Any:
    """Clean text, up to a length."""
    if len(text) > longest:
        return Odd(problem=f"最多{longest}个字，现有{len(text)}个字，请缩短。")
    return text or None


def choice(words: Mapping[str, str | bool], mend: str, raw: Cell) -> Any:
    """What a word, a code or both together mean; `mend` says what to write instead."""
    text = as_text(raw)
    if not text:
        return None
    # 44 is no 4.
    bare = text if text.isdecimal() else CODE.sub("", text, count=1)
    found = words.get(text, words.get(bare, words.get(text.upper())))
    if found is None and bare in NEITHER:
        return Odd(doubts=(f"“{bare}”看不出是哪一种，这一格没有导入；知道的{mend}。",))
    return Odd(problem=f"认不出这一项，{mend}。") if found is None else found
