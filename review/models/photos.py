"""Photographs of something posted: kept with a notice, or with a class's posting."""

from django.db import models
from django.db.models import Q

from office.models import StoredFile
from schools.models import Person
from schools.tenancy import TenantModel

# A photograph is kept, or was put aside by somebody with a reason.
KEPT_OR_REMOVED = Q(removed_at=None, removed_by=None, removal_reason="") | (
    Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason="")
)


class Photo(TenantModel):
    """One photograph; a wrong one is put aside with a reason, never lost."""

    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.CharField("撤下原因", max_length=200, blank=True)

    class Meta:
        abstract = True
