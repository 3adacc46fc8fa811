"""What an address or a form asks for, however badly it was typed."""

# Row ids are at most 2^63 - 1; whatever is longer names no row.
MOST_DIGITS = 18


def key_of(text: str | None) -> int | None:
    """A row's id, or another whole number, as typed; None for anything that can't be one.

    `str.isdigit` alone is true of ² and of five thousand digits, which `int` refuses.
    """
    text = (text or "").strip()
    plain = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if plain else None


def keys_of(texts: list[str]) -> list[int]:
    """The ids among many; what can't be one is left out."""
    return [key for text in texts if (key := key_of(text)) is not None]
