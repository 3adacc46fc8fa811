"""Scheduled work: reminders and mail; the job tasks are found here by Celery too."""

from celery import shared_task

from office import actions
from office.jobs import run, sweep
from schools import clock
from schools.models import ClockShift, Organisation
from schools.scope import acting_for

__all__ = ["remind", "run", "sweep"]


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def remind() -> None:
    """Reminders and their mail for every organisation (beat, every ten minutes)."""
    clock.set_shift(ClockShift.current())
    for organisation in Organisation.objects.all():
        with acting_for(organisation):
            actions.remind(organisation=organisation)
            actions.mail_waiting(organisation=organisation)
