"""What a roster file would change: added, changed, unchanged, left; computed without writing."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from privacy.fields import Sealed, blind_id
from schools.models import School, Stage
from students.models import Guardian, SchoolClass, Student, blind_enrolment
from students.rules.roster.cells import Row
from students.rules.roster.columns import LABELS
from students.rules.roster.places import Place
from students.rules.roster.reading import Reading

PLAIN = (
    "name",
    "sex",
    "birth_date",
    "ethnicity",
    "student_no",
    "household",
    "boarding",
    "entered_on",
)
SEALED = ("enrolment_no", "phone", "address")
# Older than this at a stage is looked at (requirement row 1-37).
OLDEST: Mapping[str, int] = {
    Stage.PRESCHOOL: 7,
    Stage.PRIMARY: 14,
    Stage.JUNIOR: 17,
    Stage.SENIOR: 20,
    Stage.VOCATIONAL: 20,
}


@dataclass(slots=True)
class Addition:
    """A student who is not on the roster yet."""

    row: Row
    place: SchoolClass | Place
    id_blind: bytes


@dataclass(slots=True)
class Alteration:
    """A student whose facts differ; `fields` are the columns that do."""

    row: Row
    place: SchoolClass | Place
    student: Student
    fields: list[str]
    guardian: Guardian | None = None


@dataclass(slots=True)
class Difference:
    """All that applying would do. `left` are students of the file's grades who are not in it."""

    added: list[Addition] = field(default_factory=list)
    changed: list[Alteration] = field(default_factory=list)
    unchanged: int = 0
    left: list[Student] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether applying would change nothing."""
        return not (self.added or self.changed)

    def fingerprint(self) -> str:
        """The same for the same difference to the same roster, whatever the order of rows."""
        lines = [f"+{a.id_blind.hex()} {_said(a.row)} {_key(a.place)}" for a in self.added]
        lines += [
            f"~{c.student.pk} {c.fields} {_held(c)} {_said(c.row)} {_key(c.place)}"
            for c in self.changed
        ]
        lines += [f"={self.unchanged}", *(f"*{_key(p)}" for p in self.places)]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

    def fields_changed(self) -> dict[str, int]:
        """How many students change in each column, most first."""
        counts = Counter(name for c in self.changed for name in c.fields)
        return {LABELS[name]: n for name, n in counts.most_common()}


def counts_of(reading: Reading, difference: Difference) -> dict[str, Any]:
    """The numbers of the preview; rows = added + changed + unchanged + bad."""
    return {
        "rows": len(reading.rows),
        "added": len(difference.added),
        "changed": len(difference.changed),
        "unchanged": difference.unchanged,
        "left": len(difference.left),
        "bad": reading.bad_rows,
        "errors": len(reading.problems),
        "warnings": len(reading.warnings),
        "classes": [p.name for p in difference.places],
        "fields": difference.fields_changed(),
    }


def differ(*, school: School, reading: Reading, today: date, lock: bool = False) -> Difference:
    """Compare the good rows of a file with the roster; adds problems and warnings to the rows.

    With `lock` the school's students stay locked until the transaction ends.
    """
    if reading.file_problems:
        return Difference()
    roster = _roster(school, lock)
    guardians = _guardians(school)
    blinds = {
        id(r): blind_id(r.values["id_number"]) for r in reading.rows if "id_number" in r.values
    }
    _check_against(reading, roster, blinds)
    difference = Difference()
    for row in reading.good:
        student = roster.get(blinds[id(row)])
        place = reading.place_of(row)
        if student is None:
            difference.added.append(Addition(row, place, blinds[id(row)]))
        else:
            _compare(difference, row, place, student, guardians.get(student.pk, {}))
    _doubts(school, reading, difference, roster, blinds, today)
    difference.left = _left(roster.values(), reading, set(blinds.values()))
    used = [*(a.place for a in difference.added), *(c.place for c in difference.changed)]
    difference.places = sorted(
        {p for p in used if isinstance(p, Place)}, key=lambda p: (p.stage, p.grade, p.number)
    )
    return difference


def _roster(school: School, lock: bool) -> dict[bytes, Student]:
    """By identity; someone present wins over an earlier record of the same person who left."""
    rows = Student.objects.for_school(school).select_related("school_class").order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found: dict[bytes, Student] = {}
    for student in rows:
        student.school = school
        known = found.get(student.id_blind)
        if known is None or known.status == Student.Status.LEFT:
            found[student.id_blind] = student
    return found


def _guardians(school: School) -> dict[int, dict[str, Guardian]]:
    found: dict[int, dict[str, Guardian]] = {}
    for guardian in Guardian.objects.for_school(school).order_by("pk"):
        found.setdefault(guardian.student_id, {})[guardian.name] = guardian
    return found


def _check_against(
    reading: Reading, roster: Mapping[bytes, Student], blinds: Mapping[int, bytes]
) -> None:
    """What only the roster can tell: who has left, and whose enrolment number it is."""
    present = [s for s in roster.values() if s.status != Student.Status.LEFT]
    owners = {s.enrolment_blind: s.id_blind for s in present if s.enrolment_blind}
    for row in reading.rows:
        blind = blinds.get(id(row))
        student = roster.get(blind) if blind else None
        if student is not None and student.status == Student.Status.LEFT:
            row.wrong(
                "id_number",
                f"这名学生已于{student.left_on:%Y年%m月%d日}离校。重新入学请先在“学籍异动”登记转入。",
            )
        number = row.values.get("enrolment_no")
        owner = owners.get(blind_enrolment(number)) if number else None
        # Without a good ID number nobody knows whose row it is; its own error is said already.
        if blind and owner is not None and owner != blind:
            row.wrong("enrolment_no", "名册中另一名学生已用这个学籍号，请对照学籍系统核对。")


def _compare(
    difference: Difference,
    row: Row,
    place: SchoolClass | Place,
    student: Student,
    guardians: Mapping[str, Guardian],
) -> None:
    values = row.values
    fields = [n for n in PLAIN if n in values and getattr(student, n) != values[n]]
    fields += [n for n in SEALED if n in values and _clear(getattr(student, n)) != values[n]]
    if isinstance(place, Place) or place.pk != student.school_class_id:
        fields.append("class_name")
    guardian = guardians.get(values.get("guardian_name", ""))
    fields += _guardian_fields(values, guardian)
    if fields:
        difference.changed.append(Alteration(row, place, student, fields, guardian))
    else:
        difference.unchanged += 1


def _guardian_fields(values: Mapping[str, Any], guardian: Guardian | None) -> list[str]:
    if "guardian_name" not in values:
        return []
    if guardian is None:
        return ["guardian_name"]
    fields = []
    if values.get("guardian_relation", guardian.relation) != guardian.relation:
        fields.append("guardian_relation")
    if "guardian_phone" in values and _clear(guardian.phone) != values["guardian_phone"]:
        fields.append("guardian_phone")
    return fields


def _doubts(
    school: School,
    reading: Reading,
    difference: Difference,
    roster: Mapping[bytes, Student],
    blinds: Mapping[int, bytes],
    today: date,
) -> None:
    elsewhere = enrolled_elsewhere(school, blinds.values())
    namesakes = {(s.name_key, s.school_class_id) for s in roster.values() if s.status != "left"}
    for row in reading.good:
        if blinds[id(row)] in elsewhere:
            row.doubtful("id_number", "这名学生在别的学校也有学籍，请与区教育局核对。")
        place = reading.place_of(row)
        birth = row.values["birth_date"]
        age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
        if age > OLDEST.get(place.stage, 99):
            row.doubtful("id_number", f"今年{age}岁，超过这个学段的通常年龄，请核对。")
    for addition in difference.added:
        place, row = addition.place, addition.row
        if isinstance(place, SchoolClass) and (row.values["name_key"], place.pk) in namesakes:
            row.doubtful(
                "name", "班里已有同名学生，证件号不同，会另外新增一人；如是同一人，请先核对证件号。"
            )


def enrolled_elsewhere(school: School, blinds: Iterable[bytes]) -> set[bytes]:
    """Which of these identities another school has enrolled too; never where (row 1-35)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM aid_enrolled_elsewhere(%s, %s::bytea[])", [school.pk, list(blinds)]
        )
        return {bytes(value) for (value,) in cursor.fetchall()}


