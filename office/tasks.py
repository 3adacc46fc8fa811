"""Scheduled work: reminders and mail; the job tasks are found here by Celery too."""

from celery import shared_task

from office import actions
from office.beats import in_each
from office.jobs import run, sweep
from schools.models import Organisation

__all__ = ["remind", "run", "sweep"]


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def remind() -> None:
    """Reminders and their mail for every organisation (beat, every ten minutes)."""
    in_each(
        Organisation.objects.all(),
        lambda one: actions.remind(organisation=one),
        trouble="reminders_failed",
    )
    in_each(
        Organisation.objects.all(),
        lambda one: actions.mail_waiting(organisation=one),
        trouble="mail_failed",
    )
