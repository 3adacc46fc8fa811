"""家长填报码: one per class and round, and the letters that carry them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications import actions, queue
from applications.letters import letters, why_letters_lack
from applications.models import AccessCode
from applications.views.own import ENTERING, own_round
from office.asked import key_of
from office.files import download
from schools.access import StaffRequest, requires
from students.models import SchoolClass


@requires(ENTERING)
def codes(request: StaffRequest, round_id: int) -> HttpResponse:
    """The classes of a recognition round: who has a code, how many families have applied."""
    round_ = own_round(request, round_id)
    if not round_.is_recognition:
        raise Http404
    live = {
        c.school_class_id: c
        for c in AccessCode.objects.for_school(request.school)
        .filter(round=round_, voided_at=None)
        .select_related("issued_by")
    }
    filed = queue.filed_by_class(round_)
    classes = queue.classes_of(request.appointment).select_related("head_teacher")
    rows = [(c, live.get(c.pk), filed.get(c.pk, (0, 0))) for c in classes]
    return render(
        request,
        "applications/codes.html",
        {
            "round": round_,
            "rows": rows,
            "without": [c for c, code, _ in rows if code is None],
            "with_code": [c for c, code, _ in rows if code],
            "open": round_.status == "open",
            "lacking": why_letters_lack(request.school),
            "printable": queue.submitted_classes(round_),
        },
    )


@requires(ENTERING, methods="POST")
def issue_codes(request: StaffRequest, round_id: int) -> HttpResponse:
    """A new code for one class, or a first one for each class that has none."""
    round_ = own_round(request, round_id)
    asked = request.POST.get("class", "")
    if asked:
        school_class = _own_class(request, asked)
        actions.issue_code(round_=round_, school_class=school_class, by=request.appointment)
        messages.success(request, f"{school_class}有了新的填报码，请打印新的信；旧的信不能再用。")
    else:
        issued = actions.issue_missing_codes(round_=round_, by=request.appointment)
        messages.success(request, f"已为{len(issued)}个班生成填报码，接着打印致家长的信。")
    return redirect("applications:codes", round_id=round_.pk)


@requires(ENTERING, methods="POST")
def print_letters(request: StaffRequest, round_id: int) -> HttpResponse:
    """The letters as PDF: one class, or every class that has a code."""
    round_ = own_round(request, round_id)
    asked = request.POST.get("class", "")
    every = queue.classes_of(request.appointment).select_related("head_teacher")
    classes = [_own_class(request, asked)] if asked else list(every)
    found = actions.read_codes(round_=round_, classes=classes, by=request.appointment)
    made = letters(request.school, round_, classes, found)
    name = classes[0].name if asked else round_.term.year_label
    return download(f"致家长的信（{name}）.pdf", made, "application/pdf")


def _own_class(request: StaffRequest, asked: str) -> SchoolClass:
    classes = queue.classes_of(request.appointment).select_related("head_teacher")
    return get_object_or_404(classes, pk=key_of(asked))
