"""The whole way of a recognition round, as one person after another walks it."""

from datetime import date

from review import actions
from review.models import Case, Notice, Recognition
from schools import clock
from tests.cast import Cast
from tests.review import cases


def test_a_round_ends_in_recognitions(cast: Cast) -> None:
    notice = cases.published(cast)
    assert (notice.starts_on, notice.ends_on) == (date(2026, 9, 1), date(2026, 9, 8))
    listed = list(notice.lines.values_list("serial", "class_name", "name"))
    assert listed == [(1, "高一（1）班", "张示远"), (2, "高一（1）班", "李样宁")]
    with clock.at(date(2026, 9, 9)):
        made = actions.confirm_notice(notice=notice, by=cast.reviewer)
    assert (made.confirmed, made.held) == (3, [])
    grades = Recognition.objects.order_by("case_id").values_list("student__name", "grade", "year")
    assert list(grades) == [
        ("张示远", "hard", 2026),
        ("李样宁", "general", 2026),
        ("王例清", "none", 2026),
    ]
    assert set(Case.objects.values_list("status", flat=True)) == {"confirmed"}
    assert Notice.objects.get().status == "confirmed"
