"""Apply for many students at once in a programme's round."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from applications import actions, queue
from applications.models import Application, Round
from applications.rules import entries as rules
from applications.views.own import own_round
from audit.refusal import Reason, Refused
from office.asked import key_of, keys_of
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role
from students.models import Student

PER_PAGE = 50


@requires(Role.OPERATOR, methods="GET POST")
def many(request: StaffRequest, round_id: int) -> HttpResponse:
    """Choose students from filtered candidates; POST applies for them and tells who was held."""
    round_ = own_round(request, round_id)
    if round_.programme is None:
        url = reverse("applications:choose_student", args=[round_.pk])
        raise Refused([Reason("认定申请要逐人填写家庭情况", "逐人录入", url)])
    if request.method == "POST":
        return _apply(request, round_)
    students = _filtered(request, round_, request.GET)
    page = Paginator(students, PER_PAGE).get_page(request.GET.get("page"))
    classes = queue.classes_of(request.appointment).filter(stage=round_.programme.stage)
    return render(
        request,
        "applications/many.html",
        {
            "round": round_,
            "page": page,
            "total": page.paginator.count,
            "offer": queue.offer_of(round_.programme, round_.term.starts_on),
            "class_options": list(classes.values_list("pk", "name")),
            "over": clock.today() > round_.closes_on,
            "reasons": rules.why_not_open(round_, clock.today()),
        },
    )


def _filtered(request: StaffRequest, round_: Round, asked: QueryDict) -> QuerySet[Student]:
    students = queue.candidates(round_, request.appointment)
    who, class_id, query = (asked.get(k, "").strip() for k in ("who", "class", "q"))
    if who == "recognition":
        students = students.filter(Exists(_recognition(round_)))
    elif who == "listed":
        students = students.filter(pk__in=queue.missed_students(round_, clock.today()).values("pk"))
    if (its_class := key_of(class_id)) is not None:
        students = students.filter(school_class_id=its_class)
    return students.filter(queue.named_like(request.school, query)) if query else students


def _recognition(round_: Round) -> QuerySet[Application]:
    handed_in: QuerySet[Application] = Application.objects.filter(
        school_id=round_.school_id,
        student_id=OuterRef("pk"),
        status=Application.Status.SUBMITTED,
        round__kind=Round.Kind.RECOGNITION,
        round__term__year=round_.term.year,
    )
    return handed_in


def _apply(request: StaffRequest, round_: Round) -> HttpResponse:
    students = _filtered(request, round_, request.POST)
    if request.POST.get("all") != "1":
        students = students.filter(pk__in=keys_of(request.POST.getlist("pick")))
    applied = actions.apply_for_many(round_=round_, students=list(students), by=request.appointment)
    if not applied.held:
        if applied.count:
            messages.success(request, f"已为{applied.count}人提交申请，接下来评审。")
            return redirect("applications:round", round_id=round_.pk)
        messages.warning(request, "没有选中学生，勾选后再提交。")
        return redirect("applications:many", round_id=round_.pk)
    context = {"round": round_, "applied": applied}
    return render(request, "applications/applied_many.html", context)
