"""App."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "office"
    verbose_name = "办公"
