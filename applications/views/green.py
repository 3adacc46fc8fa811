"""绿色通道: the term's list, registering, the second person's word, settling."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications import actions, queue
from applications.forms import fen, yuan_field
from applications.models import GreenEntry
from applications.rules.green import SETTLERS, STAGES, undoing
from applications.views.own import is_role, own_student
from audit.refusal import Reason, Refused
from office.asked import key_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Term
from schools.official import current_term
from schools.roles import Role
from students.models import Student

SEEING = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER, Role.FINANCE})
JUDGING = frozenset({Role.REVIEWER, Role.LEADER})
PER_PAGE = 30
ASKED = "asked"
NAMED = ("registered_by", "approve_by", "ask_void_by", "void_by")


class GreenForm(forms.Form):
    """What is put off or waived."""

    kind = forms.ChoiceField(
        label="方式", choices=GreenEntry.Kind.choices, widget=forms.RadioSelect, initial="defer"
    )
    item = forms.ChoiceField(label="费用", choices=[("", "请选择"), *GreenEntry.Item.choices])
    amount = yuan_field("金额", required=True)
    until = forms.DateField(label="缓交到", required=False, help_text="减免的不填")
    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="只写够用的，不写病情等细节",
    )


def _term() -> Term:
    term = current_term()
    if term is None:
        raise Http404
    return term


@requires(SEEING)
def green(request: StaffRequest) -> HttpResponse:
    """Who came in with fees put off or waived, what is due, and whether they have applied."""
    term = current_term()
    if term is None:
        return render(request, "applications/green.html", {"term": None})
    found = GreenEntry.objects.for_school(request.school).filter(term__year=term.year)
    only = request.GET.get("only", "")
    if only == ASKED:
        found = found.filter(queue.VOID_ASKED)
    elif only in GreenEntry.Status.values:
        found = found.filter(status=only)
    page = Paginator(
        found.select_related("student__school_class", *NAMED).order_by("-registered_at", "-pk"),
        PER_PAGE,
    ).get_page(request.GET.get("page"))
    applied = queue.recognition_of([e.student_id for e in page], request.school, term)
    return render(
        request,
        "applications/green.html",
        {
            "term": term,
            "page": page,
            "rows": [
                (e, applied.get(e.student_id), undoing(e, by=request.appointment)) for e in page
            ],
            "sums": queue.green_sums(request.school, term),
            "only": only,
            "statuses": [*GreenEntry.Status.choices, (ASKED, "作废待确认")],
            "today": clock.today(),
            "may_register": is_role(request, frozenset({Role.OPERATOR})) and term.half == 1,
            "may_judge": is_role(request, JUDGING),
            "may_settle": is_role(request, SETTLERS),
            "person_id": request.appointment.person_id,
        },
    )


@requires(Role.OPERATOR)
def choose(request: StaffRequest) -> HttpResponse:
    """For which new student."""
    students = (
        Student.objects.for_school(request.school)
        .present()
        .filter(school_class__grade=1, school_class__stage__in=STAGES)
        .select_related("school_class")
        .order_by("school_class__number", "pinyin", "pk")
    )
    query, chosen = (request.GET.get(k, "").strip() for k in ("q", "class"))
    if query:
        students = students.filter(queue.named_like(request.school, query))
    if (class_id := key_of(chosen)) is not None:
        students = students.filter(school_class_id=class_id)
    classes = queue.classes_of(request.appointment).filter(grade=1, stage__in=STAGES)
    context = {
        "page": Paginator(students, PER_PAGE).get_page(request.GET.get("page")),
        "class_options": list(classes.values_list("pk", "name")),
        "chosen": chosen,
        "q": query,
    }
    return render(request, "applications/green_choose.html", context)


@requires(Role.OPERATOR, methods="GET POST")
def register(request: StaffRequest, student_id: int) -> HttpResponse:
    """The form of one fee; POST registers it."""
    student, term = own_student(request, student_id), _term()
    posted = request.method == "POST"
    form = GreenForm(request.POST) if posted else GreenForm(initial={"until": term.ends_on})
    reasons: list[Reason] = []
    if posted and form.is_valid():
        told = form.cleaned_data
        try:
            entry = actions.register_green(
                student=student,
                term=term,
                kind=told["kind"],
                item=told["item"],
                amount_fen=fen(told["amount"]) or 0,
                reason=told["reason"],
                until=told["until"] if told["kind"] == GreenEntry.Kind.DEFER else None,
                by=request.appointment,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, _registered(entry))
            return redirect("applications:green")
    context = {"student": student, "term": term, "form": form, "reasons": reasons}
    status = 422 if posted else 200
    return render(request, "applications/green_register.html", context, status=status)


def _registered(entry: GreenEntry) -> str:
    said = f"已登记{entry.student.name}{entry}"
    if entry.kind == GreenEntry.Kind.WAIVE:
        return f"{said}，等待审核人同意。"
    return f"{said}，可以先入学；记得请他申请困难认定。"


def own_entry(request: StaffRequest, green_id: int) -> GreenEntry:
    """The registration of one's own school, or 404."""
    rows = GreenEntry.objects.for_school(request.school).select_related("student")
    found: GreenEntry = get_object_or_404(rows, pk=green_id)
    return found


@requires(JUDGING, methods="POST")
def approve(request: StaffRequest, green_id: int) -> HttpResponse:
    """同意减免."""
    entry = actions.approve_green(entry=own_entry(request, green_id), by=request.appointment)
    messages.success(request, f"已同意{entry.student.name}{entry}，请专干告知学生和财务。")
    return redirect("applications:green")


@requires(JUDGING, methods="POST")
def refuse(request: StaffRequest, green_id: int) -> HttpResponse:
    """不同意."""
    entry = actions.refuse_green(
        entry=own_entry(request, green_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, f"没有同意{entry.student.name}{entry}，专干可以改为缓交。")
    return redirect("applications:green")


@requires(SETTLERS, methods="POST")
def settle(request: StaffRequest, green_id: int) -> HttpResponse:
    """结清."""
    entry = actions.settle_green(
        entry=own_entry(request, green_id), how=request.POST.get("how", ""), by=request.appointment
    )
    messages.success(request, f"{entry.student.name}{entry}已结清。")
    return redirect("applications:green")
