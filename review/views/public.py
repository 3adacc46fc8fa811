"""The public's side of a notice: read it while it is up, object to it."""

from dataclasses import dataclass
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit.refusal import Reason, Refused
from review import actions, rules
from review.forms import ObjectionForm
from review.models import Notice, NoticeLine, Objection
from schools import clock
from schools.access import public
from schools.models import School
from schools.official import remaining
from schools.scope import acting_for, shown_by


@dataclass(slots=True)
class Shown:
    """A notice as the public sees it: its own words, the school's name, and the list by class."""

    notice: Notice
    school: School
    lines: list[NoticeLine]

    @property
    def classes(self) -> list[tuple[str, list[NoticeLine]]]:
        """Lines by class, in the order of the list."""
        return [(name, list(rows)) for name, rows in groupby(self.lines, lambda x: x.class_name)]

    @property
    def title_lines(self) -> list[str]:
        """The title broken where it reads well on paper."""
        head, found, tail = self.notice.title.partition("拟资助")
        return [head, found + tail] if found and head else [self.notice.title]


def shown(notice: Notice) -> Shown:
    """Everything the page needs, read at once."""
    school = School.objects.select_related("superior").get(pk=notice.school_id)
    return Shown(notice, school, list(NoticeLine.objects.filter(notice_id=notice.pk)))


def _find(token: str) -> Shown:
    with shown_by("aid.notice", token):
        notice = Notice.objects.filter(token=token).first()
        # A draft does not exist yet for the public, nor does what hangs on the board alone.
        if notice is None or notice.status == Notice.Status.DRAFT:
            raise Http404
        if notice.scope != Notice.Scope.WEB:
            raise Http404
        if not rules.visible(notice, clock.today()):
            return Shown(notice, School.objects.get(pk=notice.school_id), [])
        return shown(notice)


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _gone(request: HttpRequest, found: Shown) -> HttpResponse:
    # Not even the title: it may be what was withdrawn.
    context = {
        "school": found.school,
        "organisation_name": found.school.name,
        "withdrawn": found.notice.status == Notice.Status.WITHDRAWN,
    }
    return _unkept(render(request, "review/public_gone.html", context, status=410))


@public()
def public_notice(request: HttpRequest, token: str) -> HttpResponse:
    """The notice while its period runs; 410 afterwards, 404 for an unknown address."""
    found = _find(token)
    if not found.lines:
        return _gone(request, found)
    return _unkept(render(request, "review/public_notice.html", page(found)))


def page(found: Shown) -> dict[str, object]:
    """What the template needs; the office's preview uses the same."""
    ends_on = found.notice.ends_on
    return {
        "shown": found,
        "notice": found.notice,
        "school": found.school,
        "organisation_name": found.school.name,
        "brand_note": "学生资助公示",
        "workdays": remaining(ends_on) if ends_on else None,
    }


@public(methods="GET POST")
def public_objection(request: HttpRequest, token: str) -> HttpResponse:
    """Object while the notice is up."""
    found = _find(token)
    if not found.lines or found.notice.status != Notice.Status.PUBLISHED:
        return _gone(request, found)
    form = ObjectionForm(request.POST or None)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            lodged = _lodge(found, form)
        except Refused as refused:
            reasons = refused.reasons
        else:
            context = {**page(found), "lodged": lodged}
            return _unkept(render(request, "review/public_thanks.html", context))
    context = {**page(found), "form": form, "reasons": reasons}
    status = 409 if reasons else 422 if form.is_bound else 200
    return _unkept(render(request, "review/public_objection.html", context, status=status))


def _lodge(found: Shown, form: ObjectionForm) -> Objection:
    serial = form.cleaned_data["serial"]
    line = next((x for x in found.lines if x.serial == serial), None)
    if serial and line is None:
        raise Refused([Reason(f"名单里没有序号{serial}", "请核对序号，或不填序号")])
    with acting_for(found.notice.school_id):
        return actions.object_to(
            notice=found.notice,
            text=form.cleaned_data["text"],
            contact=form.cleaned_data["contact"],
            line=line,
        )
