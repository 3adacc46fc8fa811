"""64 phones at once: one code per class, one application per child, no try uncounted."""

import pytest

from applications import actions
from applications.actions import codes, family_filing
from applications.actions.family_entry import LIMITS
from applications.models import AccessCode, Application, EntryTry, FamilyVisit, Round
from applications.rules.family_facts import Hardship
from schools import clock
from schools.tenancy import set_scope
from tests import database, racing
from tests.applications import family
from tests.cast import Cast

CHILD = EntryTry.Kind.CHILD


def opened(cast: Cast) -> Round:
    return actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)


@pytest.mark.race
def test_one_code_of_a_class_is_live(committed: Cast) -> None:
    round_ = opened(committed)

    def issue(_: int) -> object:
        return actions.issue_code(
            round_=round_, school_class=committed.a.school_class, by=committed.operator
        )

    # Each is issued and voids the one before: 64 letters were printed, one of them still works.
    assert racing.race(issue, organisation=committed.school) == {"won": 64}
    assert AccessCode.objects.filter(voided_at=None).count() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_guards_several_codes_are_live(committed: Cast) -> None:
    round_ = opened(committed)

    def issue(_: int) -> object:
        return codes.issue_code(
            round_=round_, school_class=committed.a.school_class, by=committed.operator
        )

    with database.without("applications_accesscode", "access_code_live_once"):
        issued = 'INSERT INTO "applications_accesscode"'
        racing.unguarded(issue, organisation=committed.school, before=issued)
        set_scope(committed.school.pk)
        assert AccessCode.objects.filter(voided_at=None).count() > 1


@pytest.mark.race
def test_no_try_slips_by(committed: Cast) -> None:
    most = LIMITS[CHILD][1]

    def guess(i: int) -> object:
        return actions.enter(code="ABCDEFGHJKMN", name="张示远", tail=f"{i:06d}", address="::1")

    outcome = racing.race(guess, organisation=committed.school)
    assert outcome == {"won": most, "Refused": 64 - most}


@pytest.mark.race
def test_without_the_count_in_one_statement_guesses_slip_by(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_then_wrote(kind: str, key: bytes, span: object) -> int:
        row = EntryTry.objects.filter(kind=kind, key=key).first()
        count = (row.count if row else 0) + 1
        EntryTry.objects.create(kind=kind, key=key, since=clock.real_now(), count=count)
        return count

    monkeypatch.setattr("applications.actions.family_entry.one_more_try", looked_then_wrote)

    def guess(i: int) -> object:
        return actions.enter(code="ABCDEFGHJKMN", name="张示远", tail=f"{i:06d}", address="::1")

    with database.without("applications_entrytry", "entry_try_once"):
        assert racing.unguarded(guess, organisation=committed.school) > LIMITS[CHILD][1]


def begin(cast: Cast) -> FamilyVisit:
    return family.visit(opened(cast), cast.a.students[0], cast.head_teacher)


@pytest.mark.race
def test_one_application_begins_however_many_phones_begin_it(committed: Cast) -> None:
    visit = begin(committed)
    mark = family.mark(visit, "who")

    def save(_: int) -> object:
        return actions.save_who(visit=visit, told=family.WHO, consents=True, mark=mark)

    # The same words sent 64 times are one application, and nobody is told off.
    assert racing.race(save, organisation=committed.school) == {"won": 64}
    assert Application.objects.count() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_guards_several_begin(committed: Cast) -> None:
    visit = begin(committed)
    mark = family.mark(visit, "who")

    def save(_: int) -> object:
        return family_filing.save_who(visit=visit, told=family.WHO, consents=True, mark=mark)

    keys = ("application_once", "application_number")
    with database.without("applications_application", *keys):
        assert racing.unguarded(save, organisation=committed.school) > 1
        set_scope(committed.school.pk)
        assert Application.objects.count() > 1


@pytest.mark.race
def test_one_of_two_versions_wins_and_the_others_are_told(committed: Cast) -> None:
    visit = begin(committed)
    family.fill(visit)
    mark = family.mark(visit, "hardship")

    def save(i: int) -> object:
        told = Hardship(debt=f"欠{i + 1}万")
        return actions.save_hardship(visit=visit, told=told, mark=mark)

    assert racing.race(save, organisation=committed.school) == {"won": 1, "Changed": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_versions_win(committed: Cast) -> None:
    visit = begin(committed)
    family.fill(visit)
    mark = family.mark(visit, "hardship")

    def save(i: int) -> object:
        told = Hardship(debt=f"欠{i + 1}万")
        return actions.save_hardship(visit=visit, told=told, mark=mark)

    assert racing.unguarded(save, organisation=committed.school) > 1


@pytest.mark.race
def test_one_hand_over(committed: Cast) -> None:
    visit = begin(committed)
    family.fill(visit)
    outcome = racing.race(lambda _: actions.hand_over(visit=visit), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_hand_over(committed: Cast) -> None:
    visit = begin(committed)
    family.fill(visit)
    won = racing.unguarded(lambda _: actions.hand_over(visit=visit), organisation=committed.school)
    assert won > 1
