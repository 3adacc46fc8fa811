"""评议小组 and the 民主评议表 of a class."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Grade, Round
from audit.refusal import Reason, Refused
from office.documents.typeset import MissingGlyphs, pdf
from office.files import download
from review import actions, ballot_reading, queue, rules
from review.actions.appraisals import why_not_chair
from review.actions.class_postings import POSTED_DAYS, posting_of
from review.actions.panels import share, why_not_add
from review.models import Appraisal, Ballot, Case, ClassPosting, Panel, Tally
from review.panel_forms import AddForm, PanelForm
from review.views.appraisals import led_classes
from review.views.rounds import round_of
from schools.access import StaffRequest, requires
from schools.roles import OFFICE, Role
from students.models import SchoolClass

HEADINGS = ["编号", "特别困难", "困难", "一般困难", "不困难", "弃权", "回避", "建议等级", "理由"]


@requires(OFFICE, Role.HEAD_TEACHER, methods="GET POST")
def panel(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """Who sits in the panel; the head teacher draws or names."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    eligible = list(queue.seatable(round_, school_class).values_list("pk", "name"))
    size = queue.class_size(school_class)
    least, most = share(size)
    form = PanelForm(eligible, request.POST or None, initial={"draw": least})
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.form_panel(
                round_=round_, school_class=school_class, by=request.appointment, **form.facts()
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(
                request, f"评议小组{made.members.count()}人，请在本班公布名单，再开始评议。"
            )
            return redirect("review:panel", round_id=round_.pk, class_id=school_class.pk)
    context = _context(request, round_, school_class) | {
        "form": form,
        "reasons": reasons,
        "eligible": len(eligible),
        "size": size,
        "least": least,
        "most": most,
    }
    status = 200 if not form.is_bound else 409 if reasons else 422
    return render(request, "review/panel.html", context, status=status)


@requires(Role.HEAD_TEACHER, methods="POST")
def add_members(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """补选: more members beside those who sit there."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    context = _context(request, round_, school_class)
    form = AddForm(_unseated(round_, school_class, context["panel"]), request.POST)
    reasons: list[Reason] = []
    if form.is_valid():
        try:
            actions.add_members(
                round_=round_, school_class=school_class, by=request.appointment, **form.facts()
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, "已补选成员，请在本班公布，再继续评议。")
            return redirect("review:panel", round_id=round_.pk, class_id=school_class.pk)
    size = queue.class_size(school_class)
    least, most = share(size)
    told = {"add": form, "reasons": reasons, "size": size, "least": least, "most": most}
    told["may_form"] = False
    return render(request, "review/panel.html", context | told, status=409 if reasons else 422)


def _unseated(
    round_: Round, school_class: SchoolClass, formed: Panel | None
) -> list[tuple[int, str]]:
    seated = list(formed.members.values_list("student_id", flat=True)) if formed else []
    eligible = queue.seatable(round_, school_class).values_list("pk", "name")
    return [(pk, name) for pk, name in eligible if pk not in seated]


def _context(request: StaffRequest, round_: Round, school_class: SchoolClass) -> dict[str, Any]:
    formed = queue.panel_of(round_, school_class)
    voted = Tally.objects.for_school(request.school).filter(
        appraisal__round=round_, appraisal__school_class=school_class
    )
    chairs = not why_not_chair(school_class, request.appointment)
    held = Appraisal.objects.for_school(request.school).filter(
        round=round_, school_class=school_class
    )
    adds = chairs and round_.status == Round.Status.OPEN and not why_not_add(formed, held.first())
    return {
        "add": AddForm(_unseated(round_, school_class, formed)) if adds else None,
        "round": round_,
        "school_class": school_class,
        "panel": formed,
        "members": formed.members.order_by("pk") if formed else (),
        "may_form": chairs and round_.status == Round.Status.OPEN and not voted.exists(),
        "chairs": chairs,
    }


@requires(OFFICE, Role.HEAD_TEACHER)
def appraisal_form(request: StaffRequest, round_id: int, class_id: int) -> HttpResponse:
    """民主评议表 (D.3) to be signed: codes and votes, no names of applicants."""
    round_ = round_of(request, round_id)
    school_class = get_object_or_404(led_classes(request), pk=class_id)
    appraisal = Appraisal.objects.for_school(request.school).filter(
        round=round_, school_class=school_class
    )
    values = _values(round_, school_class, appraisal.first())
    try:
        content = pdf("list", values)
    except MissingGlyphs:
        content = pdf("list", values, allow_missing=True)
    return download(f"appraisal-{round_.pk}-{school_class.pk}.pdf", content, "application/pdf")


def _values(
    round_: Round, school_class: SchoolClass, appraisal: Appraisal | None
) -> dict[str, Any]:
    cases = queue.of_round(round_).filter(
        school_class_id=school_class.pk, application__status="submitted"
    )
    ordered = list(cases.select_related("application").order_by("application__number", "pk"))
    found = Tally.objects.filter(case_id__in=[c.pk for c in ordered]).prefetch_related("recusals")
    tallies = {t.case_id: t for t in found}
    held = f"{school_class.name}　{round_.term.year_label}"
    if appraisal:
        held += (
            f"　评议日期：{appraisal.held_on:%Y-%m-%d}　主持人：{appraisal.chaired_by.name}"
            f"　应到{appraisal.expected}人，实到{appraisal.present}人"
        )
        held += f"　回避：{appraisal.recusal}" if appraisal.recusal else ""
        held += _posted(posting_of(appraisal))
        held += _way(tallies.values(), ballot_reading.ballots_of(appraisal))
    formed = queue.panel_of(round_, school_class)
    return {
        "title": f"{round_.school.name}民主评议表",
        "note": held,
        "headings": HEADINGS,
        "rows": [_row(c, tallies.get(c.pk)) for c in ordered],
        "widths": [3, 2, 2, 2, 2, 2, 3, 3, 5],
        "landscape": True,
        "signatures": ["组长（班主任）", "日期", *_signers(formed, appraisal)],
        "signatures_per_line": 4,
    }


def _way(tallies: Iterable[Tally], ballots: Iterable[Ballot]) -> str:
    voted = [t.ballot_id is not None for t in tallies]
    said = ""
    if any(voted):
        said = "　表决方式：手机无记名投票"
        said += f"（{sum(voted)}人，其余登记票数）" if not all(voted) else ""
    for one in ballots:
        if one.status == Ballot.Status.CANCELLED:
            said += f"　作废一次投票：{one.cancel_reason}"
    return said


def _posted(posting: ClassPosting | None) -> str:
    if posting is None:
        return f"　班内公示{POSTED_DAYS}个工作日：＿＿月＿＿日至＿＿月＿＿日"
    period = f"{posting.starts_on:%-m月%-d日}至{posting.ends_on:%-m月%-d日}"
    return f"　班内公示{POSTED_DAYS}个工作日：{period}，{posting.place}"


def _signers(formed: Panel | None, appraisal: Appraisal | None) -> list[str]:
    if formed:
        return [m.name for m in formed.members.order_by("pk")]
    return ["成员"] * max(4, appraisal.present if appraisal else 0)


def _row(case: Case, tally: Tally | None) -> list[str]:
    if tally is None:
        return [case.code, *[""] * (len(HEADINGS) - 1)]
    votes = [tally.special, tally.hard, tally.general, tally.none, tally.abstain]
    grade = Grade(rules.suggested_grade(tally, case.advised_grade)).label
    # Names alone: why somebody withdrew would tell whose code it is.
    recused = "、".join(str(one) for one in tally.recusals.all())
    return [case.code, *map(str, votes), recused, str(grade), tally.reason]
