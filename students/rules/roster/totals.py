"""Lines that sum up a list: 合计, 本页小计：45人."""

import re

# Nobody is called so.
TOTAL = re.compile(
    r"(?:本[页班]|全[校班]|各班|学生|人数|年级)?(?:合计|总计|小计|共计|总人数)(?:人数)?[：:]?(?:[0-9]+[人名]?)?"
    r"|(?:本[页班]|全[校班])?共(?:有|计)?(?:学生)?[0-9]+[人名](?:学生)?"
)
TOTAL_STARTS = frozenset("合总小共本全各学人年")


def total_word(text: str) -> bool:
    """Whether a cell begins a line of totals; it may be the name of somebody all the same."""
    if not text or (text[0] not in TOTAL_STARTS and not text[0].isspace()):
        return False
    return TOTAL.fullmatch("".join(text.split()).rstrip("：:。")) is not None
