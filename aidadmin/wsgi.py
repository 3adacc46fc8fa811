"""The web application as gunicorn loads it."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from aidadmin import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aidadmin.settings")
application = get_wsgi_application()
# No command stands before this one that would have run the checks. An exit would not do: gunicorn
# starts such a worker again for ever, and gives up after an exception.
if refused := checks.environment():
    raise ImproperlyConfigured("\n".join(f"{error.msg}：{error.hint}" for error in refused))
# Every page is imported now: the first visitor of a process would wait for that, and a process
# forked from this one (gunicorn --preload) has nothing left to import.
_ = get_resolver().url_patterns
