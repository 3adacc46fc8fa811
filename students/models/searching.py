"""What someone who looks for a student means by the text typed, and the index that answers."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Lookup, Q, TextChoices

from privacy.fields import blind_id
from privacy.identity import name_key
from privacy.sealing import blind, blinder

IDENTITY = re.compile(r"[GJL]?\d{17}[\dX]|\d{15}|[JL][0-9A-Z]{18}")
LETTERS = re.compile(r"[a-zü' ]+")
# No syllable begins with two consonants but zh, ch and sh: these letters are initials alone.
INITIALS = re.compile(r"(?!(?:zh|ch|sh)(?:[aeiou]|$))[bcdfghjklmnpqrstwxyz]{2,}.*")
# pypinyin writes lv for lü; passports write lyu.
SPELLINGS = (("ü", "v"), ("lyu", "lv"), ("nyu", "nv"))
LONGEST = 64


class Begins(Lookup[Any]):
    """Prefix by `^@`, which is leakproof: behind row-level security LIKE can't use an index."""

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """`column ^@ text`, whatever signs the text has."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} ^@ {right}", (*left_params, *right_params)


CharField.register_lookup(Begins)


class Kind(TextChoices):
    """What the text is."""

    NAME = "name", "姓名"
    LETTERS = "letters", "拼音"
    INITIALS = "initials", "拼音首字母"
    NUMBER = "number", "学号"
    IDENTITY = "identity", "证件号"


@dataclass(frozen=True, slots=True)
class Sought:
    """A text as understood, in the form in which its index holds it."""

    kind: Kind
    text: str


def plain(name: str) -> str:
    """A name without the dots between its parts, as `Student.name_plain` holds it."""
    return name_key(name).replace("·", "")


def blind_enrolment(number: str) -> bytes:
    """Blind index of an enrolment number (学籍号)."""
    return blind("enrolment", number.upper())


def blind_enrolments(numbers: Iterable[str]) -> list[bytes]:
    """Blind indexes of many enrolment numbers."""
    blind_one = blinder("enrolment")
    return [blind_one(number.upper()) for number in numbers]


def understood(text: str) -> Sought:
    """By its signs: an ID or enrolment number, pinyin or initials, a student number, a name."""
    text = unicodedata.normalize("NFKC", text).strip()[:LONGEST]
    bare = "".join(text.split()).upper()
    if IDENTITY.fullmatch(bare):
        return Sought(Kind.IDENTITY, bare)
    lower = text.lower()
    if LETTERS.fullmatch(lower):
        for written, held in SPELLINGS:
            lower = lower.replace(written, held)
        lower = lower.replace(" ", "").replace("'", "")
        return Sought(Kind.INITIALS if INITIALS.fullmatch(lower) else Kind.LETTERS, lower)
    if bare.isascii():
        return Sought(Kind.NUMBER, text)
    return Sought(Kind.NAME, plain(text))


def _by_letters(text: str) -> Q:
    # The first initial is the first letter of the pinyin: of one letter both find the same.
    spelled = Q(pinyin__begins=text)
    return spelled if len(text) == 1 else spelled | Q(initials__begins=text)


def _by_identity(text: str) -> Q:
    return Q(id_blind=blind_id(text)) | Q(enrolment_blind=blind_enrolment(text))


FOUND_BY: Mapping[Kind, Callable[[str], Q]] = {
    Kind.NAME: lambda text: Q(name_plain__begins=text),
    Kind.LETTERS: _by_letters,
    Kind.INITIALS: lambda text: Q(initials__begins=text),
    Kind.NUMBER: lambda text: Q(student_no__begins=text),
    Kind.IDENTITY: _by_identity,
}
# In which order an index gives what it finds, without sorting.
BY_PINYIN = ("pinyin", "id")
BY_INITIALS = ("initials", "id")
ORDER_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.NAME: ("name_plain", "id"),
    Kind.LETTERS: BY_PINYIN,
    Kind.INITIALS: BY_INITIALS,
    Kind.NUMBER: ("student_no", "id"),
    Kind.IDENTITY: BY_PINYIN,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one index finds, in its order; `place` also holds for rows that no filter lets in."""

    found: Q
    order: tuple[str, ...]
    place: Q


def stretches(sought: Sought) -> list[Stretch]:
    """What is found, as stretches that follow each other: pinyin first, then initials.

    One condition for both would walk through everybody whose pinyin has the same first letter.
    """
    text = sought.text
    if sought.kind != Kind.LETTERS or len(text) == 1:
        return [Stretch(FOUND_BY[sought.kind](text), ORDER_OF[sought.kind], Q())]
    spelled = Q(pinyin__begins=text)
    return [
        Stretch(spelled, BY_PINYIN, spelled),
        Stretch(Q(initials__begins=text) & ~spelled, BY_INITIALS, ~spelled),
    ]


def found_by(text: str) -> Q:
    """The condition on students that the text stands for."""
    sought = understood(text)
    return FOUND_BY[sought.kind](sought.text)
