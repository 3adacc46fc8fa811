"""Filters of the roster that a person keeps."""

from django.db import models

from schools.models import Person
from schools.tenancy import TenantModel


class SavedFilter(TenantModel):
    """常用筛选: a list that somebody comes back to. Holds no names that were searched for."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField("名称", max_length=24)
    # The address's query without the search text and the place in the list.
    query = models.CharField(max_length=200)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["school", "person", "name"], name="filter_name_once")
        ]

    def __str__(self) -> str:
        return self.name
