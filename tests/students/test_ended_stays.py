"""A tag that two persons ended stays so: each condition of it alone, by raw SQL."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection

from privacy.fields import blind_id
from schools import clock
from schools.models import Organisation
from schools.scope import acting_for
from students.models import (
    DepartmentList,
    DepartmentListRow,
    MatchCandidate,
    SpecialGroup,
    SpecialGroupTag,
    Student,
    TagEnding,
)
from tests.cast import Cast, next_id
from tests.kept import refusal, undone
from tests.students.test_endings import PAST
from tests.students.test_replaced_lists import replaced

TAG = (
    "INSERT INTO students_specialgrouptag (school_id, student_id, group_id, source_list_id,"
    " source, strength, detail, valid_from, recorded_at) SELECT school_id, id, {group}, {old},"
    " 'x', 'id', '', '2026-08-01', now() FROM students_student WHERE id = {who}"
)


class Replaced:
    """An older list's tag that two persons ended by a newer list, and what leads to it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.old, self.new = replaced(cast)
        with acting_for(cast.district):
            self.ending = TagEnding.objects.get()
            self.tag = SpecialGroupTag.objects.get(
                pk__in=self.ending.tags, school_id=cast.school.pk
            )
        self.who = self.tag.student_id
        self.other_group = SpecialGroup.objects.exclude(pk=self.tag.group_id).earliest("pk").pk

    def tagged(
        self,
        who: int | None = None,
        group: int | None = None,
        old: int | None = None,
        by: Organisation | None = None,
    ) -> str:
        """What the database says against the tag from the older list."""
        statement = TAG.format(
            group=group or self.tag.group_id, old=old or self.old.pk, who=who or self.who
        )
        with acting_for(by or self.cast.district):
            return refusal(statement)

    def others_ended(self, group: int | None = None) -> int:
        """One more list replaced the older one (or one of `group`, returned), for others."""
        with acting_for(self.cast.district):
            old = DepartmentList.objects.get(pk=self.old.pk)
            new = DepartmentList.objects.get(pk=self.new.pk)
            if group:
                old.pk, old.group_id, new.group_id = None, group, group
                old.save(force_insert=True)
            new.pk = None
            new.save(force_insert=True)
            ending = TagEnding.objects.get(pk=self.ending.pk)
            ending.pk, ending.list, ending.tags = None, new, []
            ending.save(force_insert=True)
        return int(old.pk)

    def replaced(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT aid_list_replaced(%s)", [self.old.pk])
            return bool(cursor.fetchone()[0])

    def named_by(self, blind: bytes, listed: DepartmentList) -> None:
        """The list names whoever has this number."""
        row = DepartmentListRow.objects.filter(list=self.new).latest("pk")
        row.pk, row.list, row.row, row.id_blind = None, listed, row.row + 1000, blind
        row.organisation_id = listed.organisation_id
        row.save(force_insert=True)


@pytest.fixture
def stood(cast: Cast) -> Replaced:
    return Replaced(cast)


def change_day(stood: Replaced) -> None:
    with acting_for(stood.cast.district):
        change(DepartmentList, stood.new.pk, issued_on=PAST)


def change(model: type[DepartmentList | TagEnding], pk: int, **facts: object) -> None:
    model._default_manager.filter(pk=pk).update(**facts)


def moved_to_another_bureau(stood: Replaced) -> None:
    """The newer list and its ending are another bureau's; here nothing was ended."""
    change(TagEnding, stood.ending.pk, list=stood.old.pk)
    other = stood.cast.other_district
    with acting_for(other):
        listed, ending = stood.new, stood.ending
        listed.pk, listed.organisation_id = None, other.pk
        listed.save(force_insert=True)
        ending.pk, ending.organisation_id, ending.list = None, other.pk, listed
        ending.save(force_insert=True)


UNREPLACED: dict[str, Callable[[Replaced], None]] = {
    "another group's list": lambda s: change(DepartmentList, s.new.pk, group=s.other_group),
    "not compared": lambda s: change(DepartmentList, s.new.pk, status="staged"),
    "an older list": lambda s: change(DepartmentList, s.new.pk, issued_on=PAST - timedelta(days=1)),
    "ended by itself": lambda s: change(TagEnding, s.ending.pk, list=s.old.pk),
    "proposed alone": lambda s: change(TagEnding, s.ending.pk, status="proposed", approve_by=None),
    "another bureau's list": moved_to_another_bureau,
}


def test_an_ended_tag_is_refused_while_its_list_is_replaced(stood: Replaced) -> None:
    assert "tag_stays_ended" in stood.tagged()
    assert stood.replaced()
    # On one day the later upload is the newer one.
    change_day(stood)
    assert "tag_stays_ended" in stood.tagged()
    assert stood.replaced()


@pytest.mark.parametrize("why", UNREPLACED)
def test_what_is_not_replaced_may_tag(stood: Replaced, why: str) -> None:
    with acting_for(stood.cast.district):
        UNREPLACED[why](stood)
    assert stood.tagged() == ""
    assert not stood.replaced()


def ended_nobody(stood: Replaced) -> None:
    change(TagEnding, stood.ending.pk, tags=[])


@pytest.mark.parametrize("why", [*UNREPLACED, "not among those ended"])
def test_it_is_this_newer_list_that_ended_him(stood: Replaced, why: str) -> None:
    stood.others_ended()
    assert "tag_stays_ended" in stood.tagged()
    with acting_for(stood.cast.district):
        UNREPLACED.get(why, ended_nobody)(stood)
    assert stood.tagged() == ""
    assert stood.replaced()


def test_what_another_groups_list_says_is_told_by_its_own_successor(stood: Replaced) -> None:
    beside = stood.others_ended(stood.other_group)
    assert stood.tagged(old=beside) == ""


def test_the_school_itself_brings_no_tag_back_either(stood: Replaced) -> None:
    assert "tag_stays_ended" in stood.tagged(by=stood.cast.school)
    assert stood.tagged(by=stood.cast.school, who=stood.cast.a.students[2].pk) == ""


def test_after_a_tag_that_was_taken_no_question_stays_open(committed: Cast) -> None:
    stood = Replaced(committed)
    with acting_for(committed.district), connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            TAG.format(group=stood.tag.group_id, old=stood.old.pk, who=committed.a.students[2].pk)
        )
        for end in ("SELECT", "COMMIT"):
            cursor.execute(end)
            cursor.execute("SELECT coalesce(current_setting('aid.asking', true), '')")
            assert cursor.fetchone()[0] == ""


