"""A workbook of families' forms into facts, with everything that is wrong at once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from applications.models import HARDSHIPS
from applications.rules.sheets.cells import Line, SheetError
from applications.rules.sheets.columns import (
    FAMILIES,
    FAMILY_COLUMNS,
    MEMBER_COLUMNS,
    MEMBERS,
    NAMING,
    PAPERS,
    SIGNERS,
    Column,
)
from applications.rules.surveys import (
    MOST_MEMBERS,
    OLDEST,
    MemberFacts,
    SurveyFacts,
    stated,
    why_not_survey,
)
from office.spreadsheets.headers import find_header
from office.spreadsheets.reading import Sheet, Unreadable, read_sheets
from privacy.identity import check_phone, name_key

MOST_FAMILIES = 2_000
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CHILDREN = 15
LARGEST_FAMILY = 30
# What the roster fills in beforehand of a member.
PREFILLED = (*NAMING, "name", "relation", "health")

Key = tuple[str, str]


@dataclass(slots=True)
class FamilyRow:
    """One family as the workbook tells it; `number` and `student` say whose it is."""

    line: Line
    number: str
    student: str
    school_class: str
    facts: SurveyFacts
    reason: str
    committed_by: str
    committed_relation: str
    consents: bool
    committed_on: date | None
    identity_paper: str
    # Whether a member's row has an error; that row stands in the other table.
    bad_members: bool = False


@dataclass(slots=True)
class Told:
    """Families with what is wrong on their rows, what is wrong with members, rows left empty."""

    families: list[FamilyRow] = field(default_factory=list)
    errors: list[SheetError] = field(default_factory=list)
    empty: int = 0


def read_forms(content: bytes, filename: str, groups: Mapping[str, str]) -> Told:
    """Read a workbook; `groups`: names of special groups with their codes.

    Raises `Unreadable` when it is none or has no table of families.
    """
    book = read_sheets(content, filename, max_rows=MOST_ROWS, max_columns=MOST_COLUMNS)
    families = _table(book.sheets, FAMILIES, FAMILY_COLUMNS, ("student", "annual_income"))
    if families is None:
        raise Unreadable(f"没有找到“{FAMILIES}”这张表。", "请下载填报表，照原来的表头填写后上传。")
    members = _table(book.sheets, MEMBERS, MEMBER_COLUMNS, ("name", "relation"))
    told = Told()
    households = _households(list(members) if members else [], told)
    lines = [line for line in families if line.plain("student") or line.told(beside=NAMING)]
    filled = [line for line in lines if line.told(beside=NAMING)]
    if len(filled) > MOST_FAMILIES:
        raise Unreadable(f"一次最多{MOST_FAMILIES:,}个家庭。", "请按年级分成几份上传。")
    told.empty = len(lines) - len(filled)
    names = Counter(name_key(line.plain("student")) for line in lines)
    for line in filled:
        told.families.append(_family(line, _members_of(line, households, names), groups))
    _tell_members(households, told)
    return told


def _table(
    sheets: Sequence[Sheet], name: str, columns: Sequence[Column], needed: Sequence[str]
) -> Iterator[Line] | None:
    """The rows under the header of the sheet called so, else of the first that has the columns."""
    known = {c.name: (c.label, *c.words) for c in columns}
    named = [s for s in sheets if s.name == name]
    for sheet in named or sheets:
        header = find_header(sheet.rows, known)
        if header and not set(needed) - set(header.columns):
            by_name = {c.name: c for c in columns}
            return (
                Line(sheet.name, n, cells, header.columns, by_name)
                for n, cells in enumerate(sheet.rows)
                if n > header.row_index
            )
    return None


@dataclass(slots=True)
class _Member:
    line: Line
    facts: MemberFacts
    filled: bool
    owned: bool = False


Households = dict[Key, list[_Member]]


def _households(lines: Sequence[Line], told: Told) -> Households:
    found: Households = {}
    for line in lines:
        if not line.told(beside=NAMING):
            continue
        number, student = line.plain("number"), name_key(line.plain("student"))
        # The number says whose it is; whoever added rows by hand may have left it out.
        found.setdefault((number, "" if number else student), []).append(_member(line))
    return found


def _member(line: Line) -> _Member:
    filled = line.told(beside=PREFILLED)
    facts = MemberFacts(
        name=line.text("name", needed="没有填成员姓名；不要这一行的，整行删去"),
        relation=line.chosen("relation", needed="没有填与学生的关系"),
        age=line.whole("age", 0, OLDEST, needed="没有填年龄；不要这一行的，整行删去") or 0,
        work=line.text("work"),
        occupation=line.text("occupation"),
        annual_income_fen=line.fen("annual_income") or 0,
        health=line.chosen("health"),
    )
    return _Member(line, facts, filled)


def _members_of(line: Line, households: Households, names: Mapping[str, int]) -> list[_Member]:
    number, student = line.plain("number"), name_key(line.plain("student"))
    mine = list(households.get((number, ""), [])) if number else []
    if names[student] == 1:
        mine += households.get(("", student), [])
    for member in mine:
        member.owned = True
    return mine


def _family(line: Line, members: Sequence[_Member], groups: Mapping[str, str]) -> FamilyRow:
    facts = SurveyFacts(
        members=tuple(m.facts for m in members),
        family_size=line.whole("family_size", 1, LARGEST_FAMILY),
        annual_income_fen=line.fen("annual_income"),
        students_in_family=line.whole("students_in_family", 1, MOST_CHILDREN) or 1,
        seriously_ill=line.yes("seriously_ill"),
        single_parent=line.yes("single_parent"),
        phone=_phone(line),
        address=line.text("address") or None,
        income_source=line.text("income_source"),
        claims=_claims(line, groups),
        # A box that only says 无 is empty, as on the page.
        **{name: stated(line.text(name)) for name in HARDSHIPS},
    )
    paper, signer = line.chosen("identity_paper"), line.chosen("committed_relation")
    row = FamilyRow(
        line,
        number=line.plain("number"),
        student=line.plain("student"),
        school_class=line.plain("school_class"),
        facts=facts,
        reason=line.text("reason"),
        committed_by=line.text("committed_by"),
        committed_relation=SIGNERS[signer] if signer else "",
        consents=line.yes("consents"),
        committed_on=line.day("committed_on"),
        identity_paper=PAPERS[paper] if paper else "",
        bad_members=any(m.line.errors for m in members),
    )
    if len(members) > MOST_MEMBERS:
        line.wrong(None, f"最多填{MOST_MEMBERS}位家庭成员")
    if not line.errors and not row.bad_members:
        # Errors of single cells are told where they stand; only then the household as a whole.
        for reason in why_not_survey(replace(facts, phone=None)):
            line.wrong(None, f"{reason.text}：{reason.mend}")
    return row


def _claims(line: Line, groups: Mapping[str, str]) -> tuple[str, ...]:
    """The groups that a cell names one after the other, in whatever way they are set apart."""
    known = {name_key(name): code for name, code in groups.items()}
    named = [n for n in re.split(r"[、，,；;/\n]+", stated(line.text("claims"))) if n.strip()]
    unknown = [n.strip() for n in named if name_key(n) not in known]
    if unknown:
        told = "、".join(unknown)[:40]
        line.wrong("claims", f"没有“{told}”这类特殊群体，照填写说明里的名称填写，几类用顿号隔开")
    return tuple(sorted({known[name_key(n)] for n in named if name_key(n) in known}))


def _phone(line: Line) -> str | None:
    value = line.text("phone")
    for problem in check_phone(value).problems if value else ():
        line.wrong("phone", problem)
    return value or None


def _tell_members(households: Households, told: Told) -> None:
    """What is wrong with members, also that their family is not in the other table.

    Names alone came from the roster; what is wrong with a family stays on its row.
    """
    for members in households.values():
        for member in members:
            if not member.owned and member.filled:
                member.line.wrong("student", f"“{FAMILIES}”里没有填这名学生")
            if member.owned or member.filled:
                told.errors += member.line.errors
