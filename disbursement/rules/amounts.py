"""Amounts in words."""


def yuan(fen: int) -> str:
    """`1,150.00` from fen, `-1.50` from what is missing."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
