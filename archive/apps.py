"""App."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "archive"
    verbose_name = "档案"
