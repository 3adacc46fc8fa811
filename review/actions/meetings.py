"""领导小组会议: convene, take attendance, decide, and have a second person confirm."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from applications.models import Grade, Round, Tier
from applications.queue import quota_of
from audit import moves
from audit.events import record
from audit.refusal import Reason, refuse_if
from review import evidence, marks, queue, rules
from review.actions.recusals import facts, why_not_apart, write_votes
from review.actions.writing import digest, locked, why_closed, write
from review.models import Attendance, Case, Meeting, Tally
from schools import clock
from schools.models import Appointment, Person

Changes = Mapping[int, tuple[str, str]]
DECIDED_FIELDS = [
    "decided_grade",
    "decided_tier",
    "decision_reason",
    "meeting",
    "decide_at",
    "decide_by",
]


@transaction.atomic
def convene(
    *,
    round_: Round,
    held_at: datetime,
    place: str,
    topic: str,
    chair: Person,
    recorder: Person,
    members: Iterable[Person],
    by: Appointment,
    duties: Mapping[int, str] | None = None,
) -> Meeting:
    """Plan a meeting of the leading group about a round's proposed cases.

    The chair is a member without being named twice. `duties` gives a member's words on the
    record by person id; otherwise the office held at the school.
    """
    round_ = moves.lock(round_)
    people = {p.pk: p for p in (chair, *members)}
    refuse_if(_why_not_convene(round_, place, topic, len(people)))
    meeting: Meeting = Meeting.objects.create(
        school_id=round_.school_id,
        round=round_,
        held_at=held_at,
        place=place.strip(),
        topic=topic.strip(),
        chair=chair,
        recorder=recorder,
    )
    named = {**_offices(round_.school_id, people), chair.pk: "组长", **(duties or {})}
    Attendance.objects.bulk_create(
        Attendance(
            school_id=round_.school_id,
            meeting=meeting,
            person=person,
            duty=named.get(pk, "成员")[:32],
        )
        for pk, person in people.items()
    )
    record(
        by=by,
        verb="meeting.convene",
        label="召集会议",
        subject=meeting,
        at=clock.now(),
        facts={"members": len(people), "round": round_.pk},
    )
    return meeting


def _why_not_convene(round_: Round, place: str, topic: str, people: int) -> list[Reason]:
    found = why_closed(round_)
    if not place.strip() or not topic.strip():
        found.append(Reason("地点或议题没有填写", "请补充"))
    if people < 3:
        found.append(Reason(f"会议成员只有{people}人", "领导小组会议至少3人"))
    if not queue.of_round(round_).filter(status=Case.Status.PROPOSED).exists():
        found.append(Reason("还没有提交领导小组的申请", "请先确定建议等级或档次"))
    planned = Meeting.objects.filter(
        school_id=round_.school_id, round_id=round_.pk, status=Meeting.Status.PLANNED
    )
    if planned.exists():
        found.append(Reason("本批次已有一次待召开的会议", "请在那次会议上审定"))
    return found


def _offices(school_id: int, people: Mapping[int, Person]) -> dict[int, str]:
    held = Appointment.objects.valid_on(clock.today()).filter(
        organisation_id=school_id, person_id__in=people
    )
    return {a.person_id: a.get_role_display() for a in held.order_by("-pk")}


@transaction.atomic
def take_attendance(
    *,
    meeting: Meeting,
    present: set[int],
    recusals: Mapping[int, str],
    by: Appointment,
    mark: str = "",
) -> Meeting:
    """Who came, and who withdrew because of a relation to an applicant (row 1-46).

    `mark` is that of what the page showed; refused when somebody has said otherwise since.
    """
    meeting = moves.lock(meeting)
    attendances = list(meeting.attendances.order_by("pk"))
    kept = marks.of_attendance(attendances)
    for one in attendances:
        one.present = one.person_id in present
        one.recusal = recusals.get(one.person_id, "").strip()[:96]
    same = kept == marks.of_attendance(attendances)
    refuse_if(
        [
            *_why_over(meeting),
            *marks.why_changed(mark, kept, same=same, what="到会情况"),
            *rules.why_not_attend(attendances, present, recusals),
        ]
    )
    Attendance.objects.bulk_update(attendances, ["present", "recusal"])
    record(
        by=by,
        verb="meeting.take_attendance",
        label="登记到会",
        subject=meeting,
        at=clock.now(),
        facts={"expected": len(attendances), "present": len(present), "recused": len(recusals)},
    )
    return meeting


def _why_over(meeting: Meeting) -> list[Reason]:
    if meeting.status == Meeting.Status.PLANNED:
        return []
    return [Reason(f"会议{meeting.get_status_display()}，到会情况不能再改", "由审核人退回重议")]


@transaction.atomic
def decide(
    *,
    meeting: Meeting,
    votes_for: int,
    votes_against: int,
    votes_abstain: int,
    resolution: str,
    by: Appointment,
    changes: Changes | None = None,
    apart: Mapping[int, rules.Votes] | None = None,
    mark: str = "",
) -> Meeting:
    """Decide every proposed case of the round as proposed, except as `changes` say.

    `changes` = {case id: (grade, tier code or "refuse", reason)}. `apart` are the votes on cases
    from which a member withdrew, by case id. Cases whose application was withdrawn or returned
    meanwhile, or whose facts were changed, go back to before the proposal. `mark` is that of the
    cases that the page showed; refused when others were proposed since, whom nobody talked about.
    An empty `resolution` is written from the figures.
    """
    changes, apart = changes or {}, apart or {}
    meeting = moves.lock(meeting)
    refuse_if(moves.why_not(meeting, "decide"))
    cases = locked(queue.of_round(meeting.round).filter(status=Case.Status.PROPOSED))
    held, gone, staying = _parted(cases)
    tiers = {t.code: t for t in queue.tiers_of(meeting.round)}
    votes = rules.Votes(votes_for, votes_against, votes_abstain)
    attendances = list(meeting.attendances.all())
    refuse_if(
        marks.why_changed(mark, marks.of_proposed(cases), same=False, what="待审定的名单")
        + _why_not_decide(meeting, attendances, votes, staying, changes, tiers)
        + why_not_apart(meeting, staying, apart)
        + _why_beyond_quota(meeting.round, staying, changes)
        + ([] if staying else rules.counted(held))
    )
    _decide(staying, meeting, changes, tiers, by)
    write_votes(meeting, staying, apart)
    _write(staying, gone)
    told = {**_counts(staying), **facts(apart), "taken_back": len(gone), "digest": digest(staying)}
    return moves.make(
        meeting,
        "decide",
        by=by,
        at=clock.now(),
        facts=told,
        votes_for=votes_for,
        votes_against=votes_against,
        votes_abstain=votes_abstain,
        resolution=resolution.strip() or default_resolution(meeting.round, staying),
    )


def _parted(cases: list[Case]) -> tuple[list[tuple[Case, rules.Why]], list[Case], list[Case]]:
    """Why some can't be decided any more, these cases, and the others."""
    stale = evidence.changed(cases)
    held = [(c, why) for c in cases for why in rules.why_gone(c) + rules.why_changed(c.pk in stale)]
    gone = list({c.pk: c for c, _ in held}.values())
    return held, gone, [c for c in cases if c not in gone]


