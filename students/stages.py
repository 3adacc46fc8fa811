"""Which stages another school teaches: the one thing of its classes that a sender is told."""

from django.db import connection

from schools.models import School


def stages_of(school: School) -> set[str]:
    """The stages of a school's classes, of whatever school it is asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_stages_of(%s)", [school.pk])
        return {str(stage) for (stage,) in cursor.fetchall()}
