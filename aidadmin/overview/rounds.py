"""stub"""

from typing import Any


def running(school: Any, known: Any, today: Any) -> list[Any]:
    return []
