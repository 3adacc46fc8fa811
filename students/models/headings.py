"""What a school's own headings mean, as its officer once said."""

from django.db import models

from schools.models import Person
from schools.tenancy import TenantModel


class RosterHeading(TenantModel):
    """One heading, as `office.spreadsheets.headers.normalised` writes it, and its column.

    `column` is a name of `students.rules.roster.columns`, or empty: not to be imported.
    """

    heading = models.CharField("表头", max_length=64)
    column = models.CharField("导入为", max_length=32, blank=True)
    remembered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    remembered_at = models.DateTimeField()

    class Meta:
        ordering = ["heading"]
        constraints = [
            models.UniqueConstraint(fields=["school", "heading"], name="roster_heading_once")
        ]

    def __str__(self) -> str:
        return self.heading
