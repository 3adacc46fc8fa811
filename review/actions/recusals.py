"""逐件回避: a member of the leading group withdraws from one case of a meeting (row 1-46)."""

from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction

from audit import moves
from audit.events import record
from audit.refusal import Reason, Refused, refuse_if
from review import apart, queue
from review.actions.writing import conflict
from review.models import Case, CaseRecusal, CaseVote, Meeting
from review.rules import Votes
from schools import clock
from schools.models import Appointment, Person


def recuse(
    *, meeting: Meeting, case: Case, person: Person, reason: str, by: Appointment
) -> CaseRecusal:
    """Record that a member withdraws from one case; that case is then voted on apart."""
    try:
        with transaction.atomic():
            return _recuse(meeting, case, person, reason.strip()[:96], by)
    except IntegrityError as error:
        if "caserecusal_" not in str(error):
            raise
        raise conflict("这一件的回避刚刚已经登记，或已经表决") from None


def _recuse(
    meeting: Meeting, case: Case, person: Person, reason: str, by: Appointment
) -> CaseRecusal:
    meeting = moves.lock(meeting)
    case = moves.lock(case)
    recused = set(meeting.recusals.filter(case_id=case.pk).values_list("person_id", flat=True))
    attendances = list(meeting.attendances.all())
    refuse_if(
        [
            *_why_over(meeting),
            *_why_elsewhere(meeting, case),
            *apart.why_not_recuse(attendances, person.pk, reason, recused),
        ]
    )
    made: CaseRecusal = CaseRecusal.objects.create(
        school_id=meeting.school_id,
        meeting=meeting,
        case=case,
        person=person,
        reason=reason,
        recorded_by=by.person,
        recorded_at=clock.now(),
    )
    record(
        by=by,
        verb="meeting.recuse",
        label="登记逐件回避",
        subject=meeting,
        at=clock.now(),
        about_id=case.student_id,
        reason=reason,
        facts={"case": case.pk, "person": person.pk},
    )
    return made


@transaction.atomic
def withdraw_recusal(*, recusal: CaseRecusal, by: Appointment) -> Meeting:
    """Take a recusal back that was recorded by mistake, before the vote."""
    meeting: Meeting = moves.lock(recusal.meeting)
    # Read under the meeting's lock: somebody may have taken it back meanwhile.
    found = meeting.recusals.filter(pk=recusal.pk).select_related("case").first()
    refuse_if(_why_over(meeting))
    if found is None:
        raise Refused([Reason("这一件的回避已经撤销", "请刷新页面")])
    found.delete()
    record(
        by=by,
        verb="meeting.withdraw_recusal",
        label="撤销逐件回避",
        subject=meeting,
        at=clock.now(),
        about_id=found.case.student_id,
        facts={"case": found.case_id, "person": found.person_id},
    )
    return meeting


def _why_over(meeting: Meeting) -> list[Reason]:
    if meeting.status == Meeting.Status.PLANNED:
        return []
    return [Reason(f"会议{meeting.get_status_display()}，回避不能再改", "由审核人退回重议")]


def _why_elsewhere(meeting: Meeting, case: Case) -> list[Reason]:
    if case.round_id == meeting.round_id and case.status == Case.Status.PROPOSED:
        return []
    return [Reason("这份申请不在本次审定范围", "请刷新页面")]


def why_not_apart(
    meeting: Meeting, cases: Iterable[Case], votes: Mapping[int, Votes]
) -> list[Reason]:
    """Why the cases from which members withdrew can't be decided with these votes."""
    staying = {case.pk: case for case in cases}
    recused = apart.by_case(meeting.recusals.all())
    attendances = list(meeting.attendances.all())
    return [
        *apart.why_not_voted(staying, attendances, recused, votes),
        *apart.why_kin(queue.kin_at(meeting, list(staying.values())), attendances, recused),
    ]


def write_votes(meeting: Meeting, cases: Iterable[Case], votes: Mapping[int, Votes]) -> None:
    """The votes of the cases decided apart; those of an earlier, returned decision are replaced."""
    staying = {case.pk for case in cases}
    meeting.case_votes.all().delete()
    CaseVote.objects.bulk_create(
        CaseVote(
            school_id=meeting.school_id,
            meeting=meeting,
            case_id=pk,
            votes_for=told.yes,
            votes_against=told.no,
            votes_abstain=told.abstain,
        )
        for pk, told in votes.items()
        if pk in staying
    )


def facts(votes: Mapping[int, Votes]) -> dict[str, list[list[int]]]:
    """Case, for, against, abstained: for the audit line; nothing where all voted on all."""
    told = [[pk, one.yes, one.no, one.abstain] for pk, one in sorted(votes.items())]
    return {"apart": told} if told else {}
