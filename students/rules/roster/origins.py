"""Where someone comes from, and what else the printed forms ask: 籍贯, 户口所在地, 邮编, …"""

import re
from datetime import date
from typing import Any

from stdnum import numdb

from office.spreadsheets.cells import Cell, as_text
from students.rules.roster.columns import LONGEST
from students.rules.roster.dictionaries import (
    CODE,
    ETHNICITIES,
    HOUSEHOLD_WORDS,
    HOUSEHOLDS,
    IMPAIRMENT,
    MARKS,
    OTHER_PEOPLES,
    PEOPLES,
    PEOPLES_KNOWN,
    POLITICAL_WORDS,
    RELATIONS,
    UNIMPAIRED,
    UNSURE,
    says_nothing,
)
from students.rules.roster.values import Odd, choice, plain

# A region of GB/T 2260, also with the six digits of town and village behind it.
REGION = re.compile(r"([0-9]{6})(?:[0-9]{6})?")
POSTCODE = re.compile(r"(?!000000)[0-8][0-9]{5}")
YEAR = re.compile(r"(20[0-9]{2})(?![0-9]).*")
# Households have been registered as poor, and lifted out, since then.
FIRST_LIFTED = 2013
NOT_LIFTED = ("未脱贫", "没有脱贫", "否", "0")
NEVER_POOR = ("不是", "非脱贫户")
POLITICAL_MEND = "请填“群众”“少先队员”“共青团员”或“中共党员”"
PERIOD = re.compile(r"\[[^]]*\]")


def household(raw: Cell) -> Any:
    """By the word itself where the dictionary's value holds one: 农业集体户口, 城市户口."""
    bare = CODE.sub("", as_text(raw), count=1)
    if bare in HOUSEHOLDS or not any(sign in bare for sign in "户农居"):
        return choice(HOUSEHOLDS, "请填“农村”或“城镇”", raw)
    for word, meaning in HOUSEHOLD_WORDS.items():
        if word in bare:
            return meaning
    return Odd(doubts=(f"“{bare[:20]}”看不出是农村还是城镇，这一格没有导入；知道的请补填。",))


def disability(raw: Cell) -> Any:
    """The kind in words; nothing where the cell says that there is none, or doesn't say which."""
    text = as_text(raw)
    bare = CODE.sub("", text, count=1)
    if says_nothing(bare) or UNIMPAIRED.fullmatch(MARKS.sub("", bare).upper()):
        return None
    if UNSURE.search(bare) or not IMPAIRMENT.search(bare):
        mend = "有残疾的请写明类型，如“视力残疾”"
        return Odd(doubts=(f"“{bare[:20]}”看不出是哪一类残疾，这一格没有导入；{mend}。",))
    return plain(LONGEST["disability"], bare)


def relation(longest: int, raw: Cell) -> Any:
    """What a guardian is to the student, in words: 51-父亲 and 51 are 父亲."""
    text = as_text(raw)
    if says_nothing(text):
        return None
    if text.isdecimal():
        found = RELATIONS.get(text.zfill(2))
        return found or Odd(doubts=(f"看不出代码“{text[:8]}”是什么关系，请填文字，如“父亲”。",))
    return plain(longest, CODE.sub("", text, count=1))


def political_status(raw: Cell) -> Any:
    """By code or word."""
    nothing = says_nothing(as_text(raw))
    return None if nothing else choice(POLITICAL_WORDS, POLITICAL_MEND, raw)


def ethnicity(raw: Cell) -> Any:
    """In words: 01, 01-汉族 and 汉 are 汉族; what nobody knows is kept and doubted."""
    text = as_text(raw)
    if says_nothing(text):
        return None
    if text.isdecimal():
        found = ETHNICITIES.get(text.zfill(2))
        return found or Odd(problem="没有这个民族代码，请填民族的名称，如“汉族”。")
    bare = CODE.sub("", text, count=1)
    found = f"{bare}族" if f"{bare}族" in PEOPLES else OTHER_PEOPLES.get(bare, bare)
    if found in PEOPLES_KNOWN:
        return found
    kept = plain(LONGEST["ethnicity"], bare)
    if kept.__class__ is Odd:
        return kept
    return Odd(kept, doubts=(f"民族里没有“{bare}”，会照写登记，请对照户口簿核对。",))


def place(longest: int, raw: Cell) -> Any:
    """A place in words, or by the code of its region."""
    text = as_text(raw)
    if says_nothing(text):
        return None
    code = REGION.fullmatch(text)
    if code is None and text.isdecimal():
        return Odd(problem="只有数字，看不出是哪里，请写成文字，如“安徽省全椒县”。")
    if code is None:
        return plain(longest, text)
    words = region_words(code[1])
    return words or Odd(problem=f"没有{code[1]}这个行政区划代码，请写成文字，如“安徽省全椒县”。")


def region_words(code: str) -> str:
    """安徽省全椒县 for 341124, by the last name that the region had; '' when there is none."""
    about = [told for _, told in numdb.get("cn/loc").info(code)]
    province = next((told["province"] for told in about if "province" in told), "")
    county = next((told["county"] for told in about if "county" in told), "")
    county = PERIOD.sub("", county.split(",")[-1])
    return province if county == province else f"{province}{county}"


def postcode(raw: Cell) -> Any:
    """Six digits; a workbook drops the zero in front of a number."""
    text = as_text(raw)
    if says_nothing(text):
        return None
    if isinstance(raw, int | float) and len(text) == 5:
        lost = f"0{text}"
        return Odd(lost, doubts=(f"表格去掉了开头的0，按{lost}读取，请核对。",))
    if not POSTCODE.fullmatch(text):
        return Odd(problem="邮政编码是6位数字，请改正；不清楚的留空。")
    return text


def lifted_year(today: date, raw: Cell) -> Any:
    """The year alone, whatever of the day is told."""
    text = as_text(raw)
    if says_nothing(text) or text in NEVER_POOR:
        return None
    if text in NOT_LIFTED:
        return Odd(doubts=(f"“{text}”不是年份，这一格没有导入；已脱贫的请填哪一年。",))
    found = YEAR.fullmatch(text)
    if found is None or not FIRST_LIFTED <= int(found[1]) <= today.year:
        mend = f"请填{FIRST_LIFTED}到{today.year}之间的年份，如“2019”；没有的留空。"
        return Odd(problem=f"认不出是哪一年脱贫，{mend}")
    return int(found[1])
