"""App."""

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "screening"
    verbose_name = "排查"
