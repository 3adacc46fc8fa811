"""Where someone comes from, and what else the printed forms ask: 籍贯, 户口所在地, 邮编, …"""

import re
from datetime import date
from functools import partial
from typing import Any

from stdnum import numdb

from office.spreadsheets.cells import Cell, as_text
from students.rules.roster.columns import LONGEST
from students.rules.roster.dictionaries import CODE, ETHNICITIES, POLITICAL_WORDS
from students.rules.roster.values import Odd, choice, plain

# A region of GB/T 2260, also with the six digits of town and village behind it.
REGION = re.compile(r"([0-9]{6})(?:[0-9]{6})?")
POSTCODE = re.compile(r"(?!000000)[0-8][0-9]{5}")
YEAR = re.compile(r"(20[0-9]{2})(?![0-9]).*")
# Households have been registered as poor, and lifted out, since then.
FIRST_LIFTED = 2013
NOT_LIFTED = ("未脱贫", "没有脱贫", "否", "0")
NOTHING = ("无", "/", "-", "—", "——", "不是", "非脱贫户")
POLITICAL_MEND = "请填“群众”“少先队员”“共青团员”或“中共党员”"
PERIOD = re.compile(r"\[[^]]*\]")

political_status = partial(choice, POLITICAL_WORDS, POLITICAL_MEND)


def ethnicity(raw: Cell) -> Any:
    """In words: 01 and 01-汉族 are 汉族."""
    text = as_text(raw)
    if text.isdecimal():
        found = ETHNICITIES.get(text.zfill(2))
        return found or Odd(problem="没有这个民族代码，请填民族的名称，如“汉族”。")
    return plain(LONGEST["ethnicity"], CODE.sub("", text, count=1))


def place(longest: int, raw: Cell) -> Any:
    """A place in words, or by the code of its region."""
    text = as_text(raw)
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
    if not text:
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
    if not text or text in NOTHING:
        return None
    if text in NOT_LIFTED:
        return Odd(doubts=(f"“{text}”不是年份，这一格没有导入；已脱贫的请填哪一年。",))
    found = YEAR.fullmatch(text)
    if found is None or not FIRST_LIFTED <= int(found[1]) <= today.year:
        mend = f"请填{FIRST_LIFTED}到{today.year}之间的年份，如“2019”；没有的留空。"
        return Odd(problem=f"认不出是哪一年脱贫，{mend}")
    return int(found[1])
