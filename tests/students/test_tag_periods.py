"""Tags that are taken back: on which days they held."""

from datetime import date

from schools import clock
from students.actions.candidates import end_tags
from students.models import SpecialGroup, SpecialGroupTag, unended_tag
from tests.cast import Cast

TODAY, LATER = date(2026, 9, 1), date(2026, 10, 1)
# From which day to which, and the last day once it was taken back today.
PERIODS = (
    (date(2026, 3, 1), None, date(2026, 8, 31)),
    (TODAY, None, date(2026, 8, 31)),
    (LATER, date(2026, 12, 31), date(2026, 9, 30)),
    (date(2025, 3, 1), date(2026, 2, 28), date(2026, 2, 28)),
)


def test_what_is_taken_back_holds_no_longer_than_yesterday_or_on_no_day(cast: Cast) -> None:
    made = [
        SpecialGroupTag.objects.create(
            school=cast.school, student=cast.a.students[0], group=group,
            source="名单", valid_from=first, valid_to=last, recorded_at=clock.now(),
        )
        for group, (first, last, _) in zip(SpecialGroup.objects.all()[:4], PERIODS, strict=True)
    ]  # fmt: skip
    end_tags(SpecialGroupTag.objects.filter(pk__in=[tag.pk for tag in made]))
    for tag, (_, _, last) in zip(made, PERIODS, strict=True):
        tag.refresh_from_db()
        assert tag.valid_to == last
    assert [tag.held for tag in made] == [True, False, False, True]
    assert not SpecialGroupTag.objects.filter(unended_tag(TODAY))
