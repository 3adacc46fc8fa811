"""Passwords that one person makes for another; they open nothing but the change page."""

import secrets

# Without letters and figures that are mistaken for each other.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """Twelve characters in groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
