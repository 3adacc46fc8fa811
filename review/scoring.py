"""量化评估 (`domain.md` §C.1): facts and a rule table in, points and a grade out. Pure.

The score advises the panel and the leading group; it never decides. Every line that made it is
kept with what proves it, so that a family can be told why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from review.facts import UNASKED, UNKNOWN, proofs_of

# From the least to the most difficult.
SEVERITY = ("none", "general", "hard", "special")
MOST_POINTS = 200

Facts = Mapping[str, Any]
Rules = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score: why, how many points, and what proves it (any of `proofs`).

    `groups` are the special groups that the line is about: their lists are the ones that count.
    """

    label: str
    points: int
    proofs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def kept(self) -> dict[str, Any]:
        """The line as a case keeps it."""
        found: dict[str, Any] = {"label": self.label, "points": self.points}
        if self.proofs:
            found["proofs"] = list(self.proofs)
        if self.groups:
            found["groups"] = list(self.groups)
        return found


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule table makes of one family's facts."""

    points: int
    grade: str
    lines: tuple[Line, ...]
    # What the table asks and nobody knows, as its rules name it; each is a line without points.
    unknown: tuple[str, ...] = ()


def score(facts: Facts, rules: Rules) -> Score:
    """Add the matching lines, cap each group, and read the grade off the thresholds.

    Facts that a `direct` rule names lift the grade to at least that rule's; with points of its own
    such a rule is the whole score where it gives no less than the items. The sum is 0 at least
    unless `below_zero`. Raises KeyError when a rule asks for a fact that is missing.
    """
    direct = [r for r in rules.get("direct", ()) if _holds(facts[r["field"]], r["when"])]
    # Who is on a list never scores less than the same family would without it.
    outright, lines = _outright(direct), _summed(facts, rules)
    if outright and _points(outright) >= _points(lines):
        lines = outright
    points = _points(lines)
    grade = _grade(points, rules["thresholds"])
    for rule in direct:
        if _harder(rule["grade"], grade):
            grade = rule["grade"]
            if "points" not in rule:
                lines.append(_line(rule, rule["label"], 0, rule["when"]))
    unknown = _unknown(facts, rules)
    lines += [Line(f"{label}：{UNASKED}", 0) for label in unknown]
    return Score(points, grade, tuple(lines), unknown)


def _unknown(facts: Facts, rules: Rules) -> tuple[str, ...]:
    asked = (*rules["items"], *rules.get("direct", ()))
    return tuple(dict.fromkeys(str(r["label"]) for r in asked if _is_unknown(facts[r["field"]])))


def _is_unknown(value: Any) -> bool:
    return bool(value == UNKNOWN)


def _points(lines: Sequence[Line]) -> int:
    return sum(line.points for line in lines)


def _outright(direct: Sequence[Rules]) -> list[Line]:
    """The line of the direct rule that gives most points, when one gives any."""
    giving = [r for r in direct if "points" in r]
    if not giving:
        return []
    most = max(giving, key=lambda r: int(r["points"]))
    return [_line(most, most["label"], most["points"], most["when"])]


def _summed(facts: Facts, rules: Rules) -> list[Line]:
    lines: list[Line] = []
    for group, found in _by_cap_group(facts, rules).items():
        lines += found
        lines += _cap(group, found, rules.get("caps", {}))
    below = sum(line.points for line in lines)
    if below < 0 and not rules.get("below_zero"):
        lines.append(Line("合计不低于0分", -below))
    return lines


def _by_cap_group(facts: Facts, rules: Rules) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for item in rules["items"]:
        for option in _matching(facts[item["field"]], item):
            label = f"{item['label']}：{option['label']}"
            line = _line(item, label, option["points"], option["when"])
            groups.setdefault(item.get("cap_group", ""), []).append(line)
    return groups


def _line(row: Rules, label: str, points: int, when: Mapping[str, Any]) -> Line:
    groups = tuple(when.get("has", ())) if row["field"] == "groups" else ()
    return Line(label, points, proofs_of(row), groups)


def _matching(value: Any, item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = [option for option in item["options"] if _holds(value, option["when"])]
    # A list (special groups) counts each option; of a number or a yes only the first.
    return found if isinstance(value, list | tuple | set | frozenset) else found[:1]


def _holds(value: Any, when: Mapping[str, Any]) -> bool:
    """`has` one of several codes, `says` one of several words, `yes`, or a range.

    A range goes `from` (included) `under` (excluded); what is unknown lies in none, and is
    neither yes nor no.
    """
    if _is_unknown(value):
        return False
    if "has" in when:
        return not set(when["has"]).isdisjoint(value)
    if "says" in when:
        return any(word in value for word in when["says"])
    if "yes" in when:
        return bool(value) is bool(when["yes"])
    least = bool(when.get("from", value) <= value)
    return least and ("under" not in when or bool(value < when["under"]))


def _cap(group: str, lines: Sequence[Line], caps: Mapping[str, int]) -> list[Line]:
    over = sum(line.points for line in lines) - caps.get(group, 10**6)
    return [Line(f"此类合计不超过{caps[group]}分", -over)] if over > 0 else []


def _grade(points: int, thresholds: Sequence[Mapping[str, Any]]) -> str:
    reached = [t for t in thresholds if points >= t["from"]]
    return str(max(reached, key=lambda t: t["from"])["grade"]) if reached else "none"


def _harder(one: str, other: str) -> bool:
    return SEVERITY.index(one) > SEVERITY.index(other)
