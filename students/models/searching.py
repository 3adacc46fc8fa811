"""What someone who looks for a student means by the text typed, and the index that answers."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Lookup, Q, TextChoices

from privacy.credentials import check_passport
from privacy.fields import blind_id
from privacy.identity import name_key
from privacy.sealing import blind, blinder

# What is surely a whole number, so that it never stands in an address.
IDENTITY = re.compile(r"[GJL]?\d{17}[\dX]|\d{15}|[JL][0-9A-Z]{18}|[A-Z]{3}\d{12}")
# Passports and permits; a student number may look the same, and a list finds those.
DOCUMENT = re.compile(
    r"[0-9]{8,10}|[0-9]{10}[A-Z]|[HM][0-9]{10}|(?=.*[0-9])[A-Z][A-Z0-9]{6,11}", re.ASCII
)
# The beginnings of an enrolment number and of a permanent residence card's.
HALF = re.compile(r"[GJL](?:[0-9]{6}|[0-9]{9,})|[A-Z]{3}(?![0-9]{6}$)[0-9]+")
WORD = re.compile("[a-z]+")
LETTERS = re.compile(r"[a-z][a-z' .·-]*")
# No syllable begins with two consonants but zh, ch and sh: these letters are initials alone.
INITIALS = re.compile(r"(?!(?:zh|ch|sh)$)[bcdfghjklmnpqrstwxyz]{2,}")
# pypinyin writes lv for lü; passports write lyu.
SPELLINGS = (("lyu", "lv"), ("nyu", "nv"))
# Names in letters are the first in the index of names; Chinese characters begin here.
FIRST_LETTER, FIRST_HAN = "A", "\u2e80"
ACCENTED = {
    "a": "àáâãäåāăą", "c": "çćč", "e": "èéêëēėęě", "g": "ğģ", "i": "ìíîïīıİ",
    "l": "łļ", "n": "ñńņň", "o": "òóôõöøōő", "r": "řŗ", "s": "śşšș", "t": "ţťț",
    "u": "ùúûüūůűų", "y": "ýÿ", "z": "źżž", "d": "đď",
}  # fmt: skip
# No accent can be taken off these.
OF_ITS_OWN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
)
BY_SIGN = {sign: f"[{sign}{more}{more.upper()}]" for sign, more in ACCENTED.items()}
APOSTROPHES = str.maketrans("’‘`", "'" * 3)
LONGEST = 64
LONGEST_TOGETHER = 24


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
    # Of letters: what was typed as words of its own.
    words: tuple[str, ...] = ()


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
    lower = text.lower().translate(APOSTROPHES)
    if LETTERS.fullmatch(plainer := unaccented(lower)):
        words = tuple(WORD.findall(plainer.replace("'", "")))
        letters = "".join(WORD.findall(unaccented(lower.replace("ü", "v"))))
        for written, held in SPELLINGS:
            letters = letters.replace(written, held)
        kind = Kind.INITIALS if INITIALS.fullmatch(letters) else Kind.LETTERS
        return Sought(kind, letters, words)
    if bare.isascii():
        return Sought(Kind.NUMBER, text)
    return Sought(Kind.NAME, plain(text))


def whole_number(text: str) -> str:
    """An ID, enrolment, permit or passport number as its index holds it; '' for half of one."""
    number = check_passport(text).number
    if IDENTITY.fullmatch(number):
        return number
    return number if DOCUMENT.fullmatch(number) and not HALF.fullmatch(number) else ""


def unaccented(text: str) -> str:
    """Small letters without their accents: Øystein is typed oystein."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(OF_ITS_OWN)


def _by_letters(sought: Sought) -> Q:
    # The first initial is the first letter of the pinyin: of one letter both find the same.
    spelled = Q(pinyin__begins=sought.text)
    if len(sought.text) == 1:
        return spelled
    return spelled | Q(initials__begins=sought.text) | _by_words(sought)


def _by_words(sought: Sought) -> Q:
    """Names in letters, each of whose words may be the first that is typed: few, in one place."""
    *before, last = sought.words
    begun = Q()
    for word in sought.words:
        begun &= Q(name__iregex=rf"\m{_spelled(word)}")
    if not before and 2 < len(last) <= LONGEST_TOGETHER:
        # johnsm: a whole word and the beginning of another, run together. One pattern for all
        # places between them: the database keeps few patterns that it has made ready.
        ways = [(_spelled(last[:at]), _spelled(last[at:])) for at in range(2, len(last))]
        together = "|".join(rf"(?=.*\m{first}\M).*\m{second}" for first, second in ways)
        begun |= Q(name__iregex=rf"^(?:{together})")
    return Q(name_plain__gte=FIRST_LETTER, name_plain__lt=FIRST_HAN) & begun


def _spelled(word: str) -> str:
    """A pattern of the word, with or without accents and apostrophes."""
    return "['’]?".join(BY_SIGN.get(sign, sign) for sign in word)


def by_identity(number: str) -> Q:
    """Whose ID, permit, passport or enrolment number it is."""
    return Q(id_blind=blind_id(number)) | Q(enrolment_blind=blind_enrolment(number))


FOUND_BY: Mapping[Kind, Callable[[Sought], Q]] = {
    Kind.NAME: lambda sought: Q(name_plain__begins=sought.text),
    Kind.LETTERS: _by_letters,
    Kind.INITIALS: lambda sought: Q(initials__begins=sought.text),
    Kind.NUMBER: lambda sought: Q(student_no__begins=sought.text),
    Kind.IDENTITY: lambda sought: by_identity(sought.text),
}
# In which order an index gives what it finds, without sorting.
BY_NAME = ("name_plain", "id")
BY_PINYIN = ("pinyin", "id")
BY_INITIALS = ("initials", "id")
ORDER_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.NAME: BY_NAME,
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
    """What is found, as stretches that follow each other: pinyin, words of a name, initials.

    One condition for all would walk through everybody whose pinyin has the same first letter.
    """
    text = sought.text
    if sought.kind not in (Kind.LETTERS, Kind.INITIALS) or len(text) == 1:
        return [Stretch(FOUND_BY[sought.kind](sought), ORDER_OF[sought.kind], Q())]
    found, rest = [], Q()
    if sought.kind == Kind.LETTERS:
        spelled = Q(pinyin__begins=text)
        found.append(Stretch(spelled, BY_PINYIN, spelled))
        rest = ~spelled
    words = _by_words(sought)
    found.append(Stretch(words & rest, BY_NAME, words & rest))
    rest &= ~words
    return [*found, Stretch(Q(initials__begins=text) & rest, BY_INITIALS, rest)]


def found_by(text: str) -> Q:
    """The condition on students that the text stands for."""
    sought = understood(text)
    return FOUND_BY[sought.kind](sought)
