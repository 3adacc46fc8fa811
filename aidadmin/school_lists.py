"""Many schools from one table, with their first leaders: read, checked row by row, founded at once.

A bureau of 350 schools does not type them one by one. Nothing is written when any row is wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db import transaction

from aidadmin.forms import EmployForm, SchoolForm
from audit.refusal import Reason, Refused, refuse_if
from office.spreadsheets.cells import Cell, as_text, cell_name
from office.spreadsheets.headers import Header, find_header
from office.spreadsheets.reading import read_sheets
from office.spreadsheets.writing import write_rows
from office.wording import worded_all
from schools import clock, founding, hierarchy
from schools.actions import Employed
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.roles import Role

MOST_SCHOOLS = 5_000
LABELS = {
    "code": "学校标识码",
    "name": "学校名称",
    "stage": "学段",
    "superior": "主管部门",
    "territory": "属地",
    "is_private": "民办",
    "has_boarding": "有寄宿",
    "joint_with": "联合办学单位",
    "contact_name": "联系人",
    "contact_phone": "联系电话",
    "leader_name": "分管领导姓名",
    "leader_id": "分管领导身份证号",
}
KNOWN: dict[str, tuple[str, ...]] = {
    field: (label,)
    for field, label in LABELS.items()
    if field not in ("code", "name", "stage", "leader_id")
} | {
    "code": ("学校标识码", "标识码", "学校代码", "学校(机构)标识码"),
    "name": ("学校名称", "单位名称", "校名"),
    "stage": ("学段", "办学类型", "学校类型"),
    "leader_id": ("分管领导身份证号", "分管领导身份证件号码"),
}
NEEDED = ("code", "name", "stage")
YES, NO = (
    frozenset({"是", "有", "1", "√", "民办", "寄宿"}),
    frozenset({"", "否", "无", "0", "公办"}),
)
STAGES = {
    **{label: value for value, label in Stage.choices},
    "初级中学": Stage.JUNIOR,
    "高中": Stage.SENIOR,
    "普通高中": Stage.SENIOR,
    "高级中学": Stage.SENIOR,
    "中职": Stage.VOCATIONAL,
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One cell to mend: where it is, what it holds (never an ID number), why and how."""

    place: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One school of the table; `leader` is the name and ID number of its first leader, if given."""

    row: int
    school: dict[str, Any]
    leader: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Founded:
    """One school that now exists, with its leader's account where the table named one."""

    school: School
    employed: Employed | None


def template() -> bytes:
    """The empty table to fill in."""
    widths = [16, 24, 12, 20, 20, 8, 8, 16, 16, 14, 22]
    return write_rows(None, list(LABELS.values()), [], sheet_name="学校", widths=widths)


def read(content: bytes, filename: str, *, top: Organisation) -> tuple[list[Line], list[Wrong]]:
    """The schools of a file and everything that must be mended in it.

    Raises `Unreadable` when it is no table and `Refused` when no header or no school is in it.
    """
    sheet = read_sheets(content, filename, max_rows=MOST_SCHOOLS).sheets[0]
    header = _header(sheet.rows)
    bureaus = {b.name: b for b in hierarchy.below(top)}
    lines: list[Line] = []
    wrong: list[Wrong] = []
    first_seen: dict[str, int] = {}
    for index in range(header.row_index + 1, len(sheet.rows)):
        cells = _cells(sheet.rows[index], header)
        if not any(cells.values()):
            continue
        line, found = _line(index, cells, top, bureaus)
        code = cells.get("code", "")
        if code in first_seen:
            found.append(("code", f"与第{first_seen[code] + 1}行重复，只留一行"))
        first_seen.setdefault(code, index)
        wrong += [_wrong(index, header, cells, field, reason) for field, reason in found]
        lines.append(line)
    refuse_if([] if lines else [Reason("表里一所学校也没有", "请按模板一行填一所学校")])
    return lines, wrong


