"""Amounts in capitals as vouchers write them: 叁拾伍万零柒佰伍拾元整."""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """The amount of `fen`, not negative, in the characters that can't be altered."""
    if fen < 0:
        raise ValueError("a voucher has no negative amount")
    yuan, rest = divmod(fen, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if not jiao and not fen:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{DIGITS[fen]}分" if fen else "整")


def _whole(yuan: int) -> str:
    parts: list[str] = []
    group = 0
    while yuan:
        yuan, four = divmod(yuan, 10_000)
        parts.insert(0, _four(four, GROUPS[group], leading=bool(yuan)))
        group += 1
    return _one_nought("".join(parts)).rstrip("零")


def _four(value: int, name: str, *, leading: bool) -> str:
    if not value:
        return "零"
    digits = [(value // 10**place % 10, place) for place in (3, 2, 1, 0)]
    text = "".join(f"{DIGITS[d]}{PLACES[p]}" if d else "零" for d, p in digits)
    if not leading:
        text = text.lstrip("零")
    return f"{_one_nought(text).rstrip('零')}{name}"


def _one_nought(text: str) -> str:
    while "零零" in text:
        text = text.replace("零零", "零")
    return text
