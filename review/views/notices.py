"""公示: list, compose, preview, publish, confirm, withdraw."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from applications.models import Round
from audit.refusal import Reason, Refused
from review import actions, queue, rules
from review.actions.confirmations import judge
from review.actions.notices import list_of, stale
from review.actions.objections import why_not_record
from review.actions.postings import why_not_keep
from review.forms import NoticeForm
from review.models import Case, Meeting, Notice, NoticeLine
from review.texts import default_texts
from review.views import public
from review.views.rounds import round_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Appointment
from schools.official import last_day, remaining
from schools.roles import OFFICE, Role

# Who takes objections down and keeps photographs at the office.
RECORDERS = (Role.OPERATOR, Role.REVIEWER, Role.LEADER)


@requires(OFFICE)
def notices(request: StaffRequest) -> HttpResponse:
    """Notices, newest first, and rounds whose list waits for one."""
    found = (
        Notice.objects.for_school(request.school)
        .select_related("round__term", "round__programme")
        .annotate(
            listed=Count("lines", distinct=True),
            objected=Count("objections", distinct=True),
            open_objections=Count("objections", distinct=True, filter=Q(objections__status="open")),
        )
        .order_by("-pk")
    )
    unpictured = request.GET.get("photos") == "none"
    if unpictured:
        found = queue.unpictured(found)
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unpictured": unpictured,
        "waiting": [] if unpictured else _waiting(request),
        "operates": request.appointment.role == Role.OPERATOR,
    }
    return render(request, "review/notices.html", context)


def _waiting(request: StaffRequest) -> list[dict[str, Any]]:
    ready = Case.objects.for_school(request.school).filter(
        status=Case.Status.DECIDED, meeting__status=Meeting.Status.CONFIRMED
    )
    rounds = (
        Round.objects.for_school(request.school)
        .filter(status=Round.Status.OPEN, pk__in=ready.values("round_id"))
        .exclude(notices__status__in=("draft", "published"))
        .select_related("term", "programme")
    )
    counted = [{"round": r, "n": queue.to_publish(r).count()} for r in rounds[:10]]
    return [one for one in counted if one["n"]]


@requires(Role.OPERATOR, methods="GET POST")
def compose(request: StaffRequest, round_id: int) -> HttpResponse:
    """Write a notice of a round's decided list."""
    round_ = round_of(request, round_id)
    cases = list_of(round_)
    texts = default_texts(round_, request.school, [c.student.name for c in cases])
    blank = Notice(workdays=5, **{name: getattr(texts, name) for name in texts.__slots__})
    form = NoticeForm(request.POST or None, instance=blank)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draft_notice(round_=round_, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, "公示已起草，请审核人核对后发布。")
            return redirect("review:notice", notice_id=made.pk)
    return _compose(request, form, reasons, round_, len(cases))


def _compose(
    request: StaffRequest,
    form: NoticeForm,
    reasons: list[Reason],
    round_: Round,
    listed: int,
    notice: Notice | None = None,
) -> HttpResponse:
    span = last_day(clock.today(), form.instance.workdays or 5)
    context = {
        "form": form,
        "reasons": reasons,
        "round": round_,
        "listed": listed,
        "notice": notice,
        "span": span,
        "early": _early(round_),
    }
    status = 409 if reasons else 422 if form.is_bound else 200
    return render(request, "review/compose.html", context, status=status)


def _early(round_: Round) -> list[Reason]:
    return rules.why_early(round_, queue.unfinished(round_), clock.today())


