"""Finds personal data in a text that is about to be published (requirement 0-30).

Better a false alarm than a leak: a number is suspected by its form and a plausible birth date, its
check digit isn't asked. A detector that breaks is itself a finding, so nothing passes unseen.
Digits count in every script and width; invisible characters between them don't count.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from stdnum import luhn

from privacy.masks import HIDDEN, mask_address, mask_card, mask_id, mask_phone

LATEST_BIRTH_YEAR = 2050
# First two digits of real regions, and 99 of the made-up one.
PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[19]")
SPACES = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
SIGNS = "-‐‑‒–—―−_.·•*"
GAP = re.compile(rf"[{SPACES}]*[{re.escape(SIGNS)}]?[{SPACES}]*")
TOKEN = re.compile(r"[0-9]+X?|X(?![A-Z])")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Retired numbers of 15 digits; any other grouping is a row of a table.
OLD_ID_GROUPS = {(15,), (6, 6, 3), (6, 2, 2, 2, 3), (6, 9), (12, 3), (3,) * 5, (5,) * 3, (1,) * 15}
MOBILE_GROUPS = {(3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (3, 3, 5), (5, 6), (1,) * 11}
LANDLINE = re.compile(
    r"(?<![0-9])\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -]{0,2}[2-9][0-9]{6,7}(?![0-9])"
)
NAMED_PHONE = re.compile(r"(?:电话|手机|联系方式|TEL)[^0-9\n]{0,8}([2-9][0-9]{6,7})(?![0-9])")
EMAIL = re.compile(r"[A-Z0-9._%+-]{1,64}@[A-Z0-9-]{1,63}(?:\.[A-Z0-9-]{1,63})+")
DAY = r"(?:19|20)[0-9]{2}(?:[-./年][01]?[0-9](?:[-./月][0-3]?[0-9]日?)?月?|[01][0-9][0-3][0-9])"
BIRTH = re.compile(
    rf"(?:出生|生日|生于|诞生|BIRTH|DOB)[^0-9\n]{{0,12}}({DAY})|({DAY})[^0-9\n]{{0,3}}(?:出生|生人|生(?![一-鿿]))"
)
HAN = "[\u4e00-\u9fff\u3400-\u4dbf]"
NUMBER = "[0-9一二三四五六七八九十百]"
PLACE = "(?:路|街|大道|道|巷|弄|胡同|里|村|社区|小区|花园|公寓|新村|苑|庄|屯)"
ADDRESS = re.compile(
    # a road, village or estate with a number
    rf"{HAN}{{1,12}}{PLACE}{HAN}{{0,6}}(?<!第){NUMBER}{{1,5}}(?:号|弄|幢|栋|室|组|队|社|户|单元)"
    # a building with a room
    rf"|{NUMBER}{{1,4}}(?:幢|栋|号楼|座|单元){NUMBER}{{0,3}}(?:单元)?{NUMBER}{{1,4}}(?:室|号)"
    # a county and a number in it
    rf"|[市区县旗]{HAN}{{2,12}}(?<!第)[0-9]{{1,5}}(?:号|弄|组|队|幢|栋|室)(?![楼文公通令会])"
    # a county, a town, and a village or road in it
    rf"|[市区县旗]{HAN}{{1,8}}(?:镇|乡|街道|苏木){HAN}{{1,10}}(?<![农乡全各本])"
    r"(?:村|社区|小区|路|街|巷|弄|屯|庄|嘎查|组)(?![务会委民])"
)
CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖", "000123456789123456789")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may not be published, at `text[start:end]`, with a mask to show it by.

    `kind` is id, card, phone, email, birth, address, number (longer than any of these) or error.
    """

    kind: str
    start: int
    end: int
    sample_masked: str


@dataclass(frozen=True, slots=True)
class _Readable:
    """The text as the detectors read it, each character with its place in the original."""

    text: str
    places: list[int]

    def finding(self, kind: str, start: int, end: int, mask: Callable[[str], str]) -> Finding:
        value = self.text[start:end]
        return Finding(kind, self.places[start], self.places[end - 1] + 1, mask(value))


