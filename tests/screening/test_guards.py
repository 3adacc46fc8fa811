"""What the database refuses of a screening, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.cast import Cast
from tests.screening.steps import at, opened


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("screening_stamps", "status = 'filled'"),
        ("screening_stamps", "fill_at = now()"),
        ("screening_no_explained", "full_coverage = 'no'"),
    ],
)
def test_the_database_refuses_half_a_screening(cast: Cast, constraint: str, change: str) -> None:
    screening = opened(cast)
    assert screening.status == "open"
    with pytest.raises(IntegrityError, match=constraint):
        run(f"UPDATE screening_screening SET {change}")


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("screening_row_stamp", "result = 'aided'"),
        (
            "screening_unaided_explained",
            "result = 'unaided', checked_at = now(), checked_by_id = 1",
        ),
    ],
)
def test_the_database_refuses_half_a_finding(cast: Cast, constraint: str, change: str) -> None:
    opened(cast)
    with pytest.raises(IntegrityError, match=constraint):
        run(f"UPDATE screening_screeningrow SET {change}")


@pytest.mark.parametrize("column", ["review_by_id", "sign_by_id"])
def test_the_database_refuses_one_person_twice(cast: Cast, column: str) -> None:
    screening = at(cast, "signed")
    assert screening.status == "signed"
    with pytest.raises(IntegrityError, match=r"screening_(second|third)_person"):
        run(f"UPDATE screening_screening SET {column} = fill_by_id")
