"""How far a round is: the steps of its page, and the one decision that comes next."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from applications.models import Round
from office.desk import Step
from review import queue
from review.evidence import handed_in_anew
from review.models import Case, Meeting, Notice
from review.queue import ClassProgress
from schools import clock

AFTER_PROPOSAL = ("proposed", "decided", "confirmed", "refused")


@dataclass(slots=True)
class Standing:
    """Everything the page of a round says in numbers."""

    round: Round
    classes: list[ClassProgress]
    counts: dict[str, int]
    waiting: int
    meeting: Meeting | None
    notice: Notice | None
    to_publish: int
    undisputed: int = 0
    # Applications begun or returned that nobody has handed in.
    unfinished: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def handed_in(self) -> int:
        """Applications handed in."""
        return sum(c.handed_in for c in self.classes)

    @property
    def appraised(self) -> int:
        """Cases a class panel has judged."""
        return sum(c.appraised for c in self.classes)

    def count(self, *statuses: str) -> int:
        """Cases in any of these statuses."""
        return sum(self.counts.get(s, 0) for s in statuses)


def standing(round_: Round) -> Standing:
    """Where the round stands now (a fixed number of queries)."""
    counts = dict(queue.of_round(round_).values_list("status").annotate(n=Count("pk")))
    school = {"school_id": round_.school_id, "round_id": round_.pk}
    meetings = Meeting.objects.filter(**school).select_related("chair").order_by("-held_at", "-pk")
    notices = Notice.objects.filter(~Q(status="withdrawn"), **school).order_by("-pk")
    found = Standing(
        round=round_,
        classes=queue.progress(round_),
        counts=counts,
        waiting=queue.waiting(round_).count() + len(handed_in_anew(round_)),
        meeting=meetings.first(),
        notice=notices.first(),
        to_publish=queue.to_publish(round_).count(),
        undisputed=queue.undisputed(round_).count(),
        unfinished=queue.unfinished(round_),
    )
    found.steps = _steps(found)
    return found


def _steps(s: Standing) -> list[Step]:
    names = ["申请", *(["班级评议"] if s.round.is_recognition else []), "确定建议"]
    raw = [_applied(s), *([_appraised(s)] if s.round.is_recognition else []), _proposed(s)]
    names += ["领导小组", "公示", "确认"]
    raw += [_met(s), _shown(s), _confirmed(s)]
    begun = [bool(r.done) or r.state in ("now", "done") for r in raw]
    return [
        _placed(name, one, any(begun[i + 1 :]), all(r.state == "done" for r in raw[:i]))
        for i, (name, one) in enumerate(zip(names, raw, strict=True))
    ]


def _placed(label: str, one: Step, later_begun: bool, all_before: bool) -> Step:
    state = one.state
    if state not in ("done", "late"):
        state = "late" if later_begun else ("now" if all_before or one.done else "")
    return Step(label, state, one.done, one.total, until=one.until, note=one.note, url=one.url)


def _state(done: int, total: int) -> str:
    return "done" if total and done >= total else ""


def _applied(s: Standing) -> Step:
    over = clock.today() > s.round.closes_on
    state = "" if not over else "late" if s.unfinished else "done"
    note = "" if s.handed_in or s.unfinished else "还没有申请"
    total = s.handed_in + s.unfinished
    return Step("", state, s.handed_in, total, until=s.round.closes_on, note=note)


def _appraised(s: Standing) -> Step:
    until = queue.appraise_by(s.round)
    again = sum(c.reopened for c in s.classes)
    state = "" if again else _state(s.appraised, s.handed_in)
    note = f"{again}个班重新评议" if again else ""
    return Step("", state, s.appraised, s.handed_in, until=until, note=note)


def _proposed(s: Standing) -> Step:
    n = s.count(*AFTER_PROPOSAL)
    return Step("", _state(n, s.handed_in), n, s.handed_in)


def _met(s: Standing) -> Step:
    n = s.count("decided", "confirmed", "refused")
    note, until = "", None
    if s.meeting and s.meeting.status == Meeting.Status.PLANNED:
        held_on = s.meeting.held_at.astimezone(clock.CHINA).date()
        note = f"{held_on.month}月{held_on.day}日开会"
    url = reverse("review:meeting", args=[s.meeting.pk]) if s.meeting else ""
    confirmed = s.meeting is not None and s.meeting.status == Meeting.Status.CONFIRMED
    done = _state(n, s.handed_in) if confirmed else ""
    return Step("", done, n, s.handed_in, note=note, until=until, url=url)


def _shown(s: Standing) -> Step:
    if s.notice is None:
        return Step("", note="至少5个工作日")
    url = reverse("review:notice", args=[s.notice.pk])
    over = s.notice.ends_on is not None and clock.today() > s.notice.ends_on
    state = "done" if over and not s.to_publish else ""
    if s.notice.status == Notice.Status.DRAFT:
        return Step("", state, note="已起草，待发布", url=url)
    return Step("", state, 1, note="已公示" if over else "公示中", until=_ends(s.notice), url=url)


def _ends(notice: Notice) -> date | None:
    return notice.ends_on


def _confirmed(s: Standing) -> Step:
    n = s.count("confirmed")
    total = s.handed_in - s.count("refused")
    return Step("", _state(n, total), n, total if n else None)


def next_deed(s: Standing) -> str:
    """What the round waits for: take_up, propose, convene, meet, confirm_meeting, draft, publish,
    undisputed, show, confirm, done, or nothing when nobody has handed in yet.
    """
    meeting, notice = s.meeting, s.notice
    if notice and notice.status == Notice.Status.DRAFT:
        return "publish"
    if meeting and meeting.status == Meeting.Status.PLANNED:
        return "meet"
    if meeting and meeting.status == Meeting.Status.DECIDED:
        return "confirm_meeting"
    if notice and notice.status == Notice.Status.PUBLISHED and notice.ends_on:
        return "confirm" if clock.today() > notice.ends_on else "show"
    if s.to_publish:
        return "draft"
    if s.undisputed:
        return "undisputed"
    if s.waiting:
        return "take_up"
    if s.count(Case.Status.OPEN, Case.Status.APPRAISED):
        return "propose"
    if s.count(Case.Status.PROPOSED):
        return "convene"
    return "done" if s.count(Case.Status.CONFIRMED) else ""
