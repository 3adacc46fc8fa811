"""App."""

from django.apps import AppConfig


class AidadminConfig(AppConfig):
    """The top floor: the desk, the shell of every page, template tags."""

    name = "aidadmin"
    verbose_name = "学生资助"
