"""App."""

from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    """Who and when."""

    name = "schools"
    verbose_name = "机构与人员"
