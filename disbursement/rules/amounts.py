"""Amounts in words."""


def yuan(fen: int) -> str:
    """`1,150.00` from fen."""
    return f"{fen // 100:,}.{fen % 100:02d}"
