"""Pages of the screening: the school's, the class's on a phone, the bureau's."""

from screening.views.bureau import school
from screening.views.classes import class_page, rest, row
from screening.views.coverage import coverage
from screening.views.office import (
    fill,
    index,
    open_term,
    review,
    send_back,
    several,
    sign,
    table,
    unaided,
)

__all__ = [
    "class_page",
    "coverage",
    "fill",
    "index",
    "open_term",
    "rest",
    "review",
    "row",
    "school",
    "send_back",
    "several",
    "sign",
    "table",
    "unaided",
]
