"""升班: once a year every class rises by a grade, and the last grade graduates."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import ExtractYear

from schools.models import Person
from schools.tenancy import TenantModel


class YearRollover(TenantModel):
    """That a school's classes rose into a school year; the database lets it happen once."""

    # The school year that begins: 2027 for 2027—2028.
    year = models.PositiveSmallIntegerField("学年")
    left_on = models.DateField("毕业日期")
    classes = models.PositiveIntegerField("升级的班级")
    graduated = models.PositiveIntegerField("毕业的学生")
    done_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "year"], name="rolled_over_once_a_year"),
            # The last grade leaves in the spring term or the summer before the year begins.
            models.CheckConstraint(
                name="rollover_left_in_its_year", condition=Q(year=ExtractYear("left_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}—{self.year + 1}学年升班"
