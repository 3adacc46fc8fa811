"""班内公示: the sheet that hangs in the class, and the record that it hung there."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Grade
from audit.refusal import Reason, Refused
from office.documents.typeset import MissingGlyphs, pdf
from office.files import download
from review import actions
from review.actions.appraisals import why_not_chair
from review.actions.class_photos import why_not_withdraw
from review.actions.class_postings import POSTED_DAYS, posting_of, why_not_post
from review.actions.notices import told_apart
from review.forms import DateInput
from review.models import Appraisal, Case, ClassPhoto, ClassPosting
from review.texts import DEPARTMENT
from review.views.appraisals import led_classes
from review.views.postings import picture
from schools import clock
from schools.access import StaffRequest, requires
from schools.official import last_day
from schools.roles import OFFICE, Role


class PostingForm(forms.Form):
    """When and where the sheet hangs, and what it lists."""

    naming = forms.ChoiceField(
        label="列什么", choices=ClassPosting.Naming.choices, widget=forms.RadioSelect
    )
    starts_on = forms.DateField(label="张贴日期", widget=DateInput())
    place = forms.CharField(label="张贴地点", max_length=48)


def appraisal_of(request: StaffRequest, appraisal_id: int) -> Appraisal:
    """An appraisal of a class that one sees."""
    found: Appraisal = get_object_or_404(
        Appraisal.objects.for_school(request.school).select_related(
            "school_class", "round__term", "round__school", "chaired_by"
        ),
        pk=appraisal_id,
        school_class__in=led_classes(request),
    )
    return found


@requires(OFFICE, Role.HEAD_TEACHER, methods="GET POST")
def class_posting(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """Print the sheet, hang it, and write down that it hangs."""
    appraisal = appraisal_of(request, appraisal_id)
    first = {"naming": ClassPosting.Naming.NAMES, "starts_on": clock.today(), "place": "教室公告栏"}
    form = PostingForm(request.POST or None, initial=first)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = form.cleaned_data
        try:
            made = actions.post_in_class(appraisal=appraisal, by=request.appointment, **told)
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(
                request, f"已登记班内公示，到{made.ends_on:%-m月%-d日}止，期满前不要撤下。"
            )
            return redirect("review:class_posting", appraisal_id=appraisal.pk)
    status = 200 if not form.is_bound else 409 if reasons else 422
    return _page(request, appraisal, form, reasons, status=status)


def _page(
    request: StaffRequest,
    appraisal: Appraisal,
    form: PostingForm,
    reasons: list[Reason],
    *,
    status: int,
) -> HttpResponse:
    posting = posting_of(appraisal)
    photos = posting.photos.filter(removed_at=None).order_by("pk") if posting else []
    context = {
        "appraisal": appraisal,
        "posting": posting,
        "photos": photos,
        "standing": why_not_withdraw(posting) if posting else [],
        "withdrawn": appraisal.postings.exclude(withdrawn_at=None)
        .select_related("withdrawn_by")
        .order_by("-pk"),
        "closed": why_not_post(appraisal),
        "chairs": not why_not_chair(appraisal.school_class, request.appointment),
        "days": POSTED_DAYS,
        "form": form,
        "reasons": reasons,
    }
    return render(request, "review/class_posting.html", context, status=status)


def _standing(request: StaffRequest, appraisal_id: int) -> ClassPosting:
    posting = posting_of(appraisal_of(request, appraisal_id))
    if posting is None:
        raise Refused([Reason("现在没有班内公示的登记", "请刷新页面")])
    return posting


@requires(Role.HEAD_TEACHER, methods="POST")
def withdraw_posting(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """登记错了: told anew afterwards."""
    posting = _standing(request, appraisal_id)
    actions.withdraw_posting(
        posting=posting, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, "登记已撤回，请按实际张贴的重新登记。评议结果不变。")
    return redirect("review:class_posting", appraisal_id=appraisal_id)


@requires(Role.HEAD_TEACHER, methods="POST")
def keep_class_photos(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """Photographs of the sheet in class."""
    made = actions.keep_class_photos(
        posting=_standing(request, appraisal_id),
        photos=[f.read() for f in request.FILES.getlist("photos")],
        by=request.appointment,
    )
    messages.success(request, f"已保存{len(made)}张影像，拍摄地点等附带信息已去掉。")
    return redirect("review:class_posting", appraisal_id=appraisal_id)


def _photo_of(request: StaffRequest, class_photo_id: int) -> ClassPhoto:
    found: ClassPhoto = get_object_or_404(
        ClassPhoto.objects.for_school(request.school).select_related(
            "file", "posting__appraisal__school_class"
        ),
        pk=class_photo_id,
        removed_at=None,
        posting__appraisal__school_class__in=led_classes(request),
    )
    return found


@requires(OFFICE, Role.HEAD_TEACHER)
def class_photo(request: StaffRequest, class_photo_id: int) -> HttpResponse:
    """The picture itself."""
    return picture(_photo_of(request, class_photo_id).file)


@requires(Role.HEAD_TEACHER, methods="POST")
def remove_class_photo(request: StaffRequest, class_photo_id: int) -> HttpResponse:
    """Put a wrong one aside."""
    found = _photo_of(request, class_photo_id)
    actions.remove_class_photo(
        photo=found, reason=request.POST.get("reason", ""), by=request.appointment
    )
    messages.success(request, "影像已撤下，可以重新上传。")
    return redirect("review:class_posting", appraisal_id=found.posting.appraisal_id)


@requires(OFFICE, Role.HEAD_TEACHER)
def class_result(request: StaffRequest, appraisal_id: int) -> HttpResponse:
    """The sheet: serial, name or code, and grade; no reason, score, votes or group (D.1)."""
    appraisal = appraisal_of(request, appraisal_id)
    if appraisal.status != Appraisal.Status.FINISHED:
        raise Refused([Reason("班级评议还没有提交", "提交评议结果后再打印")])
    codes = request.GET.get("list") == ClassPosting.Naming.CODES
    values = sheet(appraisal, codes=codes)
    try:
        content = pdf("list", values)
    except MissingGlyphs:
        content = pdf("list", values, allow_missing=True)
    return download(f"class-result-{appraisal.pk}.pdf", content, "application/pdf")


def sheet(appraisal: Appraisal, *, codes: bool) -> dict[str, Any]:
    """What stands on the sheet; who was found not difficult is told in person."""
    posted = posting_of(appraisal)
    begins = posted.starts_on if posted else clock.today()
    ends = last_day(begins, POSTED_DAYS).last
    school = appraisal.round.school
    phone = f"，电话{school.contact_phone}" if school.contact_phone else ""
    cases = list(
        Case.objects.filter(
            school_id=appraisal.school_id,
            round_id=appraisal.round_id,
            school_class_id=appraisal.school_class_id,
            application__status="submitted",
        )
        .exclude(appraised_grade__in=("", Grade.NONE))
        .select_related("application", "student")
        .order_by("application__number", "pk")
    )
    named = {c.pk: c.code for c in cases} if codes else told_apart(cases)
    return {
        "title": f"{appraisal.school_class.name}家庭经济困难学生民主评议结果公示",
        "note": (
            f"{appraisal.round.term.year_label}　公示期：{begins:%Y年%-m月%-d日}至"
            f"{ends:%Y年%-m月%-d日}（{POSTED_DAYS}个工作日）　如有异议，请在公示期内向班主任"
            f"{appraisal.chaired_by.name}或学校{DEPARTMENT}反映{phone}。"
        ),
        "headings": ["序号", "编号" if codes else "姓名", "评议建议等级"],
        "rows": [
            [str(n), named[c.pk], str(Grade(c.appraised_grade).label)]
            for n, c in enumerate(cases, start=1)
        ],
        "widths": [1, 3, 3],
        "signatures": ["班主任", "日期"],
    }
