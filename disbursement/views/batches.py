"""发放: what waits for a batch, the batches, one batch, and every step of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Programme
from audit.refusal import Reason, Refused
from disbursement import actions, award_queue, bank_files, queue, receipts, rules
from disbursement.actions.returns import awards_to_retry, last_failures, why_not_settled
from disbursement.models import PaymentBatch
from disbursement.views import batch_page
from disbursement.views.own import (
    CARD_KEEPERS,
    CHECKERS,
    FINANCE,
    READING,
    WORKING,
    is_role,
    own_batch,
    own_rejection,
    programmes_of,
    term_asked,
    terms,
)
from office.asked import key_of
from schools.access import StaffRequest, requires
from schools.models import Term

PER_PAGE = 20


@requires(READING)
def batches(request: StaffRequest) -> HttpResponse:
    """What waits to be granted or paid, and the batches of the term."""
    term = term_asked(request)
    found = _of_term(request, term)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "disbursement/batches.html",
        {
            "term": term,
            "terms": terms(),
            "page": page,
            "rounds": award_queue.rounds_waiting(request.school),
            "due": award_queue.due(request.school, term) if term else [],
            "may_draft": is_role(request, CARD_KEEPERS),
        },
    )


def _of_term(request: StaffRequest, term: Term | None) -> QuerySet[Any]:
    found: QuerySet[Any] = (
        PaymentBatch.objects.for_school(request.school)
        .filter(term=term)
        .select_related("programme", "term", "follows", "drafted_by")
        .order_by("-pk")
    )
    return found


@requires(CARD_KEEPERS, methods="POST")
def draft(request: StaffRequest) -> HttpResponse:
    """Open a batch for a programme's awards of a term."""
    asked = key_of(request.POST.get("programme"))
    programme = programmes_of(request).filter(pk=asked).first()
    term = Term.objects.filter(code=request.POST.get("term", "")).first()
    if programme is None or term is None:
        raise Refused([Reason("没有选择资助项目或学期", "请从发放页面编制批次")])
    batch = actions.draft_batch(
        school=request.school,
        programme=programme,
        term=term,
        by=request.appointment,
        instalment=_number(request.POST.get("instalment", "")),
        late_document=request.POST.get("late_document", ""),
    )
    messages.success(request, f"已编制{batch.title}，检查之后由财务冻结")
    return redirect("disbursement:batch", batch_id=batch.pk)


def _number(text: str) -> int:
    number = key_of(text) or 1
    return number if number <= 12 else 1


@requires(CARD_KEEPERS)
def draft_ask(request: StaffRequest) -> HttpResponse:
    """Which month, or under which document: asked where a plain batch does not do."""
    asked = key_of(request.GET.get("programme"))
    if asked is None:
        return redirect("disbursement:batches")
    programme: Programme = get_object_or_404(programmes_of(request), pk=asked)
    term = term_asked(request)
    return render(request, "disbursement/draft.html", {"programme": programme, "term": term})


@requires(READING)
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """One batch; every number on it is counted anew."""
    found = own_batch(request, batch_id)
    facts = batch_page.of(found)
    return render(
        request,
        "disbursement/batch.html",
        {
            "batch": found,
            **_follow_ups(request, found),
            "returned": found.returns.select_related("applied_by", "file").first(),
            "profiles": list(bank_files.PROFILES.items()),
            "profile_label": bank_files.PROFILES.get(found.profile, ""),
            **facts,
            **_may(request, found),
        },
    )


def _follow_ups(request: StaffRequest, found: PaymentBatch) -> dict[str, Any]:
    """What came back and what became of it: follow-ups, a draft, those that failed too."""
    followers = list(
        PaymentBatch.objects.for_school(request.school).filter(follows=found).order_by("pk")
    )
    returned = found.status == "returned"
    return {
        "followers": followers,
        "follow_up_draft": next((f for f in followers if f.status == "draft"), None),
        "why_not_settled": why_not_settled(found) if returned else [],
        "to_retry": len(awards_to_retry(found)) if returned else 0,
        "failed_again": last_failures(found) if returned else [],
    }


def _may(request: StaffRequest, found: PaymentBatch) -> dict[str, Any]:
    """What this person may do with the batch now; the actions ask again."""
    status = found.status
    finance = is_role(request, FINANCE)
    closed = _why_not_approve(request, found) if status == "frozen" else ""
    return {
        "may_freeze": finance and status == "draft",
        "may_discard": status == "draft" and is_role(request, CARD_KEEPERS),
        "may_approve": status == "frozen" and not closed,
        "why_not_approve": closed,
        "may_thaw": status in ("frozen", "approved") and is_role(request, WORKING),
        "may_send": finance and status == "approved",
        "may_return": finance and status == "sent",
        "may_take": finance and found.bank_file_id is not None,
        "may_sign": status in receipts.SENT and is_role(request, WORKING),
        "may_follow": status == "returned" and is_role(request, CARD_KEEPERS),
        "may_close": status == "returned" and is_role(request, CARD_KEEPERS),
        **_rejections(request, found),
    }


