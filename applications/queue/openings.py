"""What a school carried out a year ago and so opens this term; what differs from then."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from applications.models import AutoOpening, OpeningPause, Programme, Round, Tier
from applications.queue.papers import paper_rules
from applications.queue.programmes import offered, quota_of
from applications.queue.rounds import offer_of, recognition_round, stages_of
from applications.rules import openings as rules
from applications.rules.programmes import YEARLY
from applications.rules.rounds import (
    in_force,
    why_not_open_programme,
    why_not_open_recognition,
)
from applications.rules.windows import Window, shape_of, why_not_window, window
from audit.refusal import Reason
from schools import clock, workdays
from schools.models import School, Term
from schools.official import calendar


@dataclass(frozen=True, slots=True)
class Owed:
    """A round that the school would open this term as it did a year ago, and why not."""

    programme: Programme | None
    reasons: list[Reason]
    by_itself: list[Reason]


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that a round owns, last year and now."""

    label: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        """Whether it is not as it was."""
        return self.then != self.now


def paused_kinds(school: School) -> frozenset[str]:
    """The kinds of rounds that the school opens by hand."""
    rows = OpeningPause.objects.for_school(school).values_list("kind", flat=True)
    return frozenset(rows)


def round_before(school: School, term: Term, programme: Programme | None) -> Round | None:
    """The same round a year ago: of the year's recognition, or of the season by any version."""
    rounds = Round.objects.for_school(school).select_related("term", "programme")
    if programme is None:
        rounds = rounds.filter(kind=Round.Kind.RECOGNITION, term__year=term.year - 1)
    else:
        versions = [one.pk for one in _earlier(programme)]
        rounds = rounds.filter(
            term__year=term.year - 1, term__half=term.half, programme_id__in=versions
        )
    found: Round | None = rounds.order_by("-programme__valid_from", "pk").first()
    return found


def planned_window(
    school: School, term: Term, programme: Programme | None, *, catching_up: bool = False
) -> Window:
    """The days on which a round would take applications: like the same round a year ago.

    `catching_up`: it opens by itself, and whoever should apply has not heard of it yet.
    """
    shape = shape_of(round_before(school, term, programme))
    return window(term, clock.today(), shape, catching_up=catching_up)


def _earlier(programme: Programme) -> Iterator[Programme]:
    one: Programme | None = programme
    while one is not None:
        yield one
        one = one.follows


def version_on(programme: Programme, day: date) -> Programme | None:
    """The version of a programme that is in force on a day: itself, or one that follows it."""
    one: Programme | None = programme
    while one is not None and not in_force(one, day):
        later = one.followers.filter(status__in=Programme.LIVE, valid_from__lte=day)
        one = later.order_by("valid_from").first()
    return one


def may_owe(rounds: Collection[Round], term: Term) -> bool:
    """Whether a round of a year ago has none like it in the term, as far as the rounds tell.

    Without a query, for every page: the rounds of this year and the last, `follows` read along.
    """
    if not any(r.is_recognition and r.term.year == term.year for r in rounds):
        return True
    now: set[int | None] = set()
    for one in rounds:
        if one.term_id == term.pk and one.programme:
            now |= {one.programme_id, one.programme.follows_id}
    return any(
        r.programme_id not in now
        for r in rounds
        if r.programme_id and (r.term.year, r.term.half) == (term.year - 1, term.half)
    )


