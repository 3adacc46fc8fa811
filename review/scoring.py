"""量化评估 (`domain.md` §C.1): facts and a rule table in, points and a grade out. Pure.

The score advises the panel and the leading group; it never decides. Every line that made it is
kept, so that a family can be told why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# From the least to the most difficult.
SEVERITY = ("none", "general", "hard", "special")
MOST_POINTS = 200

Facts = Mapping[str, Any]
Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score: why, and how many points."""

    label: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule table makes of one family's facts."""

    points: int
    grade: str
    lines: tuple[Line, ...]


def score(facts: Facts, rules: Rules) -> Score:
    """Add the matching lines, cap each group, and read the grade off the thresholds.

    Facts that a `direct` rule names lift the grade to at least that rule's, whatever the points.
    Raises KeyError when a rule asks for a fact that is missing.
    """
    lines: list[Line] = []
    for group, found in _by_cap_group(facts, rules).items():
        lines += found
        lines += _cap(group, found, rules.get("caps", {}))
    points = sum(line.points for line in lines)
    grade = _grade(points, rules["thresholds"])
    for rule in rules.get("direct", ()):
        if _holds(facts[rule["field"]], rule["when"]) and _harder(rule["grade"], grade):
            grade = rule["grade"]
            lines.append(Line(rule["label"], 0))
    return Score(points, grade, tuple(lines))


def _by_cap_group(facts: Facts, rules: Rules) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for item in rules["items"]:
        for option in _matching(facts[item["field"]], item):
            line = Line(f"{item['label']}：{option['label']}", option["points"])
            groups.setdefault(item.get("cap_group", ""), []).append(line)
    return groups


def _matching(value: Any, item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = [option for option in item["options"] if _holds(value, option["when"])]
    # A list (special groups) counts each option; of a number or a yes only the first.
    return found if isinstance(value, list | tuple | set | frozenset) else found[:1]


def _holds(value: Any, when: Mapping[str, Any]) -> bool:
    """`has` one of several codes, `yes`, or a range `from` (included) `under` (excluded)."""
    if "has" in when:
        return not set(when["has"]).isdisjoint(value)
    if "yes" in when:
        return bool(value) is bool(when["yes"])
    return bool(when.get("from", value) <= value) and (
        "under" not in when or bool(value < when["under"])
    )


def _cap(group: str, lines: Sequence[Line], caps: Mapping[str, int]) -> list[Line]:
    over = sum(line.points for line in lines) - caps.get(group, 10**6)
    return [Line(f"此类合计不超过{caps[group]}分", -over)] if over > 0 else []


def _grade(points: int, thresholds: Sequence[Mapping[str, Any]]) -> str:
    reached = [t for t in thresholds if points >= t["from"]]
    return str(max(reached, key=lambda t: t["from"])["grade"]) if reached else "none"


def _harder(one: str, other: str) -> bool:
    return SEVERITY.index(one) > SEVERITY.index(other)


def why_unsound(rules: Rules) -> list[str]:
    """What is wrong with the figures of a rule table; empty when it can be used."""
    found = []
    for item in rules["items"]:
        for option in item["options"]:
            if not 0 <= option["points"] <= MOST_POINTS:
                found.append(f"{item['label']}：{option['label']}的分值应在0至{MOST_POINTS}之间")
            if not str(option["label"]).strip():
                found.append(f"{item['label']}有一个选项没有名称")
        bounds = [o["when"]["under"] for o in item["options"] if "under" in o["when"]]
        if any(n <= 0 for n in bounds) or bounds != sorted(set(bounds)):
            found.append(f"{item['label']}的上限应从小到大排列，大于0")
    if any(not 0 <= cap <= 10 * MOST_POINTS for cap in rules.get("caps", {}).values()):
        found.append(f"各类合计上限应在0至{10 * MOST_POINTS}之间")
    reached = {t["grade"]: t["from"] for t in rules["thresholds"]}
    if not 0 < reached["general"] < reached["hard"] < reached["special"]:
        found.append("等级起分应为：特别困难高于困难，困难高于一般困难，都大于0")
    return found


def why_misnamed(rules: Rules, *before: Rules) -> list[str]:
    """Options whose limits differ from one of the tables `before` and whose name does not.

    The name is what a family is told. Only its figures count, so a name without any may stay; and
    an option that agrees with the first of the tables again is right as it was there.
    """
    now = list(_named(rules))
    tables = [list(_named(table)) for table in before]
    found = []
    for i, (row, figures, limits) in enumerate(now):
        known = [table[i][1:] for table in tables if i < len(table)]
        if not figures or (known and (figures, limits) == known[0]):
            continue
        if any(figures == old and limits != reach for old, reach in known):
            found.append(f"{row}的范围改为{_range(limits)}，名称没有改")
    return found


def _named(rules: Rules) -> Iterator[tuple[str, list[str], tuple[int | None, int | None]]]:
    """Each option's row, the figures in its name, and from where and up to where it reaches.

    Only the first option that holds counts, so its neighbour before sets the other limit.
    """
    for item in rules["items"]:
        least: int | None = None
        most: int | None = None
        for option in item["options"]:
            when, label = option["when"], str(option["label"])
            figures = re.findall(r"\d+(?:\.\d+)?", label.replace(",", "").replace("，", ""))
            reach = (when.get("from", least), when.get("under", most))
            yield f"{item['label']}：{label}", figures, reach
            if "under" in when:
                least = when["under"]
            elif "from" in when:
                most = when["from"]


def _range(limits: tuple[int | None, int | None]) -> str:
    words = (("不少于", limits[0]), ("不到", limits[1]))
    return "、".join(f"{word}{limit:,}" for word, limit in words if limit is not None)
