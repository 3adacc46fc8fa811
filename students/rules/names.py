"""Names as they are stored, and as people search for them: full pinyin and initials."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from privacy.identity import COMMON_NAME, UNSEEN, name_key, valid_name
from students.models.searching import unaccented

# Characters that are read differently as a family name.
FAMILY_NAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge",
    "朴": "piao", "翟": "zhai", "缪": "miao", "覃": "qin", "员": "yun", "繁": "po", "秘": "bi",
    "洗": "xian", "冼": "xian", "晟": "cheng", "种": "chong", "折": "she", "尉迟": "yuchi",
    "万俟": "moqi", "长孙": "zhangsun", "澹台": "tantai",
}  # fmt: skip
HAN_NAME = re.compile("[\u4e00-\u9fff]{0,4}")
HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
LONGEST_PINYIN, LONGEST_INITIALS = 128, 32
# As the columns of names are wide, spaces included.
LONGEST_STORED = 64


def spelled(text: str) -> tuple[str, list[str]]:
    """A name as it is stored, and everything that is wrong with it.

    A Chinese name has no spaces and one kind of middle dot; a Latin one keeps its own spaces, dots
    and small letters.
    """
    if COMMON_NAME.fullmatch(text):
        return text, []
    name, problems = name_key(text), valid_name(text)
    if not HAN.search(name):
        seen = (c if c.isspace() or unicodedata.category(c) not in UNSEEN else "" for c in text)
        name = " ".join(unicodedata.normalize("NFC", "".join(seen)).split())
    if not problems and len(name) > LONGEST_STORED:
        problems = [
            f"姓名连同空格最多{LONGEST_STORED}个字，现有{len(name)}个字，请按证件核对、缩短。"
        ]
    return name, problems


def pinyin_of(name: str) -> tuple[str, str]:
    """Full pinyin without tones and spaces, and its initials: 曾样宁 → (zengyangning, zyn).

    Of a name without Chinese characters both are its letters: Smith John → smithjohn.
    """
    if not HAN.search(name):
        # Whoever begins to type one finds it by either index.
        letters = _letters(name)
        return letters[:LONGEST_PINYIN], letters[:LONGEST_INITIALS]
    family = next((f for f in (name[:2], name[:1]) if f in FAMILY_NAMES), "")
    syllables = [FAMILY_NAMES[family]] if family else []
    initials = _initials_of(family)
    # A character of which nobody knows the sound is left out: the rest is found all the same.
    rest = [s for s in _syllables(name[len(family) :]) if s]
    pinyin = "".join(syllables + rest)
    return pinyin[:LONGEST_PINYIN], (initials + "".join(s[0] for s in rest))[:LONGEST_INITIALS]


def _syllables(name: str) -> list[str]:
    # Without a phrase inside it a name is read sign by sign, and most signs were seen before.
    if not HAN_NAME.fullmatch(name) or any(part in PHRASES_DICT for part in _parts(name)):
        return [_letters(part) for part in lazy_pinyin(name)]
    return [_read(c) for c in name]


def _parts(name: str) -> list[str]:
    size = len(name)
    return [name[i:j] for i in range(size - 1) for j in range(i + 2, size + 1)]


@lru_cache(maxsize=8192)
def _read(character: str) -> str:
    return _letters(lazy_pinyin(character)[0])


def _letters(text: str) -> str:
    """Small Latin letters without accents, and digits; nothing else."""
    return "".join(c for c in unaccented(text) if c.isascii() and c.isalnum())


def _initials_of(family: str) -> str:
    if len(family) < 2:
        return FAMILY_NAMES[family][0] if family else ""
    return {"尉迟": "yc", "万俟": "mq", "长孙": "zs", "澹台": "tt"}[family]
