"""异议: take down, read, answer; the contact is shown against a reason that is recorded."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from review import actions
from review.actions.objections import why_not_answer, why_not_record
from review.forms import AnswerForm, RecordObjectionForm
from review.models import Notice, Objection
from schools import clock
from schools.access import StaffRequest, requires
from schools.official import remaining
from schools.roles import Role

WHO = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})


def objection_of(request: StaffRequest, objection_id: int) -> Objection:
    """One of the school's objections."""
    found: Objection = get_object_or_404(
        Objection.objects.for_school(request.school).select_related(
            "notice", "line__case", "answered_by", "taken_by"
        ),
        pk=objection_id,
    )
    return found


@requires(WHO, Role.HEAD_TEACHER, methods="GET POST")
def record_objection(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Take down an objection that came by phone, in a letter or at the board."""
    notice = get_object_or_404(Notice.objects.for_school(request.school), pk=notice_id)
    form = RecordObjectionForm(request.POST or None, initial={"lodged_on": clock.today()})
    reasons = why_not_record(notice)
    if request.method == "POST" and form.is_valid():
        try:
            made = _take_down(request, notice, form)
        except Refused as refused:
            reasons = refused.reasons
        else:
            due = f"{made.reply_by.month}月{made.reply_by.day}日"
            messages.success(
                request, f"已登记第{made.serial}号异议，{due}前由另一人调查答复；答复前不能确认。"
            )
            if request.appointment.role == Role.HEAD_TEACHER:
                return redirect("review:appraisals")
            return redirect("review:notice", notice_id=notice.pk)
    context = {"notice": notice, "form": form, "reasons": reasons}
    status = 422 if form.is_bound and not reasons else 409 if form.is_bound else 200
    return render(request, "review/record_objection.html", context, status=status)


def _take_down(request: StaffRequest, notice: Notice, form: RecordObjectionForm) -> Objection:
    facts = dict(form.cleaned_data)
    serial = facts.pop("serial")
    line = notice.lines.filter(serial=serial).first() if serial else None
    if serial and line is None:
        raise Refused([Reason(f"名单里没有序号{serial}", "请核对序号，或不填序号")])
    return actions.record_objection(notice=notice, line=line, by=request.appointment, **facts)


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
        "why_not_answer": why_not_answer(found, request.appointment),
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
