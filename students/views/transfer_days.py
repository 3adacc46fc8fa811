"""更正转出日期: proposed on a page of its own, answered in the list of 转学 by either school."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.refusal import Reason, Refused
from office.wording import worded_all
from schools.access import StaffRequest, requires
from schools.models import School
from schools.roles import Role
from students.actions import (
    agree_transfer_day,
    decline_transfer_day,
    propose_transfer_day,
    refuse_transfer_day,
    restore_transfer_day,
    sign_transfer_day,
    withdraw_transfer_day,
)
from students.actions.redating import beside_of
from students.models import EnrolmentChange, Transfer, TransferDay
from students.moving_forms import TransferDayAnswerForm, TransferDayForm
from students.rules.endings import day_of
from students.rules.enrolment import BY_MONTH, last_words
from students.rules.proposals import SIGNS
from students.rules.redating import Beside
from students.rules.transfer_days import Back, money_here, money_there, why_never
from students.transfer_queue import came_back, came_by, days_of, gone_by, left_again

KEPT = "已经发放的不会自动追回，请核对"


@dataclass(frozen=True, slots=True)
class Line:
    """One correction as a school sees it: `ours` says that it sent the student.

    `came` is the receiver's own record of his coming; `then` the day on which he came back here, or
    left here again; `stops` and `begins` tell which months either school pays if the day holds, the
    second one where the school knows it.
    """

    day: TransferDay
    ours: bool
    came: EnrolmentChange | None
    then: date | None
    stops: str
    begins: str

    @property
    def open(self) -> bool:
        """Whether somebody has still to act."""
        return self.day.status in TransferDay.OPEN

    @property
    def too_late(self) -> bool:
        """Whether the day is later than the one on which he came."""
        return self.came is not None and self.day.on > self.came.on

    @property
    def told_anew(self) -> bool:
        """Whether the sender has put right meanwhile since when he was suspended."""
        return bool(self.day.away_since != self.day.transfer.away_since)


def lines_of(school: School, shown: int) -> list[Line]:
    """The corrections of a school, the newest first; what waits before what is done."""
    rows = list(days_of(school)[:shown])
    transfers = [row.transfer for row in rows]
    came, back = came_by(transfers, school), came_back(transfers, school)
    left = left_again(came.values(), school)
    return [
        _sent(row, back.get(row.transfer_id))
        if row.school_id == school.pk
        else _taken(row, came.get(row.transfer_id), left)
        for row in rows
    ]


def _sent(row: TransferDay, back: Back | None) -> Line:
    stops = money_here(_since(row), back).removeprefix(BY_MONTH)
    return Line(row, ours=True, came=None, then=back.on if back else None, stops=stops, begins="")


def _taken(row: TransferDay, came: EnrolmentChange | None, left: Mapping[int, date]) -> Line:
    gone = left.get(came.pk) if came else None
    # Where he went on from here, or back, is that school's to tell.
    stops = last_words(_since(row)) if gone else money_here(_since(row), None)
    begins = money_there(_since(row), came.on, gone).removeprefix(BY_MONTH) if came else ""
    return Line(
        row,
        ours=False,
        came=came,
        then=gone,
        stops=stops.removeprefix(BY_MONTH),
        begins=f"本校{begins}" if begins.startswith("从") else begins,
    )


def _since(row: TransferDay) -> date:
    """Since when the sender counts him no longer if the day holds, by what is recorded now."""
    return row.transfer.away_since or row.on


@requires(Role.OPERATOR, methods="GET POST")
def transfer_day(request: StaffRequest, transfer_id: int) -> HttpResponse:
    """Propose another day for a transfer that the other school has accepted."""
    rows = Transfer.objects.for_school(request.school).defer("papers")
    row: Transfer = get_object_or_404(rows.select_related("to_school", "student"), pk=transfer_id)
    form = TransferDayForm(request.POST or None, initial={"on": row.on, "seen": row.on})
    if request.method == "POST" and form.is_valid():
        try:
            made = propose_transfer_day(transfer=row, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(_beside(reason), str(reason))
        else:
            what = f"已提请把{row.name}的转出日期更正为{day_of(made.on)}"
            then = f"请{row.to_school}同意；同意之后由本校审核人审核，日期才会改"
            messages.success(request, f"{what}，{then}。")
            return redirect("students:transfers")
    return render(request, "students/transfer_day.html", {"form": form} | _told(row))


def _beside(reason: Reason) -> str | None:
    """The field beside which a reason stands."""
    if "更正的原因" in reason.text:
        return "reason"
    return "on" if reason.text.startswith("转出日期") else None


def _told(row: Transfer) -> dict[str, Any]:
    """What the page says of a transfer; only an accepted one has a day that both schools have."""
    accepted = row.status == Transfer.Status.ACCEPTED
    beside = beside_of(gone_by(row)) if accepted else Beside()
    back = came_back([row], row.school).get(row.pk)
    open_ = TransferDay.objects.for_school(row.school).filter(
        transfer=row, status__in=TransferDay.OPEN
    )
    return {
        "transfer": row,
        "earlier": beside.earlier,
        "back": back,
        "reasons": why_never(row),
        "money": money_here(row.away_since or row.on, back),
        "waiting": open_.first(),
    }


@requires(Role.OPERATOR, methods="POST")
def transfer_day_agree(request: StaffRequest) -> HttpResponse:
    """The receiver's consent; its own record follows at once."""

    def act(row: TransferDay, _: str) -> str:
        made = agree_transfer_day(day=row, by=request.appointment)
        what = f"已同意{row.transfer.name}的转出日期更正为{day_of(made.on)}，等{row.school}审核"
        came = EnrolmentChange.objects.for_school(request.school).get(pk=made.taken)
        gone = left_again([came], request.school).get(came.pk)
        return f"{what}。审核之后，{money_there(_since(made), came.on, gone)}；{KEPT}。"

    return _answered(request, act)


