"""Papers, members, checks and visits by many at once: once, within the limit, nothing lost."""

from collections.abc import Callable

import pytest

from applications import actions
from applications.actions import family_handing, family_papers
from applications.models import (
    AccessCode,
    Application,
    Attachment,
    FamilyFiling,
    FamilyVisit,
    HomeVisit,
    HouseholdMember,
)
from applications.rules.surveys import MemberFacts
from applications.rules.visits import VisitFacts
from audit.models import Event
from office.models import StoredFile
from schools import clock
from schools.tenancy import set_scope
from tests import database, racing
from tests.applications import family, scenes
from tests.cast import Cast

COLOURS = ("red", "green", "blue", "black", "white", "grey", "pink", "navy")


def begun(cast: Cast) -> FamilyVisit:
    """A form of which all pages were gone through, on one phone."""
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    visit = family.visit(round_, cast.a.students[0], cast.head_teacher)
    family.fill(visit)
    return visit


def accepting(cast: Cast) -> Callable[[int], object]:
    row = actions.hand_over(visit=begun(cast))
    return lambda _: family.accept(row, cast.head_teacher)


@pytest.mark.race
def test_one_accepts(committed: Cast) -> None:
    outcome = racing.race(accepting(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_accept(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # Handing in looks a second time, behind the first one's write: that guard is off as well.
    monkeypatch.setattr(family_handing, "submit", lambda **_: None)
    assert racing.unguarded(accepting(committed), organisation=committed.school) > 1


def told_again(cast: Cast) -> Callable[[int], object]:
    """The same visit recorded over and over, as a slow line and an impatient finger do."""
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    row = scenes.entered(round_, cast.a.students[0], cast.head_teacher)
    facts = VisitFacts(
        on=clock.today(), way="call", met="张样泽", met_relation="父亲", conclusion="true"
    )
    return lambda _: actions.record_visit(application=row, facts=facts, by=cast.head_teacher)


@pytest.mark.race
def test_one_visit_is_recorded_once(committed: Cast) -> None:
    outcome = racing.race(told_again(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}
    set_scope(committed.school.pk)
    assert HomeVisit.objects.count() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_it_is_recorded_several_times(committed: Cast) -> None:
    assert racing.unguarded(told_again(committed), organisation=committed.school) > 1


def adding_members(cast: Cast) -> Callable[[int], object]:
    visit = begun(cast)
    mark = family.mark(visit, "members")
    names = [f"张样{chr(0x4E00 + i)}" for i in range(64)]

    def save(i: int) -> object:
        told = MemberFacts(names[i], "兄弟", 9)
        return actions.save_member(visit=visit, told=told, mark=mark)

    return save


@pytest.mark.race
def test_one_of_many_new_members_wins_and_the_others_are_told(committed: Cast) -> None:
    outcome = racing.race(adding_members(committed), organisation=committed.school)
    assert outcome == {"won": 1, "Changed": 63}
    set_scope(committed.school.pk)
    assert HouseholdMember.objects.count() == 3


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_several_new_members_win(committed: Cast) -> None:
    assert racing.unguarded(adding_members(committed), organisation=committed.school) > 1


def uploading(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, colours: tuple[str, ...]
) -> Callable[[int], object]:
    """Pictures for the last free place; one colour is the same file every time."""
    visit = begun(cast)
    monkeypatch.setattr(family_papers, "MOST_PAPERS", Attachment.objects.count() + 1)
    pictures = [family.picture(size=(40, 30), color=c) for c in colours]

    def add(i: int) -> object:
        content = pictures[i % len(pictures)]
        return actions.add_paper(visit=visit, kind="medical", content=content)

    return add


@pytest.mark.race
def test_no_paper_beyond_the_limit(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    act = uploading(committed, monkeypatch, COLOURS)
    outcome = racing.race(act, organisation=committed.school)
    assert outcome == {"won": 1, "Refused": 63}


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_papers_pass_the_limit(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = uploading(committed, monkeypatch, COLOURS)
    assert racing.unguarded(act, organisation=committed.school) > 1


def sending_twice(cast: Cast) -> Callable[[int], object]:
    visit = begun(cast)
    content = family.picture(size=(40, 30), color="red")
    return lambda _: actions.add_paper(visit=visit, kind="medical", content=content)


def kept() -> int:
    return Attachment.objects.filter(kind="medical").count()


@pytest.mark.race
def test_the_same_picture_is_kept_once(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_papers, "MOST_PAPERS", 100)
    outcome = racing.race(sending_twice(committed), organisation=committed.school)
    assert outcome == {"won": 64}
    set_scope(committed.school.pk)
    assert kept() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_it_is_kept_several_times(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family_papers, "MOST_PAPERS", 100)
    kept_it = 'INSERT INTO "applications_attachment"'
    racing.unguarded(sending_twice(committed), organisation=committed.school, before=kept_it)
    set_scope(committed.school.pk)
    assert kept() > 1


def signatures() -> int:
    return StoredFile.objects.filter(purpose="application_paper", name__startswith="承诺").count()


@pytest.mark.race
def test_of_many_signatures_one_is_left(committed: Cast) -> None:
    visit, drawn = begun(committed), family.drawn()
    outcome = racing.race(
        lambda _: actions.sign(visit=visit, drawn=drawn), organisation=committed.school
    )
    assert outcome == {"won": 64}
    set_scope(committed.school.pk)
    assert signatures() == 1
    assert FamilyFiling.objects.get().signature is not None


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_older_signatures_are_left_behind(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, drawn = begun(committed), family.drawn()
    # Each takes the one before for the older one; whoever forgets it last finds it gone.
    monkeypatch.setattr(family_papers, "forget", lambda file: None)
    won = racing.unguarded(
        lambda _: actions.sign(visit=visit, drawn=drawn), organisation=committed.school
    )
    set_scope(committed.school.pk)
    assert won > 1
    assert signatures() > 1


def test_a_phone_that_dies_loses_only_the_page_it_was_on(cast: Cast) -> None:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    student = cast.a.students[0]
    code = actions.issue_code(round_=round_, school_class=student.school_class, by=cast.operator)
    who = {
        "code": code.code.reveal(),
        "name": student.name,
        "tail": student.id_number.reveal()[-6:],
        "address": "192.0.2.7",
    }
    dying = actions.visit_of(actions.enter(**who) or "")
    assert dying is not None
    actions.save_who(visit=dying, told=family.WHO, consents=True, mark=family.mark(dying, "who"))
    actions.save_member(visit=dying, told=family.FATHER, mark=family.mark(dying, "members"))
    # Another phone, the same code: everything that was sent is there, and it goes on to the end.
    other = actions.visit_of(actions.enter(**who) or "")
    assert other is not None
    assert other.pk != dying.pk
    family.fill(other)
    assert HouseholdMember.objects.count() == 2
    assert actions.hand_over(visit=other).status == Application.Status.CHECKING


def dropping(cast: Cast) -> Callable[[int], object]:
    visit = begun(cast)
    paper = actions.add_paper(visit=visit, kind="medical", content=family.picture())
    return lambda _: actions.drop_paper(visit=visit, paper_id=paper.pk)


def dropped() -> int:
    return Event.objects.filter(verb="attachment.drop").count()


@pytest.mark.race
def test_a_paper_is_taken_out_once(committed: Cast) -> None:
    outcome = racing.race(dropping(committed), organisation=committed.school)
    assert outcome == {"won": 64}
    set_scope(committed.school.pk)
    assert dropped() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_it_is_taken_out_several_times(committed: Cast) -> None:
    racing.unguarded(dropping(committed), organisation=committed.school)
    set_scope(committed.school.pk)
    assert dropped() > 1


def first_codes(cast: Cast) -> Callable[[int], object]:
    round_ = actions.open_recognition_round(school=cast.school, term=cast.term, by=cast.operator)
    return lambda _: actions.issue_missing_codes(round_=round_, by=cast.operator)


@pytest.mark.race
def test_a_class_gets_its_first_code_once(committed: Cast) -> None:
    outcome = racing.race(first_codes(committed), organisation=committed.school)
    assert outcome == {"won": 64}
    set_scope(committed.school.pk)
    assert AccessCode.objects.count() == 1


@pytest.mark.race
@pytest.mark.usefixtures("no_locks")
def test_without_the_lock_it_gets_several(committed: Cast) -> None:
    act = first_codes(committed)
    with database.without("applications_accesscode", "access_code_live_once"):
        racing.unguarded(act, organisation=committed.school)
        set_scope(committed.school.pk)
        assert AccessCode.objects.count() > 1
