"""Brings the tests their own throw-away database, before Django reads its settings.

Loaded with `-p tests.embedded`. Workers of xdist inherit the environment and start nothing.
"""

import json
import os
from pathlib import Path

from aidadmin.launch.embedded import prepare

# Never the demonstration's keys, files or broker folders, also with a foreign DATABASE_URL.
os.environ.setdefault("AID_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("AID_PG_FAST", "1")
STARTED = "DATABASE_URL" not in os.environ
prepare(["test"])
if STARTED:
    state = json.loads((Path(os.environ["AID_VAR"]) / "embedded.json").read_text())
    os.environ["TEST_SUPERUSER_PASSWORD"] = state["super_password"]