def _left(roster: Iterable[Student], reading: Reading, named: set[bytes]) -> list[Student]:
    grades = {(p.stage, p.grade) for p in reading.places.values()}
    # A row whose identity number can't be read may still be this student.
    unread = {r.values.get("name_key") for r in reading.rows if "id_number" not in r.values}
    return [
        s
        for s in roster
        if s.status == Student.Status.ENROLLED
        and s.id_blind not in named
        and s.name_key not in unread
        and (s.school_class.stage, s.school_class.grade) in grades
    ]


def _clear(value: Sealed) -> str:
    return value.reveal()


def _key(place: SchoolClass | Place) -> str:
    if isinstance(place, SchoolClass):
        return f"#{place.pk}"
    return f"{place.stage} {place.grade} {place.number} {place.name}"


def _said(row: Row) -> str:
    return str(sorted((k, str(v)) for k, v in row.values.items()))


def _held(change: Alteration) -> str:
    """What the roster holds now in the fields that change, so that a newer value is noticed."""
    held = []
    for name in change.fields:
        if name == "class_name":
            held.append(str(change.student.school_class_id))
        elif name.startswith("guardian"):
            held.append(
                str(change.guardian and (change.guardian.relation, _clear(change.guardian.phone)))
            )
        else:
            value = getattr(change.student, name)
            held.append(_clear(value) if isinstance(value, Sealed) else str(value))
    return str(held)