@requires(Role.OPERATOR, methods="POST")
def transfer_day_decline(request: StaffRequest) -> HttpResponse:
    """Sent back with the reason."""

    def act(row: TransferDay, reason: str) -> str:
        decline_transfer_day(day=row, reason=reason, by=request.appointment)
        return f"已退回，{row.school}会看到原因，{row.transfer.name}的转出日期没有变化。"

    return _answered(request, act)


@requires(Role.OPERATOR, methods="POST")
def transfer_day_withdraw(request: StaffRequest) -> HttpResponse:
    """Taken back before the other school answers."""

    def act(row: TransferDay, _: str) -> str:
        withdraw_transfer_day(day=row, by=request.appointment)
        return f"已撤回，{row.transfer.name}的转出日期没有变化。"

    return _answered(request, act)


@requires(SIGNS, methods="POST")
def transfer_day_sign(request: StaffRequest) -> HttpResponse:
    """The second person's consent; the day changes."""

    def act(row: TransferDay, _: str) -> str:
        made = sign_transfer_day(day=row, by=request.appointment)
        what = f"已把{row.transfer.name}的转出日期更正为{day_of(made.on)}"
        back = came_back([made.transfer], request.school).get(made.transfer_id)
        return f"{what}。{money_here(_since(made), back)}；{KEPT}。"

    return _answered(request, act)


@requires(SIGNS, methods="POST")
def transfer_day_refuse(request: StaffRequest) -> HttpResponse:
    """The second person's no, with the reason; the receiver goes back."""

    def act(row: TransferDay, reason: str) -> str:
        refuse_transfer_day(day=row, reason=reason, by=request.appointment)
        return f"没有同意，{row.transfer.name}的转出日期不变，等{row.to_school}恢复原来的日期。"

    return _answered(request, act)


@requires(Role.OPERATOR, methods="POST")
def transfer_day_restore(request: StaffRequest) -> HttpResponse:
    """Back to the day in force, after the other school's second person said no."""

    def act(row: TransferDay, _: str) -> str:
        restore_transfer_day(day=row, by=request.appointment)
        return f"已恢复{row.transfer.name}离开原校的日期，仍为{day_of(row.before)}。"

    return _answered(request, act)


def _answered(request: StaffRequest, act: Callable[[TransferDay, str], str]) -> HttpResponse:
    form = TransferDayAnswerForm(request.POST, days=days_of(request.school))
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    messages.success(request, act(form.cleaned_data["day"], form.cleaned_data["reason"]))
    return redirect("students:transfers")
