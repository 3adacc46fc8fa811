"""A family's form beside its papers: look at them, compare, hand in."""

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from applications.models import Application, Attachment, FamilyFiling
from applications.views.own import READING, own_application
from applications.views.papers import inline
from office.files import content_of
from office.models import StoredFile
from schools.access import StaffRequest, requires

# The reason that was given opens the pictures for as long as one looks at a form.
TICKET_SECONDS = 15 * 60
SALT = "applications.papers"


def ticket(request: StaffRequest, application: Application) -> str:
    """A short-lived word that this person has said why the papers are looked at."""
    return signing.dumps([application.pk, request.appointment.person_id], salt=SALT)


def _may_look(request: StaffRequest, application: Application) -> bool:
    try:
        named = signing.loads(request.GET.get("ticket", ""), salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return False
    return bool(named == [application.pk, request.appointment.person_id])


def papers_of(request: StaffRequest, application: Application) -> list[dict[str, object]]:
    """The application's papers and signature with the addresses that open them now."""
    word = ticket(request, application)
    shown: list[dict[str, object]] = []
    for p in application.attachments.select_related("file").order_by("pk"):
        url = reverse("applications:paper", args=[application.pk, p.pk])
        shown.append(
            {
                "label": str(p),
                "picture": p.is_picture,
                "url": f"{url}?ticket={word}",
                "at": p.added_at,
            }
        )
    if FamilyFiling.objects.filter(application=application, signature__isnull=False).exists():
        url = reverse("applications:signature", args=[application.pk])
        shown.append({"label": "承诺签名", "picture": True, "url": f"{url}?ticket={word}"})
    return shown


@requires(READING)
def paper(request: StaffRequest, application_id: int, paper_id: int) -> HttpResponse:
    """One paper, after the reason was given on the form's page."""
    row = own_application(request, application_id)
    found = get_object_or_404(
        Attachment.objects.for_school(request.school).select_related("file"),
        application=row,
        pk=paper_id,
    )
    return _opened(request, row, found.file)


@requires(READING)
def signature(request: StaffRequest, application_id: int) -> HttpResponse:
    """The signature drawn on the phone."""
    row = own_application(request, application_id)
    filing = FamilyFiling.objects.filter(application=row).select_related("signature").first()
    return _opened(request, row, filing.signature if filing else None)


def _opened(request: StaffRequest, row: Application, file: StoredFile | None) -> HttpResponse:
    if file is None or not _may_look(request, row):
        return redirect("applications:survey", application_id=row.pk)
    response = inline(content_of(file), file.media_type)
    response.headers["Cache-Control"] = "private, no-store"
    return response
