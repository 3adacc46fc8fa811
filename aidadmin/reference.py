"""All reference data, from the lowest floor upward."""

from applications import reference as applications
from review import reference as review
from schools import reference as schools
from students import reference as students


def load() -> None:
    """Fill what is missing on every floor; loading twice changes nothing."""
    for floor in (schools, students, applications, review):
        floor.load()
