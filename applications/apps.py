"""App."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "applications"
    verbose_name = "申请"