def _why_not_approve(request: StaffRequest, found: PaymentBatch) -> str:
    """In words why this person may not approve; empty when they may."""
    me = request.appointment.person_id
    hands = ((found.drafted_by_id, "编制了这个批次"), (found.freeze_by_id, "冻结了这个批次"))
    made = [words for person, words in hands if person == me]
    if is_role(request, CHECKERS):
        made += queue.made_by(found, me)
    return rules.why_no_button(request.appointment, CHECKERS, made)


def _rejections(request: StaffRequest, found: PaymentBatch) -> dict[str, Any]:
    """The bank's refusals of the whole file, and what may be done about the one that is open."""
    rows = list(
        found.rejections.select_related("reported_by", "confirm_by", "dismiss_by").order_by("-pk")
    )
    reported = next((row for row in rows if row.status == "reported"), None)
    facts = {"rejections": rows, "rejected": reported, "may_reject": False}
    if reported is None:
        return {**facts, "may_reject": found.status == "sent" and is_role(request, FINANCE)}
    me = request.appointment.person_id
    hands = ((reported.reported_by_id, "登记了整批退回"), (reported.sent_by_id, "送出了这份文件"))
    made = [words for person, words in hands if person == me]
    why_not = rules.why_no_button(request.appointment, CHECKERS, made)
    return {
        **facts,
        "may_confirm_rejection": not why_not,
        "may_dismiss": is_role(request, FINANCE | CHECKERS),
        "why_not_rejection": why_not,
    }


@requires(FINANCE, methods="POST")
def freeze(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Fix the lines."""
    found = actions.freeze(batch=own_batch(request, batch_id), by=request.appointment)
    held = f"，{len(found.held)}人暂缓" if found.held else ""
    messages.success(request, f"已冻结{found.line_count}笔{held}；接着由审核人审批")
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(WORKING, methods="POST")
def thaw(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Back to a draft."""
    actions.thaw(
        batch=own_batch(request, batch_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "已退回编制，明细已清空；处理之后重新冻结")
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(CARD_KEEPERS, methods="POST")
def discard(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Give a draft up."""
    found = actions.discard(batch=own_batch(request, batch_id), by=request.appointment)
    messages.success(request, f"已作废{found.number}；名单不变，可以另行编制批次")
    return redirect("disbursement:batches")


@requires(CHECKERS, methods="POST")
def approve(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Approve the content that the page showed."""
    actions.approve(
        batch=own_batch(request, batch_id),
        content_hash=request.POST.get("content_hash", ""),
        by=request.appointment,
    )
    messages.success(request, "已审批；接着由财务送银行")
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(FINANCE, methods="POST")
def send(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Check again, write the bank file."""
    found = actions.send(
        batch=own_batch(request, batch_id),
        profile=request.POST.get("profile", ""),
        by=request.appointment,
    )
    messages.success(
        request, f"银行文件已生成，{found.line_count}笔；下载后交给银行，收到回盘再登记"
    )
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(FINANCE, methods="POST")
def bank_return(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Register the bank's answer."""
    found = own_batch(request, batch_id)
    uploaded = request.FILES.get("file")
    if uploaded is None:
        raise Refused([Reason("没有选择回盘文件", "请选择银行对本批次的回盘文件")])
    answer = actions.apply_return(
        batch=found,
        content=uploaded.read(),
        filename=uploaded.name or "",
        by=request.appointment,
    )
    more = "；更正卡信息后补发" if answer.failed_count else "；可以结清"
    messages.success(request, f"到账{answer.paid_count}笔，退汇{answer.failed_count}笔{more}")
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(FINANCE, methods="POST")
def reject(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The bank took none of the file."""
    actions.report_rejection(
        batch=own_batch(request, batch_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "已登记银行整批退回；由审核人或分管领导确认之后可以重新送出")
    return redirect("disbursement:batch", batch_id=batch_id)


@requires(CHECKERS, methods="POST")
def rejection_confirm(request: StaffRequest, rejection_id: int) -> HttpResponse:
    """The second person asked the bank."""
    found = actions.confirm_rejection(
        rejection=own_rejection(request, rejection_id), by=request.appointment
    )
    messages.success(request, "已确认整批退回，资金已退回可用；接着由财务重新送银行")
    return redirect("disbursement:batch", batch_id=found.pk)


@requires(FINANCE | CHECKERS, methods="POST")
def rejection_dismiss(request: StaffRequest, rejection_id: int) -> HttpResponse:
    """The bank did take the file."""
    found = actions.dismiss_rejection(
        rejection=own_rejection(request, rejection_id),
        reason=request.POST.get("reason", ""),
        by=request.appointment,
    )
    messages.success(request, "已撤销整批退回的登记；收到回盘之后再登记")
    return redirect("disbursement:batch", batch_id=found.batch_id)


@requires(CARD_KEEPERS, methods="POST")
def follow_up(request: StaffRequest, batch_id: int) -> HttpResponse:
    """A new batch for what came back."""
    found = actions.follow_up(batch=own_batch(request, batch_id), by=request.appointment)
    messages.success(request, f"已编制补发批次{found.number}，关联原来的退汇")
    return redirect("disbursement:batch", batch_id=found.pk)


@requires(CARD_KEEPERS, methods="POST")
def close(request: StaffRequest, batch_id: int) -> HttpResponse:
    """结清."""
    found = actions.close(batch=own_batch(request, batch_id), by=request.appointment)
    messages.success(request, f"{found.title}已结清")
    return redirect("disbursement:batch", batch_id=batch_id)
