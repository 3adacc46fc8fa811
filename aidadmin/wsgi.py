"""The web application as gunicorn loads it."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from aidadmin import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aidadmin.settings")
application = get_wsgi_application()
# No command stands before this one that would have run the checks.
if refused := checks.environment():
    sys.exit("\n".join(f"{error.msg}：{error.hint}" for error in refused))