def test_only_the_tag_that_was_ended_stays_so(stood: Replaced) -> None:
    assert stood.tagged(group=stood.other_group) == ""
    assert stood.tagged(who=stood.cast.a.students[2].pk) == ""
    # In the other group he was tagged too, and nobody ended it.
    with acting_for(stood.cast.district):
        change(DepartmentList, stood.old.pk, group=stood.other_group)
    assert stood.tagged() == ""


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (PAST, date(2026, 8, 31), True),
        (PAST, date(2026, 8, 30), True),
        # Carried on after the ending: it was not this ending that ended it.
        (PAST, date(2026, 9, 1), False),
        (PAST, None, False),
        # Never in force: from a day after the ending, taken back before it began.
        (date(2026, 9, 9), date(2026, 9, 8), True),
        (date(2026, 9, 9), date(2026, 9, 9), False),
    ],
)
def test_a_tag_that_went_on_may_come_again(
    stood: Replaced, since: date, until: date | None, said: bool
) -> None:
    with acting_for(stood.cast.district):
        SpecialGroupTag.objects.filter(pk=stood.tag.pk).update(valid_from=since, valid_to=until)
        if until is None:
            SpecialGroupTag.objects.filter(pk=stood.tag.pk).update(valid_to=date(2099, 1, 1))
    assert ("tag_stays_ended" in stood.tagged()) is said


def test_whom_a_list_in_force_names_may_be_tagged(stood: Replaced) -> None:
    mine = bytes(Student.objects.get(pk=stood.who).id_blind)
    with acting_for(stood.cast.district):
        stood.named_by(blind_id(next_id()), stood.new)
        assert "tag_stays_ended" in stood.tagged()
        with undone():
            stood.named_by(mine, stood.new)
            assert stood.tagged() == ""
        # The replaced one named him all along.
        assert DepartmentListRow.objects.filter(list=stood.old, id_blind=mine).exists()
        third = DepartmentList.objects.get(pk=stood.new.pk)
        third.pk = None
        third.save(force_insert=True)
        stood.named_by(mine, third)
        assert stood.tagged() == ""
        for facts in (
            {"group": stood.other_group},
            {"status": "staged"},
            {"issued_on": PAST},
        ):
            with undone():
                change(DepartmentList, third.pk, **facts)
                assert "tag_stays_ended" in stood.tagged(), facts


def test_a_list_of_another_bureau_names_nobody_here(stood: Replaced) -> None:
    mine = bytes(Student.objects.get(pk=stood.who).id_blind)
    other = stood.cast.other_district
    with acting_for(stood.cast.district):
        third = DepartmentList.objects.get(pk=stood.new.pk)
        template = DepartmentListRow.objects.filter(list=stood.new).earliest("pk")
    with acting_for(other):
        third.pk, third.organisation_id = None, other.pk
        third.save(force_insert=True)
        template.pk, template.list, template.id_blind = None, third, mine
        template.organisation_id = other.pk
        template.save(force_insert=True)
    assert "tag_stays_ended" in stood.tagged()


@pytest.mark.parametrize(
    ("status", "of_him", "may"), [("same", True, True), ("waiting", True, False),
                                  ("same", False, False)]
)  # fmt: skip
def test_whom_a_question_found_is_named_too(
    cast: Cast, status: str, of_him: bool, may: bool
) -> None:
    stood, number = Replaced(cast), next_id()
    decided = {"how": "户口簿", "decided_by": cast.operator.person, "decided_at": clock.now()}
    row = MatchCandidate(
        school=cast.school, student_id=stood.who if of_him else cast.a.students[2].pk,
        group_id=stood.tag.group_id, source_list_id=stood.old.pk, source="x", strength="id",
        listed_blind=blind_id(number),
        valid_from=PAST, found_at=clock.now(), status=status,
        **(decided if status == "same" else {}),
    )  # fmt: skip
    row.listed_id = number
    row.save()
    with acting_for(cast.district):
        stood.named_by(bytes(row.listed_blind), stood.new)
    assert (stood.tagged() == "") is may
