"""App."""

from django.apps import AppConfig


class DisbursementConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "disbursement"
    verbose_name = "发放"
