"""Write a roster's difference in batches, so that the work grows with the rows and no faster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from office import bulk
from privacy.fields import SealedField, blind_id, blind_phone
from schools import clock
from schools.models import School
from students.models import Guardian, SchoolClass, Student
from students.rules.guardians import kind_of
from students.rules.names import pinyin_of
from students.rules.roster.arrivals import Occupied, comes_new, occupied
from students.rules.roster.class_facts import facts_of
from students.rules.roster.columns import SLOTS
from students.rules.roster.difference import Alteration, Difference
from students.rules.roster.known import PLAIN, RARE_PLAIN, RARE_SEALED, SEALED
from students.rules.roster.places import Place
from students.rules.roster.rows import Row

BATCH = 5_000
Classes = Mapping[Place, SchoolClass]
# What follows from the columns that a row tells.
DERIVED = ("name_key", "enrolment_blind", "pinyin", "initials")


@dataclass(frozen=True, slots=True)
class Writable:
    """Rows of new students as columns, sealed; the guardians' by slot, beside whose they are."""

    students: dict[str, list[Any]]
    guardians: list[tuple[list[bytes], dict[str, list[Any]]]]


@dataclass(frozen=True, slots=True)
class _Listed:
    """Since when those are on the roster of whom a file does not say when they entered."""

    today: date
    occupied: Occupied

    def of(self, row: Row) -> date | None:
        """The day of the import for whoever comes new; None where nobody knows."""
        told = row.facts.entered_on is not None
        return None if told or not comes_new(row, self.occupied) else self.today


@bulk.uncollected()
def write_difference(*, school: School, difference: Difference) -> None:
    """New classes, added and changed students, their guardians; in the caller's transaction."""
    classes = _open(school, difference)
    listed = _Listed(clock.today(), occupied(school))
    added = bulk.in_batches(difference.added, BATCH)
    for writable in bulk.ahead(lambda rows: _writable(school, rows, classes, listed), added):
        _add(school, writable)
    for changes in bulk.in_batches(difference.changed, BATCH):
        _alter(school, changes, classes)


def _open(school: School, difference: Difference) -> dict[Place, SchoolClass]:
    rows = [*(c.row for c in difference.changed), *difference.added]
    facts = facts_of(sorted(rows, key=lambda row: row.index))
    return {
        place: SchoolClass.objects.create(
            school=school,
            stage=place.stage,
            grade=place.grade,
            number=place.number,
            name=place.name,
            major=facts[place].get("major", ""),
            department=facts[place].get("department", ""),
            agri_major=facts[place].get("agri_major", False),
        )
        for place in difference.places
    }


def _class_of(row: Row, classes: Classes) -> int:
    found = classes[row.place] if isinstance(row.place, Place) else row.place
    return int(cast(SchoolClass, found).pk)


def _writable(school: School, rows: list[Row], classes: Classes, listed: _Listed) -> Writable:
    plain, sealed = (*PLAIN, *_told(rows, RARE_PLAIN)), (*SEALED, *_told(rows, RARE_SEALED))
    columns = {name: [getattr(r.facts, name) for r in rows] for name in plain}
    columns |= {
        name: _sealed(Student, name, [getattr(r.facts, name) for r in rows], school)
        for name in ("id_number", *sealed)
    }
    columns |= _derived(rows)
    columns["id_blind"] = [r.id_blind for r in rows]
    columns["phone_blind"] = _phones(r.facts.phone for r in rows)
    columns["school_class_id"] = [_class_of(r, classes) for r in rows]
    columns["listed_on"] = [listed.of(r) for r in rows]
    guardians = []
    for slot in SLOTS:
        named = [r for r in rows if r.id_blind and _names(r, slot)]
        if named:
            whose = [r.id_blind for r in named if r.id_blind]
            guardians.append((whose, _guardians(school, named, slot)))
    return Writable(columns, guardians)


def _add(school: School, writable: Writable) -> None:
    made = bulk.insert(
        Student, writable.students, returning=("id_blind", "id"), school_id=school.pk
    )
    ids = {bytes(blind): key for blind, key in made}
    for whose, columns in writable.guardians:
        columns["student_id"] = [ids[blind] for blind in whose]
        bulk.insert(Guardian, columns, school_id=school.pk)


