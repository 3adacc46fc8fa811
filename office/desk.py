"""What every floor offers the desk and the menu: things to do, places to go, rounds to follow."""

from dataclasses import dataclass, field
from datetime import date

from schools.roles import Role


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the menu. `group` is its heading; `order` sorts inside the whole menu."""

    label: str
    url_name: str
    icon: str
    group: str
    order: int
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something this person must do now, until when, and where.

    `place` is the url_name of the menu entry that shows the count.
    """

    title: str
    text: str
    url: str
    action: str
    due_on: date | None = None
    provisional: bool = False
    count: int = 1
    place: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a round as the stepper shows it; `state` is done, now, late or empty."""

    label: str
    state: str = ""
    done: int | None = None
    total: int | None = None
    unit: str = "人"
    until: date | str | None = None
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that does not look right, with how many and where it is cleared up."""

    title: str
    count: int
    text: str
    url: str
    tone: str = "wait"
    unit: str = "人"


@dataclass(slots=True)
class Happened:
    """One line of a student's file: when, what, by whom, and where it is looked at."""

    on: date
    title: str
    text: str = ""
    by: str = ""
    tone: str = "done"
    restricted: bool = False
    facts: dict[str, str] = field(default_factory=dict)
