"""The tenant's rows: abstract models, their scope, and the foreign key inside a school."""

from typing import Any, ClassVar, Self

from django.db import connection, models


class TenantQuerySet(models.QuerySet[Any]):
    """Wall 1: every view asks through one of these."""

    def for_school(self, school: Any) -> Self:
        """Rows of one school; `school` may be None, which means no rows."""
        return self.filter(school_id=school.pk) if school is not None else self.none()

    def for_reach(self, organisation: Any) -> Self:
        """Rows of every school that the organisation reaches."""
        if organisation is None:
            return self.none()
        return self.filter(school__reached_from__organisation_id=organisation.pk)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A key to another row of the same school.

    The database checks (school_id, id) together (wall 3, `schools.walls`), so the single-column
    constraint that Django would add is left out.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        # Composite indexes lead with school_id; a lone index on the key would only slow writing.
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row that belongs to one school."""

    school = models.ForeignKey(
        "schools.School", models.PROTECT, related_name="+", db_index=False, verbose_name="学校"
    )

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class OrganisationQuerySet(models.QuerySet[Any]):
    """Scope for rows that belong to a school or a bureau."""

    def for_organisation(self, organisation: Any) -> Self:
        """Rows of one organisation."""
        return self.filter(organisation_id=organisation.pk) if organisation else self.none()


class OrganisationModel(models.Model):
    """A row that belongs to one organisation, school or bureau."""

    organisation = models.ForeignKey(
        "schools.Organisation", models.PROTECT, related_name="+", db_index=False
    )

    objects: ClassVar[Any] = OrganisationQuerySet.as_manager()

    class Meta:
        abstract = True


def set_scope(organisation_id: int | None) -> None:
    """Tell the database for whom the next statements act; None means nobody, so no tenant rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('aid.scope', %s, false)", [str(organisation_id or "")])
