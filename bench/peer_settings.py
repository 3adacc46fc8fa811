"""The product's settings over the benchmarks' database, with the peers of `peer_urls`."""

import os

from aidadmin import settings as product
from aidadmin.settings import *  # noqa: F403

INSTALLED_APPS = [*product.INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.peer_urls"
DATABASES = {
    alias: server | {"NAME": os.environ["BENCH_DATABASE"]}
    for alias, server in product.DATABASES.items()
}
# Nothing has collected style sheets here; pages name them plainly.
STORAGES = product.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
