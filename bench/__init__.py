"""Benchmarks: each case beside its peer and its limit, as ratios of medians in one run.

Those of the database work in a throw-away one.
"""

import os

import django

from tests import embedded

__all__ = ["embedded"]

PRODUCT = "aidadmin.settings"
# The server of the peers brings its own settings, which stand in this package, and sets them up.
if os.environ.setdefault("DJANGO_SETTINGS_MODULE", PRODUCT) == PRODUCT:
    django.setup()
