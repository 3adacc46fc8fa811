"""For whom a command of this app acts."""

from django.core.management.base import CommandError

from schools import clock
from schools.models import Appointment, Organisation
from schools.roles import Role


def organisation(code: str, *, school: bool) -> Organisation:
    """The school or bureau with this code. Raises `CommandError` when there is none."""
    found = Organisation.objects.filter(code=code).select_related("school").first()
    if found is None or found.is_school != school:
        raise CommandError(f"没有代码为 {code} 的{'学校' if school else '资助中心'}。")
    return found


def actor(acting: Organisation, role: Role, username: str | None) -> Appointment:
    """The named account's appointment in this role there, else the first one in force today."""
    valid = (
        Appointment.objects.valid_on(clock.today())
        .filter(organisation=acting, role=role)
        .select_related("person", "organisation")
        .order_by("pk")
    )
    if username:
        valid = valid.filter(person__accounts__username=username)
    found = valid.first()
    if found is None:
        who = f"账号 {username} " if username else ""
        raise CommandError(f"{who}{acting}没有在任的{role.label}。")
    return found
