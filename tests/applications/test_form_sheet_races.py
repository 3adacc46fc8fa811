"""One workbook entered by many at once is entered once; put away once."""

from collections.abc import Callable

import pytest

from applications import actions
from applications.models import Application, FormSheet
from schools.tenancy import set_scope
from tests import database, racing
from tests.applications import sheets
from tests.cast import Cast


def staged(cast: Cast) -> FormSheet:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    rows = [sheets.row(s) for s in cast.a.students]
    return actions.stage_form_sheet(
        round_=round_, content=sheets.filled(rows), filename="表.xlsx", by=cast.operator
    )


def deed(cast: Cast, verb: str) -> Callable[[int], object]:
    sheet = staged(cast)
    if verb == "apply":
        return lambda _: actions.apply_form_sheet(sheet=sheet, hand_in=True, by=cast.operator)
    return lambda _: actions.discard_form_sheet(sheet=sheet, by=cast.operator)


@pytest.mark.race
@pytest.mark.parametrize("verb", ["apply", "discard"])
def test_one_of_many(committed: Cast, verb: str) -> None:
    outcome = racing.race(deed(committed, verb), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    set_scope(committed.school.pk)
    assert Application.objects.count() == (3 if verb == "apply" else 0)


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_guards_several_enter(committed: Cast) -> None:
    act = deed(committed, "apply")
    keys = ("application_once", "application_number")
    with database.without("applications_application", *keys):
        assert racing.unguarded(act, organisation=committed.school) > 1
        set_scope(committed.school.pk)
        assert Application.objects.count() > 3


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_put_away(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = deed(committed, "discard")
    # The file's row is the second guard: who deletes it last finds it gone.
    monkeypatch.setattr("office.files.forget", lambda file: None)
    assert racing.unguarded(act, organisation=committed.school) > 1


@pytest.mark.race
def test_entered_or_put_away_never_both(committed: Cast) -> None:
    sheet = staged(committed)

    def act(i: int) -> object:
        if i % 2:
            return actions.discard_form_sheet(sheet=sheet, by=committed.operator)
        return actions.apply_form_sheet(sheet=sheet, hand_in=False, by=committed.operator)

    assert racing.race(act, organisation=committed.school) == {"won": 1, "Refused": 63}
    set_scope(committed.school.pk)
    sheet.refresh_from_db()
    assert (sheet.status, Application.objects.count()) in (("applied", 3), ("discarded", 0))
