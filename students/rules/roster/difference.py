"""What a roster file would change: added, changed, unchanged, left; computed without writing."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any

from django.db import connection

from office.bulk import array
from privacy.fields import blind_ids
from privacy.identity import name_key
from schools.models import School, Stage
from students.models import SchoolClass, Student, blind_enrolments
from students.rules.ages import age_on, outside, school_year_start
from students.rules.limits import ages_of
from students.rules.roster.class_facts import doubt_classes, doubt_stages
from students.rules.roster.columns import LABELS, SLOTS
from students.rules.roster.entering import look_at_entries
from students.rules.roster.known import PLAIN, Known, KnownGuardian, Roster
from students.rules.roster.places import Place
from students.rules.roster.provisional import ask_first
from students.rules.roster.reading import Reading
from students.rules.roster.rows import Row
from students.rules.roster.unread import title_of

# So many of the students who are not in a file can be recorded as having left from its page.
MOST_MISSING = 2_000
# All at once would be the most memory that an import takes.
ASKED_AT_ONCE = 10_000


@dataclass(slots=True)
class Alteration:
    """A student whose facts differ; `fields` are the columns that do."""

    row: Row
    known: Known
    fields: list[str]
    guardian: KnownGuardian | None = None
    second: KnownGuardian | None = None
    # Graduated here, and goes on in a later stage of the same school.
    goes_on: bool = False

    def guardian_of(self, slot: str) -> KnownGuardian | None:
        """The guardian on the roster whom a slot of the row means."""
        return self.guardian if slot == "guardian" else self.second


def look_at_names(renamed: Sequence[Alteration]) -> None:
    """Other names for the same identity numbers: told, and refused where names changed places.

    A column that was sorted without the others gives every child another one's name, and bank and
    tags would follow the number.
    """
    held = {c.known.name_key for c in renamed}
    for change in renamed:
        row, before = change.row, change.known
        if row.facts.name_key == before.name_key:
            continue
        if row.facts.name_key in held:
            row.wrong(
                "name",
                f"名册中这个证件号是{before.name}，文件里的姓名是名册中另一名学生的：姓名和证件号可能"
                "错了行（只给一列排了序）。请整表一起排序后重新导入；确要改名的，用“更正证件”。",
            )
        else:
            row.doubtful(
                "name", f"名册中这个证件号是{before.name}，会改成这个姓名，请核对是不是同一人。"
            )


@dataclass(slots=True)
class Difference:
    """All that applying would do. `left` are students of the file's grades who are not in it."""

    added: list[Row] = field(default_factory=list)
    changed: list[Alteration] = field(default_factory=list)
    unchanged: int = 0
    left: list[Known] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether applying would change nothing."""
        return not (self.added or self.changed)

    def fingerprint(self) -> str:
        """The same for the same difference of one file, read alike, to the same roster."""
        lines = [f"+{_hex(row)} {_key(row.place)}" for row in self.added]
        lines += [f"~{c.known.id} {c.fields} {_held(c)} {_key(c.row.place)}" for c in self.changed]
        lines += [f"={self.unchanged}", *(f"*{_key(p)}" for p in self.places)]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

    def fields_changed(self) -> dict[str, int]:
        """How many students change in each column, most first."""
        counts = Counter(name for c in self.changed for name in c.fields)
        return {LABELS[name]: n for name, n in counts.most_common()}

    def classes_touched(self) -> dict[str, int]:
        """How many students come into or change in each class, by its name."""
        rows = [*self.added, *(c.row for c in self.changed)]
        return dict(Counter(row.place.name for row in rows if row.place).most_common())


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
        "mended": sum(1 for p in reading.warnings if p.mended),
        "classes": [p.name for p in difference.places],
        "fields": difference.fields_changed(),
        "touched": difference.classes_touched(),
        "missing": [known.id for known in difference.left[:MOST_MISSING]],
        "unread": [one.reason("学生") for one in reading.unread if one.rows],
        "unread_title": title_of(reading.unread),
        "notes": [one.sheet for one in reading.unread if not one.rows and one.why != "hidden"],
        "unsure": reading.unsure,
    }


def differ(
    *,
    school: School,
    reading: Reading,
    today: date,
    classes: dict[int, SchoolClass],
    lock: bool = False,
) -> Difference:
    """Compare the good rows of a file with the roster; adds problems and warnings to the rows.

    With `lock` the school's students stay locked until the transaction ends.
    """
    if reading.file_problems and not reading.good:
        return Difference()
    comparison = _Comparison(Roster(school, classes, lock, reading.told), reading)
    difference = comparison.run()
    _doubts(school, reading, difference, comparison.namesakes, today)
    has = {school.stage, *(row.stage for row in classes.values())}
    doubt_stages([*difference.added, *(c.row for c in difference.changed)], has)
    used = [*(r.place for r in difference.added), *(c.row.place for c in difference.changed)]
    difference.places = sorted(
        {p for p in used if isinstance(p, Place)}, key=lambda p: (p.stage, p.grade, p.number)
    )
    return difference


class _Comparison:
    """One pass along the roster, with the file's rows at hand by identity."""

    def __init__(self, roster: Roster, reading: Reading) -> None:
        self.roster = roster
        self.reading = reading
        self.rows: dict[bytes, Row] = {}
        self.numbers: dict[bytes, Row] = {}
        self.met: dict[int, Alteration | None] = {}
        self.missing: list[Known] = []
        self.namesakes: set[tuple[str, int]] = set()
        self.openers = roster.openers()
        self.guardians = roster.guardians()
        self.plain, self.sealed = roster.plain, roster.sealed
        self.plain_of, self.sealed_of = attrgetter(*self.plain), attrgetter(*self.sealed)
        self._index()

    def _index(self) -> None:
        told = [row for row in self.reading.rows if row.facts.id_number is not None]
        numbers = blind_ids(str(row.facts.id_number) for row in told)
        for row, blind in zip(told, numbers, strict=True):
            row.id_blind = blind
            self.rows.setdefault(blind, row)
        told = [row for row in self.reading.rows if row.facts.enrolment_no is not None]
        numbers = blind_enrolments(str(row.facts.enrolment_no) for row in told)
        for row, blind in zip(told, numbers, strict=True):
            row.enrolment_blind = blind
            # Without a good ID number nobody knows whose row it is; that is said already.
            if row.id_blind is not None:
                self.numbers.setdefault(blind, row)

    def run(self) -> Difference:
        """Compare everybody; what forbids a row may turn up late, so rows are sorted at the end."""
        for known in self.roster.present():
            self.namesakes.add((known.name_key, known.school_class.pk))
            self._owns(known)
            row = self.rows.get(known.id_blind)
            if row is not None:
                self.met[id(row)] = self._compare(row, known)
            else:
                self.missing.append(known)
        back: dict[int, tuple[Row, Known]] = {}
        for known in self.roster.gone():
            row = self.rows.get(known.id_blind)
            if row is not None and id(row) not in self.met:
                # Of several records of one person the latest.
                back[id(row)] = row, known
        self.met |= {key: self._returning(row, known) for key, (row, known) in back.items()}
        look_at_names([c for c in self.met.values() if c and "name" in c.fields])
        dated = (c for c in self.met.values() if c and "entered_on" in c.fields and not c.goes_on)
        look_at_entries(self.roster.school.pk, ((c.known.id, c.row) for c in dated))
        added = [row for row in self.reading.good if id(row) not in self.met]
        self.missing = ask_first(added, self.missing, self.openers["enrolment_no"])
        return self._sorted()

    def _returning(self, row: Row, known: Known) -> Alteration | None:
        """Who comes back is a person's decision, but for those who only changed the stage."""
        if not self.roster.goes_on(known, row.place):
            row.wrong(
                "id_number",
                f"这名学生已于{known.left_on:%Y年%-m月%-d日}离校。重新入学请先在“学籍异动”登记转入。",
            )
            return None
        row.doubtful("id_number", "已在本校上一学段毕业，会在原来的学籍上登记入学，请核对。")
        found = self._compare(row, known)
        return found and replace(found, goes_on=True)

    def _owns(self, known: Known) -> None:
        if known.enrolment_blind is None:
            return
        row = self.numbers.get(known.enrolment_blind)
        if row is not None and row.id_blind != known.id_blind:
            row.wrong("enrolment_no", "名册中另一名学生已用这个学籍号，请对照学籍系统核对。")

    def _compare(self, row: Row, known: Known) -> Alteration | None:
        fields = [
            name
            for name, new, old in zip(
                self.plain, self.plain_of(row.facts), known.plain, strict=True
            )
            if new is not None and new != old
        ]
        if len(self.plain) > len(PLAIN):
            rare = dict(zip(self.plain, known.plain, strict=True))
            known.clear |= {name: rare[name] for name in fields if name not in PLAIN}
        fields += self._sealed_fields(row, known)
        if not isinstance(row.place, SchoolClass) or row.place.pk != known.school_class.pk:
            fields.append("class_name")
        first, second = (self._guardian(known, row, slot) for slot in SLOTS)
        fields += _guardian_fields(row, first, "guardian")
        fields += _guardian_fields(row, second, "second")
        return Alteration(row, known, fields, first, second) if fields else None

    def _guardian(self, known: Known, row: Row, slot: str) -> KnownGuardian | None:
        name = getattr(row.facts, f"{slot}_name")
        return None if name is None else self.guardians.get((known.id, name_key(name)))

    def _sealed_fields(self, row: Row, known: Known) -> list[str]:
        fields = []
        for name, new, stored in zip(
            self.sealed, self.sealed_of(row.facts), known.sealed, strict=True
        ):
            if new is None:
                continue
            # The blind index of an enrolment number is there anyway, and cheaper to compare.
            if name == "enrolment_no" and row.enrolment_blind == known.enrolment_blind:
                continue
            held = self.openers[name](stored)
            if held != new:
                fields.append(name)
                known.clear[name] = held
        return fields

    def _sorted(self) -> Difference:
        difference = Difference(left=self._left())
        for row in self.reading.good:
            if id(row) not in self.met:
                difference.added.append(row)
            elif found := self.met[id(row)]:
                difference.changed.append(found)
            else:
                difference.unchanged += 1
        return difference

    def _left(self) -> list[Known]:
        grades = {(r.place.stage, r.place.grade) for r in self.reading.good if r.place}
        # A row whose identity number can't be read may still be this student.
        unread = {r.facts.name_key for r in self.reading.rows if r.facts.id_number is None}
        return [
            known
            for known in self.missing
            if known.status == Student.Status.ENROLLED
            and known.name_key not in unread
            and (known.school_class.stage, known.school_class.grade) in grades
        ]


