"""Where those are who stand on a department's list and on no roster; the list of them on paper."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction

from audit.events import record
from audit.refusal import Reason, refuse_if, why_not_said
from office.jobs import want_once
from office.models import Job
from office.spreadsheets.cells import Cell
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.models import Appointment
from schools.roles import BUREAU_ROLES, Role
from students.models import DepartmentList, Whereabouts
from students.queue import missing, of_age
from students.rules.ages import BANDS
from students.rules.whereabouts import wrong_with

HEADERS = ("名单行号", "姓名", "身份证号", "出生日期", "监护人", "名单说明", "去向", "说明")
WIDTHS = (10, 14, 16, 14, 14, 20, 22, 30)


@transaction.atomic
def record_whereabouts(
    *,
    listed: DepartmentList,
    rows: Collection[int],
    outcome: str,
    note: str,
    by: Appointment,
) -> int:
    """Where these people of the list are; returns how many. Holds for every list they stand on."""
    told = note.strip()[:200]
    found = list(missing(listed).filter(pk__in=list(rows)))
    refuse_if(_why_not_record(len(found), outcome, told, by))
    now = clock.now()
    known = {
        bytes(row.id_blind): Whereabouts(
            organisation_id=listed.organisation_id,
            person_blind=row.id_blind,
            outcome=outcome,
            note=told,
            recorded_by=by.person,
            recorded_at=now,
        )
        for row in found
    }
    Whereabouts.objects.bulk_create(
        # In one order: two lists may name the same people in different ones.
        [known[blind] for blind in sorted(known)],
        update_conflicts=True,
        unique_fields=["organisation", "person_blind"],
        update_fields=["outcome", "note", "recorded_by", "recorded_at"],
    )
    record(
        by=by,
        verb="departmentlist.whereabouts",
        label="登记未比中人员去向",
        subject=listed,
        at=now,
        facts={"people": len(known), "outcome": outcome, "rows": [row.row for row in found]},
        reason=told,
    )
    return len(known)


@transaction.atomic
def change_whereabouts(
    *, persons: Collection[int], outcome: str, note: str, by: Appointment
) -> int:
    """What became of these who were out of school; returns how many, whatever lists they are on.

    `persons` are keys of what was recorded (`Whereabouts`); those of other bureaus and those that
    were recorded otherwise meanwhile are left out. Raises `Refused` when nobody remains.
    """
    told = note.strip()[:200]
    rows = Whereabouts.objects.filter(
        organisation_id=by.organisation_id,
        outcome=Whereabouts.Outcome.DROPPED_OUT,
        pk__in=list(persons),
    )
    held = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    refuse_if(_why_not_record(len(held), outcome, told, by))
    now = clock.now()
    Whereabouts.objects.filter(organisation_id=by.organisation_id, pk__in=held).update(
        outcome=outcome, note=told, recorded_by=by.person, recorded_at=now
    )
    record(
        by=by,
        verb="whereabouts.change",
        label="登记失学人员去向",
        subject=by.organisation,
        organisation_id=by.organisation_id,
        at=now,
        facts={"people": len(held), "outcome": outcome, "persons": held},
        reason=told,
    )
    return len(held)


def _why_not_record(people: int, outcome: str, note: str, by: Appointment) -> list[Reason]:
    found = []
    if by.role != Role.BUREAU_OPERATOR:
        label = Role.BUREAU_OPERATOR.label
        found.append(Reason(f"去向由{label}登记", f"请{label}登录后办理"))
    found += wrong_with(outcome, note).values()
    if not people:
        found.append(Reason("没有选择人员", "请在名单上勾选；已在名册上的不用登记"))
    return found


@transaction.atomic
def want_missing(
    *, listed: DepartmentList, band: str, outcome: str, reason: str, by: Appointment
) -> Job:
    """Ask for the people missing from every roster as a workbook, with names; the reason is kept.

    `band` and `outcome` are the page's filters, empty for all. Raises `Refused` without a reason.
    """
    found = []
    if by.role not in BUREAU_ROLES:
        found.append(Reason("只有资助中心可以导出", "请资助中心的人员登录后办理"))
    found += why_not_said(reason, "没有写导出的用途")
    refuse_if(found)
    wanted = want_once(
        kind="students.missing",
        label=f"{listed.group}名单未比中人员",
        by=by,
        params={"list": listed.pk, "band": band, "outcome": outcome},
    )
    record(
        by=by,
        verb="departmentlist.export_missing",
        label="导出未比中人员",
        subject=listed,
        at=clock.now(),
        facts={"band": band, "outcome": outcome, "masked": True},
        reason=reason.strip()[:200],
    )
    return wanted


def missing_workbook(listed: DepartmentList, band: str, outcome: str, today: date) -> bytes:
    """The workbook itself: names in clear, identity numbers masked."""
    rows = missing(listed)
    chosen = next((b for b in BANDS if b.code == band), None)
    if chosen is not None:
        rows = of_age(rows, chosen, today)
    if outcome:
        rows = rows.filter(outcome="" if outcome == "none" else outcome)
    names = dict(Whereabouts.Outcome.choices)
    return write_rows(
        None,
        HEADERS,
        (_line(row, names) for row in rows.iterator(chunk_size=2_000)),
        sheet_name="未比中人员",
        widths=WIDTHS,
    )


def _line(row: Any, names: dict[str, str]) -> list[Cell]:
    return [
        row.row,
        row.name.reveal(),
        str(row.id_number),
        row.birth_date,
        row.guardian.reveal(),
        row.detail,
        names.get(row.outcome, "请学校确认中" if row.asked else "未核实"),
        row.told,
    ]
