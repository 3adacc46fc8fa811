"""App."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "review"
    verbose_name = "评审"
