"""App."""

from django.apps import AppConfig


class StudentsConfig(AppConfig):
    """See the package's place in docs/architecture.md."""

    name = "students"
    verbose_name = "学生"
