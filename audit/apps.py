"""App."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """What happened."""

    name = "audit"
    verbose_name = "审计"
