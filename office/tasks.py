"""Celery finds this app's tasks here."""

from office.jobs import run, sweep

__all__ = ["run", "sweep"]
