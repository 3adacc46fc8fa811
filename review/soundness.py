"""Whether a rule table can be scored by: everything that is wrong with it, told at once. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from review.facts import CODES, FACTS, NUMBER, PROOFS, WORDS, YES
from review.scoring import MOST_POINTS, SEVERITY, Rules

MOST_ITEMS = 60
MOST_OPTIONS = 30
# Which question each kind of fact understands.
ASKED = {YES: {"yes"}, CODES: {"has"}, WORDS: {"says"}, NUMBER: {"from", "under"}}
GRADES = SEVERITY[1:]


def why_unsound(rules: Rules) -> list[str]:
    """What is wrong with a rule table; empty when it can be used."""
    found = [] if rules["items"] else ["没有一个评分项目"]
    if len(rules["items"]) > MOST_ITEMS:
        found.append(f"评分项目超过{MOST_ITEMS}项")
    found += [text for item in rules["items"] for text in _why_not_item(item)]
    twice = Counter(str(item["code"]) for item in rules["items"]).most_common(1)
    if twice and twice[0][1] > 1:
        found.append(f"两个项目的代号都是{twice[0][0]}")
    if any(not 0 <= cap <= 10 * MOST_POINTS for cap in rules.get("caps", {}).values()):
        found.append(f"各类合计上限应在0至{10 * MOST_POINTS}之间")
    found += _why_not_starts(rules["thresholds"])
    found += [text for rule in rules.get("direct", ()) for text in _why_not_direct(rule)]
    return found


def _why_not_item(item: Mapping[str, Any]) -> list[str]:
    label = str(item["label"]).strip()
    found = [] if label else ["有一个项目没有名称"]
    label = label or "没有名称的项目"
    if not 1 <= len(item["options"]) <= MOST_OPTIONS:
        found.append(f"{label}应有1至{MOST_OPTIONS}个选项")
    found += _why_not_asked(label, item)
    for option in item["options"]:
        if not -MOST_POINTS <= option["points"] <= MOST_POINTS:
            found.append(f"{label}：{option['label']}的分值应在-{MOST_POINTS}至{MOST_POINTS}之间")
        if not str(option["label"]).strip():
            found.append(f"{label}有一个选项没有名称")
        found += _why_not_when(f"{label}：{option['label']}", item["field"], option["when"])
    return found + _why_not_ordered(label, item["options"])


def _why_not_asked(label: str, row: Mapping[str, Any]) -> list[str]:
    found = [] if row["field"] in FACTS else [f"{label}问的内容系统没有记录"]
    if set(row.get("evidence", ())) - set(PROOFS):
        found.append(f"{label}的凭据不在材料种类里")
    return found


def _why_not_when(named: str, field: str, when: Mapping[str, Any]) -> list[str]:
    fact = FACTS.get(field)
    if fact and (not _told(when) or set(when) - ASKED[fact.kind]):
        return [f"{named}没有写明什么情况得分"]
    if "from" in when and "under" in when and when["from"] >= when["under"]:
        return [f"{named}的下限应小于上限"]
    if fact and fact.choices and set(when.get("has", ())) - set(fact.choices):
        return [f"{named}有{fact.label}里没有的选择"]
    return []


def _told(when: Mapping[str, Any]) -> bool:
    return bool(when) and all(value not in ([], "", None) for value in when.values())


def _why_not_ordered(label: str, options: Sequence[Mapping[str, Any]]) -> list[str]:
    # Only the first option that holds counts: others of the same reach would never be asked.
    under = [o["when"]["under"] for o in options if "under" in o["when"]]
    least = [o["when"]["from"] for o in options if "from" in o["when"] and "under" not in o["when"]]
    found = []
    if any(n <= 0 for n in under) or under != sorted(set(under)):
        found.append(f"{label}的上限应从小到大排列，大于0")
    if least != sorted(set(least), reverse=True):
        found.append(f"{label}的下限应从大到小排列")
    return found


def _why_not_starts(thresholds: Sequence[Mapping[str, Any]]) -> list[str]:
    reached = {t["grade"]: t["from"] for t in thresholds}
    starts = [reached.get(grade, 0) for grade in GRADES]
    if starts == sorted(set(starts)) and starts[0] > 0:
        return []
    return ["等级起分应为：特别困难高于困难，困难高于一般困难，都大于0"]


def _why_not_direct(rule: Mapping[str, Any]) -> list[str]:
    label = str(rule["label"]).strip() or "没有名称的直接认定"
    found = [] if str(rule["label"]).strip() else ["有一条直接认定没有名称"]
    found += _why_not_asked(label, rule)
    found += _why_not_when(label, rule["field"], rule["when"])
    if rule["grade"] not in GRADES:
        found.append(f"{label}没有写明认定为哪一等")
    if not 0 <= rule.get("points", 0) <= 10 * MOST_POINTS:
        found.append(f"{label}的直接计分应在0至{10 * MOST_POINTS}之间")
    return found


Limits = tuple[int | None, int | None]


def why_misnamed(rules: Rules, *before: Rules) -> list[str]:
    """Options whose limits differ from one of the tables `before` and whose name does not.

    The name is what a family is told. Only its figures count, so a name without any may stay; and
    an option that agrees with the first of the tables again, or that is called by its very limits,
    is right.
    """
    tables = [_known(table) for table in before]
    found = []
    for code, row, figures, limits in _named(rules):
        known = [table.get((code, *figures), []) for table in tables]
        if not figures or (known and limits in known[0]) or _called(figures, limits):
            continue
        if any(old and limits not in old for old in known):
            found.append(f"{row}的范围改为{_range(limits)}，名称没有改")
    return found


def _known(rules: Rules) -> dict[tuple[str, ...], list[Limits]]:
    found: dict[tuple[str, ...], list[Limits]] = {}
    for code, _, figures, limits in _named(rules):
        found.setdefault((code, *figures), []).append(limits)
    return found


def _called(figures: Sequence[str], limits: Limits) -> bool:
    return sorted(figures) == sorted(str(limit) for limit in limits if limit is not None)


def _named(rules: Rules) -> Iterator[tuple[str, str, list[str], Limits]]:
    """Each option's item and row, the figures in its name, and from where and up to where.

    Only the first option that holds counts, so its neighbour before sets the other limit.
    """
    for item in rules["items"]:
        least: int | None = None
        most: int | None = None
        for option in item["options"]:
            when, label = option["when"], str(option["label"])
            figures = re.findall(r"\d+(?:\.\d+)?", label.replace(",", "").replace("，", ""))
            reach = (when.get("from", least), when.get("under", most))
            yield str(item["code"]), f"{item['label']}：{label}", figures, reach
            if "under" in when:
                least = when["under"]
            elif "from" in when:
                most = when["from"]


def _range(limits: Limits) -> str:
    words = (("不少于", limits[0]), ("不到", limits[1]))
    return "、".join(f"{word}{limit:,}" for word, limit in words if limit is not None)