def _guardian_fields(row: Row, guardian: KnownGuardian | None, slot: str) -> list[str]:
    told = row.facts
    if getattr(told, f"{slot}_name") is None:
        return []
    if guardian is None:
        return [f"{slot}_name"]
    return [
        f"{slot}_{part}"
        for part in ("relation", "phone", "id_number")
        if getattr(told, f"{slot}_{part}") not in (None, getattr(guardian, part))
    ]


def _doubts(
    school: School,
    reading: Reading,
    difference: Difference,
    namesakes: set[tuple[str, int]],
    today: date,
) -> None:
    good, autumn = reading.good, school_year_start(today)
    limits = ages_of(school).holding()
    elsewhere = enrolled_elsewhere(school, [r.id_blind for r in good if r.id_blind])
    for row in good:
        if row.id_blind in elsewhere:
            row.doubtful("id_number", "这名学生在别的学校也有学籍，请与区教育局核对。")
        birth, place = row.facts.birth_date, row.place
        if birth is None or place is None:
            continue
        age = age_on(birth, autumn)
        if word := outside(place.stage, age, limits):
            stage = Stage(place.stage).label
            row.doubtful(
                "id_number",
                f"{word}：{autumn.year}年9月1日满{age}岁，在{stage}不常见，请核对证件和班级。",
            )
    doubt_classes(good)
    for row in difference.added:
        where = row.place
        if isinstance(where, SchoolClass) and (row.facts.name_key, where.pk) in namesakes:
            row.doubtful(
                "name", "班里已有同名学生，证件号不同，会另外新增一人；如是同一人，请先核对证件号。"
            )


