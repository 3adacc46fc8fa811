"""Headings of two rows: 父亲 over 姓名 and 电话 means 父亲姓名 and 父亲电话."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from office.spreadsheets.cells import Cell, as_text

DECORATION = re.compile(r"[\s★☆*＊※：:()（）\[\]【】“”\"'、，,。.]+")
BRACKETED = re.compile(r"[(（\[【].*?[)）\]】]")
# 父亲信息 over a column says no more than 父亲.
ABOUT = re.compile("(?:基本|主要)?(?:信息|情况|资料)$")
# What a column tells of a person, as it is called behind whose it is.
PARTS = ("姓名", "关系", "电话", "身份证号")
# 0-based top, left, bottom, right.
Range = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The merged ranges that reach over several columns, and whose groups are another person's.

    `others` is asked with the group's heading; those whose 姓名 the table knows as somebody else's
    need not be told.
    """

    ranges: Sequence[Range] = ()
    others: Callable[[str], bool] = lambda _: False


def normalised(label: str) -> str:
    """A heading without decoration, spaces, full-width forms and case."""
    return DECORATION.sub("", label).casefold()


def field_of(label: str, words: Mapping[str, str]) -> str | None:
    """The field that a heading means; what stands in brackets may be left out."""
    found = words.get(normalised(label))
    return found or words.get(normalised(BRACKETED.sub("", label)))


def joined(
    rows: Sequence[Sequence[Cell]],
    index: int,
    labels: list[str],
    words: Mapping[str, str],
    grouping: Grouping,
) -> int:
    """Put the heading of its group before each label of a row where that says what it means.

    Returns how many columns of another person were found so. Labels under 学生信息 or a title stay
    as they are.
    """
    found = 0
    parts = {words[part]: part for part in PARTS if part in words}
    for group, left, right, sure in _spans(rows, index, labels, grouping.ranges):
        stem = _stem(group)
        if not stem:
            continue
        anothers = words.get(f"{stem}姓名", _of_name(words)) != _of_name(words)
        anothers = anothers or grouping.others(stem)
        # 家庭成员 over 父亲姓名 and 住址 is a part of the form and nobody in particular.
        anothers = anothers and not any(
            _tells_whose(label, stem, grouping) for label in labels[left : right + 1]
        )
        for column in range(left, min(right + 1, len(labels))):
            label = labels[column]
            if not label:
                continue
            field = field_of(label, words)
            if field_of(f"{stem}{label}", words):
                labels[column] = f"{stem}{label}"
            elif anothers and not normalised(label).startswith(stem):
                part = parts.get(field or "")
                # Without merged cells nobody sees where the last group ends.
                if field and not part and not sure:
                    break
                known = f"{stem}{part}"
                labels[column] = known if field_of(known, words) else f"{stem}{label}"
            found += anothers and field in parts
    return found


def _tells_whose(label: str, stem: str, grouping: Grouping) -> bool:
    """Whether a label begins with another person than that of its group."""
    text = normalised(label)
    starts = (text[:length] for length in range(len(text), 0, -1))
    return next((start for start in starts if grouping.others(start)), stem) != stem


def _of_name(words: Mapping[str, str]) -> str:
    """The field that 姓名 alone means."""
    return words.get("姓名", "")


def _stem(group: str) -> str:
    text = normalised(BRACKETED.sub("", group)) or normalised(group)
    return ABOUT.sub("", text)


def _spans(
    rows: Sequence[Sequence[Cell]], index: int, labels: Sequence[str], ranges: Sequence[Range]
) -> list[tuple[str, int, int, bool]]:
    """The groups of the row above: heading, first and last column, whether merged cells say so."""
    above = [as_text(value) for value in rows[index - 1]] if index else []
    filled = [column for column, text in enumerate(above) if text]
    merged = [r for r in ranges if r[2] == index - 1]
    # One heading over everything is a title.
    if len(filled) + sum(1 for top, *_ in merged if top < index - 1) < 2:
        return []
    if merged:
        spans = [(as_text(rows[top][left]), left, right, True) for top, left, _, right in merged]
        held = {column for _, left, right, _ in spans for column in range(left, right + 1)}
        return spans + [(above[c], c, c, True) for c in filled if c not in held]
    ends = [*(column - 1 for column in filled[1:]), len(labels) - 1]
    return [(above[c], c, end, False) for c, end in zip(filled, ends, strict=True)]
