"""Benchmarks: each case beside its peer and its limit, as ratios of medians in one run.

Those of the database work in a throw-away one.
"""

import os

import django

from tests import embedded

__all__ = ["embedded"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aidadmin.settings")
django.setup()
