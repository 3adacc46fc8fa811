"""Write a roster's difference in batches, so that the work grows with the rows and no faster."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from schools.models import School
from students.models import Guardian, SchoolClass, Student, blind_enrolment
from students.rules.names import pinyin_of
from students.rules.roster.cells import Row
from students.rules.roster.difference import PLAIN, SEALED, Addition, Alteration, Difference
from students.rules.roster.places import Place

BATCH = 1_000
Classes = Mapping[Place, SchoolClass]


def write_difference(*, school: School, difference: Difference) -> None:
    """New classes, added and changed students, their guardians; in the caller's transaction."""
    classes = _open(school, difference)
    added = _add(school, difference, classes)
    altered = _alter(difference, classes)
    _write_guardians(school, added, altered)


def _open(school: School, difference: Difference) -> dict[Place, SchoolClass]:
    moved: list[Addition | Alteration] = [*difference.changed, *difference.added]
    majors = {m.place: m.row.values for m in moved if isinstance(m.place, Place)}
    return {
        place: SchoolClass.objects.create(
            school=school,
            stage=place.stage,
            grade=place.grade,
            number=place.number,
            name=place.name,
            major=majors.get(place, {}).get("major", ""),
            department=majors.get(place, {}).get("department", ""),
        )
        for place in difference.places
    }


def _class_of(place: SchoolClass | Place, classes: Classes) -> SchoolClass:
    return classes[place] if isinstance(place, Place) else place


def _add(school: School, difference: Difference, classes: Classes) -> list[tuple[Student, Row]]:
    made = []
    for addition in difference.added:
        values = addition.row.values
        student = Student(
            school=school,
            school_class=_class_of(addition.place, classes),
            id_blind=addition.id_blind,
            birth_date=values["birth_date"],
            sex=values["sex"],
        )
        student.id_number = values["id_number"]
        _take(student, [n for n in (*PLAIN, *SEALED) if n in values], values)
        made.append((student, addition.row))
    Student.objects.bulk_create([student for student, _ in made], batch_size=BATCH)
    return made


def _alter(difference: Difference, classes: Classes) -> list[Alteration]:
    rows = []
    for change in difference.changed:
        _take(change.student, change.fields, change.row.values)
        if "class_name" in change.fields:
            change.student.school_class = _class_of(change.place, classes)
        rows.append(change.student)
    names = {"school_class", "name_key", "pinyin", "initials", "enrolment_blind", *PLAIN, *SEALED}
    # One INSERT … ON CONFLICT per batch: bulk_update's CASE per field grows with its square.
    _write(Student, rows, names)
    return difference.changed


def _take(student: Student, fields: list[str], values: Mapping[str, Any]) -> None:
    """Set the facts that a row tells, with what follows from them."""
    for name in fields:
        if name in PLAIN or name in SEALED:
            setattr(student, name, values[name])
    if "name" in fields:
        student.name_key = values["name_key"]
        student.pinyin, student.initials = pinyin_of(values["name"])
    if "enrolment_no" in fields:
        student.enrolment_blind = blind_enrolment(values["enrolment_no"])


def _write_guardians(
    school: School, added: list[tuple[Student, Row]], altered: list[Alteration]
) -> None:
    new: list[Guardian] = []
    known: list[Guardian] = []
    for student, row in added:
        if "guardian_name" in row.values:
            new.append(_guardian(Guardian(school=school, student=student), row.values))
    for change in altered:
        if not any(name.startswith("guardian") for name in change.fields):
            continue
        blank = Guardian(school=school, student=change.student)
        found = _guardian(change.guardian or blank, change.row.values)
        (known if change.guardian else new).append(found)
    Guardian.objects.bulk_create(new, batch_size=BATCH)
    _write(Guardian, known, {"relation", "phone"})


def _guardian(guardian: Guardian, values: Mapping[str, Any]) -> Guardian:
    guardian.name = values["guardian_name"]
    if "guardian_relation" in values:
        guardian.relation = values["guardian_relation"]
    if "guardian_phone" in values:
        guardian.phone = values["guardian_phone"]
    return guardian


def _write(model: type[Model], rows: list[Any], names: set[str]) -> None:
    if rows:
        model._default_manager.bulk_create(
            rows,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted(names),
        )
