"""Every public writer is raced by 64 threads and has its negative control, or says why not."""

import inspect
import re
from collections.abc import Callable

import pytest

from office.actions import read_all, tell
from tests import raced
from tests.cast import Cast
from tests.racing import race

# They change nothing but the trail, whose own race is in tests/audit/test_races.py.
READ = {
    "applications.actions.codes.read_codes",
    "applications.actions.form_sheets.form_template",
    "applications.actions.form_sheets.marked_form_sheet",
    "applications.actions.reading.read_household",
    "applications.actions.reading.read_visits",
    "archive.actions.hand_out",
    "disbursement.actions.papers.print_receipts",
    "disbursement.actions.reveals.note_export",
    "disbursement.actions.reveals.reveal_card",
    "disbursement.actions.reveals.take_bank_file",
    "review.actions.objections.reveal_contact",
    "review.actions.reading.read_score",
    "students.actions.corrections.reveal_correction",
    "students.actions.exports.export_roster",
    "students.actions.exports.marked_roster",
    "students.actions.finding.find_by_number",
    "students.actions.guardians.reveal_guardian",
    "students.actions.reveals.reveal",
    "students.actions.sheets.print_sheet",
}
OF_ITS_OWN = "each call makes a row of its own; what is done with the row is raced"
AGAIN = "the same again changes nothing"
NO_RACE = {
    "applications.actions.family_entry.leave": AGAIN,
    "applications.actions.family_filing.confirm_members": AGAIN,
    "applications.actions.family_filing.drop_member": AGAIN,
    "applications.actions.form_sheets.stage_form_sheet": OF_ITS_OWN,
    "disbursement.actions.roll_checks.check_roll": OF_ITS_OWN,
    "office.actions.done_with": AGAIN,
    "office.actions.read_all": AGAIN,
    "office.actions.tell": OF_ITS_OWN,
    "office.actions.tell_all": OF_ITS_OWN,
    "schools.actions.found_bureau": "called by add_district and begin alone, which are raced",
    "schools.actions.found_school": "called by add_school alone, which is raced",
    "schools.almanac.move_clock": "the clock of a demonstration",
    "students.actions.finding.drop_filter": AGAIN,
    "students.actions.headings.forget_heading": AGAIN,
    "students.actions.headings.remember_headings": "one statement by key; the last word holds",
    "students.actions.missing.record_whereabouts": "raced; one statement by key, no guard to take",
    "students.actions.risks.count_heads": OF_ITS_OWN,
}
WRITES = re.compile(
    r"\.(save|delete|create|bulk_create|bulk_update|update_or_create|get_or_create)\("
    r"|\.update\((?!dict)|moves\.make|want_once\("
)


def test_every_writer_is_raced_and_has_its_control() -> None:
    races, controls = raced.raced_by_tests()
    wanting = {
        name: [word for word, by in (("race", races), ("control", controls)) if name not in by]
        for name in raced.actions().values()
        if name not in READ and name not in NO_RACE
    }
    assert {name: lacks for name, lacks in wanting.items() if lacks} == {}


def test_what_is_excused_exists_and_needs_it() -> None:
    races, controls = raced.raced_by_tests()
    excused = READ | NO_RACE.keys()
    assert not READ & NO_RACE.keys()
    assert excused <= set(raced.actions().values())
    assert {name for name in excused if name in races and name in controls} == set()


def test_what_only_reads_writes_nothing_but_the_trail() -> None:
    sources = {name: inspect.getsource(action) for action, name in raced.actions().items()}
    assert [name for name in sorted(READ) if WRITES.search(sources[name])] == []
    assert WRITES.search(sources["schools.actions.dismiss"])


def _sample(cast: Cast) -> None:
    """Sets the stage with one action and races another, through a helper."""
    tell(organisation=cast.school, person=cast.operator.person, title="提醒")
    race(_handed(cast), organisation=cast.school)


def _handed(cast: Cast) -> Callable[[int], object]:
    return lambda _: read_all(by=cast.operator)


@pytest.mark.parametrize("bare", [read_all])
def _bare(cast: Cast, bare: object) -> None:
    """An action named in a table of cases is called by what is handed over."""
    race(lambda i: bare, organisation=cast.school)


def test_what_sets_the_stage_does_not_count_as_raced() -> None:
    here = raced.module_of(raced.ROOT / "tests/aidadmin/test_races_complete.py")
    everything, handed_over = raced.reach(here, "_sample")
    assert race in everything
    assert tell in everything - handed_over
    assert read_all in handed_over
    assert read_all in raced.reach(here, "_bare")[1]
