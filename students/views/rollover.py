"""升班: what becomes of each class, shown before it happens once a year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from audit.refusal import Reason, Refused, refuse_if
from office.asked import key_of
from office.wording import worded_all
from schools import clock
from schools.access import StaffRequest, requires
from schools.models import School
from schools.roles import Role
from students.actions import (
    ask_recall,
    correct_graduation,
    keep_rollover,
    roll_over,
    sign_recall,
)
from students.actions.recall import why_not_now
from students.graduation import graduation_period, leavers, planned, terms_about
from students.models import EnrolmentChange, RosterImport, YearRollover
from students.moving_forms import GraduationDayForm, RecallForm, RolloverForm
from students.rules.enrolment import money_words
from students.rules.proposals import by_operator
from students.rules.rollover import (
    Leaver,
    Period,
    Rise,
    Season,
    usual_day,
    why_not_graduate,
    why_not_roll,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, on which days it can, and why it can't now."""

    rises: list[Rise]
    season: Season | None
    done: YearRollover | None
    going: list[Leaver]
    period: Period | None
    usual: date

    @property
    def reasons(self) -> list[Reason]:
        """Why it can't be done now, on whatever day the last grade graduated."""
        return self._why_not_now(clock.today()) or self._why_not_then(self.usual)

    def why_not_on(self, left_on: date) -> list[Reason]:
        """Every reason, when the last grade is to graduate on that day."""
        return self._why_not_now(left_on) + self._why_not_then(left_on)

    def _why_not_now(self, left_on: date) -> list[Reason]:
        return why_not_roll(
            rises=self.rises,
            season=self.season,
            done=self.done is not None,
            left_on=left_on,
            today=clock.today(),
        )

    def _why_not_then(self, left_on: date) -> list[Reason]:
        if self.period is None:
            return []
        return why_not_graduate(
            going=self.going, period=self.period, left_on=left_on, today=clock.today()
        )


def _preview(school: School) -> Preview:
    rises, season, done = planned(school)
    if season is None or done is not None:
        return Preview(rises, season, done, [], None, clock.today())
    going, period = leavers(rises), graduation_period(season.year)
    usual = usual_day(year=season.year, terms=terms_about(season.year), period=period, going=going)
    return Preview(rises, season, done, going, period, usual)


