"""The page of a round: how far it is, who owes what, and the one decision that comes next."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from applications.models import Application, Round
from office.spreadsheets.writing import write_rows
from review import actions, queue
from review.actions.cases import Judged, judge
from review.apart import votes_text
from review.models import Case, Objection, Tally
from review.rules import tally_text
from review.steps import Standing, next_deed, standing
from review.views import asked
from schools.access import StaffRequest, requires
from schools.official import remaining
from schools.roles import OFFICE, Role
from students.models import Student

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50


def round_of(request: StaffRequest, round_id: int) -> Round:
    """One of the school's rounds."""
    found: Round = get_object_or_404(
        Round.objects.for_school(request.school).select_related("term", "programme", "school"),
        pk=round_id,
    )
    return found


def attachment(name: str, content: bytes) -> HttpResponse:
    """A workbook to be saved; the name carries nothing personal."""
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@requires(OFFICE)
def round_page(request: StaffRequest, round_id: int) -> HttpResponse:
    """The stepper, the next decision in numbers with every reason, and each class's progress."""
    round_ = round_of(request, round_id)
    now = standing(round_)
    judged = judge(round_, list(queue.open_cases(round_)))
    chosen = request.GET.get("classes", "")
    rows = [c for c in now.classes if not chosen or c.done == (chosen == "done")]
    done = sum(c.done for c in now.classes)
    until = now.steps[1].until if round_.is_recognition else None
    return render(
        request,
        "review/round.html",
        {
            "round": round_,
            "now": now,
            "deed": next_deed(now),
            "judged": judged,
            "reasons": _reasons(round_, judged),
            "rows": rows,
            "unfinished": len(now.classes) - done,
            "views": _views(now, done, chosen),
            "proposed": now.count(Case.Status.PROPOSED),
            "decided": now.count(Case.Status.DECIDED),
            "total_handed": sum(c.handed_in for c in rows),
            "total_appraised": sum(c.voted for c in rows),
            "total_proposed": sum(c.proposed for c in rows),
            "appraise_until": until,
            "workdays_left": remaining(until) if isinstance(until, date) else None,
            "may": _may(request),
        },
    )


def _may(request: StaffRequest) -> dict[str, bool]:
    role = request.appointment.role
    return {
        "operate": role == Role.OPERATOR,
        "check": role in (Role.REVIEWER, Role.LEADER),
    }


def _views(now: Standing, done: int, chosen: str) -> list[dict[str, Any]]:
    unfinished = len(now.classes) - done
    return [
        {"label": "全部", "url": "?#classes", "count": len(now.classes), "current": not chosen},
        {
            "label": "未完成",
            "url": "?classes=open#classes",
            "count": unfinished,
            "current": chosen == "open",
        },
        {
            "label": "已完成",
            "url": "?classes=done#classes",
            "count": done,
            "current": chosen == "done",
        },
    ]


def _reasons(round_: Round, judged: Judged) -> list[dict[str, Any]]:
    """Reasons with the classes as a second line and a link to the cases they hold back."""
    url = reverse("review:cases", args=[round_.pk])
    found = []
    for reason in judged.proposal.held:
        text, _, note = reason.text.partition("：")
        mend = reason.mend if reason.url else "查看名单"
        link = reason.url or f"{url}?status=waiting"
        found.append({"text": text, "note": note, "count": reason.count, "mend": mend, "url": link})
    return found


@requires(Role.OPERATOR, methods="POST")
def take_up(request: StaffRequest, round_id: int) -> HttpResponse:
    """Take the applications handed in."""
    round_ = round_of(request, round_id)
    taken = actions.take_up(round_=round_, by=request.appointment)
    if taken and round_.is_recognition:
        messages.success(request, f"已接收{taken}份申请并评分，等待各班评议。")
    elif taken:
        messages.success(request, f"已接收{taken}份申请，接着确定建议档次。")
    else:
        messages.info(request, "没有新提交的申请。")
    return redirect("review:round", round_id=round_.pk)


@requires(Role.OPERATOR, methods="POST")
def propose(request: StaffRequest, round_id: int) -> HttpResponse:
    """Propose what may be proposed."""
    round_ = round_of(request, round_id)
    made = actions.propose(round_=round_, by=request.appointment)
    rest = f"，还有{made.held_cases}人待办" if made.held_cases else ""
    messages.success(request, f"已确定{made.proposed}人的建议{rest}。接着召集领导小组会议。")
    return redirect("review:round", round_id=round_.pk)


@requires(Role.OPERATOR, methods="POST")
def take_back(request: StaffRequest, round_id: int) -> HttpResponse:
    """Take the proposals back before the meeting."""
    round_ = round_of(request, round_id)
    reason = request.POST.get("reason", "")
    taken = actions.take_back(round_=round_, reason=reason, by=request.appointment)
    messages.success(request, f"已撤回{taken}人的建议。")
    return redirect("review:round", round_id=round_.pk)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def confirm_undisputed(request: StaffRequest, round_id: int) -> HttpResponse:
    """Confirm who is not difficult when there is nobody to publish."""
    round_ = round_of(request, round_id)
    made = actions.confirm_undisputed(round_=round_, by=request.appointment)
    messages.success(request, f"已确认{made.confirmed}人不困难，认定结果已生效。")
    return redirect("review:round", round_id=round_.pk)


