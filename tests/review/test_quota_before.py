"""名额 over several meetings: whom an earlier one decided counts against it."""

from datetime import date

from applications.models import ProgrammeQuota
from review import actions
from review.actions import meetings
from review.models import Case
from schools import clock
from tests.cast import Cast
from tests.review import cases
from tests.review.test_cases import programme_round


def test_whom_an_earlier_meeting_decided_is_counted(cast: Cast) -> None:
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        published = cases.published(cast)
    with clock.at(clock.office_opens(date(2026, 9, 9))):
        actions.confirm_notice(notice=published, by=cast.reviewer)
        round_ = programme_round(cast)
        programme = round_.programme
        assert programme is not None
        actions.propose(round_=round_, by=cast.operator)
        meeting = cases.convened(round_, cast.a)
    quota = ProgrammeQuota.objects.create(school=cast.school, programme=programme, heads=2)
    first, second = Case.objects.filter(round=round_, status="proposed").order_by("pk")
    tier = programme.tiers.order_by("rank")[0]
    assert meetings._why_beyond_quota(round_, [first, second], {}) == []
    Case.objects.filter(pk=first.pk).update(
        status="decided",
        decided_tier=tier,
        meeting=meeting,
        decide_by=cast.operator.person,
        decide_at=clock.now(),
    )
    assert meetings._why_beyond_quota(round_, [second], {}) == []
    quota.heads = 1
    quota.save()
    (reason,) = meetings._why_beyond_quota(round_, [second], {})
    assert reason.text == "名额1人，已审定1人，这次1人，超出1人"
    refused = {second.pk: ("refuse", "名额已满")}
    assert meetings._why_beyond_quota(round_, [second], refused) == []
