"""Columns headed 父亲姓名, 母亲电话: guardians of whom the heading tells the relation."""

import re
from collections.abc import Mapping, Sequence

from office.spreadsheets.headers import Header, normalised
from students.rules.roster.columns import KNOWN, SLOTS

PARENT = re.compile("(?:学生)?(父亲|母亲|爸爸|妈妈)(.*)")
RELATION = {"父亲": "父亲", "爸爸": "父亲", "母亲": "母亲", "妈妈": "母亲"}
# Whose columns are no student's, when they stand under such a heading.
OTHERS = re.compile(
    "(?:学生)?(?:(?:父|母)亲?|爸爸|妈妈|父母|(?:外?祖)[父母]|爷爷|奶奶|外公|外婆|家长|(?:第[一二三])?(?:法定)?监护人"
    "|家庭(?:主要)?成员|成员|(?:紧急)?联系人|班主任|教师|老师)[0-9一二三]?"
)
PARTS = (
    dict.fromkeys(("", *KNOWN["name"]), "name")
    | dict.fromkeys((*KNOWN["phone"], "电话号码", "联系方式"), "phone")
    | dict.fromkeys(KNOWN["id_number"], "id_number")
)


def take_parents(header: Header, known: Mapping[str, Sequence[str]]) -> None:
    """Let the parents of whom a roster's headings tell be its guardians.

    Only where no column is headed 监护人姓名: who of three is the guardian, the headings don't
    say. A heading that a school gave another meaning keeps it.
    """
    if "second_name" not in known:
        return
    told: dict[str, dict[str, int]] = {}
    for column, label in enumerate(header.labels):
        parent, part = _parent_and_part(label)
        if part and label in header.unknown:
            told.setdefault(parent, {}).setdefault(part, column)
    free = [parent for parent, parts in told.items() if "name" in parts]
    for slot in SLOTS:
        at = header.columns.get(f"{slot}_name")
        if at is not None and not relation_of(header.labels[at]):
            return
        parent = relation_of(header.labels[at]) if at is not None else next(iter(free), "")
        if parent in free:
            free.remove(parent)
        for part, column in told.get(parent, {}).items():
            if f"{slot}_{part}" not in header.columns:
                header.columns[f"{slot}_{part}"] = column
                header.unknown.remove(header.labels[column])


def of_another(group: str) -> bool:
    """Whether the heading of a group of columns means somebody beside the student."""
    return OTHERS.fullmatch(group) is not None


def relation_of(label: str) -> str:
    """Whose name a heading asks for: 父亲 or 母亲; nothing for any other heading."""
    parent, part = _parent_and_part(label)
    return parent if part == "name" else ""


def relations_in(header: Header) -> dict[str, str]:
    """The relation of each guardian whose name stands under a parent's heading."""
    named = {slot: header.columns.get(f"{slot}_name") for slot in SLOTS}
    told = {s: relation_of(header.labels[at]) for s, at in named.items() if at is not None}
    return {slot: parent for slot, parent in told.items() if parent}


def _parent_and_part(label: str) -> tuple[str, str]:
    """The parent and the part of a heading; no part where it is another heading."""
    found = PARENT.fullmatch(normalised(label))
    if found is None:
        return "", ""
    return RELATION[found[1]], PARTS.get(found[2], "")
