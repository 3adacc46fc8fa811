"""设置·机构: the bureaus and schools below, adding and changing them, their first people."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from aidadmin.floors import IN_CHARGE_BELOW
from aidadmin.forms import DistrictForm, FirstForm, OrganisationForm, SchoolForm
from audit.refusal import Reason, Refused
from office.asked import key_of
from schools import clock, founding, hierarchy
from schools.access import StaffRequest, requires
from schools.actions import Employed
from schools.marks import of_organisation
from schools.models import Appointment, Bureau, Organisation, School, Stage
from schools.passwords import marks_of
from schools.roles import Role
from schools.rules import first_roles

PAGE = 30


@requires(IN_CHARGE_BELOW)
def organisations(request: StaffRequest) -> HttpResponse:
    """Every bureau and school below, and where nobody can appoint people yet."""
    today = clock.today()
    bureaus = hierarchy.below(request.organisation)
    schools = hierarchy.schools_of(request.organisation)
    shown = _filtered(request, schools)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    keys = [b.pk for b in bureaus]
    charge = hierarchy.in_charge([*keys, *(s.pk for s in page.object_list)], today)
    counts = hierarchy.counts_of_schools(keys)
    return render(
        request,
        "aidadmin/organisations.html",
        {
            "bureaus": [
                {"row": b, "schools": counts.get(b.pk, 0), "people": charge.get(b.pk, [])}
                for b in bureaus
            ],
            "rows": [{"row": s, "people": charge.get(s.pk, [])} for s in page.object_list],
            "page": page,
            "found": page.paginator.count,
            "total": schools.count(),
            "waiting": hierarchy.without_manager(schools, today).count(),
            "stages": Stage.choices,
            "places": [(str(b.pk), b.name) for b in bureaus],
            "states": [("none", "还没有负责人")],
            "applied": _applied(request, bureaus),
            "may_add_district": _may_add_district(request),
        },
    )


def _filtered(request: StaffRequest, schools: QuerySet[School]) -> QuerySet[School]:
    q = request.GET.get("q", "").replace("\x00", "").strip()
    if q:
        schools = schools.filter(Q(name__icontains=q) | Q(code__startswith=q))
    if (stage := request.GET.get("stage", "")) in Stage.values:
        schools = schools.filter(stage=stage)
    if (place := key_of(request.GET.get("place"))) is not None:
        schools = schools.filter(Q(superior_id=place) | Q(territory_id=place))
    if request.GET.get("state") == "none":
        schools = hierarchy.without_manager(schools, clock.today())
    return schools


def _applied(request: StaffRequest, bureaus: list[Bureau]) -> list[dict[str, str]]:
    words = {
        "q": ("查找", {}),
        "stage": ("学段", dict(Stage.choices)),
        "place": ("主管或属地", _places(request, bureaus)),
        "state": ("状态", {"none": "还没有负责人"}),
    }
    return [
        {"label": label, "value": known.get(value, value), "key": key, "raw": value}
        for key, (label, known) in words.items()
        if (value := request.GET.get(key, "").strip()) and (not known or value in known)
    ]


def _places(request: StaffRequest, bureaus: list[Bureau]) -> dict[str, str]:
    """The bureaus by their keys; any other key finds nothing."""
    asked = request.GET.get("place", "").strip()
    other = {asked: "无"} if key_of(asked) is not None else {}
    return other | {str(b.pk): b.name for b in bureaus}


def _may_add_district(request: StaffRequest) -> bool:
    city = request.organisation.kind == Organisation.Kind.CITY
    return city and request.appointment.role == Role.ADMIN


@requires(IN_CHARGE_BELOW, methods="GET POST")
def add_school(request: StaffRequest) -> HttpResponse:
    """A new school; then its leader is appointed."""
    form = SchoolForm(request.organisation, request.POST or None)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            school = founding.add_school(by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, f"已建立{school.name}。接着任命分管领导。")
            return redirect("organisation", school_id=school.pk)
    return _new(request, form, reasons, "添加学校")


@requires(Role.ADMIN, methods="GET POST")
def add_district(request: StaffRequest) -> HttpResponse:
    """A new district's bureau; then its first people are appointed."""
    if not _may_add_district(request):
        raise Http404
    form = DistrictForm(request.organisation, request.POST or None)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            bureau = founding.add_district(by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, f"已建立{bureau.name}。接着任命资助中心的审核人。")
            return redirect("organisation", school_id=bureau.pk)
    return _new(request, form, reasons, "添加区教育局")


