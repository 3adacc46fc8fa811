"""系统录入: the lists that the national system wants, one of them, noting that it was entered."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from disbursement import actions
from disbursement.models import Award, SystemEntry
from disbursement.rules import yuan
from disbursement.rules.entries import CHECKS, ENTERS, why_not_check
from disbursement.upkeep import STATES, TONES, Duty, duties, duty_named, recent_terms
from disbursement.views.own import READING, entering_term, is_role, terms
from office.files import XLSX, download
from office.spreadsheets.writing import write_rows
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.roles import Role
from students.models import Student

PER_PAGE = 50
ENTERING = frozenset(ENTERS)
CHECKING = frozenset(CHECKS)
HEADERS = ("姓名", "班级", "学号", "身份证号", "档次", "金额（元）", "与上次录入相比")


@requires(READING)
def upkeep(request: StaffRequest) -> HttpResponse:
    """Every list of a term that is to be entered, and how each stands."""
    term = entering_term(request)
    rows = duties(request.school, term) if term else []
    context = {
        "term": term,
        "terms": terms(),
        "rows": [_row(duty) for duty in rows],
        "owed": sum(duty.owed for duty in rows),
        "waiting": sum(duty.state == "entered" for duty in rows),
        "others": _others(request, term),
    }
    return render(request, "disbursement/upkeep.html", context)


def _others(request: StaffRequest, shown: Term | None) -> list[dict[str, Any]]:
    """Terms beside the one shown in which lists are owed, or wait for their check."""
    waits = SystemEntry.objects.for_school(request.school).filter(status="entered")
    unchecked = Term.objects.filter(pk__in=waits.values("term"))
    found = []
    for term in sorted({*recent_terms(), *unchecked} - {shown}, key=lambda t: t.starts_on):
        rows = duties(request.school, term)
        owed = sum(duty.owed for duty in rows)
        waiting = sum(duty.state == "entered" for duty in rows)
        if owed or waiting:
            found.append({"term": term, "owed": owed, "waiting": waiting})
    return found


def _row(duty: Duty) -> dict[str, Any]:
    return {
        "it": duty,
        "url": _url(duty),
        "label": STATES[duty.state],
        "tone": TONES[duty.state],
        "differs": duty.base and (len(duty.added) + len(duty.gone) + len(duty.altered)),
    }


def _url(duty: Duty) -> str:
    return reverse("disbursement:upkeep_list", args=[duty.key])


def own_duty(request: StaffRequest, duty_key: str) -> Duty:
    """A list of the school, else 404."""
    duty = duty_named(request.school, duty_key)
    if duty is None:
        raise Http404
    return duty


@requires(READING)
def upkeep_list(request: StaffRequest, duty_key: str) -> HttpResponse:
    """One list: whom to enter with how much, what changed since, who entered and checked."""
    duty = own_duty(request, duty_key)
    rows = _students(request, duty)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    entries = (
        SystemEntry.objects.for_school(request.school)
        .filter(programme=duty.programme, term=duty.term, month=duty.month)
        .select_related("entered_by", "check_by", "refuse_by", "withdraw_by")
        .order_by("-number")
    )
    waiting = duty.latest if duty.state == "entered" else None
    checker = waiting is not None and is_role(request, CHECKING)
    context = {
        **_row(duty),
        "duty": duty,
        "page": page,
        "entries": list(entries),
        "may_enter": duty.owed and is_role(request, ENTERING),
        "waiting": waiting,
        "checker": checker,
        "may_withdraw": waiting is not None and is_role(request, ENTERING),
        "why_not": why_not_check(waiting, duty, request.appointment) if checker and waiting else [],
        "who_enters": Role.OPERATOR.label,
    }
    return render(request, "disbursement/upkeep_list.html", context)


def _students(request: StaffRequest, duty: Duty) -> list[dict[str, Any]]:
    """Everybody of the list and who is no longer on it, by class; changes first."""
    words = {
        **dict.fromkeys(duty.added, "新增" if duty.base else ""),
        **dict.fromkeys(duty.altered, "金额有变"),
        **dict.fromkeys(duty.gone, "不再享受"),
    }
    tiers = dict(
        Award.objects.for_school(request.school)
        .filter(term=duty.term, programme=duty.programme)
        .order_by("pk")
        .values_list("student_id", "tier__label")
    )
    students = (
        Student.objects.for_school(request.school)
        .filter(pk__in=[*duty.held, *duty.gone])
        .select_related("school_class")
        .order_by("school_class__grade", "school_class__number", "pinyin", "pk")
    )
    rows = []
    for student in students:
        student.school = request.school
        rows.append(
            {
                "student": student,
                "tier": tiers.get(student.pk, ""),
                "fen": duty.held.get(student.pk, 0),
                "change": words.get(student.pk, ""),
            }
        )
    return sorted(rows, key=lambda row: not row["change"])


@requires(READING, methods="POST")
def upkeep_export(request: StaffRequest, duty_key: str) -> HttpResponse:
    """The list as .xlsx, numbers masked; the export is recorded."""
    duty = own_duty(request, duty_key)
    rows = [
        [
            row["student"].name,
            row["student"].school_class.name,
            row["student"].student_no,
            str(row["student"].id_number),
            row["tier"],
            row["fen"] / 100,
            row["change"],
        ]
        for row in _students(request, duty)
    ]
    actions.note_export(
        school=request.school, what="系统录入名单", count=len(rows), by=request.appointment
    )
    content = write_rows(
        None,
        HEADERS,
        rows,
        sheet_name=f"{duty.label}录入",
        widths=[12, 14, 14, 14, 12, 14, 16],
        number_formats={5: "#,##0.00"},
    )
    return download(f"系统录入名单{duty.programme.name}{duty.label}.xlsx", content, XLSX)


@requires(ENTERING, methods="POST")
def upkeep_enter(request: StaffRequest, duty_key: str) -> HttpResponse:
    """The officer has entered the list."""
    duty = own_duty(request, duty_key)
    entry = actions.note_entered(
        school=request.school,
        programme=duty.programme,
        term=duty.term,
        month=duty.month,
        shown=request.POST.get("mark", ""),
        by=request.appointment,
    )
    money = f"{entry.people}人、{yuan(entry.amount_fen)}元"
    messages.success(request, f"已登记录入{duty.label}{money}，接着由审核人或分管领导审核")
    return redirect(_url(duty))


def own_entry(request: StaffRequest, entry_id: int) -> SystemEntry:
    """An entry of the school, else 404."""
    rows = SystemEntry.objects.for_school(request.school).select_related("programme", "term")
    found: SystemEntry = get_object_or_404(rows, pk=entry_id)
    return found


@requires(CHECKING, methods="POST")
def entry_check(request: StaffRequest, entry_id: int) -> HttpResponse:
    """A second person compared it."""
    entry = actions.check_entry(entry=own_entry(request, entry_id), by=request.appointment)
    messages.success(request, f"已审核{entry.programme.name}的系统录入")
    return redirect("disbursement:upkeep")


@requires(CHECKING, methods="POST")
def entry_refuse(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Sent back with the reason."""
    entry = actions.refuse_entry(
        entry=own_entry(request, entry_id),
        answer=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"已退回{entry.programme.name}的系统录入，经办会看到原因")
    return redirect("disbursement:upkeep")


@requires(ENTERING, methods="POST")
def entry_withdraw(request: StaffRequest, entry_id: int) -> HttpResponse:
    """Taken back by the officer before it is checked; what is left to be entered is shown again."""
    entry = actions.withdraw_entry(entry=own_entry(request, entry_id), by=request.appointment)
    messages.success(request, f"已撤回{entry.programme.name}的录入登记，录好之后再登记")
    url = reverse("disbursement:upkeep")
    return redirect(f"{url}?term={entry.term.code}")
