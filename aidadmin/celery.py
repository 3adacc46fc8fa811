"""The Celery application: the messenger of `office.Job`, never its truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aidadmin.settings")
app = Celery("aidadmin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
