"""What printed forms are told of a decision: nothing before its notice is over."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from review import actions, printed
from review.models import Case, Notice
from schools import clock
from tests.cast import Cast
from tests.review import cases

POSTED = "公示2026年9月1日至2026年9月8日（5个工作日），"


def over(notice: Notice, cast: Cast) -> Notice:
    with clock.at(date(2026, 9, 10)):
        actions.confirm_notice(notice=notice, by=cast.reviewer)
    return notice


def test_the_period_and_the_decision_once_the_notice_is_over(cast: Cast) -> None:
    notice = cases.published(cast)
    ids = [s.pk for s in cast.a.students]
    assert printed.notices(notice.round, ids) == {}
    over(notice, cast)
    with CaptureQueriesContext(connection) as asked:
        told = printed.notices(notice.round, ids)
    assert len(asked) == 2
    # The third was found to be in no difficulty, and stands on no notice.
    assert told == {i: {"verdict": "同意", "posted": f"{POSTED}期满无异议"} for i in ids[:2]}


def test_what_was_changed_and_what_was_objected_is_told(cast: Cast) -> None:
    notice = cases.published(cast)
    first, second = notice.lines.order_by("serial")
    objection = actions.object_to(notice=notice, text="家里有商铺", contact="", line=first)
    actions.answer(objection=objection, upheld=False, conclusion="属亲戚所有", by=cast.operator)
    over(notice, cast)
    Case.objects.filter(pk=second.case_id).update(
        appraised_grade="special", advised_grade="special", decision_reason="父亲已就业"
    )
    told = printed.notices(notice.round, [first.case.student_id, second.case.student_id])
    assert told[first.case.student_id]["posted"] == f"{POSTED}收到异议1件，已答复"
    assert told[second.case.student_id]["verdict"] == (
        "不同意评议建议，调整为：一般困难　理由：父亲已就业"
    )
