"""App."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from aidadmin import checks
from aidadmin.celery import app


class AidadminConfig(AppConfig):
    """The top floor: the desk, the shell of every page, template tags."""

    name = "aidadmin"
    verbose_name = "学生资助"

    def ready(self) -> None:
        """Tell every thread of the web which broker is ours; else its jobs wait for the sweep.

        Register what an installation must have been told.
        """
        app.set_default()
        register(checks.environment)
        register(checks.keys, Tags.database)
