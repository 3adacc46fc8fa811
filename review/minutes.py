"""会议记录 as the school keeps it (`domain.md` §D.2), written from what was recorded. Pure."""

from collections import Counter
from collections.abc import Sequence

from applications.models import Grade
from review import apart
from review.models import Attendance, Case, CaseRecusal, CaseVote, Meeting

ORDINALS = "一二三四五六"


def minutes(
    meeting: Meeting,
    attendances: Sequence[Attendance],
    cases: Sequence[Case],
    recusals: Sequence[CaseRecusal] = (),
    votes: Sequence[CaseVote] = (),
) -> list[str]:
    """The paragraphs between the head and the signatures; `recusals` are those case by case."""
    absent = [a.person.name for a in attendances if not a.present]
    present = len(attendances) - len(absent)
    if not present:
        return [f"应到{len(attendances)}人。到会情况待登记。"]
    opening = f"应到{len(attendances)}人，实到{present}人。"
    if absent:
        opening += f"{'、'.join(absent)}请假。"
    points = [_reported(meeting, cases), *_recused(attendances)]
    points += [*_unjudged(cases), *_changed(cases)]
    points.append(_voted(meeting))
    points += _voted_apart(attendances, cases, recusals, votes)
    numbered = [f"{ORDINALS[i]}、{text}" for i, text in enumerate(points)]
    # What was resolved before the meeting was returned is no resolution any more.
    settled = meeting.resolution and meeting.status != Meeting.Status.PLANNED
    resolution = [f"决议：{meeting.resolution}"] if settled else []
    return [opening, *numbered, *resolution]


def _reported(meeting: Meeting, cases: Sequence[Case]) -> str:
    if meeting.round.is_recognition:
        return f"资助办通报申请和各班民主评议情况，提请审定{len(cases)}人。"
    return f"资助办通报申请和资格核验情况，提请审定{len(cases)}人。"


def _unjudged(cases: Sequence[Case]) -> list[str]:
    """The cases on which a class panel could not vote, which the meeting decides by itself."""
    told = [f"编号{c.code}（{c.unjudged}）" for c in cases if c.unjudged]
    return [f"班级没有评议结论、由会议直接审定{len(told)}件：{'、'.join(told)}。"] if told else []


def _recused(attendances: Sequence[Attendance]) -> list[str]:
    named = [f"{a.person.name}（{a.recusal}）" for a in attendances if a.present and a.recusal]
    return [f"{'、'.join(named)}回避，不参加表决。"] if named else []


def _voted_apart(
    attendances: Sequence[Attendance],
    cases: Sequence[Case],
    recusals: Sequence[CaseRecusal],
    votes: Sequence[CaseVote],
) -> list[str]:
    """Each case from which a member withdrew: who and why, and the vote of the others."""
    told = {vote.case_id: vote for vote in votes}
    recused = apart.by_case(recusals)
    found = []
    for case in cases:
        if case.pk not in recused:
            continue
        named = [f"{r.person.name}（{r.reason}）" for r in recusals if r.case_id == case.pk]
        text = f"编号{case.code}：{'、'.join(named)}回避"
        text += f"，参加表决{apart.voting_on(attendances, recused[case.pk])}人"
        vote = told.get(case.pk)
        found.append(f"{text}，{apart.votes_text(vote)}，通过" if vote else f"{text}，等待表决")
    return [f"逐件回避、单独表决{len(found)}件。{'；'.join(found)}。"] if found else []


def _changed(cases: Sequence[Case]) -> list[str]:
    changed = [c for c in cases if c.decide_at and _differs(c)]
    if not changed:
        return []
    told = "；".join(f"编号{c.code}：{_result(c)}，{c.decision_reason}" for c in changed[:20])
    more = f"；其余{len(changed) - 20}人见附件名单" if len(changed) > 20 else ""
    return [f"逐人审定与建议不同的{len(changed)}人。{told}{more}。"]


def _differs(case: Case) -> bool:
    if case.status == Case.Status.REFUSED:
        return True
    if case.proposed_tier_id:
        return case.decided_tier_id != case.proposed_tier_id
    return case.decided_grade != case.proposed_grade


def _result(case: Case) -> str:
    if case.status == Case.Status.REFUSED:
        return "不予资助"
    return case.decided_tier.label if case.decided_tier else case.get_decided_grade_display()


def _voted(meeting: Meeting) -> str:
    if meeting.status == Meeting.Status.PLANNED:
        return "表决：等待登记。"
    return (
        f"表决：同意{meeting.votes_for}票，反对{meeting.votes_against}票，"
        f"弃权{meeting.votes_abstain}票，通过。"
    )


def summary(cases: Sequence[Case]) -> list[tuple[str, int]]:
    """How many got, or are proposed, each grade or tier, most severe first."""
    named = Counter(_expected(c) for c in cases)
    order = [g.label for g in Grade]
    return sorted(
        named.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)
    )


def _expected(case: Case) -> str:
    if case.status != Case.Status.PROPOSED:
        return _result(case)
    tier = case.proposed_tier
    return tier.label if tier else str(case.get_proposed_grade_display())
