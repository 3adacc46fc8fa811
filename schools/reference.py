"""Reference data of this app, loaded after migration; loading twice changes nothing."""

from datetime import date

from schools.models import Term
from schools.official import load_seed

# Dates differ by province; an administrator corrects them on the calendar page.
TERMS = (
    ("2025-1", 2025, 1, date(2025, 9, 1), date(2026, 1, 31)),
    ("2025-2", 2025, 2, date(2026, 3, 2), date(2026, 7, 15)),
    ("2026-1", 2026, 1, date(2026, 9, 1), date(2027, 1, 31)),
    ("2026-2", 2026, 2, date(2027, 3, 1), date(2027, 7, 15)),
)


def load() -> None:
    """Working days of the published years, and the terms."""
    load_seed()
    for code, year, half, starts_on, ends_on in TERMS:
        Term.objects.get_or_create(
            code=code,
            defaults={"year": year, "half": half, "starts_on": starts_on, "ends_on": ends_on},
        )