def scan(text: str, allowed: Collection[str] = ()) -> list[Finding]:
    """Everything in `text` that looks personal, in its order; empty means it may be published.

    `allowed` are the office's own phone numbers, e-mail and postal addresses, which a notice must
    carry; an ID or card number is never allowed.
    """
    try:
        readable = _readable(text)
        office = {bare for value in allowed if (bare := _bare(value))}
    # Fails closed: what can't be examined can't be published.
    except Exception:
        return [_failure(text)]
    found: list[Finding] = []
    for detector in DETECTORS:
        try:
            found += [
                finding
                for finding in detector(readable)
                if not _is_the_offices(finding, text, office)
            ]
        except Exception:
            found.append(_failure(text))
    return _without_overlaps(found)


def _failure(text: str) -> Finding:
    return Finding("error", 0, len(text), "检查未能完成，请重试或联系管理员")


def _readable(text: str) -> _Readable:
    """Half-width capitals and ASCII digits; characters without width are left out."""
    characters, places = [], []
    for place, character in enumerate(text):
        if character.isascii():
            characters.append(character.upper() if character.islower() else character)
            places.append(place)
        elif unicodedata.category(character) not in ("Cf", "Mn", "Me"):
            characters.append(_plain(character))
            places.append(place)
    return _Readable("".join(characters), places)


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in "×Ⅹ":
        return "X"
    point = ord(character)
    return chr(point - 0xFEE0).upper() if 0xFF01 <= point <= 0xFF5E else character


def _bare(value: str) -> str:
    """The value as it is compared with the office's own: without spaces, signs and case."""
    return re.sub(r"[\W_]", "", _readable(value).text)


