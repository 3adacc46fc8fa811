"""资助名单: granting a round's awards, the list of awards, one award."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from applications.models import Programme, Round
from audit.refusal import Reason, Refused
from disbursement import actions, award_queue, links, queue
from disbursement.actions.awards import HeldCase, Passing, instalments_of, sort_cases
from disbursement.models import Award, PaymentLine
from disbursement.views import recoveries
from disbursement.views.own import (
    CARD_KEEPERS,
    READING,
    is_role,
    own_award,
    programmes_of,
    terms,
)
from disbursement.views.roll_checks import ROLES as COMPARERS
from office.asked import key_of
from office.files import XLSX, download
from office.spreadsheets.writing import write_rows
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import Term
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
    "amount": ("amount_fen", "pk"),
}
HEADERS = ("姓名", "班级", "学号", "资助项目", "学期", "第几次", "档次", "金额（元）", "状态")


@requires(CARD_KEEPERS, methods="GET POST")
def grant(request: StaffRequest, round_id: int) -> HttpResponse:
    """What granting this round's awards will do, in numbers; POST grants."""
    round_: Round = get_object_or_404(
        Round.objects.for_school(request.school).select_related("programme", "term"), pk=round_id
    )
    if request.method == "POST":
        done = actions.grant_awards(round_=round_, by=request.appointment)
        held = f"；{len(done.held)}人暂缓" if done.held else ""
        messages.success(request, f"已确定{done.count}份资助{held}，接着编制发放批次")
        return redirect("disbursement:batches")
    programme = round_.programme
    if programme is None:
        raise Refused([Reason("认定批次不产生资助名单", "请选择资助项目的批次")])
    passing, held_cases = sort_cases(list(queue.cases_waiting(round_)), programme, round_.term)
    times = len(instalments_of(programme, round_.term))
    return render(
        request,
        "disbursement/grant.html",
        {
            "round": round_,
            "programme": programme,
            "passing": passing,
            "tiers": _by_tier(passing),
            "held": [_held(h) for h in held_cases],
            "times": times,
            "total_fen": sum(one.amount_fen for one in passing),
            "fewer": sum(len(one.instalments) < times for one in passing),
        },
    )


def _by_tier(passing: list[Passing]) -> list[dict[str, Any]]:
    found: dict[Any, list[int]] = {}
    for one in passing:
        found.setdefault(one.case.decided_tier, []).append(one.amount_fen)
    return [
        {
            "label": tier.label,
            "each": tier.amount_fen,
            "count": len(sums),
            "fen": sum(sums),
        }
        for tier, sums in sorted(found.items(), key=lambda pair: pair[0].rank)
    ]


def _held(held: HeldCase) -> dict[str, Any]:
    student = held.case.student
    return {
        "name": student.name,
        "class_name": student.school_class.name,
        "reasons": [h.text for h in held.holds],
        "links": [
            link
            for h in held.holds
            if (link := links.of_hold(h.check, h.text, student_id=student.pk, card=None))[1]
        ],
    }


@requires(READING)
def awards(request: StaffRequest) -> HttpResponse:
    """Every award with how its payment stands."""
    found, applied = _filtered(request, request.GET)
    page = Paginator(_sorted(found, request.GET), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "disbursement/awards.html",
        {
            "page": page,
            "rows": [(a, _state(a)) for a in page.object_list],
            "total": page.paginator.count,
            "total_fen": found.order_by().aggregate(fen=Sum("amount_fen"))["fen"] or 0,
            "applied": applied,
            "states": list(award_queue.STATES.items()),
            "may_compare": is_role(request, COMPARERS),
            "terms": terms(),
            "programmes": list(programmes_of(request).values_list("pk", "name")),
            "class_options": list(
                SchoolClass.objects.for_school(request.school).values_list("pk", "name")
            ),
        },
    )


def _state(award: Any) -> dict[str, str]:
    state = award_queue.state_of(award)
    return {"label": award_queue.STATES[state], "tone": award_queue.TONES[state]}


