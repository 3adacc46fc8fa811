"""App."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """What must stay hidden."""

    name = "privacy"
    verbose_name = "隐私"
