"""资助卡: the list, one card, registering, correcting, checking, activating, losing."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from audit.models import Event
from audit.refusal import Reason, Refused
from disbursement import actions, card_queue, rules
from disbursement.forms import CardForm, ReplaceForm, initial_card
from disbursement.models import AidCard
from disbursement.models.cards import LIVE_CARD
from disbursement.views.own import (
    CARD_KEEPERS,
    CHECKERS,
    READING,
    WORKING,
    is_role,
    own_card,
    term_asked,
)
from office.asked import key_of, keys_of
from schools import clock
from schools.access import StaffRequest, requires
from students.models import SchoolClass, Student

PER_PAGE = 30
SORTS = {
    "name": ("student__pinyin", "pk"),
    "class": (
        "student__school_class__grade",
        "student__school_class__number",
        "student__pinyin",
        "pk",
    ),
    "registered": ("registered_at", "pk"),
}
MISSING = "missing"


@requires(READING)
def cards(request: StaffRequest) -> HttpResponse:
    """Cards by what they wait for; or the aided students who have none."""
    view = request.GET.get("view", "")
    if view == MISSING:
        return _missing(request)
    found, applied = filtered(request, request.GET)
    page = Paginator(_sorted(found, request.GET), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "disbursement/cards.html",
        {
            "page": page,
            "total": page.paginator.count,
            "applied": applied,
            "view": view,
            **_common(request, view),
        },
    )


def _common(request: StaffRequest, view: str) -> dict[str, Any]:
    counts = AidCard.objects.for_school(request.school).aggregate(
        **{f"n_{key}": Count("pk", filter=q) for key, (_, q) in card_queue.VIEWS.items()}
    )
    term = term_asked(request)
    missing = card_queue.aided_without_card(request.school, term).count() if term else 0
    segments = [
        {
            "label": label,
            "count": counts[f"n_{key}"],
            "url": f"?view={key}" if key else "?",
            "current": view == key,
        }
        for key, (label, _) in card_queue.VIEWS.items()
    ]
    segments.insert(
        3,
        {
            "label": "没有卡",
            "count": missing,
            "url": f"?view={MISSING}",
            "current": view == MISSING,
        },
    )
    return {
        "segments": segments,
        "class_options": list(
            SchoolClass.objects.for_school(request.school).values_list("pk", "name")
        ),
        "may_keep": is_role(request, CARD_KEEPERS),
        "may_check": is_role(request, CHECKERS),
        "today": clock.today(),
    }


def _missing(request: StaffRequest) -> HttpResponse:
    term = term_asked(request)
    students = (
        card_queue.aided_without_card(request.school, term) if term else Student.objects.none()
    )
    query, class_id = request.GET.get("q", "").strip(), key_of(request.GET.get("class"))
    if query:
        named = Student.objects.for_school(request.school).named_like(query)
        students = students.filter(pk__in=named)
    applied = [{"label": "查找", "value": query, "key": "q", "raw": query}] if query else []
    if class_id is not None:
        students = students.filter(school_class_id=class_id)
        applied.append(_class_applied(request, class_id))
    page = Paginator(students, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "disbursement/cards_missing.html",
        {
            "page": page,
            "total": page.paginator.count,
            "applied": applied,
            "view": MISSING,
            **_common(request, MISSING),
        },
    )


def filtered(request: StaffRequest, asked: QueryDict) -> tuple[QuerySet[Any], list[dict[str, str]]]:
    """Cards as the filters of the page find them."""
    view, query = (asked.get(key, "").strip() for key in ("view", "q"))
    class_id = key_of(asked.get("class"))
    found = card_queue.cards_of(request.school).filter(
        card_queue.VIEWS.get(view, card_queue.VIEWS[""])[1]
    )
    applied: list[dict[str, str]] = []
    if class_id is not None:
        found = found.filter(student__school_class_id=class_id)
        applied.append(_class_applied(request, class_id))
    if query:
        students = Student.objects.for_school(request.school).named_like(query)
        found = found.filter(student__in=students)
        applied.append({"label": "查找", "value": query, "key": "q", "raw": query})
    for key, label, field in (
        ("activated", "激活日期", "activated_on"),
        ("bank", "开户行", "bank"),
    ):
        value = asked.get(key, "").strip()
        if value and (key == "bank" or parsed_day(value)):
            found = found.filter(**{field: value})
            applied.append({"label": label, "value": value, "key": key, "raw": value})
    return found, applied


def _class_applied(request: StaffRequest, class_id: int) -> dict[str, str]:
    its = SchoolClass.objects.for_school(request.school).filter(pk=class_id).first()
    return {"label": "班级", "value": str(its or "无"), "key": "class", "raw": str(class_id)}


def parsed_day(text: str) -> date | None:
    """The day that an address names, if it is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _sorted(found: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
    sort = asked.get("sort", "")
    keys = SORTS.get(sort.lstrip("-"), SORTS["class"])
    return found.order_by(*(f"-{k}" if sort.startswith("-") else k for k in keys))


def picked(request: StaffRequest) -> list[AidCard]:
    """The cards ticked on the page, or all that the filters find."""
    found, _ = filtered(request, request.POST)
    if request.POST.get("all") != "1":
        found = found.filter(pk__in=keys_of(request.POST.getlist("pick")))
    return list(found)


@requires(CHECKERS, methods="POST")
def check_cards(request: StaffRequest) -> HttpResponse:
    """The second person's word for every ticked card."""
    done = actions.check_cards(cards=picked(request), by=request.appointment)
    messages.success(request, f"已核对{len(done)}张资助卡；激活之后就能发放")
    return redirect("disbursement:cards")


@requires(CARD_KEEPERS, methods="POST")
def activate_cards(request: StaffRequest) -> HttpResponse:
    """Note that the holders of the ticked cards activated them."""
    done = actions.activate_cards(cards=picked(request), by=request.appointment)
    messages.success(request, f"已登记{len(done)}张卡由本人激活")
    return redirect("disbursement:cards")


@requires(CARD_KEEPERS)
def choose_student(request: StaffRequest) -> HttpResponse:
    """Whose card is registered: look the student up first."""
    query = request.GET.get("q", "").strip()
    students: list[Student] = []
    if query:
        students = list(
            Student.objects.for_school(request.school)
            .named_like(query)
            .exclude(card_queue.who_needs_none(request.school))
            .select_related("school_class")
            .order_by("pinyin", "pk")[:PER_PAGE]
        )
    live = AidCard.objects.for_school(request.school).filter(
        card_queue.LIVE, student__in=[s.pk for s in students]
    )
    cards_by_student = {c.student_id: c for c in live}
    found = [(s, cards_by_student.get(s.pk)) for s in students]
    return render(request, "disbursement/card_student.html", {"q": query, "found": found})


@requires(READING, methods="GET POST")
def card_new(request: StaffRequest, student_id: int) -> HttpResponse:
    """Register a student's card; who only reads is shown who has none and who registers."""
    student = get_object_or_404(
        Student.objects.for_school(request.school).select_related("school_class"), pk=student_id
    )
    if not is_role(request, CARD_KEEPERS):
        messages.info(request, f"{student.name}的资助卡由资助专干或财务登记。")
        return redirect(f"{reverse('disbursement:cards')}?view={MISSING}")
    form = CardForm(request.POST or None, initial=initial_card(None, student.name))
    if request.method == "POST" and form.is_valid():
        try:
            card = actions.register_card(
                student=student, by=request.appointment, **form.cleaned_data
            )
        except Refused as refused:
            _say(form, refused)
        else:
            messages.success(request, f"已登记{student.name}的资助卡，等待第二人核对")
            return redirect("disbursement:card", card_id=card.pk)
    live = AidCard.objects.for_school(request.school).filter(card_queue.LIVE, student=student)
    return render(
        request,
        "disbursement/card_form.html",
        {"form": form, "student": student, "live": live.first()},
        status=200 if request.method == "GET" else 400,
    )


@requires(CARD_KEEPERS, methods="GET POST")
def card_replace(request: StaffRequest, card_id: int) -> HttpResponse:
    """Correct a card, or register the one that stands in for it."""
    card = own_card(request, card_id)
    form = ReplaceForm(request.POST or None, initial=initial_card(card, card.student.name))
    if request.method == "POST" and form.is_valid():
        try:
            fresh = actions.replace_card(card=card, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            _say(form, refused)
        else:
            messages.success(
                request, f"已更正{card.student.name}的资助卡；原卡停用，新卡等待第二人核对"
            )
            return redirect("disbursement:card", card_id=fresh.pk)
    return render(
        request,
        "disbursement/card_form.html",
        {"form": form, "student": card.student, "card": card},
        status=200 if request.method == "GET" else 400,
    )


def _say(form: Any, refused: Refused) -> None:
    for reason in refused.reasons:
        form.add_error(None, str(reason))


@requires(READING)
def card(request: StaffRequest, card_id: int) -> HttpResponse:
    """One card: its facts, what may be done with it, and what happened to it."""
    found = own_card(request, card_id)
    events = Event.objects.filter(
        organisation_id=request.school.pk, subject="disbursement.AidCard", subject_id=found.pk
    ).order_by("-seq")[:50]
    others = (
        AidCard.objects.for_school(request.school)
        .filter(Q(student_id=found.student_id))
        .exclude(pk=found.pk)
        .order_by("-pk")
    )
    return render(
        request,
        "disbursement/card.html",
        {
            "card": found,
            "events": [
                {
                    "when": e.at,
                    "text": f"{e.label}，{e.person_name}",
                    "note": e.reason,
                    "state": "done",
                }
                for e in events
            ],
            "others": list(others),
            "may_keep": is_role(request, CARD_KEEPERS),
            **_check(request, found),
            "may_reveal": is_role(request, WORKING),
            "today": clock.today(),
        },
    )


def _check(request: StaffRequest, found: AidCard) -> dict[str, Any]:
    """Whether this person may check the card now, and in words why not."""
    waits = found.checked_by_id is None and found.status in LIVE_CARD
    mine = found.registered_by_id == request.appointment.person_id
    made = ["登记了这张卡"] if mine else []
    why_not = rules.why_no_button(request.appointment, CHECKERS, made)
    return {"may_check": waits and not why_not, "why_not_check": why_not if waits else ""}


@requires(CHECKERS, methods="POST")
def card_check(request: StaffRequest, card_id: int) -> HttpResponse:
    """The second person's word for one card."""
    found = own_card(request, card_id)
    actions.check_card(card=found, by=request.appointment)
    messages.success(request, f"已核对{found.student.name}的资助卡")
    return redirect("disbursement:card", card_id=card_id)


@requires(CARD_KEEPERS, methods="POST")
def card_activate(request: StaffRequest, card_id: int) -> HttpResponse:
    """Note the day on which the holder activated it."""
    found = own_card(request, card_id)
    actions.activate_card(card=found, by=request.appointment, on=_day(request.POST.get("on", "")))
    messages.success(request, f"已登记{found.student.name}本人激活")
    return redirect("disbursement:card", card_id=card_id)


def _day(text: str) -> date | None:
    """The day typed, None when it was left empty. Raises `Refused` when it is no date."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused([Reason("激活日期不是日期", "请填写实际激活的日期")]) from error


@requires(CARD_KEEPERS, methods="POST")
def card_lost(request: StaffRequest, card_id: int) -> HttpResponse:
    """挂失."""
    found = own_card(request, card_id)
    actions.report_lost(card=found, by=request.appointment)
    messages.success(request, f"已登记{found.student.name}的卡挂失；补办之后请登记新卡")
    return redirect("disbursement:card", card_id=card_id)


@requires(CARD_KEEPERS, methods="POST")
def card_close(request: StaffRequest, card_id: int) -> HttpResponse:
    """停用."""
    found = own_card(request, card_id)
    actions.close_card(card=found, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, f"{found.student.name}的卡已停用")
    return redirect("disbursement:card", card_id=card_id)


@requires(WORKING, methods="GET POST")
def card_reveal(request: StaffRequest, card_id: int) -> HttpResponse:
    """The number in clear, once, for a reason; GET asks for it where there is no script."""
    found = own_card(request, card_id)
    if request.method == "GET":
        return render(request, "disbursement/card_reveal.html", {"card": found})
    reason = request.POST.get("reason", "").strip()
    detail = request.POST.get("detail", "").strip()
    given = detail if reason == "other" else " ".join(filter(None, (reason, detail)))
    try:
        number = actions.reveal_card(card=found, reason=given, by=request.appointment)
    except Refused as refused:
        return HttpResponse(str(refused), status=400, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(number, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer
