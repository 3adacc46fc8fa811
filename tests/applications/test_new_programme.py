"""A programme that nobody foresaw is rows, not code: from its first row to the money's arrival."""

from datetime import date

import pytest

from applications import actions
from applications.models import FundingSource, Programme, Tier
from audit.refusal import Refused
from disbursement import actions as paying
from disbursement.models import Award
from review import actions as reviewing
from schools import clock
from schools.models import Stage
from schools.scope import acting_for
from tests.cast import Cast
from tests.disbursement import cases as money
from tests.review import cases as review

WINDOW_OVER, PAY_DAY = date(2026, 9, 9), money.PAY_DAY


def alumni_fund() -> Programme:
    """校友励志助学金: the school's own, once a term, boarders get more, no grade needed."""
    programme = Programme.objects.create(
        code="alumni_fund",
        name="校友励志助学金",
        source=FundingSource.SOCIAL,
        kind=Programme.Kind.RELIEF,
        stage=Stage.SENIOR,
        needs_recognition=False,
        money_cadence=Programme.Cadence.PER_TERM,
        entry_cadence=Programme.Cadence.PER_TERM,
        basis="示范校友〔2026〕1号",
        valid_from=date(2026, 9, 1),
    )
    for rank, (code, fen, boarding) in enumerate(
        (("boarder", 88_800, "boarder"), ("day", 66_600, "day")), start=1
    ):
        Tier.objects.create(
            programme=programme,
            code=code,
            label="寄宿生" if boarding == "boarder" else "走读生",
            rank=rank,
            amount_fen=fen,
            boarding=boarding,
            valid_from=date(2026, 9, 1),
        )
    return programme


def test_a_new_programme_by_data_alone_is_paid(cast: Cast) -> None:
    programme = alumni_fund()
    first, second, third = cast.a.students
    second.boarding = "boarder"
    second.save(update_fields=["boarding"])
    round_ = actions.open_programme_round(
        school=cast.school, term=cast.term, programme=programme, by=cast.operator
    )
    for someone in (first, second):
        drafted = actions.draft_application(
            round_=round_, student=someone, by=cast.head_teacher, reason="品学兼优"
        )
        actions.submit(application=drafted, by=cast.head_teacher)
    assert round_.number_prefix == "2026-1-GZTK"

    reviewing.take_up(round_=round_, by=cast.operator)
    reviewing.propose(round_=round_, by=cast.operator)
    review.office_phones(cast)
    meeting = review.decided(cast, round_)
    reviewing.confirm_meeting(meeting=meeting, by=cast.reviewer)
    notice = reviewing.draft_notice(round_=round_, by=cast.operator)
    reviewing.publish(notice=notice, by=cast.reviewer)
    with clock.at(WINDOW_OVER):
        reviewing.confirm_notice(notice=notice, by=cast.reviewer)

    with clock.at(PAY_DAY):
        its = money.Aid(
            cast.a, programme, programme.tiers.get(code="day"), cast.term, round_, round_
        )
        for someone in (first, second):
            money.card(its, someone)
        money.fund(its)
        granted = paying.grant_awards(round_=round_, by=cast.operator)
        assert (granted.count, granted.total_fen) == (2, 66_600 + 88_800)
        batch = money.pay(its, money.draft(its))
    assert batch.status == "returned"
    assert {a.student_id: a.amount_fen for a in Award.objects.all()} == {
        first.pk: 66_600,
        second.pk: 88_800,
    }
    assert not Award.objects.filter(student=third).exists()


def test_its_data_alone_says_for_whom_and_when(cast: Cast) -> None:
    programme = alumni_fund()
    with acting_for(cast.b.school), pytest.raises(Refused, match="没有普通高中的班级"):
        actions.open_programme_round(
            school=cast.b.school, term=cast.term, programme=programme, by=cast.b.operator
        )
    Tier.objects.filter(programme=programme).update(valid_to=date(2026, 8, 31))
    with pytest.raises(Refused, match="没有2026年秋季学期的金额标准"):
        actions.open_programme_round(
            school=cast.school, term=cast.term, programme=programme, by=cast.operator
        )