def _write(staying: list[Case], gone: list[Case]) -> None:
    for case in gone:
        case.status = Case.Status.APPRAISED
    write(staying, sources=[Case.Status.PROPOSED], fields=DECIDED_FIELDS)
    write(gone, sources=[Case.Status.PROPOSED], fields=[])


def _why_not_decide(
    meeting: Meeting,
    attendances: list[Attendance],
    votes: rules.Votes,
    cases: list[Case],
    changes: Changes,
    tiers: Mapping[str, Tier],
) -> list[Reason]:
    found = [*why_closed(meeting.round), *rules.why_no_quorum(meeting, attendances)]
    if not found:
        found += rules.why_not_carried(attendances, votes)
    if (held_on := meeting.held_at.astimezone(clock.CHINA).date()) > clock.today():
        found.append(
            Reason(f"会议定于{held_on.month}月{held_on.day}日，还没有召开", "开会之后登记表决")
        )
    if not cases:
        found.append(Reason("没有可以审定的申请", "请先确定建议"))
    options = tiers if meeting.round.programme_id else Grade.values
    return found + rules.why_not_change({c.pk: c for c in cases}, changes, options)


def _why_beyond_quota(round_: Round, cases: list[Case], changes: Changes) -> list[Reason]:
    """More names than the programme's authority gave the school (row 1-19).

    A round has one meeting at a time, so that nobody else decides of the same names meanwhile.
    """
    quota = quota_of(round_)
    if quota is None:
        return []
    granting = (Case.Status.DECIDED, Case.Status.CONFIRMED)
    before = queue.of_round(round_).filter(status__in=granting).count()
    now = sum(changes.get(case.pk, ("", ""))[0] != rules.REFUSE for case in cases)
    if (beyond := before + now - quota) <= 0:
        return []
    return [
        Reason(
            f"名额{quota}人，已审定{before}人，这次{now}人，超出{beyond}人",
            "把超出的改为不予资助，或请管理单位调整名额",
        )
    ]


def _decide(
    cases: list[Case],
    meeting: Meeting,
    changes: Changes,
    tiers: Mapping[str, Tier],
    by: Appointment,
) -> None:
    tallies = {
        t.case_id: t
        for t in Tally.objects.filter(
            school_id=meeting.school_id, case_id__in=[c.pk for c in cases]
        )
    }
    for case in cases:
        value, reason = changes.get(case.pk, ("", ""))
        _settle(case, value, reason.strip(), tiers, tallies.get(case.pk))
        case.meeting = meeting
        case.decide_at, case.decide_by_id = clock.now(), by.person_id


