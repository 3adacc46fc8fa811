"""Brings the tests their own throw-away database, before Django reads its settings.

Loaded with `-p tests.embedded`. Workers of xdist inherit the environment and start nothing.
"""

import os
from pathlib import Path

from aidadmin.launch.embedded import prepare

# Never the demonstration's keys, files or broker folders, also with a foreign DATABASE_URL.
os.environ.setdefault("AID_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("AID_PG_FAST", "1")
prepare(["test"])