def _is_the_offices(finding: Finding, text: str, office: set[str]) -> bool:
    """Whether the finding is a number or address of the office, or a part or ending of one."""
    if finding.kind in NEVER_ALLOWED:
        return False
    value = _bare(text[finding.start : finding.end])
    ends = finding.kind == "address" and value.endswith(tuple(office))
    return ends or any(value in allowed for allowed in office)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits with no more than a gap between each and the next."""
    run: list[re.Match[str]] = []
    for token in TOKEN.finditer(text):
        if run and not GAP.fullmatch(text, run[-1].end(), token.start()):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _windows(text: str, sizes: Collection[int]) -> Iterator[tuple[str, tuple[int, ...], int, int]]:
    """Whole groups next to each other that join to one of `sizes`: with their lengths and place."""
    longest = max(sizes)
    for run in _runs(text):
        for first in range(len(run)):
            size = 0
            for last in range(first, len(run)):
                size += run[last].end() - run[last].start()
                if size > longest:
                    break
                if size in sizes:
                    groups = [token.group() for token in run[first : last + 1]]
                    place = run[first].start(), run[last].end()
                    yield "".join(groups), tuple(map(len, groups)), *place


def _ids(readable: _Readable) -> Iterator[Finding]:
    for digits, lengths, start, end in _windows(readable.text, (15, 18)):
        whole = len(lengths) == 1 or PROVINCES.match(digits) is not None
        if len(digits) == 18 and whole and _is_id(digits):
            yield readable.finding("id", start, end, _mask_id)
        old = lengths in OLD_ID_GROUPS and PROVINCES.match(digits)
        if old and _is_birth(f"19{digits[6:12]}"):
            yield readable.finding("id", start, end, _mask_id)


def _is_id(digits: str) -> bool:
    return "X" not in digits[:17] and digits[0] != "0" and _is_birth(digits[6:14])


def _is_birth(digits: str) -> bool:
    if not digits.isdecimal() or not 1900 <= int(digits[:4]) <= LATEST_BIRTH_YEAR:
        return False
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _cards(readable: _Readable) -> Iterator[Finding]:
    for digits, lengths, start, end in _windows(readable.text, range(16, 20)):
        if not digits.isdecimal():
            continue
        spaced = any(character.isspace() for character in readable.text[start:end])
        if len(lengths) == 1 or (_are_card_groups(lengths) and _is_issued(digits, spaced)):
            yield readable.finding("card", start, end, mask_card)


def _are_card_groups(lengths: tuple[int, ...]) -> bool:
    fours = len(lengths) > 3 and set(lengths[:-1]) == {4} and lengths[-1] <= 4
    return fours or set(lengths) == {1} or (lengths[0] == 6 and len(lengths) <= 3)


def _is_issued(digits: str, spaced: bool) -> bool:
    """Whether cards begin like this; four amounts in a row do too, so the sum decides."""
    if digits.startswith("62"):
        return True
    return digits[0] in "34569" and (not spaced or bool(luhn.is_valid(digits)))


def _long_numbers(readable: _Readable) -> Iterator[Finding]:
    """An ID, card or phone may hide in a longer number without a gap."""
    for token in TOKEN.finditer(readable.text):
        if len(token.group()) >= 20:
            yield readable.finding("number", token.start(), token.end(), lambda _: HIDDEN)


def _mobiles(readable: _Readable) -> Iterator[Finding]:
    for digits, lengths, start, end in _windows(readable.text, (11, 13, 15)):
        for prefix in ("", "86", "0086"):
            if not digits.startswith(prefix) or not MOBILE.fullmatch(digits, len(prefix)):
                continue
            groups = lengths[1:] if prefix and lengths[0] == len(prefix) else lengths
            spaced = any(space.isspace() for space in readable.text[start:end])
            if not spaced or len(groups) == 1 or groups in MOBILE_GROUPS:
                yield readable.finding("phone", start, end, mask_phone)


def _landlines(readable: _Readable) -> Iterator[Finding]:
    text = readable.text.translate({ord(sign): "-" for sign in "‐‑‒–—―−"})
    for found in LANDLINE.finditer(text):
        yield readable.finding("phone", found.start(), found.end(), mask_phone)
    for found in NAMED_PHONE.finditer(text):
        yield readable.finding("phone", found.start(1), found.end(1), mask_phone)


def _spelled_numbers(readable: _Readable) -> Iterator[Finding]:
    """Phones and longer numbers written with Chinese numerals."""
    text = readable.text.translate(CHINESE_DIGITS)
    for found in re.finditer(r"[0-9]{11,}", text):
        if text[found.start() : found.end()] != readable.text[found.start() : found.end()]:
            yield readable.finding("number", found.start(), found.end(), lambda _: HIDDEN)


def _patterned(kind: str, pattern: re.Pattern[str]) -> Callable[[_Readable], Iterator[Finding]]:
    def detect(readable: _Readable) -> Iterator[Finding]:
        mask = mask_address if kind == "address" else lambda _: HIDDEN
        for found in pattern.finditer(readable.text):
            yield readable.finding(kind, found.start(), found.end(), mask)

    return detect


def _mask_id(value: str) -> str:
    return mask_id(re.sub(r"[^0-9X]", "", value))


def _without_overlaps(found: list[Finding]) -> list[Finding]:
    """In the order of the text; of two that overlap the one named first in `DETECTORS` stays."""
    errors = [finding for finding in found if finding.kind == "error"]
    kept: list[Finding] = []
    covered = bytearray(max((finding.end for finding in found), default=0))
    for finding in found:
        place = slice(finding.start, finding.end)
        if finding.kind != "error" and not any(covered[place]):
            kept.append(finding)
            covered[place] = b"\x01" * (finding.end - finding.start)
    return errors + sorted(kept, key=lambda finding: finding.start)


NEVER_ALLOWED = ("id", "card", "number", "birth", "error")
DETECTORS: list[Callable[[_Readable], Iterator[Finding]]] = [
    _ids,
    _cards,
    _long_numbers,
    _mobiles,
    _landlines,
    _spelled_numbers,
    _patterned("email", EMAIL),
    _patterned("birth", BIRTH),
    _patterned("address", ADDRESS),
]