@transaction.atomic
def found_all(*, lines: Sequence[Line], by: Appointment) -> list[Founded]:
    """Found every school of the table and appoint its leader from today on, all or none.

    Raises `Refused` with the reasons of all rows.
    """
    founded, wrong = {}, {}
    # In one order, so that two tables of the same schools don't wait for each other.
    for line in sorted(lines, key=lambda line: str(line.school["code"])):
        try:
            with transaction.atomic():
                founded[line.row] = _found(line, by, clock.today())
        except Refused as refused:
            wrong[line.row] = refused.reasons
    refuse_if(
        Reason(f"第{row + 1}行：{r.text}", r.mend) for row in sorted(wrong) for r in wrong[row]
    )
    return [founded[line.row] for line in lines]


def _found(line: Line, by: Appointment, since: date) -> Founded:
    school = founding.add_school(by=by, **line.school)
    if line.leader is None:
        return Founded(school, None)
    name, id_number = line.leader
    employed = founding.appoint_first(
        organisation=school, name=name, id_number=id_number, role=Role.LEADER, since=since, by=by
    )
    return Founded(school, employed)


def _header(rows: Sequence[Sequence[Cell]]) -> Header:
    header = find_header(rows, KNOWN)
    missing = [LABELS[f] for f in NEEDED if header is None or f not in header.columns]
    if header is None or missing:
        text = f"没有找到这些列：{'、'.join(missing)}"
        raise Refused([Reason(text, "请下载模板，按模板的表头填写")])
    return header


def _cells(row: Sequence[Cell], header: Header) -> dict[str, str]:
    return {
        field: as_text(row[column]) if column < len(row) else ""
        for field, column in header.columns.items()
    }


def _line(
    index: int, cells: Mapping[str, str], top: Organisation, bureaus: Mapping[str, Bureau]
) -> tuple[Line, list[tuple[str, str]]]:
    """What a row says, and the fields of it that are wrong with the reason."""
    found: list[tuple[str, str]] = []
    data: dict[str, Any] = {
        name: cells.get(name, "")
        for name in ("code", "name", "joint_with", "contact_name", "contact_phone")
    }
    data["stage"] = STAGES.get(cells.get("stage", ""), "")
    if not data["stage"]:
        found.append(("stage", f"请填其中之一：{'、'.join(Stage.labels)}"))
    for name in ("superior", "territory"):
        # A district's own table need not repeat its name in every row.
        place = cells.get(name, "") or cells.get("superior", "") or top.name
        if place in bureaus:
            data[name] = bureaus[place].pk
        else:
            found.append((name, "不在本单位之下；请照“机构”页写教育局的全称"))
    for name in ("is_private", "has_boarding"):
        word = cells.get(name, "")
        data[name] = word in YES
        if word not in YES | NO:
            found.append((name, "请填“是”或“否”"))
    form = SchoolForm(top, data)
    found += _errors(form, apart_from={name for name, _ in found})
    leader, more = _leader(cells, top)
    return Line(index, dict(form.cleaned_data), leader), found + more


def _leader(
    cells: Mapping[str, str], top: Organisation
) -> tuple[tuple[str, str] | None, list[tuple[str, str]]]:
    name, id_number = cells.get("leader_name", ""), cells.get("leader_id", "")
    if not name and not id_number:
        return None, []
    form = EmployForm(top, {"name": name, "id_number": id_number})
    columns = {"name": "leader_name", "id_number": "leader_id"}
    found = [(columns[field], reason) for field, reason in _errors(form, set()) if field in columns]
    cleaned = form.cleaned_data
    return (cleaned.get("name", ""), cleaned.get("id_number", "")), found


def _errors(form: forms.Form, apart_from: set[str]) -> list[tuple[str, str]]:
    form.is_valid()
    return [(name, text) for name, text in worded_all(form) if name not in apart_from]


def _wrong(index: int, header: Header, cells: Mapping[str, str], field: str, reason: str) -> Wrong:
    column = header.columns.get(field)
    place = cell_name(index, column) if column is not None else f"第{index + 1}行"
    value = "" if field == "leader_id" else cells.get(field, "")
    return Wrong(place, LABELS.get(field, field), value[:40], reason)
