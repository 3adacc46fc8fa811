"""名单待确认: whether people on departments' lists are the school's own students."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from audit.refusal import why_not_said
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.actions import confirm_candidate, reject_candidate, reopen_candidate
from students.models import Guardian, MatchCandidate, SpecialGroupTag, unended_tag
from students.queue import questions_waiting
from students.rules.candidates import LONGEST_REASON
from students.rules.sight import SEES_TAGS

PAGE = 20
WAYS = ("查看户口簿或身份证", "电话问过家长", "班主任核实", "查对学籍系统")
Status = MatchCandidate.Status
ANOTHER_WAY = "其他"
SHOWN = (Status.WAITING, Status.SAME, Status.DIFFERENT)


@requires(SEES_TAGS)
def questions(request: StaffRequest) -> HttpResponse:
    """The questions of one state, waiting ones first to come."""
    chosen = next((s for s in SHOWN if s == request.GET.get("state")), Status.WAITING)
    every = MatchCandidate.objects.for_school(request.school)
    return _shown(request, every.filter(status=chosen), chosen)


def _shown(
    request: StaffRequest, rows: QuerySet[MatchCandidate], chosen: str, wrong: str = ""
) -> HttpResponse:
    """These questions; `wrong` with the answer to the only one of them."""
    every = MatchCandidate.objects.for_school(request.school)
    rows = rows.select_related("student__school_class", "group", "decided_by")
    order = ("student__pinyin", "student_id", "group__order", "pk")
    page = Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page"))
    by = request.appointment
    context: dict[str, Any] = {
        "page": page,
        "rows": _with_guardians(request, list(page.object_list)),
        "states": [
            {
                "label": s.label,
                "url": f"?state={s.value}",
                "current": s == chosen,
                "count": every.filter(status=s).count(),
            }
            for s in SHOWN
        ],
        "waiting": chosen == Status.WAITING,
        "ways": WAYS,
        "another_way": ANOTHER_WAY,
        "wrong": wrong,
        "summary": [{"text": wrong, "url": f"#detail-{q.pk}"} for q in page] if wrong else [],
        "operator": by.role == Role.OPERATOR,
        "reopens": by.role in (Role.REVIEWER, Role.LEADER),
        "person_id": by.person_id,
    }
    return render(request, "students/questions.html", context, status=422 if wrong else 200)


def _with_guardians(
    request: StaffRequest, rows: list[MatchCandidate]
) -> list[tuple[MatchCandidate, str]]:
    names: dict[int, list[str]] = {}
    students = {row.student_id for row in rows}
    guardians = Guardian.objects.for_school(request.school).filter(student_id__in=students)
    for student_id, name in guardians.order_by("pk").values_list("student_id", "name"):
        names.setdefault(student_id, []).append(name)
    return [(row, "、".join(names.get(row.student_id, []))) for row in rows]


@requires(Role.OPERATOR, methods="GET POST")
def answer(request: StaffRequest, candidate_id: int) -> HttpResponse:
    """Yes or no, and how it was checked."""
    row = _candidate(request, candidate_id)
    if request.method != "POST":
        # The page with an error has this address; its states lead to the list.
        return redirect(f"{reverse('students:questions')}?{request.GET.urlencode()}".rstrip("?"))
    if row.status == Status.WAITING and _untold(request):
        rows = MatchCandidate.objects.for_school(request.school).filter(pk=row.pk)
        return _shown(request, rows, Status.WAITING, "选了“其他”，要写怎样核实的")
    same = request.POST.get("do") == "same"
    act = confirm_candidate if same else reject_candidate
    done = act(candidate=row, reason=_how(request), by=request.appointment)
    if same and _tagged(done):
        said = f"已确认{done.student}是名单上的人，标记为“{done.group}”。"
    elif same:
        said = f"已确认{done.student}是名单上的人；这份名单已由新的一版接替，没有标记。"
    else:
        said = f"已记下{done.student}不是名单上的人，以后的名单不再问。"
    left = questions_waiting(request.school).count()
    messages.success(request, said + (f"还有{left}条要确认。" if left else "没有要确认的了。"))
    return redirect("students:questions")


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def reopen(request: StaffRequest, candidate_id: int) -> HttpResponse:
    """Send an answer back to be checked again."""
    row = _candidate(request, candidate_id)
    state = row.status
    done = reopen_candidate(
        candidate=row, reason=request.POST.get("reason", ""), by=request.appointment
    )
    ended = "，由此而来的标记已停止" if state == Status.SAME else ""
    messages.success(request, f"{done.student}已退回经办重新确认{ended}。")
    return redirect(f"{reverse('students:questions')}?state={state}")


def _tagged(row: MatchCandidate) -> bool:
    rows = SpecialGroupTag.objects.for_school(row.school)
    held = rows.filter(unended_tag(clock.today()), student=row.student_id, group=row.group_id)
    return bool(held.exists())


def _untold(request: StaffRequest) -> bool:
    told = request.POST.get("detail", "")
    return request.POST.get("way") == ANOTHER_WAY and bool(why_not_said(told, "没有写"))


def _how(request: StaffRequest) -> str:
    told = (request.POST.get("way", "").strip(), request.POST.get("detail", "").strip())
    return "，".join(text for text in told if text)[:LONGEST_REASON]


def _candidate(request: StaffRequest, candidate_id: int) -> MatchCandidate:
    rows = MatchCandidate.objects.for_school(request.school).select_related("student", "group")
    found: MatchCandidate = get_object_or_404(rows, pk=candidate_id)
    return found