@requires(Role.OPERATOR, methods="GET POST")
def revise(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Change a draft."""
    found = notice_of(request, notice_id)
    # The form writes into its instance; the page must keep showing what is stored.
    form = NoticeForm(request.POST or None, instance=notice_of(request, notice_id))
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            actions.revise_notice(notice=found, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, "公示已修改，名单已按最新审定结果更新。")
            return redirect("review:notice", notice_id=found.pk)
    return _compose(request, form, reasons, found.round, len(list_of(found.round)), found)


def notice_of(request: StaffRequest, notice_id: int) -> Notice:
    """One of the school's notices."""
    found: Notice = get_object_or_404(
        Notice.objects.for_school(request.school).select_related(
            "round__term",
            "round__programme",
            "school__superior",
            "school__territory",
            "drafted_by",
            "publish_by",
            "confirm_by",
            "withdraw_by",
        ),
        pk=notice_id,
    )
    return found


@requires(OFFICE)
def notice(request: StaffRequest, notice_id: int) -> HttpResponse:
    """One notice: where it stands, what comes next, objections, the list."""
    found = notice_of(request, notice_id)
    by, today = request.appointment, clock.today()
    lines = list(found.lines.all())
    draft = found.status == Notice.Status.DRAFT
    span = last_day(today, found.workdays)
    context = {
        "notice": found,
        "shown": public.shown(found),
        "lines": lines,
        "span": span,
        "today": today,
        "over": found.ends_on is not None and today > found.ends_on,
        "workdays": remaining(found.ends_on) if found.ends_on else None,
        "objections": found.objections.select_related("line", "taken_by").order_by("serial", "pk"),
        "photos": found.photos.filter(removed_at=None).select_related("added_by").order_by("pk"),
        "keeps": by.role in RECORDERS and not why_not_keep(found),
        "records": by.role in RECORDERS and not why_not_record(found),
        "why_not_publish": _why_not_publish(found, by, lines, span.provisional) if draft else [],
        "early": rules.why_early(found.round, queue.unfinished(found.round), today)
        if draft
        else [],
        "url": request.build_absolute_uri(reverse("review:public_notice", args=[found.token])),
        "visible": rules.visible(found, today),
        **_confirmation(found, request),
        "operates": by.role == Role.OPERATOR,
        "checks": by.role in (Role.REVIEWER, Role.LEADER),
    }
    return render(request, "review/notice.html", context)


def _why_not_publish(
    found: Notice, by: Appointment, lines: list[NoticeLine], provisional: bool
) -> list[Reason]:
    """What holds publication; that a maker can't do it needs no telling on the maker's page."""
    why = rules.why_not_publish(found, by, provisional=provisional, stale=stale(found, lines))
    person = rules.second_person(by, found.drafted_by_id, "发布公示")
    return why if by.role in (Role.REVIEWER, Role.LEADER) else [r for r in why if r not in person]


def _confirmation(found: Notice, request: StaffRequest) -> dict[str, Any]:
    if found.status not in (Notice.Status.PUBLISHED, Notice.Status.CONFIRMED):
        return {"ready": 0, "held": [], "held_people": 0, "why_not_confirm": []}
    cases = list(queue.to_confirm(found).select_related("application", "student", "school_class"))
    checks = request.appointment.role in (Role.REVIEWER, Role.LEADER)
    ready, held = judge(found, cases, request.appointment if checks else None)
    why = rules.why_not_confirm(found, request.appointment, clock.today())
    split = [
        {"text": text, "note": note, "count": r.count, "mend": r.mend, "url": r.url}
        for r in held
        for text, _, note in [r.text.partition("：")]
    ]
    return {
        "ready": len(ready),
        "held": split,
        "held_people": len(cases) - len(ready),
        "why_not_confirm": why,
    }


@requires(OFFICE)
def preview(request: StaffRequest, notice_id: int) -> HttpResponse:
    """The notice as the public sees it, also to be printed for the board."""
    found = notice_of(request, notice_id)
    context = {**public.page(public.shown(found)), "preview": True}
    if found.starts_on is None:
        span = last_day(clock.today(), found.workdays)
        context |= {"expected_from": span.start, "expected_to": span.last}
    return render(request, "review/public_notice.html", context)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def publish(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Publish today."""
    found = actions.publish(notice=notice_of(request, notice_id), by=request.appointment)
    until = f"{found.ends_on:%-m月%-d日}" if found.ends_on else ""
    messages.success(request, f"已发布，公示到{until}24:00，到时自动撤下。")
    return redirect("review:notice", notice_id=found.pk)


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def confirm(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Confirm the list after its period."""
    found = notice_of(request, notice_id)
    made = actions.confirm_notice(notice=found, by=request.appointment)
    held = sum(r.count for r in made.held)
    rest = f"，{held}人待处理异议" if held else ""
    after = "认定结果已生效" if found.round.is_recognition else "可以确定资助名单、办理发放"
    messages.success(request, f"已确认{made.confirmed}人{rest}。{after}。")
    return redirect("review:notice", notice_id=found.pk)


@requires(Role.OPERATOR, Role.REVIEWER, Role.LEADER, methods="POST")
def withdraw(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Take the notice down."""
    found = notice_of(request, notice_id)
    actions.withdraw_notice(
        notice=found, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, "公示已撤回，网页不再显示名单。改正后重新公示，公示期从头起算。")
    return redirect("review:notice", notice_id=found.pk)
