"""Pages of an office's own things: the inbox, running work and its results."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.events import record
from office import actions
from office import jobs as work
from office.files import content_of, download
from office.models import Job, Message
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import Role

EVERYONE = frozenset(Role)


@requires(EVERYONE, methods="GET POST")
def inbox(request: StaffRequest) -> HttpResponse:
    """Messages to this person at this organisation; POST marks all as read."""
    if request.method == "POST":
        read = actions.read_all(by=request.appointment)
        messages.success(request, f"{read}条提醒已标为已读。")
        return redirect("office:inbox")
    mine = Message.objects.for_organisation(request.organisation).filter(
        person_id=request.appointment.person_id
    )
    page = Paginator(mine.order_by("-created_at"), 30).get_page(request.GET.get("page"))
    return render(request, "office/inbox.html", {"page": page})


@requires(EVERYONE, methods="POST")
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    """Open a message: mark it as read and go where it leads."""
    found = get_object_or_404(
        Message.objects.for_organisation(request.organisation),
        pk=message_id,
        person_id=request.appointment.person_id,
    )
    Message.objects.filter(pk=found.pk, read_at=None).update(read_at=clock.now())
    return redirect(found.url or "office:inbox")


@requires(EVERYONE)
def jobs(request: StaffRequest) -> HttpResponse:
    """This person's recent exports and other long work."""
    mine = Job.objects.for_organisation(request.organisation).filter(
        wanted_by__person_id=request.appointment.person_id
    )
    page = Paginator(mine.order_by("-created_at"), 30).get_page(request.GET.get("page"))
    return render(request, "office/jobs.html", {"page": page})


def _own_job(request: StaffRequest, job_id: int) -> Job:
    # Results hold personal data: only who asked for them gets them.
    found: Job = get_object_or_404(
        Job.objects.for_organisation(request.organisation).select_related("result"),
        pk=job_id,
        wanted_by__person_id=request.appointment.person_id,
    )
    return found


@requires(EVERYONE)
def job(request: StaffRequest, job_id: int) -> HttpResponse:
    """Progress of one piece of work; the page asks again every two seconds."""
    return render(request, "office/job.html", {"job": _own_job(request, job_id)})


@requires(EVERYONE, methods="POST")
def stop_job(request: StaffRequest, job_id: int) -> HttpResponse:
    """Stop running work."""
    found = _own_job(request, job_id)
    work.stop(found)
    messages.success(request, "已要求停止，正在进行的一步做完后停下。")
    return redirect("office:job", job_id=found.pk)


@requires(EVERYONE, methods="POST")
def result(request: StaffRequest, job_id: int) -> HttpResponse:
    """Hand out the result, with an audit line."""
    found = _own_job(request, job_id)
    if found.result is None:
        raise Http404
    with transaction.atomic():
        record(
            by=request.appointment,
            verb="job.download",
            label=f"下载{found.label}"[:64],
            subject=found,
            at=clock.now(),
            facts={"kind": found.kind, "sha256": found.result.sha256},
        )
    return download(found.result.name, content_of(found.result), found.result.media_type)
