"""A rule table with one part more, less, or otherwise; the table given stays as it is. Pure."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from review.scoring import Rules

Table = dict[str, Any]


def item_of(rules: Rules, code: str) -> dict[str, Any] | None:
    """The item of that code."""
    return next((item for item in rules["items"] if item["code"] == code), None)


def add_item(rules: Rules, item: Mapping[str, Any]) -> Table:
    """With another item, which gets a code of its own."""
    made = deepcopy(dict(rules))
    taken = {other["code"] for other in made["items"]}
    made["items"].append({**item, "code": _free(str(item["field"]), taken)})
    return made


def change_item(rules: Rules, code: str, told: Mapping[str, Any]) -> Table:
    """With other words, another group or other proofs of an item."""
    made = deepcopy(dict(rules))
    for item in made["items"]:
        if item["code"] == code:
            item.update(told)
    return made


def drop_item(rules: Rules, code: str) -> Table:
    """Without an item."""
    made = deepcopy(dict(rules))
    made["items"] = [item for item in made["items"] if item["code"] != code]
    return made


def add_option(rules: Rules, code: str, option: Mapping[str, Any]) -> Table:
    """With another option of an item, ranges in the order in which they are asked."""
    made = deepcopy(dict(rules))
    for item in made["items"]:
        if item["code"] == code:
            item["options"] = sorted([*item["options"], dict(option)], key=_place)
    return made


def _place(option: Mapping[str, Any]) -> tuple[int, int]:
    # Upper limits upwards, then open ends downwards; a sort keeps the rest as it stands.
    when = option["when"]
    if "under" in when:
        return 0, int(when["under"])
    return 1, -int(when.get("from", 0))


def drop_option(rules: Rules, code: str, place: int) -> Table:
    """Without the option at that place of an item."""
    made = deepcopy(dict(rules))
    for item in made["items"]:
        if item["code"] == code and 0 <= place < len(item["options"]):
            del item["options"][place]
    return made


def add_cap(rules: Rules, name: str, most: int) -> Table:
    """With another group of items whose points are limited together."""
    made = deepcopy(dict(rules))
    caps = made.setdefault("caps", {})
    taken = {*caps, *(item.get("cap_group", "") for item in made["items"])}
    key = _free("group", taken)
    caps[key] = most
    made.setdefault("cap_names", {})[key] = name
    return made


def drop_cap(rules: Rules, group: str) -> Table:
    """Without a common limit; the items of the group count in full."""
    made = deepcopy(dict(rules))
    made.get("caps", {}).pop(group, None)
    made.get("cap_names", {}).pop(group, None)
    for item in made["items"]:
        if item.get("cap_group") == group:
            del item["cap_group"]
    return made


def add_direct(rules: Rules, rule: Mapping[str, Any]) -> Table:
    """With another rule of direct recognition."""
    made = deepcopy(dict(rules))
    made.setdefault("direct", []).append(dict(rule))
    return made


def drop_direct(rules: Rules, place: int) -> Table:
    """Without the direct rule at that place."""
    made = deepcopy(dict(rules))
    if 0 <= place < len(made.get("direct", [])):
        del made["direct"][place]
    return made


def change_note(rules: Rules, note: str, below_zero: bool) -> Table:
    """With another note, and whether a sum may be below zero."""
    return {**deepcopy(dict(rules)), "note": note, "below_zero": below_zero}


def _free(name: str, taken: Collection[str]) -> str:
    n = 1
    while (found := name if n == 1 else f"{name}_{n}") in taken:
        n += 1
    return found
