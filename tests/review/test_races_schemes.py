"""A 评估表 edited from several pages at once: nobody's figures are overwritten unseen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from review import actions, marks
from review.models import ScoringScheme
from schools.tenancy import set_scope
from tests.cast import Cast
from tests.racing import race, unguarded
from tests.review import cases
from tests.review.test_schemes import stricter

Act = Callable[[int], object]


def editing(cast: Cast) -> tuple[ScoringScheme, Act]:
    """Everyone has opened the same draft and sets another threshold."""
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    mark = marks.of_scheme(draft)
    return draft, lambda i: actions.edit_scheme(
        scheme=draft,
        table=stricter(draft, hard=42 + i % 2, special=60 + i % 32),
        by=cast.operator,
        mark=mark,
    )


@pytest.mark.race
def test_who_saved_first_is_not_overwritten(committed: Cast) -> None:
    draft, act = editing(committed)
    outcome = race(act, organisation=committed.school)
    # 64 threads say 32 things; what was said twice is no conflict.
    assert outcome == {"won": 2, "Refused": 62}
    draft.refresh_from_db()
    assert draft.base is not None
    assert draft.rules != draft.base.rules


@pytest.mark.race
def test_without_the_lock_figures_overwrite_each_other(committed: Cast, no_locks: None) -> None:
    _, act = editing(committed)
    assert unguarded(act, organisation=committed.school) > 2


def test_a_page_that_is_out_of_date_saves_nothing(cast: Cast, sign_in: Any) -> None:
    draft = actions.copy_scheme(organisation=cast.school, by=cast.operator)
    client = sign_in(cast.operator)
    page = client.get(reverse("review:scheme", args=[draft.pk]))
    boxes = {f.html_name: f.value() for f in page.context["form"]}
    mark = page.context["mark"]
    assert f'name="mark" value="{mark}"' in page.text
    set_scope(cast.school.pk)
    actions.edit_scheme(scheme=draft, table=stricter(draft, hard=45), by=cast.operator)
    edit = reverse("review:edit_scheme", args=[draft.pk])
    told = {**boxes, "mark": mark, "grade_hard": "44"}
    for _ in range(2):
        # Pressing again does not help; looking does.
        refused = client.post(edit, told)
        assert refused.status_code == 409
        assert "刚刚被别人改过" in refused.text
    set_scope(cast.school.pk)
    fresh = {**told, "mark": marks.of_scheme(ScoringScheme.objects.get(pk=draft.pk))}
    assert client.post(edit, fresh).status_code == 302


def test_an_attendance_page_that_is_out_of_date_saves_nothing(cast: Cast, sign_in: Any) -> None:
    meeting = cases.convened(cases.proposed(cast), cast.a, attended=False)
    people = list(meeting.attendances.values_list("person_id", flat=True))
    client = sign_in(cast.operator)
    mark = client.get(reverse("review:meeting", args=[meeting.pk])).context["attendance"].mark
    set_scope(cast.school.pk)
    actions.take_attendance(meeting=meeting, present=set(people), recusals={}, by=cast.operator)
    told = {"mark": mark, f"present_{people[0]}": "on"}
    refused = client.post(reverse("review:attendance", args=[meeting.pk]), told)
    assert refused.status_code == 409
    assert "到会情况刚刚被别人改过" in refused.text
    set_scope(cast.school.pk)
    assert meeting.attendances.filter(present=True).count() == len(people)