def enrolled_elsewhere(school: School, blinds: Sequence[bytes]) -> set[bytes]:
    """Which of these identities another school has enrolled too; never where (row 1-35)."""
    found: set[bytes] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(blinds), ASKED_AT_ONCE):
            cursor.execute(
                "SELECT * FROM aid_enrolled_elsewhere(%s, %s::bytea[])",
                [school.pk, array(blinds[start : start + ASKED_AT_ONCE])],
            )
            found.update(bytes(value) for (value,) in cursor.fetchall())
    return found


def _key(place: SchoolClass | Place | None) -> str:
    if isinstance(place, Place):
        return f"{place.stage} {place.grade} {place.number} {place.name}"
    return f"#{place.pk}" if place else ""


def _hex(row: Row) -> str:
    return row.id_blind.hex() if row.id_blind else ""


def _held(change: Alteration) -> str:
    """What the roster holds now in the fields that change, so that a newer value is noticed."""
    known = change.known
    held: list[object] = []
    for name in change.fields:
        if name == "class_name":
            held.append(known.school_class.pk)
        elif name.startswith("guardian"):
            held.append(change.guardian)
        elif name.startswith("second"):
            held.append(change.second)
        elif name in known.clear:
            held.append(known.clear[name])
        else:
            held.append(known.plain[PLAIN.index(name)])
    return str(held)