def _new(
    request: StaffRequest, form: OrganisationForm, reasons: list[Reason], title: str
) -> HttpResponse:
    return render(
        request,
        "aidadmin/organisations_new.html",
        {"form": form, "reasons": reasons, "title": title},
        status=409 if reasons else 200,
    )


def _reached(request: StaffRequest, key: int) -> School | Bureau:
    found = get_object_or_404(
        Organisation.objects.select_related("bureau__superior", "school__superior").select_related(
            "school__territory"
        ),
        pk=key,
    )
    if not hierarchy.reaches(request.organisation, found):
        raise Http404
    return found.school if found.is_school else found.bureau


def _form(request: StaffRequest, row: School | Bureau, *, filled: bool) -> OrganisationForm:
    data = request.POST if filled else None
    if isinstance(row, School):
        return SchoolForm(request.organisation, data, organisation=row)
    return DistrictForm(request.organisation, data, organisation=row)


@requires(IN_CHARGE_BELOW, methods="GET POST")
def organisation(request: StaffRequest, school_id: int) -> HttpResponse:
    """One bureau or school (a school's key is its organisation's); POST changes it."""
    row = _reached(request, school_id)
    if request.method != "POST":
        return _page(request, row)
    form = _form(request, row, filled=True)
    if not form.is_valid():
        return _page(request, row, form=form)
    try:
        changed = founding.change(
            organisation=row,
            by=request.appointment,
            mark=request.POST.get("mark", ""),
            **form.cleaned_data,
        )
    except Refused as refused:
        return _page(request, row, form=form, reasons=refused.reasons, what="没有更正")
    messages.success(request, "资料已更正，留有记录。" if changed else "内容没有变化。")
    return redirect("organisation", school_id=row.pk)


def _page(
    request: StaffRequest,
    row: School | Bureau,
    *,
    form: OrganisationForm | None = None,
    first: FirstForm | None = None,
    reasons: list[Reason] | None = None,
    what: str = "",
) -> HttpResponse:
    today = clock.today()
    people = hierarchy.in_charge([row.pk], today).get(row.pk, [])
    unopened = hierarchy.unopened([row.pk], today)
    marks = marks_of([one.person_id for one in people])
    return render(
        request,
        "aidadmin/organisations_one.html",
        {
            "row": row,
            "is_own": row.pk == request.organisation.pk,
            "people": [
                {"row": a, "unopened": a.pk in unopened, "mark": marks.get(a.person_id, "")}
                for a in people
            ],
            "form": form or _form(request, row, filled=False),
            # What was typed over older facts stays marked so until the page is read anew.
            "mark": request.POST.get("mark", "") if form else of_organisation(row),
            "first": first or FirstForm(row),
            "errors": form or first,
            "roles": "或".join(role.label for role in first_roles(row)),
            "reasons": reasons or [],
            "what": what,
        },
        status=409 if reasons else 200,
    )


@requires(IN_CHARGE_BELOW, methods="POST")
def appoint_first(request: StaffRequest, school_id: int) -> HttpResponse:
    """Appoint whoever shall appoint the others there; the password is shown once."""
    row = _reached(request, school_id)
    first = FirstForm(row, request.POST)
    if not first.is_valid():
        return _page(request, row, first=first)
    try:
        employed = founding.appoint_first(
            organisation=row, by=request.appointment, **first.cleaned_data
        )
    except Refused as refused:
        return _page(request, row, first=first, reasons=refused.reasons, what="没有任命")
    return _welcome(request, employed, "已任命")


@requires(IN_CHARGE_BELOW, methods="POST")
def first_password(request: StaffRequest, school_id: int) -> HttpResponse:
    """Give the one-time password again to someone who never signed in with it."""
    row = _reached(request, school_id)
    appointment: Appointment = get_object_or_404(
        Appointment.objects.filter(organisation_id=row.pk).select_related("person", "organisation"),
        pk=key_of(request.POST.get("appointment")),
    )
    employed = founding.give_first_password(
        appointment=appointment, by=request.appointment, mark=request.POST.get("mark", "")
    )
    return _welcome(request, employed, "已重设一次性密码")


def _welcome(request: StaffRequest, employed: Employed, what: str) -> HttpResponse:
    # The password is nowhere stored in clear, so it can't be shown after a redirect.
    context: dict[str, Any] = {"employed": employed, "what": what}
    response = render(request, "aidadmin/organisations_employed.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