def _settle(
    case: Case, value: str, reason: str, tiers: Mapping[str, Tier], tally: Tally | None
) -> None:
    case.decided_grade, case.decided_tier, case.decision_reason = "", None, reason[:200]
    if value == rules.REFUSE:
        case.status = Case.Status.REFUSED
        return
    case.status = Case.Status.DECIDED
    if case.proposed_tier_id:
        case.decided_tier = tiers[value] if value else case.proposed_tier
        return
    case.decided_grade = value or case.proposed_grade
    if not reason and case.unjudged:
        case.decision_reason = f"班级没有评议结论（{case.unjudged}），由领导小组审定"[:200]
        return
    if not reason and case.decided_grade != case.advised_grade:
        votes = f"：{rules.tally_text(tally)}" if tally else ""
        said = f"；{tally.reason}" if tally and tally.reason else ""
        case.decision_reason = f"班级民主评议建议{votes}{said}"[:200]


def _counts(cases: Iterable[Case]) -> dict[str, int]:
    """How many got each grade or tier, or nothing; the amount when there are tiers."""
    found: Counter[str] = Counter()
    for case in cases:
        if case.status == Case.Status.REFUSED:
            found[rules.REFUSE] += 1
        elif case.decided_tier:
            found[case.decided_tier.code] += 1
            found["fen"] += case.decided_tier.amount_fen
        else:
            found[case.decided_grade] += 1
    return dict(found)


def default_resolution(round_: Round, cases: list[Case]) -> str:
    """The resolution as the figures write it (D.2)."""
    refused = [c for c in cases if c.status == Case.Status.REFUSED]
    kept = [c for c in cases if c.status != Case.Status.REFUSED]
    tail = f"不予资助{len(refused)}人。" if refused else ""
    if round_.programme:
        tiers = Counter(c.decided_tier.label for c in kept if c.decided_tier)
        fen = sum(c.decided_tier.amount_fen for c in kept if c.decided_tier)
        named = "、".join(f"{label}{n}人" for label, n in tiers.items())
        return (
            f"审定{round_.programme.name}{len(kept)}人，其中{named}，"
            f"共{fen // 100:,}.{fen % 100:02d}元，予以公示。{tail}"
        )
    grades = Counter(c.decided_grade for c in kept)
    named = "、".join(f"{g.label}{grades[g]}人" for g in Grade if g != Grade.NONE and grades[g])
    shown = len(kept) - grades[Grade.NONE]
    parts = [f"其中{named}，共{shown}人予以公示"] if shown else []
    parts += [f"不困难{grades[Grade.NONE]}人，另行告知"] if grades[Grade.NONE] else []
    return f"审定{len(kept)}人{'，' if parts else ''}{'；'.join(parts)}。{tail}"


@transaction.atomic
def confirm_meeting(*, meeting: Meeting, by: Appointment) -> Meeting:
    """A second person (审核人 or 分管领导) confirms what was recorded.

    Not who entered or appraised one of its cases either, in whatever role that was.
    """
    meeting = moves.lock(meeting)
    refuse_if(
        [
            *moves.why_not(meeting, "confirm"),
            *why_not_confirm(meeting, by),
        ]
    )
    return moves.make(meeting, "confirm", by=by, at=clock.now())


def why_not_confirm(meeting: Meeting, by: Appointment) -> list[Reason]:
    """Why this person may not confirm the meeting's decisions; also for the meeting's page."""
    found = rules.second_person(by, meeting.decide_by_id, "确认会议审定")
    cases = meeting.cases.select_related("application", "school_class")
    own = [
        (case, why)
        for case in cases
        for why in rules.own_hand(case, by.person_id)
        if case.decide_by_id != by.person_id
    ]
    return found + rules.counted(own)


@transaction.atomic
def return_meeting(*, meeting: Meeting, reason: str, by: Appointment) -> Meeting:
    """Send a recorded decision back to the recorder before it is confirmed."""
    meeting = moves.lock(meeting)
    refuse_if(
        [
            *moves.why_not(meeting, "reopen"),
            *rules.second_person(by, None, "退回重议"),
            *([] if reason.strip() else [Reason("没有写退回原因", "请写明原因")]),
        ]
    )
    settled = (Case.Status.DECIDED, Case.Status.REFUSED)
    cases = locked(meeting.cases.filter(status__in=settled))
    for case in cases:
        case.status = Case.Status.PROPOSED
    write(cases, sources=settled, fields=[])
    # They are voted on anew; what was recorded stands in the log.
    meeting.case_votes.all().delete()
    return moves.make(
        meeting, "reopen", by=by, at=clock.now(), reason=reason, facts={"cases": len(cases)}
    )
