"""Passwords that one person makes for another; they open nothing but the change page."""

import secrets
from collections.abc import Collection

from privacy import marks
from schools.models import Account

# Without letters and figures that are mistaken for each other.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """Twelve characters in groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def mark_of(account: Account) -> str:
    """What a page remembers of a password, to notice that it was changed since; tells nothing."""
    return marks.mark_of("password", account.password)


def marks_of(people: Collection[int]) -> dict[int, str]:
    """The mark of the account that would be reset, by person id."""
    rows = Account.objects.filter(person_id__in=people, is_active=True).order_by("-pk")
    return {account.person_id: mark_of(account) for account in rows}
