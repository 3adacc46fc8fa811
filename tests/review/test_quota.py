"""名额 of a programme: a meeting decides no more names than the authority gave (row 1-19)."""

from datetime import date

import pytest

from applications.models import ProgrammeQuota
from audit.refusal import Refused
from review import actions
from review.models import Case
from schools import clock
from tests.cast import Cast
from tests.review import cases
from tests.review.test_cases import programme_round, refusal
from tests.review.test_recusals import decide


def test_no_more_names_than_were_given(cast: Cast) -> None:
    with clock.at(clock.office_opens(date(2026, 9, 1))):
        published = cases.published(cast)
    with clock.at(clock.office_opens(date(2026, 9, 9))):
        actions.confirm_notice(notice=published, by=cast.reviewer)
        round_ = programme_round(cast)
        given = {"programme": round_.programme, "heads": 1}
        ProgrammeQuota.objects.create(school=cast.school, **given)
        actions.propose(round_=round_, by=cast.operator)
        meeting = cases.convened(round_, cast.a)
        with pytest.raises(Refused) as error:
            decide(cast, meeting)
        assert refusal(error) == ["名额1人，已审定0人，这次2人，超出1人"]
        assert not Case.objects.filter(round=round_, status="decided").exists()
        last = Case.objects.filter(round=round_, status="proposed").order_by("pk")[1]
        decide(cast, meeting, changes={last.pk: ("refuse", "名额已满，家庭条件较好")})
    found = Case.objects.filter(round=round_).values_list("status", flat=True)
    assert sorted(found) == ["decided", "open", "refused"]