def _told(rows: Sequence[Row], names: Iterable[str]) -> list[str]:
    """Of the columns that few files have, those that one of the sheets has."""
    tables = {id(row.table): row.table for row in rows}.values()
    return [name for name in names if any(name in table.columns for table in tables)]


def _derived(rows: Sequence[Row]) -> dict[str, list[Any]]:
    spelled = [pinyin_of(r.facts.name) if r.facts.name else (None, None) for r in rows]
    return {
        "name_key": [r.facts.name_key for r in rows],
        "enrolment_blind": [r.enrolment_blind for r in rows],
        "pinyin": [pinyin for pinyin, _ in spelled],
        "initials": [initials for _, initials in spelled],
    }


def _sealed(
    model: type[Student | Guardian], name: str, values: Sequence[str | None], school: School
) -> list[bytes | None]:
    sealed = cast(SealedField, model._meta.get_field(name)).sealer(school.pk)
    return [None if value is None else sealed(value) for value in values]


def _phones(told: Iterable[str | None]) -> list[bytes | None]:
    """By what equal telephones are found; None leaves what is there."""
    return [blind_phone(value) if value else None for value in told]


def _alter(school: School, changes: list[Alteration], classes: Classes) -> None:
    """One UPDATE for all; a fact that does not differ is left as it is."""
    touched = {name for change in changes for name in change.fields}
    columns: dict[str, list[Any]] = {}
    for name in touched.intersection((*PLAIN, *RARE_PLAIN)):
        columns[name] = [getattr(c.row.facts, name) for c in changes]
    for name in touched.intersection((*SEALED, *RARE_SEALED)):
        told = [getattr(c.row.facts, name) if name in c.fields else None for c in changes]
        columns[name] = _sealed(Student, name, told, school)
        if name == "phone":
            columns["phone_blind"] = _phones(told)
    if "class_name" in touched:
        columns["school_class_id"] = [_class_of(c.row, classes) for c in changes]
    if touched.intersection(("name", "enrolment_no")):
        columns |= _derived([c.row for c in changes])
    if columns:
        bulk.alter(Student, school.pk, [c.known.id for c in changes], columns)
    for slot in SLOTS:
        named = [c for c in changes if f"{slot}_name" in c.fields and _names(c.row, slot)]
        if named:
            columns = _guardians(school, [c.row for c in named], slot)
            columns["student_id"] = [c.known.id for c in named]
            bulk.insert(Guardian, columns, school_id=school.pk)
        _alter_guardians(school, [c for c in changes if c.guardian_of(slot)], slot)


def _names(row: Row, slot: str) -> bool:
    return getattr(row.facts, f"{slot}_name") is not None


def _guardians(school: School, named: Sequence[Row], slot: str) -> dict[str, list[Any]]:
    """Columns of new guardians but for the key of the student."""
    told = [row.facts for row in named]
    return {
        "name": [getattr(facts, f"{slot}_name") for facts in told],
        "relation": [getattr(facts, f"{slot}_relation") for facts in told],
        **_numbers(
            school,
            [getattr(facts, f"{slot}_phone") for facts in told],
            [getattr(facts, f"{slot}_id_number") for facts in told],
        ),
    }


def _numbers(
    school: School, phones: Sequence[str | None], identities: Sequence[str | None]
) -> dict[str, list[Any]]:
    """A guardian's sealed columns with what they are found by; None leaves what is there."""
    return {
        "phone": _sealed(Guardian, "phone", phones, school),
        "phone_blind": _phones(phones),
        "id_number": _sealed(Guardian, "id_number", identities, school),
        "id_blind": [blind_id(number) if number else None for number in identities],
        "id_kind": [kind_of(number) if number else None for number in identities],
    }


def _alter_guardians(school: School, changes: Sequence[Alteration], slot: str) -> None:
    def told(part: str) -> list[Any]:
        name = f"{slot}_{part}"
        return [getattr(c.row.facts, name) if name in c.fields else None for c in those]

    parts = {f"{slot}_{part}" for part in ("relation", "phone", "id_number")}
    those = [c for c in changes if parts.intersection(c.fields)]
    if not those:
        return
    columns = {"relation": told("relation"), **_numbers(school, told("phone"), told("id_number"))}
    ids = [known.id for c in those if (known := c.guardian_of(slot))]
    bulk.alter(Guardian, school.pk, ids, columns)
