"""公示影像: uploaded to a notice, looked at by the office, put aside when wrong."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.files import content_of
from office.models import StoredFile
from review import actions
from review.actions.postings import why_not_keep
from review.forms import PhotosForm
from review.models import Notice, PostingPhoto
from schools import clock
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role

WHO = frozenset({Role.OPERATOR, Role.REVIEWER, Role.LEADER})


@requires(WHO, methods="GET POST")
def keep_photos(request: StaffRequest, notice_id: int) -> HttpResponse:
    """Upload up to six photographs of the board."""
    notice = get_object_or_404(Notice.objects.for_school(request.school), pk=notice_id)
    first = notice.starts_on or clock.today()
    form = PhotosForm(
        request.POST or None,
        request.FILES or None,
        initial={"posted_on": min(first, clock.today())},
    )
    reasons: list[Reason] = why_not_keep(notice)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.keep_photos(
                notice=notice,
                photos=[f.read() for f in form.cleaned_data["photos"]],
                posted_on=form.cleaned_data["posted_on"],
                place=form.cleaned_data["place"],
                by=request.appointment,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, f"已保存{len(made)}张公示影像，拍摄地点等附带信息已去掉。")
            return redirect("review:notice", notice_id=notice.pk)
    status = 200 if not form.is_bound else 409 if reasons else 422
    context = {"notice": notice, "form": form, "reasons": reasons}
    return render(request, "review/keep_photos.html", context, status=status)


def photo_of(request: StaffRequest, posting_id: int) -> PostingPhoto:
    """One of the school's photographs that was not put aside."""
    found: PostingPhoto = get_object_or_404(
        PostingPhoto.objects.for_school(request.school).select_related("notice", "file"),
        pk=posting_id,
        removed_at=None,
    )
    return found


@requires(OFFICE)
def photo(request: StaffRequest, posting_id: int) -> HttpResponse:
    """The picture itself."""
    return picture(photo_of(request, posting_id).file)


def picture(file: StoredFile) -> HttpResponse:
    """A kept photograph for the browser, which keeps nothing of it."""
    response = HttpResponse(content_of(file), content_type=file.media_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(WHO, methods="POST")
def remove_photo(request: StaffRequest, posting_id: int) -> HttpResponse:
    """Put a wrong one aside."""
    found = photo_of(request, posting_id)
    actions.remove_photo(photo=found, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, "影像已撤下，可以重新上传。")
    return redirect("review:notice", notice_id=found.notice_id)
