"""Which class a roster means: 高一 + 3班, 高一(3)班, 2026级三班, 2601, or a name of its own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schools.models import Stage
from students.models import SchoolClass
from students.models.roster import GRADE_NAMES

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
# Other ways to write a grade than GRADE_NAMES does.
ALIASES: Mapping[str, tuple[Stage, int]] = {
    **{f"{h}{n}": (Stage.JUNIOR, i) for h in ("初", "初中") for i, n in enumerate("一二三", 1)},
    **{f"初{i}": (Stage.JUNIOR, i) for i in (1, 2, 3)},
    **{f"高{i}": (Stage.SENIOR, i) for i in (1, 2, 3)},
    **{f"{i}年级": (Stage.PRIMARY, i) for i in range(1, 7)},
    **{f"{i}年级": (Stage.JUNIOR, i - 6) for i in (7, 8, 9)},
    **{f"初中{n}年级": (Stage.JUNIOR, i) for i, n in enumerate("一二三", 1)},
    **{f"高中{n}年级": (Stage.SENIOR, i) for i, n in enumerate("一二三", 1)},
    **{f"小学{n}年级": (Stage.PRIMARY, i) for i, n in enumerate("一二三四五六", 1)},
    **{f"职{n}": (Stage.VOCATIONAL, i) for i, n in enumerate("一二三", 1)},
    **{f"中职{n}年级": (Stage.VOCATIONAL, i) for i, n in enumerate("一二三", 1)},
}
COHORT = re.compile(r"(?:20)?([0-9]{2})级")
NUMBER = re.compile(r"([0-9]{1,3}|[零一二三四五六七八九十百]{1,4})班?$")
# A line break in a narrow cell is no part of a class's name.
BETWEEN_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
# More classes of one grade hardly any school has; 101 may also be the first class of grade one.
MOST_CLASSES = 99
BRACKETS = str.maketrans("", "", "()（）[]【】〔〕「」 　·-—_第")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a class stands in the school; `name` is what it will be called when it is new."""

    stage: str
    grade: int
    number: int
    name: str


@dataclass(slots=True)
class Classes:
    """The school's classes as a file may name them, and the new ones that it needs.

    `starting_year` is the academic year of today, by which 2026级 is a grade.
    """

    stage: str
    starting_year: int
    by_name: dict[str, SchoolClass] = field(default_factory=dict)
    by_place: dict[tuple[str, int, int], SchoolClass] = field(default_factory=dict)
    new: dict[tuple[str, int, int], Place] = field(default_factory=dict)
    _new_names: dict[str, Place] = field(default_factory=dict)

    def learn(self, classes: Iterable[SchoolClass]) -> None:
        """Take in what the school has."""
        for row in classes:
            self.by_name[squeezed(row.name)] = row
            self.by_place[(row.stage, row.grade, row.number)] = row

    def find(self, grade: str, name: str) -> SchoolClass | Place | None:
        """The class that these two cells mean, a new one, or None when they can't be understood."""
        key = squeezed(name)
        whole = squeezed(grade) + key
        known = self.by_name.get(key) or self.by_name.get(whole)
        if known is not None and self._agrees(known, grade):
            return known
        where = self._place(grade, name)
        if where is None:
            return self._new_names.get(whole)
        return self.by_place.get(where) or self._propose(where, grade, name)

    def _agrees(self, known: SchoolClass, grade: str) -> bool:
        """A class called 3班 is not the one of another grade."""
        found = self._grade(squeezed(grade))
        return found is None or found == (known.stage, known.grade)

    def _place(self, grade: str, name: str) -> tuple[str, int, int] | None:
        stage_grade = self._grade(squeezed(grade))
        rest = squeezed(name)
        inside = self._leading_grade(rest)
        if inside is not None:
            if stage_grade not in (None, inside[0]):
                return None
            stage_grade, rest = inside
        if stage_grade is None:
            return None
        number = _number(rest)
        if number is None and rest:
            number = self._free_number(stage_grade, squeezed(grade) + squeezed(name))
        return (*stage_grade, number) if number else None

    def _propose(self, where: tuple[str, int, int], grade: str, name: str) -> SchoolClass | Place:
        """A new class, unless one of that very name stands elsewhere in the school."""
        if where not in self.new:
            stage, grade_number, number = where
            new_name = self._new_name(where, name)
            if squeezed(new_name) in self.by_name:
                return self.by_name[squeezed(new_name)]
            place = Place(str(stage), grade_number, number, new_name)
            self.new[where] = place
            self._new_names[squeezed(grade) + squeezed(name)] = place
        return self.new[where]

    def _new_name(self, where: tuple[str, int, int], name: str) -> str:
        stage, grade, number = where
        plain = NUMBER.fullmatch(squeezed(name)) or self._leading_grade(squeezed(name))
        own = BETWEEN_HAN.sub("", " ".join(name.split()))
        if own and not plain:
            return own
        grade_name = GRADE_NAMES[Stage(stage)][grade - 1]
        return f"{grade_name}（{number}）班"

    def _free_number(self, stage_grade: tuple[str, int], whole: str) -> int:
        """A number for a class with a name of its own, the same for each of its students."""
        if whole in self._new_names:
            return self._new_names[whole].number
        taken = {n for s, g, n in (*self.by_place, *self.new) if (s, g) == stage_grade}
        return max(taken, default=0) + 1

    def _leading_grade(self, text: str) -> tuple[tuple[str, int], str] | None:
        """The grade that a class's name begins with, and the rest: 高一3班 → 高一, 3班."""
        for length in range(min(len(text), 6), 1, -1):
            found = self._grade(text[:length])
            if found is not None:
                return found, text[length:]
        return None

    def _grade(self, text: str) -> tuple[str, int] | None:
        if not text:
            return None
        if text in GRADE_NAMES[Stage(self.stage)]:
            return self.stage, GRADE_NAMES[Stage(self.stage)].index(text) + 1
        for stage, names in GRADE_NAMES.items():
            if text in names:
                return stage, names.index(text) + 1
        if text in ALIASES:
            return ALIASES[text]
        return self._cohort(text)

    def _cohort(self, text: str) -> tuple[str, int] | None:
        found = COHORT.fullmatch(text)
        if not found:
            return None
        grade = self.starting_year - (2000 + int(found[1])) + 1
        inside = 1 <= grade <= len(GRADE_NAMES[Stage(self.stage)])
        return (self.stage, grade) if inside else None


def squeezed(text: str) -> str:
    """A name without brackets, spaces and strokes, by which two spellings are equal."""
    return text.translate(BRACKETS)


def _number(text: str) -> int | None:
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    digits = found[1]
    return int(digits) if digits.isdecimal() else _chinese(digits)


def _chinese(text: str) -> int | None:
    """三 → 3, 十二 → 12, 二十 → 20."""
    if "百" in text:
        return None
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return DIGITS.get(ones) if len(ones) == 1 else None
    return (DIGITS.get(tens, 1) if tens else 1) * 10 + (DIGITS.get(ones, 0) if ones else 0)
