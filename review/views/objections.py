"""异议: read one, answer it; the contact is shown against a reason that is recorded."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from review import actions
from review.forms import AnswerForm
from review.models import Objection
from schools.access import StaffRequest, requires
from schools.official import remaining
from schools.roles import Role

WHO = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})


def objection_of(request: StaffRequest, objection_id: int) -> Objection:
    """One of the school's objections."""
    found: Objection = get_object_or_404(
        Objection.objects.for_school(request.school).select_related(
            "notice", "line__case", "answered_by"
        ),
        pk=objection_id,
    )
    return found


@requires(WHO, methods="GET POST")
def objection(request: StaffRequest, objection_id: int) -> HttpResponse:
    """What was objected to, and the answer."""
    found = objection_of(request, objection_id)
    form = AnswerForm(request.POST or None)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        upheld = form.cleaned_data["upheld"] == "yes"
        try:
            actions.answer(
                objection=found,
                upheld=upheld,
                conclusion=form.cleaned_data["conclusion"],
                by=request.appointment,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            after = "该生退回领导小组重新评审，不随本次公示确认" if upheld else "公示期满后照常确认"
            messages.success(request, f"异议已答复，{after}。")
            return redirect("review:notice", notice_id=found.notice_id)
    status = 409 if reasons else 422 if form.is_bound else 200
    context = {
        "objection": found,
        # Whoever answers has to read it; the words aren't on any list.
        "text": found.text.reveal(),
        "form": form,
        "reasons": reasons,
        "workdays": remaining(found.reply_by),
    }
    return render(request, "review/objection.html", context, status=status)


@requires(WHO, methods="GET POST")
def contact(request: StaffRequest, objection_id: int) -> HttpResponse:
    """How to reach whoever objected: permission, reason and audit line first."""
    found = objection_of(request, objection_id)
    if request.method == "GET":
        return render(request, "review/contact.html", {"objection": found})
    reason = f"{request.POST.get('reason', '')} {request.POST.get('detail', '')}".strip()
    try:
        clear = actions.reveal_contact(objection=found, reason=reason, by=request.appointment)
    except Refused as refused:
        return HttpResponse(str(refused), status=400, content_type="text/plain; charset=utf-8")
    response = HttpResponse(clear, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