@requires(Role.OPERATOR, Role.REVIEWER, Role.LEADER, methods="GET POST")
def rollover(request: StaffRequest) -> HttpResponse:
    """The preview and the deed; checkers look, and answer whether it is taken back."""
    if request.method == "POST":
        refuse_if(_not_operator(request))
    seen = _preview(request.school)
    season = seen.season
    form = RolloverForm(
        request.POST or None,
        period=seen.period,
        usual=seen.usual,
        initial={"year": season.year if season else 0},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = roll_over(
                school=request.school,
                names=_names(request.POST),
                by=request.appointment,
                **form.facts(),
            )
        except Refused as refused:
            _refuse(form, refused.reasons)
        else:
            messages.success(
                request,
                f"已升班：{made.classes}个班升入新年级，{made.graduated}人毕业。"
                "接着导入新生名册，请班主任核对。",
            )
            return redirect("students:classes")
    elif left_on := form.is_bound and form.cleaned_data.get("left_on"):
        _refuse(form, seen.why_not_on(left_on))
    return _page(request, seen, form)


@requires(Role.OPERATOR, methods="POST")
def rollover_day(request: StaffRequest) -> HttpResponse:
    """The 毕业日期 of the latest 升班, put right."""
    made = _latest(request.school)
    if made is None:
        raise Refused([Reason("还没有升过班，没有可以更正的毕业日期", "先办理升班")])
    form = GraduationDayForm(request.POST, period=graduation_period(made.year))
    if form.is_valid():
        try:
            count = correct_graduation(rollover=made, by=request.appointment, **form.cleaned_data)
        except Refused as refused:
            _refuse(form, refused.reasons)
        else:
            on = form.cleaned_data["left_on"]
            money = money_words(EnrolmentChange.Kind.GRADUATE, on)
            messages.success(
                request,
                f"已把{count}人的毕业日期更正为{on:%Y年%-m月%-d日}。{money}，"
                "已经发放的不会自动追回，请核对。",
            )
            return redirect("students:rollover")
    seen = _preview(request.school)
    usual = RolloverForm(period=seen.period, usual=seen.usual)
    return _page(request, seen, usual, form)


@requires(Role.OPERATOR, methods="POST")
def rollover_ask(request: StaffRequest) -> HttpResponse:
    """A mistaken 升班 is to be taken back."""
    form = RecallForm(request.POST)
    if not form.is_valid():
        raise Refused([Reason(text) for _, text in worded_all(form)])
    made = ask_recall(rollover=_shown(request), by=request.appointment, **form.cleaned_data)
    messages.success(request, f"已提请收回{made}，请审核人审核；审核之前没有变化。")
    return redirect("students:rollover")


@requires(Role.OPERATOR, Role.REVIEWER, Role.LEADER, methods="POST")
def rollover_keep(request: StaffRequest) -> HttpResponse:
    """It stands after all."""
    made = keep_rollover(rollover=_shown(request), by=request.appointment)
    messages.success(request, f"不收回，{made}照旧。")
    return redirect("students:rollover")


@requires(Role.REVIEWER, Role.LEADER, methods="POST")
def rollover_recall(request: StaffRequest) -> HttpResponse:
    """The second person takes it back."""
    made = sign_recall(rollover=_shown(request), by=request.appointment)
    messages.success(
        request, f"已收回{made}：各班恢复原来的年级和名称，{made.graduated}名毕业的学生恢复在籍。"
    )
    return redirect("students:rollover")


def _shown(request: StaffRequest) -> YearRollover:
    made = _latest(request.school)
    if made is None:
        raise Refused([Reason("没有可以收回的升班", "请刷新页面查看")])
    return made


def _not_operator(request: StaffRequest) -> list[Reason]:
    return by_operator("升班", "办理", school_id=request.school.pk, by=request.appointment)


def _latest(school: School) -> YearRollover | None:
    rows = YearRollover.objects.for_school(school).select_related("done_by", "ask_by")
    found: YearRollover | None = rows.order_by("-year").first()
    return found


def _page(
    request: StaffRequest,
    seen: Preview,
    form: RolloverForm,
    day_form: GraduationDayForm | None = None,
) -> HttpResponse:
    rises, season = seen.rises, seen.season
    latest = _latest(request.school)
    if latest is not None and day_form is None:
        day_form = GraduationDayForm(
            period=graduation_period(latest.year), initial={"left_on": latest.left_on}
        )
    context = {
        "form": form,
        "rises": rises,
        "season": season,
        "done": seen.done,
        "latest": latest,
        "operator": request.appointment.role == Role.OPERATOR,
        "recall_form": RecallForm(),
        "why_not_recall": why_not_now(latest) if latest else [],
        "answers": latest is not None and latest.ask_by_id != request.appointment.person_id,
        "day_form": day_form,
        "reasons": seen.reasons,
        "rising": [r for r in rises if not r.graduates],
        "leaving": [r for r in rises if r.graduates],
        "graduates": sum(r.present for r in rises if r.graduates),
        "resting": sum(r.suspended for r in rises if r.graduates),
        "held_back": _held_back(request, season),
        "imported_at": _imported_at(request, rises, season),
    }
    return render(request, "students/rollover.html", context)


def _refuse(form: RolloverForm | GraduationDayForm, reasons: Iterable[Reason]) -> None:
    for reason in reasons:
        form.add_error("left_on" if "毕业日期" in reason.text else None, str(reason))


def _names(posted: QueryDict) -> dict[int, str]:
    """New names by class, as typed beside each class."""
    found = {}
    for key, value in posted.items():
        head, _, pk = key.partition("-")
        if head == "name" and (class_id := key_of(pk)) is not None:
            found[class_id] = str(value)[:64]
    return found


def _held_back(request: StaffRequest, season: Season | None) -> int:
    if season is None:
        return 0
    changes = EnrolmentChange.objects.for_school(request.school)
    return int(
        changes.filter(kind=EnrolmentChange.Kind.HELD_BACK, on__gte=date(season.year, 1, 1)).count()
    )


def _imported_at(request: StaffRequest, rises: list[Rise], season: Season | None) -> object:
    """When a roster came in after the summer began: its grades may be the new ones already."""
    if season is None or not rises:
        return None
    applied = RosterImport.objects.for_school(request.school).filter(
        status="applied", apply_at__date__gte=date(season.year, 7, 1)
    )
    return applied.order_by("-apply_at").values_list("apply_at", flat=True).first()