@requires(OFFICE)
def export_progress(request: StaffRequest, round_id: int) -> HttpResponse:
    """导出进度表: one line for each class."""
    round_ = round_of(request, round_id)
    now = standing(round_)
    rows = [
        (
            c.school_class.name,
            c.school_class.head_teacher.name if c.school_class.head_teacher else "",
            c.handed_in,
            c.appraised,
            c.proposed,
            "已完成" if c.done else "未完成",
        )
        for c in now.classes
    ]
    headers = ("班级", "班主任", "申请人数", "已评议", "已建议", "状态")
    content = write_rows(None, headers, rows, sheet_name="各班进度", text_columns=(0, 1, 5))
    return attachment(f"progress-{round_.pk}.xlsx", content)


# -------------------------------------------------------------------------------- cases

STATES = (
    ("waiting", "未建议"),
    ("proposed", "待审定"),
    ("decided", "已审定"),
    ("confirmed", "已确认"),
    ("refused", "不予资助"),
    ("differs", "评分与评议不同"),
)


@requires(OFFICE)
def cases(request: StaffRequest, round_id: int) -> HttpResponse:
    """Every case of a round: score, panel and decision side by side."""
    round_ = round_of(request, round_id)
    found = _filtered(request, round_)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    classes = [
        (c.school_class.pk, c.school_class.name)
        for c in sorted(queue.progress(round_), key=lambda p: p.school_class.name)
    ]
    return render(
        request,
        "review/cases.html",
        {
            "round": round_,
            "page": page,
            "total": page.paginator.count,
            "classes": classes,
            "states": STATES,
            "applied": _applied(request, dict(classes)),
        },
    )


def _filtered(request: StaffRequest, round_: Round) -> QuerySet[Case]:
    found = (
        queue.of_round(round_)
        .select_related("application", "student", "school_class", "proposed_tier", "decided_tier")
        .order_by("school_class__stage", "school_class__grade", "school_class__number", "pk")
    )
    if (class_id := asked.number(request, "class")) is not None:
        found = found.filter(school_class_id=class_id)
    status = request.GET.get("status", "")
    if status == "waiting":
        found = found.filter(status__in=(Case.Status.OPEN, Case.Status.APPRAISED))
    elif status == "differs":
        found = queue.differing(found)
    elif status in Case.Status.values:
        found = found.filter(status=status)
    if text := asked.words(request):
        students = Student.objects.for_school(request.school).named_like(text)
        numbered = Application.objects.for_school(request.school).filter(number__iendswith=text)
        found = found.filter(student__in=students) | found.filter(application__in=numbered)
    return found


def _applied(request: StaffRequest, classes: dict[int, str]) -> list[dict[str, str]]:
    found = []
    if (class_id := asked.number(request, "class")) is not None:
        named = {"value": classes.get(class_id, "无"), "raw": request.GET["class"]}
        found.append({"label": "班级", "key": "class", **named})
    if (status := request.GET.get("status", "")) in dict(STATES):
        found.append(
            {"label": "状态", "value": dict(STATES)[status], "key": "status", "raw": status}
        )
    if text := asked.words(request):
        found.append({"label": "查找", "value": text, "key": "q", "raw": request.GET["q"]})
    return found


@requires(OFFICE, methods="GET POST")
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """认定: the score, the panel's votes and the decision; asked for, every line of the score."""
    found = get_object_or_404(
        Case.objects.for_school(request.school).select_related(
            "application",
            "student",
            "school_class",
            "round__term",
            "round__programme",
            "scheme",
            "proposed_tier",
            "decided_tier",
            "meeting",
            "appraise_by",
            "decide_by",
            "confirm_by",
        ),
        pk=case_id,
    )
    context = _case_page(request, found)
    if request.method == "POST":
        context["score_lines"] = actions.read_score(case=found, by=request.appointment)
    answer = render(request, "review/case.html", context)
    if request.method == "POST":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _case_page(request: StaffRequest, found: Case) -> dict[str, Any]:
    tally = (
        Tally.objects.for_school(request.school)
        .filter(case=found)
        .prefetch_related("recusals")
        .first()
    )
    return {
        "case": found,
        "reads_score": request.appointment.role in actions.READERS,
        "score_lines": None,
        "tally": tally,
        "votes_text": tally_text(tally) if tally else "",
        "recusals": found.recusals.filter(meeting_id=found.meeting_id or 0)
        .select_related("person")
        .order_by("pk"),
        "apart": [votes_text(v) for v in found.votes.filter(meeting_id=found.meeting_id or 0)],
        "upheld": Objection.objects.for_school(request.school)
        .filter(line__case=found, status=Objection.Status.UPHELD)
        .order_by("-answered_at")
        .first(),
        "lines": found.notice_lines.select_related("notice").order_by("-notice_id"),
        "recognitions": found.student.recognitions.order_by("-year", "-valid_from"),
    }
