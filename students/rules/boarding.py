"""就读方式 day by day: who becomes a day pupil in mid-term was a boarder until then."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from students.models import EnrolmentChange, Student

Kind = EnrolmentChange.Kind
Boarding = Student.Boarding
BECOMES: Mapping[str, str] = {Kind.BOARDS: Boarding.BOARDER, Kind.BY_DAY: Boarding.DAY}
OTHER: Mapping[str, str] = {
    Boarding.BOARDER: Boarding.DAY,
    Boarding.DAY: Boarding.BOARDER,
}


def boarding_on(now: str, changes: Sequence[tuple[str, date]], day: date) -> str:
    """What held on a day; `now` is the roster's word, `changes` (kind, day) as they were recorded.

    Where the roster was changed without a day, nobody knows since when: its word holds for all.
    """
    told = _spells(changes)
    if not told or told[-1][0] != now:
        return now
    held = [boarding for boarding, on in told if on <= day]
    return held[-1] if held else OTHER[told[0][0]]


def _spells(changes: Iterable[tuple[str, date]]) -> list[tuple[str, date]]:
    """What was told last holds from its day on: a day told wrongly is told again."""
    found: list[tuple[str, date]] = []
    for kind, on in _not_undone(changes):
        boarding = BECOMES[kind]
        found = [spell for spell in found if spell[1] < on]
        if found and found[-1][0] == boarding:
            found.pop()
        found.append((boarding, on))
    return found


def _not_undone(changes: Iterable[tuple[str, date]]) -> list[tuple[str, date]]:
    """There and back on one day is how a change that never was is taken back."""
    found: list[tuple[str, date]] = []
    for kind, on in changes:
        if found and found[-1][1] == on and found[-1][0] != kind:
            found.pop()
        else:
            found.append((kind, on))
    return found