def owed_openings(school: School, term: Term) -> list[Owed]:
    """What is not open yet of what the school did in the same season a year ago.

    The recognition of a year that has none comes first.
    """
    today = clock.today()
    paused = paused_kinds(school)
    before = set(
        AutoOpening.objects.for_school(school)
        .filter(term=term, starts_on=term.starts_on)
        .values_list("programme_id", flat=True)
    )
    season = rules.opens_by_itself(calendar(), term, today)
    stages = stages_of(school)
    found = []
    if recognition_round(school, term) is None:
        found.append(
            Owed(
                None,
                [
                    *why_not_open_recognition(term, today=today, stages=stages, existing=None),
                    *_why_not_planned(school, term, None),
                ],
                rules.why_not_by_itself(
                    paused=Round.Kind.RECOGNITION in paused,
                    opened_before=None in before,
                    in_season=season,
                ),
            )
        )
    for programme in _programmes_again(school, term):
        reasons = why_not_open_programme(
            term,
            programme,
            today=today,
            stages=stages,
            tiers=offer_of(programme, term.starts_on).tiers,
            existing=None,
            offered=offered(school).filter(pk=programme.pk).exists(),
        )
        by_itself = rules.why_not_by_itself(
            paused=Round.Kind.PROGRAMME in paused,
            opened_before=programme.pk in before,
            in_season=season,
            beside=own_beside(school, term, programme),
        )
        reasons += _why_not_planned(school, term, programme)
        found.append(Owed(programme, reasons, by_itself))
    return found


def _why_not_planned(school: School, term: Term, programme: Programme | None) -> list[Reason]:
    planned = planned_window(school, term, programme, catching_up=True)
    return why_not_window(planned, term, clock.today())


def own_beside(school: School, term: Term, programme: Programme) -> Programme | None:
    """What an authority offers the school in place of the nation's row; None for any other row.

    Of the same stage and kind, or said to exclude it: a student might be given both.
    """
    if programme.managed_by_id is not None:
        return None
    same = Q(stage=programme.stage, kind=programme.kind) | Q(exclusive_with=programme)
    others = offered(school).filter(same, managed_by__isnull=False).select_related("managed_by")
    day = term.starts_on
    return next((one for one in others.order_by("pk") if in_force(one, day)), None)


def _programmes_again(school: School, term: Term) -> list[Programme]:
    """Last year's programmes of the season in the versions of now, those with a round left out."""
    rounds = Round.objects.for_school(school).filter(kind=Round.Kind.PROGRAMME)
    last = rounds.filter(term__year=term.year - 1, term__half=term.half)
    now = {
        version.pk: version
        for version in (
            version_on(one.programme, term.starts_on)
            for one in last.select_related("programme").order_by("programme__code")
        )
        if version is not None
    }
    of_year = rounds.filter(term__year=term.year)
    opened = set(of_year.filter(term=term).values_list("programme_id", flat=True))
    this_year = set(of_year.values_list("programme_id", flat=True))
    return [
        version
        for pk, version in now.items()
        if pk not in opened
        # What is given once a year is not given again by another version.
        and not (version.money_cadence in YEARLY and this_year & {v.pk for v in _earlier(version)})
    ]


def compared(before: Round, planned: Round, window: Window) -> list[Compared]:
    """What the round a year ago was like, beside what is planned."""
    planned.opens_on, planned.workdays = window.opens_on, window.workdays
    found = [
        Compared("从开学起", _begins(before), _begins(planned)),
        Compared("申请期", _length(before), _length(planned)),
        Compared("材料", _papers(before), _papers(planned)),
    ]
    if planned.programme and before.programme:
        found += [
            Compared("版本", _version(before.programme), _version(planned.programme)),
            Compared("金额", _tiers(before), _tiers(planned)),
            Compared("名额", _heads(before), _heads(planned)),
        ]
    return found


def _begins(round_: Round) -> str:
    n = workdays.working_days_between(calendar(), round_.term.starts_on, round_.opens_on)
    return "开学当天" if n <= 0 else f"开学后第{n}个工作日"


def _length(round_: Round) -> str:
    return f"{round_.workdays}个工作日"


def _papers(round_: Round) -> str:
    return "、".join(rule.label for rule in paper_rules(round_)) or "不另要材料"


def _version(programme: Programme) -> str:
    day = programme.valid_from
    return f"{programme}，{day.year}年{day.month}月{day.day}日起"


def _tiers(round_: Round) -> str:
    tiers: tuple[Tier, ...] = ()
    if round_.programme:
        tiers = offer_of(round_.programme, round_.term.starts_on).tiers
    told = (f"{t.label}{t.amount_fen / 100:,.2f}元" for t in tiers)
    return "、".join(told) or "没有标准"


def _heads(round_: Round) -> str:
    heads = quota_of(round_)
    return "不限" if heads is None else f"{heads}人"
