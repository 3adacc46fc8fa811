"""Which class a roster means: 高一 + 3班, 高一(3)班, 2026级三班, 2601, or a name of its own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schools.models import Stage
from students.models import SchoolClass
from students.models.roster import GRADE_NAMES
from students.rules.roster.numerals import class_number

YEARS = ("", *"一二三四五六七八九十", "十一", "十二")
# How the grades of a stage are begun where they count from one inside it: 高一, 初中1年级.
HEADS: Mapping[Stage, tuple[str, ...]] = {
    Stage.JUNIOR: ("初", "初中", "初中初"),
    Stage.SENIOR: ("高", "高中", "高中高"),
    Stage.VOCATIONAL: ("职", "中职", "职高"),
}
# Other ways to write a grade than GRADE_NAMES does.
ALIASES: Mapping[str, tuple[Stage, int]] = {
    **{
        f"{head}{n}{end}": (stage, i)
        for stage, heads in HEADS.items()
        for head in heads
        for i in (1, 2, 3)
        for n in (YEARS[i], str(i))
        for end in ("", "年级", "年")
    },
    **{f"小学{YEARS[i]}年级": (Stage.PRIMARY, i) for i in range(1, 7)},
    **{f"初中{YEARS[i]}年级": (Stage.JUNIOR, i - 6) for i in (7, 8, 9)},
    **{f"高中{YEARS[i]}年级": (Stage.SENIOR, i - 9) for i in (10, 11, 12)},
}
# How many grades lie before a stage, where they are counted through from primary school.
COUNTED: Mapping[Stage, int] = {Stage.PRIMARY: 0, Stage.JUNIOR: 6, Stage.SENIOR: 9}
LONGEST_GRADE = 8
STAGES: Mapping[str, Stage] = {
    "小学": Stage.PRIMARY, "初中": Stage.JUNIOR, "高中": Stage.SENIOR, "中职": Stage.VOCATIONAL,
    "职高": Stage.VOCATIONAL,
}  # fmt: skip
COHORT = re.compile(rf"({'|'.join(STAGES)})?(?:20)?([0-9]{{2}})级")
YEAR_ALONE = re.compile(r"20[0-9]{2}")
YEAR_IN_DIGITS = re.compile(r"(小学|初中|高中|)([1-9][0-9]?)年级")
# 一年级 without its stage: of primary school, or of the only stage that a school has.
BARE_YEAR = re.compile(r"([一二三四五六1-6])年级")
# 2601: the first class of those who came in 2026.
SHORT = re.compile(r"(?:20)?([0-9]{2})(0[1-9]|[1-9][0-9])班?")
# 一（1）班, 七(12)班, 3（2）班: in brackets stands the class, before them the grade.
IN_BRACKETS = re.compile(
    r"\s*([一二三四五六七八九]|1?[0-9])\s*[(（\[【〔]\s*([0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*"
    r"[)）\]】〕]\s*班?\s*"
)
# 8-1班, 8.1班, 八.1: 8.1 alone may be 8.10, which a workbook cuts short.
SEPARATED = re.compile(
    r"\s*([一二三四五六七八九]|1?[0-9](?=\s*[-—－]|.*班))\s*[-—－.．]\s*([0-9]{1,2})\s*班?\s*"
)
# 高2601班, 高2026级1班: after the head comes a year, and no 高二.
HEADED = re.compile(r"([高初职])(?:20)?([0-9]{2})(?:级|(?=(?:0[1-9]|[1-9][0-9])班?$))")
HEADED_STAGES = {heads[0]: stage for stage, heads in HEADS.items()}
# 一年1班, as some provinces write it; 三年制 is how long a course lasts.
YEAR_OF = re.compile(r"([一二三四五六七八九])年(?![级制])")
# 七1班, 701, 1203班: without brackets only where nothing else can be meant.
TOGETHER = re.compile(r"([一二三四五六七八九])([0-9]{1,2})班?|([1-9]|1[0-2])(0[1-9]|[1-9][0-9])班?")
# What a class is, behind its number: 1班（重点）. A campus or a trade makes another class of it.
NOTED = re.compile(r"(.*班)\s*[(（\[【〔]([^()（）]+)[)）\]】〕]\s*")
NOTE = re.compile(
    r"(?:重点|实验|普通|平行|尖子|火箭|强化|提高|基础|创新|特长|艺术|体育|美术|音乐|舞蹈|传媒"
    r"|国际|宏志|直升|强基|文科|理科|物理|历史|文|理|[物史][化生政地]{2})(?:类|方向|组合|班)?"
)
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
    # By stage, grade, and what a name says besides: 高一阳光班, 2026级阳光班.
    _by_rest: dict[tuple[str, int, str], SchoolClass] = field(default_factory=dict)
    _new_by_rest: dict[tuple[str, int, str], Place] = field(default_factory=dict)
    # By the number that the name itself tells; `number` may only be the next that was free.
    _by_told: dict[tuple[str, int, int], SchoolClass] = field(default_factory=dict)
    # New classes with names of their own, and those whose number such a one had taken.
    _named: set[tuple[str, int, int]] = field(default_factory=set)
    _moved: dict[tuple[str, int, int], Place] = field(default_factory=dict)
    _notes: dict[tuple[str, int, int], str] = field(default_factory=dict)

    def learn(self, classes: Iterable[SchoolClass]) -> None:
        """Take in what the school has."""
        rows = list(classes)
        for row in rows:
            self.by_name[squeezed(row.name)] = row
            self.by_place[(row.stage, row.grade, row.number)] = row
        for row in rows:
            if told := self._number_in(row):
                self._by_told[(row.stage, row.grade, told)] = row
            elif inside := self._leading_grade(squeezed(row.name)):
                self._by_rest.setdefault((row.stage, row.grade, inside[1]), row)

    def find(self, grade: str, name: str) -> SchoolClass | Place | None:
        """The class that these two cells mean, a new one, or None when they can't be understood."""
        key = squeezed(name)
        whole = squeezed(grade) + key
        known = self.by_name.get(key) or self.by_name.get(whole)
        if known is not None and self._agrees(known, grade):
            return known
        stage_grade, rest = self._split(grade, name)
        if stage_grade is None:
            return None
        number = class_number(rest)
        if number is not None:
            return self._numbered((*stage_grade, number)) if number else None
        return self._own(stage_grade, rest, name) if rest else None

    def understands(self, grade: str) -> bool:
        """Whether the cell of a grade means one that the school may have."""
        return self._told_grade(squeezed(grade)) is not None

    @property
    def stages(self) -> set[Stage]:
        """The stages that the school teaches, as far as its classes tell."""
        return {Stage(self.stage), *(Stage(row.stage) for row in self.by_name.values())}

    def _agrees(self, known: SchoolClass, grade: str) -> bool:
        """A class called 3班 is not the one of another grade."""
        found = self._told_grade(squeezed(grade))
        return found is None or found == (known.stage, known.grade)

    def _split(self, grade: str, name: str) -> tuple[tuple[str, int] | None, str]:
        """The grade, None when nothing tells it or two tell it differently, and the class in it."""
        stage_grade = self._told_grade(squeezed(grade))
        return self._parted(stage_grade, self._described(stage_grade, name) or name)

    def _parted(
        self, stage_grade: tuple[str, int] | None, name: str
    ) -> tuple[tuple[str, int] | None, str]:
        """Grade and class in a name without notes, beside a grade that is told elsewhere."""
        if parted := IN_BRACKETS.fullmatch(name) or SEPARATED.fullmatch(name):
            return self._meant(stage_grade, parted[1]), parted[2]
        rest = squeezed(name)
        if headed := HEADED.match(rest):
            came = self._in_year(HEADED_STAGES[headed[1]], headed[2])
            if came is None or came != stage_grade:
                return None, ""
            rest = rest[headed.end() :]
        bare = BARE_YEAR.match(rest)
        if stage_grade and bare and self._grade(bare[0]) is None:
            if not self._meant(stage_grade, bare[1]):
                return None, ""
            rest = rest[bare.end() :]
        # 2026级高一1班 tells it twice.
        while inside := self._leading_grade(rest):
            if stage_grade not in (None, inside[0]):
                return None, ""
            stage_grade, rest = inside[0], inside[1].lstrip(".．、")
        if short := _short(rest):
            came = self._in_year(stage_grade[0] if stage_grade else self.stage, short[1])
            if came is not None and stage_grade in (None, came):
                return came, str(int(short[2]))
        return self._together(stage_grade, rest) or (stage_grade, rest)

    def _together(
        self, stage_grade: tuple[str, int] | None, text: str
    ) -> tuple[tuple[str, int], str] | None:
        """Grade and class written without anything between them; None where that is not sure."""
        found = TOGETHER.fullmatch(text)
        if not found or (found[3] and self.stage == Stage.VOCATIONAL):
            return None
        meant = self._meant(stage_grade, found[1] or found[3])
        return meant and (meant, found[2] or found[4])

    def _meant(self, stage_grade: tuple[str, int] | None, text: str) -> tuple[str, int] | None:
        """The grade that a lone number means; None when it is not the one told beside it."""
        number = int(text) if text.isdecimal() else YEARS.index(text)
        if stage_grade is None:
            return self._counted(number)
        stage, grade = stage_grade
        same = number in (grade, grade + COUNTED.get(Stage(stage), 0))
        return stage_grade if same else None

    def _described(self, stage_grade: tuple[str, int] | None, name: str) -> str:
        """A name without what it says of its class; '' where nothing is to be left out.

        Two classes of one number are told apart by it: then it is part of the name.
        """
        noted = NOTED.fullmatch(name)
        if not noted or not NOTE.fullmatch(squeezed(noted[2])):
            return ""
        found, told = self._parted(stage_grade, noted[1])
        number = class_number(told)
        if found is None or not number or found[0] == Stage.VOCATIONAL:
            return ""
        first = self._notes.setdefault((*found, number), noted[2])
        return noted[1] if first == noted[2] else ""

    def _numbered(self, where: tuple[str, int, int]) -> SchoolClass | Place:
        """The class of a number, or a new one."""
        known = self._by_told.get(where)
        held = self.by_place.get(where)
        if known is None and held is not None and not self._number_in(held):
            known = held
        if known is not None:
            return known
        stage, grade, number = where
        name = f"{GRADE_NAMES[Stage(stage)][grade - 1]}（{number}）班"
        if squeezed(name) in self.by_name:
            return self.by_name[squeezed(name)]
        if where in self._moved:
            return self._moved[where]
        if held is None and where not in self._named:
            return self.new.setdefault(where, Place(str(stage), grade, number, name))
        free = self._free_number((stage, grade))
        self._moved[where] = place = Place(str(stage), grade, free, name)
        self.new[stage, grade, free] = place
        return place

    def _own(self, stage_grade: tuple[str, int], rest: str, name: str) -> SchoolClass | Place:
        """A new class with a name of its own, under a number that is free.

        `rest` is what the name says besides the grade, however that is written.
        """
        stage, grade = stage_grade
        key = (stage, grade, rest)
        if found := self._by_rest.get(key) or self._new_by_rest.get(key):
            return found
        own = BETWEEN_HAN.sub("", " ".join(name.split()))
        # Of another grade there is one of this name: a class takes its name along as it rises.
        taken = {squeezed(place.name) for place in self.new.values()}
        if squeezed(own) in self.by_name or squeezed(own) in taken:
            own = f"{GRADE_NAMES[Stage(stage)][grade - 1]}{own}"
        if squeezed(own) in self.by_name:
            return self.by_name[squeezed(own)]
        number = self._free_number(stage_grade)
        place = Place(str(stage), grade, number, own)
        self.new[stage, grade, number] = self._new_by_rest[key] = place
        self._named.add((stage, grade, number))
        return place

    def _free_number(self, stage_grade: tuple[str, int]) -> int:
        taken = {n for s, g, n in (*self.by_place, *self.new) if (s, g) == stage_grade}
        return max(taken, default=0) + 1

    def _number_in(self, row: SchoolClass) -> int | None:
        """The number that a class's name tells: 高一3班, 2026级三班, 2603."""
        name = squeezed(row.name)
        inside = self._leading_grade(name)
        rest = inside[1] if inside else name
        short = _short(rest)
        if short is not None and self._in_year(row.stage, short[1]) == (row.stage, row.grade):
            return int(short[2])
        if parted := IN_BRACKETS.fullmatch(row.name) or SEPARATED.fullmatch(row.name):
            meant = self._meant((row.stage, row.grade), parted[1])
            return class_number(parted[2]) if meant else None
        together = self._together((row.stage, row.grade), rest)
        return class_number(together[1] if together else rest)

    def _leading_grade(self, text: str) -> tuple[tuple[str, int], str] | None:
        """The grade that a class's name begins with, and the rest: 高一3班 → 高一, 3班."""
        if self.stage != Stage.VOCATIONAL:
            text = YEAR_OF.sub(r"\1年级", text, count=1) if YEAR_OF.match(text) else text
        for length in range(min(len(text), LONGEST_GRADE), 1, -1):
            found = self._grade(text[:length])
            if found is not None:
                return found, text[length:]
        return None

    def _told_grade(self, text: str) -> tuple[str, int] | None:
        """What the cell of the grade means, which may be a bare number: 1, 7, 2026."""
        if YEAR_ALONE.fullmatch(text):
            return self._in_year(self.stage, text[2:])
        if text.isascii() and text.isdecimal() and len(text) <= 2:
            return self._counted(int(text))
        if found := self._grade(text):
            return found
        # 高一（2026级） tells it twice.
        inside = self._leading_grade(text)
        same = inside and (not inside[1] or self._told_grade(inside[1]) == inside[0])
        return inside[0] if inside and same else None

    def _grade(self, text: str) -> tuple[str, int] | None:
        if not text:
            return None
        if (digits := YEAR_IN_DIGITS.fullmatch(text)) and int(digits[2]) < len(YEARS):
            text = f"{digits[1]}{YEARS[int(digits[2])]}年级"
        if text in GRADE_NAMES[Stage(self.stage)]:
            return self.stage, GRADE_NAMES[Stage(self.stage)].index(text) + 1
        if bare := BARE_YEAR.fullmatch(text):
            return self._of_bare_year(YEARS.index(bare[1]))
        for stage, names in GRADE_NAMES.items():
            if text in names:
                return stage, names.index(text) + 1
        if text in ALIASES:
            return ALIASES[text]
        if text.removesuffix("年级") in YEARS[10:] and text.endswith("年级"):
            return self._counted(YEARS.index(text.removesuffix("年级")))
        cohort = COHORT.fullmatch(text)
        return cohort and self._in_year(STAGES.get(cohort[1], self.stage), cohort[2])

    def _of_bare_year(self, number: int) -> tuple[str, int] | None:
        """一年级: of primary school where there is one, else of the only stage that has it.

        None where a school has several others: 初一 or 高一, nobody can tell.
        """
        stages = self.stages
        if Stage.PRIMARY in stages or number > len(GRADE_NAMES[Stage.SENIOR]):
            return Stage.PRIMARY, number
        if len(stages) > 1:
            return None
        only = next(iter(stages))
        return (Stage.PRIMARY if only == Stage.PRESCHOOL else only), number

    def _counted(self, number: int) -> tuple[str, int] | None:
        """A grade as a number: inside the school's only stage, or through from primary school."""
        stages = self.stages
        only = next(iter(stages)) if len(stages) == 1 else None
        if only not in (None, Stage.PRESCHOOL) and 1 <= number <= len(GRADE_NAMES[only]):
            return only, number
        for stage, before in COUNTED.items():
            if stage in stages and before < number <= before + len(GRADE_NAMES[stage]):
                return stage, number - before
        return None

    def _in_year(self, stage: str, entered: str) -> tuple[str, int] | None:
        """The grade of those who came in a year, told by its last two digits."""
        grade = self.starting_year - (2000 + int(entered)) + 1
        inside = 1 <= grade <= len(GRADE_NAMES[Stage(stage)])
        return (stage, grade) if inside else None


def squeezed(text: str) -> str:
    """A name without brackets, spaces and strokes, by which two spellings are equal."""
    return text.translate(BRACKETS)


def cohort_in(text: str) -> int | None:
    """The year in which those of a class entered, where the text begins with it: 2026级1班."""
    text = squeezed(text)
    if YEAR_ALONE.fullmatch(text):
        return int(text)
    found = COHORT.match(text)
    return 2000 + int(found[2]) if found else None


def _short(text: str) -> re.Match[str] | None:
    """A cohort and a number; 2026 alone is a year."""
    return None if YEAR_ALONE.fullmatch(text) else SHORT.fullmatch(text)