def _filtered(
    request: StaffRequest, asked: QueryDict
) -> tuple[QuerySet[Any], list[dict[str, str]]]:
    found = award_queue.awards_of(request.school)
    applied: list[dict[str, str]] = []

    def chosen(label: str, key: str, value: str) -> None:
        applied.append({"label": label, "value": value, "key": key, "raw": asked.get(key, "")})

    term = Term.objects.filter(code=asked.get("term", "")).first()
    if term:
        found = found.filter(term=term)
        chosen("学期", "term", term.season_label)
    if (state := asked.get("state", "")) in award_queue.STATES:
        found = found.filter(award_queue.in_state(state))
        chosen("状态", "state", award_queue.STATES[state])
    if (programme := key_of(asked.get("programme"))) is not None:
        found = found.filter(programme_id=programme)
        its = Programme.objects.filter(pk=programme).first()
        chosen("项目", "programme", str(its or "无"))
    if (class_id := key_of(asked.get("class"))) is not None:
        found = found.filter(student__school_class_id=class_id)
        where = SchoolClass.objects.for_school(request.school).filter(pk=class_id).first()
        chosen("班级", "class", str(where or "无"))
    if query := asked.get("q", "").strip():
        found = found.filter(
            student__in=Student.objects.for_school(request.school).named_like(query)
        )
        chosen("查找", "q", query)
    return found, applied


def _sorted(found: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
    sort = asked.get("sort", "")
    keys = SORTS.get(sort.lstrip("-"), SORTS["class"])
    return found.order_by(*(f"-{k}" if sort.startswith("-") else k for k in keys))


@requires(READING, methods="POST")
def export(request: StaffRequest) -> HttpResponse:
    """The list as filtered, as .xlsx; the export is recorded."""
    found, _ = _filtered(request, request.POST)
    rows = [
        [
            a.student.name,
            a.student.school_class.name,
            a.student.student_no,
            a.programme.name,
            a.term.season_label,
            a.instalment,
            a.tier.label,
            a.amount_fen / 100,
            _state(a)["label"],
        ]
        for a in _sorted(found, request.POST)
    ]
    actions.note_export(
        school=request.school, what="资助名单", count=len(rows), by=request.appointment
    )
    content = write_rows(
        None,
        HEADERS,
        rows,
        sheet_name="资助名单",
        widths=[12, 14, 14, 28, 16, 8, 10, 14, 12],
        number_formats={5: "0", 7: "#,##0.00"},
    )
    return download("资助名单.xlsx", content, XLSX)


@requires(READING)
def award(request: StaffRequest, award_id: int) -> HttpResponse:
    """One award and every payment of it."""
    found = own_award(request, award_id)
    lines = list(
        PaymentLine.objects.for_school(request.school)
        .filter(award=found)
        .select_related("batch")
        .order_by("-pk")
    )
    live = any(line.status in queue.LIVE_LINE for line in lines)
    return render(
        request,
        "disbursement/award.html",
        {
            "award": found,
            "lines": lines,
            "student_url": links.student(found.student_id),
            "again": found.status == "revoked" and _newer(found),
            **recoveries.facts(request, found),
            "today": clock.today(),
            "may_again": is_role(request, CARD_KEEPERS) and _may_again(found),
            "may_revoke": is_role(request, CARD_KEEPERS) and found.status == "granted" and not live,
        },
    )


@requires(CARD_KEEPERS, methods="POST")
def award_revoke(request: StaffRequest, award_id: int) -> HttpResponse:
    """Take an unpaid award back."""
    found = own_award(request, award_id)
    actions.revoke(award=found, reason=request.POST.get("reason", ""), by=request.appointment)
    messages.success(request, f"已取消{found.student.name}的{found.programme.name}")
    return redirect("disbursement:award", award_id=award_id)


def _newer(found: Award) -> Award | None:
    """The award that stands in the place of a revoked one."""
    return Award.objects.filter(
        school_id=found.school_id,
        case_id=found.case_id,
        instalment=found.instalment,
        status=Award.Status.GRANTED,
    ).first()


def _may_again(found: Award) -> bool:
    """Whether every award of the case was revoked, so that all may be granted again."""
    if found.status != Award.Status.REVOKED:
        return False
    return queue.cases_revoked(found.round, [found.case_id]).exists()


@requires(CARD_KEEPERS, methods="POST")
def award_again(request: StaffRequest, award_id: int) -> HttpResponse:
    """What was revoked by mistake is granted again."""
    found = own_award(request, award_id)
    done = actions.grant_awards(
        round_=found.round,
        by=request.appointment,
        again=[found.case_id],
        reason=request.POST.get("reason", ""),
    )
    if not done.count:
        raise Refused([Reason(hold.text, hold.mend) for one in done.held for hold in one.holds])
    messages.success(request, f"已重新列入{found.student.name}的{found.programme.name}，等待发放")
    fresh = _newer(found)
    return redirect("disbursement:award", award_id=fresh.pk if fresh else award_id)
